//! When everything has settled, a message whose sender was told that it will arrive is with its receiver, handled or
//! still queued; no message is there twice; and one whose sender was told that it will not arrive is nowhere: the
//! sender has taken back what it was about.

use dupeproof_core::Stored;
use dupeproof_sim::id::{MessageId, PlayerId};
use dupeproof_sim::schedule::Action;
use dupeproof_sim::{Command, Global, GuestEvent, Key};
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact};
use crate::finding::Finding;
use crate::game_record::player_of;
use crate::history::History;

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// In whose record.
    pub player: PlayerId,
    /// True: in the queue. False: in the data, handled.
    pub queued: bool,
}

/// A message too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicated {
    /// The message.
    pub message: MessageId,
    /// One place.
    pub first: Location,
    /// The other. `None`: it is in one place, but its sender was told that it did not arrive.
    pub second: Option<Location>,
}

impl Detail for Duplicated {}

/// A message that never arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// The message.
    pub message: MessageId,
    /// The player it was sent to.
    pub to: PlayerId,
}

impl Detail for Lost {}

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
    pub(super) fn judge(
        &mut self,
        at: Global,
        store: &[(Key, Stored)],
        history: &History,
        findings: &mut Vec<Finding>,
    ) {
        if self.sent.is_empty() {
            return;
        }
        let there = locations(store, history);
        let with = |player, message| {
            [false, true].iter().any(|&queued| there.binary_search(&(message, Location { player, queued })).is_ok())
        };
        let mut finding = |player, fact| {
            findings.push(Finding { at, player: Some(player), lasted: None, fact });
        };
        self.accepted.sort_unstable();
        self.refused.sort_unstable();
        let admin = history.admin();
        for same in there.chunk_by(|one, other| one.0 == other.0) {
            let (message, first) = same[0];
            let second = same.get(1).map(|other| other.1);
            let refused = self.refused.binary_search(&message).is_ok();
            if (second.is_some() || refused) && !admin.restored.messages.contains(&message) {
                finding(first.player, Fact::MessageDuplicated(Duplicated { message, first, second }));
            }
        }
        for &(message, to) in &self.sent {
            let lost = self.accepted.binary_search(&message).is_ok() && !with(to, message);
            if lost && !admin.taken.messages.contains(&message) {
                finding(to, Fact::MessageLost(Lost { message, to }));
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
