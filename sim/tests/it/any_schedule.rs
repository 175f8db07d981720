//! What holds in every run, whatever the schedule.

use std::collections::{BTreeMap, BTreeSet};

use dupeproof_core::Span;
use dupeproof_sim::guest::{Command, PlayerId};
use dupeproof_sim::request::{RequestKind, Service};
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::schedule::{Direction, Fate, FateOdds, Leg, Limits, RequestFaults};
use dupeproof_sim::{Action, Event, Global, RequestId, Schedule, ServerId};

use crate::scripted::{Closing, Script, Tape, at, get, publish, schedule, script, set, subscribe, unsubscribe};

const RUNS: u64 = 300;

fn pick<T: Clone>(draws: &mut Stream, choices: &[T]) -> T {
    choices[usize::try_from(draws.below(choices.len() as u64)).unwrap()].clone()
}

fn any_action(draws: &mut Stream) -> Action {
    let server = u16::try_from(draws.below(4)).unwrap();
    let player = PlayerId(u16::try_from(draws.below(3)).unwrap());
    let span = Span::millis(draws.below(40_000));
    let service = pick(draws, &[Service::DataStore, Service::Messaging]);
    let direction = pick(draws, &[Direction::ToService, Direction::FromService, Direction::Both]);
    let leg = pick(draws, &[Leg::Read, Leg::Write]);
    let command = pick(draws, &[Command::Join(player), Command::Leave(player), Command::Swap(PlayerId(0), player)]);
    let fate = pick(draws, &[Fate::LostReply, Fate::LateApply { span }, Fate::LateReply { span }, Fate::Refused]);
    let actions = [
        Action::Command { server, command },
        Action::Crash { server },
        Action::Restart { server },
        Action::Close { server },
        Action::Freeze { server, span },
        Action::Partition { server, service, direction, span },
        Action::Outage { service, span },
        Action::Mishap { server, leg, fate },
    ];
    pick(draws, &actions)
}

fn any_run(seed: u64) -> (Schedule, Vec<Script>) {
    let mut draws = Seed(seed).stream("any schedule", 0);
    let requests = [get(0), set(1, 7), publish("topic", 1), subscribe("topic", 1), unsubscribe(1)];
    let mut scripts = Vec::new();
    for _ in 0..3 {
        let mut lines: Vec<u64> = (0..60).map(|_| draws.below(110_000)).collect();
        lines.sort_unstable();
        let mut one = script(lines.into_iter().map(|line| (line, pick(&mut draws, &requests))));
        one.closing = pick(&mut draws, &[Closing::AtOnce, Closing::Never]);
        scripts.push(one);
    }
    let mut schedule = schedule(&scripts);
    schedule.seed = seed;
    schedule.timeline = (0..40).map(|_| at(draws.below(120_000), any_action(&mut draws))).collect();
    schedule.servers[0].timers_first = draws.chance(500_000);
    schedule.servers[1].rate_ppm = pick(&mut draws, &[-50_000, 0, 50_000]);
    let services = &mut schedule.services;
    services.datastore_latency.max = Span::secs(draws.below(3) + 1);
    services.limits =
        Limits { server_percent: 20 * 100 / 60, startup_burst: 5, saved_seconds: 1, queue: 3, ..Limits::default() };
    services.request_timeout = Span::secs(5);
    services.faults =
        RequestFaults::all(FateOdds { lost_reply_ppm: 100_000, late_reply_ppm: 100_000, ..FateOdds::default() });
    (schedule, scripts)
}

#[test]
fn every_request_is_answered_exactly_once_while_its_server_lives() {
    let mut answers = 0;
    for seed in 0..RUNS {
        let (schedule, scripts) = any_run(seed);
        let (tape, end) = Tape::and_end(&schedule, &scripts);
        // A request made less than a time limit before the end may be open at it.
        let asked_last = Global(end.at.0 - schedule.services.request_timeout.0);
        let mut open: BTreeSet<(ServerId, RequestId)> = BTreeSet::new();
        for (at, event) in &tape.events {
            match event {
                Event::Requested { kind: RequestKind::Unsubscribe, .. } => {}
                Event::Requested { .. } if *at > asked_last => {}
                Event::Requested { server, id, .. } => assert!(open.insert((*server, *id)), "seed {seed}: {event:?}"),
                Event::Answered { server, id, .. } => {
                    answers += 1;
                    let known = open.remove(&(*server, *id));
                    assert!(known || *at > asked_last, "seed {seed}: {event:?}");
                }
                Event::ServerCrashed { server } | Event::ServerKilled { server } | Event::ServerClosed { server } => {
                    open.retain(|(other, _)| other != server);
                }
                _ => {}
            }
        }
        assert!(open.is_empty(), "seed {seed}: {open:?} were never answered");
    }
    assert!(answers > RUNS * 50, "{answers} answers in all");
}

#[test]
fn whatever_begins_ends_and_a_frozen_or_dead_server_does_nothing() {
    for seed in 0..RUNS {
        let (schedule, scripts) = any_run(seed);
        let tape = Tape::of(&schedule, &scripts);
        assert!(tape.events.is_sorted_by_key(|(at, _)| *at), "seed {seed}");
        let mut faults: BTreeMap<String, Global> = BTreeMap::new();
        let mut running: BTreeSet<ServerId> = BTreeSet::new();
        for (at, event) in &tape.events {
            let mut begin = |fault: String| assert!(faults.insert(fault, *at).is_none(), "seed {seed}: {event:?}");
            match event {
                Event::PartitionBegan { slot, service, direction } => {
                    begin(format!("{slot} {service:?} {direction:?}"));
                }
                Event::OutageBegan { service } => begin(format!("{service:?}")),
                Event::PartitionHealed { slot, service, direction } => {
                    assert!(faults.remove(&format!("{slot} {service:?} {direction:?}")).is_some(), "seed {seed}");
                }
                Event::OutageEnded { service } => assert!(faults.remove(&format!("{service:?}")).is_some()),
                Event::ServerStarted { server } | Event::ServerWoke { server } => {
                    assert!(running.insert(*server), "seed {seed}: {event:?}");
                }
                Event::ServerFroze { server } => assert!(running.remove(server), "seed {seed}: {event:?}"),
                Event::ServerCrashed { server } | Event::ServerKilled { server } | Event::ServerClosed { server } => {
                    running.remove(server);
                }
                Event::Logged { server, .. } | Event::Requested { server, .. } | Event::Answered { server, .. } => {
                    assert!(running.contains(server), "seed {seed}: {event:?}");
                }
                _ => {}
            }
        }
        assert!(faults.is_empty(), "seed {seed}: {faults:?} never ended");
    }
}
