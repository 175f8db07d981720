//! Calls that need no session: messages, reads, versions, removal, and writing a view.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::backoff::Backoff;
use crate::config::Config;
use crate::context::Context;
use crate::event::Event;
use crate::ids::{CallId, Guid, Key, OpCounter, OpId, OpNo, Owner};
use crate::io::{CallRequest, Output};
use crate::message::{self, Delivery, Message};
use crate::outcome::{CallFailed, CallResult};
use crate::plan::{Decision, Plan, Transform, UpdateOutcome};
use crate::record::{Profile, Record, Stored};
use crate::sabotage::Sabotage;
use crate::time::{Due, Mono, Now};
use crate::version::{VersionInfo, VersionQuery};

/// A call in progress.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Call {
    pub id: CallId,
    pub key: Key,
    kind: Kind,
    /// The request in flight.
    asked: Option<OpNo>,
    next_op: OpCounter,
    next_try: Due,
    backoff: Backoff,
    failures: u32,
    pub done: bool,
}

#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
enum Kind {
    /// Each with the call that asked for it: messages that wait for one key are sent together.
    Messages(Vec<(CallId, Message)>),
    Set(Arc<Json>),
    Remove,
    Get,
    GetVersion(Arc<str>),
    ListVersions(VersionQuery),
}

/// A read that fails this often is answered as failed. Writes are tried until they are known to be stored.
const READ_TRIES: u32 = 5;

impl Call {
    /// A new call. If it is a message, it has this sender and this number.
    pub(crate) fn new(id: CallId, request: CallRequest, sender: &Guid, number: u64, now: Mono) -> Call {
        let (key, kind) = match request {
            CallRequest::Message { key, message } => {
                (key, Kind::Messages(vec![(id, Message { sender: Arc::clone(sender), number, payload: message })]))
            }
            CallRequest::Set { key, data } => (key, Kind::Set(data)),
            CallRequest::Remove { key } => (key, Kind::Remove),
            CallRequest::Get { key } => (key, Kind::Get),
            CallRequest::GetVersion { key, version } => (key, Kind::GetVersion(version)),
            CallRequest::ListVersions { key, query } => (key, Kind::ListVersions(query)),
        };
        Call {
            id,
            key,
            kind,
            asked: None,
            next_op: OpCounter::default(),
            next_try: Due(now),
            backoff: Backoff::default(),
            failures: 0,
            done: false,
        }
    }

    /// Takes the messages of a later call to the same key, unless its own are in flight: so one sender's messages arrive
    /// in order. True if `later` has nothing left to do.
    pub(crate) fn absorb(&mut self, later: &mut Call, config: &Config) -> bool {
        let (Kind::Messages(messages), Kind::Messages(more)) = (&mut self.kind, &mut later.kind) else { return false };
        let same_key = self.key == later.key || config.breaks(Sabotage::MessagesToAllKeysTogether);
        let free = self.asked.is_none() || config.breaks(Sabotage::MessageJoinsOneInFlight);
        let together = same_key && free && !self.done;
        if together {
            messages.append(more);
        }
        together
    }

    /// Whether an earlier call must be answered before this one may be made.
    pub(crate) fn follows(&self, earlier: &Call) -> bool {
        let messages = matches!((&self.kind, &earlier.kind), (Kind::Messages(_), Kind::Messages(_)));
        messages && self.key == earlier.key && !earlier.done
    }

    pub(crate) fn due(&self) -> Option<Mono> {
        (self.asked.is_none() && !self.done).then_some(self.next_try.0)
    }

    pub(crate) fn ask(&mut self, context: &mut Context<'_>) {
        debug_assert!(self.asked.is_none() && !self.done, "a call makes one request at a time");
        let op = OpId { owner: Owner::Call(self.id), no: self.next_op.next() };
        self.asked = Some(op.no);
        let key = Arc::clone(&self.key);
        context.outputs.push_back(match &self.kind {
            Kind::Messages(_) | Kind::Set(_) => Output::Update { op, key },
            Kind::Remove => Output::Remove { op, key },
            Kind::Get => Output::Read { op, key },
            Kind::GetVersion(version) => Output::ReadVersion { op, key, version: Arc::clone(version) },
            Kind::ListVersions(query) => Output::ListVersions { op, key, query: query.clone() },
        });
    }

    pub(crate) fn transform(&self, no: OpNo, now: Now, current: Option<&Stored>, config: &Config) -> Option<Transform> {
        if self.asked != Some(no) {
            return None;
        }
        match &self.kind {
            Kind::Messages(messages) => {
                let messages = messages.iter().map(|(_, message)| message);
                let (write, deliveries) = message::append(messages, current, config);
                Some(Transform { write, plan: Plan(Decision::Delivered(deliveries)) })
            }
            Kind::Set(data) => Some(set(data, now, current, config)),
            _ => None,
        }
    }

    /// Whether this answers the request in flight, which is over then.
    fn answered(&mut self, no: OpNo) -> bool {
        let current = self.asked == Some(no);
        if current {
            self.asked = None;
        }
        current
    }

    /// Answers the call.
    fn finish(&mut self, result: CallResult, context: &mut Context<'_>) {
        self.done = true;
        context.emit(Event::CallDone { call: self.id, result });
    }

    fn retry(&mut self, now: Mono) {
        self.failures = (self.failures + 1).min(READ_TRIES);
        self.next_try = Due(now + self.backoff.next());
    }

    pub(crate) fn updated(&mut self, no: OpNo, outcome: &UpdateOutcome, context: &mut Context<'_>) {
        if !self.answered(no) {
            return;
        }
        match outcome.decision() {
            Some(Decision::Delivered(deliveries)) => self.delivered(deliveries, context),
            Some(Decision::Set { previous_holder }) => {
                if let Some((guid, load_count)) = previous_holder {
                    self.notify(guid, json!({"LoadCount": load_count, "EndSession": true}), context);
                }
                self.finish(CallResult::Done, context);
            }
            Some(Decision::Refuse(why)) => self.finish(CallResult::Unstorable(*why), context),
            // An error: the write may have been applied. It is sent again under the same number.
            None if context.config.breaks(Sabotage::UnknownSendIsRefused) => {
                self.refuse(context.outputs);
                self.done = true;
            }
            _ => self.retry(context.now.mono),
        }
    }

    /// Answers its messages as refused.
    pub(crate) fn refuse(&self, outputs: &mut VecDeque<Output>) {
        if let Kind::Messages(messages) = &self.kind {
            let done = |(call, _): &(CallId, Message)| Event::CallDone { call: *call, result: CallResult::Closing };
            outputs.extend(messages.iter().map(done).map(Output::Event));
        }
    }

    fn delivered(&mut self, deliveries: &[Delivery], context: &mut Context<'_>) {
        let Kind::Messages(messages) = &self.kind else { return };
        let mut holder = None;
        for ((call, _), delivery) in messages.iter().zip(deliveries) {
            let result = match delivery {
                Delivery::Arrived { holder: found } => {
                    holder = found.as_ref();
                    CallResult::Done
                }
                Delivery::QueueFull if context.config.breaks(Sabotage::FullQueueIsDone) => CallResult::Done,
                Delivery::QueueFull => CallResult::QueueFull,
                Delivery::Unstorable(why) => CallResult::Unstorable(*why),
                Delivery::NotARecord => CallResult::NotARecord,
            };
            context.emit(Event::CallDone { call: *call, result });
        }
        self.done = true;
        if let Some((guid, load_count)) = holder {
            self.notify(guid, json!({"LoadCount": load_count}), context);
        }
    }

    pub(crate) fn read(&mut self, no: OpNo, result: Result<Option<Stored>, CallFailed>, context: &mut Context<'_>) {
        self.read_done(no, result.map(CallResult::Value), context);
    }

    pub(crate) fn listed(&mut self, no: OpNo, result: Result<Vec<VersionInfo>, CallFailed>, context: &mut Context<'_>) {
        self.read_done(no, result.map(CallResult::Versions), context);
    }

    /// A request that writes nothing was answered.
    fn read_done(&mut self, no: OpNo, result: Result<CallResult, CallFailed>, context: &mut Context<'_>) {
        if !self.answered(no) {
            return;
        }
        match result {
            Ok(found) => self.finish(found, context),
            Err(CallFailed) if self.failures + 1 >= READ_TRIES => self.finish(CallResult::Failed, context),
            Err(CallFailed) => self.retry(context.now.mono),
        }
    }

    pub(crate) fn removed(&mut self, no: OpNo, result: Result<Option<Stored>, CallFailed>, context: &mut Context<'_>) {
        if !self.answered(no) {
            return;
        }
        // The first try may have removed the record: the second then finds nothing, and that is the answer.
        let Ok(before) = result else { return self.retry(context.now.mono) };
        let previous_holder = before.as_ref().and_then(holder_of);
        if let Some((guid, load_count)) = previous_holder {
            self.notify(&guid, json!({"LoadCount": load_count, "EndSession": true}), context);
        }
        self.finish(CallResult::Value(before), context);
    }

    fn notify(&mut self, guid: &str, message: Json, context: &mut Context<'_>) {
        let op = OpId { owner: Owner::Call(self.id), no: self.next_op.next() };
        context.publish(op, guid, message);
    }
}

/// View mode's `SetAsync`: the data is replaced, the lock is cleared, the message queue stays. A removed record is
/// created again.
fn set(data: &Arc<Json>, now: Now, current: Option<&Stored>, config: &Config) -> Transform {
    let previous_holder = current.and_then(holder_of);
    let mut record = match current {
        Some(Stored::Record(record)) if !config.breaks(Sabotage::SetDropsMessages) => Record::clone(record),
        _ => Record::empty(),
    };
    let os_time = now.unix.os_time();
    let profile = record.profile.get_or_insert_with(|| Profile::new(Arc::clone(data), os_time));
    profile.data = Arc::clone(data);
    // The holder learns of it within its lease.
    if !config.breaks(Sabotage::SetKeepsLock) {
        let unreleased = profile.meta.active_session.take().and(profile.meta.lease.take());
        profile.meta.stolen_lease = profile.meta.stolen_lease.max(unreleased);
    }
    profile.meta.force_load_session = None;
    profile.meta.last_update = os_time;
    record.was_overwritten = Some(false);
    if let Err(why) = config.limits.admit_data(&record) {
        return Transform { write: None, plan: Plan(Decision::Refuse(why)) };
    }
    Transform { write: Some(Stored::Record(Arc::new(record))), plan: Plan(Decision::Set { previous_holder }) }
}

fn holder_of(stored: &Stored) -> Option<(Arc<str>, u64)> {
    let Stored::Record(record) = stored else { return None };
    let meta = &record.profile.as_ref()?.meta;
    Some((meta.active_session.as_ref()?.guid.clone()?, meta.session_load_count))
}
