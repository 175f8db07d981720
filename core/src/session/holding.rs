//! A session that has the lock: leased liveness, checks and saves.

use serde_json::{Value as Json, json};

use super::Phase;
use super::ending::Ending;
use super::held::Held;
use super::requester::{Call, CallKind, Requester};
use super::transfer::Transfer;
use super::transfers::{Answered, Transfers};
use crate::backoff::Backoff;
use crate::config::Config;
use crate::context::Context;
use crate::event::Event;
use crate::fence::Fence;
use crate::ids::{Guid, OpNo};
use crate::outcome::{CallFailed, EndReason};
use crate::plan::{Acquisition, Decision, Plan, Transform, UpdateOutcome};
use crate::record::{Escrow, GlobalUpdates, Stored};
use crate::sabotage::Sabotage;
use crate::time::{Due, Mono, Overlooked, Span};

/// A session that has the lock, as far as it knows.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Holding {
    pub held: Held,
    /// The end of the lease: the start of the last confirming call, plus one lease.
    live_until: Mono,
    /// The lease ran out unconfirmed.
    suspended: bool,
    next_check: Mono,
    /// Checks in flight, oldest first: the number and the start of each.
    checks: Vec<(OpNo, Mono)>,
    check_backoff: Backoff,
    /// No check is made before.
    checks_from: Due,
    next_save: NextSave,
    save_backoff: Backoff,
    /// When the last save was asked for, or the session began.
    saved_at: Overlooked,
    /// Trades and gifts in progress.
    transfers: Transfers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
enum NextSave {
    /// None is wanted, or the one in flight will do.
    None,
    /// One more after the one in flight.
    AfterThis,
    /// The last one failed.
    RetryAt(Mono),
}

/// Checks in flight at one time.
const CHECKS_MAX: usize = 2;

/// Checks that are answered too late to confirm anything, or fail, are made again after no less than this.
const CHECK_SPACING: Span = Span::secs(1);

impl Holding {
    /// The lock was acquired by a call that was started then.
    pub(super) fn begin(
        acquisition: Acquisition,
        started: Mono,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Holding {
        let now = context.now.mono;
        let (acquired, overwritten) = (acquisition.acquired, acquisition.overwritten);
        let (previous_holder, updates) = (acquisition.previous_holder.clone(), acquisition.updates.clone());
        let held = Held::new(acquisition, now, context.config);
        let mut holding = Holding {
            live_until: held.lease_end(started, context.config),
            suspended: false,
            next_check: started + held.check_period(),
            checks: Vec::new(),
            check_backoff: Backoff::default(),
            checks_from: Due(started + CHECK_SPACING),
            next_save: NextSave::None,
            save_backoff: Backoff::default(),
            saved_at: Overlooked(now),
            transfers: Transfers::resume(&held, &requester.guid, now, context.config),
            held,
        };
        debug_assert!(holding.is_active(now), "a session starts live");
        debug_assert!(!requester.is_writing(), "the start's last write was answered");
        context.emit(Event::Started { session: requester.id, acquired, overwritten });
        // The lock was stolen: the session that had it must stop.
        if let Some((guid, load_count)) = previous_holder {
            requester.publish(&guid, json!({"LoadCount": load_count, "EndSession": true}), context);
        }
        holding.read_queue(&updates, requester, context);
        holding.run_transfers(requester, context);
        holding
    }

    pub(super) fn due(&self, requester: &Requester) -> Mono {
        let mut due = self.next_check;
        // A suspended session only checks and saves: its transfers wait until it is live again.
        if !self.suspended {
            due = due.min(self.live_until).min(self.transfers.due().unwrap_or(self.live_until));
        }
        match self.next_save {
            NextSave::RetryAt(retry) if !requester.is_writing() => due.min(retry),
            _ => due,
        }
    }

    pub(crate) fn is_active(&self, now: Mono) -> bool {
        !self.suspended && self.live_until > now
    }

    /// Until when the session is live, if nothing else happens.
    pub(crate) fn live_until(&self) -> Mono {
        self.live_until
    }

    /// When the last save was asked for, or the session began.
    pub(crate) fn saved_at(&self) -> Mono {
        self.saved_at.0
    }

    /// The lease has run out, if it has: said before anything else that happens at this moment.
    pub(super) fn expire(&mut self, requester: &Requester, context: &mut Context<'_>) {
        if self.live_until <= context.now.mono && !self.suspended {
            self.suspended = true;
            if !context.config.breaks(Sabotage::SuspensionNotTold) {
                context.emit(Event::Suspended { session: requester.id });
            }
        }
    }

    pub(super) fn tick(&mut self, requester: &mut Requester, context: &mut Context<'_>) {
        let now = context.now.mono;
        debug_assert!(self.suspended || self.live_until > now, "a lease that has run out is said to have");
        if let NextSave::RetryAt(retry) = self.next_save
            && retry <= now
            && !requester.is_writing()
        {
            self.save(requester, context);
        }
        self.check_if_due(requester, context);
        self.run_transfers(requester, context);
    }

    /// Something may have been written to the record: it is read soon.
    pub(super) fn check_soon(&mut self, requester: &mut Requester, context: &mut Context<'_>) {
        let soon = context.now.mono.max(self.checks_from.0);
        self.next_check = self.next_check.min(soon);
        self.check_if_due(requester, context);
    }

    fn check_if_due(&mut self, requester: &mut Requester, context: &mut Context<'_>) {
        let now = context.now.mono;
        if self.next_check > now {
            return;
        }
        self.next_check = now + self.held.check_patience();
        // A check that a whole lease has not answered never will be. Two unanswered ones are enough: where requests
        // wait for their budget, more would only wait behind them.
        self.checks.retain(|(_, started)| now.since(*started) < self.held.lease);
        if self.checks.len() == CHECKS_MAX {
            return;
        }
        let no = requester.read(context);
        self.checks.push((no, now));
        self.checks_from = Due(now + CHECK_SPACING);
        debug_assert!(self.checks.len() <= CHECKS_MAX && self.checks.is_sorted(), "{:?}", self.checks);
    }

    /// A check was answered.
    pub(super) fn check_done(
        mut self: Box<Self>,
        no: OpNo,
        result: &Result<Option<Stored>, CallFailed>,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Phase {
        // One that was given up.
        let Some(index) = self.checks.iter().position(|&(check, _)| check == no) else { return Phase::Holding(self) };
        let (_, started) = self.checks.remove(index);
        let Ok(stored) = result else {
            let pause = self.check_backoff.after_failure(self.held.check_patience());
            self.next_check = context.now.mono + pause;
            if context.config.breaks(Sabotage::ResumeWithoutConfirming) {
                self.confirm(context.now.mono, requester, context);
            }
            return Phase::Holding(self);
        };
        self.check_backoff = Backoff::default();
        let tag = requester.tag(context.server);
        match Fence::check(stored.as_ref(), &tag, self.held.load_count, context.config) {
            Fence::Holds { wanted, last_write, updates } => {
                self.held.look_up(last_write.as_ref(), requester, context);
                if wanted && !context.config.breaks(Sabotage::CheckIgnoresMarker) {
                    return Phase::Ending(Box::new(self.end(EndReason::External, requester, context)));
                }
                self.confirm(started, requester, context);
                self.read_queue(&updates, requester, context);
            }
            Fence::Broken { .. } if context.config.breaks(Sabotage::CheckIgnoresLock) => {
                self.confirm(started, requester, context);
            }
            Fence::Broken { reason, last_write } => return self.lost(reason, last_write.as_ref(), requester, context),
        }
        Phase::Holding(self)
    }

    /// A call that was started then has shown that the lock is ours and no other session wants it.
    fn confirm(&mut self, started: Mono, requester: &Requester, context: &mut Context<'_>) {
        let now = context.now.mono;
        let started = if context.config.breaks(Sabotage::LeaseFromReply) { now } else { started };
        debug_assert!(started <= now, "a call is started before it is answered");
        let live_until = self.held.lease_end(started, context.config);
        // The answers came in another order than the calls: a later call has confirmed more.
        if live_until <= self.live_until {
            return;
        }
        debug_assert!(live_until > self.live_until, "a lease only grows while the lock is held");
        self.live_until = live_until;
        self.next_check = (started + self.held.check_period()).max(now + CHECK_SPACING);
        // The answer took longer than the lease: it is no news that the lock was ours then.
        if live_until <= now {
            return;
        }
        let session = requester.id;
        if std::mem::take(&mut self.suspended) {
            // The game may have been told of a decision or a message when it could not act on it.
            self.transfers.announce_again();
            self.held.announce_messages_again();
            if !context.config.breaks(Sabotage::ResumptionNotTold) {
                context.emit(Event::Resumed { session });
            }
        } else {
            context.emit(Event::Renewed { session });
        }
    }

    /// The queue of the record was seen. While the session is not live, the game is told of nothing.
    fn read_queue(&mut self, updates: &GlobalUpdates, requester: &Requester, context: &mut Context<'_>) {
        self.held.read_queue(updates, context.config);
        if self.is_active(context.now.mono) {
            self.held.announce_messages(requester, context);
        }
    }

    /// `Save`: at once, or after the one in flight.
    pub(super) fn save(&mut self, requester: &mut Requester, context: &mut Context<'_>) {
        // The write in flight may have read the data already: this change needs another one.
        if requester.is_writing() {
            if !context.config.breaks(Sabotage::SaveInFlightWillDo) {
                self.next_save = NextSave::AfterThis;
            }
            return;
        }
        self.next_save = NextSave::None;
        self.saved_at = Overlooked(context.now.mono);
        self.held.writes += u64::from(!context.config.breaks(Sabotage::SaveNotNumbered));
        context.emit(Event::Saving { session: requester.id });
        if context.config.breaks(Sabotage::AcknowledgedBeforeStored) {
            self.held.acknowledge_all(requester, context);
        }
        requester.update(CallKind::Save, context);
    }

    /// A save was answered.
    pub(super) fn save_done(
        mut self: Box<Self>,
        call: Call,
        outcome: UpdateOutcome,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Phase {
        debug_assert_eq!(call.kind, CallKind::Save, "a session that has the lock asks for no other update");
        match outcome {
            UpdateOutcome::Committed(plan) => return self.saved(call, &plan, requester, context),
            UpdateOutcome::Cancelled(Plan(Decision::Gone { reason, last_write })) => {
                if context.config.breaks(Sabotage::RefusedIsAcknowledged) {
                    self.held.acknowledge_all(requester, context);
                }
                return self.lost(reason, last_write.as_ref(), requester, context);
            }
            // Not reached by a driver that runs the transform of the request that it answers.
            UpdateOutcome::Cancelled(_) => {
                self.next_save = NextSave::RetryAt(context.now.mono + self.save_backoff.next());
            }
            UpdateOutcome::Failed(plan) => {
                let hasty = context.config.breaks(Sabotage::NoBackoff);
                let pause = if hasty { Span::millis(100) } else { self.save_backoff.next() };
                self.next_save = NextSave::RetryAt(context.now.mono + pause);
                if let Some(plan) = plan {
                    self.held.remember_unknown(plan.0, requester, context);
                }
                if context.config.breaks(Sabotage::ResumeWithoutConfirming) {
                    self.confirm(context.now.mono, requester, context);
                }
            }
        }
        Phase::Holding(self)
    }

    /// A save committed: the record was ours when it was written.
    fn saved(
        mut self: Box<Self>,
        call: Call,
        plan: &Plan,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Phase {
        self.save_backoff = Backoff::default();
        self.held.acknowledge_decision(&plan.0, requester, context);
        if let Decision::Keep(kept) = &plan.0 {
            self.held.refused(kept, false, requester, context);
        }
        let ignores = matches!(plan.0, Decision::Keep(_)) && context.config.breaks(Sabotage::KeptIgnoresMarker);
        if plan.0.is_wanted() && !ignores && !context.config.breaks(Sabotage::SaveIgnoresMarker) {
            return Phase::Ending(Box::new(self.end(EndReason::External, requester, context)));
        }
        let late = context.config.breaks(Sabotage::SaveConfirmsFromReply);
        self.confirm(if late { context.now.mono } else { call.started }, requester, context);
        if let Some(updates) = plan.0.written_queue() {
            self.read_queue(updates, requester, context);
            self.held.forget_processed(updates, context.config);
        }
        if self.next_save == NextSave::AfterThis {
            self.save(requester, context);
        }
        Phase::Holding(self)
    }

    /// The lock is not ours any more, and nothing can be saved.
    fn lost(
        mut self: Box<Self>,
        reason: EndReason,
        last_write: Option<&(Guid, u64)>,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Phase {
        self.held.look_up(last_write, requester, context);
        if !context.config.breaks(Sabotage::LossNotTold) {
            context.emit(Event::Ended { session: requester.id, reason });
        }
        if !context.config.breaks(Sabotage::LostSessionStaysSubscribed) {
            requester.finish(context);
        }
        Phase::Done
    }

    /// Not live from here on; one final save releases the lock.
    pub(super) fn end(
        self: Box<Self>,
        reason: EndReason,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Ending {
        context.emit(Event::LastSave { session: requester.id, reason });
        if !context.config.breaks(Sabotage::EndNotTold) {
            context.emit(Event::Ended { session: requester.id, reason });
        }
        Ending::begin(self.held, reason, requester, context)
    }

    /// Puts what left the data with the next write on its way to another profile.
    pub(crate) fn transfer(&mut self, id: Guid, escrow: Escrow, requester: &mut Requester, context: &mut Context<'_>) {
        let write = self.held.writes + u64::from(!context.config.breaks(Sabotage::EscrowOneWriteEarly));
        self.transfers.push(Transfer::new(id, escrow, (&requester.guid, write), context.now.mono));
        self.save(requester, context);
    }

    /// The game takes what a decided trade gives it. `None` if there is nothing to take.
    pub(crate) fn settle(
        &mut self,
        trade: &str,
        take: impl FnOnce(&mut Json, &Json),
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Option<()> {
        self.transfers.settle(trade, take, &mut self.held, context.config)?;
        self.save(requester, context);
        Some(())
    }

    /// One run of the transform of a transfer's update, if this request is one.
    pub(super) fn transfer_transform(
        &self,
        no: OpNo,
        now: Mono,
        requester: &Requester,
        current: Option<&Stored>,
        config: &Config,
    ) -> Option<Transform> {
        let transfer = self.transfers.of_request(no)?;
        // Only saves are fenced: a session that is not live may have a successor that went on.
        if !self.is_active(now) {
            return Some(Transform { write: None, plan: Plan(Decision::Nothing) });
        }
        let began = self.held.profile.meta.profile_create_time;
        Some(transfer.transform((&requester.key, began), now, current, config))
    }

    /// Moves every transfer on as far as it goes: writes may have been acknowledged, times may have come.
    pub(super) fn run_transfers(&mut self, requester: &mut Requester, context: &mut Context<'_>) {
        let live = self.is_active(context.now.mono);
        self.transfers.run(live, &mut self.held, requester, context);
    }

    /// An update was answered. False if it is not a transfer's.
    pub(super) fn transfer_done(
        &mut self,
        no: OpNo,
        outcome: &UpdateOutcome,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> bool {
        let confirmed = self.live_until - self.held.lease;
        match self.transfers.update_done(no, outcome, confirmed, &mut self.held, requester, context) {
            Answered::NotAsked => return false,
            Answered::Taken => {}
            Answered::SaveNeeded => self.save(requester, context),
            Answered::CheckNeeded => self.check_soon(requester, context),
        }
        self.run_transfers(requester, context);
        true
    }

    /// The removal of a coordinator was answered.
    pub(super) fn removed(&mut self, no: OpNo, failed: bool, requester: &mut Requester, context: &mut Context<'_>) {
        let failed = failed && !context.config.breaks(Sabotage::FailedRemovalIsDone);
        if self.transfers.removed(no, failed, context.now.mono) {
            self.run_transfers(requester, context);
        }
    }
}
