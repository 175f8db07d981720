//! No server asks for one key again and again without a pause.
//!
//! Each server has an account per key. Every DataStore request for the key takes one from it; it fills by 60 a
//! minute, up to 60; and what the server is given to do with the key pays for itself. An empty account is a storm:
//! more than twice the protocol's pace, for a minute or so.
//!
//! Where the pace comes from, in requests a minute for one key, with nothing to do and everything failing: a holder
//! checks every LEASE/9 when nothing answers (12 with a lease of 45 s; where one is shorter, an account fills by as much
//! more). A save, a final save, a withdrawal, a message or a gift is tried
//! again after 1, 2, 4, 8, 16, 20, 20 s, two requests each time (14 in the first minute, 6 in every other). A start
//! looks after 1, 2, 4, 8, 10, 10 s, two requests each time (16). A trade's coordinator is asked every 2 s (30; its
//! key is its own). Those that can meet on one key, a holder's check and save, a start behind it, one message and
//! one gift, come to less than 60; a ping makes no more than one check a second, which is 60 again, but is never
//! alone for long.
//!
//! An item of a memory store has an account, too, which nothing pays into. It fills by 120 a minute, up to 120: whoever looks
//! at a lock there once a second, by an update of two requests, is no storm. All servers of an experience together have
//! 1,000 requests a minute and 100 for each player (memory stores guide, "Limits").

use std::collections::BTreeMap;
use std::sync::Arc;

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, ServerId, TradeId};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, Global, GuestEvent, Key, Schedule};
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::game_record::{player_of, trade_of};
use crate::history::{Entry, History};

/// What an account fills by, in requests.
pub const PER_MINUTE: u64 = 60;
/// What an account holds at most, in requests, beside what was paid in.
const BURST: u64 = 60;
/// What the account of an item of a memory store fills by, in requests, and what it holds at most.
pub const MEMORY_PER_MINUTE: u64 = 120;
/// Checks that nothing answers, in one minute, with a lease of one second.
const CHECKS: u64 = 60 * 9;
/// The lease for which [`PER_MINUTE`] is enough.
const LEASE: Span = Span::secs(45);

/// A key that can be stormed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// A player's record.
    Player(PlayerId),
    /// A trade's coordinator.
    Trade(TradeId),
    /// An item of a memory store.
    MemoryItem(Key),
}

/// A key asked for too often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storm {
    /// The server that asked.
    pub server: ServerId,
    /// The key that it asked for.
    pub target: Target,
}

impl Detail for Storm {
    fn servers(&self) -> Servers {
        [Some(self.server), None]
    }
}

/// Keeps the accounts.
#[derive(Clone, Debug)]
pub struct RequestStorm {
    /// By slot, then by player.
    players: Vec<Account>,
    players_max: usize,
    /// Time in which an account fills by one.
    period: Span,
    trades: BTreeMap<(u16, TradeId), Account>,
    memory_items: BTreeMap<(u16, Key), Account>,
}

/// One server's and one key's.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    life: u16,
    /// When it will be full again.
    full_at: Global,
    /// Requests that what there was to do has paid for.
    paid: u32,
    reported: bool,
}

impl RequestStorm {
    /// Before a run of this schedule.
    pub fn new(schedule: &Schedule) -> RequestStorm {
        let players_max = schedule.players.len();
        let slots = schedule.servers.len() + 1;
        let shortest = schedule.leases().fold(LEASE, Span::min).as_secs().max(1);
        RequestStorm {
            players: vec![Account::default(); slots * players_max],
            players_max,
            period: Span(60_000_000 / (PER_MINUTE + CHECKS / shortest - CHECKS / LEASE.as_secs())),
            trades: BTreeMap::new(),
            memory_items: BTreeMap::new(),
        }
    }

    /// Takes the next event in; the history has it already.
    pub(super) fn observe(
        &mut self,
        at: Global,
        event: &Event,
        entry: Entry,
        history: &History,
        findings: &mut Vec<Finding>,
    ) {
        match event {
            Event::Requested { server, kind, target: Some(key), .. }
                if *kind == RequestKind::Get || kind.is_write() =>
            {
                if let Some(target) = target_of(key) {
                    self.spend(at, *server, target, findings);
                }
            }
            Event::Requested { server, kind, target: Some(item), .. } if kind.is_of_memory_item() => {
                self.spend(at, *server, Target::MemoryItem(Arc::clone(item)), findings);
            }
            // Somebody else has written: that the write is tried again at once is no storm.
            Event::Conflicted { server, key, .. } => {
                if let Some(account) = target_of(key).and_then(|target| self.account(*server, &target)) {
                    account.paid += 2;
                }
            }
            Event::Acted { action: Action::Command { server, command }, .. } => {
                if let Some(server) = history.life_of(*server) {
                    self.command(server, *command);
                }
            }
            Event::Guest { server, event, .. } => {
                if let Entry::Session(index) = entry {
                    self.guest(*server, history.sessions()[index].player, event);
                }
            }
            _ => {}
        }
    }

    fn spend(&mut self, at: Global, server: ServerId, target: Target, findings: &mut Vec<Finding>) {
        let (player, period, burst) = match &target {
            Target::Player(player) => (Some(*player), self.period, BURST),
            Target::Trade(_) => (None, self.period, BURST),
            Target::MemoryItem(_) => (None, Span(60_000_000 / MEMORY_PER_MINUTE), MEMORY_PER_MINUTE),
        };
        let Some(account) = self.account(server, &target) else { return };
        if account.spend(at, period, burst) {
            let fact = Fact::RequestStorm(Storm { server, target });
            findings.push(Finding { at, player, lasted: None, fact });
        }
    }

    /// A command pays for its updates, of two requests each.
    fn command(&mut self, server: ServerId, command: Command) {
        let mut pay = |player, requests| self.pay(server, &Target::Player(player), requests);
        match command {
            Command::Join(player) | Command::Steal(player) | Command::Leave(player) | Command::Save(player) => {
                pay(player, 2);
            }
            Command::Receipt { player, .. } | Command::Remove(player) | Command::Send { to: player, .. } => {
                pay(player, 2);
            }
            Command::Rollback(player) => pay(player, 3),
            Command::Trade { player, trade, .. } => {
                pay(player, 4);
                self.pay(server, &Target::Trade(trade), 8);
            }
            Command::Gift { from, to, .. } => {
                pay(from, 4);
                pay(to, 2);
            }
            Command::Edit(_) | Command::Swap(..) | Command::Overfill(_) | Command::Errands { .. } => {}
        }
    }

    /// What a game takes in was looked for, and is saved.
    fn guest(&mut self, server: ServerId, player: PlayerId, event: &GuestEvent) {
        match event {
            GuestEvent::MessageHandled { .. } | GuestEvent::ItemTaken { .. } | GuestEvent::TradeDecided { .. } => {
                self.pay(server, &Target::Player(player), 3);
            }
            _ => {}
        }
    }

    fn pay(&mut self, server: ServerId, target: &Target, requests: u32) {
        if let Some(account) = self.account(server, target) {
            account.paid += requests;
        }
    }

    fn account(&mut self, server: ServerId, target: &Target) -> Option<&mut Account> {
        let account = match target {
            Target::Player(player) if usize::from(player.0) < self.players_max => {
                self.players.get_mut(usize::from(server.slot) * self.players_max + usize::from(player.0))?
            }
            Target::Player(_) => return None,
            Target::Trade(trade) => self.trades.entry((server.slot, *trade)).or_default(),
            Target::MemoryItem(item) => self.memory_items.entry((server.slot, Arc::clone(item))).or_default(),
        };
        // Each life of a server begins with a full one.
        if account.life != server.life {
            *account = Account { life: server.life, ..Account::default() };
        }
        Some(account)
    }
}

impl Account {
    /// Takes one. Whether the account is found empty, for the first time.
    fn spend(&mut self, at: Global, period: Span, burst: u64) -> bool {
        if self.paid > 0 {
            self.paid -= 1;
            return false;
        }
        self.full_at = self.full_at.max(at) + period;
        let is_empty = self.full_at > at + Span(period.0 * burst);
        let is_news = is_empty && !self.reported;
        self.reported |= is_empty;
        is_news
    }
}

fn target_of(key: &str) -> Option<Target> {
    player_of(key).map(Target::Player).or_else(|| trade_of(key).map(Target::Trade))
}
