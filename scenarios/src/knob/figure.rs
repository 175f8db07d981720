//! Fields of a schedule as whole numbers in a unit.

use dupeproof_core::Span;
use dupeproof_sim::schedule::{Regime, TransformError};

/// What a knob counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Parts per million.
    Ppm,
    /// Percent.
    Percent,
    /// Kilobytes.
    Kb,
    /// Things.
    Count,
    /// 0 is off and 1 is on.
    Switch,
    /// One of these, by name in files and by place in code.
    Choice(&'static [&'static str]),
}

/// By place in [`Regime`]'s own order.
pub(super) const REGIMES: Unit = Unit::Choice(&["roblox-2026", "roblox-legacy"]);
/// The same for [`TransformError`].
pub(super) const TRANSFORM_ERRORS: Unit = Unit::Choice(&["raises", "returns_nil"]);

impl Unit {
    /// The names it is chosen from, if it is chosen.
    pub fn choices(self) -> &'static [&'static str] {
        match self {
            Unit::Choice(names) => names,
            _ => &[],
        }
    }

    /// Microseconds.
    fn micros(self) -> i64 {
        match self {
            Unit::S => 1_000_000,
            _ => 1_000,
        }
    }
}

/// A field that a knob can turn. What does not fit is cut to what does.
pub(super) trait KnobValue {
    fn figure(&self, unit: Unit) -> i64;
    fn put(&mut self, unit: Unit, value: i64);
}

impl KnobValue for Span {
    fn figure(&self, unit: Unit) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX).div_euclid(unit.micros())
    }

    fn put(&mut self, unit: Unit, value: i64) {
        self.0 = u64::try_from(value.saturating_mul(unit.micros())).unwrap_or(0);
    }
}

/// Microseconds, either way.
impl KnobValue for i64 {
    fn figure(&self, unit: Unit) -> i64 {
        self.div_euclid(unit.micros())
    }

    fn put(&mut self, unit: Unit, value: i64) {
        *self = value.saturating_mul(unit.micros());
    }
}

impl KnobValue for i32 {
    fn figure(&self, _unit: Unit) -> i64 {
        i64::from(*self)
    }

    fn put(&mut self, _unit: Unit, value: i64) {
        *self = i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX });
    }
}

impl KnobValue for u32 {
    fn figure(&self, _unit: Unit) -> i64 {
        i64::from(*self)
    }

    fn put(&mut self, _unit: Unit, value: i64) {
        *self = u32::try_from(value.max(0)).unwrap_or(u32::MAX);
    }
}

impl KnobValue for bool {
    fn figure(&self, _unit: Unit) -> i64 {
        i64::from(*self)
    }

    fn put(&mut self, _unit: Unit, value: i64) {
        *self = value != 0;
    }
}

impl KnobValue for Regime {
    fn figure(&self, _unit: Unit) -> i64 {
        match self {
            Regime::Roblox2026 => 0,
            Regime::RobloxLegacy => 1,
        }
    }

    fn put(&mut self, _unit: Unit, value: i64) {
        *self = if value == 0 { Regime::Roblox2026 } else { Regime::RobloxLegacy };
    }
}

impl KnobValue for TransformError {
    fn figure(&self, _unit: Unit) -> i64 {
        match self {
            TransformError::Raises => 0,
            TransformError::ReturnsNil => 1,
        }
    }

    fn put(&mut self, _unit: Unit, value: i64) {
        *self = if value == 0 { TransformError::Raises } else { TransformError::ReturnsNil };
    }
}
