//! Schedules per second, end to end: drawn, run on the event network, judged. One thread.

use divan::Bencher;
use divan::counter::ItemsCount;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::network::Network;

fn main() {
    divan::main();
}

/// Cases of one iteration.
const CASES: u64 = 500;

#[divan::bench(args = ["core", "naive"])]
fn drawn_run_and_judged(bencher: Bencher<'_, '_>, subject: &str) {
    let subjects = Subjects::default();
    let subject = subjects.named(subject).expect("a built-in subject");
    let suite = &Suite::all()[0];
    bencher.counter(ItemsCount::new(CASES)).bench(|| {
        for case in 0..CASES {
            let schedule = suite.schedule(1, case, subject.name());
            divan::black_box(run_case(&schedule, subject, Network::Event, &mut ()));
        }
    });
}

#[divan::bench(args = ["core", "naive"])]
fn run_but_not_judged(bencher: Bencher<'_, '_>, subject: &str) {
    let subjects = Subjects::default();
    let subject = subjects.named(subject).expect("a built-in subject");
    let suite = &Suite::all()[0];
    let schedules: Vec<_> = (0..CASES).map(|case| suite.schedule(1, case, subject.name())).collect();
    bencher.counter(ItemsCount::new(CASES)).bench(|| {
        for schedule in &schedules {
            divan::black_box(Network::Event.run(schedule, subject, &mut ()));
        }
    });
}

#[divan::bench]
fn drawn(bencher: Bencher<'_, '_>) {
    let suite = &Suite::all()[0];
    bencher.counter(ItemsCount::new(CASES)).bench(|| {
        for case in 0..CASES {
            divan::black_box(suite.schedule(1, case, "core"));
        }
    });
}
