//! What a game was told is stored, is stored: that state of the data, or one made from it, and before it was told. And what
//! a game answers with `PurchaseGranted` is: Roblox delivers it no more, so a crash would lose it.

use dupeproof_sim::id::{PlayerId, ReceiptId, ServerId, SessionRef, Stamp};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, GuestEvent};
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex};

/// What was taken for stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Unstored {
    /// A state of the data, by the game.
    State {
        /// The session whose game was told.
        session: SessionRef,
        /// The state that is not stored.
        state: Stamp,
    },
    /// A purchase, by Roblox.
    Purchase {
        /// The server that answered with granted.
        server: ServerId,
        /// The purchase that is not stored.
        receipt: ReceiptId,
    },
}

impl Detail for Unstored {
    fn servers(&self) -> Servers {
        match self {
            Unstored::State { session, .. } => [Some(session.server), None],
            Unstored::Purchase { server, .. } => [Some(*server), None],
        }
    }
}

/// A guest spoke of a session.
pub(super) fn observe(at: Global, event: &Event, index: SessionIndex, history: &History, findings: &mut Vec<Finding>) {
    let Event::Guest { event: GuestEvent::Saved { stamp, .. }, .. } = event else { return };
    let session = &history.sessions()[index];
    if history.was_stored(session.player, *stamp) {
        return;
    }
    findings.push(Finding {
        at,
        player: Some(session.player),
        lasted: None,
        fact: Fact::FalseAck(Unstored::State { session: session.id, state: *stamp }),
    });
}

/// A purchase was answered with granted, and is in no state of its player's record so far.
pub(super) fn granted(
    at: Global,
    server: ServerId,
    (player, receipt): (PlayerId, ReceiptId),
    findings: &mut Vec<Finding>,
) {
    let fact = Fact::FalseAck(Unstored::Purchase { server, receipt });
    findings.push(Finding { at, player: Some(player), lasted: None, fact });
}
