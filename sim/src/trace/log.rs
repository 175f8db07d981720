//! The trace as [`tracing`] events and spans.
//!
//! A [`LogObserver`] watches a run and makes each of its events a `tracing` event with fields of its own. A span stands
//! for each life of a server, and one for each session inside its server's. A [`LogFilter`] and a [`LogFormat`] make a
//! subscriber ([`dispatch`]) that prints them with simulated time. It also prints the events that turmoil itself emits during such a run.
//!
//! | target | what | levels |
//! |---|---|---|
//! | `dupeproof::timeline` | steps of the timeline, the settling, the end | info |
//! | `dupeproof::server` | lives of servers: started, froze, crashed, closed | info, warn |
//! | `dupeproof::session` | sessions, saves, edits, items, purchases | info, debug; renewals: trace |
//! | `dupeproof::request` | requests, answers, writes that were committed | debug; errors: info; cache: trace |
//! | `dupeproof::message` | messages on topics and between profiles | debug; lost or duplicated: warn |
//! | `dupeproof::fault` | faults begun and ended | warn, info |
//! | `dupeproof::script` | what scripts print, warn and fail with | info, warn, error |
//! | `turmoil` | packets and hosts, on that network | info, trace |
//!
//! Spans: `case{seed, case}` (in a search), `server{slot, life}`, `session{no, player}`. What concerns a life that is
//! over, such as a write that arrives after a crash, is inside a span `stopped_server{slot, life}`, and the last save of
//! a session that the game has ended inside a span `ended_session{no}`.

mod emit;
mod filter;
mod moment;
mod spans;
mod subscriber;

use tracing::Span;
use tracing::level_filters::LevelFilter;
use tracing::span::EnteredSpan;

use self::moment::Watched;
use self::spans::Spans;
use super::{Event, Observer};
use crate::clock::Global;

pub use filter::{BadFilter, LogFilter};
pub(crate) use moment::advance;
pub use subscriber::{LogFormat, dispatch};

const TIMELINE: &str = "dupeproof::timeline";
const SERVER: &str = "dupeproof::server";
const SESSION: &str = "dupeproof::session";
const REQUEST: &str = "dupeproof::request";
const MESSAGE: &str = "dupeproof::message";
const FAULT: &str = "dupeproof::fault";
const SCRIPT: &str = "dupeproof::script";
/// The target of the span that a search puts around a case.
const CASE: &str = "dupeproof::case";
/// What turmoil's events have as their target.
const TURMOIL: &str = "turmoil";

/// Whether this process has a `tracing` subscriber. A search asks it once for each case, and attaches an
/// observer only then: without a subscriber, a run costs nothing more.
pub fn is_on() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}

/// Passes what happens in a run on to `tracing`, on the thread that runs it.
///
/// It is made before the run and dropped after it, on the same thread. In between, simulated time is the time of all
/// `tracing` events of this thread.
pub struct LogObserver {
    // Dropped in this order: spans close from the inside out, and while there is still a time to print.
    spans: Spans,
    _case: EnteredSpan,
    _watched: Watched,
}

impl LogObserver {
    /// Of one run that stands for itself.
    pub fn of_run() -> LogObserver {
        LogObserver::inside(Span::none)
    }

    /// Of one case of a search: everything in it is inside a span that says which.
    pub fn of_case(seed: u64, case: u64) -> LogObserver {
        LogObserver::inside(|| tracing::info_span!(target: CASE, "case", seed, case))
    }

    fn inside(case: impl FnOnce() -> Span) -> LogObserver {
        // The span is only enabled while a run is watched, so that comes first.
        let watched = Watched::begin();
        LogObserver { spans: Spans::default(), _case: case().entered(), _watched: watched }
    }
}

impl Observer for LogObserver {
    fn observe(&mut self, at: Global, event: &Event) {
        advance(at);
        self.spans.before(event);
        self.spans.around(event, || emit::emit(event));
        self.spans.after(event);
    }
}
