//! A knob that is held, or drawn anew for each schedule.

use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::Schedule;

use super::lateness;
use crate::fault::Draw;
use crate::knob::Knob;
use crate::left_open;

/// A knob and what it is to be.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Which.
    pub knob: &'static Knob,
    /// What.
    pub values: Values,
}

/// What a knob is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// Anything from the first to the second, evenly.
    Between(i64, i64),
    /// One of these, evenly; there is at least one.
    OneOf(Vec<i64>),
}

impl PartialEq for Setting {
    fn eq(&self, other: &Setting) -> bool {
        self.knob.name == other.knob.name && self.values == other.values
    }
}

/// Turns the knobs of a schedule. Each has draws of its own, so that one more moves no other.
pub(super) fn apply(settings: &[Setting], seed: Seed, schedule: &mut Schedule) {
    for Setting { knob, values } in settings {
        let mut draw = draw_of(knob, seed);
        for place in 0..knob.places(schedule) {
            knob.set(schedule, place, draw.value(values));
        }
        // Bounds that are drawn apart may cross.
        if let Some(other) = knob.partner() {
            let (least, most) = if knob.is_least() { (*knob, other) } else { (other, *knob) };
            if least.get(schedule, 0) > most.get(schedule, 0) {
                other.set(schedule, 0, knob.get(schedule, 0));
            }
        }
    }
}

/// Puts back, into a schedule that was made simpler, the knobs that left what they are to be: each to what it is in the schedule
/// that it was made from. What a fault does may be taken out altogether, so that it can be told whether a finding needs it.
pub(super) fn hold(settings: &[Setting], simpler: &mut Schedule, from: &Schedule) {
    for setting in settings {
        let Setting { knob, values } = setting;
        // How late requests are belongs to several faults: it may be anything when none of them is left.
        let is_used = lateness::is_of(setting) && lateness::occurs(simpler);
        let bounds: Vec<&Knob> = [Some(*knob), knob.partner()].into_iter().flatten().collect();
        for place in 0..knob.places(simpler).min(knob.places(from)) {
            let is_out = !is_used
                && !left_open::has(knob)
                && bounds.iter().all(|knob| knob.get(simpler, place) == knob.default_value());
            if !is_out && !values.contain(knob.get(simpler, place)) {
                bounds.iter().for_each(|knob| knob.set(simpler, place, knob.get(from, place)));
            }
        }
    }
}

impl Values {
    /// The smallest of them.
    pub(super) fn least(&self) -> i64 {
        match self {
            Values::Between(least, _) => *least,
            Values::OneOf(values) => values.iter().copied().min().unwrap_or(0),
        }
    }

    /// The largest of them.
    pub(super) fn most(&self) -> i64 {
        match self {
            Values::Between(_, most) => *most,
            Values::OneOf(values) => values.iter().copied().max().unwrap_or(0),
        }
    }

    fn contain(&self, value: i64) -> bool {
        match self {
            Values::Between(least, most) => (least..=most).contains(&&value),
            Values::OneOf(values) => values.contains(&value),
        }
    }
}

/// A knob's own stream, by its name.
fn draw_of(knob: &Knob, seed: Seed) -> Draw {
    let number = knob.name.bytes().fold(0_u32, |number, byte| number.wrapping_mul(31).wrapping_add(byte.into()));
    Draw::numbered(seed, "knob", number)
}

impl Draw {
    fn value(&mut self, values: &Values) -> i64 {
        match values {
            Values::Between(min, max) => self.between(*min, *max),
            Values::OneOf(values) => values[self.index(values.len())],
        }
    }
}

#[cfg(test)]
mod tests {
    use dupeproof_sim::schedule::ServerPlan;

    use super::*;

    fn schedule(knobs: &[(&str, i64)]) -> Schedule {
        let mut schedule = Schedule { servers: vec![ServerPlan::default(); 2], ..Schedule::default() };
        for (name, value) in knobs {
            Knob::named(name).expect("there is one").set(&mut schedule, 0, *value);
        }
        schedule
    }

    #[test]
    fn a_number_stays_in_its_range_or_its_fault_goes_altogether() {
        let setting = |name, values| Setting { knob: Knob::named(name).expect("there is one"), values };
        let settings = [
            setting("datastore_latency_min_ms", Values::Between(100, 500)),
            setting("datastore_latency_max_ms", Values::Between(400, 900)),
            setting("message_lost_ppm", Values::Between(1_000, 5_000)),
        ];
        let latency = |min, max, lost| {
            schedule(&[
                ("datastore_latency_min_ms", min),
                ("datastore_latency_max_ms", max),
                ("message_lost_ppm", lost),
            ])
        };
        let from = latency(300, 600, 4_000);
        let held = |mut simpler: Schedule| {
            hold(&settings, &mut simpler, &from);
            simpler
        };
        assert_eq!(held(latency(3, 600, 4_000)), from, "less than the least");
        assert_eq!(held(latency(100, 400, 1_000)), latency(100, 400, 1_000), "the least that there is");
        assert_eq!(held(latency(100, 3, 10)), from, "both bounds stay together");
        assert_eq!(held(schedule(&[])), schedule(&[]), "without the faults");
    }
}
