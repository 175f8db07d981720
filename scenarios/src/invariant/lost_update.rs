//! A stored state of the data is only ever replaced by one made from it, and what a session changed is stored when
//! everything has recovered, unless its server died or somebody took its lock.

use dupeproof_sim::trace::{Event, ServerId, SessionRef};
use dupeproof_sim::{EndReason, Global, Stamp};

use super::{Breach, Commit, Fact};
use crate::history::{History, SessionState};

/// How changes were lost.
#[derive(Clone, Copy, Debug)]
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

impl Overwrite {
    pub(super) fn story(&self, key: &str) -> String {
        let (writer, maker, before, after) = match self {
            Overwrite::Forgotten { writer, maker, before, after } => (writer, maker, before, after),
            Overwrite::NeverStored { session, state } => {
                let server = session.server.job_id();
                return format!(
                    "{server} never stored state {:#x} of {key}, though nothing kept it from doing so",
                    state.0
                );
            }
        };
        let made = maker.map_or(String::new(), |maker| format!(" that {} had made", maker.job_id()));
        let writer = writer.job_id();
        format!("{writer} overwrote state {:#x} of {key}{made} with state {:#x}, not made from it", before.0, after.0)
    }
}

/// A write was applied. A removal that nobody asked for leaves the untouched state.
pub(super) fn observe(commit: Commit, event: &Event, history: &History, breaches: &mut Vec<Breach>) {
    let Event::Committed { server, .. } = event else { return };
    let Commit { at, player, before, after, asked_for, .. } = commit;
    let after = after.unwrap_or_default();
    if asked_for || after == before || history.descends(player, after, before) {
        return;
    }
    let maker = history.editor(player, before).map(|index| history.sessions()[index].id.server);
    let overwrite = Overwrite::Forgotten { writer: *server, maker, before, after };
    breaches.push(Breach {
        at,
        player: Some(player),
        lasted: None,
        servers: [maker, Some(*server)],
        fact: Fact::LostUpdate(overwrite),
    });
}

/// Everything has healed and everybody has left: what is not stored now never will be.
pub(super) fn judge(at: Global, history: &History, breaches: &mut Vec<Breach>) {
    for (player, index, state) in history.unstored() {
        let session = &history.sessions()[index];
        let told =
            matches!(session.state, SessionState::Ended(EndReason::Lost | EndReason::Removed | EndReason::Overwritten));
        if told || history.was_overtaken(index) || history.is_dead(session.id.server) {
            continue;
        }
        let never_stored = Overwrite::NeverStored { session: session.id, state };
        breaches.push(Breach {
            at,
            player: Some(player),
            lasted: None,
            servers: [Some(session.id.server), None],
            fact: Fact::LostUpdate(never_stored),
        });
    }
}
