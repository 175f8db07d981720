use std::process::Command as Process;

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, ReceiptId, ServiceName};
use dupeproof_sim::network::{Network, RunEnd};
use dupeproof_sim::schedule::{Direction, FaultRates, Lifecycle, RequestClass, RequestFault, RequestFaultRates};
use dupeproof_sim::{Action, Digest, Event, Schedule};

use crate::scripted::{Script, Tape, at, compare_and_set, fail_next, get, publish, schedule, script, set, subscribe};

const NETWORKS: [Network; 2] = [Network::Event, Network::Turmoil];

/// A run with something of everything.
pub(crate) fn busy(seed: u64) -> (Schedule, Vec<Script>) {
    let talk = (0..60).flat_map(|n| {
        let requests = [get(0), set(1, n), compare_and_set(0, 1, n), publish("topic", n)];
        requests.into_iter().map(move |request| (n * 1_000, request))
    });
    let talk = script([(0, subscribe("topic", 1))].into_iter().chain(talk));
    let scripts = vec![Script { grants: true, ..talk }; 3];
    let mut schedule = schedule(&scripts);
    schedule.seed = seed;
    let services = &mut schedule.services;
    services.datastore_latency.max = Span::millis(400);
    services.messaging_latency.max = Span::secs(1);
    services.delivery_delay.max = Span::secs(2);
    services.faults = RequestFaultRates::all(FaultRates {
        refused_ppm: 50_000,
        lost_reply_ppm: 50_000,
        late_apply_ppm: 50_000,
        ..FaultRates::default()
    });
    (services.message_lost_ppm, services.message_doubled_ppm) = (100_000, 100_000);
    schedule.servers[1].rate_ppm = 20_000;
    let (both, span) = (Direction::Both, Span::secs(5));
    schedule.timeline = vec![
        fail_next(2, RequestClass::Write, RequestFault::LateReply { span }),
        at(1_000, Action::Command { server: 0, command: Command::Join(PlayerId(0)) }),
        at(5_000, Action::Freeze { server: 0, span }),
        at(6_000, Action::Crash { server: 1 }),
        at(7_000, Action::Partition { server: 2, service: ServiceName::DataStore, direction: both, span }),
        at(9_000, Action::Restart { server: 1 }),
        at(10_000, Action::Disconnect { server: 1, service: ServiceName::DataStore }),
        at(10_500, Action::Disconnect { server: 2, service: ServiceName::Messaging }),
        at(11_000, Action::ClockStep { server: 1, by: -90_000_000 }),
        at(12_000, Action::Command { server: 0, command: Command::Join(PlayerId(1)) }),
        at(13_000, Action::Purchase { player: PlayerId(0), receipt: ReceiptId(1) }),
        at(14_000, Action::Purchase { player: PlayerId(0), receipt: ReceiptId(2) }),
        at(20_000, Action::Outage { service: ServiceName::Messaging, span }),
        at(30_000, Action::Move { from: 0, to: 2 }),
        at(32_000, Action::Close { server: 0 }),
    ];
    schedule.clocks.before_the_hour = Span::secs(15);
    schedule.servers[2].studio = true;
    schedule.lifecycle =
        Lifecycle { close_spread: span, move_spread: span, unrecorded_ppm: 900_000, ..schedule.lifecycle };
    (schedule, scripts)
}

fn run(seed: u64) -> RunEnd {
    run_on(Network::Event, seed)
}

fn run_on(network: Network, seed: u64) -> RunEnd {
    let (schedule, scripts) = busy(seed);
    Tape::on(network, &schedule, &scripts).1
}

#[test]
fn one_schedule_gives_one_digest_and_another_seed_another() {
    let first = run(1);
    assert!(first.events > 1_000, "{first:?}");
    assert_eq!(first, run(1));
    assert_ne!(first.digest, run(2).digest);
}

/// Everything in the list happens, and the schedule is the same after a way through a file.
#[test]
fn all_that_can_happen_happens_in_the_run_and_none_of_it_is_lost_in_a_file() {
    let (schedule, scripts) = busy(1);
    let read: Schedule = serde_json::from_str(&serde_json::to_string(&schedule).unwrap()).unwrap();
    assert_eq!(read, schedule);
    for network in NETWORKS {
        let tape = Tape::on(network, &schedule, &scripts).0;
        for step in &schedule.timeline {
            let acted = |event: &Event| matches!(event, Event::Acted { action, .. } if *action == step.action);
            assert_eq!(tape.count(acted), 1, "{network:?}: {step:?}");
        }
        assert!(tape.count(|event| matches!(event, Event::ReceiptNotRecorded { .. })) > 0, "{network:?}");
        assert_eq!(tape.count(|event| matches!(event, Event::Disconnected { .. })), 2, "{network:?}");
    }
}

#[test]
fn another_process_gives_the_same_digest() {
    let name = "determinism::what_another_process_does";
    let test = std::env::current_exe().unwrap();
    let output = Process::new(test).args(["--ignored", "--exact", name, "--nocapture"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let digests: Vec<Digest> = text.split("digest ").skip(1).map(|digest| digest[..16].parse().unwrap()).collect();
    assert_eq!(digests, NETWORKS.map(|network| run_on(network, 1).digest), "{text}");
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn what_another_process_does() {
    for network in NETWORKS {
        println!("digest {}", run_on(network, 1).digest);
    }
}

#[test]
fn the_digest_is_the_same_in_debug_and_release_and_on_every_machine() {
    // Changes with every change of what happens in the run; a change without one is a fault.
    assert_eq!(run(1).digest.to_string(), "ef8b733de5a84876");
}

#[test]
fn the_digest_sees_what_was_written() {
    let digest = |value| {
        let scripts = [script([(0, set(0, value))])];
        Tape::and_end(&schedule(&scripts), &scripts).1.digest
    };
    assert_ne!(digest(1), digest(2));
}
