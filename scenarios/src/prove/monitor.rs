//! What is watched in every state of an exploration. All of it is part of the state, and small: the search's invariants
//! remember a whole run.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use dupeproof_core::Stored;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, Stamp};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::{FindingKind, GuestEvent};

use super::script::{Deed, Script};
use super::store::{Commit, Store};
use super::world::player_id;
use crate::game_record::{self, player_of, trade_of};
use crate::history::contents::{Contents, Leftover};

/// What is known of a run so far.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Monitor {
    players: usize,
    /// Items, from zero on.
    items: u32,
    /// From which state each state was made, if it may still matter.
    parents: BTreeMap<Stamp, Stamp>,
    /// States that were stored, of any player.
    stored: BTreeSet<Stamp>,
    /// By player: the newest state that the game was told is stored.
    acknowledged: Vec<Stamp>,
    /// Messages that were answered with accepted.
    accepted: BTreeSet<MessageId>,
    /// Purchases that were answered with granted.
    granted: BTreeSet<ReceiptId>,
    /// Profiles that an admin removed or wrote.
    overruled: BTreeSet<PlayerId>,
}

/// A promise that a state breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Two servers have a live session of a profile.
    DoubleLive {
        /// Whose profile.
        player: PlayerId,
    },
    /// Data was written by a session that did not hold the lock.
    UnfencedWrite {
        /// Whose profile.
        player: PlayerId,
    },
    /// A state that the game was told is stored was overwritten by one that was not made from it.
    LostUpdate {
        /// Whose profile.
        player: PlayerId,
    },
    /// The game changed data while the session was not live.
    EditNotLive {
        /// Whose profile.
        player: PlayerId,
    },
    /// The game was told that a state is stored, and it is not.
    FalseAck {
        /// Whose profile.
        player: PlayerId,
    },
    /// At the end an item is stored more than once.
    ItemDuplicated {
        /// The item.
        item: ItemId,
    },
    /// At the end an item is nowhere.
    ItemLost {
        /// The item.
        item: ItemId,
    },
    /// At the end an accepted message was not handled.
    MessageLost {
        /// The message.
        message: MessageId,
    },
    /// At the end a message was handled more than once.
    MessageDuplicated {
        /// The message.
        message: MessageId,
    },
    /// At the end a granted purchase is not in the data.
    PurchaseLost {
        /// The purchase.
        receipt: ReceiptId,
    },
    /// At the end a purchase is in the data more than once.
    PurchaseDuplicated {
        /// The purchase.
        receipt: ReceiptId,
    },
    /// At the end a profile cannot be loaded.
    NotLoaded {
        /// Whose profile.
        player: PlayerId,
    },
    /// At the end a call of the game was never answered.
    Unanswered {
        /// The slot of the server that was asked.
        server: u16,
    },
    /// A session is over, or its start has failed, and the game was not told.
    Untold {
        /// The slot of its server.
        server: u16,
    },
    /// At the end something is left in the store that the next session would trip over.
    LeftBehind {
        /// The key.
        key: String,
        /// What is there.
        what: &'static str,
    },
}

impl Violation {
    /// Which finding it is.
    pub fn kind(&self) -> FindingKind {
        match self {
            Violation::DoubleLive { .. } => FindingKind::DoubleLive,
            Violation::UnfencedWrite { .. } => FindingKind::UnfencedWrite,
            Violation::LostUpdate { .. } => FindingKind::LostUpdate,
            Violation::EditNotLive { .. } => FindingKind::EditNotLive,
            Violation::FalseAck { .. } => FindingKind::FalseAck,
            Violation::ItemDuplicated { .. } => FindingKind::ItemDuplicated,
            Violation::ItemLost { .. } => FindingKind::ItemLost,
            Violation::MessageLost { .. } => FindingKind::MessageLost,
            Violation::MessageDuplicated { .. } => FindingKind::MessageDuplicated,
            Violation::PurchaseLost { .. } => FindingKind::PurchaseLost,
            Violation::PurchaseDuplicated { .. } => FindingKind::PurchaseDuplicated,
            Violation::NotLoaded { .. } | Violation::Unanswered { .. } | Violation::LeftBehind { .. } => {
                FindingKind::LockStuck
            }
            Violation::Untold { .. } => FindingKind::SilentEnd,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::DoubleLive { player } => {
                write!(formatter, "two servers have a live session of player {}", player.0)
            }
            Violation::UnfencedWrite { player } => {
                write!(formatter, "player {}'s data was written by a session that did not hold the lock", player.0)
            }
            Violation::LostUpdate { player } => {
                write!(
                    formatter,
                    "an acknowledged state of player {}'s data was overwritten by one that does not contain it",
                    player.0
                )
            }
            Violation::EditNotLive { player } => {
                write!(formatter, "the game changed player {}'s data while its session was not live", player.0)
            }
            Violation::FalseAck { player } => {
                write!(
                    formatter,
                    "the game was told that a state of player {}'s data is stored, and it is not",
                    player.0
                )
            }
            Violation::ItemDuplicated { item } => write!(formatter, "item {} is stored more than once", item.0),
            Violation::ItemLost { item } => write!(formatter, "item {} is nowhere", item.0),
            Violation::MessageLost { message } => {
                write!(formatter, "message {} was accepted, and never handled", message.0)
            }
            Violation::MessageDuplicated { message } => {
                write!(formatter, "message {} was handled more than once", message.0)
            }
            Violation::PurchaseLost { receipt } => {
                write!(formatter, "purchase {} was granted, and is not stored", receipt.0)
            }
            Violation::PurchaseDuplicated { receipt } => {
                write!(formatter, "purchase {} is stored more than once", receipt.0)
            }
            Violation::NotLoaded { player } => {
                write!(formatter, "a fresh server cannot start a session for player {}", player.0)
            }
            Violation::Unanswered { server } => write!(formatter, "a call on server {server} was never answered"),
            Violation::Untold { server } => {
                write!(formatter, "the game on server {server} was not told that a session is over")
            }
            Violation::LeftBehind { key, what } => write!(formatter, "`{key}` has {what} when all is over"),
        }
    }
}

impl Monitor {
    pub(crate) fn new(players: usize, items: u32) -> Monitor {
        Monitor {
            players,
            items,
            parents: BTreeMap::new(),
            stored: BTreeSet::from([Stamp(0)]),
            acknowledged: vec![Stamp(0); players],
            accepted: BTreeSet::new(),
            granted: BTreeSet::new(),
            overruled: BTreeSet::new(),
        }
    }

    /// An admin is about to write a profile: what it had been when it was read.
    pub(crate) fn overrules(&mut self, player: PlayerId) {
        self.overruled.insert(player);
    }

    /// A write was applied.
    pub(crate) fn commits(&mut self, commit: &Commit) -> Option<Violation> {
        let player = player_of(&commit.key)?;
        let Some(after) = &commit.after else {
            self.overruled.insert(player);
            return None;
        };
        let stamp = after.data().map(game_record::stamp).unwrap_or_default();
        self.stored.insert(stamp);
        if let Some(before) = &commit.before
            && changes_data(before, after)
            && !is_fenced(before, after)
            // An admin's write is no session's.
            && !(self.overruled.contains(&player) && writer(before) == writer(after))
        {
            return Some(Violation::UnfencedWrite { player });
        }
        // What was acknowledged before an admin overruled it, or is acknowledged late, is gone by what that means.
        let acknowledged = self.acknowledged[usize::from(player.0)];
        let lost = !self.overruled.contains(&player) && !self.comes_from(stamp, acknowledged);
        lost.then_some(Violation::LostUpdate { player })
    }

    /// Whether it makes a difference that a guest says this.
    pub(crate) fn heeds(event: &GuestEvent) -> bool {
        matches!(
            event,
            GuestEvent::Edited { .. }
                | GuestEvent::Saved { .. }
                | GuestEvent::MessageAccepted { .. }
                | GuestEvent::PurchaseGranted { .. }
        )
    }

    /// A guest said something: of this player's session, if it is of one, which is live or not.
    pub(crate) fn hears(&mut self, event: &GuestEvent, session: Option<(PlayerId, bool)>) -> Option<Violation> {
        match event {
            GuestEvent::Edited { stamp, parent, .. } => {
                self.parents.insert(*stamp, *parent);
                let (player, live) = session?;
                return (!live).then_some(Violation::EditNotLive { player });
            }
            GuestEvent::Saved { stamp, .. } => {
                let (player, _) = session?;
                // A write of unknown outcome may have been refused, and a later one that has its changes stored.
                if !self.stored.iter().any(|stored| self.comes_from(*stored, *stamp)) {
                    return Some(Violation::FalseAck { player });
                }
                let newest = &mut self.acknowledged[usize::from(player.0)];
                let old = *newest;
                *newest = *stamp;
                // A late answer to an older write says less than is known.
                if self.comes_from(old, *stamp) {
                    self.acknowledged[usize::from(player.0)] = old;
                }
            }
            GuestEvent::MessageAccepted { message } => drop(self.accepted.insert(*message)),
            GuestEvent::PurchaseGranted { receipt, .. } => drop(self.granted.insert(*receipt)),
            _ => {}
        }
        None
    }

    /// Whether a state is another, or was made from it.
    fn comes_from(&self, mut state: Stamp, earlier: Stamp) -> bool {
        while state != earlier {
            match self.parents.get(&state) {
                Some(parent) => state = *parent,
                None => return false,
            }
        }
        true
    }

    /// All sessions are over, and each profile was loaded once more. What is stored must be complete and clean.
    pub(crate) fn ends(&self, script: &Script, store: &Store) -> Option<Violation> {
        let mut items = Vec::new();
        let (mut messages, mut purchases) = (Vec::new(), Vec::new());
        for (key, value) in store.values() {
            if player_of(key).is_none() {
                if trade_of(key).is_some() && self.overruled.is_empty() {
                    return Some(Violation::LeftBehind { key: key.to_string(), what: "the coordinator of a trade" });
                }
                continue;
            }
            let data = value.data();
            items.extend(data.into_iter().flat_map(game_record::items));
            messages.extend(data.into_iter().flat_map(game_record::messages));
            purchases.extend(data.into_iter().flat_map(game_record::purchases));
            if let Some(what) = left_in(value) {
                return Some(Violation::LeftBehind { key: key.to_string(), what });
            }
        }
        let admin = !self.overruled.is_empty();
        for item in (0..self.items).map(ItemId) {
            match items.iter().filter(|other| **other == item).count() {
                0 if !admin => return Some(Violation::ItemLost { item }),
                0 | 1 => {}
                _ if admin => {}
                _ => return Some(Violation::ItemDuplicated { item }),
            }
        }
        for message in script.steps().filter_map(|step| sent(step.deed)) {
            match messages.iter().filter(|other| **other == message).count() {
                0 if self.accepted.contains(&message) && !admin => return Some(Violation::MessageLost { message }),
                0 | 1 => {}
                _ => return Some(Violation::MessageDuplicated { message }),
            }
        }
        for receipt in &self.granted {
            let receipt = *receipt;
            match purchases.iter().filter(|other| **other == receipt).count() {
                0 if !admin => return Some(Violation::PurchaseLost { receipt }),
                0 | 1 => {}
                _ => return Some(Violation::PurchaseDuplicated { receipt }),
            }
        }
        (0..self.players)
            .map(player_id)
            .find(|player| {
                let stamp = store
                    .values()
                    .find(|(key, _)| player_of(key) == Some(*player))
                    .and_then(|(_, value)| value.data().map(game_record::stamp))
                    .unwrap_or_default();
                !self.overruled.contains(player) && !self.comes_from(stamp, self.acknowledged[usize::from(player.0)])
            })
            .map(|player| Violation::LostUpdate { player })
    }
}

fn sent(deed: Deed) -> Option<MessageId> {
    match deed {
        Deed::Command(dupeproof_sim::Command::Send { message, .. }) => Some(message),
        _ => None,
    }
}

fn changes_data(before: &Stored, after: &Stored) -> bool {
    before.data() != after.data()
}

/// The session that wrote last, and its write.
fn writer(stored: &Stored) -> Option<&(dupeproof_core::Guid, u64)> {
    match stored {
        Stored::Record(record) => record.profile.as_ref()?.meta.last_write.as_ref(),
        Stored::Other(_) => None,
    }
}

/// The session that wrote last is the one that held the lock.
fn is_fenced(before: &Stored, after: &Stored) -> bool {
    // A first session makes the profile from the template.
    if before.data().is_none() {
        return true;
    }
    match (before.active_session(), writer(after)) {
        (Some(holder), Some((guid, _))) => holder.guid.as_ref() == Some(guid),
        _ => false,
    }
}

/// What a record has that the next session would trip over.
fn left_in(value: &Stored) -> Option<&'static str> {
    match value {
        Stored::Record(_) => Contents::new(value, &RecordLayout::Record).leftover().map(Leftover::about),
        Stored::Other(_) => Some("no record"),
    }
}
