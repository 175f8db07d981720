//! What a family of schedules has in common.

use dupeproof_core::Span;

/// From `min` to `max`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between<T> {
    /// At least.
    pub min: T,
    /// At most.
    pub max: T,
}

/// How the schedules of a family look.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Server slots.
    pub servers: Between<u16>,
    /// Players.
    pub players: Between<u16>,
    /// Time until settling.
    pub length: Between<Span>,
    /// Times at which players come together; each draws its stays around them.
    pub gatherings: Between<u16>,
    /// Stays of one player in one gathering.
    pub stays: Between<u16>,
    /// Whether players swap items.
    pub swaps: bool,
    /// What happens between profiles.
    pub dealings: Dealings,
    /// Which faults.
    pub odds: Odds,
}

/// In how many schedules of a hundred each kind of dealing between profiles, or deed of an admin, exists at all.
#[derive(Clone, Copy, Debug)]
pub struct Dealings {
    /// Atomic trades between players on the same or different servers.
    pub trades: u8,
    /// Trades whose sides meet on one server are swaps in memory instead; everything else is the same.
    pub in_memory: bool,
    /// Gifts to players who may be anywhere or nowhere.
    pub gifts: u8,
    /// Receipts, each delivered once to three times.
    pub purchases: u8,
    /// Single messages.
    pub messages: u8,
    /// 5 to 30 messages within seconds.
    pub floods: u8,
    /// Sessions started with `Steal`.
    pub steals: u8,
    /// `RemoveAsync`, often of an active profile.
    pub removals: u8,
    /// A record read and set, often while its profile is active.
    pub rollbacks: u8,
}

impl Dealings {
    /// Everybody minds their own profile.
    pub const NONE: Dealings = Dealings {
        trades: 0,
        in_memory: false,
        gifts: 0,
        purchases: 0,
        messages: 0,
        floods: 0,
        steals: 0,
        removals: 0,
        rollbacks: 0,
    };

    /// Trades, gifts, purchases and messages.
    pub const MARKET: Dealings =
        Dealings { trades: 70, gifts: 50, purchases: 50, messages: 40, floods: 15, ..Dealings::NONE };

    /// Steals, removals and rollbacks, and now and then something for them to befall.
    pub const ADMIN: Dealings = Dealings {
        trades: 30,
        gifts: 30,
        purchases: 30,
        messages: 30,
        steals: 60,
        removals: 40,
        rollbacks: 50,
        ..Dealings::NONE
    };
}

/// In how many schedules of a hundred each kind of fault exists at all.
#[derive(Clone, Copy, Debug)]
pub struct Odds {
    /// Servers stop at once.
    pub crash: u8,
    /// Servers close in order.
    pub close: u8,
    /// Servers freeze.
    pub freeze: u8,
    /// Links are cut.
    pub partition: u8,
    /// Services refuse everything for a while.
    pub outage: u8,
    /// A holder is frozen or cut off for longer than its lease while its player turns up elsewhere.
    pub siege: u8,
    /// A third server asks for a held lock and gives up, while the one that asked before it is silent.
    pub rival: u8,
    /// Single requests meet a chosen fate.
    pub mishap: u8,
    /// Each of the DataStore's background faults.
    pub datastore: u8,
    /// Each of MessagingService's background faults.
    pub messaging: u8,
    /// Each latency is unusual.
    pub latency: u8,
    /// Budgets are tiny.
    pub throttle: u8,
    /// Clocks are off.
    pub clocks: u8,
}

impl Odds {
    /// Nothing ever goes wrong.
    pub const NONE: Odds = Odds {
        crash: 0,
        close: 0,
        freeze: 0,
        partition: 0,
        outage: 0,
        siege: 0,
        rival: 0,
        mishap: 0,
        datastore: 0,
        messaging: 0,
        latency: 0,
        throttle: 0,
        clocks: 0,
    };

    /// Everything but rivals may, each kind in about a third of the schedules.
    pub const ALL: Odds = Odds {
        crash: 40,
        close: 30,
        freeze: 40,
        partition: 40,
        outage: 20,
        siege: 25,
        rival: 0,
        mishap: 50,
        datastore: 20,
        messaging: 25,
        latency: 25,
        throttle: 25,
        clocks: 50,
    };
}

impl Shape {
    /// Three to five servers, two to five players, every fault, and with settling about 15 simulated minutes.
    pub const USUAL: Shape = Shape {
        servers: Between { min: 3, max: 5 },
        players: Between { min: 2, max: 5 },
        length: Between { min: Span::secs(540), max: Span::secs(720) },
        gatherings: Between { min: 1, max: 2 },
        stays: Between { min: 1, max: 3 },
        swaps: true,
        dealings: Dealings::NONE,
        odds: Odds::ALL,
    };
}
