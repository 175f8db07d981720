//! Any schedule ends.

use std::cell::Cell;

use dupeproof_core::Span;
use dupeproof_scenarios::failure::sanity;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::subjects::core::CoreSubject;
use dupeproof_scenarios::{Knob, Suite, World, schedules};
use dupeproof_sim::network::{Network, event};
use dupeproof_sim::{Event, Global, Observer, Schedule, Subject};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::knobs::turned;

/// From the healing until the players are sent home.
const RECOVERY: Span = Span::secs(30);

/// Schedules of every one of these suites in a few of the worlds, with up to six knobs turned to anything.
fn any_schedule(suites: Vec<Suite>) -> impl Strategy<Value = Schedule> {
    let drawn = select(suites).prop_flat_map(|suite| schedules(&suite, &CoreSubject::default()));
    (drawn, vec(turned(), 0..6)).prop_map(|(mut schedule, turned)| {
        for (knob, place, value) in turned {
            turn(&mut schedule, knob, place, value);
        }
        schedule
    })
}

/// Keeps the bounds of a span in order.
fn turn(schedule: &mut Schedule, knob: &Knob, place: usize, value: i64) {
    knob.set(schedule, place % knob.places(schedule), value);
    if let Some(other) = knob.partner() {
        let bound = other.get(schedule, 0);
        other.set(schedule, 0, if knob.is_least() { bound.max(value) } else { bound.min(value) });
    }
}

/// All but the largest, which is one run a second.
fn every_suite() -> Vec<Suite> {
    let suites = Suite::all().iter().filter(|suite| suite.name != "fleet").cloned();
    let worlds = World::all().iter().map(|world| Suite::all()[0].in_world(world));
    suites.chain(worlds).collect()
}

/// Stops a run that goes on for longer than it may.
struct Late<'a> {
    bound: Global,
    is_late: &'a Cell<bool>,
}

impl Observer for Late<'_> {
    fn observe(&mut self, at: Global, _event: &Event) {
        self.is_late.set(self.is_late.get() || at > self.bound);
    }
}

/// The end of the timeline, the recovery, the players leaving, and two visits of all players to a fresh server.
fn bound(schedule: &Schedule, subject: &dyn Subject) -> Global {
    let drain_bound = subject.contract().drain_bound;
    let visit = subject.start_bound(schedule) + drain_bound;
    Global::default() + schedule.length + RECOVERY + drain_bound + visit + visit
}

proptest! {
    // Four schedules of each suite and each world for each of three subjects take about a second.
    #![proptest_config(cases(100))]
    #[test]
    fn every_run_ends_within_its_bound_whatever_the_knobs(schedule in any_schedule(every_suite())) {
        prop_assert_eq!(sanity::check(&schedule), Ok(()));
        for subject in Subjects::default().all() {
            let is_late = Cell::new(false);
            let bound = bound(&schedule, subject);
            let end = event::run_until(&schedule, subject, &mut Late { bound, is_late: &is_late }, &is_late);
            prop_assert!(!is_late.get() && end.at <= bound, "{} runs until {:?}", subject.name(), end.at);
        }
    }
}

proptest! {
    // A run over sockets takes about 0.2 s; the suite is the one that is made for it.
    #![proptest_config(cases(4))]
    #[test]
    fn every_run_over_sockets_ends_within_its_bound_too(
        schedule in any_schedule(vec![Suite::named("brief").expect("it is built in").clone()]),
    ) {
        let subject = CoreSubject::default();
        let bound = bound(&schedule, &subject);
        let end = Network::Turmoil.run(&schedule, &subject, &mut ());
        prop_assert!(end.at <= bound, "it runs until {:?}", end.at);
    }
}
