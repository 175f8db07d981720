//! What Roblox leaves open, as knobs: behaviour that belongs to no fault.

use std::sync::LazyLock;

use dupeproof_sim::schedule::{Schedule, ServerPlan};

use crate::factor::Factor;
use crate::fault::Evidence;
use crate::knob::Knob;

/// The knobs that belong to no fault and to nobody's game. How late late requests are belongs to several faults.
static KNOBS: LazyLock<Vec<&'static Knob>> = LazyLock::new(|| {
    let stays = |knob: &&Knob| {
        let mut schedule = Schedule { servers: vec![ServerPlan::default()], ..Schedule::default() };
        knob.set(&mut schedule, 0, if knob.default_value() == knob.max { knob.min } else { knob.max });
        Factor::all().iter().for_each(|factor| factor.take_out(&mut schedule));
        knob.get(&schedule, 0) != knob.default_value()
    };
    Knob::all().iter().filter(|knob| !knob.name.starts_with("lateness_")).filter(stays).collect()
});

/// Whether a knob is one of them.
pub(crate) fn has(knob: &Knob) -> bool {
    KNOBS.iter().any(|open| open.name == knob.name)
}

/// Those of a schedule that are not as they are by default: place, and value.
pub(crate) fn all_in(schedule: &Schedule) -> impl Iterator<Item = (&'static Knob, i64)> {
    KNOBS.iter().filter_map(|knob| {
        let mut values = (0..knob.places(schedule)).map(|place| knob.get(schedule, place));
        Some((*knob, values.find(|value| *value != knob.default_value())?))
    })
}

/// How much is known of another value than the default.
pub(crate) fn evidence(knob: &Knob) -> Evidence {
    match knob.name {
        // A run begins at any time of the hour.
        "before_the_hour_s" => Evidence::Ordinary,
        "regime" => Evidence::Documented,
        "transform_error" => Evidence::Reported,
        _ => Evidence::Inferred,
    }
}

/// Turns back whatever is less real than this.
pub(crate) fn keep_to(most: Evidence, schedule: &mut Schedule) {
    KNOBS.iter().filter(|knob| evidence(knob) > most).for_each(|knob| knob.reset(schedule));
}
