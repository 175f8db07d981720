//! Signals for the game, and promises of answers.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use dupeproof_core::Unstorable;
use tokio::sync::{mpsc, oneshot};

/// Receives everything that is fired after it was made, in order.
#[derive(Debug)]
pub struct Subscription<T> {
    receiver: mpsc::UnboundedReceiver<T>,
}

impl<T> Subscription<T> {
    /// A subscription that has this value waiting, and gets no other.
    pub(crate) fn of(fired: Option<T>) -> Subscription<T> {
        let (sender, receiver) = mpsc::unbounded_channel();
        fired.map_or(Ok(()), |value| sender.send(value)).expect("the receiver is here");
        Subscription { receiver }
    }

    /// The next value; `None` if there will be none. Cancel safe.
    pub async fn next(&mut self) -> Option<T> {
        self.receiver.recv().await
    }

    /// The next value, if it has been fired already.
    pub fn try_next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}

/// Fires to every subscription that still exists.
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

/// The outcome of something that is in progress. Dropping the promise does not stop it.
#[derive(Debug)]
pub struct Promise<T> {
    receiver: oneshot::Receiver<Result<T, Unstorable>>,
}

/// Why a promise was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromiseError {
    /// The session ended before the outcome was known here. It may be stored; the next session will show it.
    #[error("the session ended before the outcome was known")]
    NotKnown,
    /// The data store would not accept the data. What was changed is not stored. It is stored by the next save after the
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

/// The other end of a promise. If it is dropped, the promise is broken.
#[derive(Debug)]
pub(crate) struct Waiter<T> {
    sender: oneshot::Sender<Result<T, Unstorable>>,
}

impl<T> Waiter<T> {
    /// Keeps the promise. The promise may have been dropped.
    pub(crate) fn resolve(self, value: T) {
        drop(self.sender.send(Ok(value)).err());
    }

    /// Breaks the promise, with the reason.
    pub(crate) fn reject(self, why: Unstorable) {
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

/// `OnError`: something failed. Whatever can be retried is retried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorReport {
    /// What failed, for people to read.
    pub message: Arc<str>,
    /// The name of the store.
    pub store: Arc<str>,
    /// The key, or the topic, it was about.
    pub key: Arc<str>,
}

/// A save that was refused because the data store would not accept the data. What was stored before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaveRefused {
    /// What is wrong with the data, and what to do.
    pub why: Unstorable,
    /// It was the final save: what was changed since [`crate::Profile::last_saved_data`] is lost.
    pub last: bool,
}

/// `OnOverwrite`: the value under a key was not a record, and has been replaced with the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overwrite {
    /// The name of the store.
    pub store: Arc<str>,
    /// The key whose value was replaced.
    pub key: Arc<str>,
}
