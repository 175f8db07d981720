//! Signals for the game, and answers it may wait for.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use dupeproof_core::Unstorable;
use tokio::sync::{mpsc, oneshot};

/// What has been fired since one has subscribed, in order.
#[derive(Debug)]
pub struct Subscription<T> {
    receiver: mpsc::UnboundedReceiver<T>,
}

impl<T> Subscription<T> {
    /// One that has been fired already, or never will be.
    pub(crate) fn of(fired: Option<T>) -> Subscription<T> {
        let (sender, receiver) = mpsc::unbounded_channel();
        fired.map_or(Ok(()), |value| sender.send(value)).expect("the receiver is here");
        Subscription { receiver }
    }

    /// The next one; `None` if there will be none. Cancel safe.
    pub async fn next(&mut self) -> Option<T> {
        self.receiver.recv().await
    }

    /// The next one, if it has been fired already.
    pub fn try_next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}

/// Fires to everybody who has subscribed and is still there.
#[derive(Debug)]
pub(crate) struct Signal<T> {
    subscribers: Vec<mpsc::UnboundedSender<T>>,
}

impl<T> Default for Signal<T> {
    fn default() -> Signal<T> {
        Signal { subscribers: Vec::new() }
    }
}

impl<T: Clone> Signal<T> {
    pub(crate) fn subscribe(&mut self) -> Subscription<T> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.subscribers.push(sender);
        Subscription { receiver }
    }

    pub(crate) fn fire(&mut self, value: &T) {
        self.subscribers.retain(|subscriber| subscriber.send(value.clone()).is_ok());
    }
}

/// The answer to something that is under way already. Dropping it changes nothing but that one will not know.
#[derive(Debug)]
pub struct Promise<T> {
    receiver: oneshot::Receiver<Result<T, Unstorable>>,
}

/// Why a promise was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromiseError {
    /// The session ended before the outcome was known here. It may be stored; the next session knows.
    #[error("the session ended before the outcome was known")]
    NotKnown,
    /// The data store would not take the data. What was changed is not stored, and will be with the next save after the
    /// data has been made storable.
    #[error("the data was not saved: {0}")]
    Refused(Unstorable),
}

impl<T> Promise<T> {
    pub(crate) fn new() -> (Waiter<T>, Promise<T>) {
        let (sender, receiver) = oneshot::channel();
        (Waiter { sender }, Promise { receiver })
    }
}

/// Somebody who was promised something. Dropped, it is a promise broken.
#[derive(Debug)]
pub(crate) struct Waiter<T> {
    sender: oneshot::Sender<Result<T, Unstorable>>,
}

impl<T> Waiter<T> {
    /// Keeps the promise. Whoever does not wait any more need not know.
    pub(crate) fn tell(self, value: T) {
        drop(self.sender.send(Ok(value)).err());
    }

    /// Breaks the promise, and says why.
    pub(crate) fn refuse(self, why: Unstorable) {
        drop(self.sender.send(Err(why)).err());
    }
}

impl<T> Future for Promise<T> {
    type Output = Result<T, PromiseError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, PromiseError>> {
        Pin::new(&mut self.receiver).poll(context).map(|answer| match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(why)) => Err(PromiseError::Refused(why)),
            Err(_) => Err(PromiseError::NotKnown),
        })
    }
}

/// `OnError`: something failed. What can be tried again is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorReport {
    /// What.
    pub message: Arc<str>,
    /// In which store.
    pub store: Arc<str>,
    /// The key, or the topic, it was about.
    pub key: Arc<str>,
}

/// A save that the data store would not have taken. What was stored before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaveRefused {
    /// What is wrong with the data, and what to do.
    pub why: Unstorable,
    /// It was the final save: what was changed since [`crate::Profile::last_saved_data`] is lost.
    pub last: bool,
}

/// `OnOverwrite`: the value under a key was no record, and has been replaced with the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overwrite {
    /// In which store.
    pub store: Arc<str>,
    /// Which key.
    pub key: Arc<str>,
}
