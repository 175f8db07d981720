//! The throttle queues: what waits until there is budget for it.

use std::collections::VecDeque;

use dupeproof_core::Span;

use super::budget::{Account, Budget};
use crate::clock::Global;
use crate::event_queue::earlier;
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
    /// In all of them: mostly none, and then nothing is looked at.
    waiting: usize,
    paused: Vec<Paused>,
}

/// A key whose writes, or reads, are taken to be throttled.
struct Paused {
    key: Key,
    write: bool,
    until: Global,
}

impl Queues {
    pub(super) fn new(depth: u32, order: Option<Stream>) -> Queues {
        Queues { depth: depth as usize, order, queues: Default::default(), waiting: 0, paused: Vec::new() }
    }

    /// Whether a request waits for this budget already: the next one is not to overtake it.
    pub(super) fn wait_for(&self, account: Account) -> bool {
        self.waiting > 0 && self.queues.iter().flatten().any(|queued| queued.account == account)
    }

    /// Takes a request in; `Err` if its queue is full.
    pub(super) fn push(&mut self, kind: RequestType, queued: Queued) -> Result<(), Queued> {
        let queue = &mut self.queues[queue_of(kind)];
        if queue.len() >= self.depth {
            return Err(queued);
        }
        queue.push_back(queued);
        self.waiting += 1;
        Ok(())
    }

    /// The next request that can be paid for, paid for.
    pub(super) fn pop(&mut self, at: Global, budget: &mut Budget) -> Option<Queued> {
        if self.waiting == 0 {
            return None;
        }
        self.paused.retain(|paused| paused.until > at);
        let (paused, order) = (&self.paused, &mut self.order);
        let queued = self.queues.iter_mut().find_map(|queue| {
            let first = match order {
                Some(order) if queue.len() > 1 => {
                    usize::try_from(order.below(queue.len() as u64)).expect("a place in the queue")
                }
                _ => 0,
            };
            let mut places = (first..queue.len()).chain(0..first).filter(|place| !is_paused(paused, &queue[*place]));
            let place = match order {
                Some(_) => places.find(|place| budget.pay(queue[*place].account, at)),
                None => places.next().filter(|place| budget.pay(queue[*place].account, at)),
            }?;
            queue.remove(place)
        })?;
        self.waiting -= 1;
        Some(queued)
    }

    /// When [`Queues::pop`] has something next.
    pub(super) fn next_due(&self, budget: &Budget) -> Option<Global> {
        if self.waiting == 0 {
            return None;
        }
        let mut due = None;
        for queue in &self.queues {
            let ready = queue.iter().filter(|queued| !is_paused(&self.paused, queued));
            let candidates = if self.order.is_some() { usize::MAX } else { 1 };
            let affordable = ready.take(candidates).map(|queued| budget.affordable_at(queued.account)).min();
            due = earlier(due, affordable);
            if !queue.is_empty() {
                due = earlier(due, self.paused.iter().map(|paused| paused.until).min());
            }
        }
        due
    }

    /// The backend answered a write or a read of this key with `KeyThrottled`.
    pub(super) fn pause(&mut self, at: Global, key: Key, write: bool) {
        self.paused.retain(|paused| paused.write != write || paused.key != key);
        self.paused.push(Paused { key, write, until: at + KEY_PAUSE });
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

fn is_paused(paused: &[Paused], queued: &Queued) -> bool {
    let request = &queued.frame.request;
    !paused.is_empty()
        && request.target().is_some_and(|target| {
            paused.iter().any(|paused| paused.write == request.kind().is_write() && paused.key == *target)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RequestId;
    use crate::request::Request;
    use crate::rng::Seed;
    use crate::schedule::Limits;

    const START: Global = Global(0);

    fn after(millis: u64) -> Global {
        START + Span::millis(millis)
    }

    /// Gets of these keys wait, numbered from zero, with a budget of one a second.
    fn waiting(keys: &[&str], order: Option<Stream>) -> (Queues, Budget) {
        let mut budget = Budget::new(START, Limits { startup_burst: 1, saved_seconds: 1, ..Limits::default() });
        let mut queues = Queues::new(30, order);
        for (id, key) in (0..).zip(keys) {
            let request = Request::get((*key).into());
            let account = budget.account(&request, RequestType::StandardRead);
            let frame = ToService { id: RequestId(id), request, kilobytes: 0 };
            assert!(queues.push(RequestType::StandardRead, Queued { made: START, account, frame }).is_ok());
        }
        // What it begins with.
        assert!(budget.pay(budget.account_of(RequestType::StandardRead), START));
        (queues, budget)
    }

    /// What is sent, and when, by whoever comes whenever something is due.
    fn sent(queues: &mut Queues, budget: &mut Budget) -> Vec<(u64, u32)> {
        let mut sent = Vec::new();
        while let Some(at) = queues.next_due(budget) {
            assert!(at < after(60_000), "{sent:?}");
            while let Some(queued) = queues.pop(at, budget) {
                sent.push((at.0 / 1_000, queued.frame.id.0));
            }
        }
        sent
    }

    #[test]
    fn what_waits_is_sent_in_order_of_receipt() {
        let (mut queues, mut budget) = waiting(&["a", "b", "a"], None);
        assert_eq!(sent(&mut queues, &mut budget), [(1_000, 0), (2_000, 1), (3_000, 2)]);
    }

    #[test]
    fn a_request_whose_key_is_throttled_is_skipped_for_a_while_and_stays() {
        let (mut queues, mut budget) = waiting(&["a", "b", "a", "c"], None);
        queues.pause(START, "a".into(), false);
        assert_eq!(sent(&mut queues, &mut budget), [(1_000, 1), (2_000, 3), (6_000, 0), (7_000, 2)]);
    }

    #[test]
    fn the_throttling_of_a_keys_writes_is_none_of_its_reads() {
        let (mut queues, mut budget) = waiting(&["a"], None);
        queues.pause(START, "a".into(), true);
        assert_eq!(sent(&mut queues, &mut budget), [(1_000, 0)]);
    }

    #[test]
    fn a_key_that_is_throttled_again_is_skipped_for_longer() {
        let (mut queues, mut budget) = waiting(&["a"], None);
        queues.pause(START, "a".into(), false);
        queues.pause(after(3_000), "a".into(), false);
        assert_eq!(sent(&mut queues, &mut budget), [(9_000, 0)]);
    }

    #[test]
    fn without_order_a_throttled_key_is_skipped_too() {
        let (mut queues, mut budget) = waiting(&["a", "b", "c"], Some(Seed(1).stream("test", 0)));
        queues.pause(START, "b".into(), false);
        let sent = sent(&mut queues, &mut budget);
        assert_eq!(sent.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1_000, 2_000, 6_000]);
        assert_eq!(sent[2].1, 1);
    }
}
