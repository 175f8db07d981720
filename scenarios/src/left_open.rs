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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_them_has_words_with_its_unit() {
        let in_words = |name, value| Knob::named(name).expect("there is one").in_words(value);
        assert_eq!(in_words("request_timeout_ms", 12_207), "a request times out after 12 s");
        assert_eq!(in_words("server_limit_percent", 40), "a server has 40 % of the documented request limits");
        assert_eq!(in_words("echo", 0), "a server does not get its own messages");
        let bare: Vec<&str> =
            KNOBS.iter().filter(|knob| knob.in_words(knob.max).is_empty()).map(|knob| knob.name).collect();
        assert!(bare.is_empty(), "{bare:?}");
        let lacks_size = |knob: &&Knob| knob.unit.choices().is_empty() && !is_switch(knob) && !has_size(knob);
        assert!(KNOBS.iter().copied().find(lacks_size).is_none(), "each says how much");
    }

    fn is_switch(knob: &Knob) -> bool {
        knob.unit == crate::knob::Unit::Switch
    }

    fn has_size(knob: &Knob) -> bool {
        knob.in_words(knob.min) != knob.in_words(knob.max)
    }
}
