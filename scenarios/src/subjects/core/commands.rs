//! What players and admins do.

use std::sync::Arc;

use dupeproof_core::{self as core, CallId, CallRequest, Now, Purchase, VersionQuery};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, SessionNo, TradeId};
use dupeproof_sim::{Command, GuestEvent, Output};
use serde_json::Value as Json;

use super::guest::{CoreGuest, GameCall};
use crate::game_record::{self, QueuedMessage};
use crate::subjects::change::Change;
use crate::subjects::game;

impl CoreGuest {
    pub(super) fn command(&mut self, now: Now, command: Command, out: &mut Vec<Output>) {
        match command {
            Command::Join(player) => self.join(now, player, false),
            Command::Steal(player) => self.join(now, player, true),
            Command::Leave(player) => {
                if let Some(session) = self.players.remove(&player) {
                    self.store.handle(now, core::Input::CancelStart { session });
                }
            }
            Command::Edit(player) => self.with(player, |game, session| game.edit(now, session, out)),
            Command::Errands { player, partner, errand } => self.errands(now, player, partner, errand, out),
            Command::Overfill(player) => self.with(player, |game, session| game.overfill(now, session, out)),
            Command::Save(player) => self.with(player, |game, session| {
                game.store.handle(now, core::Input::Save { session });
            }),
            Command::Swap(first, second) => self.swap(now, first, second, out),
            Command::Trade { player, partner, trade } => {
                self.with(player, |game, session| game.trade(now, session, partner, trade, out));
            }
            Command::Gift { from, to, gift } => self.with(from, |game, session| game.gift(now, session, to, gift, out)),
            Command::Receipt { player, receipt } => {
                self.with(player, |game, session| game.receipt(now, player, session, receipt, out));
            }
            Command::Send { to, message } => self.send(now, to, message),
            Command::Remove(player) => self.call(now, GameCall::Remove, CallRequest::Remove { key: key_of(player) }),
            Command::Rollback(player) => {
                let query = VersionQuery { descending: true, ..VersionQuery::default() };
                self.call(now, GameCall::Versions(player), CallRequest::ListVersions { key: key_of(player), query });
            }
        }
    }

    /// Something that a player who is here does.
    fn with(&mut self, player: PlayerId, act: impl FnOnce(&mut CoreGuest, core::SessionId)) {
        if let Some(&session) = self.players.get(&player) {
            act(self, session);
        }
    }

    fn join(&mut self, now: Now, player: PlayerId, steal: bool) {
        if self.players.contains_key(&player) {
            return;
        }
        let session = core::SessionId(u32::try_from(self.owners.len()).expect("few sessions in one life"));
        let guid = format!("{:016x}-{}", self.seed, session.0).into();
        self.owners.push(player);
        self.players.insert(player, session);
        self.store.handle(now, core::Input::StartSession { session, key: key_of(player), guid, steal });
    }

    fn edit(&mut self, now: Now, session: core::SessionId, out: &mut Vec<Output>) {
        let Ok(data) = self.store.data_mut(session, now) else { return };
        Change::edit(data, self.stamps.make()).tell(SessionNo(session.0), out);
    }

    /// All of it must be refused.
    fn errands(&mut self, now: Now, player: PlayerId, partner: PlayerId, errand: TradeId, out: &mut Vec<Output>) {
        let Some(last) = self.owners.iter().rposition(|owner| *owner == player) else { return };
        let session = core::SessionId(u32::try_from(last).expect("few sessions in one life"));
        if self.store.is_active(session, now) {
            return;
        }
        self.edit(now, session, out);
        self.trade(now, session, partner, errand, out);
        self.gift(now, session, partner, errand, out);
        self.receipt(now, player, session, ReceiptId(errand.0), out);
        self.store.handle(now, core::Input::Save { session });
    }

    fn overfill(&mut self, now: Now, session: core::SessionId, out: &mut Vec<Output>) {
        let Ok(data) = self.store.data_mut(session, now) else { return };
        Change::overfill(data, self.stamps.make()).tell(SessionNo(session.0), out);
    }

    /// Both profiles change in memory, after checking that both are active; they are saved whenever they are saved.
    fn swap(&mut self, now: Now, first: PlayerId, second: PlayerId, out: &mut Vec<Output>) {
        let (Some(&first), Some(&second)) = (self.players.get(&first), self.players.get(&second)) else { return };
        if first == second || !self.store.is_active(first, now) || !self.store.is_active(second, now) {
            return;
        }
        let mut firsts = self.store.data_mut(first, now).map(std::mem::take).unwrap_or_default();
        let swapped = match self.store.data_mut(second, now) {
            Ok(seconds) => game::swap(&mut firsts, seconds),
            Err(_) => game::Swapped::default(),
        };
        if let Ok(data) = self.store.data_mut(first, now) {
            *data = firsts;
        }
        if swapped.is_empty() {
            return;
        }
        self.edit(now, first, out);
        self.edit(now, second, out);
        swapped.tell(SessionNo(first.0), SessionNo(second.0), out);
    }

    fn trade(&mut self, now: Now, session: core::SessionId, partner: PlayerId, trade: TradeId, out: &mut Vec<Output>) {
        let stamp = self.stamps.make();
        let mut change = None;
        let give = |data: &mut Json| {
            let (done, item) = Change::put_aside(data, stamp, trade)?;
            change = Some(done);
            Some(game_record::offer(item))
        };
        let id = trade.0.to_string().into();
        if self.store.trade(session, now, &id, &key_of(partner), give).is_ok()
            && let Some(change) = change
        {
            change.tell(SessionNo(session.0), out);
        }
    }

    fn gift(&mut self, now: Now, session: core::SessionId, to: PlayerId, gift: TradeId, out: &mut Vec<Output>) {
        let stamp = self.stamps.make();
        let mut change = None;
        let give = |data: &mut Json| {
            let (done, item) = Change::put_aside(data, stamp, gift)?;
            change = Some(done);
            Some(QueuedMessage::Gift { gift, item }.to_json())
        };
        let id = format!("g{}", gift.0).into();
        if self.store.gift(session, now, &id, &key_of(to), give).is_ok()
            && let Some(change) = change
        {
            change.tell(SessionNo(session.0), out);
        }
    }

    /// `ProcessReceipt`. What is not granted now is granted when it is known to be stored, or at a later delivery.
    fn receipt(
        &mut self,
        now: Now,
        player: PlayerId,
        session: core::SessionId,
        receipt: ReceiptId,
        out: &mut Vec<Output>,
    ) {
        let stamp = self.stamps.make();
        let mut change = None;
        let grant = |data: &mut Json| change = Some(Change::grant(data, stamp, receipt));
        let purchase = self.store.purchase(session, now, &receipt.0.to_string().into(), grant);
        if let Some(change) = change {
            change.tell(SessionNo(session.0), out);
        }
        if purchase == Ok(Purchase::Stored) {
            out.push(Output::Event(GuestEvent::PurchaseGranted { player, receipt }));
        }
    }

    fn send(&mut self, now: Now, to: PlayerId, message: MessageId) {
        let request =
            CallRequest::Message { key: key_of(to), message: Arc::new(QueuedMessage::Message(message).to_json()) };
        self.call(now, GameCall::Send(message), request);
    }

    pub(super) fn call(&mut self, now: Now, game_call: GameCall, request: CallRequest) {
        self.game_calls_made += 1;
        let call = CallId(self.game_calls_made);
        self.game_calls.insert(call, game_call);
        self.store.handle(now, core::Input::Call { call, request });
    }
}
