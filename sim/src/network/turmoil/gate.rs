//! One direction of one link, where it can be held back.

use std::cell::Cell;

use tokio::sync::Notify;

/// Lets frames through unless held.
///
/// turmoil can hold a link in both directions only, so a cut in one direction is made here, where frames come off
/// the wire: what was in flight when the cut began is held too, and a sender that dies meanwhile takes nothing back.
#[derive(Default)]
pub(super) struct Gate {
    held: Cell<bool>,
    opened: Notify,
}

impl Gate {
    /// Holds back everything, or lets through what was held and what comes.
    pub(super) fn set_held(&self, held: bool) {
        self.held.set(held);
        if !held {
            self.opened.notify_waiters();
        }
    }

    /// Whether it holds.
    pub(super) fn is_held(&self) -> bool {
        self.held.get()
    }

    /// Waits until it does not hold.
    pub(super) async fn open(&self) {
        while self.held.get() {
            self.opened.notified().await;
        }
    }
}
