//! Rojo's project files: which files and folders are mounted where (rojo.space, "Project Format").

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::file::{Kind, name_of, stem};
use super::reader::{KindRule, Pattern, Reader, Rules, canonical};
use super::roots::folder_of;
use super::{MountError, Node, folder, install, jsonc, meta, property};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    name: Option<String>,
    tree: Map<String, Json>,
    #[serde(default)]
    glob_ignore_paths: Vec<String>,
    #[serde(default)]
    sync_rules: Vec<SyncRule>,
    emit_legacy_scripts: Option<bool>,
}

#[derive(Deserialize)]
struct SyncRule {
    pattern: String,
    exclude: Option<String>,
    #[serde(rename = "use")]
    kind: Kind,
    suffix: Option<String>,
}

/// The names that a project file has which stands for its folder.
const DEFAULT_NAMES: [&str; 2] = ["default.project.json", "default.project.jsonc"];

/// Whether a file is a project, by its name.
pub(super) fn is_project(path: &Path) -> bool {
    let name = name_of(path);
    name.ends_with(".project.json") || name.ends_with(".project.jsonc")
}

/// The project file that stands for a folder.
pub(super) fn in_folder(folder: &Path) -> Option<PathBuf> {
    DEFAULT_NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// All project files in a folder: the one that stands for it first, the others by name.
pub(super) fn all_in_folder(folder: &Path) -> Vec<PathBuf> {
    let others = folder::entries(folder).unwrap_or_default().into_iter();
    let default = in_folder(folder);
    let others = others.filter(|path| is_project(path) && path.is_file() && Some(path) != default.as_ref());
    default.iter().cloned().chain(others.collect::<Vec<_>>()).collect()
}

/// The tree that a project file describes.
pub(super) fn read(reader: &mut Reader, path: &Path) -> Result<Node, MountError> {
    let problem = "`tree`: what it is made of is not there".to_owned();
    read_nested(reader, path)?.ok_or(MountError::Invalid { path: path.into(), problem })
}

/// That of a project in another; `None` if it is made of an optional path that is not there, as the projects that Nevermore's
/// packages bring for theirs.
pub(super) fn read_nested(reader: &mut Reader, path: &Path) -> Result<Option<Node>, MountError> {
    let project: Project = jsonc::parse(path, &reader.text_of(path)?)?;
    let folder = folder_of(path);
    let full = canonical(path)?;
    let name = project.name.clone().unwrap_or_else(|| match in_folder(folder).as_deref() == Some(path) {
        true => canonical(folder).map(|folder| name_of(&folder)).unwrap_or_default(),
        false => stem(&name_of(path)).to_owned(),
    });
    let outer = reader.rules.clone();
    reader.rules =
        rules(&project, &outer, folder).map_err(|problem| MountError::Invalid { path: path.into(), problem })?;
    let file = File { path, folder };
    let node = reader.within(&full, |reader| file.instance(reader, &name, &project.tree, None, "tree"));
    reader.rules = outer;
    Ok(node?.map(|node| Node { name, ..node }))
}

/// The rules of a project; those of the project around it that leave files out hold as well.
fn rules(project: &Project, outer: &Rules, folder: &Path) -> Result<Rules, String> {
    let mut rules = Rules { ignored: outer.ignored.clone(), ..Rules::default() };
    for glob in &project.glob_ignore_paths {
        let pattern = Pattern::new(folder, glob).map_err(|problem| format!("`globIgnorePaths`: {problem}"))?;
        rules.ignored.push(pattern);
    }
    for rule in &project.sync_rules {
        let pattern = |text: &str| Pattern::new(folder, text).map_err(|problem| format!("`syncRules`: {problem}"));
        rules.kinds.push(KindRule {
            pattern: pattern(&rule.pattern)?,
            except: rule.exclude.as_deref().map(pattern).transpose()?,
            kind: rule.kind,
            suffix: rule.suffix.clone(),
        });
    }
    rules.by_run_context = project.emit_legacy_scripts == Some(false);
    Ok(rules)
}

/// The project file that is being read.
struct File<'a> {
    path: &'a Path,
    folder: &'a Path,
}

impl File<'_> {
    fn invalid(&self, place: &str, problem: &str) -> MountError {
        MountError::Invalid { path: self.path.into(), problem: format!("`{place}`: {problem}") }
    }

    /// What one object of `tree` describes; `None` for an optional path that is not there.
    fn instance(
        &self,
        reader: &mut Reader,
        name: &str,
        fields: &Map<String, Json>,
        parent: Option<&str>,
        place: &str,
    ) -> Result<Option<Node>, MountError> {
        let named = self.named_class(name, fields, parent);
        let mounted = self.mounted(reader, fields, named.is_some(), place)?;
        let is_absent = mounted.is_none() && fields.contains_key("$path");
        let Some(class) = self.class(fields, mounted.as_ref(), named, place)? else {
            if is_absent {
                return Ok(None);
            }
            let expected = "it needs a `$className`, a `$path`, or the name of a service right under `game`";
            return Err(self.invalid(place, expected));
        };
        let mut node = mounted.unwrap_or_default();
        (node.name, node.class) = (name.into(), class);
        for (name, child) in sorted(fields) {
            let place = format!("{place}.{name}");
            let fields = child.as_object().ok_or_else(|| self.invalid(&place, "an object expected"))?;
            node.children.extend(self.instance(reader, name, fields, Some(&node.class), &place)?);
        }
        let map = |name: &str| self.map(fields, name, place);
        meta::set_all(&mut node, &map("$properties")?, &map("$attributes")?)
            .map_err(|(name, problem)| self.invalid(&format!("{place}.${name}"), &problem))?;
        reader.count_instances(self.path, 1)?;
        Ok(Some(node))
    }

    /// What is at the `$path`. An object whose class is known may be without: Rojo makes it empty, too, where version control
    /// has not kept the folder.
    fn mounted(
        &self,
        reader: &mut Reader,
        fields: &Map<String, Json>,
        classed: bool,
        place: &str,
    ) -> Result<Option<Node>, MountError> {
        let Some(value) = fields.get("$path") else { return Ok(None) };
        let optional = value.get("optional").and_then(Json::as_str);
        let Some(text) = value.as_str().or(optional) else {
            return Err(self.invalid(&format!("{place}.$path"), "a path, or { \"optional\": path }, expected"));
        };
        let path = self.folder.join(text);
        if path.exists() {
            if Path::new(text).is_absolute() && !reader.allows(&path) {
                let refusal = MountError::Absolute { project: self.path.into(), place: place.into(), path };
                return if reader.lenient {
                    Ok(Some(Node::unreadable("", &refusal.to_string())))
                } else {
                    Err(refusal)
                };
            }
            let read = if reader.lenient { reader.read_child(&path) } else { reader.read(&path) };
            return match read? {
                None if optional.is_none() && !reader.lenient => {
                    Err(self.invalid(&format!("{place}.$path"), &format!("`{text}` is no file that Rojo knows")))
                }
                node => Ok(node),
            };
        }
        let command = install::command(self.folder, Path::new(text));
        if optional.is_some() || reader.lenient || (classed && command.is_none()) {
            return Ok(None);
        }
        let (project, place, path) = (self.path.into(), place.into(), text.into());
        Err(MountError::Missing { project, place, path, advice: install::advice(command) })
    }

    /// The class that an object has whatever is mounted: that of `$className`, or of the name.
    fn named_class(&self, name: &str, fields: &Map<String, Json>, parent: Option<&str>) -> Option<String> {
        let own = fields.get("$className").and_then(Json::as_str);
        own.or_else(|| property::inferred_class(name, parent?)).map(str::to_owned)
    }

    /// The class: the one that it has anyway, or that of what is mounted.
    fn class(
        &self,
        fields: &Map<String, Json>,
        mounted: Option<&Node>,
        named: Option<String>,
        place: &str,
    ) -> Result<Option<String>, MountError> {
        let Some(mounted) = mounted else { return Ok(named) };
        if mounted.class == "Folder" && mounted.source.is_none() {
            return Ok(named.or(Some("Folder".into())));
        }
        match fields.get("$className").and_then(Json::as_str) {
            Some(own) if own != mounted.class => Err(self.invalid(
                &format!("{place}.$className"),
                &format!("`{own}`, but what is at `$path` is a {}", mounted.class),
            )),
            _ => Ok(Some(mounted.class.clone())),
        }
    }

    fn map(&self, fields: &Map<String, Json>, name: &str, place: &str) -> Result<BTreeMap<String, Json>, MountError> {
        match fields.get(name) {
            None => Ok(BTreeMap::new()),
            Some(Json::Object(map)) => Ok(map.iter().map(|(name, value)| (name.clone(), value.clone())).collect()),
            Some(_) => Err(self.invalid(&format!("{place}.{name}"), "an object expected")),
        }
    }
}

/// The fields that are children, by name.
fn sorted(fields: &Map<String, Json>) -> Vec<(&String, &Json)> {
    let mut children: Vec<_> = fields.iter().filter(|(name, _)| !name.starts_with('$')).collect();
    children.sort_by_key(|(name, _)| *name);
    children
}
