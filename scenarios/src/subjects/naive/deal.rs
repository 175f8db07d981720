//! Trades, gifts and purchases as such scripts make them: in memory, or into the other's record.

use std::sync::Arc;

use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, ReceiptId, TradeId};
use dupeproof_sim::{GuestEvent, Output};

use super::guest::NaiveGuest;
use super::read_modify_write::Task;
use crate::game_record;

impl NaiveGuest {
    /// When both are here and both have agreed, they swap.
    pub(super) fn trade(&mut self, player: PlayerId, partner: PlayerId, trade: TradeId, out: &mut Vec<Output>) {
        if self.profile(partner).is_none() {
            return;
        }
        match self.offers.iter().position(|other| *other == trade) {
            Some(agreed) => {
                self.offers.remove(agreed);
                self.swap(partner, player, out);
            }
            None => self.offers.push(trade),
        }
    }

    /// To a player who is here in memory; to any other into their record.
    pub(super) fn gift(&mut self, from: PlayerId, to: PlayerId, gift: TradeId, out: &mut Vec<Output>) {
        let Some(giver) = self.profile(from) else { return };
        let Some(item) = game_record::take_item(Arc::make_mut(&mut self.profiles[giver].data)) else { return };
        let from = self.profiles[giver].session;
        let told = match self.profile(to) {
            Some(receiver) => {
                let receiving = &mut self.profiles[receiver];
                game_record::add_item(Arc::make_mut(&mut receiving.data), item);
                let to = receiving.session;
                self.edit(receiver, out);
                GuestEvent::ItemMoved { item, from, to }
            }
            None => {
                self.take_on(key_of(to), Task::Give(item), out);
                GuestEvent::ItemPutAside { item, session: from, trade: gift }
            }
        };
        out.push(Output::Event(told));
        self.edit(giver, out);
    }

    /// Applied in memory, once, and granted at once.
    pub(super) fn receipt(&mut self, player: PlayerId, receipt: ReceiptId, out: &mut Vec<Output>) {
        let Some(profile) = self.profile(player) else { return };
        let data = &mut self.profiles[profile].data;
        if !game_record::purchases(data).any(|bought| bought == receipt) {
            game_record::add_purchase(Arc::make_mut(data), receipt);
            self.edit(profile, out);
        }
        out.push(Output::Event(GuestEvent::PurchaseGranted { player, receipt }));
    }
}
