//! The subjects of a bake-off: one column of the table each.

use std::collections::BTreeSet;

use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Search, Suite};
use dupeproof_sim::{Digest, Subject};

use crate::args::{BakeoffArguments, BeliefName, ScriptArguments, WhichArguments};
use crate::by_name;
use crate::error::CliError;
use crate::fingerprint::Code;

/// The subjects where none is named.
const DEFAULT: [&str; 2] = ["core", "naive"];

/// One subject, ready to run.
pub(super) struct Column {
    /// Its name in the table.
    pub(super) name: String,
    /// What `dupeproof run` would be told.
    pub(super) which: WhichArguments,
    /// Its schedules.
    pub(super) suite: Suite,
    /// The subject, among those built in.
    subjects: Subjects,
    /// The subject's own name.
    subject: String,
    /// What runs it.
    code: Code,
}

impl Column {
    /// A fingerprint of what a search of it runs.
    pub(super) fn question(&self, search: &Search<'_>) -> Digest {
        let Search { network, seed, cases, .. } = search;
        let text = format!("{} {network:?} {seed} {cases} {:?}", self.subject, self.code);
        self.suite.drawn(*seed).then(Digest::of_text(&text))
    }

    fn new(name: &str, mut which: WhichArguments) -> Result<Column, CliError> {
        // All run the same schedules, whoever wrote them.
        if which.drawn.scenario.is_none() {
            which.drawn.believe.get_or_insert(BeliefName::All);
        }
        let available = by_name::available(which.scripts.named().as_ref())?;
        let (suite, subject) = available.chosen(&which)?;
        let subject = subject.name().to_owned();
        let code = Code::of(available.loaded.as_ref());
        Ok(Column { name: name.into(), which, suite, subjects: available.subjects, subject, code })
    }

    /// What runs on the servers.
    pub(super) fn subject(&self) -> &dyn Subject {
        self.subjects.named(&self.subject).expect("it was chosen from these")
    }
}

/// All columns; built-in subjects come first.
///
/// # Errors
/// When a name is unknown or given twice, or a script does not start.
pub(super) fn columns(arguments: &BakeoffArguments) -> Result<Vec<Column>, CliError> {
    let mut columns = Vec::new();
    let given = [&arguments.modules, &arguments.projects, &arguments.places];
    let default = if given.iter().all(|given| given.is_empty()) { &DEFAULT[..] } else { &[] };
    let named = arguments.subjects.iter().map(String::as_str);
    for name in named.chain(default.iter().copied().filter(|_| arguments.subjects.is_empty())) {
        let scripts = ScriptArguments::default();
        let which = WhichArguments { drawn: arguments.drawn.clone(), subject: Some(name.into()), scripts };
        columns.push(Column::new(name, which)?);
    }
    for text in &arguments.modules {
        let (name, path, adapter) = parts(text, "module")?;
        let module = Some(path).filter(|path| !path.is_empty());
        columns.push(own(name, ScriptArguments { module, adapter, ..ScriptArguments::default() }, arguments)?);
    }
    for text in &arguments.projects {
        let (name, project, adapter) = parts(text, "project")?;
        let scripts = ScriptArguments { project: Some(project), adapter, ..ScriptArguments::default() };
        columns.push(own(name, scripts, arguments)?);
    }
    for text in &arguments.places {
        let (name, place, adapter) = parts(text, "place")?;
        let scripts = ScriptArguments { place: Some(place), adapter, ..ScriptArguments::default() };
        columns.push(own(name, scripts, arguments)?);
    }
    let mut names = BTreeSet::new();
    match columns.iter().find(|column| !names.insert(&column.name)) {
        Some(twice) => Err(CliError::new(format!("`{}` takes part twice", twice.name))
            .hint("give each module a NAME of its own: --module NAME=PATH:ADAPTER")),
        None => Ok(columns),
    }
}

/// The name, the path and the adapter of `NAME=PATH:ADAPTER`.
fn parts<'a>(text: &'a str, option: &str) -> Result<(&'a str, String, Option<String>), CliError> {
    let parts = text.split_once('=').and_then(|(name, rest)| Some((name, rest.rsplit_once(':')?)));
    match parts {
        Some((name, (path, adapter))) if !name.is_empty() && !adapter.is_empty() => {
            Ok((name, path.to_owned(), Some(adapter.to_owned())))
        }
        _ => Err(CliError::new(format!("--{option} `{text}` is not NAME=PATH:ADAPTER"))
            .hint("for example --module mine=src/DataModule:adapter.luau; the path of a module may be empty")),
    }
}

fn own(name: &str, scripts: ScriptArguments, arguments: &BakeoffArguments) -> Result<Column, CliError> {
    let scripts = arguments.each.with(scripts);
    Column::new(name, WhichArguments { drawn: arguments.drawn.clone(), subject: None, scripts })
}
