//! Two servers' sessions of one key are never live at one instant of global time.
//!
//! Liveness is what each session's own `is_active()` would answer at that instant, frozen or not: the trace says
//! until when that is. An overlap can only begin where a session becomes live, so looking then, and only then, is
//! exact.

use dupeproof_core::Span;
use dupeproof_sim::trace::{Event, ServerId, SessionId};
use dupeproof_sim::{Global, GuestEvent};

use super::{Breach, Fact};
use crate::ledger::{Ledger, Place};

/// Two sessions, both live.
#[derive(Clone, Copy, Debug)]
pub struct Overlap {
    first: SessionId,
    second: SessionId,
}

impl Overlap {
    pub(super) fn story(&self, key: &str, lasted: Option<Span>) -> String {
        let (first, second) = (self.first.server.job_id(), self.second.server.job_id());
        let seconds = lasted.unwrap_or_default().as_secs_f64();
        format!("{first} and {second} both held a live session of {key} for {seconds:.3} s")
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
    breach: usize,
    sessions: [Place; 2],
}

const FOR_EVER: Global = Global(u64::MAX);
const NOT_LIVE: Global = Global(0);

impl DoubleLive {
    /// A guest spoke of a session.
    pub(super) fn observe(
        &mut self,
        at: Global,
        event: &Event,
        place: Place,
        ledger: &Ledger,
        breaches: &mut Vec<Breach>,
    ) {
        let Event::Guest { live_until, event, .. } = event else { return };
        match event {
            GuestEvent::SessionStarted { .. } => {
                self.until.resize(ledger.sessions().len(), NOT_LIVE);
                self.live(at, place, live_until.unwrap_or(FOR_EVER), ledger, breaches);
            }
            GuestEvent::Renewed { .. } | GuestEvent::Resumed { .. } => {
                self.live(at, place, live_until.unwrap_or(FOR_EVER), ledger, breaches);
            }
            GuestEvent::Suspended { .. } | GuestEvent::SessionEnded { .. } => self.not_live(at, place, breaches),
            _ => {}
        }
    }

    /// A server is gone: nothing there is live.
    pub(super) fn down(&mut self, at: Global, server: ServerId, ledger: &Ledger, breaches: &mut [Breach]) {
        for &place in ledger.sessions_on(server) {
            self.not_live(at, place, breaches);
        }
    }

    /// The run is over.
    pub(super) fn end(&mut self, at: Global, breaches: &mut [Breach]) {
        while let Some(open) = self.open.pop() {
            self.measure(at, open, breaches);
        }
    }

    fn live(&mut self, at: Global, place: Place, until: Global, ledger: &Ledger, breaches: &mut Vec<Breach>) {
        if at < self.until[place] {
            // It was live all along: whatever it overlaps with it has overlapped with before.
            self.until[place] = until.max(at);
            return;
        }
        self.not_live(at, place, breaches);
        if until <= at {
            return;
        }
        self.until[place] = until;
        let session = &ledger.sessions()[place];
        for &other in ledger.sessions_of(session.player) {
            let other_id = ledger.sessions()[other].id;
            if at < self.until[other] && other_id.server != session.id.server {
                let overlap = Overlap { first: other_id, second: session.id };
                self.open.push(Open { breach: breaches.len(), sessions: [other, place] });
                breaches.push(Breach {
                    at,
                    player: Some(session.player),
                    lasted: None,
                    servers: [Some(other_id.server), Some(session.id.server)],
                    fact: Fact::DoubleLive(overlap),
                });
            }
        }
    }

    fn not_live(&mut self, at: Global, place: Place, breaches: &mut [Breach]) {
        let mut index = 0;
        while index < self.open.len() {
            if self.open[index].sessions.contains(&place) {
                let open = self.open.swap_remove(index);
                self.measure(at, open, breaches);
            } else {
                index += 1;
            }
        }
        self.until[place] = NOT_LIVE;
    }

    fn measure(&self, at: Global, open: Open, breaches: &mut [Breach]) {
        let [first, second] = open.sessions;
        let end = at.min(self.until[first]).min(self.until[second]);
        let breach = &mut breaches[open.breach];
        breach.lasted = Some(end.since(breach.at));
    }
}
