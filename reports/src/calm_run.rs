//! The calm run before the search, as it is stored and printed.

use dupeproof_scenarios::Preflight;
use dupeproof_scenarios::preflight::{Problem, ScriptError};
use serde::{Deserialize, Serialize};

use crate::format;

/// What the calm run showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalmRun {
    /// Why nothing could be judged, in sentences; none if all went well.
    pub problems: Vec<String>,
    /// Errors of scripts, in order of time.
    pub errors: Vec<ScriptFailure>,
    /// What to do about it; null if all went well.
    pub hint: Option<String>,
}

/// An error of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptFailure {
    /// When and where it came up first: `at 2.1 s on server 0`.
    pub place: String,
    /// The message with script, line and traceback.
    pub text: String,
    /// How often it came up.
    pub count: u64,
}

impl CalmRun {
    /// Puts it into words. `place` is where the adapter says where records are, for instance `adapter.luau, line 18`.
    pub fn of(preflight: &Preflight, place: Option<&str>) -> CalmRun {
        CalmRun {
            problems: preflight.problems.iter().map(ToString::to_string).collect(),
            errors: preflight.errors.iter().map(ScriptFailure::of).collect(),
            // What comes after the first problem mostly comes from it.
            hint: preflight.problems.first().map(|problem| match problem {
                Problem::NeverLoaded { .. } if !preflight.errors.is_empty() => {
                    "mend what is told first: what loads the players may come after it; `--fake` supplies what is only in the \
                     place"
                        .to_owned()
                }
                problem => hint(problem, place),
            }),
        }
    }

    /// What went wrong first, in a line.
    pub fn headline(&self) -> String {
        let error = self.errors.first().and_then(|failure| failure.text.lines().next());
        let problem = self.problems.first().and_then(|problem| problem.lines().next());
        error.or(problem).unwrap_or_default().to_owned()
    }

    /// Errors of scripts that kept nobody from being judged: each in a line, for a terminal.
    pub fn warnings(&self) -> String {
        let line = |failure: &ScriptFailure| format!("  {}\n", failure.text.lines().next().unwrap_or_default());
        match self.errors.len() {
            0 => String::new(),
            count => format!(
                "even in a calm world, {} (the report has the tracebacks):\n{}",
                format::counted(count as u64, "script error"),
                self.errors.iter().map(line).collect::<String>()
            ),
        }
    }

    /// All of it, for a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for failure in &self.errors {
            let times =
                if failure.count > 1 { format!(", {} times", format::count(failure.count)) } else { String::new() };
            text.push_str(&format!("\n{}{times}:\n", failure.place));
            text.extend(failure.text.trim_end().lines().map(|line| format!("    {line}\n")));
        }
        text.push('\n');
        text.extend(self.problems.iter().map(|problem| format!("{}\n", format::capital(problem))));
        text.extend(self.hint.iter().map(|hint| format!("hint: {hint}\n")));
        text
    }
}

impl ScriptFailure {
    fn of(error: &ScriptError) -> ScriptFailure {
        ScriptFailure {
            place: format!("at {} on server {}", format::span(error.at.as_secs_f64()), error.server.slot),
            text: error.text.clone(),
            count: error.count,
        }
    }
}

/// What to do about a problem.
fn hint(problem: &Problem, place: Option<&str>) -> String {
    let where_at = place.map_or_else(|| "`where` in the adapter".to_owned(), |place| format!("`where` ({place})"));
    match problem {
        Problem::ScriptFailed => {
            "mend what the traceback shows; the first error may be the cause of the others".to_owned()
        }
        Problem::NoRecord { .. } => {
            "`record` must return, at once, what is stored of a player who has played before: a value that a data store takes"
                .to_owned()
        }
        Problem::WaitsForEver => "see that what the script waits for is in the tree that was given".to_owned(),
        Problem::NeverLoaded { failure: None } => {
            "see that what `load` waits for comes: a player without a record has none to wait for".to_owned()
        }
        Problem::NeverLoaded { failure: Some(_) } => {
            "`load` must return the session, or anything that is not nil, for a new player too; a game's own scripts must \
             start one when a player joins, without being asked by a client"
                .to_owned()
        }
        Problem::NeverLive => {
            "`is_live(session)` must answer true, at once, while the game can rely on the session".to_owned()
        }
        Problem::NothingStored => {
            "see that `leave` and `save` call the module, and that it writes to a data store".to_owned()
        }
        Problem::StoredElsewhere { .. } => format!("change store, scope or key in {where_at}, or the module's"),
        Problem::PlaceUnused { .. } => {
            format!("change that place in {where_at}, or take it out if the module keeps nothing of a player there")
        }
        Problem::DataElsewhere { .. } | Problem::ChangeUnseen { .. } => {
            format!("change `data` in {where_at}: the path of names to the game's data in the record")
        }
        Problem::ChangeNotStored { .. } => {
            "see that `read` returns the table that the module saves, and that `leave` waits until it is saved"
                .to_owned()
        }
    }
}
