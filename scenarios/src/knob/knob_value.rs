//! Fields of a schedule as whole numbers in a unit.

use dupeproof_core::Span;
use dupeproof_sim::schedule::{Regime, TransformError};

use super::unit::Unit;

/// A field that a knob can set, as a whole number in a unit. What does not fit is cut to what does.
pub(super) trait KnobValue {
    fn get(&self, unit: Unit) -> i64;
    fn set(&mut self, unit: Unit, value: i64);
}

impl KnobValue for Span {
    fn get(&self, unit: Unit) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX).div_euclid(unit.micros())
    }

    fn set(&mut self, unit: Unit, value: i64) {
        self.0 = u64::try_from(value.saturating_mul(unit.micros())).unwrap_or(0);
    }
}

/// Microseconds, either way.
impl KnobValue for i64 {
    fn get(&self, unit: Unit) -> i64 {
        self.div_euclid(unit.micros())
    }

    fn set(&mut self, unit: Unit, value: i64) {
        *self = value.saturating_mul(unit.micros());
    }
}

impl KnobValue for i32 {
    fn get(&self, _unit: Unit) -> i64 {
        i64::from(*self)
    }

    fn set(&mut self, _unit: Unit, value: i64) {
        *self = i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX });
    }
}

impl KnobValue for u32 {
    fn get(&self, _unit: Unit) -> i64 {
        i64::from(*self)
    }

    fn set(&mut self, _unit: Unit, value: i64) {
        *self = u32::try_from(value.max(0)).unwrap_or(u32::MAX);
    }
}

impl KnobValue for bool {
    fn get(&self, _unit: Unit) -> i64 {
        i64::from(*self)
    }

    fn set(&mut self, _unit: Unit, value: i64) {
        *self = value != 0;
    }
}

impl KnobValue for Regime {
    fn get(&self, _unit: Unit) -> i64 {
        match self {
            Regime::Roblox2026 => 0,
            Regime::RobloxLegacy => 1,
        }
    }

    fn set(&mut self, _unit: Unit, value: i64) {
        *self = if value == 0 { Regime::Roblox2026 } else { Regime::RobloxLegacy };
    }
}

impl KnobValue for TransformError {
    fn get(&self, _unit: Unit) -> i64 {
        match self {
            TransformError::Raises => 0,
            TransformError::ReturnsNil => 1,
        }
    }

    fn set(&mut self, _unit: Unit, value: i64) {
        *self = if value == 0 { TransformError::Raises } else { TransformError::ReturnsNil };
    }
}
