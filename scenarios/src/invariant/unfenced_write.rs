//! Once a later session of a key has begun, an earlier one cannot write, and nobody lifts a lock that is not theirs.

use dupeproof_sim::id::{RequestId, ServerId, SessionRef};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, GuestEvent};
use serde::{Deserialize, Serialize};

use super::Commit;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex, SessionState};

/// What got through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Unfenced {
    /// Data of a session that had a successor.
    Data {
        /// Whose data.
        earlier: SessionRef,
        /// The successor.
        later: SessionRef,
    },
    /// A lock cleared by a server that had not taken it.
    ForeignLock {
        /// The server that cleared it.
        writer: ServerId,
        /// The server that held it, if the lock names one.
        holder: Option<ServerId>,
    },
    /// A lock cleared under a session that runs on the same server.
    OwnLock {
        /// The session that runs.
        running: SessionRef,
    },
}

impl Detail for Unfenced {
    fn servers(&self) -> Servers {
        match self {
            Unfenced::Data { earlier, later } => [Some(earlier.server), Some(later.server)],
            Unfenced::ForeignLock { writer, holder } => [*holder, Some(*writer)],
            Unfenced::OwnLock { running } => [Some(running.server), None],
        }
    }
}

/// Watches who writes.
#[derive(Clone, Debug, Default)]
pub struct UnfencedWrite {
    /// Writes that cleared the lock of a session that was still running, as far as its game knew.
    releases: Vec<Release>,
}

/// A session may let go of its own lock by its last write, and be over when it knows that the write was applied. If it
/// goes on then, somebody else's write has cleared its lock.
#[derive(Clone, Debug)]
struct Release {
    session: SessionIndex,
    request: (ServerId, RequestId),
    /// When its server was told that it was applied.
    told: Option<Global>,
    finding: Finding,
}

impl UnfencedWrite {
    /// A write was applied. Admins may lift any lock and bring back any state.
    pub(super) fn observe(&mut self, commit: Commit, event: &Event, history: &History, findings: &mut Vec<Finding>) {
        if commit.asked_for {
            return;
        }
        let finding = |unfenced| {
            let fact = Fact::UnfencedWrite(unfenced);
            Finding { at: commit.at, player: Some(commit.player), lasted: None, fact }
        };
        let wrong = late_data(commit, history).or_else(|| foreign_lock(commit, event, history));
        if let Some(unfenced) = wrong {
            findings.push(finding(unfenced));
        } else if let Some((session, request)) = released(commit, event, history) {
            let running = history.sessions()[session].id;
            let finding = finding(Unfenced::OwnLock { running });
            self.releases.push(Release { session, request, told: None, finding });
        }
    }

    /// Whether anything is to be listened to.
    pub(super) fn waits(&self) -> bool {
        !self.releases.is_empty()
    }

    /// Something happened, after the history has taken it in.
    pub(super) fn listen(&mut self, at: Global, event: &Event, history: &History, findings: &mut Vec<Finding>) {
        self.judge(|told| at > told, ended_by(event), history, findings);
        if let Event::Answered { server, id, error, .. } = event {
            let ours = |release: &Release| release.request == (*server, *id);
            // Who is not told that it was applied goes on in good faith.
            self.releases.retain(|release| error.is_none() || !ours(release));
            self.releases.iter_mut().filter(|release| ours(release)).for_each(|release| release.told = Some(at));
        }
    }

    /// The run is over.
    pub(super) fn end(&mut self, history: &History, findings: &mut Vec<Finding>) {
        self.judge(|_| true, None, history, findings);
    }

    /// Those whose time has come, if the session has gone on until now, or until what has just ended it.
    fn judge(
        &mut self,
        is_due: impl Fn(Global) -> bool,
        ended: Option<SessionRef>,
        history: &History,
        findings: &mut Vec<Finding>,
    ) {
        self.releases.retain(|release| {
            let due = release.told.is_some_and(&is_due);
            let session = &history.sessions()[release.session];
            if due && (session.state == SessionState::Running || ended == Some(session.id)) {
                findings.push(release.finding.clone());
            }
            !due
        });
    }
}

/// Which session a guest says is over.
fn ended_by(event: &Event) -> Option<SessionRef> {
    match event {
        Event::Guest { server, event: GuestEvent::SessionEnded { session, .. }, .. } => {
            Some(SessionRef { server: *server, no: *session })
        }
        _ => None,
    }
}

fn late_data(commit: Commit, history: &History) -> Option<Unfenced> {
    let after = commit.after.filter(|after| *after != commit.before)?;
    let editor = history.editor(commit.player, after)?;
    let newest = history.latest(commit.player)?;
    // The later session has been handed this very state in memory, or a later one, and the write undoes nothing.
    let began_with = history.sessions()[newest].began_with;
    if history.descends(commit.player, began_with, after) && history.descends(commit.player, after, commit.before) {
        return None;
    }
    let (earlier, later) = (history.sessions()[editor].id, history.sessions()[newest].id);
    history.precedes(editor, newest).then_some(Unfenced::Data { earlier, later })
}

fn foreign_lock(commit: Commit, event: &Event, history: &History) -> Option<Unfenced> {
    let (writer, _) = clears(event, history)?;
    let holder = commit.held_by.map(|taking| taking.server);
    // A lock that does not say its server's JobId looks to every server like its own. If the server that took it is
    // dead, nobody has lost it.
    let left_to_anybody = |holder| history.is_dead(holder) && !names(event, holder, history);
    let foreign = holder.is_none_or(|holder| holder != writer && !left_to_anybody(holder));
    foreign.then_some(Unfenced::ForeignLock { writer, holder })
}

/// Whether the lock before a write says whose it is.
fn names(event: &Event, holder: ServerId, history: &History) -> bool {
    let Event::Committed { before: Some(before), .. } = event else { return false };
    history.lock(before).is_some_and(|lock| lock.names(holder))
}

/// The session whose lock its own server has cleared while it was running.
fn released(commit: Commit, event: &Event, history: &History) -> Option<(SessionIndex, (ServerId, RequestId))> {
    let request = clears(event, history)?;
    let newest = history.latest(commit.player)?;
    let session = &history.sessions()[newest];
    (session.id.server == request.0 && session.state == SessionState::Running).then_some((newest, request))
}

/// Who clears a lock, by which request.
fn clears(event: &Event, history: &History) -> Option<(ServerId, RequestId)> {
    let Event::Committed { server, id, before: Some(before), after: Some(after), .. } = event else { return None };
    (history.lock(before).is_some() && history.lock(after).is_none()).then_some((*server, *id))
}
