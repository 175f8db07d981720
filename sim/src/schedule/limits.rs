//! What the services let through: the documented limits, and how far this world is from them.

use serde::{Deserialize, Serialize};

use crate::request::RequestType;

/// Which limits are in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Regime {
    /// Experience-wide and per-server limits (error-codes-and-limits, in force since April 2026; its figures of
    /// 2026-07-14).
    #[default]
    #[serde(rename = "roblox-2026")]
    Roblox2026,
    /// Per-server limits alone (the same page until 2026-04-09), with the budget mechanics that the community measured
    /// (MockDataStoreService).
    #[serde(rename = "roblox-legacy")]
    RobloxLegacy,
}

/// A limit: so many a minute, and so many more for each player (of the server, or of the experience).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// A minute.
    pub base: u32,
    /// A minute for each player.
    pub per_player: u32,
}

impl Rate {
    /// A minute, with so many players.
    pub fn per_minute(self, players: u32) -> u64 {
        u64::from(self.base) + u64::from(self.per_player) * u64::from(players)
    }
}

/// What the services let through in one world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The documented limits that the percentages are of.
    pub regime: Regime,
    /// Each server's own request limits, in percent of the documented ones, 1 to 10,000. A game can set them (class
    /// reference, `DataStoreService:SetRateLimitForRequestType`: up to 10,000 and 200 more for each player). Below one
    /// request a minute counts as one.
    pub server_percent: u32,
    /// Requests of each type that a server has to begin with, 1 to 10,000. Not documented in 2026, beyond that there
    /// is a "one-time startup burst". In the legacy regime: reads and standard writes; ordered writes have half of it
    /// and lists a tenth (community, MockDataStoreService: 100, 100, 50, 10).
    pub startup_burst: u32,
    /// How much budget a server can save up, in seconds' worth, 1 to 3,600; one request at least. Not documented in
    /// 2026. The legacy regime saves up three times as much (community, MockDataStoreService: 180 s).
    pub saved_seconds: u32,
    /// Requests that can wait in each of the four throttle queues, 0 to 1,000; the next is dropped
    /// (error-codes-and-limits: 30).
    pub queue: u32,
    /// Whether the queues keep their order (error-codes-and-limits: "in the order they are received"; community,
    /// DocumentService: they do not).
    pub fifo: bool,
    /// The experience's limits, in percent of the documented ones, 1 to 10,000; not in the legacy regime.
    pub experience_percent: u32,
    /// Players on servers that are not simulated, 0 to 1,000,000: they count for the experience's limits.
    pub other_players: u32,
    /// What those servers use of the experience's limits, in percent, 0 to 200, on average; it comes in waves. Inferred:
    /// Roblox says that all servers share these limits, not how they fluctuate.
    pub other_load_percent: u32,
    /// Kilobytes that every profile is larger than its data here, 0 to 4,096: what counts for the throughput of a key.
    pub padding_kb: u32,
    /// The messaging limits, in percent of the documented ones (class reference, `MessagingService`, since 2024-02-12),
    /// 1 to 10,000. Below one a minute counts as one.
    pub messaging_percent: u32,
}

impl Default for Limits {
    /// As documented in 2026, for a game of a hundred players and average-sized profiles, with no other servers.
    fn default() -> Limits {
        Limits {
            regime: Regime::Roblox2026,
            server_percent: 100,
            startup_burst: 100,
            saved_seconds: 60,
            queue: 30,
            fifo: true,
            experience_percent: 100,
            other_players: 100,
            other_load_percent: 0,
            padding_kb: 0,
            messaging_percent: 100,
        }
    }
}

impl Limits {
    /// A server's own limit for a type of request.
    pub fn server(&self, kind: RequestType) -> Rate {
        let rate = |base, per_player| Rate { base, per_player };
        match self.regime {
            Regime::Roblox2026 => match kind {
                RequestType::StandardRead
                | RequestType::StandardWrite
                | RequestType::StandardRemove
                | RequestType::OrderedRead => rate(60, 40),
                RequestType::StandardList | RequestType::OrderedList => rate(5, 2),
                RequestType::OrderedWrite | RequestType::OrderedRemove => rate(30, 5),
            },
            Regime::RobloxLegacy => match kind {
                RequestType::StandardRead
                | RequestType::OrderedRead
                | RequestType::StandardWrite
                | RequestType::StandardRemove => rate(60, 10),
                RequestType::StandardList | RequestType::OrderedList => rate(5, 2),
                RequestType::OrderedWrite | RequestType::OrderedRemove => rate(30, 5),
            },
        }
    }

    /// A server's own limit for reads of old versions where they are not limited as reads: in the legacy regime.
    pub fn old_versions(&self) -> Option<Rate> {
        (self.regime == Regime::RobloxLegacy).then_some(Rate { base: 5, per_player: 2 })
    }

    /// The experience's limit for a type of request, per minute and per concurrent user; `None` in the legacy regime.
    pub fn experience(&self, kind: RequestType) -> Option<Rate> {
        let rate = |per_player| Some(Rate { base: 300, per_player });
        match (self.regime, kind) {
            (Regime::RobloxLegacy, _) => None,
            (_, RequestType::StandardRead | RequestType::OrderedRead) => rate(40),
            (_, RequestType::StandardWrite | RequestType::OrderedWrite) => rate(20),
            (_, RequestType::StandardList | RequestType::OrderedList) => rate(2),
            (_, RequestType::StandardRemove | RequestType::OrderedRemove) => rate(40),
        }
    }
}
