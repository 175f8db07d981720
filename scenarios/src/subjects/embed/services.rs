//! Where the tasks of one server meet the world: what they ask for goes out here, and what comes in wakes them.

mod facade;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use dupeproof_core::{Guid, Mono, Now, Span, Unix};
use dupeproof_sim::id::{RequestId, SessionNo, Stamp, SubscriptionId};
use dupeproof_sim::request::{Payload, Topic};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{GuestEvent, Output, Request, Response, ServiceError};
use tokio::sync::{mpsc, oneshot};

use super::conflicts::Conflicts;
use crate::subjects::change::Change;
use crate::subjects::game::{StampSource, Swapped};

/// What a service answers.
pub(super) type Answer = Result<Response, ServiceError>;

/// A handle: clones share one state.
#[derive(Clone)]
pub(super) struct Services(Arc<Mutex<State>>);

struct State {
    /// Unique to this life, as its JobId need not be.
    seed: u64,
    now: Now,
    /// When the server was last woken: whoever sleeps until later sleeps on.
    woken: Mono,
    outputs: Vec<Output>,
    stamps: StampSource,
    /// Ever made, of each kind.
    made: Made,
    asked: BTreeMap<RequestId, oneshot::Sender<Answer>>,
    subscriptions: BTreeMap<SubscriptionId, mpsc::UnboundedSender<Payload>>,
    sleepers: BTreeMap<(Mono, u64), Waker>,
    conflicts: Conflicts,
}

#[derive(Default)]
struct Made {
    guids: u32,
    requests: u32,
    subscriptions: u32,
    sleeps: u64,
}

impl Services {
    pub(super) fn new(boot: &Boot) -> Services {
        Services(Arc::new(Mutex::new(State {
            seed: boot.seed,
            now: Now { mono: Mono(0), unix: Unix(0) },
            woken: Mono(0),
            outputs: Vec::new(),
            stamps: StampSource::new(boot.server),
            made: Made::default(),
            asked: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            sleepers: BTreeMap::new(),
            conflicts: Conflicts::new(boot),
        })))
    }

    /// It is this late on the server.
    pub(super) fn set_now(&self, now: Now) {
        self.lock().now = now;
    }

    pub(super) fn now(&self) -> Now {
        self.lock().now
    }

    pub(super) fn guid(&self) -> Guid {
        let mut state = self.lock();
        state.made.guids += 1;
        format!("{:016x}-{}", state.seed, state.made.guids).into()
    }

    pub(super) fn stamp(&self) -> Stamp {
        self.lock().stamps.make()
    }

    /// The game says something.
    pub(super) fn tell(&self, event: GuestEvent) {
        self.put(Output::Event(event));
    }

    /// The game says what it has done to a session's data.
    pub(super) fn report_change(&self, session: SessionNo, change: Change) {
        change.tell(session, &mut self.lock().outputs);
    }

    /// The game says what went over the table.
    pub(super) fn tell_swapped(&self, first: SessionNo, second: SessionNo, swapped: Swapped) {
        swapped.tell(first, second, &mut self.lock().outputs);
    }

    pub(super) fn put(&self, output: Output) {
        self.lock().outputs.push(output);
    }

    /// Asks a service. Whoever stops waiting has asked all the same.
    pub(super) async fn ask(&self, request: Request) -> Answer {
        let answer = {
            let mut state = self.lock();
            let (sender, answer) = oneshot::channel();
            let id = state.next_request();
            state.asked.insert(id, sender);
            state.outputs.push(Output::Request(id, request));
            answer
        };
        answer.await.expect("every request of a server that runs is answered")
    }

    pub(super) fn answered(&self, id: RequestId, answer: Answer) {
        let asker = self.lock().asked.remove(&id);
        // Whoever has stopped waiting need not know.
        drop(asker.map(|asker| asker.send(answer)));
    }

    /// A write has met another's: as long as `UpdateAsync` waits before it reads again.
    pub(super) async fn conflicted(&self) {
        let pause = self.lock().conflicts.pause();
        if let Some(pause) = pause {
            self.sleep(pause).await;
        }
    }

    /// Messages of a topic, once the service has agreed.
    pub(super) async fn subscribe(&self, topic: Topic) -> Result<mpsc::UnboundedReceiver<Payload>, ServiceError> {
        let (subscription, receiver) = {
            let mut state = self.lock();
            let (sender, receiver) = mpsc::unbounded_channel();
            state.made.subscriptions += 1;
            let subscription = SubscriptionId(state.made.subscriptions);
            state.subscriptions.insert(subscription, sender);
            (subscription, receiver)
        };
        if let Err(error) = self.ask(Request::Subscribe { topic, subscription }).await {
            // There is no connection to be ended.
            self.lock().subscriptions.remove(&subscription);
            return Err(error);
        }
        Ok(receiver)
    }

    pub(super) fn message(&self, subscription: SubscriptionId, message: Payload) {
        if let Some(subscriber) = self.lock().subscriptions.get(&subscription) {
            // Whoever does not listen any more is found out below.
            drop(subscriber.send(message));
        }
    }

    /// Ends when the server is woken then, or later: like every guest's, its timers are as late as its wakes.
    pub(super) fn sleep(&self, span: Span) -> Sleep {
        let mut state = self.lock();
        state.made.sleeps += 1;
        Sleep { services: self.clone(), due: state.now.mono + span, no: state.made.sleeps }
    }

    /// The server is woken: whoever has slept long enough is, too.
    pub(super) fn wake(&self) {
        let due = {
            let mut state = self.lock();
            let now = state.now.mono;
            state.woken = now;
            let later = state.sleepers.split_off(&(now + Span(1), 0));
            std::mem::replace(&mut state.sleepers, later)
        };
        due.into_values().for_each(Waker::wake);
    }

    /// Every task waits for something: what they want done, and when to wake the server next.
    pub(super) fn clear(&self, out: &mut Vec<Output>) -> Option<Mono> {
        let mut state = self.lock();
        let State { subscriptions, made, outputs, .. } = &mut *state;
        subscriptions.retain(|subscription, subscriber| {
            let wanted = !subscriber.is_closed();
            if !wanted {
                made.requests += 1;
                let request = Request::Unsubscribe { subscription: *subscription };
                outputs.push(Output::Request(RequestId(made.requests), request));
            }
            wanted
        });
        out.append(outputs);
        state.sleepers.first_key_value().map(|((due, _), _)| *due)
    }

    /// Never held while anything else is asked for: the façade asks for the time under its own lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_request(&mut self) -> RequestId {
        self.made.requests += 1;
        RequestId(self.made.requests)
    }
}

/// Somebody who sleeps.
pub(super) struct Sleep {
    services: Services,
    due: Mono,
    no: u64,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.services.lock();
        if self.due <= state.woken {
            return Poll::Ready(());
        }
        state.sleepers.insert((self.due, self.no), context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.services.lock().sleepers.remove(&(self.due, self.no));
    }
}
