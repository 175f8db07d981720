//! How a trace is read, where a subject keeps things in its own way.

use std::borrow::Cow;

use crate::trace::Event;

/// Tells a run of a subject with stores, keys and records of its own as if it were one of a built-in subject: invariants,
/// counters and pictures know one record for each player, under [`crate::guest::key_of`], with the data where
/// [`crate::Subject::layout`] says. One reader reads one run, in order.
pub trait Reader {
    /// The event, as they are told it. The trace itself, and its digest, keep it as it was.
    fn read<'e>(&mut self, event: &'e Event) -> Cow<'e, Event>;
}
