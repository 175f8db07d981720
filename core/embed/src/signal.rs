//! Signals for the game, and answers it may wait for.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

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
    receiver: oneshot::Receiver<T>,
}

/// The session ended before the outcome was known here. It may be stored; the next session knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session ended before the outcome was known")]
pub struct NotKnown;

impl<T> Promise<T> {
    pub(crate) fn new() -> (Waiter<T>, Promise<T>) {
        let (sender, receiver) = oneshot::channel();
        (Waiter { sender }, Promise { receiver })
    }
}

/// Somebody who was promised something. Dropped, it is a promise broken.
#[derive(Debug)]
pub(crate) struct Waiter<T> {
    sender: oneshot::Sender<T>,
}

impl<T> Waiter<T> {
    /// Keeps the promise. Whoever does not wait any more need not know.
    pub(crate) fn tell(self, value: T) {
        drop(self.sender.send(value).err());
    }
}

impl<T> Future for Promise<T> {
    type Output = Result<T, NotKnown>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, NotKnown>> {
        Pin::new(&mut self.receiver).poll(context).map_err(|_| NotKnown)
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

/// `OnOverwrite`: the value under a key was no record, and has been replaced with the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overwrite {
    /// In which store.
    pub store: Arc<str>,
    /// Which key.
    pub key: Arc<str>,
}
