//! Numbers become as small as the finding lets them, to two significant digits.

use std::sync::LazyLock;

use dupeproof_sim::schedule::{Action, Schedule};

use super::{Attempt, changed};
use crate::fault::{Fault, Field};
use crate::knob::{Knob, Unit};

/// Tries at one number: half of it, a quarter less, down to a thirty-second less, and last the next below it, which is
/// between a tenth and a hundredth less.
pub(super) const TRIES: usize = 6;

/// The knobs that say how much of a fault there is: less of it is milder. Those that a game has of its own are not among
/// them: there zero is not little.
static KNOBS: LazyLock<Vec<&'static Knob>> = LazyLock::new(|| {
    let of_faults: Vec<&'static Knob> = Fault::ALL.iter().flat_map(|fault| fault.sized_knobs()).collect();
    let is_size = |knob: &&Knob| {
        let is_bound = knob.partner().is_some_and(|other| of_faults.iter().any(|one| one.name == other.name));
        let is_late = knob.name.starts_with("lateness_");
        knob.unit == Unit::Ppm || is_late || is_bound || of_faults.iter().any(|one| one.name == knob.name)
    };
    Knob::all().iter().filter(is_size).collect()
});

/// Where a step has a number that says how much of something there is; none is calm.
type FieldOf = fn(&mut Action) -> Option<Field<'_>>;

/// How long it lasts, the frame of a server that is overloaded, and by how much a clock is set.
const FIELDS: [FieldOf; 3] = [
    |action| action.span_mut().map(Field::Span),
    |action| if let Action::Lag { frame, .. } = action { Some(Field::Span(frame)) } else { None },
    |action| if let Action::ClockStep { by, .. } = action { Some(Field::Offset(by)) } else { None },
];

/// One number of a schedule.
#[derive(Clone, Copy)]
enum Place {
    /// Of a step.
    Field(usize, FieldOf),
    /// A knob, of the world or of a server.
    Knob(&'static Knob, usize),
}

/// With one number closer to what is calm.
pub(super) fn number(schedule: &Schedule, index: usize) -> Attempt {
    let Some((place, value, calm)) = numbers(schedule).nth(index / TRIES) else { return Attempt::Over };
    match smaller(value - calm, index % TRIES) {
        Some(less) => changed(schedule, |simpler| set(simpler, place, calm + less)),
        None => Attempt::Skip,
    }
}

/// The numbers of a schedule that are not calm: which, how large, and what would be calm.
fn numbers(schedule: &Schedule) -> impl Iterator<Item = (Place, i64, i64)> {
    let of_steps = (0..schedule.timeline.len()).flat_map(|step| FIELDS.map(|field| Place::Field(step, field)));
    let places = |knob: &&'static Knob| {
        let knob = *knob;
        (0..knob.places(schedule)).map(move |place| Place::Knob(knob, place))
    };
    let of_knobs = KNOBS.iter().flat_map(places);
    of_steps.chain(of_knobs).filter_map(|place| {
        let (value, calm) = read(schedule, place)?;
        (value != calm).then_some((place, value, calm))
    })
}

fn read(schedule: &Schedule, place: Place) -> Option<(i64, i64)> {
    match place {
        Place::Field(step, field) => {
            let mut action = schedule.timeline[step].action;
            field(&mut action).map(|field| (field.get(), 0))
        }
        Place::Knob(knob, server) => Some((knob.get(schedule, server), knob.default_value())),
    }
}

fn set(schedule: &mut Schedule, place: Place, value: i64) {
    match place {
        Place::Field(step, field) => {
            if let Some(field) = field(&mut schedule.timeline[step].action) {
                field.set(value);
            }
        }
        Place::Knob(knob, server) => knob.set_with_partner(schedule, server, value),
    }
}

/// What is tried in place of a number that is calm at zero; `None` if that try would be the number itself. A number of more
/// than two digits becomes one of two digits first, the next that is not below it; every other try is smaller.
pub(super) fn smaller(value: i64, attempt: usize) -> Option<i64> {
    let far = value.unsigned_abs();
    let rounded = round_up(far);
    let tried = if rounded != far {
        (attempt == 0).then_some(rounded)
    } else if attempt == TRIES - 1 {
        Some(below(far))
    } else {
        Some(round_up(far - (far >> (attempt + 1)))).filter(|tried| *tried < far)
    }?;
    Some(i64::try_from(tried).unwrap_or(i64::MAX) * value.signum())
}

/// The next number of two significant digits that is not below this.
pub(super) fn round_up(number: u64) -> u64 {
    number.div_ceil(unit(number)).saturating_mul(unit(number))
}

/// The next number of two significant digits that is below one of two digits.
fn below(number: u64) -> u64 {
    let less = number - 1;
    less - less % unit(less)
}

/// What the second significant digit counts.
fn unit(number: u64) -> u64 {
    10_u64.pow(number.max(1).ilog10().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bisects until nothing is left to try, as shrinking does.
    fn least(mut value: i64, shows: impl Fn(i64) -> bool) -> (i64, u32) {
        let (mut attempt, mut runs) = (0, 0);
        while attempt < TRIES {
            match smaller(value, attempt) {
                Some(less)
                    if {
                        runs += 1;
                        shows(less)
                    } =>
                {
                    value = less;
                }
                _ => attempt += 1,
            }
        }
        (value, runs)
    }

    #[test]
    fn a_number_ends_at_the_least_of_two_digits_that_shows_it() {
        for bound in [1, 9, 10, 11, 99, 100, 101, 331, 45_300, 330_000_001] {
            let (value, runs) = least(9 * 3_600_000_123, |value| value >= bound);
            assert_eq!(value.unsigned_abs(), round_up(bound.unsigned_abs()), "{bound}");
            assert!(runs < 60, "{runs} runs for {bound}");
        }
        assert_eq!(least(-120_000_000, |value| value <= -46_000_000).0, -46_000_000);
    }

    #[test]
    fn the_next_below_has_two_digits_as_well() {
        assert_eq!([46, 100, 101, 330].map(round_up), [46, 100, 110, 330]);
        assert_eq!([46, 100, 110, 330, 10, 1].map(below), [45, 99, 100, 320, 9, 0]);
    }
}
