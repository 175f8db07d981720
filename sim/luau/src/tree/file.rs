//! A file on disk: what it is, and what it becomes (rojo.space, "Sync Details").

use std::path::Path;

use rbx_dom_weak::types::{Enum, Variant};
use serde_json::Value as Json;

use super::reader::{Reader, canonical};
use super::{MountError, Node, jsonc, meta, model, place, project, property};

/// What a file is, by Rojo's own names for it (`syncRules`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    ServerScript,
    ClientScript,
    ModuleScript,
    PluginScript,
    LegacyServerScript,
    LegacyClientScript,
    RunContextServerScript,
    RunContextClientScript,
    Project,
    JsonModel,
    Json,
    Toml,
    Csv,
    Text,
    Rbxm,
    Rbxmx,
    Yaml,
    Ignore,
}

/// By the end of the name; the first that fits.
const SUFFIXES: [(&str, Kind); 20] = [
    (".server.lua", Kind::ServerScript),
    (".server.luau", Kind::ServerScript),
    (".client.lua", Kind::ClientScript),
    (".client.luau", Kind::ClientScript),
    (".plugin.lua", Kind::PluginScript),
    (".plugin.luau", Kind::PluginScript),
    (".lua", Kind::ModuleScript),
    (".luau", Kind::ModuleScript),
    (".project.json", Kind::Project),
    (".project.jsonc", Kind::Project),
    (".model.json", Kind::JsonModel),
    (".model.jsonc", Kind::JsonModel),
    (".json", Kind::Json),
    (".jsonc", Kind::Json),
    (".toml", Kind::Toml),
    (".csv", Kind::Csv),
    (".txt", Kind::Text),
    (".rbxmx", Kind::Rbxmx),
    (".rbxm", Kind::Rbxm),
    (".yml", Kind::Yaml),
];

/// Settings of tools, which are no modules of the game.
const SETTINGS: [&str; 3] = ["package.json", "package-lock.json", "tsconfig.json"];

/// The last part of a path.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The name that a file has in the tree.
pub(super) fn stem(name: &str) -> &str {
    let suffix = SUFFIXES.iter().find(|(suffix, _)| name.len() > suffix.len() && name.ends_with(suffix));
    suffix.map_or(name, |(suffix, _)| &name[..name.len() - suffix.len()])
}

/// What a file of this suffix is.
pub(super) fn kind_of_suffix(wanted: &str) -> Kind {
    SUFFIXES.iter().find(|(suffix, _)| *suffix == wanted).map_or(Kind::Ignore, |(_, kind)| *kind)
}

/// Reads a file; `None` for what Rojo does not sync.
pub(super) fn read(reader: &mut Reader, path: &Path) -> Result<Option<Node>, MountError> {
    let file = name_of(path);
    let fits = |pattern: &super::reader::KindRule| {
        pattern.pattern.matches(path) && !pattern.except.as_ref().is_some_and(|except| except.matches(path))
    };
    if let Some(rule) = reader.rules.kinds.iter().find(|rule| fits(rule)) {
        let short = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = rule.suffix.as_ref().and_then(|suffix| file.strip_suffix(suffix.as_str())).unwrap_or(&short);
        return read_as(reader, path, rule.kind, name);
    }
    let known = SUFFIXES.iter().find(|(suffix, _)| file.len() > suffix.len() && file.ends_with(suffix));
    match known {
        Some((suffix, kind)) if !SETTINGS.contains(&file.as_str()) => {
            read_as(reader, path, *kind, &file[..file.len() - suffix.len()])
        }
        None if file.ends_with(".yaml") => read_as(reader, path, Kind::Yaml, &file[..file.len() - 5]),
        _ => Ok(None),
    }
}

/// Reads a file as what a rule says it is, under this name.
pub(super) fn read_as(reader: &mut Reader, path: &Path, kind: Kind, name: &str) -> Result<Option<Node>, MountError> {
    let mut node = match kind {
        Kind::Ignore => return Ok(None),
        Kind::Project => {
            return Ok(project::read_nested(reader, path)?.map(|node| node_named(node, name)));
        }
        Kind::JsonModel => return model::read(reader, path, name),
        Kind::Rbxm | Kind::Rbxmx => return place::read_model(reader, path, name).map(Some),
        Kind::Json => data(name, jsonc::parse(path, &reader.text_of(path)?)?),
        Kind::Toml => data(name, toml_value(path, &reader.text_of(path)?)?),
        Kind::Text => {
            let mut node = Node::of_class(name, "StringValue");
            node.properties.insert("Value".into(), reader.text_of(path)?.into());
            node
        }
        Kind::Csv => Node::of_class(name, "LocalizationTable"),
        Kind::Yaml => Node::unreadable(
            name,
            &format!("`{}`: dupeproof does not read YAML; write the data as JSON or TOML", path.display()),
        ),
        _ => script(reader, path, kind, name)?,
    };
    node.file = canonical(path).ok();
    reader.count_instances(path, 1)?;
    let is_init = name_of(path).starts_with("init.");
    for suffix in [".meta.json", ".meta.jsonc"].into_iter().filter(|_| !is_init) {
        meta::apply(reader, &mut node, &path.with_file_name(format!("{name}{suffix}")))?;
    }
    Ok(Some(node))
}

/// A project file in a folder has the name that the project says, if it says one.
fn node_named(node: Node, name: &str) -> Node {
    if node.name.is_empty() { Node { name: name.into(), ..node } } else { node }
}

/// A module whose value is data.
fn data(name: &str, value: Json) -> Node {
    Node { value: Some(value), ..Node::of_class(name, "ModuleScript") }
}

fn toml_value(path: &Path, text: &str) -> Result<Json, MountError> {
    let invalid = |problem: String| MountError::Invalid { path: path.into(), problem };
    let table: toml::Table = text.parse().map_err(|problem: toml::de::Error| invalid(problem.to_string()))?;
    serde_json::to_value(table).map_err(|problem| invalid(problem.to_string()))
}

fn script(reader: &mut Reader, path: &Path, kind: Kind, name: &str) -> Result<Node, MountError> {
    reader.count_script(path)?;
    let by_run_context = reader.rules.by_run_context;
    let (class, run_context) = match kind {
        Kind::ServerScript if by_run_context => ("Script", Some(RUN_CONTEXT_SERVER)),
        Kind::ClientScript if by_run_context => ("Script", Some(RUN_CONTEXT_CLIENT)),
        Kind::RunContextServerScript => ("Script", Some(RUN_CONTEXT_SERVER)),
        Kind::RunContextClientScript => ("Script", Some(RUN_CONTEXT_CLIENT)),
        Kind::PluginScript => ("Script", Some(RUN_CONTEXT_PLUGIN)),
        Kind::ServerScript | Kind::LegacyServerScript => ("Script", None),
        Kind::ClientScript | Kind::LegacyClientScript => ("LocalScript", None),
        _ => ("ModuleScript", None),
    };
    let mut node = Node::script(name, class, &reader.source_of(path)?);
    if let Some(run_context) = run_context {
        property::set(&mut node, "RunContext", &Variant::Enum(Enum::from_u32(run_context)));
    }
    Ok(node)
}

/// The items of `Enum.RunContext`.
pub(super) const RUN_CONTEXT_SERVER: u32 = 1;
const RUN_CONTEXT_CLIENT: u32 = 2;
const RUN_CONTEXT_PLUGIN: u32 = 3;
