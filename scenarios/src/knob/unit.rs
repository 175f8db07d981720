//! What a knob counts.

use crate::size::SizeUnit;

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

/// By place in [`dupeproof_sim::schedule::Regime`]'s own order.
pub(super) const REGIMES: Unit = Unit::Choice(&["roblox-2026", "roblox-legacy"]);
/// The same for [`dupeproof_sim::schedule::TransformError`].
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
    pub(crate) fn micros(self) -> i64 {
        match self {
            Unit::S => 1_000_000,
            _ => 1_000,
        }
    }

    /// What a size in it counts.
    pub(crate) fn of_size(self) -> SizeUnit {
        match self {
            Unit::Ms | Unit::S => SizeUnit::Seconds,
            Unit::Ppm => SizeUnit::Ppm,
            Unit::Percent => SizeUnit::Percent,
            Unit::Kb => SizeUnit::Kilobytes,
            Unit::Count | Unit::Switch | Unit::Choice(_) => SizeUnit::Times,
        }
    }

    /// How much of a size one of it is: times are microseconds there.
    pub(crate) fn scale(self) -> i64 {
        if self.of_size() == SizeUnit::Seconds { self.micros() } else { 1 }
    }
}
