//! The ways between servers and services.

use dupeproof_core::Span;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, Direction, Latency, Schedule, ServiceProfile, Step};
use dupeproof_sim::trace::Event;

use super::draw::Draw;
use super::evidence::Evidence;
use super::extent::{Beyond, Extent, ExtentOf, Field, SECOND};
use super::group::Group;
use super::row::{CauseRow, Draws, FaultRow, Shows, Sign, Stream};
use super::target::Target;
use crate::between::Between;

/// How long one way to a service can take, and what is known of that.
const SLOW: &[Beyond] = &[Beyond {
    above: 7 * SECOND / 2,
    evidence: Evidence::NeverSeen,
    source: "no report of calls that mostly took longer than the 7 s of ProfileService's maintainer",
}];

/// For how long a server can be cut off, and what is known of that.
const CUT_OFF: &[Beyond] = &[Beyond {
    above: 120 * SECOND,
    evidence: Evidence::NeverSeen,
    source: "nobody has reported a single server that was cut off for longer and came back",
}];

pub(super) const FAULTS: &[FaultRow] = &[
    FaultRow {
        name: "latency",
        about: "requests, or message deliveries, are unusually fast or slow",
        words: "unusual latency",
        extents: &[
            Extent {
                words: "the way to the DataStore taking up to {}",
                least: "",
                of: ExtentOf::Knob("datastore_latency_max_ms"),
                beyond: SLOW,
                ..Extent::BLANK
            },
            Extent {
                words: "the way to MessagingService taking up to {}",
                least: "",
                of: ExtentOf::Knob("messaging_latency_max_ms"),
                beyond: SLOW,
                ..Extent::BLANK
            },
            Extent {
                words: "messages under way for up to {}",
                least: "",
                of: ExtentOf::Knob("delivery_delay_max_ms"),
                beyond: &[Beyond {
                    above: 30 * SECOND,
                    evidence: Evidence::NeverSeen,
                    source: "NevermoreEngine's mock names about 30 s, documentation 1 to 2 s, and nobody more",
                }],
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Reported,
        source: "no figure is official; ProfileStore's documentation calls a load above 5 s \"too slow\"",
        draws: &[Draws::setting(Stream::First, 0, latencies)],
        take_out: |schedule| {
            let calm = ServiceProfile::default();
            schedule.services.datastore_latency = calm.datastore_latency;
            schedule.services.messaging_latency = calm.messaging_latency;
            schedule.services.delivery_delay = calm.delivery_delay;
        },
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "partition",
        about: "the link to one service holds back requests, replies, or both, until it heals",
        words: "a service out of reach",
        extents: &[
            Extent {
                words: "the DataStore out of a server's reach for {}",
                of: ExtentOf::Steps(|action| cut(action, ServiceName::DataStore)),
                beyond: CUT_OFF,
                ..Extent::BLANK
            },
            Extent {
                words: "MessagingService out of a server's reach for {}",
                of: ExtentOf::Steps(|action| cut(action, ServiceName::Messaging)),
                beyond: CUT_OFF,
                ..Extent::BLANK
            },
            Extent {
                words: "memory stores out of a server's reach for {}",
                of: ExtentOf::Steps(|action| cut(action, ServiceName::MemoryStore)),
                beyond: CUT_OFF,
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Inferred,
        source: "any network; a request's answer has no documented time limit",
        is: |action| matches!(action, Action::Partition { .. }),
        draws: &[
            Draws::steps(Stream::Shared, 3, |draw, target, steps| {
                let both = &[ServiceName::DataStore, ServiceName::Messaging];
                target.several(draw, |draw| partition(draw, target, &[&both[..1], &both[1..], both], steps));
            }),
            // Of many servers the one that cannot refresh its lock loses it to the others, which an outage for all does
            // not show.
            Draws::steps(Stream::MemoryStores, 1, |draw, target, steps| {
                for _ in 0..=draw.below(3) {
                    partition(draw, target, &[&[ServiceName::MemoryStore]], steps);
                }
            }),
        ],
        cause: CauseRow::ByService(|service| match service {
            ServiceName::DataStore => Group::Unavailable,
            ServiceName::Messaging => Group::Silence,
            ServiceName::MemoryStore => Group::MemoryStore,
        }),
        probes: &[Sign {
            name: "partitioned",
            about: "Links cut.",
            shows: Shows::Event(|event, _| matches!(event, Event::PartitionBegan { .. })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "disconnect",
        about: "a connection breaks: what is on its way is lost, and requests fail",
        words: "a broken connection",
        extents: &[
            Extent {
                words: "a broken connection to the DataStore",
                of: ExtentOf::Struck(|action| {
                    matches!(action, Action::Disconnect { service: ServiceName::DataStore, .. })
                }),
                ..Extent::BLANK
            },
            Extent {
                words: "a broken connection to MessagingService",
                of: ExtentOf::Struck(|action| {
                    matches!(action, Action::Disconnect { service: ServiceName::Messaging, .. })
                }),
                ..Extent::BLANK
            },
            Extent {
                words: "a broken connection to memory stores",
                of: ExtentOf::Struck(|action| {
                    matches!(action, Action::Disconnect { service: ServiceName::MemoryStore, .. })
                }),
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Inferred,
        source: "any network; ProfileStore looks for the error `ConnectFail`",
        is: |action| matches!(action, Action::Disconnect { .. }),
        draws: &[
            Draws::steps(Stream::Shared, 4, |draw, target, steps| {
                let services = &[ServiceName::DataStore, ServiceName::DataStore, ServiceName::Messaging];
                target.several(draw, |draw| disconnect(draw, target, services, steps));
            }),
            Draws::steps(Stream::MemoryStores, 2, |draw, target, steps| {
                disconnect(draw, target, &[ServiceName::MemoryStore], steps);
            }),
        ],
        cause: CauseRow::ByService(|service| match service {
            ServiceName::DataStore => Group::Disconnect,
            ServiceName::Messaging => Group::Silence,
            ServiceName::MemoryStore => Group::MemoryStore,
        }),
        probes: &[Sign {
            name: "disconnected",
            about: "Connections to a service that broke.",
            shows: Shows::Event(|event, _| matches!(event, Event::Disconnected { .. })),
        }],
        ..FaultRow::BLANK
    },
];

/// How long a step cuts the links to a service, if it does.
fn cut(action: &mut Action, of: ServiceName) -> Option<Field<'_>> {
    match action {
        Action::Partition { service, span, .. } if *service == of => Some(Field::Span(span)),
        _ => None,
    }
}

/// Each way unusual or not, and one at least.
fn latencies(draw: &mut Draw, schedule: &mut Schedule) {
    let services = &mut schedule.services;
    let first = draw.below(3);
    for way in 0..3 {
        let unusual = draw.percent(40) || way == first;
        match way {
            _ if !unusual => {}
            0 => services.datastore_latency = draw.unusual_latency(),
            1 => services.messaging_latency = draw.unusual_latency(),
            _ => {
                services.delivery_delay = draw.pick(&[
                    Latency { min: Span::millis(10), max: Span::millis(50) },
                    Latency { min: Span::secs(1), max: Span::secs(8) },
                    Latency { min: Span::millis(100), max: Span::secs(40) },
                ]);
            }
        }
    }
}

fn partition(draw: &mut Draw, target: &Target<'_>, services: &[&[ServiceName]], steps: &mut Vec<Step>) {
    let (at, server) = target.pick(draw);
    let services = draw.pick(services);
    let direction = draw.pick(&[Direction::ToService, Direction::FromService, Direction::Both]);
    let span = draw.cut();
    let cut = |&service| Step { at, action: Action::Partition { server, service, direction, span } };
    steps.extend(services.iter().map(cut));
}

fn disconnect(draw: &mut Draw, target: &Target<'_>, services: &[ServiceName], steps: &mut Vec<Step>) {
    let (at, server) = target.before_a_step(draw).unwrap_or_else(|| target.pick(draw));
    // While something of that step is on its way.
    let at = at + draw.span(Between { min: Span::ZERO, max: Span::secs(1) });
    let service = draw.pick(services);
    steps.push(Step { at, action: Action::Disconnect { server, service } });
}
