//! Two servers' sessions of one key are never live at one instant of global time.
//!
//! Liveness is what each session's own `is_active()` would answer at that instant, frozen or not: the trace says
//! until when that is. An overlap can only begin where a session becomes live, so looking then, and only then, is
//! exact.

use dupeproof_sim::id::{ServerId, SessionRef};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, GuestEvent};
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex};

/// Two sessions, both live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// The session that was live first.
    pub first: SessionRef,
    /// The session that became live beside it.
    pub second: SessionRef,
}

impl Detail for Overlap {
    fn servers(&self) -> Servers {
        [Some(self.first.server), Some(self.second.server)]
    }
}

/// Watches when sessions are live.
#[derive(Clone, Debug, Default)]
pub struct DoubleLive {
    /// By place; the end of each session's liveness as it stands. `Global(0)`: not live.
    until: Vec<Global>,
    open: Vec<Open>,
}

/// An overlap that goes on.
#[derive(Clone, Copy, Debug)]
struct Open {
    finding: usize,
    sessions: [SessionIndex; 2],
}

const FOR_EVER: Global = Global(u64::MAX);
const NOT_LIVE: Global = Global(0);

impl DoubleLive {
    /// A guest spoke of a session.
    pub(super) fn observe(
        &mut self,
        at: Global,
        event: &Event,
        index: SessionIndex,
        history: &History,
        findings: &mut Vec<Finding>,
    ) {
        let Event::Guest { live_until, event, .. } = event else { return };
        match event {
            GuestEvent::SessionStarted { .. } => {
                self.until.resize(history.sessions().len(), NOT_LIVE);
                self.live(at, index, live_until.unwrap_or(FOR_EVER), history, findings);
            }
            GuestEvent::Renewed { .. } | GuestEvent::Resumed { .. } => {
                self.live(at, index, live_until.unwrap_or(FOR_EVER), history, findings);
            }
            GuestEvent::Suspended { .. } | GuestEvent::SessionEnded { .. } => self.not_live(at, index, findings),
            _ => {}
        }
    }

    /// Whether a session is live at this moment, which is not before the last event.
    pub(super) fn is_live(&self, index: SessionIndex, at: Global) -> bool {
        self.until.get(index).is_some_and(|until| at < *until)
    }

    /// Whether a session's game has not been told that it is suspended or over, whatever its lease says.
    pub(super) fn is_taken_for_live(&self, index: SessionIndex) -> bool {
        self.until.get(index).is_some_and(|until| *until != NOT_LIVE)
    }

    /// A server is gone: nothing there is live.
    pub(super) fn down(&mut self, at: Global, server: ServerId, history: &History, findings: &mut [Finding]) {
        for &index in history.sessions_on(server) {
            self.not_live(at, index, findings);
        }
    }

    /// The run is over.
    pub(super) fn end(&mut self, at: Global, findings: &mut [Finding]) {
        while let Some(open) = self.open.pop() {
            self.measure(at, open, findings);
        }
    }

    fn live(&mut self, at: Global, index: SessionIndex, until: Global, history: &History, findings: &mut Vec<Finding>) {
        if at < self.until[index] {
            // It was live all along: whatever it overlaps with it has overlapped with before.
            self.until[index] = until.max(at);
            return;
        }
        self.not_live(at, index, findings);
        if until <= at {
            return;
        }
        self.until[index] = until;
        let session = &history.sessions()[index];
        for &other in history.sessions_of(session.player) {
            let other_id = history.sessions()[other].id;
            if at < self.until[other] && other_id.server != session.id.server {
                let overlap = Overlap { first: other_id, second: session.id };
                self.open.push(Open { finding: findings.len(), sessions: [other, index] });
                findings.push(Finding {
                    at,
                    player: Some(session.player),
                    lasted: None,
                    fact: Fact::DoubleLive(overlap),
                });
            }
        }
    }

    fn not_live(&mut self, at: Global, index: SessionIndex, findings: &mut [Finding]) {
        let mut next = 0;
        while next < self.open.len() {
            if self.open[next].sessions.contains(&index) {
                let open = self.open.swap_remove(next);
                self.measure(at, open, findings);
            } else {
                next += 1;
            }
        }
        self.until[index] = NOT_LIVE;
    }

    fn measure(&self, at: Global, open: Open, findings: &mut [Finding]) {
        let [first, second] = open.sessions;
        let end = at.min(self.until[first]).min(self.until[second]);
        let finding = &mut findings[open.finding];
        finding.lasted = Some(end.since(finding.at));
    }
}
