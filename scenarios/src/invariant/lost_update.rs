//! A stored state of the data is only ever replaced by one made from it, and what a session changed is stored when
//! everything has recovered, unless its server died or somebody took its lock.

use dupeproof_sim::id::{ServerId, SessionRef, Stamp};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{EndReason, Global};
use serde::{Deserialize, Serialize};

use super::Commit;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionState};

/// How changes were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Overwrite {
    /// A write forgot what was stored.
    Forgotten {
        /// Who wrote.
        writer: ServerId,
        /// Who had made what was stored.
        maker: Option<ServerId>,
        /// What was stored.
        before: Stamp,
        /// What was written.
        after: Stamp,
    },
    /// A session that had every chance to store its changes did not.
    NeverStored {
        /// The session.
        session: SessionRef,
        /// Its last state.
        state: Stamp,
    },
}

impl Detail for Overwrite {
    fn servers(&self) -> Servers {
        match self {
            Overwrite::Forgotten { writer, maker, .. } => [*maker, Some(*writer)],
            Overwrite::NeverStored { session, .. } => [Some(session.server), None],
        }
    }
}

/// A write was applied. A removal that nobody asked for leaves the untouched state.
pub(super) fn observe(commit: Commit, event: &Event, history: &History, findings: &mut Vec<Finding>) {
    let Event::Committed { server, .. } = event else { return };
    let Commit { at, player, before, after, asked_for, .. } = commit;
    let after = after.unwrap_or_default();
    if asked_for || history.descends(player, after, before) {
        return;
    }
    let maker = history.editor(player, before).map(|index| history.sessions()[index].id.server);
    let overwrite = Overwrite::Forgotten { writer: *server, maker, before, after };
    findings.push(Finding { at, player: Some(player), lasted: None, fact: Fact::LostUpdate(overwrite) });
}

/// Everything has healed and everybody has left: what is not stored now never will be.
pub(super) fn judge(at: Global, history: &History, findings: &mut Vec<Finding>) {
    for (player, index, state) in history.unstored() {
        let session = &history.sessions()[index];
        let told =
            matches!(session.state, SessionState::Ended(EndReason::Lost | EndReason::Removed | EndReason::Overwritten));
        if told || history.was_overtaken(index) || history.is_dead(session.id.server) {
            continue;
        }
        let never_stored = Overwrite::NeverStored { session: session.id, state };
        findings.push(Finding { at, player: Some(player), lasted: None, fact: Fact::LostUpdate(never_stored) });
    }
}
