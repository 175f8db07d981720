//! Suites: families of schedules, with what a run of many must have seen.

use dupeproof_sim::Schedule;

/// A family of schedules.
#[derive(Clone, Debug)]
pub struct Suite {
    /// How it is called on the command line.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// Counters of [`crate::Seen`] that must be above zero after `must_see_after` cases on the `core` subject.
    pub must_see: &'static [&'static str],
    /// How many cases are enough to demand `must_see`.
    pub must_see_after: u64,
}

impl Suite {
    /// All suites, the default first.
    pub fn all() -> &'static [Suite] {
        unimplemented!()
    }

    /// By name.
    pub fn named(name: &str) -> Option<&'static Suite> {
        Suite::all().iter().find(|suite| suite.name == name)
    }

    /// Case number `case` of root seed `seed` for a subject: the same always.
    pub fn schedule(&self, _seed: u64, _case: u64, _subject: &str) -> Schedule {
        unimplemented!()
    }
}
