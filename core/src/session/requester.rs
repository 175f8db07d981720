//! What a session has in every phase: its identity, and the requests it makes.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::backoff::Backoff;
use crate::context::Context;
use crate::event::Event;
use crate::ids::{Guid, Key, OpCounter, OpId, OpNo, Owner, ServerIdentity, SessionId, topic};
use crate::io::Output;
use crate::outcome::CallFailed;
use crate::record::SessionTag;
use crate::sabotage::Sabotage;
use crate::time::Mono;

/// A session's identity, its write in flight, its subscription, and the numbers of its requests.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Requester {
    pub id: SessionId,
    pub key: Key,
    pub guid: Guid,
    /// `Steal`: takes a held lock at once.
    pub steal: bool,
    /// The one update that counts; answers to older ones can only acknowledge what they wrote.
    write: Option<Call>,
    subscription: Subscription,
    /// The number of the newest request.
    newest_op: OpCounter,
}

/// An update in flight.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) struct Call {
    no: OpNo,
    pub kind: CallKind,
    /// When it was asked for: never after its first read was served.
    pub started: Mono,
}

/// What an update is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) enum CallKind {
    /// Takes the lock, or leaves a marker.
    Acquire,
    /// Writes the data.
    Save,
    /// Writes the data and gives up the lock.
    Release,
    /// Removes the marker, and the lock if it was taken unknowingly.
    Withdraw,
}

#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
enum Subscription {
    Idle,
    Asked { no: OpNo, backoff: Backoff },
    Failed { retry: Mono, backoff: Backoff },
    Subscribed,
}

impl Requester {
    pub(crate) fn new(id: SessionId, key: Key, guid: Guid, steal: bool) -> Requester {
        Requester {
            id,
            key,
            guid,
            steal,
            write: None,
            subscription: Subscription::Idle,
            newest_op: OpCounter::default(),
        }
    }

    /// The lock as this session writes it.
    pub(crate) fn tag(&self, server: &ServerIdentity) -> SessionTag {
        SessionTag { place_id: server.place_id, job_id: Arc::clone(&server.job_id), guid: Some(Arc::clone(&self.guid)) }
    }

    /// When a failed subscription is retried.
    pub(super) fn due(&self) -> Option<Mono> {
        match self.subscription {
            Subscription::Failed { retry, .. } => Some(retry),
            _ => None,
        }
    }

    /// Retries a failed subscription, if it is due.
    pub(super) fn tick(&mut self, context: &mut Context<'_>) {
        if let Subscription::Failed { retry, backoff } = self.subscription
            && retry <= context.now.mono
        {
            self.subscribe_after(backoff, context);
        }
    }

    /// Whether an update is in flight.
    pub(super) fn is_writing(&self) -> bool {
        self.write.is_some()
    }

    /// The update in flight, if this is its number.
    pub(crate) fn write(&self, no: OpNo) -> Option<Call> {
        self.write.filter(|call| call.no == no)
    }

    /// Asks for an update.
    pub(super) fn update(&mut self, kind: CallKind, context: &mut Context<'_>) {
        // Only the final save overtakes: an earlier save is fenced, and this write makes its condition fail.
        debug_assert!(
            self.write.is_none() || kind == CallKind::Release || context.config.breaks(Sabotage::WithdrawalDoesNotWait),
            "{kind:?} while {:?} is in flight",
            self.write
        );
        let op = self.op();
        self.write = Some(Call { no: op.no, kind, started: context.now.mono });
        context.outputs.push_back(Output::Update { op, key: Arc::clone(&self.key) });
    }

    /// An update was answered. `None` if it is not the one in flight.
    pub(super) fn update_done(&mut self, no: OpNo) -> Option<Call> {
        self.write.take_if(|call| call.no == no)
    }

    /// Asks for an uncached read of the record, and returns the request's number.
    pub(super) fn read(&mut self, context: &mut Context<'_>) -> OpNo {
        let op = self.op();
        context.outputs.push_back(Output::Read { op, key: Arc::clone(&self.key) });
        op.no
    }

    /// Sends a message to the session with this guid.
    pub(super) fn publish(&mut self, guid: &str, message: Json, context: &mut Context<'_>) {
        let op = self.op();
        context.publish(op, guid, message);
    }

    /// Subscribes to this session's own topic.
    pub(super) fn subscribe(&mut self, context: &mut Context<'_>) {
        debug_assert!(matches!(self.subscription, Subscription::Idle), "a session subscribes once");
        self.subscribe_after(Backoff::default(), context);
    }

    fn subscribe_after(&mut self, backoff: Backoff, context: &mut Context<'_>) {
        let op = self.op();
        self.subscription = Subscription::Asked { no: op.no, backoff };
        context.outputs.push_back(Output::Subscribe { op, topic: topic(&self.guid) });
    }

    /// A subscribe was answered.
    pub(super) fn subscribed(&mut self, no: OpNo, result: Result<(), CallFailed>, context: &mut Context<'_>) {
        let Subscription::Asked { no: asked, mut backoff } = self.subscription else { return };
        // An answer to an earlier try, which has been given up.
        if asked != no {
            return;
        }
        self.subscription = match result {
            Ok(()) => Subscription::Subscribed,
            Err(CallFailed) => Subscription::Failed { retry: context.now.mono + backoff.next(), backoff },
        };
    }

    /// Nothing is left to do: answers that still come are of no interest.
    pub(super) fn finish(&mut self, context: &mut Context<'_>) {
        self.write = None;
        let stays = context.config.breaks(Sabotage::SubscriptionStays);
        if !matches!(self.subscription, Subscription::Idle) && !stays {
            self.subscription = Subscription::Idle;
            context.outputs.push_back(Output::Unsubscribe { session: self.id });
        }
        context.emit(Event::Finished { session: self.id });
    }

    /// Names a new request.
    pub(super) fn op(&mut self) -> OpId {
        OpId { owner: Owner::Session(self.id), no: self.newest_op.next() }
    }
}
