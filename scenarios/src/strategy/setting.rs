//! A knob that is held, or drawn anew for each schedule.

use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::Schedule;

use crate::fault::Draw;
use crate::knob::Knob;

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
