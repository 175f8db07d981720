//! Which kinds of fault exist in one schedule at all: drawn first, before anything else about it.

use super::draw::Draw;
use super::odds::{Chance, Odds};

/// The kinds that exist in one schedule.
#[derive(Clone, Debug)]
pub(super) struct Weather(Vec<Chance>);

impl Weather {
    /// Draws them, each on its own.
    pub(super) fn of(odds: &Odds, draw: &mut Draw) -> Weather {
        Weather(Chance::all().filter(|chance| draw.percent(odds.of(*chance))).collect())
    }

    /// Whether a kind exists.
    pub(super) fn has(&self, chance: impl Into<Chance>) -> bool {
        self.0.contains(&chance.into())
    }
}
