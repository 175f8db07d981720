//! A queue: what is read stays, unseen by others, until it is removed or the reader's time is over.

use super::validate::size;
use crate::request::{Payload, ReadId};

/// Items in the order in which they are read.
#[derive(Default)]
pub(super) struct Queue(Vec<Item>);

struct Item {
    value: Payload,
    priority: f64,
    /// By the backend's clock, in Unix milliseconds.
    expires: i64,
    reading: Option<Reading>,
}

/// Who reads it.
struct Reading {
    id: ReadId,
    /// Until then nobody else does.
    until: i64,
}

impl Item {
    fn is_visible(&self, now: i64) -> bool {
        self.reading.as_ref().is_none_or(|reading| reading.until <= now)
    }
}

impl Queue {
    /// Lets go of what has expired by now; how many. Items expire in the hands of their readers, too.
    pub(super) fn expire(&mut self, now: i64) -> u32 {
        let before = self.0.len();
        self.0.retain(|item| item.expires > now);
        u32::try_from(before - self.0.len()).expect("items are few")
    }

    /// Bytes of all items.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|item| size(&item.value)).sum()
    }

    /// Behind all of the same or a higher priority.
    pub(super) fn add(&mut self, now: i64, value: Payload, expiration: i64, priority: f64) {
        let place = self.0.partition_point(|item| item.priority >= priority);
        let expires = now.saturating_add(expiration.saturating_mul(1_000));
        self.0.insert(place, Item { value, priority, expires, reading: None });
    }

    /// Reads up to `count` items; none, if there are fewer and it is to be all or nothing.
    pub(super) fn read(
        &mut self,
        now: i64,
        count: usize,
        all_or_nothing: bool,
        (id, invisibility): (ReadId, i64),
    ) -> Vec<Payload> {
        let until = now.saturating_add(invisibility.saturating_mul(1_000));
        if all_or_nothing && self.0.iter().filter(|item| item.is_visible(now)).count() < count {
            return Vec::new();
        }
        let visible = self.0.iter_mut().filter(|item| item.is_visible(now));
        let read = |item: &mut Item| {
            item.reading = Some(Reading { id, until });
            item.value.clone()
        };
        visible.take(count).map(read).collect()
    }

    /// Removes what was read, unless the reader's time is over; how many.
    pub(super) fn remove(&mut self, now: i64, id: ReadId) -> usize {
        let before = self.0.len();
        self.0.retain(|item| !item.reading.as_ref().is_some_and(|reading| reading.id == id && reading.until > now));
        before - self.0.len()
    }

    pub(super) fn size(&self, now: i64, exclude_invisible: bool) -> usize {
        self.0.iter().filter(|item| !exclude_invisible || item.is_visible(now)).count()
    }
}
