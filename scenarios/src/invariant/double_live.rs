//! Two servers' sessions of one key are never live at one instant of global time.
//!
//! Liveness is what each session's own `is_active()` would answer at that instant, frozen or not: the trace says
//! until when that is. An overlap can only begin where a session becomes live, so looking then, and only then, is
//! exact. Of a session without a lease nobody knows what it would answer while its server is frozen: what it answers
//! when it wakes counts, before which it can do nothing.

use dupeproof_core::Span;
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
    doubts: Vec<Doubt>,
}

/// An overlap with a session that has no lease, on a frozen server.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    began: Global,
    frozen: SessionIndex,
    other: SessionIndex,
    /// By when the session has been asked whether it is live, since its server woke.
    asked_by: Option<Global>,
    /// When the other session was not live any more, if that is so.
    over: Option<Global>,
}

/// An overlap that goes on.
#[derive(Clone, Copy, Debug)]
struct Open {
    finding: usize,
    sessions: [SessionIndex; 2],
}

const FOR_EVER: Global = Global(u64::MAX);
const NOT_LIVE: Global = Global(0);

/// Beyond this, liveness has no end: a session without a lease that is live again says half of all time.
const NO_LEASE: Global = Global(u64::MAX / 4);

/// A server that wakes runs its scripts within this time, and then its sessions are asked.
const FIRST_STEP: Span = Span::secs(1);

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

    /// Time has passed, or something happened: sessions whose servers woke have been asked, and are live still.
    pub(super) fn pass(&mut self, at: Global, event: &Event, history: &History, findings: &mut Vec<Finding>) {
        if self.doubts.is_empty() {
            return;
        }
        let sessions = history.sessions();
        let is_asked = |doubt: &mut Doubt| doubt.asked_by.is_some_and(|by| at > by);
        let asked: Vec<Doubt> = self.doubts.extract_if(.., is_asked).collect();
        for Doubt { began, frozen, other, over, .. } in asked {
            let overlap = found(began, [frozen, other], history, findings);
            match over {
                Some(over) => findings[overlap.finding].lasted = Some(over.since(began)),
                None => self.open.push(overlap),
            }
        }
        for doubt in &mut self.doubts {
            let server = sessions[doubt.frozen].id.server;
            match event {
                Event::ServerWoke { server: woken } if *woken == server => doubt.asked_by = Some(at + FIRST_STEP),
                Event::Guest { server: acting, .. } | Event::Requested { server: acting, .. } if *acting == server => {
                    doubt.asked_by = Some(at);
                }
                _ => {}
            }
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
            if at >= self.until[other] || other_id.server == session.id.server {
                continue;
            }
            if self.until[other] > NO_LEASE && history.is_frozen(other_id.server) {
                self.doubts.push(Doubt { began: at, frozen: other, other: index, asked_by: None, over: None });
            } else {
                self.open.push(found(at, [other, index], history, findings));
            }
        }
    }

    fn not_live(&mut self, at: Global, index: SessionIndex, findings: &mut [Finding]) {
        self.doubts.retain(|doubt| doubt.frozen != index);
        for doubt in self.doubts.iter_mut().filter(|doubt| doubt.other == index) {
            doubt.over.get_or_insert(at);
        }
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

/// What is found when two sessions are live at one time.
fn found(began: Global, pair: [SessionIndex; 2], history: &History, findings: &mut Vec<Finding>) -> Open {
    let [first, second] = pair.map(|index| &history.sessions()[index]);
    let overlap = Overlap { first: first.id, second: second.id };
    let fact = Fact::DoubleLive(overlap);
    findings.push(Finding { at: began, player: Some(first.player), lasted: None, fact });
    Open { finding: findings.len() - 1, sessions: pair }
}
