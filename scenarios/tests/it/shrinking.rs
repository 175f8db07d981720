//! Schedules get short, stay sane on the way, and shrinking always ends.

use std::sync::Arc;

use dupeproof_core::Span;
use dupeproof_scenarios::failure::sanity;
use dupeproof_scenarios::shrink::shrink;
use dupeproof_scenarios::strategy::{ScheduleTree, Shape};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::subjects::naive::NaiveSubject;
use dupeproof_scenarios::{Knob, Suite, run_case};
use dupeproof_sim::FindingKind;
use dupeproof_sim::guest::Command;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, RequestClass, Schedule, ServiceProfile, Step};
use proptest::strategy::ValueTree;

/// Shrinks as long as `fails` says so; every candidate must be sane.
fn shrunk(schedule: Schedule, fails: impl Fn(&Schedule) -> bool) -> (Schedule, u32) {
    // Of a world that says nothing of its numbers.
    let shape = Arc::new(Shape { settings: Vec::new(), ..Suite::all()[0].as_ref().clone() });
    let mut tree = ScheduleTree::of(schedule.clone(), shape);
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
    assert!(best.timeline.iter().all(|step| step.at.0 <= 3_000_000), "a second after one another: {best:?}");
}

#[test]
fn a_fault_that_matters_is_kept() {
    let suite = Suite::named("services").unwrap();
    let lossy = |schedule: &Schedule| schedule.services.faults.write.lost_reply_ppm > 0;
    let schedule = (0..).map(|case| suite.schedule(1, case, "naive")).find(lossy).unwrap();
    let (best, _) = shrunk(schedule.clone(), lossy);
    let mut only = ServiceProfile::default();
    assert!(schedule.services.faults.write.lost_reply_ppm > 1);
    only.faults.write.lost_reply_ppm = 1;
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
        let short = shrink(&schedule.unwrap(), suite, kind, &NaiveSubject, Network::Event, 3_000).unwrap();
        assert!(short.schedule.timeline.len() <= 8, "{kind:?}: {:?}", short.schedule.timeline);
        assert_eq!(shows(&short.schedule), Some(short.digest));
        assert_eq!(short.finding.kind(), kind);
    }
}

#[test]
fn a_schedule_that_does_not_show_it_is_not_shrunk() {
    let mut schedule = Suite::all()[0].schedule(1, 0, "naive");
    schedule.timeline.clear();
    assert!(shrink(&schedule, &Suite::all()[0], FindingKind::LostUpdate, &NaiveSubject, Network::Event, 10).is_none());
}

#[test]
fn shrinking_twice_gives_the_same() {
    let suite = &Suite::all()[0];
    let kind = FindingKind::LostUpdate;
    let short = |case| shrink(&suite.schedule(1, case, "naive"), suite, kind, &NaiveSubject, Network::Event, 400);
    let told = |case| short(case).map(|short| (short.schedule, short.digest, short.tries, short.is_least));
    assert!((0..8).any(|case| told(case).is_some()));
    (0..8).for_each(|case| assert_eq!(told(case), told(case), "case {case}"));
}

#[test]
fn a_freeze_is_as_short_as_shows_it_and_two_digits_less_does_not() {
    let enough = |schedule: &Schedule| {
        schedule.timeline.iter().any(|step| matches!(step.action, Action::Freeze { span, .. } if span.0 >= 45_300_000))
    };
    let suite = Suite::named("crash").unwrap();
    let schedule = (0..).map(|case| suite.schedule(1, case, "naive")).find(enough).unwrap();
    let (best, _) = shrunk(schedule, enough);
    let [Step { at, action: Action::Freeze { span, .. } }] = best.timeline[..] else { panic!("{best:?}") };
    assert_eq!((at, span), (Span::secs(1), Span::secs(46)));
}

#[test]
fn of_two_clocks_that_are_apart_one_is_right_and_the_other_wrong_by_as_much() {
    let offsets = |schedule: &Schedule| schedule.servers.iter().map(|server| server.unix_offset).collect::<Vec<_>>();
    let apart = |schedule: &Schedule| {
        let offsets = offsets(schedule);
        offsets.iter().max().zip(offsets.iter().min()).is_some_and(|(most, least)| most - least > 330_000_000)
    };
    let suite = Suite::named("clocks").unwrap();
    let schedule = (0..).map(|case| suite.schedule(1, case, "naive")).find(apart).unwrap();
    let (best, _) = shrunk(schedule, apart);
    let mut offsets = offsets(&best).into_iter().map(i64::abs).collect::<Vec<_>>();
    offsets.sort_unstable();
    assert_eq!(offsets, [0, 340_000_000], "the least of two digits above 330 s");
}

#[test]
fn no_number_of_a_scenario_leaves_the_range_that_it_gives() {
    let text = "name = \"slow\"\nabout = \"\"\nworld = \"calm\"\n[knobs]\ndatastore_latency_min_ms = [40, 60]\n\
                datastore_latency_max_ms = [70, 90]\nbefore_the_hour_s = [100, 900]\nmessage_lost_ppm = [1_000, 5_000]\n";
    let suite = Suite::parse(text, &Subjects::default()).expect("it makes sense");
    let number = |schedule: &Schedule, knob: &str| Knob::named(knob).expect("there is one").get(schedule, 0);
    let kind = FindingKind::LostUpdate;
    let shrunk: Vec<Schedule> = (0..40)
        .filter_map(|case| shrink(&suite.schedule(1, case, "naive"), &suite, kind, &NaiveSubject, Network::Event, 400))
        .map(|short| short.schedule)
        .collect();
    assert!(!shrunk.is_empty());
    for schedule in shrunk {
        let latency = ["datastore_latency_min_ms", "datastore_latency_max_ms"].map(|knob| number(&schedule, knob));
        let is_its_own = (40..=60).contains(&latency[0]) && (70..=90).contains(&latency[1]);
        assert!(is_its_own || latency == [25, 100], "its own, or that of any world: {latency:?}");
        assert!((100..=900).contains(&number(&schedule, "before_the_hour_s")), "no fault, so it stays");
        assert!([0].into_iter().chain(1_000..=5_000).any(|lost| lost == number(&schedule, "message_lost_ppm")));
    }
}

#[test]
fn no_late_write_is_earlier_than_its_scenario_says() {
    let text = "name = \"late\"\nabout = \"\"\nworld = \"calm\"\n[knobs]\nset_late_apply_ppm = [100_000, 300_000]\n\
                lateness_min_ms = 8_000\nlateness_max_ms = [20_000, 30_000]\n";
    let suite = Suite::parse(text, &Subjects::default()).expect("it makes sense");
    let lateness = |schedule: &Schedule| -> Vec<Span> {
        let late = |step: &Step| if let Action::FailNext { fault, .. } = step.action { fault.late_by() } else { None };
        schedule.timeline.iter().filter_map(late).collect()
    };
    let kind = FindingKind::LostUpdate;
    let shrunk: Vec<Schedule> = (0..40)
        .filter_map(|case| shrink(&suite.schedule(1, case, "naive"), &suite, kind, &NaiveSubject, Network::Event, 400))
        .map(|short| short.schedule)
        .collect();
    assert!(shrunk.iter().any(|schedule| !lateness(schedule).is_empty()), "some need a late write");
    for schedule in shrunk {
        assert!(lateness(&schedule).into_iter().all(|late| late >= Span::secs(8)), "{:?}", schedule.timeline);
        let by_chance = schedule.services.faults.of(RequestClass::Set).late_apply_ppm > 0;
        assert!(!by_chance || schedule.services.lateness.min == Span::secs(8), "{:?}", schedule.services.lateness);
    }
}
