//! What the DataStore lets through.

use dupeproof_sim::ServiceError;
use dupeproof_sim::schedule::Limits;
use dupeproof_sim::trace::Event;

use super::evidence::Evidence;
use super::extent::{Extent, ExtentOf};
use super::group::Group;
use super::row::{CauseRow, Draws, FaultRow, Shows, Sign, Stream};
use crate::between::Between;

pub(super) const FAULTS: &[FaultRow] = &[
    FaultRow {
        name: "server_limits",
        about: "a server has few requests per minute: requests wait for budget, and are dropped when too many wait",
        words: "a server with few requests a minute",
        extents: &[Extent {
            words: "a server with {} of its requests",
            least: "",
            of: ExtentOf::Knob("server_limit_percent"),
            ..Extent::BLANK
        }],
        evidence: Evidence::Documented,
        source: "error-codes-and-limits: limits by server, queues of 30",
        draws: &[Draws::setting(Stream::Shared, 6, |draw, schedule| {
            let limits = &mut schedule.services.limits;
            limits.server_percent = u32::from(Between { min: 3, max: 20 }.draw(draw));
            limits.startup_burst = 1 + u32::from(draw.below(6));
            limits.saved_seconds = 10;
            limits.queue = draw.pick(&[3, 10, 30]);
        })],
        take_out: |schedule| {
            let (limits, ordinary) = (&mut schedule.services.limits, Limits::default());
            limits.server_percent = ordinary.server_percent;
            limits.startup_burst = ordinary.startup_burst;
            limits.saved_seconds = ordinary.saved_seconds;
            limits.queue = ordinary.queue;
        },
        cause: CauseRow::As(Group::Unavailable),
        probes: &[Sign {
            name: "throttled",
            about: "Requests that waited for budget.",
            shows: Shows::Event(|event, _| matches!(event, Event::Throttled { .. })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "unordered_queues",
        about: "requests that wait for budget are not sent in their order",
        words: "queues that keep no order",
        evidence: Evidence::Reported,
        source: "DocumentService's source (2026-03); error-codes-and-limits says \"in the order they are received\"",
        draws: &[Draws::setting(Stream::Shared, 7, |_, schedule| schedule.services.limits.fifo = false)],
        take_out: |schedule| schedule.services.limits.fifo = Limits::default().fifo,
        cause: CauseRow::As(Group::Unavailable),
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "experience_load",
        about: "other servers use up the limits that all servers share",
        words: "little left of the experience's limits",
        extents: &[Extent {
            words: "other servers using {} of the experience's limits",
            least: "",
            of: ExtentOf::Knob("other_load_percent"),
            ..Extent::BLANK
        }],
        evidence: Evidence::Documented,
        source: "error-codes-and-limits (2026-04): experience limits, shared by all servers and Open Cloud",
        draws: &[Draws::setting(Stream::Shared, 8, |draw, schedule| {
            let limits = &mut schedule.services.limits;
            limits.other_load_percent = draw.pick(&[70, 95, 120]);
            limits.other_players = draw.pick(&[0, 10, 100]);
        })],
        take_out: |schedule| {
            let (limits, ordinary) = (&mut schedule.services.limits, Limits::default());
            limits.experience_percent = ordinary.experience_percent;
            limits.other_players = ordinary.other_players;
            limits.other_load_percent = ordinary.other_load_percent;
        },
        cause: CauseRow::As(Group::Unavailable),
        probes: &[Sign {
            name: "experience_throttled",
            about: "Requests turned away by a limit that all servers share.",
            shows: Shows::Error(|_, error| matches!(error, ServiceError::ExperienceThrottled(_))),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "key_throughput",
        about: "profiles are so large that the throughput of a key is used up",
        words: "large profiles",
        extents: &[Extent { words: "profiles of {}", least: "", of: ExtentOf::Knob("padding_kb"), ..Extent::BLANK }],
        evidence: Evidence::Documented,
        source: "error-codes-and-limits: 25 MB of reads and 4 MB of writes a minute for each key",
        draws: &[Draws::setting(Stream::Shared, 9, |draw, schedule| {
            schedule.services.limits.padding_kb = draw.pick(&[300, 1_000, 4_000]);
        })],
        take_out: |schedule| schedule.services.limits.padding_kb = Limits::default().padding_kb,
        cause: CauseRow::As(Group::Unavailable),
        probes: &[Sign {
            name: "key_throttled",
            about: "Requests turned away by the throughput limit of their key.",
            shows: Shows::Error(|_, error| matches!(error, ServiceError::KeyThrottled)),
        }],
        ..FaultRow::BLANK
    },
];
