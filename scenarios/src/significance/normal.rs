//! The tail of the normal distribution.

/// `1 / sqrt(2 pi)`.
const DENSITY_AT_ZERO: f64 = 0.398_942_280_401_432_7;

/// From here on the continued fraction is exact to all digits with few terms.
const FAR: f64 = 3.0;

/// Terms of the continued fraction, and of the series.
const TERMS: u32 = 80;

/// The probability that a normal variable is at least so many standard deviations above its mean; `at` is not negative.
pub(super) fn tail(at: f64) -> f64 {
    let density = DENSITY_AT_ZERO * exp_of_minus(at * at / 2.0);
    if at < FAR { 0.5 - density * series(at) } else { density / fraction(at) }
}

/// `at + at^3 / 3 + at^5 / (3 * 5) + ...`
fn series(at: f64) -> f64 {
    let (mut sum, mut term) = (at, at);
    for place in 1..TERMS {
        term *= at * at / f64::from(2 * place + 1);
        sum += term;
    }
    sum
}

/// `at + 1 / (at + 2 / (at + 3 / ...))`
fn fraction(at: f64) -> f64 {
    (1..TERMS).rev().fold(at, |below, place| at + f64::from(place) / below)
}

/// `e^-x` for an `x` that is not negative: halved as often as it contains `ln 2`, and a series for the rest. The library's
/// own may differ in the last digit between machines.
fn exp_of_minus(x: f64) -> f64 {
    let mut rest = x;
    let mut product = 1.0;
    while rest > std::f64::consts::LN_2 && product > 0.0 {
        rest -= std::f64::consts::LN_2;
        product *= 0.5;
    }
    let (mut sum, mut term) = (1.0, 1.0);
    for place in 1..25_u32 {
        term *= -rest / f64::from(place);
        sum += term;
    }
    product * sum
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn the_tail_is_that_of_the_tables() {
        for (at, expected) in [
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457_05),
            (1.959_963_984_540_054, 0.025),
            (2.999_999, 0.001_349_902_463_434_7),
            (3.0, 0.001_349_898_031_630_094_6),
            (6.0, 9.865_876_450_376_946e-10),
            (20.0, 2.753_624_118_606_233_8e-89),
        ] {
            let found = tail(at);
            assert!((found - expected).abs() < expected * 1e-9, "{at}: {found} is not {expected}");
        }
        assert!(tail(60.0) < 1e-300);
    }
}
