//! A queue: what is read stays, unseen by others, until it is removed or the reader's time is over.

use super::validate::size;
use crate::request::{Payload, ReadId};

/// Items in the order in which they are read.
#[derive(Default)]
pub(super) struct Queue {
    items: Vec<QueueItem>,
    /// Of all items.
    bytes: usize,
    /// When the first of them expires, or earlier.
    expires: Option<i64>,
}

struct QueueItem {
    value: Payload,
    priority: f64,
    /// By the backend's clock, in Unix milliseconds.
    expires: i64,
    bytes: usize,
    reader: Option<Reader>,
}

/// Who reads it.
struct Reader {
    id: ReadId,
    /// Until then nobody else does.
    until: i64,
}

impl QueueItem {
    fn is_visible(&self, now: i64) -> bool {
        self.reader.as_ref().is_none_or(|reader| reader.until <= now)
    }
}

impl Queue {
    /// Lets go of what has expired by now; how many. Items expire in the hands of their readers, too.
    pub(super) fn expire(&mut self, now: i64) -> u32 {
        if self.expires.is_none_or(|first| first > now) {
            return 0;
        }
        let gone = self.retain(|item| item.expires > now);
        self.expires = self.items.iter().map(|item| item.expires).min();
        u32::try_from(gone).expect("items are few")
    }

    /// Lets go of all others; how many.
    fn retain(&mut self, keep: impl Fn(&QueueItem) -> bool) -> usize {
        let before = self.items.len();
        self.items.retain(keep);
        self.bytes = self.items.iter().map(|item| item.bytes).sum();
        before - self.items.len()
    }

    /// Bytes of all items.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Behind all of the same or a higher priority.
    pub(super) fn add(&mut self, now: i64, value: Payload, expiration: i64, priority: f64) {
        let place = self.items.partition_point(|item| item.priority >= priority);
        let expires = now.saturating_add(expiration.saturating_mul(1_000));
        let bytes = size(&value);
        self.items.insert(place, QueueItem { value, priority, expires, bytes, reader: None });
        self.bytes += bytes;
        self.expires = Some(self.expires.map_or(expires, |first| first.min(expires)));
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
        if all_or_nothing && self.items.iter().filter(|item| item.is_visible(now)).count() < count {
            return Vec::new();
        }
        let visible = self.items.iter_mut().filter(|item| item.is_visible(now));
        let read = |item: &mut QueueItem| {
            item.reader = Some(Reader { id, until });
            item.value.clone()
        };
        visible.take(count).map(read).collect()
    }

    /// Removes what was read, unless the reader's time is over; how many.
    pub(super) fn remove(&mut self, now: i64, id: ReadId) -> usize {
        self.retain(|item| !item.reader.as_ref().is_some_and(|reader| reader.id == id && reader.until > now))
    }

    pub(super) fn size(&self, now: i64, exclude_invisible: bool) -> usize {
        self.items.iter().filter(|item| !exclude_invisible || item.is_visible(now)).count()
    }
}
