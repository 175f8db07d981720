//! `DUPEPROOF_LOG` shows on stderr what happens in the cases that fail, when they have been shrunk, and in the past
//! failures that are replayed. It is a filter, as with `dupeproof --log`.

use std::sync::LazyLock;

use dupeproof_scenarios::{CaseResult, run_case};
use dupeproof_sim::network::Network;
use dupeproof_sim::trace::log::{self, LogFormat, LogObserver};
use dupeproof_sim::{Schedule, Subject};
use tracing::Dispatch;

/// Runs a case that somebody will want to look at. Only what happens in it is printed, not what other tests run.
pub(crate) fn run_shown(schedule: &Schedule, subject: &dyn Subject, network: Network) -> CaseResult {
    static LISTENER: LazyLock<Option<Dispatch>> = LazyLock::new(listener);
    match &*LISTENER {
        Some(listener) => {
            let shown = || run_case(schedule, subject, network, &mut LogObserver::of_run());
            tracing::dispatcher::with_default(listener, shown)
        }
        None => run_case(schedule, subject, network, &mut ()),
    }
}

/// Prints what a filter lets through, if there is one.
#[expect(clippy::disallowed_methods, reason = "what to print is asked of the person, not of the run")]
fn listener() -> Option<Dispatch> {
    let filter = std::env::var("DUPEPROOF_LOG").ok().filter(|filter| !filter.is_empty())?;
    let filter = filter.parse().unwrap_or_else(|error| panic!("DUPEPROOF_LOG: {error}"));
    Some(log::dispatch(filter, LogFormat::Human, std::io::stderr))
}
