//! Which kinds of fault exist in one schedule at all: drawn first, before anything else about it.

use super::draw::Draw;
use super::odds::{Chance, Odds};

/// The kinds that exist in one schedule.
#[derive(Clone, Debug)]
pub(super) struct Weather(Vec<Chance>);

impl Weather {
    /// Draws them, each on its own; those of memory stores from a stream of their own, so that they move no other.
    pub(super) fn of(odds: &Odds, draw: &mut Draw, memory: &mut Draw) -> Weather {
        let of_memory = |chance: &Chance| matches!(chance, Chance::Of(fault) if fault.is_of_memory_stores());
        let exists = |chance: &Chance| {
            let draw = if of_memory(chance) { &mut *memory } else { &mut *draw };
            draw.percent(odds.of(*chance))
        };
        Weather(Chance::all().filter(exists).collect())
    }

    /// Whether a kind exists.
    pub(super) fn has(&self, chance: impl Into<Chance>) -> bool {
        self.0.contains(&chance.into())
    }
}
