//! A session that has the lock: leased liveness, checks and saves.

use std::sync::Arc;

use super::{Call, CallKind, Ending, Errand, Held, Phase, Session};
use crate::backoff::Backoff;
use crate::config::Config;
use crate::context::Context;
use crate::event::Event;
use crate::fence::Fence;
use crate::ids::Guid;
use crate::outcome::{CallFailed, EndReason};
use crate::plan::{Decision, Kept, UpdateOutcome};
use crate::record::Stored;
use crate::sabotage::Sabotage;
use crate::time::{Mono, Span};

/// A session that has the lock, as far as it knows.
#[derive(Debug)]
pub(crate) struct Holding {
    pub held: Held,
    /// The end of the lease: the start of the last confirming call, plus one lease.
    pub live_until: Mono,
    suspended: bool,
    next_check: Mono,
    /// Checks in flight, oldest first.
    checks: Vec<(u32, Mono)>,
    check_backoff: Backoff,
    save: Save,
    save_backoff: Backoff,
    /// Trades and gifts under way.
    pub errands: Vec<Errand>,
    /// When the last check was asked for.
    checked_at: Mono,
    /// When the last save was asked for, or the session began.
    pub saved_at: Mono,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Save {
    /// None is wanted, or the one in flight will do.
    Settled,
    /// One more after the one in flight.
    Again,
    /// The last one failed.
    RetryAt(Mono),
}

/// Checks in flight at one time.
const CHECKS_MAX: usize = 2;

/// Checks that answer too late to confirm anything, or fail, are made again after no less than this.
const CHECK_SPACING: Span = Span::secs(1);

/// The lease of a call that was started then.
fn lease_end(started: Mono, config: &Config) -> Mono {
    if config.breaks(Sabotage::NoLease) { Mono(u64::MAX) } else { started + config.lease }
}

impl Holding {
    pub(crate) fn new(held: Held, started: Mono, context: &Context<'_>) -> Holding {
        let errands = Session::resume_errands(&held, context.now.mono, context.config);
        Holding {
            held,
            errands,
            checked_at: started,
            live_until: lease_end(started, context.config),
            suspended: false,
            next_check: started + context.config.check_period(),
            checks: Vec::new(),
            check_backoff: Backoff::default(),
            save: Save::Settled,
            save_backoff: Backoff::default(),
            saved_at: context.now.mono,
        }
    }

    pub(crate) fn due(&self, writing: bool) -> Mono {
        let mut due = self.next_check;
        if !self.suspended {
            let errands = self.errands.iter().filter_map(|errand| errand.due(&self.errands));
            due = due.min(self.live_until).min(errands.min().unwrap_or(self.live_until));
        }
        match self.save {
            Save::RetryAt(retry) if !writing => due.min(retry),
            _ => due,
        }
    }

    pub(crate) fn is_active(&self, now: Mono) -> bool {
        !self.suspended && self.live_until > now
    }
}

impl Session {
    /// The lease has run out, if it has: said before anything else that happens at this moment.
    pub(crate) fn expire(&mut self, context: &mut Context<'_>) {
        let Phase::Holding(holding) = &mut self.phase else { return };
        if holding.live_until <= context.now.mono && !holding.suspended {
            holding.suspended = true;
            context.emit(Event::Suspended { session: self.id });
        }
    }

    pub(super) fn tick_holding(&mut self, context: &mut Context<'_>) {
        let now = context.now.mono;
        let writing = self.write.is_some();
        let Phase::Holding(holding) = &self.phase else { return };
        if let Save::RetryAt(retry) = holding.save
            && retry <= now
            && !writing
        {
            self.save(context);
        }
        self.check_if_due(context);
        self.run_errands(context);
    }

    /// Something may have come into the record: it is looked at soon.
    pub(super) fn poke(&mut self, context: &mut Context<'_>) {
        let Phase::Holding(holding) = &mut self.phase else { return };
        let soon = context.now.mono.max(holding.checked_at + CHECK_SPACING);
        holding.next_check = holding.next_check.min(soon);
        self.check_if_due(context);
    }

    fn check_if_due(&mut self, context: &mut Context<'_>) {
        let now = context.now.mono;
        let patience = context.config.check_patience();
        let Phase::Holding(holding) = &self.phase else { return };
        if holding.next_check > now {
            return;
        }
        let Phase::Holding(holding) = &mut self.phase else { return };
        // One that a whole lease has not answered never will be. Two unanswered ones are enough: where requests wait
        // for their budget, more would only wait behind them.
        holding.checks.retain(|(_, started)| now.since(*started) < context.config.lease);
        if holding.checks.len() == CHECKS_MAX {
            holding.next_check = now + patience;
            return;
        }
        let no = self.read(context);
        let Phase::Holding(holding) = &mut self.phase else { return };
        holding.checks.push((no, now));
        holding.checked_at = now;
        holding.next_check = now + patience;
    }

    pub(super) fn check_done(
        &mut self,
        no: u32,
        result: &Result<Option<Stored>, CallFailed>,
        context: &mut Context<'_>,
    ) {
        let tag = self.tag(context.server);
        let Phase::Holding(holding) = &mut self.phase else { return };
        let Some(place) = holding.checks.iter().position(|&(check, _)| check == no) else { return };
        let (_, started) = holding.checks.remove(place);
        let Ok(stored) = result else {
            let pause = holding.check_backoff.after_failure(context.config.check_patience());
            holding.next_check = context.now.mono + pause;
            if context.config.breaks(Sabotage::ResumeWithoutConfirming) {
                self.confirm(context.now.mono, context);
            }
            return;
        };
        holding.check_backoff = Backoff::default();
        let load_count = holding.held.load_count;
        match Fence::check(stored.as_ref(), &tag, load_count, context.config) {
            Fence::Holds { wanted, last_write, updates } => {
                let id = self.id;
                holding.held.read_mail(id, &updates, context.outputs);
                self.look_up(last_write.as_ref(), context);
                if wanted && !context.config.breaks(Sabotage::CheckIgnoresMarker) {
                    self.end(EndReason::External, context);
                } else {
                    self.confirm(started, context);
                }
            }
            Fence::Broken { .. } if context.config.breaks(Sabotage::CheckIgnoresLock) => self.confirm(started, context),
            Fence::Broken { reason, last_write } => self.lose(reason, last_write.as_ref(), context),
        }
    }

    /// A call that was started then has shown that the lock is ours and nobody wants it.
    fn confirm(&mut self, started: Mono, context: &mut Context<'_>) {
        let now = context.now.mono;
        let id = self.id;
        let Phase::Holding(holding) = &mut self.phase else { return };
        let started = if context.config.breaks(Sabotage::LeaseFromReply) { now } else { started };
        let live_until = lease_end(started, context.config);
        if live_until <= holding.live_until {
            return;
        }
        holding.live_until = live_until;
        holding.next_check = (started + context.config.check_period()).max(now + CHECK_SPACING);
        if live_until <= now {
            return;
        }
        let event = if holding.suspended { Event::Resumed { session: id } } else { Event::Renewed { session: id } };
        if std::mem::take(&mut holding.suspended) {
            holding.errands.iter_mut().for_each(Errand::tell_again);
        }
        context.emit(event);
    }

    /// `Save`: at once, or after the one in flight.
    pub(crate) fn save(&mut self, context: &mut Context<'_>) {
        let writing = self.write.is_some();
        let Phase::Holding(holding) = &mut self.phase else { return };
        if writing {
            holding.save = Save::Again;
            return;
        }
        holding.save = Save::Settled;
        holding.saved_at = context.now.mono;
        holding.held.writes += 1;
        context.emit(Event::Saving { session: self.id });
        if context.config.breaks(Sabotage::AcknowledgedBeforeStored) {
            holding.held.acknowledge_all(self.id, context.outputs);
        }
        self.update(CallKind::Save, context);
    }

    pub(super) fn save_done(&mut self, call: Call, outcome: UpdateOutcome, context: &mut Context<'_>) {
        let Phase::Holding(holding) = &mut self.phase else { return };
        match outcome {
            UpdateOutcome::Committed(plan) => {
                holding.save_backoff = Backoff::default();
                let again = holding.save == Save::Again;
                self.acknowledge_write(&plan.0, context);
                self.read_saved_mail(&plan.0, context);
                if let Decision::Keep(kept) = &plan.0 {
                    self.kept(kept, false, context);
                }
                if plan.0.is_wanted() && !context.config.breaks(Sabotage::SaveIgnoresMarker) {
                    self.end(EndReason::External, context);
                    return;
                }
                self.confirm(call.started, context);
                if again {
                    self.save(context);
                }
            }
            UpdateOutcome::Cancelled(plan) => match plan.0 {
                Decision::Gone { reason, last_write } => {
                    if context.config.breaks(Sabotage::RefusedIsAcknowledged) {
                        holding.held.acknowledge_all(self.id, context.outputs);
                    }
                    self.lose(reason, last_write.as_ref(), context);
                }
                _ => holding.save = Save::RetryAt(context.now.mono + holding.save_backoff.next()),
            },
            UpdateOutcome::Failed(plan) => {
                let hasty = context.config.breaks(Sabotage::NoBackoff);
                let pause = if hasty { Span::millis(100) } else { holding.save_backoff.next() };
                holding.save = Save::RetryAt(context.now.mono + pause);
                if let Some(plan) = plan {
                    self.remember_unknown(plan.0, context);
                }
                if context.config.breaks(Sabotage::ResumeWithoutConfirming) {
                    self.confirm(context.now.mono, context);
                }
            }
        }
    }

    fn read_saved_mail(&mut self, decision: &Decision, context: &mut Context<'_>) {
        let id = self.id;
        let updates = match decision {
            Decision::Save { updates, .. } => updates,
            Decision::Keep(kept) => &kept.updates,
            _ => return,
        };
        if let Phase::Holding(holding) = &mut self.phase {
            holding.held.read_mail(id, updates, context.outputs);
            holding.held.forget_processed(updates, context.config);
        }
    }

    /// The data could not be stored, and the profile is as it was stored before. It is not tried again before the next
    /// save that is asked for: only the game can make it storable.
    pub(super) fn kept(&mut self, kept: &Kept, last: bool, context: &mut Context<'_>) {
        self.look_up(kept.last_write.as_ref(), context);
        let (session, key) = (self.id, Arc::clone(&self.key));
        let event = Event::SaveRefused { session, key, write: kept.write, why: kept.why, last };
        context.emit(event);
    }

    /// The lock is not ours any more, and nothing can be saved.
    fn lose(&mut self, reason: EndReason, last_write: Option<&(Guid, u64)>, context: &mut Context<'_>) {
        self.look_up(last_write, context);
        if !context.config.breaks(Sabotage::LossNotTold) {
            context.emit(Event::Ended { session: self.id, reason });
        }
        self.finish(context);
    }

    /// Not live from here on; one final save releases the lock.
    pub(crate) fn end(&mut self, reason: EndReason, context: &mut Context<'_>) {
        if !matches!(self.phase, Phase::Holding(_)) {
            return;
        }
        let Phase::Holding(holding) = std::mem::replace(&mut self.phase, Phase::Done) else { return };
        context.emit(Event::LastSave { session: self.id, reason });
        context.emit(Event::Ended { session: self.id, reason });
        self.phase = Phase::Ending(Ending::new(holding.held, reason, context.now.mono));
        self.release(context);
    }
}
