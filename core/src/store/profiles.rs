//! What a game does with the profiles that it has sessions of.

use std::sync::Arc;

use serde_json::Value as Json;

use super::ProfileStore;
use crate::coordinator;
use crate::ids::{Guid, Key, SessionId};
use crate::limits::TagError;
use crate::outcome::{NotActive, Purchase};
use crate::record::{Escrow, Profile};
use crate::sabotage::Sabotage;
use crate::session::held::Held;
use crate::session::{Phase, Session};
use crate::time::{Mono, Now};

impl ProfileStore {
    /// `IsActive`: whether the session is live at this very moment.
    pub fn is_active(&self, session: SessionId, now: Now) -> bool {
        self.session(session).and_then(Session::holding).is_some_and(|holding| holding.is_active(now.mono))
    }

    /// Until when [`ProfileStore::is_active`] answers true if nothing else happens; `None` for a session without
    /// the lock.
    pub fn live_until(&self, session: SessionId) -> Option<Mono> {
        Some(self.session(session)?.holding()?.live_until())
    }

    /// `Profile.Data`, while the session has it: until its final save is done.
    pub fn data(&self, session: SessionId) -> Option<&Json> {
        self.session(session)?.held().map(|held| &*held.profile.data)
    }

    /// `Profile.Data`, to be changed.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment.
    pub fn data_mut(&mut self, session: SessionId, now: Now) -> Result<&mut Json, NotActive> {
        Ok(Arc::make_mut(&mut self.live(session, now)?.profile.data))
    }

    /// `Profile.LastSavedData`: what is known to be stored.
    pub fn last_saved_data(&self, session: SessionId) -> Option<&Json> {
        self.session(session)?.held().map(|held| &*held.last_saved)
    }

    /// The number of the next write: if a save is asked for now, the present data is stored by this write or an earlier
    /// one. [`crate::Event::AfterSave`] with this number or a greater one says that it is stored.
    pub fn next_write(&self, session: SessionId) -> Option<u64> {
        Some(self.session(session)?.held()?.writes + 1)
    }

    /// The record as this session has it: user ids, metadata, times, counters.
    pub fn profile(&self, session: SessionId) -> Option<&Profile> {
        Some(&self.session(session)?.held()?.profile)
    }

    /// `AddUserId`.
    ///
    /// # Errors
    /// [`TagError`] if the session is not live at this moment, or the record belongs to as many users as it can.
    pub fn add_user_id(&mut self, session: SessionId, now: Now, user_id: i64) -> Result<(), TagError> {
        let most = self.config.limits.user_ids_max;
        let profile = &mut self.live(session, now)?.profile;
        if !profile.user_ids.contains(&user_id) {
            if profile.user_ids.len() >= most {
                return Err(TagError::TooManyUserIds { most });
            }
            profile.user_ids = profile.user_ids.iter().copied().chain([user_id]).collect();
        }
        Ok(())
    }

    /// `RemoveUserId`.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment.
    pub fn remove_user_id(&mut self, session: SessionId, now: Now, user_id: i64) -> Result<(), NotActive> {
        let profile = &mut self.live(session, now)?.profile;
        profile.user_ids = profile.user_ids.iter().copied().filter(|other| *other != user_id).collect();
        Ok(())
    }

    /// `RobloxMetaData`, replaced.
    ///
    /// # Errors
    /// [`TagError`] if the session is not live at this moment, or the data store would not take such metadata.
    pub fn set_roblox_metadata(&mut self, session: SessionId, now: Now, metadata: Json) -> Result<(), TagError> {
        self.config.limits.check_metadata(&metadata)?;
        self.live(session, now)?.profile.roblox_metadata = Arc::new(metadata);
        Ok(())
    }

    /// `Reconcile`: adds what is in the template and missing in the data, at every depth of maps.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment.
    pub fn reconcile(&mut self, session: SessionId, now: Now) -> Result<(), NotActive> {
        let template = Arc::clone(&self.template);
        fill_in(self.data_mut(session, now)?, &template);
        Ok(())
    }

    /// The messages that wait to be processed, oldest first, with their indices in the queue.
    pub fn messages(&self, session: SessionId) -> impl Iterator<Item = (u64, &Json)> {
        let messages = self.session(session).and_then(Session::held).map_or(&[][..], |held| &held.messages);
        messages.iter().filter(|message| !message.processed).map(|message| (message.index, &*message.payload))
    }

    /// `MessageHandler`: hands the data and a waiting message to `handle` together. If it says that the message is
    /// processed, its changes are stored by the same write that removes the message; if not, there are none.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment, or no such message waits.
    pub fn process_message(
        &mut self,
        session: SessionId,
        now: Now,
        index: u64,
        handle: impl FnOnce(&mut Json, &Json) -> bool,
    ) -> Result<bool, NotActive> {
        let oldest = self.config.breaks(Sabotage::OldestIsProcessed);
        let drops = self.config.breaks(Sabotage::HandledWithoutEffect);
        let again = self.config.breaks(Sabotage::HandledAgain);
        let held = self.live(session, now)?;
        let message = held.messages.iter_mut().find(|message| message.index == index && (!message.processed || again));
        let message = message.ok_or(NotActive)?;
        let mut data = Json::clone(&held.profile.data);
        if !handle(&mut data, &message.payload) {
            return Ok(false);
        }
        message.processed = !oldest;
        if !drops {
            held.profile.data = Arc::new(data);
        }
        if oldest && let Some(first) = held.messages.iter_mut().find(|message| !message.processed) {
            first.processed = true;
        }
        // The effect and the removal are stored together, and soon: until then a crash undoes both.
        self.on(now, session, Session::save);
        Ok(true)
    }

    /// Puts something aside for a trade with another profile, whose side does the same with the same id. `give`
    /// takes it out of the data and returns it, or `None` for no trade. [`crate::Event::TradeDecided`] follows. False if
    /// there is no trade: nothing was given, or this id has an escrow already.
    ///
    /// An id is for one trade. The coordinator of a trade is removed without a condition, since a data store has no
    /// other removal: such a removal can be applied late, and would take the coordinator of a later trade of the same id.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment.
    pub fn trade(
        &mut self,
        session: SessionId,
        now: Now,
        trade: &Guid,
        partner: &Key,
        give: impl FnOnce(&mut Json) -> Option<Json>,
    ) -> Result<bool, NotActive> {
        self.put_aside(session, now, trade, give, |gives, _| Escrow::Trade {
            partner: Arc::clone(partner),
            gives,
            bound: None,
        })
    }

    /// Puts something aside as a gift to another profile, which gets it as a message, exactly once.
    /// [`crate::Event::GiftDelivered`] follows. False as for [`ProfileStore::trade`], and if the recipient's key is
    /// reserved for trades.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment.
    pub fn gift(
        &mut self,
        session: SessionId,
        now: Now,
        gift: &Guid,
        to: &Key,
        give: impl FnOnce(&mut Json) -> Option<Json>,
    ) -> Result<bool, NotActive> {
        if coordinator::is_reserved(to) {
            self.live(session, now)?;
            return Ok(false);
        }
        self.put_aside(session, now, gift, give, |gives, number| Escrow::Gift { to: Arc::clone(to), gives, number })
    }

    fn put_aside(
        &mut self,
        session: SessionId,
        now: Now,
        id: &Guid,
        give: impl FnOnce(&mut Json) -> Option<Json>,
        escrow: impl FnOnce(Arc<Json>, u64) -> Escrow,
    ) -> Result<bool, NotActive> {
        let shared = self.config.breaks(Sabotage::GiftsShareNumber);
        let restarts = self.config.breaks(Sabotage::GiftNumbersRestart);
        let held = self.live(session, now)?;
        // What is in the escrow under this id would be lost.
        if held.profile.meta.escrow.contains_key(id) {
            return Ok(false);
        }
        let Some(gives) = give(Arc::make_mut(&mut held.profile.data)) else { return Ok(false) };
        let number = held.next_gift();
        let number = if shared { number & !u64::from(u32::MAX) } else { number };
        let number = if restarts { number & u64::from(u32::MAX) } else { number };
        let escrow = escrow(Arc::new(gives), number);
        Arc::make_mut(&mut held.profile.meta.escrow).insert(Arc::clone(id), escrow.clone());
        self.on(now, session, |session, context| {
            if let Phase::Holding(holding) = &mut session.phase {
                holding.transfer(Arc::clone(id), escrow, &mut session.requester, context);
            }
        });
        Ok(true)
    }

    /// After [`crate::Event::TradeDecided`]: `take` puts what this side gets into the data.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment, or the trade is not decided or was settled before.
    pub fn settle_trade(
        &mut self,
        session: SessionId,
        now: Now,
        trade: &str,
        take: impl FnOnce(&mut Json, &Json),
    ) -> Result<(), NotActive> {
        self.live(session, now)?;
        let mut settled = None;
        self.on(now, session, |session, context| {
            if let Phase::Holding(holding) = &mut session.phase {
                settled = holding.settle(trade, take, &mut session.requester, context);
            }
        });
        settled.ok_or(NotActive)
    }

    /// A receipt and its grant, in one write. `grant` changes the data; it is not run for a receipt whose grant is
    /// in the data already. [`crate::Event::PurchaseStored`] follows for [`Purchase::Pending`].
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment.
    pub fn purchase(
        &mut self,
        session: SessionId,
        now: Now,
        receipt: &Arc<str>,
        grant: impl FnOnce(&mut Json),
    ) -> Result<Purchase, NotActive> {
        let config = self.config.clone();
        let early = self.config.breaks(Sabotage::PurchaseGrantedBeforeStored);
        let hasty = self.config.breaks(Sabotage::ReceiptUnderWayIsStored);
        let blind = config.breaks(Sabotage::SuspendedBuysBlindly);
        if blind && self.session(session).and_then(Session::holding).is_some_and(|holding| !holding.is_active(now.mono))
        {
            return Ok(Purchase::Stored);
        }
        let only_newest = self.config.breaks(Sabotage::OnlyNewestReceiptKept);
        let again = self.config.breaks(Sabotage::PendingIsGrantedAgain);
        let held = self.live(session, now)?;
        match held.purchase(receipt) {
            Some(true) => return Ok(Purchase::Stored),
            Some(false) if hasty => return Ok(Purchase::Stored),
            Some(false) if !again => return Ok(Purchase::Pending),
            Some(false) | None => {}
        }
        grant(Arc::make_mut(&mut held.profile.data));
        if only_newest {
            held.profile.meta.receipts = Arc::from([]);
        }
        held.buy(receipt, &config);
        self.on(now, session, Session::save);
        Ok(if early { Purchase::Stored } else { Purchase::Pending })
    }

    fn live(&mut self, session: SessionId, now: Now) -> Result<&mut Held, NotActive> {
        let lenient = self.config.breaks(Sabotage::SuspendedCanBeEdited);
        let ended = self.config.breaks(Sabotage::EndedTakesChanges);
        let session = self.sessions.iter_mut().find(|candidate| candidate.id() == session).ok_or(NotActive)?;
        match &mut session.phase {
            Phase::Ending(ending) if ended => Ok(&mut ending.held),
            Phase::Holding(holding) if holding.is_active(now.mono) || lenient => Ok(&mut holding.held),
            _ => Err(NotActive),
        }
    }
}

/// Adds to `data` what is in `template` and missing in it.
fn fill_in(data: &mut Json, template: &Json) {
    let Json::Object(wanted) = template else { return };
    // The empty map may have been written as an empty array.
    if data.as_array().is_some_and(Vec::is_empty) {
        *data = Json::Object(serde_json::Map::new());
    }
    let Json::Object(present) = data else { return };
    for (name, value) in wanted {
        match present.get_mut(name) {
            Some(inner) if value.is_object() => fill_in(inner, value),
            Some(_) => {}
            None => drop(present.insert(name.clone(), value.clone())),
        }
    }
}
