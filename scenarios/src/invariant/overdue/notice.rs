//! A session whose lock was stolen, or whose record an admin removed or replaced, is not live one lease later.
//!
//! Its last confirming call was started before that, so its lease ends within one lease, by its own clock: nothing it is
//! told afterwards may say more, whatever hinders it. And by then its game has heard that the session is suspended or
//! over, unless its server is frozen or lags, and then as soon as it runs.

use dupeproof_core::{Span, Stored};
use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, Schedule};

use super::Overdue;
use crate::fact::Fact;
use crate::finding::Finding;
use crate::history::lock_takings::TakingIndex;
use crate::history::{History, SessionIndex};
use crate::invariant::Commit;
use crate::invariant::double_live::DoubleLive;
use crate::invariant::hindrance::Hindrances;

/// From the end of a lease until the game has heard of it: a server looks at its timers no later than that.
const SLACK: Span = Span::secs(1);

/// What a time loses when it is turned from one clock's into another's.
const ROUNDING: Span = Span::millis(1);

/// Knows whose lock was taken away.
#[derive(Clone, Debug)]
pub(in crate::invariant) struct Notices {
    /// By slot: how much too fast its clocks run, in parts per million.
    rates: Vec<i32>,
    pending: Vec<Pending>,
}

/// A taking that was ended by force.
#[derive(Clone, Copy, Debug)]
struct Pending {
    player: PlayerId,
    taking: TakingIndex,
    victim: ServerId,
    taker: ServerId,
    /// No lease of this taking ends later.
    end: Global,
}

impl Notices {
    /// Before a run of this schedule.
    pub(in crate::invariant) fn new(schedule: &Schedule) -> Notices {
        Notices { rates: schedule.servers.iter().map(|server| server.rate_ppm).collect(), pending: Vec::new() }
    }

    /// A write was applied.
    pub(in crate::invariant) fn commit(&mut self, commit: Commit, event: &Event, history: &History) {
        let Event::Committed { server: taker, before: Some(Stored::Record(before)), .. } = event else { return };
        let Some(held) = commit.held_by else { return };
        let Some(taking) = history.forced(commit.player, held) else { return };
        let Some(lease) = before.profile.as_ref().and_then(|profile| profile.meta.lease) else { return };
        let (victim, player) = (held.server, commit.player);
        let end = commit.at + self.by_clock_of(victim, Span::secs(lease)) + ROUNDING;
        self.pending.push(Pending { player, taking, victim, taker: *taker, end });
    }

    /// A guest spoke of a session.
    pub(in crate::invariant) fn told(
        &mut self,
        at: Global,
        event: &Event,
        index: SessionIndex,
        history: &History,
        findings: &mut Vec<Finding>,
    ) {
        if self.pending.is_empty() {
            return;
        }
        let Event::Guest { live_until: Some(until), .. } = event else { return };
        let session = &history.sessions()[index];
        self.pending.retain(|pending| {
            let its = pending.player == session.player && Some(pending.taking) == session.taking;
            let late = its && *until > pending.end && !pending.is_taken_again(history);
            if late {
                findings.push(pending.finding(at, index, history));
            }
            !late
        });
    }

    /// Time has passed.
    pub(in crate::invariant) fn pass(
        &mut self,
        at: Global,
        (live, hindrances, history): (&DoubleLive, &Hindrances, &History),
        findings: &mut Vec<Finding>,
    ) {
        self.pending.retain(|pending| {
            // A server that does not run now is judged when it does.
            let Some(runs) = hindrances.runs_since(pending.victim) else { return history.is_up(pending.victim) };
            if at <= pending.end.max(runs) + SLACK {
                return true;
            }
            if let Some(index) = pending.deluded(live, history) {
                findings.push(pending.finding(at, index, history));
            }
            false
        });
    }

    /// A time by a server's clock, in global time.
    fn by_clock_of(&self, server: ServerId, span: Span) -> Span {
        let rate = self.rates.get(usize::from(server.slot)).copied().unwrap_or(0);
        let rate = u64::try_from(1_000_000 + i64::from(rate)).expect("a rate is above -1,000,000 ppm");
        span.scaled(1_000_000, rate)
    }
}

impl Pending {
    /// The session of the taking, if its game has taken it for live until now: that it hears otherwise at this moment is
    /// too late.
    fn deluded(&self, live: &DoubleLive, history: &History) -> Option<SessionIndex> {
        if self.is_taken_again(history) {
            return None;
        }
        history.sessions_on(self.victim).iter().copied().find(|&index| {
            let session = &history.sessions()[index];
            session.player == self.player && session.taking == Some(self.taking) && live.is_taken_for_live(index)
        })
    }

    /// A late write of the same start, which a removal has made room for, has brought the lock back.
    fn is_taken_again(&self, history: &History) -> bool {
        history.taken_again(self.player, self.taking, self.victim)
    }

    fn finding(&self, at: Global, index: SessionIndex, history: &History) -> Finding {
        let session = history.sessions()[index].id;
        let fact = Fact::Overdue(Overdue::Notice { session, taker: self.taker });
        Finding { at, player: Some(self.player), lasted: None, fact }
    }
}
