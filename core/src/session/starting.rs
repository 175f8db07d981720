//! A start: taking a free lock, or asking its holder for it and waiting until it is safe to take.

use serde_json::json;

use super::{Call, CallKind, Held, Holding, Phase, Session};
use crate::backoff::Backoff;
use crate::config::Config;
use crate::context::Context;
use crate::event::Event;
use crate::fence::Fence;
use crate::outcome::{CallFailed, StartFailure};
use crate::plan::{Acquisition, Decision, Obstacle, Plan, UpdateOutcome};
use crate::record::Stored;
use crate::sabotage::Sabotage;
use crate::time::{Mono, Span};

/// A start in progress.
#[derive(Debug)]
pub(crate) struct Starting {
    deadline: Mono,
    /// When to try next, unless a call is in flight.
    next_try: Mono,
    last_try: Mono,
    backoff: Backoff,
    /// Looks since the present obstacle was met.
    looks: usize,
    pub wait: Option<Wait>,
    /// The lock is ours, but the reply came too late for the lease: a check must confirm it.
    unconfirmed: Option<Unconfirmed>,
    in_flight: bool,
    /// The holder said that it has released, while a call was in flight that may have read before.
    pinged: bool,
    /// A write of our marker came back as an error: it may be there only since then.
    pub unknown_marker: bool,
    /// A write came back as an error, and nothing was written since: it may be stored, or may be yet.
    pub unknown_write: bool,
}

/// Waiting for a holder.
#[derive(Debug)]
pub(crate) struct Wait {
    pub obstacle: Obstacle,
    /// When a reply arrived that proves our marker is in the record.
    pub since: Mono,
}

#[derive(Debug)]
struct Unconfirmed {
    acquisition: Box<Acquisition>,
    read: u32,
    started: Mono,
}

/// The first looks come quickly, for lost messages; then one every `load_repeat_period`.
const FIRST_LOOKS: [Span; 4] = [Span::secs(1), Span::secs(2), Span::secs(4), Span::secs(8)];

/// Pings closer together than this share one look, a little later.
const PING_SPACING: Span = Span::millis(500);

impl Starting {
    pub(crate) fn new(now: Mono, deadline: Mono) -> Starting {
        Starting {
            deadline,
            next_try: now,
            last_try: now,
            backoff: Backoff::default(),
            looks: 0,
            wait: None,
            unconfirmed: None,
            in_flight: false,
            pinged: false,
            unknown_marker: false,
            unknown_write: false,
        }
    }

    pub(crate) fn due(&self) -> Mono {
        if self.in_flight { self.deadline } else { self.deadline.min(self.next_try) }
    }

    /// The marker is known to be there: when to look again. One that had to be written again had been gone, and the
    /// holder may have looked meanwhile: the wait begins anew.
    fn wait_for(&mut self, (obstacle, marked): (Obstacle, bool), proven: Mono, now: Mono, config: &Config) {
        let anew = std::mem::take(&mut self.unknown_marker) || marked;
        match &self.wait {
            Some(wait) if wait.obstacle == obstacle && (!anew || config.breaks(Sabotage::OldWaitForNewMarker)) => {}
            _ => {
                self.looks = 0;
                self.wait = Some(Wait { obstacle, since: proven });
            }
        }
        let pause = FIRST_LOOKS.get(self.looks).copied().unwrap_or(config.load_repeat_period);
        self.looks += 1;
        self.next_try = now + if std::mem::take(&mut self.pinged) { PING_SPACING.min(pause) } else { pause };
        if let Some(wait) = &self.wait {
            let takeable = wait.since + wait_before_taking(&wait.obstacle, config);
            if takeable > now {
                self.next_try = self.next_try.min(takeable);
            }
        }
    }
}

/// From the proof of our marker until the lock may be taken; [`crate::Config::takeover_wait`] says why that is enough.
pub(crate) fn wait_before_taking(obstacle: &Obstacle, config: &Config) -> Span {
    match obstacle.lease {
        Some(_) if config.breaks(Sabotage::NoWait) => Span::ZERO,
        Some(lease) if config.breaks(Sabotage::WaitWithoutDrift) => lease,
        Some(lease) => config.takeover_wait(lease),
        None => config.session_steal,
    }
}

impl Session {
    /// No earlier session of the key is in the way on this server.
    pub(crate) fn begin(&mut self, context: &mut Context<'_>) {
        let Phase::Queued { deadline } = self.phase else { return };
        self.phase = Phase::Starting(Starting::new(context.now.mono, deadline));
        self.subscribe(Backoff::default(), context);
        self.try_acquire(context);
    }

    pub(super) fn tick_starting(&mut self, context: &mut Context<'_>) {
        let Phase::Starting(starting) = &mut self.phase else { return };
        if starting.deadline <= context.now.mono {
            self.fail(StartFailure::TimedOut, context);
        } else if !starting.in_flight && starting.next_try <= context.now.mono {
            if starting.unconfirmed.is_some() { self.confirm_acquisition(context) } else { self.try_acquire(context) }
        }
    }

    fn try_acquire(&mut self, context: &mut Context<'_>) {
        self.update(CallKind::Acquire, context);
        let Phase::Starting(starting) = &mut self.phase else { return };
        starting.in_flight = true;
        starting.last_try = context.now.mono;
        starting.pinged = false;
    }

    /// The holder says that it has released the lock.
    pub(super) fn released(&mut self, context: &mut Context<'_>) {
        let Phase::Starting(starting) = &mut self.phase else { return };
        if starting.unconfirmed.is_some() {
            return;
        }
        if starting.in_flight {
            starting.pinged = true;
        } else {
            let soon = context.now.mono.max(starting.last_try + PING_SPACING);
            starting.next_try = starting.next_try.min(soon);
            self.tick_starting(context);
        }
    }

    pub(super) fn acquire_done(&mut self, call: Call, outcome: UpdateOutcome, context: &mut Context<'_>) {
        let Phase::Starting(starting) = &mut self.phase else { return };
        starting.in_flight = false;
        let now = context.now.mono;
        let plan = match outcome {
            UpdateOutcome::Committed(plan) => {
                starting.unknown_write = false;
                plan
            }
            UpdateOutcome::Cancelled(plan) => plan,
            UpdateOutcome::Failed(plan) => {
                starting.unknown_write |= plan.is_some();
                starting.unknown_marker |= matches!(plan, Some(Plan(Decision::Wait { marked: true, .. })));
                starting.next_try = now + starting.backoff.next();
                return;
            }
        };
        starting.backoff = Backoff::default();
        match plan.0 {
            Decision::Acquire(acquisition) if acquisition.wanted => self.fail(StartFailure::Superseded, context),
            Decision::Acquire(acquisition) => self.acquired(acquisition, call.started, context),
            Decision::Wait { obstacle, marked } => {
                let proven = if context.config.breaks(Sabotage::WaitFromRequest) { call.started } else { now };
                starting.wait_for((obstacle.clone(), marked), proven, now, context.config);
                self.ask_holder(&obstacle, context);
            }
            Decision::Refuse(_) => self.fail(StartFailure::Failed, context),
            Decision::Contested => {
                let failure = Event::StartFailed { session: self.id, failure: StartFailure::Superseded };
                context.emit(failure);
                self.finish(context);
            }
            _ => starting.next_try = now + starting.backoff.next(),
        }
    }

    /// Tells the holder that its session is wanted. Lost messages are made up for by its checks.
    fn ask_holder(&mut self, obstacle: &Obstacle, context: &mut Context<'_>) {
        if let Some(guid) = &obstacle.holder.guid {
            self.publish(guid, json!({"LoadCount": obstacle.load_count, "EndSession": true}), context);
        }
    }

    /// The lock is ours. The session is live only if the lease, counted from the start of the call, still runs.
    fn acquired(&mut self, acquisition: Box<Acquisition>, started: Mono, context: &mut Context<'_>) {
        let started = if context.config.breaks(Sabotage::LeaseFromReply) { context.now.mono } else { started };
        if started + context.config.lease > context.now.mono {
            self.hold(*acquisition, started, context);
            return;
        }
        if let Phase::Starting(starting) = &mut self.phase {
            starting.unconfirmed = Some(Unconfirmed { acquisition, read: 0, started });
        }
        self.confirm_acquisition(context);
    }

    fn confirm_acquisition(&mut self, context: &mut Context<'_>) {
        let no = self.read(context);
        let Phase::Starting(starting) = &mut self.phase else { return };
        starting.in_flight = true;
        if let Some(unconfirmed) = &mut starting.unconfirmed {
            unconfirmed.read = no;
            unconfirmed.started = context.now.mono;
        }
    }

    pub(super) fn confirmation_done(
        &mut self,
        no: u32,
        result: &Result<Option<Stored>, CallFailed>,
        context: &mut Context<'_>,
    ) {
        let tag = self.tag(context.server);
        let Phase::Starting(starting) = &mut self.phase else { return };
        let Some(unconfirmed) = starting.unconfirmed.take_if(|unconfirmed| unconfirmed.read == no) else { return };
        starting.in_flight = false;
        let load_count = unconfirmed.acquisition.profile.meta.session_load_count;
        match result {
            Ok(stored) => match Fence::check(stored.as_ref(), &tag, load_count, context.config) {
                Fence::Holds { wanted: false, .. } => {
                    self.acquired(unconfirmed.acquisition, unconfirmed.started, context);
                }
                Fence::Holds { wanted: true, .. } | Fence::Broken { .. } => {
                    self.fail(StartFailure::Superseded, context);
                }
            },
            Err(CallFailed) => {
                starting.next_try = context.now.mono + starting.backoff.next();
                starting.unconfirmed = Some(unconfirmed);
            }
        }
    }

    fn hold(&mut self, acquisition: Acquisition, started: Mono, context: &mut Context<'_>) {
        let overwritten = acquisition.overwritten;
        let held = Held::new(acquisition.profile);
        self.phase = Phase::Holding(Holding::new(held, started, context));
        let (session, acquired) = (self.id, acquisition.acquired);
        context.emit(Event::Started { session, acquired, overwritten });
        if let Some((guid, load_count)) = acquisition.victim {
            self.publish(&guid, json!({"LoadCount": load_count, "EndSession": true}), context);
        }
        if let Phase::Holding(holding) = &mut self.phase {
            holding.held.read_mail(session, &acquisition.updates, context.outputs);
        }
        self.run_errands(context);
    }
}
