//! Any knob can be turned to anything in its range, and to nothing else.

use dupeproof_scenarios::Knob;
use dupeproof_sim::schedule::{Schedule, ServerPlan};
use proptest::prelude::*;

use super::cases;

const SERVERS: usize = 3;

fn schedule() -> Schedule {
    Schedule { servers: vec![ServerPlan::default(); SERVERS], ..Schedule::default() }
}

/// A knob, one of its places, and a value in its range: its bounds as often as anything between.
pub(super) fn turned() -> impl Strategy<Value = (&'static Knob, usize, i64)> {
    (0..Knob::all().len(), 0..SERVERS).prop_flat_map(|(knob, place)| {
        let knob = &Knob::all()[knob];
        let value = prop_oneof![Just(knob.min), Just(knob.max), knob.min..=knob.max];
        (Just(knob), Just(if knob.of_server { place } else { 0 }), value)
    })
}

fn all(schedule: &Schedule) -> Vec<(&'static str, usize, i64)> {
    let places = |knob: &'static Knob| (0..knob.places(schedule)).map(move |place| (knob, place));
    Knob::all().iter().flat_map(places).map(|(knob, place)| (knob.name, place, knob.get(schedule, place))).collect()
}

proptest! {
    // Ten of each knob: both bounds and what lies between. Milliseconds.
    #![proptest_config(cases(1_500))]

    #[test]
    fn a_knob_is_what_it_was_turned_to_and_no_other_moves((knob, place, value) in turned()) {
        let before = all(&schedule());
        let mut after = schedule();
        knob.set(&mut after, place, value);
        prop_assert_eq!(knob.get(&after, place), value);
        prop_assert_eq!(knob.check(value), Ok(()));
        for (before, after) in before.into_iter().zip(all(&after)) {
            prop_assert!(before == after || (knob.name, place) == (after.0, after.1), "{:?}: {:?}", before, after);
        }
        knob.reset(&mut after);
        prop_assert_eq!(after, schedule());
    }

    #[test]
    fn what_is_out_of_range_is_refused_with_the_knob_and_its_range(
        (knob, _, _) in turned(),
        beyond in prop_oneof![Just(1), 1..=i64::from(u32::MAX)],
        below in any::<bool>(),
    ) {
        let value = if below { knob.min - beyond } else { knob.max + beyond };
        let refused = knob.check(value).expect_err("it is out of range");
        for said in [knob.name, &value.to_string(), &knob.min.to_string(), &knob.max.to_string()] {
            prop_assert!(refused.contains(said), "{} without {}", refused, said);
        }
    }
}
