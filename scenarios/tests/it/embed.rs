//! A server of async tasks is as deterministic as a machine.

use std::process::Command;

use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::Digest;
use dupeproof_sim::network::{Network, RunEnd};

fn end(suite: &str, case: u64, network: Network) -> RunEnd {
    let subjects = Subjects::default();
    let subject = subjects.named("embed").unwrap();
    run_case(&Suite::named(suite).unwrap().schedule(21, case, "embed"), subject, network, &mut ()).end
}

/// Of some cases on both networks.
fn digests() -> [Digest; 2] {
    let searched = (0..40).map(|case| end("market", case, Network::Event).digest);
    let confirmed = (0..3).map(|case| end("brief", case, Network::Turmoil).digest);
    [searched.fold(Digest::default(), Digest::then), confirmed.fold(Digest::default(), Digest::then)]
}

#[test]
fn a_server_of_tasks_does_the_same_twice_and_in_another_process() {
    let here = digests();
    assert_eq!(digests(), here);
    assert_ne!(end("market", 0, Network::Event).digest, end("market", 1, Network::Event).digest);
    let name = "embed::what_another_process_does";
    let test = std::env::current_exe().unwrap();
    let output = Command::new(test).args(["--ignored", "--exact", name, "--nocapture"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(&format!("digests {here:?}")), "here {here:?}; there {text}");
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn what_another_process_does() {
    println!("digests {:?}", digests());
}

#[test]
fn a_server_of_tasks_does_not_live_on_the_budget_of_the_task_it_runs_in() {
    let alone = end("market", 2, Network::Event);
    assert!(alone.events > 200, "far more than tokio lets a task do in one turn: {alone:?}");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(async { end("market", 2, Network::Event) }), alone);
}
