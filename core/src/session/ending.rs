//! A session that is over: its final save, and the release of the lock with it.

use serde_json::json;

use super::Phase;
use super::held::Held;
use super::requester::{CallKind, Requester};
use crate::backoff::Backoff;
use crate::context::Context;
use crate::outcome::EndReason;
use crate::plan::{Decision, Kept, Plan, UpdateOutcome};
use crate::sabotage::Sabotage;
use crate::time::{Due, Mono, Span};

/// A final save in progress. The data does not change any more.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Ending {
    pub held: Held,
    reason: EndReason,
    next_try: Due,
    backoff: Backoff,
    /// A try of unknown outcome left the data out of the record, because it cannot be stored.
    refused: Option<Box<Kept>>,
}

/// ProfileStore's cap on the back-off of final saves while the server shuts down.
const SHUTDOWN_BACKOFF: Span = Span::secs(8);

impl Ending {
    /// Any earlier save still in flight does not matter: it is fenced, and this write makes its condition fail.
    pub(super) fn begin(
        mut held: Held,
        reason: EndReason,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Ending {
        // All tries of the final save are the same write: whichever is stored, it is this one.
        held.writes += 1;
        requester.update(CallKind::Release, context);
        Ending { held, reason, next_try: Due(context.now.mono), backoff: Backoff::default(), refused: None }
    }

    pub(super) fn due(&self, requester: &Requester) -> Option<Mono> {
        (!requester.is_writing()).then_some(self.next_try.0)
    }

    pub(super) fn tick(&self, requester: &mut Requester, context: &mut Context<'_>) {
        if !requester.is_writing() && self.next_try.0 <= context.now.mono {
            requester.update(CallKind::Release, context);
        }
    }

    /// The server is shutting down: no more long pauses.
    pub(super) fn shut_down(&mut self, now: Mono) {
        self.reason = EndReason::Shutdown;
        self.next_try = self.next_try.min(Due(now + SHUTDOWN_BACKOFF));
    }

    /// The final save was answered.
    pub(super) fn release_done(
        mut self: Box<Self>,
        outcome: UpdateOutcome,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Phase {
        match outcome {
            // All but an error end the session: it is released, or it was not ours any more.
            UpdateOutcome::Committed(plan) => self.released(&plan, requester, context),
            UpdateOutcome::Cancelled(_) if context.config.breaks(Sabotage::GoneIsRetried) => {
                self.next_try = Due(context.now.mono + self.backoff.next());
                return Phase::Ending(self);
            }
            UpdateOutcome::Cancelled(plan) => self.not_ours(&plan, requester, context),
            UpdateOutcome::Failed(_) if context.config.breaks(Sabotage::FinalSaveNotRetried) => {}
            UpdateOutcome::Failed(plan) => {
                let cap = if self.reason == EndReason::Shutdown { SHUTDOWN_BACKOFF } else { Span::secs(20) };
                self.next_try = Due(context.now.mono + self.backoff.after_failure(cap));
                match plan {
                    // If this try was stored, the next one finds no lock and must still report the refusal.
                    Some(Plan(Decision::Keep(kept))) => self.refused = Some(kept),
                    Some(plan) => self.held.remember_unknown(plan.0, requester, context),
                    // The transform never ran: nothing was written.
                    None => {}
                }
                return Phase::Ending(self);
            }
        }
        requester.finish(context);
        Phase::Done
    }

    fn released(&mut self, plan: &Plan, requester: &mut Requester, context: &mut Context<'_>) {
        self.held.acknowledge_decision(&plan.0, requester, context);
        if let Decision::Keep(kept) = &plan.0 {
            self.held.refused(kept, true, requester, context);
        }
        // Fast hand-over: the waiter need not wait for its next try.
        if let Some(waiter) = plan.0.waiter() {
            requester.publish(waiter, json!({"Released": true}), context);
        }
    }

    /// The lock was not ours: an earlier try of unknown outcome has released it, or it was lost.
    fn not_ours(&mut self, plan: &Plan, requester: &mut Requester, context: &mut Context<'_>) {
        if context.config.breaks(Sabotage::RefusedIsAcknowledged) {
            self.held.acknowledge_all(requester, context);
        }
        if let Decision::Gone { last_write, .. } = &plan.0 {
            self.held.look_up(last_write.as_ref(), requester, context);
        }
        // Unless a try that did not leave the data out was stored after all.
        if let Some(kept) = self.refused.take()
            && self.held.acknowledged() < self.held.writes
        {
            self.held.refused(&kept, true, requester, context);
        }
    }
}
