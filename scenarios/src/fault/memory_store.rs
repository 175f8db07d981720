//! MemoryStoreService. Who does not use it has the same run whatever it is like, so these draw from a stream apart.

use dupeproof_sim::ServiceError;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::request::MemoryError;
use dupeproof_sim::schedule::{Action, MemoryStoreProfile, RequestFault};
use dupeproof_sim::trace::Event;

use super::data_store::{lasting, outage};
use super::evidence::Evidence;
use super::extent::{Extent, ExtentOf, Field};
use super::group::Group;
use super::request::{LATE_APPLY, LATE_REPLY, struck};
use super::request_fault_plan::RequestFaultPlan;
use super::row::{CauseRow, Draws, FaultRow, Shows, Sign, Stream};

pub(super) const FAULTS: &[FaultRow] = &[
    FaultRow {
        name: "outage_memory_store",
        about: "MemoryStoreService refuses everything for a while, and items expire",
        words: "an outage of memory stores",
        extents: &[Extent {
            words: "an outage of memory stores of {}",
            of: ExtentOf::Steps(|action| lasting(action, ServiceName::MemoryStore)),
            ..Extent::BLANK
        }],
        evidence: Evidence::Documented,
        source: "memory stores guide: InternalError",
        stream: Stream::MemoryStores,
        is: |action| matches!(action, Action::Outage { service: ServiceName::MemoryStore, .. }),
        draws: &[Draws::steps(Stream::MemoryStores, 0, |draw, target, steps| {
            for _ in 0..=draw.below(3) {
                outage(draw, target, ServiceName::MemoryStore, steps);
            }
        })],
        cause: CauseRow::As(Group::MemoryStore),
        probes: &[Sign {
            name: "outage_memory_store",
            about: "Outages of MemoryStoreService.",
            shows: Shows::Event(|event, _| matches!(event, Event::OutageBegan { service: ServiceName::MemoryStore })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "memory_store_latency",
        about: "requests to memory stores are unusually slow",
        words: "slow memory stores",
        extents: &[Extent {
            words: "the way to memory stores taking up to {}",
            least: "",
            of: ExtentOf::Knob("memory_latency_max_ms"),
            ..Extent::BLANK
        }],
        evidence: Evidence::Inferred,
        source: "memory stores guide: \"low latency\", without a figure",
        stream: Stream::MemoryStores,
        draws: &[Draws::setting(Stream::MemoryStores, 0, |draw, schedule| {
            schedule.services.memory_store.latency = draw.unusual_latency();
        })],
        take_out: |schedule| schedule.services.memory_store.latency = MemoryStoreProfile::default().latency,
        cause: CauseRow::As(Group::MemoryStore),
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "memory_store_errors",
        about: "requests to memory stores fail, applied or not, or are answered late or never",
        words: "a failing request to memory stores",
        extents: &[
            Extent {
                words: "a request to memory stores that fails",
                of: ExtentOf::Struck(|action| {
                    let fault = struck(action, ServiceName::MemoryStore);
                    fault.is_some_and(|mut fault| fault.span_mut().is_none())
                }),
                ..Extent::BLANK
            },
            Extent {
                words: "an answer of memory stores {} late",
                of: ExtentOf::Steps(|action| late(action, |fault| matches!(fault, RequestFault::LateReply { .. }))),
                beyond: LATE_REPLY,
                ..Extent::BLANK
            },
            Extent {
                words: "a write to memory stores applied {} after it failed",
                of: ExtentOf::Steps(|action| late(action, |fault| matches!(fault, RequestFault::LateApply { .. }))),
                beyond: LATE_APPLY,
                ..Extent::BLANK
            },
        ],
        is: |action| struck(action, ServiceName::MemoryStore).is_some(),
        by_chance: true,
        evidence: Evidence::Inferred,
        source: "memory stores guide: InternalError; that some were applied follows from the DataStore's",
        stream: Stream::MemoryStores,
        draws: &[Draws::setting(Stream::MemoryStores, 1, |draw, schedule| {
            schedule.services.memory_store.faults = RequestFaultPlan::of_memory_stores(draw).steady(draw);
        })],
        take_out: |schedule| schedule.services.memory_store.faults = MemoryStoreProfile::default().faults,
        cause: CauseRow::As(Group::MemoryStore),
        probes: &[Sign {
            name: "memory_store_request_fault",
            about: "Requests to memory stores that were refused, lost, late or applied otherwise than asked.",
            shows: Shows::RequestFault(|kind, _| kind.service() == ServiceName::MemoryStore),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "memory_store_limits",
        about: "other servers use nearly all request units of memory stores: requests fail",
        words: "few request units of memory stores",
        extents: &[Extent {
            words: "{} of the request units of memory stores",
            least: "",
            of: ExtentOf::Knob("memory_units_ppm"),
            ..Extent::BLANK
        }],
        evidence: Evidence::Documented,
        source: "memory stores guide: 1,000 units a minute and 120 for each user, TotalRequestsOverLimit",
        stream: Stream::MemoryStores,
        draws: &[Draws::setting(Stream::MemoryStores, 2, |draw, schedule| {
            schedule.services.memory_store.units_ppm = draw.pick(&[500, 1_000, 3_000]);
        })],
        take_out: |schedule| schedule.services.memory_store.units_ppm = MemoryStoreProfile::default().units_ppm,
        cause: CauseRow::As(Group::MemoryStore),
        probes: &[Sign {
            name: "memory_store_throttled",
            about: "Requests to memory stores turned away by a limit that all servers share.",
            shows: Shows::Error(|_, error| matches!(error, ServiceError::Memory(MemoryError::Requests))),
        }],
        ..FaultRow::BLANK
    },
];

/// How late a step makes a request to memory stores, if it is such a fault.
fn late(action: &mut Action, is: fn(RequestFault) -> bool) -> Option<Field<'_>> {
    match action {
        Action::FailNext { service: ServiceName::MemoryStore, fault, .. } if is(*fault) => {
            fault.span_mut().map(Field::Span)
        }
        _ => None,
    }
}
