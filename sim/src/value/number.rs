//! Luau's numbers in JSON, which prints a number without a fraction as an integer.

use serde_json::{Number, Value as Json};

/// Doubles hold every integer up to here.
const INTEGERS_MAX: f64 = 9_007_199_254_740_992.0;

/// `None` for NaN and the infinities: they are no JSON.
pub(super) fn to_json(number: f64) -> Option<Json> {
    match integer(number) {
        Some(integer) => Some(integer.into()),
        None => Number::from_f64(number).map(Json::Number),
    }
}

/// As `tostring` prints it.
pub(super) fn to_text(number: f64) -> String {
    match integer(number) {
        Some(integer) => integer.to_string(),
        None if number == f64::INFINITY => "inf".into(),
        None if number == f64::NEG_INFINITY => "-inf".into(),
        None => number.to_string(),
    }
}

/// Of numbers without a fraction. Minus zero keeps its sign, which integers have not.
pub(super) fn integer(number: f64) -> Option<i64> {
    let whole = number.fract() == 0.0 && number.abs() <= INTEGERS_MAX && !(number == 0.0 && number.is_sign_negative());
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is not above 2^53")]
    whole.then_some(number as i64)
}
