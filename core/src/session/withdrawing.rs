//! A start that came to nothing: removing its marker, and the lock it may have taken unknowingly.

use super::{Call, CallKind, Phase, Session};
use crate::backoff::Backoff;
use crate::context::Context;
use crate::plan::UpdateOutcome;
use crate::time::Mono;

/// A withdrawal in progress.
#[derive(Debug)]
pub(crate) struct Withdrawing {
    /// A write of the start came back as an error: it may be stored, or may be yet.
    pub unknown: bool,
    next_try: Mono,
    backoff: Backoff,
}

impl Withdrawing {
    pub(crate) fn due(&self, writing: bool) -> Option<Mono> {
        (!writing).then_some(self.next_try)
    }
}

impl Session {
    /// A try to acquire that is still in flight is waited for: it could land after the withdrawal looked.
    pub(super) fn withdraw(&mut self, unknown: bool, context: &mut Context<'_>) {
        let next_try = context.now.mono;
        self.phase = Phase::Withdrawing(Withdrawing { unknown, next_try, backoff: Backoff::default() });
        self.tick_withdrawing(context);
    }

    pub(super) fn tick_withdrawing(&mut self, context: &mut Context<'_>) {
        let Phase::Withdrawing(withdrawing) = &self.phase else { return };
        if self.write.is_none() && withdrawing.next_try <= context.now.mono {
            self.update(CallKind::Withdraw, context);
        }
    }

    pub(super) fn withdraw_done(&mut self, call: Call, outcome: &UpdateOutcome, context: &mut Context<'_>) {
        let Phase::Withdrawing(withdrawing) = &mut self.phase else { return };
        match (call.kind, outcome) {
            (CallKind::Withdraw, UpdateOutcome::Committed(plan)) => {
                if let Some(waiter) = plan.0.waiter() {
                    self.tell_released(waiter, context);
                }
                self.finish(context);
            }
            (CallKind::Withdraw, UpdateOutcome::Cancelled(_)) => self.finish(context),
            (CallKind::Withdraw, UpdateOutcome::Failed(_)) => {
                withdrawing.next_try = context.now.mono + withdrawing.backoff.next();
            }
            (_, UpdateOutcome::Failed(plan)) => {
                withdrawing.unknown |= plan.is_some();
                self.tick_withdrawing(context);
            }
            _ => self.tick_withdrawing(context),
        }
    }
}
