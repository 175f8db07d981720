//! A queue: what is read stays, unseen by others, until it is removed or the reader's time is over.

use super::validate::size;
use crate::request::{Payload, ReadId};

/// Items in the order in which they are read.
#[derive(Default)]
pub(super) struct Queue(Vec<QueueItem>);

struct QueueItem {
    value: Payload,
    priority: f64,
    /// By the backend's clock, in Unix milliseconds.
    expires: i64,
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
        self.0.insert(place, QueueItem { value, priority, expires, reader: None });
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
        let read = |item: &mut QueueItem| {
            item.reader = Some(Reader { id, until });
            item.value.clone()
        };
        visible.take(count).map(read).collect()
    }

    /// Removes what was read, unless the reader's time is over; how many.
    pub(super) fn remove(&mut self, now: i64, id: ReadId) -> usize {
        let before = self.0.len();
        self.0.retain(|item| !item.reader.as_ref().is_some_and(|reader| reader.id == id && reader.until > now));
        before - self.0.len()
    }

    pub(super) fn size(&self, now: i64, exclude_invisible: bool) -> usize {
        self.0.iter().filter(|item| !exclude_invisible || item.is_visible(now)).count()
    }
}
