//! A subject made of the user's own Luau scripts.

use std::path::Path;

use dupeproof_luau::{
    Fidelity, Files, LuauSubject, MountError, Options, SubjectError, contract_of, needs_module, read_adapter,
};
use dupeproof_scenarios::failure::Scripts;
use dupeproof_sim::Subject;

use crate::args::{FidelityName, ScriptArguments};
use crate::error::CliError;
use crate::format;

impl ScriptArguments {
    /// The scripts that were given, if any were.
    pub fn named(&self) -> Option<Scripts> {
        let fidelity = self.fidelity.unwrap_or_default();
        let (module, game, fake) = (self.module.clone(), self.game.clone(), self.fake.clone());
        Some(Scripts { module, adapter: self.adapter.clone()?, game, fake, fidelity: fidelity_name(fidelity).into() })
    }
}

/// How a fidelity is called on the command line.
pub fn fidelity_name(name: FidelityName) -> &'static str {
    match name {
        FidelityName::Coarse => "coarse",
        FidelityName::Sixty => "60hz",
    }
}

/// The words that give these scripts on a command line.
pub fn arguments(scripts: &Scripts) -> String {
    let flag = |name: &str, value: &str| format!("--{name} {}", format::quoted(value));
    let mut words: Vec<String> = scripts.module.iter().map(|module| flag("module", module)).collect();
    words.push(flag("adapter", &scripts.adapter));
    words.extend(scripts.game.iter().map(|game| flag("game", game)));
    words.extend(scripts.fake.iter().map(|fake| flag("fake", fake)));
    if scripts.fidelity != fidelity_name(FidelityName::default()) {
        words.push(flag("fidelity", &scripts.fidelity));
    }
    words.join(" ")
}

/// Reads the scripts and starts them once.
///
/// # Errors
/// When one is missing, or does not start: with its traceback.
pub fn subject(scripts: &Scripts, from: PathsFrom) -> Result<LuauSubject, CliError> {
    let unread = |what: &str, path: &str, problem: &MountError| {
        CliError::new(format!("the {what} `{path}`: {problem}")).hint(from.hint(what))
    };
    if scripts.module.is_none() && needs_module(&scripts.adapter) {
        return Err(
            CliError::new(format!("the adapter `{}` needs a module", scripts.adapter)).hint("add --module PATH")
        );
    }
    let mut files = Files::new();
    let mut module = None;
    if let Some(path) = &scripts.module {
        module = Some(files.mount_module(Path::new(path)).map_err(|problem| unread("module", path, &problem))?);
    }
    let mut script = None;
    if let Some(path) = &scripts.game {
        let place = ["ServerScriptService", "Main"];
        files.mount(&place, Path::new(path)).map_err(|problem| unread("game", path, &problem))?;
        script = Some(place.map(str::to_owned).to_vec());
    }
    let adapter = read_adapter(&scripts.adapter).map_err(|error| match error {
        SubjectError::Mount(problem) => unread("adapter", &scripts.adapter, &problem),
        other => CliError::new(other.to_string()).hint("`dupeproof init` writes an adapter to start from"),
    })?;
    let fidelity = Fidelity::named(&scripts.fidelity)
        .ok_or_else(|| CliError::new(format!("unknown fidelity `{}`", scripts.fidelity)).hint("use coarse or 60hz"))?;
    let fakes = scripts.fake.as_deref().map(fakes).transpose()?;
    let options = Options { module, adapter: Some(adapter), script, fakes, fidelity, ..Options::new(files) };
    let subject = LuauSubject::new(&options, contract_of(&scripts.adapter)).map_err(|error| {
        CliError::new(format!("`{}` could not be started: {error}", scripts.adapter))
            .hint("check that the adapter is made for this module, or fix what the traceback shows")
    })?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if subject.name().is_empty() || !subject.name().chars().all(plain) {
        return Err(CliError::new(format!("`{}` names itself `{}`", scripts.adapter, subject.name()))
            .hint("give the adapter a `name` of letters, digits, dots and dashes: it is part of file names"));
    }
    Ok(subject)
}

/// The name and source of the file that supplies what is not simulated.
fn fakes(path: &str) -> Result<(String, String), CliError> {
    let source = std::fs::read_to_string(path).map_err(|problem| {
        CliError::new(format!("the file of fakes `{path}`: {problem}"))
            .hint("give --fake a Luau file; paths are relative to the current directory")
    })?;
    Ok((path.to_owned(), source))
}

/// Where the paths of scripts stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathsFrom {
    /// Somebody has just typed them.
    CommandLine,
    /// An earlier run has written them down, as they were typed then.
    File,
}

impl PathsFrom {
    /// What to do about a path that leads nowhere.
    fn hint(self, what: &str) -> String {
        match self {
            PathsFrom::CommandLine => "paths are relative to the current directory".into(),
            PathsFrom::File => format!(
                "the path is relative to the directory in which `dupeproof run` ran: go there, or give the {what} to \
                 `dupeproof replay` with --{what}"
            ),
        }
    }
}
