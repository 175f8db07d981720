//! One session, from the request to start it until nothing is left to do for it.

pub(crate) mod ending;
pub(crate) mod held;
pub(crate) mod holding;
pub(crate) mod queued;
pub(crate) mod requester;
pub(crate) mod starting;
pub(crate) mod transfer;
pub(crate) mod transfers;
pub(crate) mod withdrawing;

use serde_json::Value as Json;

use self::ending::Ending;
use self::held::Held;
use self::holding::Holding;
use self::queued::Queued;
use self::requester::{CallKind, Requester};
use self::starting::Starting;
use self::withdrawing::Withdrawing;
use crate::config::Config;
use crate::context::Context;
use crate::ids::{Guid, Key, OpNo, SessionId};
use crate::outcome::{CallFailed, EndReason, StartFailure};
use crate::plan::{Transform, UpdateOutcome};
use crate::record::Stored;
use crate::sabotage::Sabotage;
use crate::time::Mono;

/// One session.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Session {
    pub requester: Requester,
    pub phase: Phase,
}

/// What a session waits for. A step that may end a phase takes it by value and returns the next one; the large phases are
/// boxed, so that this moves a pointer.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) enum Phase {
    /// For an earlier session of the key on this server to finish.
    Queued(Queued),
    /// For the lock.
    Starting(Box<Starting>),
    /// For nothing: it has the lock, as far as it knows.
    Holding(Box<Holding>),
    /// For its final save to be stored.
    Ending(Box<Ending>),
    /// For its marker, and the lock it may have taken, to be removed.
    Withdrawing(Withdrawing),
    /// For nothing, ever.
    Done,
}

impl Session {
    pub(crate) fn new(id: SessionId, key: Key, guid: Guid, steal: bool, deadline: Mono) -> Session {
        let phase = Phase::Queued(Queued { deadline });
        Session { requester: Requester::new(id, key, guid, steal), phase }
    }

    pub(crate) fn id(&self) -> SessionId {
        self.requester.id
    }

    pub(crate) fn key(&self) -> &Key {
        &self.requester.key
    }

    /// The profile, while the session has it: until its final save is done.
    pub(crate) fn held(&self) -> Option<&Held> {
        match &self.phase {
            Phase::Holding(holding) => Some(&holding.held),
            Phase::Ending(ending) => Some(&ending.held),
            _ => None,
        }
    }

    pub(crate) fn holding(&self) -> Option<&Holding> {
        match &self.phase {
            Phase::Holding(holding) => Some(holding),
            _ => None,
        }
    }

    /// Whether it has neither started nor failed.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.phase, Phase::Queued(_) | Phase::Starting(_))
    }

    pub(crate) fn is_queued(&self) -> bool {
        matches!(self.phase, Phase::Queued(_))
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    /// When something is due next.
    pub(crate) fn due(&self) -> Option<Mono> {
        let phase = match &self.phase {
            Phase::Queued(queued) => Some(queued.deadline),
            Phase::Starting(starting) => Some(starting.due()),
            Phase::Holding(holding) => Some(holding.due(&self.requester)),
            Phase::Ending(ending) => ending.due(&self.requester),
            Phase::Withdrawing(withdrawing) => withdrawing.due(&self.requester),
            Phase::Done => None,
        };
        match self.requester.due() {
            Some(retry) => Some(phase.map_or(retry, |due| due.min(retry))),
            None => phase,
        }
    }

    /// The lease has run out, if it has: said before anything else that happens at this moment.
    pub(crate) fn expire(&mut self, context: &mut Context<'_>) {
        if let Phase::Holding(holding) = &mut self.phase {
            holding.expire(&self.requester, context);
        }
    }

    /// Does everything that is due.
    pub(crate) fn tick(&mut self, context: &mut Context<'_>) {
        self.requester.tick(context);
        match &mut self.phase {
            Phase::Queued(_) | Phase::Starting(_) => self.step(|phase, requester| match phase {
                Phase::Queued(queued) => queued.tick(requester, context),
                Phase::Starting(starting) => starting.tick(requester, context),
                phase => phase,
            }),
            Phase::Holding(holding) => holding.tick(&mut self.requester, context),
            Phase::Ending(ending) => ending.tick(&mut self.requester, context),
            Phase::Withdrawing(withdrawing) => withdrawing.tick(&mut self.requester, context),
            Phase::Done => {}
        }
    }

    /// Hands the phase to a step, which returns the next one.
    fn step(&mut self, step: impl FnOnce(Phase, &mut Requester) -> Phase) {
        let phase = std::mem::replace(&mut self.phase, Phase::Done);
        self.phase = step(phase, &mut self.requester);
    }

    /// This server has no earlier session of the key that is still ending.
    pub(crate) fn begin(&mut self, context: &mut Context<'_>) {
        self.step(|phase, requester| match phase {
            Phase::Queued(queued) => Phase::Starting(Box::new(queued.begin(requester, context))),
            phase => phase,
        });
    }

    /// A start that is not done yet fails.
    pub(crate) fn fail(&mut self, failure: StartFailure, context: &mut Context<'_>) {
        self.step(|phase, requester| match phase {
            Phase::Queued(queued) => queued.fail(failure, requester, context),
            Phase::Starting(starting) => starting.fail(failure, requester, context),
            phase => phase,
        });
    }

    /// The game no longer wants the session, whether it has started or not.
    pub(crate) fn cancel(&mut self, context: &mut Context<'_>) {
        match self.phase {
            Phase::Starting(_) if context.config.breaks(Sabotage::CancelIgnored) => {}
            Phase::Queued(_) | Phase::Starting(_) => self.fail(StartFailure::Cancelled, context),
            _ => self.end(EndReason::Manual, context),
        }
    }

    /// `Save`: nothing unless the session has the lock.
    pub(crate) fn save(&mut self, context: &mut Context<'_>) {
        if let Phase::Holding(holding) = &mut self.phase {
            holding.save(&mut self.requester, context);
        }
    }

    /// Not live from here on; one final save releases the lock.
    pub(crate) fn end(&mut self, reason: EndReason, context: &mut Context<'_>) {
        self.step(|phase, requester| match phase {
            Phase::Holding(holding) => Phase::Ending(Box::new(holding.end(reason, requester, context))),
            phase => phase,
        });
    }

    /// The server is shutting down.
    pub(crate) fn shut_down(&mut self, context: &mut Context<'_>) {
        match &mut self.phase {
            Phase::Queued(_) | Phase::Starting(_) => self.fail(StartFailure::Closing, context),
            Phase::Holding(_) => self.end(EndReason::Shutdown, context),
            Phase::Ending(ending) => ending.shut_down(context.now.mono),
            Phase::Withdrawing(_) | Phase::Done => {}
        }
    }

    /// One run of the transform of a transfer's update, if this request is one.
    pub(crate) fn transfer_transform(
        &self,
        no: OpNo,
        now: Mono,
        current: Option<&Stored>,
        config: &Config,
    ) -> Option<Transform> {
        self.holding()?.transfer_transform(no, now, &self.requester, current, config)
    }

    /// An update was answered.
    pub(crate) fn updated(&mut self, no: OpNo, outcome: UpdateOutcome, context: &mut Context<'_>) {
        if let Phase::Holding(holding) = &mut self.phase
            && holding.transfer_done(no, &outcome, &mut self.requester, context)
        {
            return;
        }
        let Some(call) = self.requester.update_done(no) else {
            self.overtaken(outcome, context);
            return;
        };
        self.step(|phase, requester| match phase {
            Phase::Starting(starting) => starting.acquire_done(call, outcome, requester, context),
            Phase::Holding(holding) => holding.save_done(call, outcome, requester, context),
            Phase::Ending(ending) => {
                debug_assert_eq!(call.kind, CallKind::Release, "the final save has overtaken all others");
                ending.release_done(outcome, requester, context)
            }
            Phase::Withdrawing(withdrawing) => withdrawing.update_done(call, &outcome, requester, context),
            phase @ (Phase::Queued(_) | Phase::Done) => phase,
        });
        self.run_transfers(context);
    }

    /// An update that was overtaken by the final save was answered: it can only acknowledge what it wrote.
    fn overtaken(&mut self, outcome: UpdateOutcome, context: &mut Context<'_>) {
        if let (Phase::Ending(ending), UpdateOutcome::Committed(plan)) = (&mut self.phase, outcome) {
            ending.held.acknowledge_decision(&plan.0, &self.requester, context);
        }
    }

    /// A check was answered.
    pub(crate) fn read_done(
        &mut self,
        no: OpNo,
        result: &Result<Option<Stored>, CallFailed>,
        context: &mut Context<'_>,
    ) {
        self.step(|phase, requester| match phase {
            Phase::Starting(starting) => starting.confirmation_done(no, result, requester, context),
            Phase::Holding(holding) => holding.check_done(no, result, requester, context),
            // A check of a session that has ended since.
            phase => phase,
        });
        self.run_transfers(context);
    }

    /// The removal of a coordinator was answered.
    pub(crate) fn removed(&mut self, no: OpNo, failed: bool, context: &mut Context<'_>) {
        if let Phase::Holding(holding) = &mut self.phase {
            holding.removed(no, failed, &mut self.requester, context);
        }
    }

    fn run_transfers(&mut self, context: &mut Context<'_>) {
        if let Phase::Holding(holding) = &mut self.phase {
            holding.run_transfers(&mut self.requester, context);
        }
    }

    /// A subscribe was answered.
    pub(crate) fn subscribed(&mut self, no: OpNo, result: Result<(), CallFailed>, context: &mut Context<'_>) {
        self.requester.subscribed(no, result, context);
    }

    /// A message on this session's topic.
    pub(crate) fn message(&mut self, message: &Json, context: &mut Context<'_>) {
        self.step(|phase, requester| match phase {
            Phase::Starting(starting)
                if message.get("Released").is_some() && !context.config.breaks(Sabotage::ReleasedNotHeard) =>
            {
                starting.released(requester, context)
            }
            Phase::Holding(mut holding) => {
                let ends = message.get("EndSession").is_some_and(|end| end == true);
                if !ends && !context.config.breaks(Sabotage::AnyMessageEnds) {
                    holding.check_soon(requester, context);
                    return Phase::Holding(holding);
                }
                let load_count = message.get("LoadCount").and_then(Json::as_u64);
                if load_count.is_none_or(|count| count == holding.held.load_count) {
                    return Phase::Ending(Box::new(holding.end(EndReason::External, requester, context)));
                }
                // The sender has seen another taking of the lock than this session's.
                Phase::Holding(holding)
            }
            phase => phase,
        });
    }
}
