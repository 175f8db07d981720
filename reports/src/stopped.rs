//! That a command ended before it was done.

use serde::{Deserialize, Serialize};

use crate::format;

/// A command that ended before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// How much was done, of what the command counts: schedules, settings or subjects.
    pub after: u64,
    /// How much there was to do; null if that was a time.
    pub of: Option<u64>,
    /// Why.
    pub why: Why,
    /// What it did then.
    pub during: During,
}

/// What a command did when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum During {
    /// It ran what it counts.
    Running,
    /// All of that had run. It told causes apart and shrunk schedules: there may be more causes, and shorter schedules.
    Shrinking,
    /// All of that was done, too. It ran the suite's twin, with which the suite is not compared.
    Twin,
}

/// Why a command ended before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Somebody has asked it to: Ctrl+C, or another signal.
    Signal,
    /// What it found could not be written any more: the disk is full, most likely.
    Unwritable,
    /// It still runs; or it was killed.
    Unfinished,
    /// Shards of it are not there.
    Missing,
}

impl Stopped {
    /// `stopped after 1,204 of 20,000 schedules`, or ` ... since it could not be written`.
    pub fn words(&self, noun: &str) -> String {
        let why = match self.why {
            Why::Signal | Why::Unfinished => "",
            Why::Unwritable => ", since what was found could not be written any more",
            Why::Missing => ", since shards are missing",
        };
        match self.during {
            During::Running => {}
            During::Shrinking => return format!("stopped while causes were told apart and shrunk{why}"),
            During::Twin => return format!("stopped before the suite's twin was run{why}"),
        }
        let after = match self.of {
            Some(of) => format!("{} of {}", format::count(self.after), format::counted(of, noun)),
            None => format::counted(self.after, noun),
        };
        format!("stopped after {after}{why}")
    }
}

#[cfg(test)]
mod tests {
    use super::{During, Stopped, Why};

    #[test]
    fn it_is_said_how_far_it_came() {
        let stopped = Stopped { after: 1_204, of: Some(20_000), why: Why::Signal, during: During::Running };
        assert_eq!(stopped.words("schedule"), "stopped after 1,204 of 20,000 schedules");
        assert_eq!(Stopped { of: None, ..stopped }.words("schedule"), "stopped after 1,204 schedules");
        let full = Stopped { after: 1, of: Some(3), why: Why::Unwritable, ..stopped };
        assert!(full.words("setting").starts_with("stopped after 1 of 3 settings, since "));
        assert!(Stopped { during: During::Shrinking, ..stopped }.words("schedule").starts_with("stopped while causes"));
    }
}
