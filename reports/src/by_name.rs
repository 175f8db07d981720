//! Suites, worlds and subjects by the name that somebody typed or a file holds.

use std::path::Path;

use dupeproof_luau::input_file::{self, TEXT_MAX};
use dupeproof_scenarios::everywhere::ShortScript;
use dupeproof_scenarios::failure::{Scripts, sanity};
use dupeproof_scenarios::prove::Script;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::suite::DEFAULT_SUBJECT;
use dupeproof_scenarios::{Belief, Suite, World, suggest};
use dupeproof_sim::{Schedule, Subject};

use crate::args::{ProveArguments, SuiteArguments, WhichArguments};
use crate::error::CliError;
use crate::escape;
use crate::scripts::{Loaded, PathsFrom};

/// The subjects there are: those built in, and the one of the user's own scripts if any were given.
pub struct Available {
    /// All of them.
    pub subjects: Subjects,
    /// The name of the one that the scripts make.
    scripted: Option<String>,
    /// The scripts.
    pub loaded: Option<Loaded>,
}

/// Reads the scripts, if any were given.
///
/// # Errors
/// When a script is missing or does not start.
pub fn available(scripts: Option<&Scripts>) -> Result<Available, CliError> {
    with_scripts(scripts, PathsFrom::CommandLine)
}

/// Reads the scripts that an earlier run has written down, if it had any.
///
/// # Errors
/// When a script is missing or does not start.
pub fn available_again(scripts: Option<&Scripts>) -> Result<Available, CliError> {
    with_scripts(scripts, PathsFrom::File)
}

/// Reads the scripts that were given on the command line; those that an earlier run has written down, if none were.
///
/// # Errors
/// When a script is missing or does not start.
pub fn available_instead(own: Option<&Scripts>, kept: Option<&Scripts>) -> Result<Available, CliError> {
    if own.is_some() { available(own) } else { available_again(kept) }
}

fn with_scripts(scripts: Option<&Scripts>, from: PathsFrom) -> Result<Available, CliError> {
    let mut subjects = Subjects::default();
    let mut scripted = None;
    let loaded = scripts.map(|scripts| Loaded::read(scripts, from)).transpose()?;
    if let Some(loaded) = &loaded {
        let subject = loaded.subject()?;
        if subjects.named(subject.name()).is_some() {
            return Err(CliError::new(format!("the adapter is called `{}`, as a built-in subject is", subject.name()))
                .hint("give the adapter another `name`"));
        }
        scripted = Some(subject.name().to_owned());
        subjects.add(Box::new(subject));
    }
    Ok(Available { subjects, scripted, loaded })
}

impl Available {
    /// The suite that was asked for, and the subject: the one of the scripts, or the one named, or the suite's own.
    ///
    /// # Errors
    /// When there is no such suite, world or subject, the scenario file makes no sense, or its constants are not the
    /// subject's.
    pub fn chosen(&self, which: &WhichArguments) -> Result<(Suite, &dyn Subject), CliError> {
        let suite = match &which.drawn.scenario {
            Some(file) => scenario(file, &self.subjects)?,
            None => suite(which.drawn.suite.as_deref())?.clone(),
        };
        let suite = match &which.drawn.world {
            Some(name) => suite.in_world(world(name)?),
            None => suite,
        };
        let suite = match (which.drawn.believe, self.is_left_to_us(which)) {
            (Some(believe), _) => suite.believing(believe.into()),
            (None, true) => suite.believing(Belief::Reported),
            (None, false) => suite,
        };
        let named = self.scripted.as_deref().or(which.subject.as_deref()).or(suite.subject.as_deref());
        let subject = subject(&self.subjects, named.unwrap_or(DEFAULT_SUBJECT))?;
        let name = subject.name();
        for (constant, value) in &suite.shape.constants {
            subject.check_constant(constant, *value).map_err(|why| {
                CliError::new(format!("the scenario's constants are not for `{name}`: {why}"))
                    .hint("leave --subject out, or change [constants] in the scenario file")
            })?;
        }
        Ok((suite, subject))
    }
}

impl Available {
    /// Whether it is somebody's own module, and nobody says where it is searched: then in what can happen to it.
    fn is_left_to_us(&self, which: &WhichArguments) -> bool {
        let SuiteArguments { suite, scenario, world, .. } = &which.drawn;
        self.scripted.is_some() && suite.is_none() && scenario.is_none() && world.is_none()
    }
}

/// Reads a scenario file.
fn scenario(path: &Path, subjects: &Subjects) -> Result<Suite, CliError> {
    let shown = escape::path(path);
    let text = input_file::text(path, TEXT_MAX).map_err(|error| {
        CliError::new(format!("`{shown}` could not be read: {error}")).hint("give a scenario file with --scenario")
    })?;
    Suite::parse(&text, subjects).map_err(|error| {
        CliError::new(format!("`{shown}`, {error}"))
            .hint("`dupeproof list` says what a scenario file may hold, and the book shows one: \"Write a scenario\"")
    })
}

/// The scripts to prove: all that are built in, one of them, or one of the user's own.
///
/// # Errors
/// When there is none of that name, or the file makes no sense.
pub fn proof_scripts(arguments: &ProveArguments) -> Result<Vec<Script>, CliError> {
    if let Some(path) = &arguments.script {
        return Ok(vec![proof_script(path)?]);
    }
    let mut scripts = Script::built_in();
    if let Some(name) = &arguments.name {
        if ShortScript::all().iter().any(|script| script.name == *name)
            && !scripts.iter().any(|script| script.name == *name)
        {
            return Err(CliError::new(format!("`{name}` is a short script, of a subject"))
                .hint("say which: --adapter, --project, --place or --subject"));
        }
        if !scripts.iter().any(|script| script.name == *name) {
            return Err(unknown("script", name, scripts.iter().map(|script| &*script.name)));
        }
        scripts.retain(|script| script.name == *name);
    }
    Ok(scripts)
}

/// The longest name of a script, in bytes: names of files have at most 255.
const SCRIPT_NAME_MAX: usize = 100;

/// Reads a script to prove; its name is the file's.
fn proof_script(path: &Path) -> Result<Script, CliError> {
    let shown = escape::path(path);
    let text = input_file::text(path, TEXT_MAX).map_err(|error| {
        CliError::new(format!("`{shown}` could not be read: {error}")).hint("give a TOML file with --script")
    })?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    if name.len() > SCRIPT_NAME_MAX || name.contains(char::is_control) {
        return Err(CliError::new(format!(
            "`{shown}`: the name of a script becomes part of the name of a failure file"
        ))
        .hint(format!("give the file a name of up to {SCRIPT_NAME_MAX} characters")));
    }
    Script::parse(&name, &text).map_err(|error| {
        CliError::new(format!("`{shown}`, {}", error.to_string().trim_end()))
            .hint("the book says how to write a script: \"Prove\"")
    })
}

/// The suite of this name; the default one if none was named.
///
/// # Errors
/// When there is no such suite.
pub fn suite(name: Option<&str>) -> Result<&'static Suite, CliError> {
    match name {
        None => Ok(&Suite::all()[0]),
        Some(name) => {
            Suite::named(name).ok_or_else(|| unknown("suite", name, Suite::all().iter().map(|suite| &*suite.name)))
        }
    }
}

/// The world of this name.
///
/// # Errors
/// When there is no such world.
pub fn world(name: &str) -> Result<&'static World, CliError> {
    let found = World::all().iter().find(|world| world.name == name);
    found.ok_or_else(|| unknown("world", name, World::all().iter().map(|world| &*world.name)))
}

/// The subject of this name.
///
/// # Errors
/// When there is no such subject.
pub fn subject<'a>(subjects: &'a Subjects, name: &str) -> Result<&'a dyn Subject, CliError> {
    subjects.named(name).ok_or_else(|| unknown("subject", name, subjects.all().map(Subject::name)))
}

/// The subject that a schedule is for.
///
/// # Errors
/// When there is none of that name, or it has no such constants.
pub fn subject_of<'a>(subjects: &'a Subjects, schedule: &Schedule) -> Result<&'a dyn Subject, CliError> {
    let subject = subject(subjects, &schedule.subject).map_err(|error| error.of_field("schedule.subject"))?;
    sanity::check_constants(schedule, subject).map_err(|why| {
        CliError::new(format!("schedule.constants: the schedule's constants are not for `{}`: {why}", subject.name()))
            .hint("use the dupeproof that wrote the file")
    })?;
    Ok(subject)
}

fn unknown<'a>(noun: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> CliError {
    let name = &*suggest::shown(name);
    CliError::new(format!("unknown {noun} `{name}`"))
        .hint(format!("{}; `dupeproof list` says what each one is", suggest::allowed(name, known)))
}
