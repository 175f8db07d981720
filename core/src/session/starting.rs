//! A start: taking a free lock, or asking its holder for it and waiting until it is safe to take.

use serde_json::json;

use super::Phase;
use super::holding::Holding;
use super::requester::{Call, CallKind, Requester};
use super::withdrawing::Withdrawing;
use crate::backoff::Backoff;
use crate::config::Config;
use crate::context::Context;
use crate::event::Event;
use crate::fence::Fence;
use crate::ids::OpNo;
use crate::outcome::{CallFailed, StartFailure};
use crate::plan::{Acquisition, Decision, ForeignLock, Plan, UpdateOutcome};
use crate::record::Stored;
use crate::sabotage::Sabotage;
use crate::time::{Due, Mono, Span};

/// A start in progress.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Starting {
    begun: Mono,
    deadline: Mono,
    /// When to try next, unless a call is in flight.
    next_try: Due,
    /// A message of the holder brings no try before.
    tries_from: Due,
    backoff: Backoff,
    /// Tries since the present holder was first met, as far as they matter.
    tries: usize,
    pub wait: Option<Wait>,
    /// The lock is ours, but the reply came too late for the lease: a check must confirm it.
    unconfirmed: Option<Unconfirmed>,
    in_flight: bool,
    /// The holder released the lock while a call was in flight that may have read the record before.
    released: bool,
    /// A write of our marker was answered with an error: the marker may be there only since then.
    pub unknown_marker: bool,
    /// A write was answered with an error, and nothing was written since: it may be stored now, or later.
    unknown_write: bool,
}

/// Waiting for a holder.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Wait {
    pub lock: ForeignLock,
    /// When a reply arrived that proves our marker is in the record.
    pub since: Mono,
}

#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
struct Unconfirmed {
    acquisition: Box<Acquisition>,
    /// The number of the check in flight.
    read: OpNo,
    /// When that check was asked for.
    started: Mono,
}

/// Pauses after the first tries: short, because the holder's message may be lost. Later tries come every
/// `load_repeat_period`.
const FIRST_PAUSES: [Span; 4] = [Span::secs(1), Span::secs(2), Span::secs(4), Span::secs(8)];

/// What a start gets beyond the wait for its holder's lease, however long that is: for the tries until the marker is
/// proven, and for the one that takes the lock.
const BESIDE_WAIT: Span = Span::secs(40);

/// Messages of the holder that arrive closer together than this share one try, a little later.
const RELEASED_SPACING: Span = Span::millis(500);

/// From the proof of our marker until the lock may be taken; [`Config::takeover_wait`] says why that is enough.
pub(crate) fn wait_before_taking(lock: &ForeignLock, config: &Config) -> Span {
    match lock.lease {
        Some(_) if config.breaks(Sabotage::NoWait) => Span::ZERO,
        Some(lease) if config.breaks(Sabotage::WaitWithoutDrift) => lease,
        Some(_) if config.breaks(Sabotage::WaitByOwnLease) => config.takeover_wait(config.lease),
        Some(lease) if config.breaks(Sabotage::DriftIsSubtracted) => {
            lease.scaled(config.drift.1, config.drift.0 + config.drift.1)
        }
        Some(lease) => config.takeover_wait(lease),
        None => config.session_steal,
    }
}

impl Starting {
    /// Listens to the session's own topic, and makes the first try.
    pub(super) fn begin(deadline: Mono, requester: &mut Requester, context: &mut Context<'_>) -> Starting {
        let now = context.now.mono;
        let mut starting = Starting {
            begun: now,
            deadline,
            next_try: Due(now),
            tries_from: Due(now + RELEASED_SPACING),
            backoff: Backoff::default(),
            tries: 0,
            wait: None,
            unconfirmed: None,
            in_flight: false,
            released: false,
            unknown_marker: false,
            unknown_write: false,
        };
        requester.subscribe(context);
        starting.try_acquire(requester, context);
        starting
    }

    pub(super) fn due(&self) -> Mono {
        // An answer sets the next try; until it comes, only the deadline counts.
        if self.in_flight { self.deadline } else { self.deadline.min(self.next_try.0) }
    }

    pub(super) fn tick(mut self: Box<Self>, requester: &mut Requester, context: &mut Context<'_>) -> Phase {
        if self.deadline <= context.now.mono {
            return self.fail(StartFailure::TimedOut, requester, context);
        }
        if !self.in_flight && self.next_try.0 <= context.now.mono {
            if self.unconfirmed.is_some() {
                self.confirm(requester, context);
            } else {
                self.try_acquire(requester, context);
            }
        }
        Phase::Starting(self)
    }

    fn try_acquire(&mut self, requester: &mut Requester, context: &mut Context<'_>) {
        debug_assert!(!self.in_flight, "a start makes one request at a time");
        requester.update(CallKind::Acquire, context);
        self.in_flight = true;
        self.tries_from = Due(context.now.mono + RELEASED_SPACING);
        self.released = false;
    }

    /// The holder says that it has released the lock.
    pub(super) fn released(mut self: Box<Self>, requester: &mut Requester, context: &mut Context<'_>) -> Phase {
        // The lock is ours already: the message is late.
        if self.unconfirmed.is_some() {
            return Phase::Starting(self);
        }
        if self.in_flight {
            self.released = true;
            return Phase::Starting(self);
        }
        let soon = Due(context.now.mono.max(self.tries_from.0));
        self.next_try = self.next_try.min(soon);
        self.tick(requester, context)
    }

    /// A try was answered.
    pub(super) fn acquire_done(
        mut self: Box<Self>,
        call: Call,
        outcome: UpdateOutcome,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Phase {
        debug_assert_eq!(call.kind, CallKind::Acquire, "a start asks for no other update");
        self.in_flight = false;
        let now = context.now.mono;
        let plan = match outcome {
            UpdateOutcome::Committed(plan) => {
                // Whatever was on its way before cannot be applied any more: the key has changed.
                self.unknown_write = false;
                plan
            }
            UpdateOutcome::Cancelled(plan) => plan,
            UpdateOutcome::Failed(plan) => {
                self.unknown_write |= plan.is_some() && !context.config.breaks(Sabotage::FailedTryIsForgotten);
                self.unknown_marker |= matches!(plan, Some(Plan(Decision::Wait { marked: true, .. })));
                self.next_try = Due(now + self.backoff.next());
                return Phase::Starting(self);
            }
        };
        self.backoff = Backoff::default();
        match plan.0 {
            // Another session wants the lock already: it is given back before this one was ever live.
            Decision::Acquire(acquisition) if acquisition.wanted => {
                self.fail(StartFailure::Superseded, requester, context)
            }
            Decision::Acquire(acquisition) => self.acquired(acquisition, call.started, requester, context),
            Decision::Wait { lock, marked } => {
                let proven = if context.config.breaks(Sabotage::WaitFromRequest) { call.started } else { now };
                self.ask_holder(&lock, requester, context);
                self.wait_for(lock, marked, proven, now, context.config);
                Phase::Starting(self)
            }
            Decision::Refuse(_) => self.fail(StartFailure::Failed, requester, context),
            // The marker is another server's now, so none of ours has to be removed.
            Decision::Contested => {
                context.emit(Event::StartFailed { session: requester.id, failure: StartFailure::Superseded });
                requester.finish(context);
                Phase::Done
            }
            _ => {
                self.next_try = Due(now + self.backoff.next());
                Phase::Starting(self)
            }
        }
    }

    /// Tells the holder that its session is wanted. If the message is lost, its next check finds the marker.
    fn ask_holder(&self, lock: &ForeignLock, requester: &mut Requester, context: &mut Context<'_>) {
        if let Some(guid) = &lock.holder.guid {
            requester.publish(guid, json!({"LoadCount": lock.load_count, "EndSession": true}), context);
        }
    }

    /// The marker is known to be in the record: when to try again. A marker that had to be written again had been
    /// gone, and the holder may have confirmed its lease meanwhile: the wait begins again.
    fn wait_for(&mut self, lock: ForeignLock, marked: bool, proven: Mono, now: Mono, config: &Config) {
        let unknown = std::mem::take(&mut self.unknown_marker) && !config.breaks(Sabotage::UnknownMarkerBeginsNoWait);
        let again = unknown || marked;
        let same = self.wait.as_ref().is_some_and(|wait| wait.lock == lock);
        if !same || (again && !config.breaks(Sabotage::OldWaitForNewMarker)) {
            // Given up before the lease is waited out, and withdrawn with its marker, no start would ever succeed a
            // holder that has crashed. Counted from the beginning: a wait that begins again and again still ends.
            let longest = self.begun + wait_before_taking(&lock, config) + BESIDE_WAIT;
            if !config.breaks(Sabotage::LeaseOutlastsStart) {
                self.deadline = self.deadline.max(longest);
            }
            self.tries = 0;
            self.wait = Some(Wait { lock, since: proven });
        }
        let pause = FIRST_PAUSES.get(self.tries).copied().unwrap_or(config.load_repeat_period);
        self.tries = (self.tries + 1).min(FIRST_PAUSES.len());
        // The holder released while this try was in flight, perhaps too late for it: the next one comes soon.
        let pause = if std::mem::take(&mut self.released) { RELEASED_SPACING.min(pause) } else { pause };
        self.next_try = Due(now + pause);
        if let Some(wait) = &self.wait {
            debug_assert!(wait.since <= now, "a marker is proven by a reply that has arrived");
            let takeable = wait.since + wait_before_taking(&wait.lock, config);
            if takeable > now {
                self.next_try = self.next_try.min(Due(takeable));
            }
        }
    }

    /// The lock is ours. The session is live only if the lease, counted from the start of the call, still runs.
    fn acquired(
        mut self: Box<Self>,
        acquisition: Box<Acquisition>,
        started: Mono,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Phase {
        let started = if context.config.breaks(Sabotage::LeaseFromReply) { context.now.mono } else { started };
        if started + acquisition.lease() > context.now.mono {
            return Phase::Holding(Box::new(Holding::begin(*acquisition, started, requester, context)));
        }
        self.unconfirmed = Some(Unconfirmed { acquisition, read: OpNo(0), started });
        self.confirm(requester, context);
        Phase::Starting(self)
    }

    /// Asks for a check of the lock that is ours.
    fn confirm(&mut self, requester: &mut Requester, context: &mut Context<'_>) {
        debug_assert!(!self.in_flight, "a start makes one request at a time");
        let read = requester.read(context);
        self.in_flight = true;
        if let Some(unconfirmed) = &mut self.unconfirmed {
            unconfirmed.read = read;
            unconfirmed.started = context.now.mono;
        }
    }

    /// The check of the lock that is ours was answered.
    pub(super) fn confirmation_done(
        mut self: Box<Self>,
        no: OpNo,
        result: &Result<Option<Stored>, CallFailed>,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Phase {
        let Some(unconfirmed) = self.unconfirmed.take_if(|unconfirmed| unconfirmed.read == no) else {
            return Phase::Starting(self);
        };
        self.in_flight = false;
        let Ok(stored) = result else {
            self.next_try = Due(context.now.mono + self.backoff.next());
            self.unconfirmed = Some(unconfirmed);
            return Phase::Starting(self);
        };
        let load_count = unconfirmed.acquisition.profile.meta.session_load_count;
        match Fence::check(stored.as_ref(), &requester.tag(context.server), load_count, context.config) {
            Fence::Broken { .. } if context.config.breaks(Sabotage::ConfirmationIgnoresLock) => {
                self.acquired(unconfirmed.acquisition, unconfirmed.started, requester, context)
            }
            Fence::Holds { wanted, .. } if !wanted || context.config.breaks(Sabotage::ConfirmationIgnoresMarker) => {
                self.acquired(unconfirmed.acquisition, unconfirmed.started, requester, context)
            }
            Fence::Holds { .. } | Fence::Broken { .. } => self.fail(StartFailure::Superseded, requester, context),
        }
    }

    /// The start fails. What it has written, or may have written, is withdrawn.
    pub(super) fn fail(self, failure: StartFailure, requester: &mut Requester, context: &mut Context<'_>) -> Phase {
        if !context.config.breaks(Sabotage::FailedStartNotTold) {
            context.emit(Event::StartFailed { session: requester.id, failure });
        }
        if context.config.breaks(Sabotage::CancelLeavesLock) {
            requester.finish(context);
            return Phase::Done;
        }
        Phase::Withdrawing(Withdrawing::begin(self.unknown_write, requester, context))
    }
}
