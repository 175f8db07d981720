//! The future that makes the machine's requests (1.) and wakes it (2.). The answers are its inputs.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use dupeproof_core::{CallFailed, Input, Key, OpId, Output, Owner, SessionId, Stored, UpdateOutcome};
use futures::future::{AbortHandle, FutureExt, abortable};
use futures::stream::{FuturesUnordered, StreamExt};

use crate::environment::Environment;
use crate::service::{Cas, DataStore, Entry, Messaging, Reading, ServiceError, Write};
use crate::shared::{AnswerDetails, Shared};
use crate::state::Work;

/// A request that has not been answered for this long is taken for failed. Roblox's own answer, or fail, well within.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest sleep. The machine is asked again after it.
const SLEEP_MAX: Duration = Duration::from_secs(3_600);

/// An update that meets more conflicts than this is tried again later.
const CONFLICTS_MAX: u32 = 16;

/// Does the work of a store and of its mock: makes requests, and keeps time. Nothing happens unless it is run, as one task
/// of any executor. It ends when the last handle of the store, of its mock and of their profiles is dropped.
#[must_use = "nothing happens in the store until its driver is run"]
pub struct Driver {
    work: Work,
}

impl Driver {
    pub(crate) fn new(work: impl Future<Output = ()> + Send + 'static) -> (Driver, KeepAlive) {
        let (work, keep_alive) = abortable(work);
        (Driver { work: Box::pin(work.map(drop)) }, KeepAlive(keep_alive))
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.work.as_mut().poll(context)
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Driver").finish_non_exhaustive()
    }
}

/// Held by every handle of a store; without it the driver ends.
pub(crate) struct KeepAlive(AbortHandle);

impl Drop for KeepAlive {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Never ends by itself. Everything in progress is part of this one future: it spawns no tasks, so the executor has no
/// part in the order of what happens.
pub(crate) async fn drive<D: DataStore, M: Messaging, E: Environment>(shared: Arc<Shared<D, M, E>>) {
    let mut work = FuturesUnordered::<Work>::new();
    let mut topics: BTreeMap<SessionId, AbortHandle> = BTreeMap::new();
    loop {
        let (requests, mock, due) = shared.with(|state, now| {
            let due = state.machine.poll_timeout().map(|due| Duration::from_micros(due.since(now.mono).as_micros()));
            (std::mem::take(&mut state.requests), state.mock_work.take(), due.unwrap_or(SLEEP_MAX))
        });
        // 1.
        work.extend(mock);
        for request in requests {
            match request {
                Output::Subscribe { op, topic } => {
                    let Owner::Session(session) = op.owner else { continue };
                    let (listener, handle) = abortable(listen(Arc::clone(&shared), op, session, topic));
                    work.push(Box::pin(listener.map(drop)));
                    if let Some(former) = topics.insert(session, handle) {
                        former.abort();
                    }
                }
                Output::Unsubscribe { session } => {
                    if let Some(listener) = topics.remove(&session) {
                        listener.abort();
                    }
                }
                request => work.push(Box::pin(carry_out(Arc::clone(&shared), request))),
            }
        }
        // 2. Biased: the order must not depend on chance.
        tokio::select! {
            biased;
            () = shared.environment.sleep(due.min(SLEEP_MAX)) => {
                shared.act(|state, now| state.machine.handle(now, Input::Wake));
            }
            () = shared.wake.notified() => {}
            Some(()) = work.next() => {}
        }
    }
}

async fn carry_out<D: DataStore, M: Messaging, E: Environment>(shared: Arc<Shared<D, M, E>>, request: Output) {
    let store = &shared.data_store;
    match request {
        Output::Update { op, key } => update(&shared, op, &key).await,
        Output::Read { op, key } => {
            let read = shared.ask(store.get(&key)).await.map(|reading| reading.entry);
            read_done(&shared, op, &key, read);
        }
        Output::ReadVersion { op, key, version } => {
            let read = shared.ask(store.get_version(&key, &version)).await;
            read_done(&shared, op, &key, read);
        }
        Output::ListVersions { op, key, query } => {
            let (result, details) = split(shared.ask(store.list_versions(&key, &query)).await);
            shared.answer(op, &key, Input::Listed { op, result }, details);
        }
        Output::Remove { op, key } => {
            let (result, details) = split(shared.ask(store.remove(&key)).await);
            shared.answer(op, &key, Input::Removed { op, result }, details);
        }
        Output::Publish { op, topic, message } => {
            let result = shared.ask(shared.messaging.publish(&topic, message)).await;
            shared.act(|state, now| {
                let result = result.map_err(|error| {
                    state.report(&topic, error.message);
                    CallFailed
                });
                state.machine.handle(now, Input::Published { op, result });
            });
        }
        Output::Subscribe { .. } | Output::Unsubscribe { .. } | Output::Event(_) => {}
    }
}

/// `UpdateAsync`: read, transform, write if the key has not changed; otherwise begin again.
async fn update<D: DataStore, M: Messaging, E: Environment>(shared: &Shared<D, M, E>, op: OpId, key: &Key) {
    let mut conflicts = 0;
    let (outcome, details) = loop {
        let Reading { version, entry } = match shared.ask(shared.data_store.get(key)).await {
            Ok(reading) => reading,
            Err(error) => break (UpdateOutcome::Failed(None), AnswerDetails { error: Some(error), key_info: None }),
        };
        let (current, key_info): (Option<Stored>, _) = entry.map(|entry| (entry.value, entry.key_info)).unzip();
        let transform = shared.with(|state, now| state.machine.transform(op, now, current.as_ref()));
        let Some(value) = transform.write else {
            break (UpdateOutcome::Cancelled(transform.plan), AnswerDetails { key_info, error: None });
        };
        let written = shared.ask(shared.data_store.compare_and_set(key, version.as_ref(), Write::new(value))).await;
        match written {
            Ok(Cas::Conflict) if conflicts < CONFLICTS_MAX => conflicts += 1,
            Ok(Cas::Conflict) => {
                let details =
                    AnswerDetails { error: Some(ServiceError::new("the key changed at every try")), key_info: None };
                break (UpdateOutcome::Failed(None), details);
            }
            Ok(Cas::Stored(key_info)) => {
                let details = AnswerDetails { key_info: Some(key_info), error: None };
                break (UpdateOutcome::Committed(transform.plan), details);
            }
            Err(error) => {
                let details = AnswerDetails { error: Some(error), key_info: None };
                break (UpdateOutcome::Failed(Some(transform.plan)), details);
            }
        }
    };
    shared.answer(op, key, Input::Updated { op, outcome }, details);
}

fn read_done<D, M, E: Environment>(
    shared: &Shared<D, M, E>,
    op: OpId,
    key: &Key,
    read: Result<Option<Entry>, ServiceError>,
) {
    let (result, mut details) = split(read);
    let result = result.map(|entry| {
        let (value, key_info) = entry.map(|entry| (entry.value, entry.key_info)).unzip();
        details.key_info = key_info;
        value
    });
    shared.answer(op, key, Input::ReadDone { op, result }, details);
}

fn split<T>(result: Result<T, ServiceError>) -> (Result<T, CallFailed>, AnswerDetails) {
    match result {
        Ok(value) => (Ok(value), AnswerDetails::default()),
        Err(error) => (Err(CallFailed), AnswerDetails { error: Some(error), key_info: None }),
    }
}

/// Subscribes, and passes on the messages; subscribes again if the connection is lost.
async fn listen<D: DataStore, M: Messaging, E: Environment>(
    shared: Arc<Shared<D, M, E>>,
    op: OpId,
    session: SessionId,
    topic: Arc<str>,
) {
    let subscribe = || shared.ask(shared.messaging.subscribe(&topic));
    let report = |error: ServiceError| shared.act(|state, _| state.report(&topic, error.message));
    let mut receiver = match subscribe().await {
        Ok(receiver) => receiver,
        Err(error) => {
            report(error);
            shared.act(|state, now| state.machine.handle(now, Input::Subscribed { op, result: Err(CallFailed) }));
            return;
        }
    };
    shared.act(|state, now| state.machine.handle(now, Input::Subscribed { op, result: Ok(()) }));
    loop {
        while let Some(message) = receiver.recv().await {
            shared.act(|state, now| state.machine.handle(now, Input::Message { session, message }));
        }
        let mut pause = Duration::from_secs(1);
        receiver = loop {
            shared.environment.sleep(pause).await;
            match subscribe().await {
                Ok(receiver) => break receiver,
                Err(error) => report(error),
            }
            pause = (pause * 2).min(Duration::from_secs(20));
        };
    }
}

impl<D, M, E: Environment> Shared<D, M, E> {
    /// Waits for a service's answer, at most [`REQUEST_TIMEOUT`]. A panic is taken for an error: a write may have been
    /// applied.
    async fn ask<T>(&self, request: impl Future<Output = Result<T, ServiceError>>) -> Result<T, ServiceError> {
        let mut request = pin!(request);
        let guarded = std::future::poll_fn(|context| {
            let poll = catch_unwind(AssertUnwindSafe(|| request.as_mut().poll(context)));
            poll.unwrap_or_else(|_| Poll::Ready(Err(ServiceError::new("the service's own code panicked"))))
        });
        tokio::select! {
            biased;
            answer = guarded => answer,
            () = self.environment.sleep(REQUEST_TIMEOUT) => Err(ServiceError::new("no answer within 30 s")),
        }
    }
}
