//! How a trace is read, where a subject keeps things in its own way.

use std::borrow::Cow;
use std::fmt;

use crate::subject::Subject;
use crate::trace::Event;

/// Tells a run of a subject with stores, keys and records of its own as if it were one of a built-in subject: invariants,
/// counters and pictures know one record for each player, under [`crate::guest::key_of`], with the data where
/// [`crate::Subject::layout`] says. One reader reads one run, in order.
pub trait Reader {
    /// The event, as they are told it. The trace itself, and its digest, keep it as it was.
    fn read<'e>(&mut self, event: &'e Event) -> Cow<'e, Event>;
}

/// One run of a subject, as it is told: by its reader if it has one, and else as it is.
#[derive(Default)]
pub struct Reading(Option<Box<dyn Reader>>);

impl Reading {
    /// Of the next run of this subject.
    pub fn of(subject: &dyn Subject) -> Reading {
        Reading(subject.reader())
    }

    /// The next event, as it is told.
    pub fn read<'e>(&mut self, event: &'e Event) -> Cow<'e, Event> {
        match &mut self.0 {
            Some(reader) => reader.read(event),
            None => Cow::Borrowed(event),
        }
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Reading" } else { "Plain" })
    }
}
