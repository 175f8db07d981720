//! Clocks that are wrong.

use dupeproof_sim::schedule::{Action, Step, WorldClock};
use dupeproof_sim::trace::Event;

use super::evidence::Evidence;
use super::extent::{Beyond, Extent, ExtentOf, Field, SECOND};
use super::group::Group;
use super::row::{CauseRow, Draws, FaultRow, Shows, Sign, Stream};

/// How far off the rate of a clock can be, and what is known of that.
const RATE: &[Beyond] = &[Beyond {
    above: 6_000,
    evidence: Evidence::NeverSeen,
    source: "no report of a clock whose rate is further off than the 0.6 % of GetServerTimeNow",
}];

pub(super) const FAULTS: &[FaultRow] = &[
    FaultRow {
        name: "clock_offset",
        about: "a server's wall clock is off by seconds to hours",
        words: "a clock that is off",
        extents: &[Extent {
            words: "a clock {} ahead",
            below: "a clock {} behind",
            of: ExtentOf::Knob("server_unix_offset_ms"),
            beyond: &[
                Beyond {
                    above: SECOND,
                    evidence: Evidence::Inferred,
                    source: "a clock that nothing synchronises for half an hour, at the 0.6 % of GetServerTimeNow; ProfileService's source: os.time \"is not completely reliable\"",
                },
                Beyond {
                    above: 10 * SECOND,
                    evidence: Evidence::NeverSeen,
                    source: "no report of servers whose os.time differ by so much",
                },
            ],
            ..Extent::BLANK
        }],
        evidence: Evidence::Documented,
        source: "os library: \"within a few hundred milliseconds\" if synchronised; globals, tick: \"off by up to one second\"",
        draws: &[Draws::plan(0, |draw, plan| plan.unix_offset = draw.unix_offset())],
        take_out: |schedule| schedule.servers.iter_mut().for_each(|server| server.unix_offset = 0),
        cause: CauseRow::As(Group::Clocks),
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "clock_rate",
        about: "a server's clocks run too fast or too slow",
        words: "a clock at another rate",
        extents: &[Extent {
            words: "a clock {} too fast",
            below: "a clock {} too slow",
            of: ExtentOf::Knob("server_rate_ppm"),
            beyond: RATE,
            ..Extent::BLANK
        }],
        evidence: Evidence::Documented,
        source: "class reference, Workspace:GetServerTimeNow: its rate differs from the local clock's by up to 0.6 %",
        draws: &[Draws::plan(1, |draw, plan| plan.rate_ppm = draw.rate_ppm())],
        take_out: |schedule| schedule.servers.iter_mut().for_each(|server| server.rate_ppm = 0),
        cause: CauseRow::As(Group::Clocks),
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "clock_step",
        about: "a server's wall clock jumps",
        words: "a clock that is set",
        extents: &[Extent {
            words: "a clock set ahead by {}",
            below: "a clock set back by {}",
            of: ExtentOf::Steps(|action| match action {
                Action::ClockStep { by, .. } => Some(Field::Offset(by)),
                _ => None,
            }),
            beyond: &[Beyond {
                above: 10 * SECOND,
                evidence: Evidence::NeverSeen,
                source: "no report of an os.time that jumped by so much",
            }],
            ..Extent::BLANK
        }],
        evidence: Evidence::Inferred,
        source: "os.clock is documented as \"unaffected by NTP\", so os.time is not",
        is: |action| matches!(action, Action::ClockStep { .. }),
        draws: &[Draws::steps(Stream::Shared, 7, |draw, target, steps| {
            target.several(draw, |draw| {
                let (at, server) = target.pick(draw);
                let by = draw.unix_offset();
                steps.push(Step { at, action: Action::ClockStep { server, by } });
            });
        })],
        cause: CauseRow::As(Group::Clocks),
        probes: &[Sign {
            name: "clock_stepped",
            about: "Wall clocks that were set.",
            shows: Shows::Event(|event, _| matches!(event, Event::Acted { action: Action::ClockStep { .. }, .. })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "backend_clock",
        about: "the backend's own clock is off, or runs too fast or too slow",
        words: "a backend's clock that is off",
        extents: &[
            Extent {
                words: "the backend's clock {} ahead",
                below: "the backend's clock {} behind",
                of: ExtentOf::Knob("backend_offset_ms"),
                beyond: &[Beyond {
                    above: 10 * SECOND,
                    evidence: Evidence::NeverSeen,
                    source: "no report of a backend whose clock was off by so much",
                }],
                ..Extent::BLANK
            },
            Extent {
                words: "the backend's clock {} too fast",
                below: "the backend's clock {} too slow",
                of: ExtentOf::Knob("backend_rate_ppm"),
                beyond: RATE,
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Inferred,
        source: "UpdatedTime is by the backend's clock, and no bound to a server's is documented",
        draws: &[Draws::setting(Stream::Shared, 11, |draw, schedule| {
            schedule.clocks.backend_offset = draw.unix_offset();
            schedule.clocks.backend_rate_ppm = draw.rate_ppm();
        })],
        take_out: |schedule| {
            let WorldClock { before_the_hour, .. } = schedule.clocks;
            schedule.clocks = WorldClock { before_the_hour, ..WorldClock::default() };
        },
        cause: CauseRow::As(Group::Clocks),
        ..FaultRow::BLANK
    },
];
