//! The throttle queues: what waits until there is budget for it.

use std::collections::VecDeque;

use dupeproof_core::Span;

use super::budget::{Account, Budget};
use crate::agenda::earlier;
use crate::clock::Global;
use crate::request::{Key, RequestType, ToService};
use crate::rng::Stream;

/// Set, ordered set, get and ordered get (error-codes-and-limits). That removals wait with the sets, and lists with the
/// gets, is inferred.
const QUEUES: usize = 4;

/// For how long a key that was answered `KeyThrottled` is taken to be throttled: the 6 s for which a key rested after a
/// write until 2023, as nothing newer is documented (the limit itself looks back 60 s).
const KEY_PAUSE: Span = Span::secs(6);

/// A request that waits; for as long as the server lives, if need be.
pub(super) struct Queued {
    pub(super) made: Global,
    pub(super) account: Account,
    pub(super) frame: ToService,
}

/// A server's throttle queues. They keep their order, or the next one is drawn. Only a request whose key is throttled is
/// skipped (error-codes-and-limits: it "stays"), so that one without budget holds up those behind it in its queue, of
/// other budgets too. What a server can know of a key's throughput, which all servers share, is that the backend said
/// so lately: a request that did not wait for budget is sent all the same.
pub(super) struct Queues {
    /// Requests that each holds.
    depth: usize,
    /// Draws the next one; `None` if they keep their order.
    order: Option<Stream>,
    queues: [VecDeque<Queued>; QUEUES],
    /// Writes or reads of a key that are throttled, and until when.
    paused: Vec<(Key, bool, Global)>,
}

impl Queues {
    pub(super) fn new(depth: u32, order: Option<Stream>) -> Queues {
        Queues { depth: depth as usize, order, queues: Default::default(), paused: Vec::new() }
    }

    /// Whether a request waits for this budget already: the next one is not to overtake it.
    pub(super) fn wait_for(&self, account: Account) -> bool {
        self.queues.iter().flatten().any(|queued| queued.account == account)
    }

    /// Takes a request in; `Err` if its queue is full.
    pub(super) fn push(&mut self, kind: RequestType, queued: Queued) -> Result<(), Queued> {
        let queue = &mut self.queues[queue_of(kind)];
        if queue.len() >= self.depth {
            return Err(queued);
        }
        queue.push_back(queued);
        Ok(())
    }

    /// The next request that can be paid for, paid for.
    pub(super) fn pop(&mut self, at: Global, budget: &mut Budget) -> Option<Queued> {
        self.paused.retain(|(_, _, until)| *until > at);
        let (paused, order) = (&self.paused, &mut self.order);
        self.queues.iter_mut().find_map(|queue| {
            let first = match order {
                Some(order) if queue.len() > 1 => order.below(queue.len() as u64) as usize,
                _ => 0,
            };
            let mut places = (first..queue.len()).chain(0..first).filter(|place| !is_paused(paused, &queue[*place]));
            let place = match order {
                Some(_) => places.find(|place| budget.pay(queue[*place].account, at)),
                None => places.next().filter(|place| budget.pay(queue[*place].account, at)),
            }?;
            queue.remove(place)
        })
    }

    /// When [`Queues::pop`] has something next.
    pub(super) fn next_due(&self, budget: &Budget) -> Option<Global> {
        let mut due = None;
        for queue in &self.queues {
            let ready = queue.iter().filter(|queued| !is_paused(&self.paused, queued));
            let candidates = if self.order.is_some() { usize::MAX } else { 1 };
            let affordable = ready.take(candidates).map(|queued| budget.affordable_at(queued.account)).min();
            due = earlier(due, affordable);
            if !queue.is_empty() {
                due = earlier(due, self.paused.iter().map(|(_, _, until)| *until).min());
            }
        }
        due
    }

    /// The backend answered a write or a read of this key with `KeyThrottled`.
    pub(super) fn pause(&mut self, at: Global, key: Key, write: bool) {
        self.paused.retain(|(other, writes, _)| *writes != write || *other != key);
        self.paused.push((key, write, at + KEY_PAUSE));
    }

    /// Shorter queues than the ordinary ones are a fault, and end.
    pub(super) fn heal(&mut self, ordinary: u32) {
        self.depth = self.depth.max(ordinary as usize);
    }
}

fn queue_of(kind: RequestType) -> usize {
    match kind {
        RequestType::StandardWrite | RequestType::StandardRemove => 0,
        RequestType::OrderedWrite | RequestType::OrderedRemove => 1,
        RequestType::StandardRead | RequestType::StandardList => 2,
        RequestType::OrderedRead | RequestType::OrderedList => 3,
    }
}

fn is_paused(paused: &[(Key, bool, Global)], queued: &Queued) -> bool {
    let request = &queued.frame.request;
    !paused.is_empty()
        && request.target().is_some_and(|target| {
            paused.iter().any(|(key, write, _)| *write == request.kind().is_write() && key == target)
        })
}
