//! A change is saved within an auto-save period, or two, unless something hinders its server; also if a crash comes first.
//!
//! Of subjects whose sessions are leases, auto-save gives each of the n sessions of a server a turn in every period, and the turn to the session that was saved
//! longest ago, if that is half a period ago or more. From the moment at which a session was saved half a period ago,
//! fewer than n others are before it, and none comes between, so it is saved within one period. Sessions that start only
//! make turns come faster. When a session ends, turns come more slowly, so the period is counted anew from there. Other subjects
//! say how often they save each session; how they order their saves is theirs, so each change has two periods.

use std::collections::VecDeque;

use dupeproof_core::{Config, Span};
use dupeproof_sim::id::{ServerId, Stamp};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, GuestEvent, Schedule};

use super::Overdue;
use crate::fact::Fact;
use crate::finding::Finding;
use crate::history::{History, SessionIndex};
use crate::invariant::Commit;
use crate::invariant::hindrance::Hindrances;

/// From the turn of a session until its data is stored, beside the DataStore's latency: one write may be under way, and
/// is followed by the next.
const SLACK: Span = Span::secs(5);

/// One way to the DataStore or back, at most so often: two writes, each with its read.
const LEGS: u64 = 8;

/// Knows what is not saved.
#[derive(Clone, Debug)]
pub(in crate::invariant) struct Unsaved {
    period: Span,
    /// From the start of the period until a change is stored, at most, by global time.
    bound: Span,
    /// The same of sessions without leases; `None` where nobody says how often they are saved.
    other_bound: Option<Span>,
    /// From one server's time to global time, at most, and what a save takes.
    stretch: Stretch,
    /// By place; `None` for sessions that are over.
    sessions: Vec<Option<Unstored>>,
}

/// How a period by a server's clock becomes a bound of global time.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    rate: u64,
    more: Span,
}

impl Stretch {
    fn of(self, period: Span) -> Span {
        period.scaled(1_000_000, self.rate) + self.more
    }
}

/// What one session has not saved.
#[derive(Clone, Debug)]
struct Unstored {
    leased: bool,
    /// Oldest first.
    changes: VecDeque<(Global, Stamp)>,
    /// When the session began, or its server last wrote to its record.
    saved: Global,
    /// When a session of its server last ended.
    disturbed: Global,
    reported: bool,
}

impl Unsaved {
    /// Before a run of this schedule.
    pub(in crate::invariant) fn new(schedule: &Schedule) -> Unsaved {
        let period = match (schedule.constants.get("AUTO_SAVE_PERIOD"), schedule.game.auto_save_period) {
            (Some(seconds), _) => Span::secs(*seconds),
            (None, Span::ZERO) => Config::default().auto_save_period,
            (None, drawn) => drawn,
        };
        // By the slowest clock.
        let slowest = schedule.servers.iter().map(|server| server.rate_ppm).min().unwrap_or(0).min(0);
        let rate = u64::try_from(1_000_000 + i64::from(slowest)).expect("a rate is above -1,000,000 ppm");
        let requests = Span(schedule.services.datastore_latency.max.0 * LEGS);
        let stretch = Stretch { rate, more: SLACK + requests };
        Unsaved { period, bound: stretch.of(period), other_bound: None, stretch, sessions: Vec::new() }
    }

    /// Sessions without leases are saved so often.
    pub(in crate::invariant) fn promise(&mut self, period: Span) {
        self.other_bound = Some(self.stretch.of(Span(2 * period.0)));
    }

    /// A guest spoke of a session.
    pub(in crate::invariant) fn told(
        &mut self,
        at: Global,
        event: &Event,
        index: SessionIndex,
        (history, hindrances): (&History, &Hindrances),
        findings: &mut Vec<Finding>,
    ) {
        let Event::Guest { server, live_until, event } = event else { return };
        match event {
            GuestEvent::SessionStarted { .. } => {
                self.sessions.resize(history.sessions().len(), None);
                let leased = live_until.is_some();
                let begun = Unstored { leased, changes: VecDeque::new(), saved: at, disturbed: at, reported: false };
                self.sessions[index] = Some(begun);
            }
            GuestEvent::Edited { stamp, .. } => {
                if let Some(Some(unstored)) = self.sessions.get_mut(index) {
                    unstored.changes.push_back((at, *stamp));
                }
            }
            GuestEvent::SessionEnded { .. } => self.ended(at, *server, index, (history, hindrances), findings),
            _ => {}
        }
    }

    /// A server is gone, without a chance to save. The age of the oldest change that each of its sessions loses.
    pub(in crate::invariant) fn down(
        &mut self,
        at: Global,
        server: ServerId,
        (history, hindrances): (&History, &Hindrances),
        findings: &mut Vec<Finding>,
    ) -> Vec<Span> {
        let mut lost = Vec::new();
        for &index in history.sessions_on(server) {
            if history.is_dead(server) {
                self.judge(at, index, (history, hindrances), findings);
                let unstored = self.sessions.get(index).and_then(Option::as_ref);
                let oldest = unstored.and_then(|unstored| unstored.changes.front());
                lost.extend(oldest.map(|(oldest, _)| at.since(*oldest)));
            }
            self.forget(index);
        }
        lost
    }

    /// A write was applied. The age of the oldest change that it stored, if nothing hindered the server meanwhile.
    pub(in crate::invariant) fn commit(
        &mut self,
        commit: Commit,
        event: &Event,
        (history, hindrances): (&History, &Hindrances),
        findings: &mut Vec<Finding>,
    ) -> Option<Span> {
        let Event::Committed { server, .. } = event else { return None };
        let index = history.session_on(*server, commit.player)?;
        self.judge(commit.at, index, (history, hindrances), findings);
        let unstored = self.sessions.get_mut(index)?.as_mut()?;
        unstored.saved = commit.at;
        let (oldest, _) = *unstored.changes.front()?;
        while let Some((_, stamp)) = unstored.changes.front()
            && history.was_stored(commit.player, *stamp)
        {
            unstored.changes.pop_front();
        }
        let stored = unstored.changes.front().is_none_or(|(next, _)| *next != oldest);
        (stored && !hindrances.hindered(*server, oldest)).then(|| commit.at.since(oldest))
    }

    fn ended(
        &mut self,
        at: Global,
        server: ServerId,
        ended: SessionIndex,
        (history, hindrances): (&History, &Hindrances),
        findings: &mut Vec<Finding>,
    ) {
        for &index in history.sessions_on(server) {
            self.judge(at, index, (history, hindrances), findings);
            if let Some(Some(unstored)) = self.sessions.get_mut(index) {
                unstored.disturbed = at;
            }
        }
        self.forget(ended);
    }

    fn judge(
        &mut self,
        at: Global,
        index: SessionIndex,
        (history, hindrances): (&History, &Hindrances),
        findings: &mut Vec<Finding>,
    ) {
        let Some(Some(unstored)) = self.sessions.get_mut(index) else { return };
        let Some((oldest, _)) = unstored.changes.front() else { return };
        let (from, bound) = match self.other_bound {
            _ if unstored.leased => (unstored.saved + Span(self.period.0 / 2), self.bound),
            Some(bound) => (Global(0), bound),
            None => return,
        };
        let from = from.max(unstored.disturbed).max(*oldest);
        if unstored.reported || at <= from + bound {
            return;
        }
        let session = &history.sessions()[index];
        // A request unanswered since before may have kept it from being saved.
        if hindrances.suffers(session.id.server, from) {
            return;
        }
        unstored.reported = true;
        let fact = Fact::Overdue(Overdue::Save { session: session.id, after: at.since(*oldest) });
        findings.push(Finding { at, player: Some(session.player), lasted: None, fact });
    }

    fn forget(&mut self, index: SessionIndex) {
        if let Some(session) = self.sessions.get_mut(index) {
            *session = None;
        }
    }
}
