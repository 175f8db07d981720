//! What happens to servers, and to all who are on one.

use dupeproof_core::Span;
use dupeproof_sim::id::Slot;
use dupeproof_sim::schedule::{Action, Lifecycle, Step};
use dupeproof_sim::trace::Event;

use super::Fault;
use super::draw::Draw;
use super::evidence::Evidence;
use super::extent::{Beyond, Extent, ExtentOf, Field, SECOND};
use super::group::Group;
use super::row::{CauseRow, Draws, FaultRow, Shows, Sign, Stream};
use super::target::Target;
use crate::between::Between;

pub(super) const FAULTS: &[FaultRow] = &[
    FaultRow {
        name: "crash",
        about: "a server stops at once and cleans up nothing",
        words: "a crash",
        evidence: Evidence::Documented,
        source: "player-data-purchasing (2026-08): \"server crashed\" is why a lock is left; CloseReason.OutOfMemory",
        is: |action| matches!(action, Action::Crash { .. }),
        draws: &[Draws::steps(Stream::Shared, 0, crash)],
        probes: &[Sign {
            name: "crashed",
            about: "Servers that stopped at once.",
            shows: Shows::Event(|event, _| matches!(event, Event::ServerCrashed { .. })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "close",
        about: "a server shuts down: BindToClose, and a kill after 30 s",
        words: "a shutdown",
        evidence: Evidence::Ordinary,
        source: "class reference, DataModel.BindToClose: up to 30 s; CloseReason: a server that is empty, an update, the developer",
        is: |action| matches!(action, Action::Close { .. }),
        draws: &[Draws::steps(Stream::Shared, 1, close)],
        cause: CauseRow::As(Group::Close),
        probes: &[
            Sign {
                name: "closed_in_time",
                about: "Servers that closed within 30 s.",
                shows: Shows::Event(|event, _| matches!(event, Event::ServerClosed { .. })),
            },
            Sign {
                name: "killed_at_30s",
                about: "Servers killed while still closing.",
                shows: Shows::Event(|event, _| matches!(event, Event::ServerKilled { .. })),
            },
        ],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "close_spread",
        about: "BindToClose and each PlayerRemoving of a closing server come seconds apart, in any order",
        words: "a shutdown whose handlers run seconds apart",
        extents: &[Extent {
            words: "handlers of a shutdown that run up to {} apart",
            least: "",
            of: ExtentOf::Knob("close_spread_ms"),
            ..Extent::BLANK
        }],
        evidence: Evidence::Reported,
        source: "no order is documented; Lapis PR 35 and NevermoreEngine PR 780 (2026-07) met both",
        draws: &[Draws::setting(Stream::Shared, 12, |draw, schedule| {
            schedule.lifecycle.close_spread = draw.pick(&[Span::secs(1), Span::secs(5), Span::secs(15)]);
        })],
        take_out: |schedule| schedule.lifecycle.close_spread = Lifecycle::default().close_spread,
        cause: CauseRow::As(Group::Close),
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "unannounced_close",
        about: "a server closes, and PlayerRemoving does not come for the players who are on it",
        words: "a shutdown without PlayerRemoving",
        evidence: Evidence::Reported,
        source: "Kampfkarren/Roblox 45 (2019) and 134 (2021); NevermoreEngine PR 780 (2026-07) saw it come",
        stream: Stream::Own,
        draws: &[Draws::setting(Stream::Own, 0, |_, schedule| schedule.lifecycle.removing_at_close = false)],
        take_out: |schedule| schedule.lifecycle.removing_at_close = true,
        cause: CauseRow::As(Group::Close),
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "move",
        about: "everybody on one server is moved to another: an update, a migration, a group that teleports",
        words: "all players of a server moved to another",
        evidence: Evidence::Documented,
        source: "update-games (2025-09, 2026-06): all of one old server go to the same new one",
        is: |action| matches!(action, Action::Move { .. }),
        draws: &[Draws::steps(Stream::Shared, 8, move_all)],
        cause: CauseRow::As(Group::Move),
        probes: &[Sign {
            name: "players_moved",
            about: "Servers whose players were all moved to another.",
            shows: Shows::Event(|event, _| matches!(event, Event::Acted { action: Action::Move { .. }, .. })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "move_spread",
        about: "those who are moved leave and arrive seconds apart, in any order",
        words: "moved players who arrive one after the other",
        extents: &[Extent {
            words: "moved players who arrive up to {} apart",
            least: "",
            of: ExtentOf::Knob("move_spread_ms"),
            beyond: &[Beyond {
                above: 30 * SECOND,
                evidence: Evidence::NeverSeen,
                source: "nobody has reported a teleport that took longer and arrived",
            }],
            ..Extent::BLANK
        }],
        evidence: Evidence::Inferred,
        source: "of a teleport's PlayerRemoving and PlayerAdded no order is documented",
        draws: &[Draws::setting(Stream::Shared, 13, |draw, schedule| {
            schedule.lifecycle.move_spread = draw.pick(&[Span::secs(1), Span::secs(5), Span::secs(30)]);
        })],
        take_out: |schedule| schedule.lifecycle.move_spread = Lifecycle::default().move_spread,
        cause: CauseRow::As(Group::Move),
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "freeze",
        about: "a server does nothing for a while, then everything at once",
        words: "a freeze",
        extents: &[Extent {
            words: "a freeze of {}",
            of: ExtentOf::Steps(|action| match action {
                Action::Freeze { span, .. } => Some(Field::Span(span)),
                _ => None,
            }),
            beyond: &[Beyond {
                above: 60 * SECOND,
                evidence: Evidence::NeverSeen,
                source: "nobody has reported a server that stood still for longer and went on",
            }],
            ..Extent::BLANK
        }],
        evidence: Evidence::Inferred,
        source: "a frame may take as long as its scripts do (performance-optimization/computation, 2026-08); long stalls of \
                 a whole machine are seen on any cloud",
        is: |action| matches!(action, Action::Freeze { .. }),
        draws: &[Draws::steps(Stream::Shared, 2, freeze)],
        probes: &[Sign {
            name: "froze",
            about: "Servers that froze.",
            shows: Shows::Event(|event, _| matches!(event, Event::ServerFroze { .. })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "studio",
        about: "a server runs in Studio with API access: its JobId is empty",
        words: "a server in Studio",
        evidence: Evidence::Developing,
        source: "class reference, DataModel.JobId",
        // Two picks, which may be the same.
        draws: &[Draws::setting(Stream::Servers, 0, |draw, schedule| {
            let servers = u16::try_from(schedule.servers.len()).expect("slots are numbered in 16 bits");
            for slot in [draw.below(servers), draw.below(servers)] {
                schedule.servers[usize::from(slot)].studio = true;
            }
        })],
        take_out: |schedule| schedule.servers.iter_mut().for_each(|server| server.studio = false),
        probes: &[Sign {
            name: "studio_started",
            about: "Servers that started in Studio.",
            shows: Shows::Event(|event, plans| match event {
                Event::ServerStarted { server } => plans.get(usize::from(server.slot)).is_some_and(|plan| plan.studio),
                _ => false,
            }),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "lag",
        about: "a server is overloaded: its frames take long, and its scripts hear of everything with the next one",
        words: "an overloaded server",
        extents: &[
            Extent {
                words: "frames of {}",
                of: ExtentOf::Steps(|action| match action {
                    Action::Lag { frame, .. } => Some(Field::Span(frame)),
                    _ => None,
                }),
                beyond: &[Beyond {
                    above: SECOND / 2,
                    evidence: Evidence::Inferred,
                    source: "how slow is not documented",
                }],
                ..Extent::BLANK
            },
            Extent {
                words: "an overload of {}",
                of: ExtentOf::Steps(|action| match action {
                    Action::Lag { span, .. } => Some(Field::Span(span)),
                    _ => None,
                }),
                ..Extent::BLANK
            },
        ],
        evidence: Evidence::Documented,
        source: "performance-optimization/computation (2026-08): \"fewer frames can be processed per second\", and network \
                 data takes longer to process; task.wait ends with the first heartbeat at which it is due. How slow is not \
                 documented, and that the DataStore's answers wait for a frame is inferred",
        stream: Stream::Own,
        is: |action| matches!(action, Action::Lag { .. }),
        draws: &[Draws::steps(Stream::Own, 0, lag)],
        probes: &[Sign {
            name: "lagged",
            about: "Servers whose frames took long for a while.",
            shows: Shows::Event(|event, _| matches!(event, Event::ServerLagged { .. })),
        }],
        ..FaultRow::BLANK
    },
];

fn crash(draw: &mut Draw, target: &Target<'_>, steps: &mut Vec<Step>) {
    target.several(draw, |draw| {
        let (at, server) = target.pick(draw);
        steps.push(Step { at, action: Action::Crash { server } });
        restart(draw, at, server, steps);
    });
}

fn close(draw: &mut Draw, target: &Target<'_>, steps: &mut Vec<Step>) {
    target.several(draw, |draw| {
        let (at, server) = target.pick(draw);
        steps.push(Step { at, action: Action::Close { server } });
        // The slot is free at the kill at the latest.
        restart(draw, at + Span::secs(30), server, steps);
    });
}

fn restart(draw: &mut Draw, down: Span, server: Slot, steps: &mut Vec<Step>) {
    let wait = match draw.below(5) {
        0 => return,
        1..4 => Between { min: Span::millis(100), max: Span::secs(10) },
        _ => Between { min: Span::secs(10), max: Span::secs(120) },
    };
    steps.push(Step { at: down + draw.span(wait), action: Action::Restart { server } });
}

fn freeze(draw: &mut Draw, target: &Target<'_>, steps: &mut Vec<Step>) {
    target.several(draw, |draw| {
        let (at, server) = target.pick(draw);
        let scale = draw.pick(&[
            Between { min: Span::millis(100), max: Span::secs(5) },
            Between { min: Span::secs(5), max: Span::secs(60) },
            Between { min: Span::secs(40), max: Span::secs(180) },
        ]);
        steps.push(Step { at, action: Action::Freeze { server, span: draw.span(scale) } });
    });
}

/// From five frames a second down to one in two seconds.
fn lag(draw: &mut Draw, target: &Target<'_>, steps: &mut Vec<Step>) {
    target.several(draw, |draw| {
        let (at, server) = target.pick(draw);
        let frame = draw.pick(&[Span::millis(200), Span::millis(500), Span::secs(2)]);
        let span = draw.pick(&[
            Between { min: Span::secs(5), max: Span::secs(60) },
            Between { min: Span::secs(60), max: Span::secs(300) },
        ]);
        steps.push(Step { at, action: Action::Lag { server, frame, span: draw.span(span) } });
    });
}

/// Everybody on one server, or on each in turn, is moved to another. Where servers close, the old one does once they
/// are gone, and comes back as a new one.
fn move_all(draw: &mut Draw, target: &Target<'_>, steps: &mut Vec<Step>) {
    if target.servers < 2 {
        return;
    }
    let closes = target.faults.has(const { Fault::named("close") });
    let (begin, first) = target.pick(draw);
    let fleet = draw.percent(30);
    let each = draw.pick(&[Span::ZERO, Span::secs(2), Span::secs(40)]);
    for number in 0..if fleet { target.servers } else { 1 } {
        let from = (first + number) % target.servers;
        let to = (from + 1 + if fleet { 0 } else { draw.below(target.servers - 1) }) % target.servers;
        let at = Span(begin.0 + each.0 * u64::from(number));
        steps.push(Step { at, action: Action::Move { from, to } });
        if closes && draw.percent(60) {
            let at = at + draw.span(Between { min: Span::ZERO, max: Span::secs(25) });
            steps.push(Step { at, action: Action::Close { server: from } });
            restart(draw, at + Span::secs(30), from, steps);
        }
    }
}
