//! How long messages take until they have an effect.

use dupeproof_core::Span;
use dupeproof_sim::Global;
use dupeproof_sim::id::MessageId;

/// Messages that were sent, and have had no effect yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Deliveries {
    sent: Vec<(MessageId, Global)>,
}

impl Deliveries {
    /// A game sends a message.
    pub(super) fn sent(&mut self, at: Global, message: MessageId) {
        self.sent.push((message, at));
    }

    /// A message took effect: how long that took, if it is the first time.
    pub(super) fn handled(&mut self, at: Global, message: MessageId) -> Option<Span> {
        let index = self.sent.iter().position(|(other, _)| *other == message)?;
        Some(at.since(self.sent.swap_remove(index).1))
    }
}
