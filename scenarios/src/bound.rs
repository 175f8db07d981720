//! Bounds that a scenario file sets to what is measured.

use std::fmt;

use dupeproof_sim::guest::Acquired;

use crate::measure::{Histogram, Measures};
use crate::suggest;

/// A measure that can be bounded: a row of the table.
pub struct Bound {
    /// The name, as scenario files use it.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// The greatest number that was measured, in the unit of the name; `None` if there was none.
    measured: fn(&Measures) -> Option<u64>,
}

/// A bound that was set, and what was measured beyond it.
#[derive(Clone, Copy, Debug)]
pub struct Exceeded {
    /// Which.
    pub bound: &'static Bound,
    /// What the file allows, in the unit of its name.
    pub allowed: u64,
    /// What was measured, in the same unit, rounded up.
    pub measured: u64,
}

impl fmt::Debug for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

macro_rules! bound {
    ($name:literal, $measured:expr, $about:literal) => {
        Bound { name: $name, about: $about, measured: $measured }
    };
}

/// No bound can be greater.
pub(crate) const ALLOWED_MAX: i64 = 1_000_000_000_000;

/// All of them.
pub const BOUNDS: [Bound; 12] = [
    bound!("start_s", of_starts, "seconds from a player's arrival to the session"),
    bound!("hand_over_s", |of| seconds(of.hand_overs()), "the same, where another server had the session"),
    bound!("takeover_s", |of| seconds(of.takeovers()), "the same, where the lock was that of a server that was gone"),
    bound!("unsaved_s", |of| seconds(of.unsaved()), "seconds for which a change was not saved, where nothing hindered"),
    bound!(
        "lost_s",
        |of| seconds(of.lost()),
        "seconds of play that a crash cost: the age of the oldest unsaved change"
    ),
    bound!("delivery_s", |of| seconds(of.deliveries()), "seconds from the sending of a message to its effect"),
    bound!("refused_per_1000", |of| of.refused().per_thousand(), "starts that failed while their players waited"),
    bound!(
        "ended_by_others_per_1000",
        |of| of.ended_by_others().per_thousand(),
        "sessions that ended for another server while their players were there"
    ),
    bound!("reads_per_hour", |of| of.reads_per_hour().max(), "DataStore reads of a session of 5 min or more"),
    bound!("writes_per_hour", |of| of.writes_per_hour().max(), "DataStore writes of a session of 5 min or more"),
    bound!("writes_per_minute", |of| of.writes_per_key_minute().max(), "writes to one record"),
    bound!("bytes_per_minute", |of| of.bytes_per_key_minute().max(), "bytes of JSON that were written to one record"),
];

impl Bound {
    /// By name, or what to say about it.
    ///
    /// # Errors
    /// When there is none, with those there are.
    pub(crate) fn find(name: &str) -> Result<&'static Bound, String> {
        const ALL: &[Bound] = &BOUNDS;
        let found = ALL.iter().find(|bound| bound.name == name);
        found.ok_or_else(|| suggest::unknown("bound", name, ALL.iter().map(|bound| bound.name)))
    }

    /// Whether more was measured than is allowed.
    pub(crate) fn exceeded(&'static self, allowed: u64, measures: &Measures) -> Option<Exceeded> {
        let measured = (self.measured)(measures).filter(|measured| *measured > allowed)?;
        Some(Exceeded { bound: self, allowed, measured })
    }
}

fn of_starts(measures: &Measures) -> Option<u64> {
    let all = [Acquired::Free, Acquired::HandedOver, Acquired::TakenOver, Acquired::Unprotected];
    all.into_iter().filter_map(|acquired| seconds(measures.starts(acquired))).max()
}

/// The greatest time, in seconds, rounded up.
fn seconds(times: &Histogram) -> Option<u64> {
    times.max().map(|micros| micros.div_ceil(1_000_000))
}
