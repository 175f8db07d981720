//! A session that is over: its final save, and the release of the lock with it.

use serde_json::json;

use super::{CallKind, Held, Phase, Session};
use crate::backoff::Backoff;
use crate::context::Context;
use crate::outcome::EndReason;
use crate::plan::{Decision, Kept, Plan, UpdateOutcome};
use crate::sabotage::Sabotage;
use crate::time::{Mono, Span};

/// A final save in progress. The data does not change any more.
#[derive(Debug)]
pub(crate) struct Ending {
    pub held: Held,
    reason: EndReason,
    next_try: Mono,
    backoff: Backoff,
    /// A try whose outcome is not known left the data out of the record, for it cannot be stored.
    refused: Option<Box<Kept>>,
}

/// ProfileStore's cap on the back-off of final saves while the server shuts down.
const SHUTDOWN_BACKOFF: Span = Span::secs(8);

impl Ending {
    pub(crate) fn new(mut held: Held, reason: EndReason, now: Mono) -> Ending {
        // All tries of the final save are the same write: whichever is stored, it is this one.
        held.writes += 1;
        Ending { held, reason, next_try: now, backoff: Backoff::default(), refused: None }
    }

    pub(crate) fn due(&self, writing: bool) -> Option<Mono> {
        (!writing).then_some(self.next_try)
    }

    /// The server is shutting down: no more long pauses.
    pub(crate) fn hurry(&mut self, now: Mono) {
        self.reason = EndReason::Shutdown;
        self.next_try = self.next_try.min(now + SHUTDOWN_BACKOFF);
    }
}

impl Session {
    /// Any earlier update still in flight does not matter: it is fenced, and this write makes its condition fail.
    pub(super) fn release(&mut self, context: &mut Context<'_>) {
        self.update(CallKind::Release, context);
    }

    /// Fast hand-over: the waiter need not wait for its next look.
    pub(super) fn tell_released(&mut self, waiter: &str, context: &mut Context<'_>) {
        self.publish(waiter, json!({"Released": true}), context);
    }

    pub(super) fn tick_ending(&mut self, context: &mut Context<'_>) {
        let Phase::Ending(ending) = &self.phase else { return };
        if self.write.is_none() && ending.next_try <= context.now.mono {
            self.release(context);
        }
    }

    pub(super) fn release_done(&mut self, outcome: UpdateOutcome, context: &mut Context<'_>) {
        let Phase::Ending(ending) = &mut self.phase else { return };
        match outcome {
            UpdateOutcome::Committed(plan) => {
                self.acknowledge_write(&plan.0, context);
                if let Decision::Keep(kept) = &plan.0 {
                    self.kept(kept, true, context);
                }
                if let Some(waiter) = plan.0.waiter() {
                    self.tell_released(waiter, context);
                }
                self.finish(context);
            }
            UpdateOutcome::Cancelled(plan) => {
                if context.config.breaks(Sabotage::RefusedIsAcknowledged) {
                    ending.held.acknowledge_all(self.id, context.outputs);
                }
                let refused = ending.refused.take();
                if let Decision::Gone { last_write, .. } = &plan.0 {
                    self.look_up(last_write.as_ref(), context);
                }
                // Unless a try that did not leave it out was stored after all.
                if let Some(kept) = refused
                    && self.held().is_some_and(|held| held.acknowledged() < held.writes)
                {
                    self.kept(&kept, true, context);
                }
                self.finish(context);
            }
            UpdateOutcome::Failed(_) if context.config.breaks(Sabotage::FinalSaveNotRetried) => self.finish(context),
            UpdateOutcome::Failed(plan) => {
                let cap = if ending.reason == EndReason::Shutdown { SHUTDOWN_BACKOFF } else { Span::secs(20) };
                ending.next_try = context.now.mono + ending.backoff.after_failure(cap);
                match plan {
                    Some(Plan(Decision::Keep(kept))) => ending.refused = Some(kept),
                    Some(plan) => self.remember_unknown(plan.0, context),
                    None => {}
                }
            }
        }
    }
}
