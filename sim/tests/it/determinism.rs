use std::process::Command as Process;

use dupeproof_core::Span;
use dupeproof_sim::guest::{Command, PlayerId};
use dupeproof_sim::network::RunEnd;
use dupeproof_sim::request::Service;
use dupeproof_sim::schedule::{Direction, Fate, FateOdds, Leg, RequestFaults};
use dupeproof_sim::{Action, Digest, Schedule};

use crate::scripted::{Script, Tape, at, compare_and_set, get, mishap, publish, schedule, script, set, subscribe};

/// A run with something of everything.
fn busy(seed: u64) -> (Schedule, Vec<Script>) {
    let talk = (0..60).flat_map(|n| {
        let requests = [get(0), set(1, n), compare_and_set(0, 1, n), publish("topic", n)];
        requests.into_iter().map(move |request| (n * 1_000, request))
    });
    let talk = script([(0, subscribe("topic", 1))].into_iter().chain(talk));
    let scripts = vec![talk; 3];
    let mut schedule = schedule(&scripts);
    schedule.seed = seed;
    let services = &mut schedule.services;
    services.datastore_latency.max = Span::millis(400);
    services.messaging_latency.max = Span::secs(1);
    services.delivery_delay.max = Span::secs(2);
    services.faults = RequestFaults::all(FateOdds {
        refused_ppm: 50_000,
        lost_reply_ppm: 50_000,
        late_apply_ppm: 50_000,
        ..FateOdds::default()
    });
    (services.message_lost_ppm, services.message_doubled_ppm) = (100_000, 100_000);
    schedule.servers[1].rate_ppm = 20_000;
    let (both, span) = (Direction::Both, Span::secs(5));
    schedule.timeline = vec![
        mishap(2, Leg::Write, Fate::LateReply { span }),
        at(1_000, Action::Command { server: 0, command: Command::Join(PlayerId(0)) }),
        at(5_000, Action::Freeze { server: 0, span }),
        at(6_000, Action::Crash { server: 1 }),
        at(7_000, Action::Partition { server: 2, service: Service::DataStore, direction: both, span }),
        at(9_000, Action::Restart { server: 1 }),
        at(20_000, Action::Outage { service: Service::Messaging, span }),
        at(30_000, Action::Close { server: 0 }),
    ];
    (schedule, scripts)
}

fn run(seed: u64) -> RunEnd {
    let (schedule, scripts) = busy(seed);
    Tape::and_end(&schedule, &scripts).1
}

#[test]
fn one_schedule_gives_one_digest_and_another_seed_another() {
    let first = run(1);
    assert!(first.events > 1_000, "{first:?}");
    assert_eq!(first, run(1));
    assert_ne!(first.digest, run(2).digest);
}

#[test]
fn another_process_gives_the_same_digest() {
    let name = "determinism::what_another_process_does";
    let test = std::env::current_exe().unwrap();
    let output = Process::new(test).args(["--ignored", "--exact", name, "--nocapture"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let digest = text.split("digest ").nth(1).unwrap_or_else(|| panic!("no digest in {text}"));
    assert_eq!(digest[..16].parse::<Digest>().unwrap(), run(1).digest);
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn what_another_process_does() {
    println!("digest {}", run(1).digest);
}

#[test]
fn the_digest_is_the_same_in_debug_and_release_and_on_every_machine() {
    // Changes with every change of what happens in the run; a change without one is a fault.
    assert_eq!(run(1).digest.to_string(), "bb7bd903977c9c15");
}

#[test]
fn the_digest_sees_what_was_written() {
    let digest = |value| {
        let scripts = [script([(0, set(0, value))])];
        Tape::and_end(&schedule(&scripts), &scripts).1.digest
    };
    assert_ne!(digest(1), digest(2));
}
