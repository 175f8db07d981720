//! A start that waits for an earlier session of its key on the same server.

use super::Phase;
use super::requester::Requester;
use super::starting::Starting;
use crate::context::Context;
use crate::event::Event;
use crate::outcome::StartFailure;
use crate::sabotage::Sabotage;
use crate::time::Mono;

/// A start that has not asked for anything yet. The same server is not the same session: an earlier one may have a
/// final save in flight.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Queued {
    pub deadline: Mono,
}

impl Queued {
    pub(super) fn tick(self, requester: &mut Requester, context: &mut Context<'_>) -> Phase {
        if self.deadline <= context.now.mono {
            return self.fail(StartFailure::TimedOut, requester, context);
        }
        Phase::Queued(self)
    }

    /// No earlier session of the key is left on this server.
    pub(super) fn begin(self, requester: &mut Requester, context: &mut Context<'_>) -> Starting {
        Starting::begin(self.deadline, requester, context)
    }

    /// Nothing was written, so nothing has to be withdrawn.
    pub(super) fn fail(self, failure: StartFailure, requester: &mut Requester, context: &mut Context<'_>) -> Phase {
        if !context.config.breaks(Sabotage::FailedQueuedStartNotTold) {
            context.emit(Event::StartFailed { session: requester.id, failure });
        }
        requester.finish(context);
        Phase::Done
    }
}
