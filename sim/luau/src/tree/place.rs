//! Places and models as Studio saves them, binary or XML.

pub(super) mod attributes;
mod bytes;
mod chunks;
mod classes;
mod markup;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rbx_dom_weak::types::{Ref, Variant};
use rbx_dom_weak::{Instance, WeakDom, ustr};

use self::markup::DEPTH_MAX;
use super::reader::{Reader, canonical};
use super::{MountError, Node, property};
use crate::input_file::SOURCE_MAX;

/// How a binary file begins (dom.rojo.space, "Binary Format").
const BINARY: &[u8] = b"<roblox!\x89\xff\x0d\x0a\x1a\x0a";

/// The instances at the top of a file.
pub(super) fn read(reader: &mut Reader, path: &Path) -> Result<Vec<Node>, MountError> {
    let invalid = |problem: String| MountError::Invalid { path: path.into(), problem };
    let bytes = reader.place_of(path)?;
    let dom = decode(&bytes).map_err(invalid)?;
    let root = dom.root().children().to_vec();
    reader.count_instances(path, dom.descendants().count())?;
    check_instances(&dom).map_err(invalid)?;
    let ids = Ids::of(&dom, path);
    let nodes = root.into_iter().map(|top| node(&dom, &ids, top, 0));
    nodes.collect::<Option<Vec<_>>>().ok_or_else(|| {
        invalid(format!("its instances are in each other more than {DEPTH_MAX} times; no game is like that"))
    })
}

/// A model in a project: it has one instance at the top, which gets the name of the file.
pub(super) fn read_model(reader: &mut Reader, path: &Path, name: &str) -> Result<Node, MountError> {
    let mut tops = read(reader, path)?;
    match (tops.pop(), tops.len()) {
        (Some(top), 0) => Ok(Node { name: name.into(), file: canonical(path).ok(), ..top }),
        (top, more) => {
            let found = more + usize::from(top.is_some());
            let problem = format!("a model in a project has one instance at its top, and this one has {found}");
            Err(MountError::Invalid { path: path.into(), problem })
        }
    }
}

/// Reads a file of either format, whatever its name says.
fn decode(bytes: &[u8]) -> Result<WeakDom, String> {
    let cut = "it may be cut off: save it again in Studio";
    if bytes.starts_with(BINARY) {
        chunks::check(bytes).map_err(|problem| format!("{problem}; {cut}"))?;
        let reader = rbx_binary::Deserializer::new().reflection_database(classes::database());
        return quietly(|| reader.deserialize(bytes)).map_err(|problem| format!("{problem}; {cut}"));
    }
    let text = std::str::from_utf8(bytes).ok().map(|text| text.strip_prefix('\u{feff}').unwrap_or(text));
    match text.filter(|text| text.trim_start().starts_with('<') && text.contains("<roblox")) {
        Some(text) => {
            markup::check(text)?;
            let options = rbx_xml::DecodeOptions::new()
                .property_behavior(rbx_xml::DecodePropertyBehavior::IgnoreUnknown)
                .reflection_database(classes::database());
            quietly(|| rbx_xml::from_str(text, options)).map_err(|problem| format!("{problem}; {cut}"))
        }
        None => Err("it is no place and no model of Roblox: give a .rbxl, .rbxlx, .rbxm or .rbxmx file".into()),
    }
}

/// Files are written by other people's tools: what their reader does not expect is an error, too.
fn quietly<E: std::fmt::Display>(decode: impl FnOnce() -> Result<WeakDom, E>) -> Result<WeakDom, String> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(read) => read.map_err(|problem| problem.to_string()),
        Err(_) => Err("its content makes no sense".into()),
    }
}

/// That no instance has more of anything than scripts can be given, before any of it is made.
fn check_instances(dom: &WeakDom) -> Result<(), String> {
    for instance in dom.descendants() {
        let too_short = attributes_of(instance).is_some_and(|text| attributes::read(text).is_err());
        if too_short {
            return Err(format!("the attributes of `{}` announce more than they hold", path_of(dom, instance)));
        }
        let source = instance.properties.get(&ustr("Source")).and_then(property::text);
        if source.is_some_and(|source| source.len() > SOURCE_MAX) {
            let most = SOURCE_MAX >> 20;
            return Err(format!(
                "the script `{}` has more than {most} MiB, the most that is read",
                path_of(dom, instance)
            ));
        }
    }
    Ok(())
}

fn attributes_of(instance: &Instance) -> Option<&[u8]> {
    match instance.properties.get(&ustr("Attributes"))? {
        Variant::BinaryString(text) => Some(text.as_ref()),
        _ => None,
    }
}

/// The names that lead to an instance, the last of them if they are many.
fn path_of(dom: &WeakDom, instance: &Instance) -> String {
    const NAMES_MAX: usize = 16;
    let above = |instance: &&Instance| dom.get_by_ref(instance.parent()).filter(|above| above.parent().is_some());
    let mut names: Vec<&str> = std::iter::successors(Some(instance), |instance| above(instance))
        .map(|instance| instance.name.as_str())
        .take(NAMES_MAX)
        .collect();
    names.reverse();
    names.join(".")
}

/// What the ObjectValues of a file mean.
struct Ids(BTreeMap<String, String>);

impl Ids {
    fn of(dom: &WeakDom, path: &Path) -> Ids {
        let targets = dom.descendants().filter_map(target);
        // Numbered in the order of the file: what the reader calls them differs each time.
        let numbered = (0_usize..).zip(targets);
        Ids(numbered.map(|(number, target)| (target.to_string(), format!("{}#{number}", path.display()))).collect())
    }

    fn get(&self, instance: Ref) -> Option<&String> {
        if self.0.is_empty() { None } else { self.0.get(&instance.to_string()) }
    }
}

/// The instance that an ObjectValue means.
fn target(instance: &Instance) -> Option<Ref> {
    match instance.properties.get(&ustr("Value")) {
        Some(Variant::Ref(target)) if instance.class == "ObjectValue" && target.is_some() => Some(*target),
        _ => None,
    }
}

/// An instance and all below it; `None` if that is too deep.
fn node(dom: &WeakDom, ids: &Ids, at: Ref, depth: usize) -> Option<Node> {
    let instance = dom.get_by_ref(at).filter(|_| depth < DEPTH_MAX)?;
    let mut node = Node { id: ids.get(at).cloned(), ..Node::of_class(&instance.name, &instance.class) };
    for (name, value) in &instance.properties {
        property::set(&mut node, name, value);
    }
    if let Some(id) = target(instance).and_then(|target| ids.get(target)) {
        node.properties.insert("Value".into(), property::instance(id));
    }
    if node.class.ends_with("Script") && node.source.is_none() {
        node.source = Some("".into());
    }
    let children = instance.children().iter().map(|child| self::node(dom, ids, *child, depth + 1));
    node.children = children.collect::<Option<_>>()?;
    Some(node)
}
