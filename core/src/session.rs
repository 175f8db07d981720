//! One session, from the request to start it until nothing is left to do for it.

mod ending;
mod errand;
mod errands;
mod held;
mod holding;
mod starting;
mod withdrawing;

use std::sync::Arc;

use serde_json::Value as Json;

pub(crate) use self::ending::Ending;
pub(crate) use self::errand::Errand;
pub(crate) use self::held::Held;
pub(crate) use self::holding::Holding;
pub(crate) use self::starting::{Starting, wait_before_taking};
pub(crate) use self::withdrawing::Withdrawing;
use crate::backoff::Backoff;
use crate::context::Context;
use crate::event::Event;
use crate::ids::{Guid, Key, OpId, Owner, ServerIdentity, SessionId, topic};
use crate::io::Output;
use crate::outcome::{CallFailed, EndReason, StartFailure};
use crate::plan::{Decision, UpdateOutcome};
use crate::record::{SessionTag, Stored};
use crate::sabotage::Sabotage;
use crate::time::Mono;

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    pub id: SessionId,
    pub key: Key,
    pub guid: Guid,
    /// `Steal`: takes a held lock at once.
    pub steal: bool,
    pub phase: Phase,
    /// The one update that counts; answers to older ones can only acknowledge what they wrote.
    pub write: Option<Call>,
    subscription: Subscription,
    next_op: u32,
}

/// What a session waits for.
#[derive(Debug)]
pub(crate) enum Phase {
    /// For an earlier session of the key on this server to finish.
    Queued { deadline: Mono },
    /// For the lock.
    Starting(Starting),
    /// For nothing: it has the lock, as far as it knows.
    Holding(Holding),
    /// For its final save to be stored.
    Ending(Ending),
    /// For its marker, and the lock it may have taken, to be removed.
    Withdrawing(Withdrawing),
    /// For nothing, ever.
    Done,
}

/// An update in flight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub no: u32,
    pub kind: CallKind,
    /// When it was asked for: never after its first read was served.
    pub started: Mono,
}

/// What an update is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallKind {
    Acquire,
    Save,
    Release,
    Withdraw,
}

#[derive(Debug)]
enum Subscription {
    Idle,
    Asked { no: u32, backoff: Backoff },
    Failed { retry: Mono, backoff: Backoff },
    Subscribed,
}

impl Session {
    pub(crate) fn new(id: SessionId, key: Key, guid: Guid, steal: bool, deadline: Mono) -> Session {
        let phase = Phase::Queued { deadline };
        Session { id, key, guid, steal, phase, write: None, subscription: Subscription::Idle, next_op: 0 }
    }

    /// The lock as this session writes it.
    pub(crate) fn tag(&self, server: &ServerIdentity) -> SessionTag {
        SessionTag { place_id: server.place_id, job_id: Arc::clone(&server.job_id), guid: Some(Arc::clone(&self.guid)) }
    }

    pub(crate) fn held(&self) -> Option<&Held> {
        match &self.phase {
            Phase::Holding(holding) => Some(&holding.held),
            Phase::Ending(ending) => Some(&ending.held),
            _ => None,
        }
    }

    pub(crate) fn held_mut(&mut self) -> Option<&mut Held> {
        match &mut self.phase {
            Phase::Holding(holding) => Some(&mut holding.held),
            Phase::Ending(ending) => Some(&mut ending.held),
            _ => None,
        }
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        let phase = match &self.phase {
            Phase::Queued { deadline } => Some(*deadline),
            Phase::Starting(starting) => Some(starting.due()),
            Phase::Holding(holding) => Some(holding.due(self.write.is_some())),
            Phase::Ending(ending) => ending.due(self.write.is_some()),
            Phase::Withdrawing(withdrawing) => withdrawing.due(self.write.is_some()),
            Phase::Done => None,
        };
        match &self.subscription {
            Subscription::Failed { retry, .. } => Some(phase.map_or(*retry, |due| due.min(*retry))),
            _ => phase,
        }
    }

    /// Does everything that is due.
    pub(crate) fn tick(&mut self, context: &mut Context<'_>) {
        if let Subscription::Failed { retry, backoff } = self.subscription
            && retry <= context.now.mono
        {
            self.subscribe(backoff, context);
        }
        match &self.phase {
            Phase::Queued { deadline } if *deadline <= context.now.mono => self.fail(StartFailure::TimedOut, context),
            Phase::Starting(_) => self.tick_starting(context),
            Phase::Holding(_) => self.tick_holding(context),
            Phase::Ending(_) => self.tick_ending(context),
            Phase::Withdrawing(_) => self.tick_withdrawing(context),
            Phase::Queued { .. } | Phase::Done => {}
        }
    }

    /// Asks for an update.
    fn update(&mut self, kind: CallKind, context: &mut Context<'_>) {
        let no = self.op();
        self.write = Some(Call { no, kind, started: context.now.mono });
        let op = OpId { owner: Owner::Session(self.id), no };
        context.outputs.push_back(Output::Update { op, key: Arc::clone(&self.key) });
    }

    /// Asks for a check.
    fn read(&mut self, context: &mut Context<'_>) -> u32 {
        let no = self.op();
        let op = OpId { owner: Owner::Session(self.id), no };
        context.outputs.push_back(Output::Read { op, key: Arc::clone(&self.key) });
        no
    }

    fn publish(&mut self, guid: &str, message: Json, context: &mut Context<'_>) {
        let op = OpId { owner: Owner::Session(self.id), no: self.op() };
        context.publish(op, guid, message);
    }

    fn subscribe(&mut self, backoff: Backoff, context: &mut Context<'_>) {
        let no = self.op();
        self.subscription = Subscription::Asked { no, backoff };
        let op = OpId { owner: Owner::Session(self.id), no };
        context.outputs.push_back(Output::Subscribe { op, topic: topic(&self.guid) });
    }

    /// An update came back. Older ones than the current can only acknowledge what they wrote.
    pub(crate) fn updated(&mut self, no: u32, outcome: UpdateOutcome, context: &mut Context<'_>) {
        if self.errand_done(no, &outcome, context) {
            self.run_errands(context);
            return;
        }
        let current = self.write.filter(|call| call.no == no);
        let Some(call) = current else {
            if let UpdateOutcome::Committed(plan) = outcome {
                self.acknowledge_write(&plan.0, context);
            }
            return;
        };
        self.write = None;
        match &self.phase {
            Phase::Starting(_) => self.acquire_done(call, outcome, context),
            Phase::Holding(_) => self.save_done(call, outcome, context),
            Phase::Ending(_) => self.release_done(outcome, context),
            Phase::Withdrawing(_) => self.withdraw_done(call, &outcome, context),
            Phase::Queued { .. } | Phase::Done => {}
        }
        self.run_errands(context);
    }

    /// If this committed decision stored data, the game is told.
    fn acknowledge_write(&mut self, decision: &Decision, context: &mut Context<'_>) {
        let id = self.id;
        if let Decision::Save { write, data, .. } | Decision::Release { write, data, .. } = decision
            && let Some(held) = self.held_mut()
        {
            held.acknowledge(id, *write, data, context.outputs);
        }
    }

    /// A write of this session failed, perhaps: it is looked up as soon as the record is seen again.
    fn remember_unknown(&mut self, decision: Decision, context: &mut Context<'_>) {
        if context.config.breaks(Sabotage::UnknownIsAcknowledged) {
            return self.acknowledge_write(&decision, context);
        }
        if let Decision::Save { write, data, .. } | Decision::Release { write, data, .. } = decision
            && let Some(held) = self.held_mut()
        {
            held.remember_unknown(write, data);
        }
    }

    /// The record was seen: the write of unknown outcome may be in it.
    fn look_up(&mut self, last_write: Option<&(Guid, u64)>, context: &mut Context<'_>) {
        let (id, guid) = (self.id, Arc::clone(&self.guid));
        if let Some(held) = self.held_mut() {
            held.look_up(id, &guid, last_write, context.outputs);
        }
    }

    /// A check came back.
    pub(crate) fn read_done(
        &mut self,
        no: u32,
        result: &Result<Option<Stored>, CallFailed>,
        context: &mut Context<'_>,
    ) {
        match &self.phase {
            Phase::Starting(_) => self.confirmation_done(no, result, context),
            Phase::Holding(_) => {
                self.check_done(no, result, context);
                self.run_errands(context);
            }
            _ => {}
        }
    }

    /// A subscribe came back.
    pub(crate) fn subscribed(&mut self, no: u32, result: Result<(), CallFailed>, context: &mut Context<'_>) {
        let Subscription::Asked { no: asked, mut backoff } = self.subscription else { return };
        if asked != no {
            return;
        }
        self.subscription = match result {
            Ok(()) => Subscription::Subscribed,
            Err(CallFailed) => Subscription::Failed { retry: context.now.mono + backoff.next(), backoff },
        };
    }

    /// A message on this session's topic.
    pub(crate) fn message(&mut self, message: &Json, context: &mut Context<'_>) {
        match &self.phase {
            Phase::Starting(_) if message.get("Released").is_some() => self.released(context),
            Phase::Holding(holding) if message.get("EndSession").is_some_and(|end| end == true) => {
                let load_count = message.get("LoadCount").and_then(Json::as_u64);
                if load_count.is_none_or(|count| count == holding.held.load_count) {
                    self.end(EndReason::External, context);
                }
            }
            Phase::Holding(_) => self.poke(context),
            _ => {}
        }
    }

    /// The start comes to nothing.
    pub(crate) fn fail(&mut self, failure: StartFailure, context: &mut Context<'_>) {
        context.emit(Event::StartFailed { session: self.id, failure });
        match &self.phase {
            Phase::Starting(starting) if !context.config.breaks(Sabotage::CancelLeavesLock) => {
                let unknown = starting.unknown_write;
                self.withdraw(unknown, context);
            }
            _ => self.finish(context),
        }
    }

    /// Nothing is left to do.
    fn finish(&mut self, context: &mut Context<'_>) {
        self.phase = Phase::Done;
        self.write = None;
        if !matches!(self.subscription, Subscription::Idle) {
            self.subscription = Subscription::Idle;
            context.outputs.push_back(Output::Unsubscribe { session: self.id });
        }
        context.emit(Event::Finished { session: self.id });
    }

    fn op(&mut self) -> u32 {
        self.next_op += 1;
        self.next_op
    }
}
