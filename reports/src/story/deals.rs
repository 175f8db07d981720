//! Sentences on trades, gifts, messages and purchases, each named the same from the command to the end.

use std::collections::{BTreeMap, BTreeSet};

use dupeproof_core::Stored;
use dupeproof_scenarios::game_record;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, TradeId};
use dupeproof_sim::{Command, GuestEvent};

use crate::picture::Cast;
use crate::wording::player as name;

/// The deals of a run so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Deals {
    /// The other side of each side of a trade, and the receiver of each gift.
    others: BTreeMap<(TradeId, PlayerId), PlayerId>,
    gifts: BTreeSet<TradeId>,
    /// The owner of each item that was put aside.
    aside: BTreeMap<(TradeId, ItemId), PlayerId>,
    /// The receiver of each message.
    messages: BTreeMap<MessageId, PlayerId>,
}

impl Deals {
    /// The sentence for a command on a server, if it is about a deal.
    pub(super) fn command(&mut self, job: &str, command: Command) -> Option<String> {
        Some(match command {
            Command::Trade { player, partner, trade } => {
                self.others.insert((trade, player), partner);
                format!("{} on {job} trades with {} ({})", name(player), name(partner), self.deal(trade))
            }
            Command::Gift { from, to, gift } => {
                self.others.insert((gift, from), to);
                self.gifts.insert(gift);
                format!("{} on {job} gives an item to {} ({})", name(from), name(to), self.deal(gift))
            }
            Command::Receipt { player, receipt } => {
                format!("purchase {} of {} is delivered to {job}", receipt.0, name(player))
            }
            Command::Send { to, message } => {
                self.messages.insert(message, to);
                format!("the game on {job} sends message {} to {}", message.0, name(to))
            }
            _ => return None,
        })
    }

    /// The sentence for what the game of a session did for a deal, or was told about it.
    pub(super) fn dealt(&mut self, job: &str, player: PlayerId, event: &GuestEvent) -> Option<String> {
        let name_of_player = name(player);
        Some(match event {
            GuestEvent::ItemPutAside { item, trade, .. } => {
                self.aside.insert((*trade, *item), player);
                let to = self.others.get(&(*trade, player)).map_or("a player".into(), |other| name(*other));
                format!("{name_of_player} offers item {} to {to} ({})", item.0, self.deal(*trade))
            }
            GuestEvent::ItemTaken { item, trade, .. } => {
                let back = if self.aside.get(&(*trade, *item)) == Some(&player) { " back" } else { "" };
                format!("{job} takes item {} of {}{back} into {name_of_player}", item.0, self.deal(*trade))
            }
            GuestEvent::TradeDecided { trade, committed, .. } => {
                let decided = if *committed { "is committed" } else { "is aborted" };
                format!("{job} is told for {name_of_player} that {} {decided}", self.deal(*trade))
            }
            GuestEvent::MessageHandled { message, .. } => {
                format!("the game on {job} handles message {} of {name_of_player}", message.0)
            }
            _ => return None,
        })
    }

    /// The sentence for what a sender was told, if the message is to one of the cast.
    pub(super) fn sent(&self, job: &str, message: MessageId, accepted: bool, cast: &Cast) -> Option<String> {
        let to = self.messages.get(&message).filter(|to| cast.players.contains(to))?;
        let outcome = if accepted { "will arrive" } else { "will not arrive" };
        Some(format!("{job} is told that message {} to {} {outcome}", message.0, name(*to)))
    }

    /// The sentence for the write to the record of a trade that decides it.
    pub(super) fn decided(
        &self,
        job: &str,
        key: &str,
        before: Option<&Stored>,
        after: Option<&Stored>,
    ) -> Option<String> {
        let trade = game_record::trade_of(key)?;
        self.others.keys().find(|(known, _)| *known == trade)?;
        let decision = |stored: &Stored| stored.data()?.get("Decision")?.as_str().map(str::to_owned);
        let (old, new) = (before.and_then(decision), after.and_then(decision)?);
        if old.as_ref() == Some(&new) || new == "Pending" {
            return None;
        }
        Some(format!("the DataStore stores for {job} that {} is {}", self.deal(trade), new.to_lowercase()))
    }

    /// `trade 4`, `gift 5`.
    fn deal(&self, trade: TradeId) -> String {
        let noun = if self.gifts.contains(&trade) { "gift" } else { "trade" };
        format!("{noun} {}", trade.0)
    }
}

/// The sentence for the answer to a delivered purchase.
pub(super) fn granted(job: &str, player: PlayerId, receipt: ReceiptId) -> String {
    format!("{job} answers that purchase {} of {} is granted", receipt.0, name(player))
}
