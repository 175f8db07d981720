//! What all servers of the experience may ask of memory stores, and keep in them.

use dupeproof_core::Span;

use crate::clock::Global;
use crate::request::{Key, MemoryAddress, MemoryCall, Structure};
use crate::schedule::{MemoryStoreProfile, Rate, Schedule};
use crate::token_bucket::TokenBucket;

/// Request units a minute (memory stores guide, "API request limits"). That a minute's worth can be saved up is inferred.
const UNITS: Rate = Rate { base: 1_000, per_player: 120 };

/// Bytes of memory: 64 KB, and 1.2 KB for each user (the same, "Memory size quota").
const MEMORY: Rate = Rate { base: 65_536, per_player: 1_229 };

/// What is left.
pub(super) struct Quota {
    /// What is left of the documented units.
    ppm: u32,
    /// On servers that are not simulated.
    others: u32,
    players: u32,
    /// The most there were: the memory quota follows only after eight days.
    most: u32,
    units: TokenBucket,
}

impl Quota {
    pub(super) fn new(schedule: &Schedule) -> Quota {
        let (ppm, others) = (schedule.services.memory_store.units_ppm, schedule.services.limits.other_players);
        let units = TokenBucket::a_minute_of(Global(0), hundredths(ppm, others));
        Quota { ppm, others, players: 0, most: 0, units }
    }

    /// Whether a call is let through; its first unit then counts. The reading leg of a sorted map's `UpdateAsync` is the
    /// one that counts, so that the whole costs one unit, and two for a hash map.
    pub(super) fn admit(&mut self, at: Global, address: &Key, call: &MemoryCall) -> bool {
        let of_sorted = || MemoryAddress::parse(address).is_some_and(|place| place.structure == Structure::SortedMap);
        let free = matches!(call, MemoryCall::CompareAndSet { .. }) && of_sorted();
        free || self.units.pay(at)
    }

    /// What was returned counts, too; what is not there is not owed.
    pub(super) fn count(&mut self, at: Global, units: usize) {
        self.units.take(at, units as u64 * 100);
    }

    /// Whether there is room for so many bytes in all.
    pub(super) fn has_room_for(&self, bytes: usize) -> bool {
        bytes as u64 <= MEMORY.per_minute(self.others.saturating_add(self.most))
    }

    pub(super) fn set_players(&mut self, at: Global, players: u32) {
        self.players = players;
        self.most = self.most.max(players);
        self.units.set_rate(at, self.rate(), Span::secs(60));
    }

    /// The limit is the documented one at least, and nothing of it was used.
    pub(super) fn heal(&mut self, at: Global) {
        self.ppm = self.ppm.max(MemoryStoreProfile::default().units_ppm);
        self.units.set_rate(at, self.rate(), Span::secs(60));
        self.units.raise(at, self.rate());
    }

    fn rate(&self) -> u64 {
        hundredths(self.ppm, self.others.saturating_add(self.players))
    }
}

fn hundredths(ppm: u32, players: u32) -> u64 {
    UNITS.per_minute(players) * u64::from(ppm) / 10_000
}
