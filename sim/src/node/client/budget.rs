//! What a server may ask of DataStoreService, by its own limits.

use dupeproof_core::Span;

use crate::clock::Global;
use crate::request::{Request, RequestKind, RequestType};
use crate::schedule::{Limits, Rate, Regime};
use crate::token_bucket::TokenBucket;

/// One for each type of request, and one for reads of old versions in the legacy regime.
const ACCOUNTS: usize = RequestType::ALL.len() + 1;

/// [`Limits::old_versions`].
const OLD_VERSIONS: Account = Account(RequestType::ALL.len());

/// Requests that are paid for together. Since 2026 each type by itself; in the legacy regime all reads together, and
/// all writes of standard stores (sets, increments, updates, removals; creator-docs before 2026-04-09).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account(usize);

/// A server's budgets. Studio has "a separate static set of limits" without figures (error-codes-and-limits): it is
/// limited as any other server here.
pub(super) struct Budget {
    limits: Limits,
    players: u32,
    token_buckets: [TokenBucket; ACCOUNTS],
}

impl Budget {
    pub(super) fn new(at: Global, limits: Limits) -> Budget {
        let token_bucket = |account| {
            let account = Account(account);
            TokenBucket::new(at, begin(&limits, account), rate(&limits, account, 0), saved(&limits))
        };
        Budget { limits, players: 0, token_buckets: std::array::from_fn(token_bucket) }
    }

    /// What pays for a request of this type.
    pub(super) fn account(&self, request: &Request, kind: RequestType) -> Account {
        match self.limits.regime {
            Regime::RobloxLegacy if request.kind() == RequestKind::GetVersion => OLD_VERSIONS,
            _ => self.account_of(kind),
        }
    }

    /// What pays for requests of this type, but for reads of old versions.
    pub(super) fn account_of(&self, kind: RequestType) -> Account {
        let shared = match (self.limits.regime, kind) {
            (Regime::RobloxLegacy, RequestType::OrderedRead) => RequestType::StandardRead,
            (Regime::RobloxLegacy, RequestType::StandardRemove) => RequestType::StandardWrite,
            (Regime::RobloxLegacy, RequestType::OrderedRemove) => RequestType::OrderedWrite,
            (_, kind) => kind,
        };
        Account(shared as usize)
    }

    /// Pays for one request.
    pub(super) fn pay(&mut self, account: Account, at: Global) -> bool {
        self.token_buckets[account.0].pay(at)
    }

    /// When the next request can be paid for.
    pub(super) fn affordable_at(&self, account: Account) -> Global {
        self.token_buckets[account.0].affordable_at()
    }

    /// `GetRequestBudgetForRequestType`: requests "that can currently be made" (class reference).
    pub(super) fn holds(&self, account: Account, at: Global) -> u32 {
        self.token_buckets[account.0].holds(at)
    }

    /// This many players are here now.
    pub(super) fn set_players(&mut self, at: Global, players: u32) {
        self.players = players;
        for (account, token_bucket) in self.token_buckets.iter_mut().enumerate() {
            token_bucket.set_rate(at, rate(&self.limits, Account(account), players), saved(&self.limits));
        }
    }

    /// `BindToClose`: the legacy regime raises every budget to 150 for each 60 of its base (community,
    /// MockDataStoreService). Of 2026 nothing of the kind is documented.
    pub(super) fn closing(&mut self, at: Global) {
        if self.limits.regime == Regime::RobloxLegacy {
            for (account, token_bucket) in self.token_buckets.iter_mut().enumerate() {
                token_bucket.raise(at, rate(&self.limits, Account(account), 0) * 150 / 60);
            }
        }
    }

    /// Less than the ordinary budget is a fault, and ends.
    pub(super) fn heal(&mut self) {
        let ordinary = Limits::default();
        self.limits.server_percent = self.limits.server_percent.max(ordinary.server_percent);
        self.limits.startup_burst = self.limits.startup_burst.max(ordinary.startup_burst);
        self.limits.saved_seconds = self.limits.saved_seconds.max(ordinary.saved_seconds);
        for (account, token_bucket) in self.token_buckets.iter_mut().enumerate() {
            let account = Account(account);
            let (begin, rate) = (begin(&self.limits, account), rate(&self.limits, account, self.players));
            *token_bucket = TokenBucket::new(token_bucket.filled_at(), begin, rate, saved(&self.limits));
        }
    }
}

/// Requests to begin with, in hundredths.
fn begin(limits: &Limits, account: Account) -> u64 {
    let share = match (limits.regime, RequestType::ALL.get(account.0)) {
        (Regime::Roblox2026, _) => 100,
        // Of the reads of old versions nothing is known; they are limited as lists are.
        (Regime::RobloxLegacy, Some(RequestType::StandardList | RequestType::OrderedList) | None) => 10,
        (Regime::RobloxLegacy, Some(RequestType::OrderedWrite | RequestType::OrderedRemove)) => 50,
        (Regime::RobloxLegacy, Some(_)) => 100,
    };
    (u64::from(limits.startup_burst) * share).max(100)
}

/// Hundredths of a request a minute.
fn rate(limits: &Limits, account: Account, players: u32) -> u64 {
    let limit = match RequestType::ALL.get(account.0) {
        Some(kind) => limits.server(*kind),
        None => limits.old_versions().unwrap_or(Rate { base: 0, per_player: 0 }),
    };
    limit.per_minute(players) * u64::from(limits.server_percent)
}

fn saved(limits: &Limits) -> Span {
    let seconds = u64::from(limits.saved_seconds);
    match limits.regime {
        Regime::Roblox2026 => Span::secs(seconds),
        Regime::RobloxLegacy => Span::secs(3 * seconds),
    }
}
