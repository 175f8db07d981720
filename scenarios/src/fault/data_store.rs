//! The DataStore as a whole.

use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, Step};
use dupeproof_sim::trace::Event;

use super::draw::Draw;
use super::evidence::Evidence;
use super::group::Group;
use super::row::{CauseRow, Draws, FaultRow, Shows, Sign, Stream};
use super::target::Target;

pub(super) const FAULTS: &[FaultRow] = &[FaultRow {
    name: "outage_datastore",
    about: "the DataStore refuses everything for a while",
    evidence: Evidence::Documented,
    source: "error-codes-and-limits: 502 and InternalServerError; the outage of 2021-10-28 to 31",
    is: |action| matches!(action, Action::Outage { service: ServiceName::DataStore, .. }),
    draws: &[Draws::steps(Stream::Shared, 5, |draw, target, steps| {
        target.several(draw, |draw| outage(draw, target, ServiceName::DataStore, steps));
    })],
    cause: CauseRow::As(Group::Unavailable),
    probes: &[Sign {
        name: "outage_datastore",
        about: "Outages of the DataStore.",
        shows: Shows::Event(|event, _| matches!(event, Event::OutageBegan { service: ServiceName::DataStore })),
    }],
    ..FaultRow::BLANK
}];

/// A service refuses everything for a while.
pub(super) fn outage(draw: &mut Draw, target: &Target<'_>, service: ServiceName, steps: &mut Vec<Step>) {
    let (at, _) = target.pick(draw);
    steps.push(Step { at, action: Action::Outage { service, span: draw.cut() } });
}
