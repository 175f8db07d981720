//! What there is to know of one fault.

use dupeproof_core::Span;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault, Schedule, ServerPlan, Step};
use dupeproof_sim::{Event, ServiceError};

use super::draw::Draw;
use super::evidence::Evidence;
use super::extent::Extent;
use super::group::Group;
use super::target::Target;

/// One fault.
pub(crate) struct FaultRow {
    /// The name, as worlds, scenario files and reports use it.
    pub(crate) name: &'static str,
    /// One line for people.
    pub(crate) about: &'static str,
    /// What a finding needs that needs it, where no size tells more: `a freeze`.
    pub(crate) words: &'static str,
    /// The sizes that it has; a schedule with the fault may have any of them, or none.
    pub(crate) extents: &'static [Extent],
    /// Whether it strikes by chance, so that its counter says how often it struck.
    pub(crate) by_chance: bool,
    /// Of its mildest form: sizes can be less real.
    pub(crate) evidence: Evidence,
    /// Where it is documented or was reported, or what it is inferred from.
    pub(crate) source: &'static str,
    /// What decides whether it exists in a schedule.
    pub(crate) stream: Stream,
    /// Whether a step of the timeline is it.
    pub(crate) is: fn(&Action) -> bool,
    /// How it comes into a schedule in which it exists.
    pub(crate) draws: &'static [Draws],
    /// What it does to single requests, if that is what it does.
    pub(crate) request: Option<RequestRow>,
    /// Takes it out of everything but the timeline.
    pub(crate) take_out: fn(&mut Schedule),
    pub(crate) cause: CauseRow,
    /// The counters that show it. None for a condition that is no event of its own: what such a one changes,
    /// [`crate::audit`] shows.
    pub(crate) probes: &'static [Sign],
}

impl FaultRow {
    /// One that does nothing, to be filled in.
    pub(super) const BLANK: FaultRow = FaultRow {
        name: "",
        about: "",
        words: "",
        extents: &[],
        by_chance: false,
        evidence: Evidence::NeverSeen,
        source: "",
        stream: Stream::Shared,
        is: |_| false,
        draws: &[],
        request: None,
        take_out: |_| {},
        cause: CauseRow::Itself,
        probes: &[],
    };
}

/// The stream that something is drawn from. The draws of all but the last must never move, or all seeds mean other
/// schedules: a new fault draws from a stream of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// That of most faults.
    Shared,
    /// The same, before what happens to single requests is drawn.
    First,
    /// That of the servers' plans.
    Servers,
    /// That of what only those feel who use memory stores.
    MemoryStores,
    /// One of its own, by the name of the fault.
    Own,
}

/// One way in which a fault comes into a schedule.
pub(crate) struct Draws {
    pub(crate) stream: Stream,
    /// Of the faults of one stream, those with smaller numbers draw first.
    pub(crate) turn: u8,
    pub(crate) what: What,
}

/// Appends steps.
pub(crate) type Strike = fn(&mut Draw, &Target<'_>, &mut Vec<Step>);
/// Changes what holds throughout a schedule.
pub(crate) type Set = fn(&mut Draw, &mut Schedule);
/// Changes one server's plan.
pub(crate) type SetPlan = fn(&mut Draw, &mut ServerPlan);

/// What is drawn.
#[derive(Clone, Copy)]
pub(crate) enum What {
    Steps(Strike),
    Setting(Set),
    /// For each server in turn.
    Plan(SetPlan),
}

impl Draws {
    /// Steps of the timeline.
    pub(super) const fn steps(stream: Stream, turn: u8, strike: Strike) -> Draws {
        Draws { stream, turn, what: What::Steps(strike) }
    }

    /// What holds throughout a schedule.
    pub(super) const fn setting(stream: Stream, turn: u8, set: Set) -> Draws {
        Draws { stream, turn, what: What::Setting(set) }
    }

    /// A part of each server's plan.
    pub(super) const fn plan(turn: u8, set: SetPlan) -> Draws {
        Draws { stream: Stream::Servers, turn, what: What::Plan(set) }
    }
}

/// What a fault does to single requests, as chosen or in the background.
#[derive(Clone, Copy)]
pub(crate) struct RequestRow {
    /// What happens to the request, so late where it is late.
    pub(crate) fault: fn(Span) -> RequestFault,
    /// The kinds of request that it can happen to.
    pub(crate) classes: &'static [RequestClass],
    /// Whether it is drawn for requests to memory stores, too. What nobody has seen there is left to those who set its
    /// knobs.
    pub(crate) in_memory_stores: bool,
    /// What becomes of a request, as the end of a knob's line.
    pub(crate) knob: &'static str,
    /// The same in a memory store, where it has to be said otherwise.
    pub(crate) memory_knob: &'static str,
}

/// What a fault counts as among the causes of a finding.
#[derive(Clone, Copy)]
pub(crate) enum CauseRow {
    /// Itself.
    Itself,
    /// The same as others.
    As(Group),
    /// What depends on the service that a step is about.
    ByService(fn(ServiceName) -> Group),
    /// What depends on whether it is met by requests that read, or by those that write.
    ByRequest {
        /// By those that read.
        reads: Group,
        /// By those that write.
        writes: Group,
    },
}

/// A counter that shows a fault.
pub(crate) struct Sign {
    /// The name, as suites and reports use it.
    pub(crate) name: &'static str,
    /// One line for people.
    pub(crate) about: &'static str,
    pub(crate) shows: Shows,
}

/// What is counted: whether an event of this sort is it. Errors and request faults are the frequent ones, so that nothing
/// but their own signs is asked about them.
pub(crate) enum Shows {
    /// The answer to a request of this kind is this error.
    Error(ShowsError),
    /// A request of this kind met this.
    RequestFault(ShowsRequestFault),
    /// Any other event, on servers with these plans.
    Event(ShowsEvent),
}

pub(crate) type ShowsError = fn(RequestKind, &ServiceError) -> bool;
pub(crate) type ShowsRequestFault = fn(RequestKind, &RequestFault) -> bool;
pub(crate) type ShowsEvent = fn(&Event, &[ServerPlan]) -> bool;
