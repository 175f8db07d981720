//! Once a later session of a key has begun, an earlier one cannot write, and nobody lifts a lock that is not theirs.

use dupeproof_sim::trace::{Event, ServerId, SessionId};

use super::{Breach, Commit, Fact};
use crate::ledger::{Ledger, SessionState};

/// What got through.
#[derive(Clone, Copy, Debug)]
pub enum Unfenced {
    /// Data of a session that had a successor.
    Data {
        /// Whose data.
        earlier: SessionId,
        /// The successor.
        later: SessionId,
    },
    /// A lock cleared by somebody else.
    ForeignLock {
        /// Who cleared it.
        writer: ServerId,
    },
    /// A lock cleared under a session that runs on the same server.
    OwnLock {
        /// The session that runs.
        running: SessionId,
    },
}

impl Unfenced {
    pub(super) fn story(&self, key: &str) -> String {
        match self {
            Unfenced::Data { earlier, later } => {
                let (earlier, later) = (earlier.server.job_id(), later.server.job_id());
                format!("data of {earlier}'s session of {key} was stored after the later session on {later} had begun")
            }
            Unfenced::ForeignLock { writer } => {
                format!("{} cleared the lock of {key} that another server held", writer.job_id())
            }
            Unfenced::OwnLock { running } => {
                let server = running.server.job_id();
                format!("{server} cleared the lock of {key} while a session of its own was running there")
            }
        }
    }
}

/// A write was applied. Admins may lift any lock and bring back any state.
pub(super) fn observe(commit: Commit, event: &Event, ledger: &Ledger, breaches: &mut Vec<Breach>) {
    if commit.asked_for {
        return;
    }
    let Some((unfenced, servers)) = late_data(commit, ledger).or_else(|| cleared_lock(commit, event, ledger)) else {
        return;
    };
    let fact = Fact::UnfencedWrite(unfenced);
    breaches.push(Breach { at: commit.at, player: Some(commit.player), lasted: None, servers, fact });
}

type Servers = [Option<ServerId>; 2];

fn late_data(commit: Commit, ledger: &Ledger) -> Option<(Unfenced, Servers)> {
    let after = commit.after.filter(|after| *after != commit.before)?;
    let editor = ledger.editor(commit.player, after)?;
    let newest = ledger.latest(commit.player)?;
    let (earlier, later) = (ledger.sessions()[editor].id, ledger.sessions()[newest].id);
    ledger
        .precedes(editor, newest)
        .then_some((Unfenced::Data { earlier, later }, [Some(earlier.server), Some(later.server)]))
}

fn cleared_lock(commit: Commit, event: &Event, ledger: &Ledger) -> Option<(Unfenced, Servers)> {
    let Event::Committed { server, before: Some(before), after: Some(after), .. } = event else { return None };
    if ledger.lock(before).is_none() || ledger.lock(after).is_some() {
        return None;
    }
    if commit.held_by != Some(*server) {
        return Some((Unfenced::ForeignLock { writer: *server }, [commit.held_by, Some(*server)]));
    }
    let newest = ledger.latest(commit.player)?;
    let session = &ledger.sessions()[newest];
    let runs = session.id.server == *server && session.state == SessionState::Running;
    runs.then_some((Unfenced::OwnLock { running: session.id }, [Some(*server), None]))
}
