//! Digests that stay: failure files and reports of other builds hold them.

use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::network::Network;

/// Each changes with what its suite draws, with what its subject does and with what happens in the world; a change
/// without such a reason is a fault in the encoding.
const PINNED: [(&str, &str, u64, &str); 3] = [
    ("swarm", "core", 3, "63284c2446fec8f2"),
    ("market", "naive", 5, "79392978c5b6f958"),
    ("admin", "core", 8, "bc45880ed3f96d9e"),
];

#[test]
fn three_schedules_have_the_digests_that_they_had_before() {
    let subjects = Subjects::default();
    let digests = PINNED.map(|(suite, subject, case, _)| {
        let schedule = Suite::named(suite).unwrap().schedule(7, case, subject);
        let end = run_case(&schedule, subjects.named(subject).unwrap(), Network::Event, &mut ()).end;
        assert!(end.events > 250, "{suite}, {subject}: {} events", end.events);
        (suite, subject, case, end.digest.to_string())
    });
    assert_eq!(digests, PINNED.map(|(suite, subject, case, digest)| (suite, subject, case, digest.to_owned())));
}
