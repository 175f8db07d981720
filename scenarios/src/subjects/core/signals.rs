//! What the core tells the game, and what the game does then.

use std::sync::Arc;

use dupeproof_core::{self as core, CallId, CallRequest, CallResult, Event, Now};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, ReceiptId, SessionNo, TradeId};
use dupeproof_sim::{GuestEvent, Output};
use serde_json::Value as Json;

use super::guest::{CoreGuest, GameCall};
use crate::game_record;
use crate::subjects::change::Change;

impl CoreGuest {
    pub(super) fn signal(&mut self, now: Now, event: Event, out: &mut Vec<Output>) {
        let told = match event {
            Event::Started { session, acquired, .. } => {
                let stamp = self.store.data(session).map(game_record::stamp).unwrap_or_default();
                let (player, live_until) = (self.owner(session), self.store.live_until(session));
                let session = SessionNo(session.0);
                GuestEvent::SessionStarted { session, player, stamp, live_until, acquired }
            }
            Event::StartFailed { session, failure } => {
                // A superseded start is no reason to send the player away: the newer one is theirs too.
                GuestEvent::StartFailed { player: self.send_home(session), failure }
            }
            Event::Renewed { session } => match self.store.live_until(session) {
                Some(live_until) => GuestEvent::Renewed { session: SessionNo(session.0), live_until },
                None => return,
            },
            Event::Suspended { session } => GuestEvent::Suspended { session: SessionNo(session.0) },
            Event::Resumed { session } => return self.resumed(now, session, out),
            Event::AfterSave { session, data, .. } => {
                GuestEvent::Saved { session: SessionNo(session.0), stamp: game_record::stamp(&data) }
            }
            Event::Ended { session, reason } => {
                self.send_home(session);
                GuestEvent::SessionEnded { session: SessionNo(session.0), reason }
            }
            Event::Message { session, index } => return self.take_message(now, session, index, out),
            Event::TradeDecided { session, trade, committed, .. } => {
                return self.settle(now, session, &trade, committed, out);
            }
            Event::PurchaseStored { session, receipt } => {
                let Ok(receipt) = receipt.parse() else { return };
                GuestEvent::PurchaseGranted { player: self.owner(session), receipt: ReceiptId(receipt) }
            }
            Event::CallDone { call, result } => return self.call_done(now, call, result, out),
            Event::ShutDown => return out.push(Output::Closed),
            Event::Saving { .. } | Event::LastSave { .. } | Event::Finished { .. } => return,
            Event::GiftDelivered { .. } | Event::Error { .. } | Event::Critical(_) => return,
            // The game knows when it has put something in that cannot be stored.
            Event::SaveRefused { .. } => return,
        };
        out.push(Output::Event(told));
    }

    fn resumed(&mut self, now: Now, session: core::SessionId, out: &mut Vec<Output>) {
        let Some(live_until) = self.store.live_until(session) else { return };
        out.push(Output::Event(GuestEvent::Resumed { session: SessionNo(session.0), live_until }));
        // Those that came while the session was not live.
        let waiting: Vec<u64> = self.store.messages(session).map(|(index, _)| index).collect();
        for index in waiting {
            self.take_message(now, session, index, out);
        }
    }

    pub(super) fn handle_message(&mut self, now: Now, session: core::SessionId, index: u64, out: &mut Vec<Output>) {
        let stamp = self.stamps.make();
        let mut change = None;
        let handle = |data: &mut Json, message: &Json| {
            change = Change::read(data, stamp, message);
            change.is_some()
        };
        if self.store.process_message(session, now, index, handle) == Ok(true)
            && let Some(change) = change
        {
            change.tell(SessionNo(session.0), out);
        }
    }

    /// What a trade came to enters the data. A session that is not live now is told again by the next one, which
    /// finds the escrow.
    fn settle(&mut self, now: Now, session: core::SessionId, trade: &str, committed: bool, out: &mut Vec<Output>) {
        let Ok(id) = trade.parse().map(TradeId) else { return };
        let stamp = self.stamps.make();
        let mut change = None;
        let take = |data: &mut Json, items: &Json| change = Some(Change::settle(data, stamp, id, committed, items));
        if self.store.settle_trade(session, now, trade, take).is_ok()
            && let Some(change) = change
        {
            change.tell(SessionNo(session.0), out);
        }
    }

    fn call_done(&mut self, now: Now, call: CallId, result: CallResult, out: &mut Vec<Output>) {
        match (self.game_calls.remove(&call), result) {
            (Some(GameCall::Send(message)), CallResult::Done) => {
                out.push(Output::Event(GuestEvent::MessageAccepted { message }));
            }
            (Some(GameCall::Send(message)), _) => out.push(Output::Event(GuestEvent::MessageRefused { message })),
            // A removed record stays removed.
            (Some(GameCall::Versions(player)), CallResult::Versions(versions)) => {
                if let Some(newest) = versions.into_iter().next().filter(|newest| !newest.is_deleted) {
                    let (key, version) = (key_of(player), newest.version);
                    self.call(now, GameCall::View(player), CallRequest::GetVersion { key, version });
                }
            }
            (Some(GameCall::View(player)), CallResult::Value(Some(stored))) => {
                if let Some(data) = stored.data() {
                    let (key, data) = (key_of(player), Arc::new(data.clone()));
                    self.call(now, GameCall::Restore, CallRequest::Set { key, data });
                }
            }
            _ => {}
        }
    }

    /// The player of a session that is over is here no more, unless a newer session was started for them.
    fn send_home(&mut self, session: core::SessionId) -> PlayerId {
        let player = self.owner(session);
        if self.players.get(&player) == Some(&session) {
            self.players.remove(&player);
        }
        player
    }

    fn owner(&self, session: core::SessionId) -> PlayerId {
        self.owners[session.0 as usize]
    }
}
