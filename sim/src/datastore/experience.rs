//! The request limits that all servers of the experience share.

use dupeproof_core::Span;

use crate::clock::Global;
use crate::request::RequestType;
use crate::rng::{Seed, Stream};
use crate::schedule::{Limits, Schedule};
use crate::token_bucket::TokenBucket;

/// How long one wave of the other servers' load lasts (inferred: it only has to be longer than a retry and shorter
/// than a lock's patience).
const WAVE: Span = Span::secs(20);

/// What is left of the limits, by type of request. Reads, writes, lists and removals have one each, ordered stores
/// their own (error-codes-and-limits, 2026-07-14).
pub(super) struct Experience {
    limits: Limits,
    /// On the servers here.
    players: u32,
    /// By [`RequestType`]. That each holds a minute's worth is inferred from "requests per minute".
    token_buckets: [TokenBucket; RequestType::ALL.len()],
    others: Others,
}

/// The load of the servers that are not simulated.
struct Others {
    /// Percent of the limits, on average.
    load_percent: u32,
    /// The same in this wave, drawn evenly between nothing and twice the average.
    wave_percent: u64,
    /// Draws them.
    waves: Stream,
    /// When the next begins.
    next: Global,
}

impl Experience {
    /// `None` where there are no such limits.
    pub(super) fn new(schedule: &Schedule) -> Option<Experience> {
        let limits = schedule.services.limits;
        limits.experience(RequestType::StandardRead)?;
        let full = |kind| TokenBucket::a_minute_of(Global(0), hundredths(&limits, 0, kind));
        let waves = Seed(schedule.seed).stream("experience", 0);
        let others = Others { load_percent: limits.other_load_percent, wave_percent: 0, waves, next: Global(0) };
        Some(Experience { limits, players: 0, token_buckets: RequestType::ALL.map(full), others })
    }

    /// Whether a request of this type is let through; it then counts.
    pub(super) fn admit(&mut self, at: Global, kind: RequestType) -> bool {
        self.bring_in_others(at);
        self.token_buckets[kind as usize].pay(at)
    }

    /// So many players are on the servers here.
    pub(super) fn set_players(&mut self, at: Global, players: u32) {
        self.bring_in_others(at);
        self.players = players;
        self.set_rates(at);
    }

    /// The limits are as documented at least, nothing of them was used, and no other server uses them.
    pub(super) fn heal(&mut self, at: Global) {
        (self.others.load_percent, self.others.wave_percent) = (0, 0);
        self.limits.experience_percent = self.limits.experience_percent.max(Limits::default().experience_percent);
        self.set_rates(at);
        for kind in RequestType::ALL {
            self.token_buckets[kind as usize].raise(at, hundredths(&self.limits, self.players, kind));
        }
    }

    fn bring_in_others(&mut self, at: Global) {
        while self.others.load_percent > 0 && self.others.next <= at {
            let begin = self.others.next;
            self.others.wave_percent = self.others.waves.below(u64::from(self.others.load_percent) * 2 + 1);
            self.others.next = begin + WAVE;
            self.set_rates(begin);
            // What they use beyond the limit is what was saved up of it.
            let beyond = self.others.wave_percent.saturating_sub(100);
            for kind in RequestType::ALL {
                let used = hundredths(&self.limits, self.players, kind) * beyond * WAVE.as_secs() / 60 / 100;
                self.token_buckets[kind as usize].take(begin, used);
            }
        }
    }

    /// What the others leave.
    fn set_rates(&mut self, at: Global) {
        let left = 100_u64.saturating_sub(self.others.wave_percent);
        for kind in RequestType::ALL {
            let rate = hundredths(&self.limits, self.players, kind) * left / 100;
            self.token_buckets[kind as usize].set_rate(at, rate, Span::secs(60));
        }
    }
}

/// Hundredths of a request a minute. The limits grow with the players of all servers.
fn hundredths(limits: &Limits, players: u32, kind: RequestType) -> u64 {
    let everybody = limits.other_players.saturating_add(players);
    limits.experience(kind).map_or(0, |rate| rate.per_minute(everybody)) * u64::from(limits.experience_percent)
}
