//! The event network.

use super::RunEnd;
use crate::schedule::Schedule;
use crate::subject::Subject;
use crate::trace::Observer;

/// Runs a schedule to its end.
pub fn run(_schedule: &Schedule, _subject: &dyn Subject, _observer: &mut dyn Observer) -> RunEnd {
    unimplemented!()
}
