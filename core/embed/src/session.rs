//! What the façade keeps of a session while the machine has it: its signals, its handlers and its callers that wait.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dupeproof_core::{Acquired, EndReason, Guid, Key, Now, ProfileStore as Machine, SessionId};
use serde_json::Value as Json;

use crate::service::KeyInfo;
use crate::signal::{SaveRefused, Signal, Waiter};
use crate::trade::{Decided, TradeOutcome};

/// One session.
pub(crate) struct Session {
    pub id: SessionId,
    pub key: Key,
    pub facts: Arc<Facts>,
    pub signals: Signals,
    pub save_hooks: Vec<SaveHook>,
    pub message_handlers: Vec<MessageHandler>,
    pub trade_handler: Option<TradeHandler>,
    /// Trades that are decided and wait for the handler.
    pub decided: Vec<Decided>,
    /// Callers that wait for this write, or a later one, to be stored.
    pub saves: Vec<(u64, Waiter<()>)>,
    /// Trades that are in the data from this write on.
    pub settled: Vec<(u64, Waiter<TradeOutcome>, TradeOutcome)>,
    pub trades: BTreeMap<Guid, Waiter<TradeOutcome>>,
    pub gifts: BTreeMap<Guid, Waiter<()>>,
    /// Callers that wait for a receipt, which is in the data from this write on.
    pub purchases: Vec<(Arc<str>, u64, Waiter<()>)>,
    /// Callers that wait for the session to be finished: they learn it when these are dropped.
    pub finished: Vec<Waiter<()>>,
}

/// `OnSave`.
pub(crate) type SaveHook = Box<dyn FnMut(&mut Json) + Send>;

/// `MessageHandler`, and the index of the last message that it was given.
pub(crate) struct MessageHandler {
    pub seen: u64,
    pub handle: HandleMessage,
}

type HandleMessage = Box<dyn FnMut(&mut Json, &Json) -> bool + Send>;

/// Puts what a decided trade gives into the data.
pub(crate) type TradeHandler = Box<dyn FnMut(&mut Json, &Decided) + Send>;

#[derive(Default)]
pub(crate) struct Signals {
    pub last_save: Signal<EndReason>,
    pub session_end: Signal<EndReason>,
    pub after_save: Signal<Arc<Json>>,
    pub save_refused: Signal<SaveRefused>,
    pub suspend: Signal<()>,
    pub resume: Signal<()>,
}

/// What a profile knows, also after its session.
pub(crate) struct Facts {
    facts: Mutex<KnownFacts>,
}

#[derive(Clone)]
pub(crate) struct KnownFacts {
    pub last_saved: Arc<Json>,
    pub key_info: Option<KeyInfo>,
    pub user_ids: Arc<[i64]>,
    pub roblox_metadata: Arc<Json>,
    pub first_session_time: i64,
    pub session_load_count: u64,
    pub acquired: Acquired,
    pub ended: Option<EndReason>,
}

impl Facts {
    pub(crate) fn new(facts: KnownFacts) -> Facts {
        Facts { facts: Mutex::new(facts) }
    }

    /// The guard is never held while another lock is taken.
    pub(crate) fn lock(&self) -> MutexGuard<'_, KnownFacts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    pub(crate) fn new(id: SessionId, key: Key, facts: Arc<Facts>) -> Session {
        Session {
            id,
            key,
            facts,
            signals: Signals::default(),
            save_hooks: Vec::new(),
            message_handlers: Vec::new(),
            trade_handler: None,
            decided: Vec::new(),
            saves: Vec::new(),
            settled: Vec::new(),
            trades: BTreeMap::new(),
            gifts: BTreeMap::new(),
            purchases: Vec::new(),
            finished: Vec::new(),
        }
    }

    /// A write is known to be stored.
    pub(crate) fn saved(&mut self, write: u64, data: &Arc<Json>) {
        self.facts.lock().last_saved = Arc::clone(data);
        self.signals.after_save.fire(data);
        for (_, waiter) in self.saves.extract_if(.., |(needs, _)| *needs <= write) {
            waiter.resolve(());
        }
        for (_, waiter, outcome) in self.settled.extract_if(.., |(needs, ..)| *needs <= write) {
            waiter.resolve(outcome);
        }
    }

    /// A write was refused. A decided trade that is in the data waits for the next write.
    pub(crate) fn save_refused(&mut self, write: u64, refused: SaveRefused) {
        self.signals.save_refused.fire(&refused);
        for (_, waiter) in self.saves.extract_if(.., |(needs, _)| *needs <= write) {
            waiter.reject(refused.why);
        }
        for (.., waiter) in self.purchases.extract_if(.., |(_, needs, _)| *needs <= write) {
            waiter.reject(refused.why);
        }
    }

    /// Not live from here on.
    pub(crate) fn ended(&mut self, reason: EndReason) {
        self.facts.lock().ended = Some(reason);
        self.signals.session_end.fire(&reason);
    }

    pub(crate) fn purchase_stored(&mut self, receipt: &str) {
        for (.., waiter) in self.purchases.extract_if(.., |(other, ..)| **other == *receipt) {
            waiter.resolve(());
        }
    }

    pub(crate) fn gift_delivered(&mut self, gift: &str) {
        if let Some(waiter) = self.gifts.remove(gift) {
            waiter.resolve(());
        }
    }

    /// A save is about to take the data. False if a hook has panicked; its changes are not made.
    pub(crate) fn run_save_hooks(&mut self, machine: &mut Machine, now: Now) -> bool {
        let mut ok = true;
        for hook in &mut self.save_hooks {
            let Ok(data) = machine.data_mut(self.id, now) else { return ok };
            let mut changed = data.clone();
            match catch_unwind(AssertUnwindSafe(|| hook(&mut changed))) {
                Ok(()) => *data = changed,
                Err(_) => ok = false,
            }
        }
        ok
    }

    /// Hands every waiting message to every handler that has not seen it, until one has processed it. False if a
    /// handler has panicked; its changes are not made.
    pub(crate) fn offer_messages(&mut self, machine: &mut Machine, now: Now) -> bool {
        let mut ok = true;
        let waiting: Vec<u64> = machine.messages(self.id).map(|(index, _)| index).collect();
        for index in waiting {
            for handler in self.message_handlers.iter_mut().filter(|handler| handler.seen < index) {
                let processed = machine.process_message(self.id, now, index, |data, message| {
                    let result = catch_unwind(AssertUnwindSafe(|| (handler.handle)(data, message)));
                    ok &= result.is_ok();
                    result.unwrap_or(false)
                });
                // Not live at this moment: it is offered again when it is.
                let Ok(processed) = processed else { return ok };
                handler.seen = index;
                if processed {
                    break;
                }
            }
        }
        ok
    }

    /// Hands every decided trade to the handler, if there is one. False if it has panicked; its changes are not
    /// made, and the trade waits.
    pub(crate) fn settle_trades(&mut self, machine: &mut Machine, now: Now) -> bool {
        let mut ok = true;
        let Some(handle) = &mut self.trade_handler else { return ok };
        for decided in std::mem::take(&mut self.decided) {
            let current = machine.data(self.id).cloned().zip(machine.next_write(self.id));
            let Some((mut data, write)) = current.filter(|_| machine.is_active(self.id, now)) else {
                self.decided.push(decided);
                continue;
            };
            let result = catch_unwind(AssertUnwindSafe(|| handle(&mut data, &decided)));
            ok &= result.is_ok();
            let settled = result.is_ok()
                && machine.settle_trade(self.id, now, &decided.trade, |stored, _| *stored = data).is_ok();
            if !settled {
                self.decided.push(decided);
            } else if let Some(waiter) = self.trades.remove(&decided.trade) {
                let outcome = if decided.committed { TradeOutcome::Committed } else { TradeOutcome::Aborted };
                self.settled.push((write, waiter, outcome));
            }
        }
        ok
    }
}
