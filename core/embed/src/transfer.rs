//! What moves between profiles, or is bought: trades, gifts and purchases. Nothing is ever in two places.

use std::sync::Arc;

use dupeproof_core::{NotActive, Purchase};
use serde_json::Value as Json;

use crate::environment::Environment;
use crate::name::{self, NameError};
use crate::profile::Profile;
use crate::service::{DataStore, Messaging};
use crate::signal::Promise;
use crate::trade::{Decided, TradeOutcome};

/// Why a trade, a gift or a purchase did not begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// The id or the key cannot be used.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The session is not live at this moment.
    #[error(transparent)]
    NotActive(#[from] NotActive),
    /// The closure returned `None`.
    #[error("nothing was given")]
    NothingGiven,
    /// This profile has an escrow under this id already.
    #[error("a trade or a gift with this id is in progress")]
    InProgress,
    /// Both sides are the same profile.
    #[error("a profile cannot trade with itself")]
    WithItself,
    /// Without a handler, the items of the trade could not be put into the data.
    #[error("there is no trade handler; call `Profile::trade_handler` when the session starts")]
    NoHandler,
}

impl<D: DataStore, M: Messaging, E: Environment> Profile<D, M, E> {
    /// Sets the handler that puts the items of decided trades into the data: trades begun by this session, and those
    /// that an earlier session left behind. Call it when the session starts. The handler's changes and the removal of
    /// the escrow are stored by one write. It runs as soon as a trade is decided and the session is live.
    pub fn trade_handler(&self, handle: impl FnMut(&mut Json, &Decided) + Send + 'static) {
        self.act(|state, now| {
            if let Some(session) = state.sessions.get_mut(&self.session) {
                session.trade_handler = Some(Box::new(handle));
            }
            state.deliver(now, self.session);
        });
    }

    /// This side of a trade with another profile, on this server or another, whose side does the same with the same
    /// id. Ids must never be used again, and have at most 44 bytes. `give` takes what is given out of the data and
    /// returns it; if it returns `None` nothing has changed. If the other side does not come within 30 s, each side
    /// gets its own back.
    ///
    /// The promise is kept when what this side gets is known to be stored.
    ///
    /// # Errors
    /// [`TransferError`]; the data is unchanged then.
    pub fn trade(
        &self,
        id: &str,
        partner: &str,
        give: impl FnOnce(&mut Json) -> Option<Json>,
    ) -> Result<Promise<TradeOutcome>, TransferError> {
        name::check_trade(id)?;
        name::check_key(partner)?;
        if *partner == *self.key {
            return Err(TransferError::WithItself);
        }
        let (id, partner) = (Arc::from(id), Arc::from(partner));
        self.act(|state, now| {
            let session = state.sessions.get_mut(&self.session).ok_or(NotActive)?;
            if session.trade_handler.is_none() {
                return Err(TransferError::NoHandler);
            }
            let machine = &mut state.machine;
            self.check_free(machine, &id)?;
            if !machine.trade(self.session, now, &id, &partner, all_or_nothing(give))? {
                return Err(TransferError::NothingGiven);
            }
            let (waiter, promise) = Promise::new();
            session.trades.insert(id, waiter);
            Ok(promise)
        })
    }

    /// A gift to another profile, which gets what `give` returns as a message, exactly once, whether it has a session
    /// or not. `give` takes it out of the data; if it returns `None` nothing has changed.
    ///
    /// The promise is kept when the gift is in the recipient's queue. While that is full, it is retried.
    ///
    /// # Errors
    /// [`TransferError`]; the data is unchanged then.
    pub fn gift(
        &self,
        id: &str,
        to: &str,
        give: impl FnOnce(&mut Json) -> Option<Json>,
    ) -> Result<Promise<()>, TransferError> {
        name::check_gift(id)?;
        name::check_key(to)?;
        let (id, to) = (Arc::from(id), Arc::from(to));
        self.act(|state, now| {
            let session = state.sessions.get_mut(&self.session).ok_or(NotActive)?;
            let machine = &mut state.machine;
            self.check_free(machine, &id)?;
            if !machine.gift(self.session, now, &id, &to, all_or_nothing(give))? {
                return Err(TransferError::NothingGiven);
            }
            let (waiter, promise) = Promise::new();
            session.gifts.insert(id, waiter);
            Ok(promise)
        })
    }

    /// A receipt and its grant, in one write. `grant` changes the data; it is not run for a receipt whose grant is in
    /// the data already, so that a receipt may be delivered any number of times.
    ///
    /// The promise is kept when both are known to be stored: then answer `PurchaseGranted`, and until then nothing. If
    /// it is broken, answer `NotProcessedYet`: the receipt is delivered again.
    ///
    /// # Errors
    /// [`TransferError::Name`], or [`TransferError::NotActive`]: answer `NotProcessedYet`.
    pub fn purchase(&self, receipt: &str, grant: impl FnOnce(&mut Json)) -> Result<Promise<()>, TransferError> {
        name::check_receipt(receipt)?;
        let receipt = Arc::from(receipt);
        self.act(|state, now| {
            let session = state.sessions.get_mut(&self.session).ok_or(NotActive)?;
            let write = state.machine.next_write(self.session).ok_or(NotActive)?;
            let purchase = state.machine.purchase(self.session, now, &receipt, |data| {
                // On a copy: a grant that panics must leave neither a part of its changes nor a receipt.
                let mut changed = data.clone();
                grant(&mut changed);
                *data = changed;
            })?;
            let (waiter, promise) = Promise::new();
            match purchase {
                Purchase::Stored => waiter.resolve(()),
                Purchase::Pending => session.purchases.push((receipt, write, waiter)),
            }
            Ok(promise)
        })
    }

    fn check_free(&self, machine: &dupeproof_core::ProfileStore, id: &str) -> Result<(), TransferError> {
        let profile = machine.profile(self.session).ok_or(NotActive)?;
        if profile.meta.escrow.contains_key(id) { Err(TransferError::InProgress) } else { Ok(()) }
    }
}

/// The data changes only if the closure ends well and gives something.
fn all_or_nothing<T>(change: impl FnOnce(&mut Json) -> Option<T>) -> impl FnOnce(&mut Json) -> Option<T> {
    |data| {
        let mut changed = data.clone();
        let given = change(&mut changed)?;
        *data = changed;
        Some(given)
    }
}
