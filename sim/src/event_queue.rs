//! What is due when, first come first served within one moment.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::clock::Global;

/// Items in order of time; items of one moment come in the order in which they were put in.
pub(crate) struct EventQueue<T> {
    heap: BinaryHeap<TimedItem<T>>,
    pushed: u64,
}

impl<T> EventQueue<T> {
    /// Nothing due.
    pub(crate) fn new() -> EventQueue<T> {
        EventQueue { heap: BinaryHeap::new(), pushed: 0 }
    }

    /// Puts an item in.
    pub(crate) fn push(&mut self, due: Global, item: T) {
        self.pushed += 1;
        self.heap.push(TimedItem { due, number: self.pushed, item });
    }

    /// When the first item is due.
    pub(crate) fn next_due(&self) -> Option<Global> {
        self.heap.peek().map(|timed| timed.due)
    }

    /// The first item, if it is due at `at`.
    pub(crate) fn pop_due(&mut self, at: Global) -> Option<T> {
        if self.heap.peek()?.due > at {
            return None;
        }
        self.heap.pop().map(|timed| timed.item)
    }
}

/// The earlier of two moments, where there may be none.
pub(crate) fn earlier(one: Option<Global>, other: Option<Global>) -> Option<Global> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, None) => one,
        (None, other) => other,
    }
}

struct TimedItem<T> {
    due: Global,
    number: u64,
    item: T,
}

impl<T> Ord for TimedItem<T> {
    /// Reversed: the heap's greatest is the first due.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.number).cmp(&(self.due, self.number))
    }
}

impl<T> PartialOrd for TimedItem<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for TimedItem<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for TimedItem<T> {}
