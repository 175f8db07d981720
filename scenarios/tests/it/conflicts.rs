//! How long `UpdateAsync` waits after a conflict is the world's to say, and every subject that updates obeys it.

use dupeproof_core::Span;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::Latency;

#[test]
fn a_wait_after_conflicts_moves_the_runs_of_the_core_and_of_the_core_as_it_is_embedded() {
    let (suite, subjects) = (Suite::named("swarm").expect("it is built in"), Subjects::default());
    let wait = Span::secs(3);
    for name in ["core", "embed"] {
        let subject = subjects.named(name).expect("it is built in");
        let moved = (0..100).filter(|case| {
            let [at_once, later] = [Span::ZERO, wait].map(|span| {
                let mut schedule = suite.schedule(5, *case, name);
                schedule.services.conflict_delay = Latency { min: span, max: span };
                run_case(&schedule, subject, Network::Event, &mut ()).end.digest
            });
            at_once != later
        });
        let moved = moved.count();
        assert!((1..100).contains(&moved), "{name}: {moved} of 100 runs, of which not all can have had a conflict");
    }
}
