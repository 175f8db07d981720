//! What holds in every run, whatever the schedule.

use std::collections::{BTreeMap, BTreeSet};

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, ReceiptId, RequestId, ServerId, ServiceName};
use dupeproof_sim::network::Network;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::schedule::{
    Direction, FaultRates, Lifecycle, Limits, RequestClass, RequestFault, RequestFaultRates,
};
use dupeproof_sim::{Action, Event, Global, GuestEvent, Schedule};

use crate::scripted::{Closing, Script, Tape, at, get, publish, schedule, script, set, subscribe, unsubscribe};

const RUNS: u64 = 300;
/// On turmoil, which takes longer.
const TURMOIL_RUNS: u64 = 4;

fn pick<T: Clone>(draws: &mut Stream, choices: &[T]) -> T {
    choices[usize::try_from(draws.below(choices.len() as u64)).unwrap()].clone()
}

fn any_action(draws: &mut Stream) -> Action {
    let server = u16::try_from(draws.below(4)).unwrap();
    let player = PlayerId(u16::try_from(draws.below(3)).unwrap());
    let span = Span::millis(draws.below(40_000));
    let to = u16::try_from(draws.below(4)).unwrap();
    let by = i64::try_from(draws.below(7_200_000_000)).unwrap() - 3_600_000_000;
    let receipt = ReceiptId(u32::try_from(draws.below(10)).unwrap());
    let service = pick(draws, &[ServiceName::DataStore, ServiceName::Messaging]);
    let direction = pick(draws, &[Direction::ToService, Direction::FromService, Direction::Both]);
    let class = pick(draws, &[RequestClass::Read, RequestClass::Write]);
    let command = pick(draws, &[Command::Join(player), Command::Leave(player), Command::Swap(PlayerId(0), player)]);
    let fault = pick(
        draws,
        &[
            RequestFault::LostReply,
            RequestFault::LateApply { span },
            RequestFault::LateReply { span },
            RequestFault::Refused,
        ],
    );
    let actions = [
        Action::Command { server, command },
        Action::Crash { server },
        Action::Restart { server },
        Action::Close { server },
        Action::Freeze { server, span },
        Action::Lag { server, frame: Span::millis(700), span },
        Action::Partition { server, service, direction, span },
        Action::Outage { service, span },
        Action::FailNext { server, service, class, fault },
        Action::Disconnect { server, service },
        Action::ClockStep { server, by },
        Action::Move { from: server, to },
        Action::Purchase { player, receipt },
        Action::SetLease { server, lease: span },
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
        one.grants = draws.chance(500_000);
        scripts.push(one);
    }
    let mut schedule = schedule(&scripts);
    schedule.seed = seed;
    let arrivals = (0..6).map(|player| {
        let (server, command) = (player / 2, Command::Join(PlayerId(player % 3)));
        at(u64::from(player) * 100, Action::Command { server, command })
    });
    let actions = (0..60).map(|_| at(draws.below(120_000), any_action(&mut draws)));
    schedule.timeline = arrivals.chain(actions).collect();
    schedule.servers[0].timers_first = draws.chance(500_000);
    schedule.servers[1].rate_ppm = pick(&mut draws, &[-50_000, 0, 50_000]);
    schedule.servers[2].studio = draws.chance(100_000);
    schedule.clocks.before_the_hour = Span::secs(draws.below(3_600));
    schedule.lifecycle = Lifecycle {
        close_spread: Span::secs(pick(&mut draws, &[0, 5, 40])),
        removing_at_close: pick(&mut draws, &[true, true, false]),
        move_spread: Span::secs(pick(&mut draws, &[0, 5, 40])),
        unrecorded_ppm: 300_000,
        ..Lifecycle::default()
    };
    let services = &mut schedule.services;
    services.datastore_latency.max = Span::secs(draws.below(3) + 1);
    services.limits =
        Limits { server_percent: 20 * 100 / 60, startup_burst: 5, saved_seconds: 1, queue: 3, ..Limits::default() };
    services.request_timeout = Span::secs(5);
    services.faults = RequestFaultRates::all(FaultRates {
        lost_reply_ppm: 100_000,
        late_reply_ppm: 100_000,
        ..FaultRates::default()
    });
    (schedule, scripts)
}

/// Both networks, with as many seeds as they have time for.
fn any_network() -> impl Iterator<Item = (Network, u64)> {
    let event = (0..RUNS).map(|seed| (Network::Event, seed));
    event.chain((0..TURMOIL_RUNS).map(|seed| (Network::Turmoil, seed)))
}

#[test]
fn every_request_is_answered_exactly_once_while_its_server_lives() {
    let mut answers = 0;
    for (network, seed) in any_network() {
        let (schedule, scripts) = any_run(seed);
        let (tape, end) = Tape::on(network, &schedule, &scripts);
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
    for (network, seed) in any_network() {
        let (schedule, scripts) = any_run(seed);
        let tape = Tape::on(network, &schedule, &scripts).0;
        assert!(tape.events.is_sorted_by_key(|(at, _)| *at), "seed {seed}");
        let mut faults: BTreeMap<String, Global> = BTreeMap::new();
        let mut running: BTreeSet<ServerId> = BTreeSet::new();
        for (at, event) in &tape.events {
            let mut begin = |fault: String| assert!(faults.insert(fault, *at).is_none(), "seed {seed}: {event:?}");
            match event {
                Event::PartitionBegan { slot, service, direction } => {
                    begin(format!("{slot} {service:?} {direction:?}"));
                }
                Event::ServerLagged { server, .. } => begin(format!("{server:?} lags")),
                Event::ServerRecovered { server } => {
                    assert!(faults.remove(&format!("{server:?} lags")).is_some(), "seed {seed}: {event:?}");
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
                    faults.remove(&format!("{server:?} lags"));
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

#[test]
fn players_join_where_they_are_not_and_leave_where_they_are_and_buy_what_they_have_not() {
    let (mut moved, mut receipts_again, mut unrecorded) = (0, 0, 0);
    for (network, seed) in any_network() {
        let (schedule, scripts) = any_run(seed);
        let tape = Tape::on(network, &schedule, &scripts).0;
        let mut here: BTreeSet<(u16, PlayerId)> = BTreeSet::new();
        let (mut bought, mut resolved) = (BTreeSet::new(), BTreeSet::new());
        let mut delivered: BTreeSet<ReceiptId> = BTreeSet::new();
        for (_, event) in &tape.events {
            match event {
                Event::ServerCrashed { server } | Event::ServerKilled { server } => {
                    here.retain(|(slot, _)| *slot != server.slot);
                }
                Event::ServerClosed { server } => {
                    assert!(!here.iter().any(|(slot, _)| *slot == server.slot), "seed {seed}: {event:?}");
                }
                Event::Acted { action: Action::Move { .. }, .. } => moved += 1,
                Event::Acted { action: Action::Purchase { receipt, .. }, .. } => {
                    assert!(bought.insert(*receipt), "seed {seed}: {event:?}");
                }
                Event::Acted { action: Action::Command { server, command }, .. } => match command {
                    Command::Join(player) => assert!(here.insert((*server, *player)), "seed {seed}: {event:?}"),
                    Command::Leave(player) => assert!(here.remove(&(*server, *player)), "seed {seed}: {event:?}"),
                    Command::Receipt { player, receipt } => {
                        assert!(here.contains(&(*server, *player)), "seed {seed}: {event:?}");
                        assert!(bought.contains(receipt) && !resolved.contains(receipt), "seed {seed}: {event:?}");
                        receipts_again += usize::from(!delivered.insert(*receipt));
                    }
                    _ => {}
                },
                Event::Guest { event: GuestEvent::PurchaseGranted { receipt, .. }, .. } => {
                    resolved.insert(*receipt);
                }
                Event::ReceiptNotRecorded { receipt } => {
                    unrecorded += 1;
                    // Two servers may answer within one tick, and neither answer be recorded.
                    let known = resolved.remove(receipt);
                    assert!(known || network == Network::Turmoil, "seed {seed}: {event:?}");
                }
                _ => {}
            }
        }
        assert_eq!(here, BTreeSet::new(), "seed {seed}");
    }
    assert!(moved > 200 && receipts_again > 100 && unrecorded > 50, "{moved} {receipts_again} {unrecorded}");
}
