//! Leases that differ between servers, and that change while they run.

use dupeproof_core::{Acquired, Config, Span};
use dupeproof_scenarios::invariant::request_storm::PER_MINUTE;
use dupeproof_scenarios::subjects::core::CoreSubject;
use dupeproof_scenarios::subjects::embed::EmbedSubject;
use dupeproof_scenarios::{Factor, Invariants, Measures, Suite, run_case};
use dupeproof_sim::id::RequestId;
use dupeproof_sim::network::Network;
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, PlayerPlan, Schedule, ServerPlan, Step};
use dupeproof_sim::trace::{Event, Observer};
use dupeproof_sim::{Command, Global, Subject};

use crate::stream::{PLAYER, server};

/// A server with this lease, which may change before a player joins it; it crashes, and everything settles at once.
fn crashed(lease: Span, change: Option<Span>) -> Schedule {
    let step = |second, action| Step { at: Span::secs(second), action };
    let change = change.map(|lease| step(1, Action::SetLease { server: 0, lease }));
    let join = step(2, Action::Command { server: 0, command: Command::Join(PLAYER) });
    Schedule {
        seed: 1,
        subject: "core".to_owned(),
        servers: vec![ServerPlan { lease, ..ServerPlan::default() }],
        players: vec![PlayerPlan { items: Some(1) }],
        timeline: change.into_iter().chain([join, step(6, Action::Crash { server: 0 })]).collect(),
        length: Span::secs(7),
        ..Schedule::default()
    }
}

#[test]
fn a_server_that_crashed_is_waited_for_by_the_lease_that_its_record_states_and_no_longer() {
    let subjects: [&dyn Subject; 2] = [&CoreSubject::default(), &EmbedSubject::default()];
    for (lease, change, held) in [(100, None, 100), (0, Some(100), 100), (20, Some(100), 100), (100, Some(20), 20)] {
        let schedule = crashed(Span::secs(lease), change.map(Span::secs));
        for subject in subjects {
            let result = run_case(&schedule, subject, Network::Event, &mut ());
            assert_eq!(result.findings, [], "{lease}, {change:?}: {}", subject.name());
            let mut measures = Measures::default();
            measures.take(&result.samples);
            let waited = measures.starts(Acquired::TakenOver).max().unwrap();
            let wait = Config::default().takeover_wait(Span::secs(held)).0;
            assert!((wait..wait + 5_000_000).contains(&waited), "{lease}, {change:?}: {waited} of {wait}");
        }
    }
}

#[test]
fn a_start_may_take_as_long_as_the_longest_lease_needs() {
    let bound = |schedule| CoreSubject::default().start_bound(&schedule).as_secs();
    assert_eq!(bound(Schedule::default()), 60);
    assert_eq!(bound(crashed(Span::secs(20), None)), 60, "a shorter lease than the default does not count");
    // 55 s more, 21/20, by a clock that is 2.4 % slow.
    assert_eq!(bound(crashed(Span::secs(100), Some(Span::secs(20)))), 60 + 59);
    assert_eq!(bound(crashed(Span::ZERO, Some(Span::secs(100)))), 60 + 59);
}

/// Whether a server that asks this often for one key, for ten minutes, is a storm where this is the lease.
fn is_storm(lease: Span, a_minute: u64) -> bool {
    let mut invariants = Invariants::new(&crashed(lease, None), RecordLayout::Record);
    invariants.observe(Global(0), &Event::ServerStarted { server: server(0) });
    for request in 0..a_minute * 10 {
        let (kind, target) = (RequestKind::Get, Some("Player_0".into()));
        let asked = Event::Requested { server: server(0), id: RequestId(1), kind, target };
        invariants.observe(Global(request * 60_000_000 / a_minute), &asked);
    }
    !invariants.into_verdict().0.is_empty()
}

#[test]
fn a_server_with_a_short_lease_checks_more_often_and_that_is_no_storm() {
    // Each ninth of 20 s is 27 a minute, 15 more than with 45 s.
    for (lease, more) in [(0, 0), (45, 0), (100, 0), (20, 15)] {
        let lease = Span::secs(lease);
        assert!(!is_storm(lease, PER_MINUTE + more), "{lease:?}");
        assert!(is_storm(lease, PER_MINUTE + more + 10), "{lease:?}");
    }
}

#[test]
fn in_some_schedules_of_the_swarm_leases_differ_and_change_and_that_can_be_taken_out() {
    let lease = *Factor::all().iter().find(|factor| factor.name() == "lease").unwrap();
    let (mut differ, mut change) = (0, 0);
    for case in 0..400 {
        let schedule = Suite::all()[0].schedule(3, case, "core");
        differ += u32::from(schedule.servers.iter().any(|server| server.lease > Span::ZERO));
        change += u32::from(schedule.timeline.iter().any(|step| matches!(step.action, Action::SetLease { .. })));
        assert!(schedule.leases().all(|lease| (20..=100).contains(&lease.as_secs())));
        let mut without = schedule.clone();
        lease.take_out(&mut without);
        assert_eq!(without.leases().next(), None);
    }
    assert!((40..80).contains(&differ) && (40..=differ).contains(&change), "{differ}, {change} of 400 at 15 %");
}
