//! What is turned, and the settings that are tried.

use std::collections::BTreeSet;

use dupeproof_scenarios::Parameter;
use dupeproof_sim::Subject;

use crate::error::CliError;

/// So many numbers of one parameter where the range does not say.
const STEPS: u64 = 5;

/// A parameter with more steps than this is a typing mistake.
const STEPS_MAX: u64 = 1_000;

/// One parameter with its range.
pub(super) struct Axis {
    pub(super) name: String,
    pub(super) parameter: Parameter,
    /// The numbers of a grid, in order, at least one.
    values: Vec<i64>,
}

impl Axis {
    /// Of `NAME=LO..HI` or `NAME=LO..HI:STEPS`.
    ///
    /// # Errors
    /// When it is not of this form, or neither a constant nor a knob has this name.
    pub(super) fn of(text: &str, subject: &dyn Subject) -> Result<Axis, CliError> {
        let Some((name, low, high, steps)) = parts(text) else {
            return Err(CliError::new(format!("--param `{text}` is not NAME=LO..HI or NAME=LO..HI:STEPS")).hint(
                "for example --param AUTO_SAVE_PERIOD=30..300:4, with whole numbers, the first below the second",
            ));
        };
        let parameter = Parameter::find(name, low, subject).map_err(|why| {
            CliError::new(format!("--param `{text}`: {why}")).hint("`dupeproof list` shows constants and knobs")
        })?;
        Ok(Axis { name: name.to_owned(), parameter, values: spread(low, high, steps) })
    }

    /// The number of its range at this part of it, from 0 to below 1 as a fraction.
    fn at(&self, (part, whole): (u64, u64)) -> i64 {
        let (first, last) = (self.values[0], self.values[self.values.len() - 1]);
        let numbers = i128::from(last) - i128::from(first) + 1;
        let place = numbers * i128::from(part) / i128::from(whole);
        i64::try_from(i128::from(first) + place).expect("it is between two that fit")
    }
}

fn parts(text: &str) -> Option<(&str, i64, i64, u64)> {
    let (name, range) = text.split_once('=')?;
    let (range, steps) = match range.split_once(':') {
        Some((range, steps)) => (range, steps.parse().ok()?),
        None => (range, STEPS),
    };
    let (low, high) = range.split_once("..")?;
    let (low, high): (i64, i64) = (low.parse().ok()?, high.parse().ok()?);
    (low <= high && (1..=STEPS_MAX).contains(&steps)).then_some((name, low, high, steps))
}

/// So many numbers from the first to the second, both among them, each once.
fn spread(low: i64, high: i64, steps: u64) -> Vec<i64> {
    let width = i128::from(high) - i128::from(low);
    let last = i128::from(steps.max(2) - 1);
    let at = |step: u64| i128::from(low) + (width * i128::from(step) + last / 2) / last;
    let numbers: BTreeSet<i64> = (0..steps).filter_map(|step| i64::try_from(at(step)).ok()).collect();
    numbers.into_iter().collect()
}

/// Refuses one parameter given twice, and more of them than can be spread evenly.
///
/// # Errors
/// When there are.
pub(super) fn refuse_twins(axes: &[Axis]) -> Result<(), CliError> {
    if axes.len() > PRIMES.len() {
        return Err(CliError::new(format!("{} parameters are more than {}", axes.len(), PRIMES.len()))
            .hint("turn those that matter, and set the others in a scenario file"));
    }
    let mut names = BTreeSet::new();
    match axes.iter().find(|axis| !names.insert(&axis.name)) {
        Some(twice) => Err(CliError::new(format!("`{}` is turned twice", twice.name)).hint("give one range for it")),
        None => Ok(()),
    }
}

/// Every combination if there are at most so many, otherwise so many that fill the space evenly (the sequence of Halton).
pub(super) fn settings(axes: &[Axis], most: usize) -> Vec<Vec<i64>> {
    let whole = axes.iter().try_fold(1_usize, |all, axis| all.checked_mul(axis.values.len()));
    match whole {
        Some(whole) if whole <= most => grid(axes),
        _ => (1..=most as u64).map(|index| halton(axes, index)).collect(),
    }
}

fn grid(axes: &[Axis]) -> Vec<Vec<i64>> {
    axes.iter().fold(vec![Vec::new()], |settings, axis| {
        let with =
            |setting: &Vec<i64>| axis.values.iter().map(|value| [&setting[..], &[*value]].concat()).collect::<Vec<_>>();
        settings.iter().flat_map(with).collect()
    })
}

/// Primes for as many parameters as anybody turns at once.
const PRIMES: [u64; 8] = [2, 3, 5, 7, 11, 13, 17, 19];

fn halton(axes: &[Axis], index: u64) -> Vec<i64> {
    axes.iter().zip(PRIMES).map(|(axis, prime)| axis.at(mirrored(index, prime))).collect()
}

/// The digits of a number to this base, mirrored at the point: a fraction below 1.
fn mirrored(mut index: u64, base: u64) -> (u64, u64) {
    let (mut part, mut whole) = (0, 1);
    while index > 0 {
        (part, whole) = (part * base + index % base, whole * base);
        index /= base;
    }
    (part, whole)
}

/// Whether the subject can have every number.
///
/// # Errors
/// With the first that it cannot have.
pub(super) fn check(axes: &[Axis], settings: &[Vec<i64>], subject: &dyn Subject) -> Result<(), CliError> {
    for (place, axis) in axes.iter().enumerate() {
        let numbers: BTreeSet<i64> = settings.iter().map(|setting| setting[place]).collect();
        for number in numbers {
            axis.parameter.check(number, subject).map_err(|why| {
                CliError::new(format!("--param {}: {why}", axis.name)).hint("give a range that is allowed")
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use dupeproof_scenarios::subjects::Subjects;

    use super::{Axis, settings, spread};

    #[test]
    fn a_range_is_spread_with_both_ends_and_no_number_twice() {
        assert_eq!(spread(10, 120, 5), [10, 38, 65, 93, 120]);
        assert_eq!((spread(1, 3, 5), spread(4, 9, 1), spread(7, 7, 4)), (vec![1, 2, 3], vec![4], vec![7]));
        assert_eq!(spread(i64::MIN, i64::MAX, 2), [i64::MIN, i64::MAX]);
    }

    #[test]
    fn few_settings_are_a_grid_and_many_fill_the_space() {
        let subjects = Subjects::default();
        let core = subjects.named("core").expect("it is built in");
        let axis = |text: &str| Axis::of(text, core).expect("it makes sense");
        let axes = [axis("AUTO_SAVE_PERIOD=30..300:3"), axis("datastore_latency_max_ms=100..200:2")];
        let grid = settings(&axes, 6);
        assert_eq!(grid, [[30, 100], [30, 200], [165, 100], [165, 200], [300, 100], [300, 200]]);
        // Halves and thirds: 1/2, 1/4, 3/4 of 271 numbers, and 1/3, 2/3, 1/9 of 101.
        assert_eq!(settings(&axes, 3), [[165, 133], [97, 167], [233, 111]]);
        for wrong in ["AUTO_SAVE_PERIOD", "AUTO_SAVE_PERIOD=9", "AUTO_SAVE_PERIOD=9..3", "PRAYER=1..2", "x=1..2:0"] {
            assert!(Axis::of(wrong, core).is_err(), "{wrong}");
        }
    }
}
