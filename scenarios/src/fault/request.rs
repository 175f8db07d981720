//! What happens to single requests to a service that keeps values.

use dupeproof_core::Span;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault, Schedule};

use super::evidence::Evidence;
use super::extent::{Beyond, Extent, ExtentOf, Field, SECOND};
use super::group::Group;
use super::row::{CauseRow, FaultRow, RequestRow, Shows, Sign};

/// The kinds of request that only read.
pub(crate) const READS: [RequestClass; 2] = [RequestClass::Read, RequestClass::List];
/// Those that write.
pub(crate) const WRITES: [RequestClass; 3] = [RequestClass::Write, RequestClass::Set, RequestClass::Remove];

/// How late an answer can be, and what is known of that.
pub(super) const LATE_REPLY: &[Beyond] = &[
    Beyond {
        above: 7 * SECOND,
        evidence: Evidence::Inferred,
        source: "no time limit of a request is documented, nor one of the time that it waits",
    },
    Beyond {
        above: 60 * SECOND,
        evidence: Evidence::NeverSeen,
        source: "nobody has reported an answer that came later",
    },
];

/// How late a request can be applied, and what is known of that.
pub(super) const LATE_APPLY: &[Beyond] = &[
    Beyond {
        above: 10 * SECOND,
        evidence: Evidence::Inferred,
        source: "the same article, which states no time: a retry inside the backend may come as late as anything",
    },
    Beyond {
        above: 120 * SECOND,
        evidence: Evidence::NeverSeen,
        source: "nobody has reported a write that came later",
    },
];

/// Each is drawn by [`super::RequestFaultPlan`]: all of one schedule together.
pub(super) const FAULTS: &[FaultRow] = &[
    FaultRow {
        name: "refused",
        about: "the DataStore answers with an error and applies nothing",
        words: "refused requests",
        extents: &[
            Extent {
                words: "a refused read",
                of: ExtentOf::Struck(|action| meets(action, &READS, RequestFault::Refused)),
                ..Extent::BLANK
            },
            Extent {
                words: "a refused write",
                of: ExtentOf::Struck(|action| meets(action, &WRITES, RequestFault::Refused)),
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Documented,
        source: "error-codes-and-limits: 502, 501, InternalServerError",
        is: |action| struck(action, ServiceName::DataStore).is_some_and(|fault| matches!(fault, RequestFault::Refused)),
        request: Some(RequestRow {
            fault: |_| RequestFault::Refused,
            classes: &RequestClass::ALL,
            in_memory_stores: true,
            knob: "that are answered with an error and not applied",
            memory_knob: "that are answered with an error and not applied",
        }),
        take_out: |schedule| never(schedule, RequestFault::Refused),
        cause: CauseRow::ByRequest { reads: Group::Reads, writes: Group::RefusedWrites },
        probes: &[Sign {
            name: "refused",
            about: "Requests the DataStore refused.",
            shows: Shows::RequestFault(|kind, fault| is_of_data_store(kind) && matches!(fault, RequestFault::Refused)),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "applied_then_error",
        about: "the DataStore applies the request and answers with an error",
        words: "requests applied and answered with an error",
        extents: &[
            Extent {
                words: "a read answered with an error",
                of: ExtentOf::Struck(|action| meets(action, &READS, RequestFault::AppliedThenError)),
                ..Extent::BLANK
            },
            Extent {
                words: "a write applied and answered with an error",
                of: ExtentOf::Struck(|action| meets(action, &WRITES, RequestFault::AppliedThenError)),
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Documented,
        source: "error-codes-and-limits (2026-04-02): a failed write \"does not always guarantee that the backend write did not occur\"",
        is: |action| {
            struck(action, ServiceName::DataStore).is_some_and(|fault| matches!(fault, RequestFault::AppliedThenError))
        },
        request: Some(RequestRow {
            fault: |_| RequestFault::AppliedThenError,
            classes: &RequestClass::ALL,
            in_memory_stores: true,
            knob: "that are applied and answered with an error",
            memory_knob: "that are applied and answered with an error",
        }),
        take_out: |schedule| never(schedule, RequestFault::AppliedThenError),
        cause: CauseRow::ByRequest { reads: Group::Reads, writes: Group::Ambiguous },
        probes: &[Sign {
            name: "applied_then_error",
            about: "Requests applied and answered with an error.",
            shows: Shows::RequestFault(|kind, fault| {
                is_of_data_store(kind) && matches!(fault, RequestFault::AppliedThenError)
            }),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "lost_reply",
        about: "the DataStore applies the request and its answer never comes",
        words: "requests that are never answered",
        extents: &[
            Extent {
                words: "a read that is never answered",
                of: ExtentOf::Struck(|action| meets(action, &READS, RequestFault::LostReply)),
                ..Extent::BLANK
            },
            Extent {
                words: "a write applied and never answered",
                of: ExtentOf::Struck(|action| meets(action, &WRITES, RequestFault::LostReply)),
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Inferred,
        source: "the same page: the server \"did not receive a successful response\"",
        is: |action| {
            struck(action, ServiceName::DataStore).is_some_and(|fault| matches!(fault, RequestFault::LostReply))
        },
        request: Some(RequestRow {
            fault: |_| RequestFault::LostReply,
            classes: &RequestClass::ALL,
            in_memory_stores: true,
            knob: "that are applied and never answered",
            memory_knob: "that are applied and never answered",
        }),
        take_out: |schedule| never(schedule, RequestFault::LostReply),
        cause: CauseRow::ByRequest { reads: Group::Reads, writes: Group::Ambiguous },
        probes: &[Sign {
            name: "lost_reply",
            about: "Requests applied and never answered.",
            shows: Shows::RequestFault(|kind, fault| {
                is_of_data_store(kind) && matches!(fault, RequestFault::LostReply)
            }),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "late_reply",
        about: "the DataStore applies the request and answers late",
        words: "late answers",
        extents: &[
            Extent {
                words: "a read answered {} late",
                of: ExtentOf::Steps(|action| late(action, &READS, is_late_reply)),
                beyond: LATE_REPLY,
                ..Extent::BLANK
            },
            Extent {
                words: "reads answered up to {} late",
                least: "",
                of: ExtentOf::Lateness(&READS, RequestFault::LateReply { span: Span::ZERO }),
                beyond: LATE_REPLY,
                ..Extent::BLANK
            },
            Extent {
                words: "a write answered {} late",
                of: ExtentOf::Steps(|action| late(action, &WRITES, is_late_reply)),
                beyond: LATE_REPLY,
                ..Extent::BLANK
            },
            Extent {
                words: "writes answered up to {} late",
                least: "",
                of: ExtentOf::Lateness(&WRITES, RequestFault::LateReply { span: Span::ZERO }),
                beyond: LATE_REPLY,
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Reported,
        source: "ProfileStore's documentation: loads slower than 5 s; ProfileService: up to 7 s",
        is: |action| {
            struck(action, ServiceName::DataStore).is_some_and(|fault| matches!(fault, RequestFault::LateReply { .. }))
        },
        request: Some(RequestRow {
            fault: |span| RequestFault::LateReply { span },
            classes: &RequestClass::ALL,
            in_memory_stores: true,
            knob: "that are applied and answered late",
            memory_knob: "that are applied and answered late",
        }),
        take_out: |schedule| never(schedule, RequestFault::LateReply { span: Span::ZERO }),
        cause: CauseRow::ByRequest { reads: Group::Reads, writes: Group::Ambiguous },
        probes: &[Sign {
            name: "late_reply",
            about: "Requests applied and answered late.",
            shows: Shows::RequestFault(|kind, fault| {
                is_of_data_store(kind) && matches!(fault, RequestFault::LateReply { .. })
            }),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "late_apply",
        about: "the DataStore answers with an error at once and applies the request later",
        words: "writes applied after they failed",
        extents: &[
            Extent {
                words: "a read answered with an error",
                of: ExtentOf::Steps(|action| late(action, &READS, is_late_apply)),
                beyond: LATE_APPLY,
                ..Extent::BLANK
            },
            Extent {
                words: "reads answered with an error",
                least: "",
                of: ExtentOf::Lateness(&READS, RequestFault::LateApply { span: Span::ZERO }),
                beyond: LATE_APPLY,
                ..Extent::BLANK
            },
            Extent {
                words: "a write applied {} after it failed",
                of: ExtentOf::Steps(|action| late(action, &WRITES, is_late_apply)),
                beyond: LATE_APPLY,
                ..Extent::BLANK
            },
            Extent {
                words: "writes applied up to {} after they failed",
                least: "",
                of: ExtentOf::Lateness(&WRITES, RequestFault::LateApply { span: Span::ZERO }),
                beyond: LATE_APPLY,
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Reported,
        source: "codermitchell.com, datastore-write-correctness: a dupe on 2026-05-07, though a read had verified",
        is: |action| {
            struck(action, ServiceName::DataStore).is_some_and(|fault| matches!(fault, RequestFault::LateApply { .. }))
        },
        request: Some(RequestRow {
            fault: |span| RequestFault::LateApply { span },
            classes: &RequestClass::ALL,
            in_memory_stores: true,
            knob: "that are answered with an error at once and applied later",
            memory_knob: "that are answered with an error at once and applied later",
        }),
        take_out: |schedule| never(schedule, RequestFault::LateApply { span: Span::ZERO }),
        cause: CauseRow::ByRequest { reads: Group::Reads, writes: Group::LateWrite },
        probes: &[Sign {
            name: "late_apply",
            about: "Requests answered with an error and applied later.",
            shows: Shows::RequestFault(|kind, fault| {
                is_of_data_store(kind) && matches!(fault, RequestFault::LateApply { .. })
            }),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "applied_twice",
        about: "the DataStore applies the request and answers, and applies it once more later",
        words: "writes applied twice",
        extents: &[
            Extent {
                words: "a write applied again {} later",
                of: ExtentOf::Steps(|action| late(action, &WRITES, is_twice)),
                ..Extent::BLANK
            },
            Extent {
                words: "writes applied again up to {} later",
                least: "",
                of: ExtentOf::Lateness(&WRITES, RequestFault::AppliedTwice { span: Span::ZERO }),
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::NeverSeen,
        source: "nothing documents that a backend never retries by itself",
        is: |action| {
            struck(action, ServiceName::DataStore)
                .is_some_and(|fault| matches!(fault, RequestFault::AppliedTwice { .. }))
        },
        request: Some(RequestRow {
            fault: |span| RequestFault::AppliedTwice { span },
            classes: &WRITES,
            in_memory_stores: false,
            knob: "that are applied once more later (writes only; not documented)",
            memory_knob: "that are applied once more later (writes only; not documented)",
        }),
        take_out: |schedule| never(schedule, RequestFault::AppliedTwice { span: Span::ZERO }),
        cause: CauseRow::As(Group::LateWrite),
        probes: &[Sign {
            name: "applied_twice",
            about: "Requests applied, and applied once more later.",
            shows: Shows::RequestFault(|kind, fault| {
                is_of_data_store(kind) && matches!(fault, RequestFault::AppliedTwice { .. })
            }),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "nil_read",
        about: "a read finds nothing though there is something, as in January 2019",
        words: "a read that finds nothing",
        extents: &[Extent {
            words: "a read that finds nothing",
            of: ExtentOf::Struck(|action| meets(action, &READS, RequestFault::NilRead)),
            ..Extent::BLANK
        }],
        evidence: Evidence::Documented,
        source: "staff, devforum 239553: 7 to 15 January 2019",
        is: |action| struck(action, ServiceName::DataStore).is_some_and(|fault| matches!(fault, RequestFault::NilRead)),
        request: Some(RequestRow {
            fault: |_| RequestFault::NilRead,
            classes: &READS,
            in_memory_stores: false,
            knob: "that find nothing though there is something (reads only; January 2019)",
            memory_knob: "that find nothing though there is something (reads only)",
        }),
        take_out: |schedule| never(schedule, RequestFault::NilRead),
        probes: &[Sign {
            name: "nil_read",
            about: "Reads that found nothing though there was something.",
            shows: Shows::RequestFault(|kind, fault| is_of_data_store(kind) && matches!(fault, RequestFault::NilRead)),
        }],
        ..FaultRow::BLANK
    },
];

/// Whether a step makes a request of these classes meet this.
fn meets(action: &Action, classes: &[RequestClass], wanted: RequestFault) -> bool {
    let is_one = |action| matches!(action, &Action::FailNext { class, .. } if classes.contains(&class));
    struck(action, ServiceName::DataStore) == Some(wanted) && is_one(action)
}

/// What a step makes a request to a service meet.
pub(super) fn struck(action: &Action, by: ServiceName) -> Option<RequestFault> {
    match action {
        Action::FailNext { service, fault, .. } if *service == by => Some(*fault),
        _ => None,
    }
}

/// How late a step makes a request of these classes, if it is such a fault.
fn late<'a>(action: &'a mut Action, classes: &[RequestClass], is: fn(RequestFault) -> bool) -> Option<Field<'a>> {
    match action {
        Action::FailNext { service: ServiceName::DataStore, class, fault, .. }
            if is(*fault) && classes.contains(class) =>
        {
            fault.span_mut().map(Field::Span)
        }
        _ => None,
    }
}

fn is_late_reply(fault: RequestFault) -> bool {
    matches!(fault, RequestFault::LateReply { .. })
}

fn is_late_apply(fault: RequestFault) -> bool {
    matches!(fault, RequestFault::LateApply { .. })
}

fn is_twice(fault: RequestFault) -> bool {
    matches!(fault, RequestFault::AppliedTwice { .. })
}

/// Takes a fault out of the background.
fn never(schedule: &mut Schedule, fault: RequestFault) {
    for class in RequestClass::ALL {
        *schedule.services.faults.of_mut(class).of_mut(fault) = 0;
    }
}

/// The same faults of memory stores are a fault of their own.
fn is_of_data_store(kind: RequestKind) -> bool {
    kind.service() == ServiceName::DataStore
}
