//! What a call of a game costs in requests.

use dupeproof_sim::id::{MessageId, PlayerId, Slot};

/// Messages that were sent and are not answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Vec<Call>);

#[derive(Clone, Copy, Debug)]
struct Call {
    server: Slot,
    to: PlayerId,
    message: MessageId,
    requests: u64,
}

impl Calls {
    /// A game sends a message.
    pub(super) fn sent(&mut self, server: Slot, to: PlayerId, message: MessageId) {
        self.0.push(Call { server, to, message, requests: 0 });
    }

    /// A server made a request for a profile that it has nothing to do with but for its messages. It counts for each of
    /// them.
    pub(super) fn requested(&mut self, server: Slot, to: PlayerId) {
        let of_request = |call: &&mut Call| (call.server, call.to) == (server, to);
        self.0.iter_mut().filter(of_request).for_each(|call| call.requests += 1);
    }

    /// A server has a session of a profile, or starts one: requests for it are not those of a message alone.
    pub(super) fn mix(&mut self, server: Slot, player: PlayerId) {
        self.0.retain(|call| (call.server, call.to) != (server, player));
    }

    /// The game was told what became of a message: what it cost, if that is known.
    pub(super) fn answered(&mut self, server: Slot, message: MessageId) -> Option<u64> {
        let place = self.0.iter().position(|call| (call.server, call.message) == (server, message))?;
        Some(self.0.swap_remove(place).requests)
    }
}
