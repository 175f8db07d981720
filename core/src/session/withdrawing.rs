//! A start that failed: removing its marker, and the lock it may have taken unknowingly.

use serde_json::json;

use super::Phase;
use super::requester::{Call, CallKind, Requester};
use crate::backoff::Backoff;
use crate::context::Context;
use crate::plan::UpdateOutcome;
use crate::sabotage::Sabotage;
use crate::time::{Due, Mono};

/// A withdrawal in progress.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Withdrawing {
    /// A write of the start was answered with an error: it may be stored now, or later.
    pub unknown: bool,
    next_try: Due,
    backoff: Backoff,
}

impl Withdrawing {
    /// A try to acquire that is still in flight is waited for: it could land after the withdrawal has read the record.
    pub(super) fn begin(unknown: bool, requester: &mut Requester, context: &mut Context<'_>) -> Withdrawing {
        let mut withdrawing = Withdrawing { unknown, next_try: Due(context.now.mono), backoff: Backoff::default() };
        if context.config.breaks(Sabotage::WithdrawalDoesNotWait) {
            requester.update(CallKind::Withdraw, context);
        }
        withdrawing.tick(requester, context);
        withdrawing
    }

    pub(super) fn due(&self, requester: &Requester) -> Option<Mono> {
        (!requester.is_writing()).then_some(self.next_try.0)
    }

    pub(super) fn tick(&mut self, requester: &mut Requester, context: &mut Context<'_>) {
        if !requester.is_writing() && self.next_try.0 <= context.now.mono {
            requester.update(CallKind::Withdraw, context);
        }
    }

    /// The withdrawal, or the last try to acquire, was answered.
    pub(super) fn update_done(
        mut self,
        call: Call,
        outcome: &UpdateOutcome,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Phase {
        match (call.kind, outcome) {
            (CallKind::Withdraw, UpdateOutcome::Committed(plan)) => {
                // The lock was taken unknowingly, and another session waits for it.
                if let Some(waiter) = plan.0.waiter() {
                    requester.publish(waiter, json!({"Released": true}), context);
                }
                requester.finish(context);
                return Phase::Done;
            }
            (CallKind::Withdraw, UpdateOutcome::Failed(_)) if context.config.breaks(Sabotage::WithdrawalNotRetried) => {
                requester.finish(context);
                return Phase::Done;
            }
            (CallKind::Withdraw, UpdateOutcome::Cancelled(_)) => {
                requester.finish(context);
                return Phase::Done;
            }
            (CallKind::Withdraw, UpdateOutcome::Failed(_)) => {
                self.next_try = Due(context.now.mono + self.backoff.next());
            }
            (kind, outcome) => {
                debug_assert_eq!(kind, CallKind::Acquire, "only the start's last try can be in flight");
                self.unknown |= matches!(outcome, UpdateOutcome::Failed(Some(_)))
                    && !context.config.breaks(Sabotage::LastTryIsForgotten);
                self.tick(requester, context);
            }
        }
        Phase::Withdrawing(self)
    }
}
