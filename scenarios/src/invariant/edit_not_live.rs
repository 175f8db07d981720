//! A game changes the data of a profile only while its session is live: whatever it changes before, while the session is
//! suspended, or afterwards, may never be stored.
//!
//! Exact for every subject: one that does not say until when a session is live has a session that is live until it ends.

use dupeproof_sim::id::{SessionRef, Stamp};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, GuestEvent};
use serde::{Deserialize, Serialize};

use super::double_live::DoubleLive;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex};

/// A change that its session could not vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotLive {
    /// The session whose data was changed.
    pub session: SessionRef,
    /// The state that was made.
    pub state: Stamp,
}

impl Detail for NotLive {
    fn servers(&self) -> Servers {
        [Some(self.session.server), None]
    }
}

/// Remembers changes that are wrong unless their session is live at this very moment: one that resumes may tell what its
/// game did before it tells that it has resumed.
#[derive(Clone, Debug, Default)]
pub(super) struct EditNotLive {
    suspected: Vec<(SessionIndex, Finding)>,
}

impl EditNotLive {
    /// A guest spoke of a session.
    pub(super) fn observe(
        &mut self,
        at: Global,
        event: &Event,
        index: SessionIndex,
        (live, history): (&DoubleLive, &History),
    ) {
        if live.is_live(index, at) {
            self.suspected.retain(|(suspected, _)| *suspected != index);
        } else if let Event::Guest { event: GuestEvent::Edited { stamp, .. }, .. } = event {
            let session = &history.sessions()[index];
            let fact = Fact::EditNotLive(NotLive { session: session.id, state: *stamp });
            self.suspected.push((index, Finding { at, player: Some(session.player), lasted: None, fact }));
        }
    }

    /// It is this late, and what happened before is told in full.
    pub(super) fn pass(&mut self, at: Global, findings: &mut Vec<Finding>) {
        if self.suspected.first().is_some_and(|(_, first)| first.at < at) {
            findings.extend(self.suspected.drain(..).map(|(_, finding)| finding));
        }
    }

    /// The run is over.
    pub(super) fn end(&mut self, findings: &mut Vec<Finding>) {
        findings.extend(self.suspected.drain(..).map(|(_, finding)| finding));
    }
}
