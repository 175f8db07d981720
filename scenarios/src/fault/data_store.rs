//! The DataStore as a whole.

use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, Step};
use dupeproof_sim::trace::Event;

use super::draw::Draw;
use super::evidence::Evidence;
use super::extent::{Extent, ExtentOf, Field};
use super::group::Group;
use super::row::{CauseRow, Draws, FaultRow, Shows, Sign, Stream};
use super::target::Target;

pub(super) const FAULTS: &[FaultRow] = &[FaultRow {
    name: "outage_datastore",
    about: "the DataStore refuses everything for a while",
    words: "an outage of the DataStore",
    extents: &[Extent {
        words: "an outage of the DataStore of {}",
        of: ExtentOf::Steps(|action| lasting(action, ServiceName::DataStore)),
        ..Extent::BLANK
    }],
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

/// How long a step has a service refuse everything, if it does.
pub(super) fn lasting(action: &mut Action, of: ServiceName) -> Option<Field<'_>> {
    match action {
        Action::Outage { service, span } if *service == of => Some(Field::Span(span)),
        _ => None,
    }
}

/// A service refuses everything for a while.
pub(super) fn outage(draw: &mut Draw, target: &Target<'_>, service: ServiceName, steps: &mut Vec<Step>) {
    let (at, _) = target.pick(draw);
    steps.push(Step { at, action: Action::Outage { service, span: draw.cut() } });
}
