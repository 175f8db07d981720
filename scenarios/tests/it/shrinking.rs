//! Schedules get short, stay sane on the way, and shrinking always ends.

use dupeproof_scenarios::failure::sanity;
use dupeproof_scenarios::shrink::shrink;
use dupeproof_scenarios::strategy::ScheduleTree;
use dupeproof_scenarios::subjects::naive::NaiveSubject;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::FindingKind;
use dupeproof_sim::guest::Command;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, Schedule, ServiceProfile};
use proptest::strategy::ValueTree;

/// Shrinks as long as `fails` says so; every candidate must be sane.
fn shrunk(schedule: Schedule, fails: impl Fn(&Schedule) -> bool) -> (Schedule, u32) {
    let mut tree = ScheduleTree::of(schedule.clone());
    let mut best = schedule;
    let mut tries = 0;
    let mut more = tree.simplify();
    while more {
        tries += 1;
        assert!(tries < 50_000, "shrinking does not end");
        let candidate = tree.current();
        assert_eq!(sanity::check(&candidate), Ok(()));
        more = if fails(&candidate) {
            best = candidate;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    assert_eq!(tree.current(), best, "the tree ends on the simplest that fails");
    (best, tries)
}

fn count(schedule: &Schedule, is: impl Fn(&Action) -> bool) -> usize {
    schedule.timeline.iter().filter(|step| is(&step.action)).count()
}

#[test]
fn a_failure_that_needs_nothing_shrinks_to_nothing() {
    let (best, _) = shrunk(Suite::all()[0].schedule(1, 1, "naive"), |_| true);
    assert_eq!((best.timeline.len(), best.servers.len(), best.players.len(), best.length.0), (0, 1, 0, 0));
    assert_eq!(best.services, ServiceProfile::default());
}

#[test]
fn a_failure_that_needs_everything_stays_as_it_is() {
    let schedule = Suite::all()[0].schedule(1, 2, "naive");
    let (best, tries) = shrunk(schedule.clone(), |_| false);
    assert_eq!(best, schedule);
    assert!(tries > 20);
}

#[test]
fn what_a_failure_needs_is_kept_and_the_rest_goes() {
    let suite = Suite::named("crash").unwrap();
    let crash_and_two_joins = |schedule: &Schedule| {
        count(schedule, |action| matches!(action, Action::Crash { .. })) >= 1
            && count(schedule, |action| matches!(action, Action::Command { command: Command::Join(_), .. })) >= 2
    };
    let schedule = (0..).map(|case| suite.schedule(1, case, "naive")).find(crash_and_two_joins).unwrap();
    let (best, _) = shrunk(schedule, crash_and_two_joins);
    assert_eq!(best.timeline.len(), 3);
    assert!(best.servers.len() == 1 && best.players.len() <= 2, "{best:?}");
    assert!(best.timeline.iter().all(|step| step.at.0 <= 1_000_000), "{best:?}");
}

#[test]
fn a_fault_that_matters_is_kept() {
    let suite = Suite::named("services").unwrap();
    let lossy = |schedule: &Schedule| schedule.services.faults.write.lost_reply_ppm > 0;
    let schedule = (0..).map(|case| suite.schedule(1, case, "naive")).find(lossy).unwrap();
    let (best, _) = shrunk(schedule.clone(), lossy);
    let mut only = ServiceProfile::default();
    only.faults.write.lost_reply_ppm = schedule.services.faults.write.lost_reply_ppm;
    assert_eq!(best.services, only);
}

#[test]
fn a_naive_failure_shrinks_to_a_handful_of_steps_and_still_shows_the_same() {
    for kind in [FindingKind::LostUpdate, FindingKind::ItemDuplicated] {
        let suite = &Suite::all()[0];
        let shows = |schedule: &Schedule| {
            let result = run_case(schedule, &NaiveSubject, Network::Event, &mut ());
            result.shows(kind).then_some(result.end.digest)
        };
        let schedule = (0..).map(|case| suite.schedule(1, case, "naive")).find(|schedule| shows(schedule).is_some());
        let short = shrink(&schedule.unwrap(), kind, &NaiveSubject, Network::Event, 3_000).unwrap();
        assert!(short.schedule.timeline.len() <= 8, "{kind:?}: {:?}", short.schedule.timeline);
        assert_eq!(shows(&short.schedule), Some(short.digest));
        assert_eq!(short.finding.kind(), kind);
    }
}

#[test]
fn a_schedule_that_does_not_show_it_is_not_shrunk() {
    let mut schedule = Suite::all()[0].schedule(1, 0, "naive");
    schedule.timeline.clear();
    assert!(shrink(&schedule, FindingKind::LostUpdate, &NaiveSubject, Network::Event, 10).is_none());
}
