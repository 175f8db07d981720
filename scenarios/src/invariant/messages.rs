//! When everything has settled, a message whose sender was told that it will arrive is with its receiver, handled or
//! still queued; no message is there twice; and one whose sender was told that it will not arrive is nowhere: the
//! sender has taken back what it was about.

use dupeproof_core::Stored;
use dupeproof_sim::guest::{MessageId, PlayerId};
use dupeproof_sim::schedule::Action;
use dupeproof_sim::{Command, Global, GuestEvent, Key};

use super::{Breach, Fact};
use crate::history::{History, player_of};

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Location {
    player: PlayerId,
    queued: bool,
}

impl Location {
    fn story(self) -> String {
        let how = if self.queued { "queued for" } else { "handled by" };
        format!("{how} Player_{}", self.player.0)
    }
}

/// A message too many.
#[derive(Clone, Copy, Debug)]
pub struct Duplicated {
    message: MessageId,
    first: Location,
    /// `None`: the sender was told that it did not arrive.
    second: Option<Location>,
}

impl Duplicated {
    pub(super) fn story(&self) -> String {
        let (message, first) = (self.message.0, self.first.story());
        match self.second {
            Some(second) if second == self.first => format!("message {message} was {first} twice"),
            Some(second) => format!("message {message} was {first} and {}", second.story()),
            None => format!("message {message} was {first}, though its sender was told that it did not arrive"),
        }
    }
}

/// A message that never arrived.
#[derive(Clone, Copy, Debug)]
pub struct Lost {
    message: MessageId,
}

impl Lost {
    pub(super) fn story(&self, key: &str) -> String {
        let message = self.message.0;
        format!("message {message} to {key} was accepted, and is neither in its data nor in its queue")
    }
}

/// Knows what was sent, and what the senders were told.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    sent: Vec<(MessageId, PlayerId)>,
    accepted: Vec<MessageId>,
    refused: Vec<MessageId>,
}

impl Messages {
    /// Something happens on purpose.
    pub(super) fn acted(&mut self, action: Action) {
        if let Action::Command { command: Command::Send { to, message }, .. } = action {
            self.sent.push((message, to));
        }
    }

    /// A guest said something that is about no session.
    pub(super) fn told(&mut self, event: &GuestEvent) {
        match event {
            GuestEvent::MessageAccepted { message } => self.accepted.push(*message),
            GuestEvent::MessageRefused { message } => self.refused.push(*message),
            _ => {}
        }
    }

    /// The run is over: this is stored.
    pub(super) fn judge(&mut self, at: Global, store: &[(Key, Stored)], history: &History, breaches: &mut Vec<Breach>) {
        if self.sent.is_empty() {
            return;
        }
        let there = locations(store, history);
        let with = |player, message| {
            [false, true].iter().any(|&queued| there.binary_search(&(message, Location { player, queued })).is_ok())
        };
        let mut breach = |player, fact| {
            breaches.push(Breach { at, player: Some(player), lasted: None, servers: [None, None], fact });
        };
        self.accepted.sort_unstable();
        self.refused.sort_unstable();
        let admin = history.admin();
        for same in there.chunk_by(|one, other| one.0 == other.0) {
            let (message, first) = same[0];
            let second = same.get(1).map(|other| other.1);
            let refused = self.refused.binary_search(&message).is_ok();
            if (second.is_some() || refused) && !admin.restored.messages.contains(&message) {
                breach(first.player, Fact::MessageDuplicated(Duplicated { message, first, second }));
            }
        }
        for &(message, to) in &self.sent {
            let lost = self.accepted.binary_search(&message).is_ok() && !with(to, message);
            if lost && !admin.taken.messages.contains(&message) {
                breach(to, Fact::MessageLost(Lost { message }));
            }
        }
    }
}

/// Where each message is, each as often as it is there, in order.
fn locations(store: &[(Key, Stored)], history: &History) -> Vec<(MessageId, Location)> {
    let mut there = Vec::new();
    for (key, value) in store {
        let Some(player) = player_of(key) else { continue };
        let contents = history.contents(value);
        there.extend(contents.handled().map(|message| (message, Location { player, queued: false })));
        there.extend(contents.queued().map(|message| (message, Location { player, queued: true })));
    }
    there.sort_unstable();
    there
}
