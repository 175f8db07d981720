//! What each call does to the structures, and what it is answered.

use dupeproof_core::Span;

use super::{MemoryRequest, MemoryResult, MemoryStore, Name, parts};
use crate::clock::Global;
use crate::request::{
    Key, MemoryAddress, MemoryAnswer, MemoryCall, MemoryError, MemoryValue, Payload, ReadId, Structure, Version,
};
use crate::trace::{Event, Trace};

impl MemoryStore {
    pub(super) fn carry_out(&mut self, at: Global, request: MemoryRequest<'_>, trace: &mut Trace<'_>) -> MemoryResult {
        let now = self.clock.unix_millis(at);
        let (name, key) = parts(request.address);
        self.expire(at, now, &name, trace);
        match name.0 {
            Structure::Queue => self.apply_to_queue(at, now, name, request, trace),
            Structure::HashMap | Structure::SortedMap => self.apply_to_map(at, now, name, (key, request), trace),
        }
    }

    /// What nobody asks for can wait: nobody sees whether it is still there.
    fn expire(&mut self, at: Global, now: i64, name: &Name, trace: &mut Trace<'_>) {
        let of_map = self.maps.get_mut(name).map_or(0, |map| map.expire(now));
        let items = of_map + self.queues.get_mut(name).map_or(0, |queue| queue.expire(now));
        if items > 0 {
            let address = MemoryAddress::new(name.0, &name.1, "").to_key();
            trace.record(at, &Event::MemoryExpired { address, items });
        }
    }

    fn apply_to_map(
        &mut self,
        at: Global,
        now: i64,
        name: Name,
        (key, request): (Key, MemoryRequest<'_>),
        trace: &mut Trace<'_>,
    ) -> MemoryResult {
        let map = self.maps.entry(name.clone()).or_default();
        match request.call {
            MemoryCall::Get => Ok(MemoryAnswer::Item(map.get(&key))),
            MemoryCall::CompareAndSet { expected, .. } if map.version(&key) != *expected => {
                let (server, id, address) = (request.server, request.id, request.address.clone());
                trace.record(at, &Event::MemoryConflicted { server, id, address });
                Ok(MemoryAnswer::Conflict)
            }
            MemoryCall::Set(new) | MemoryCall::CompareAndSet { new, .. } => {
                let growth = map.growth(&key, new);
                self.make_room(now, growth)?;
                self.set(now, name, key, new);
                changed(at, request, Some((&new.value, new.expiration)), trace);
                Ok(MemoryAnswer::Done)
            }
            MemoryCall::Remove => {
                if map.remove(&key) {
                    changed(at, request, None, trace);
                }
                Ok(MemoryAnswer::Done)
            }
            MemoryCall::Range(query) => {
                let page = map.range(query);
                // The first unit is paid; an empty answer costs one, too.
                self.quota.count(at, page.items.len().saturating_sub(1));
                Ok(MemoryAnswer::Items(page))
            }
            MemoryCall::List { count, after } => {
                let page = map.list(usize::try_from(*count).unwrap_or(0), after.as_ref());
                // One partition is scanned (how many there are is not documented).
                self.quota.count(at, page.items.len());
                Ok(MemoryAnswer::Items(page))
            }
            MemoryCall::Size { .. } => Ok(size(map.size())),
            MemoryCall::Add { .. } | MemoryCall::Read { .. } | MemoryCall::RemoveRead { .. } => {
                unreachable!("scripts can ask this of queues only")
            }
        }
    }

    fn apply_to_queue(
        &mut self,
        at: Global,
        now: i64,
        name: Name,
        request: MemoryRequest<'_>,
        trace: &mut Trace<'_>,
    ) -> MemoryResult {
        let number = self.next_number();
        match request.call {
            MemoryCall::Add { value, expiration, priority } => {
                self.make_room(now, super::validate::size(value))?;
                let queue = self.queues.entry(name).or_default();
                queue.add(now, value.clone(), *expiration, *priority);
                changed(at, request, Some((value, *expiration)), trace);
                Ok(MemoryAnswer::Done)
            }
            MemoryCall::Read { count, all_or_nothing, invisibility } => {
                let (id, count) = (ReadId(number), usize::try_from(*count).unwrap_or(0));
                let queue = self.queues.entry(name).or_default();
                let values = queue.read(now, count, *all_or_nothing, (id, *invisibility));
                self.quota.count(at, values.len().saturating_sub(1));
                Ok(MemoryAnswer::Read((!values.is_empty()).then_some((id, values))))
            }
            MemoryCall::RemoveRead { id } => {
                if self.queues.entry(name).or_default().remove(now, *id) > 0 {
                    changed(at, request, None, trace);
                }
                Ok(MemoryAnswer::Done)
            }
            MemoryCall::Size { exclude_invisible } => {
                Ok(size(self.queues.entry(name).or_default().size(now, *exclude_invisible)))
            }
            MemoryCall::Get
            | MemoryCall::Set(_)
            | MemoryCall::CompareAndSet { .. }
            | MemoryCall::Remove
            | MemoryCall::Range(_)
            | MemoryCall::List { .. } => unreachable!("scripts can ask this of maps only"),
        }
    }

    fn set(&mut self, now: i64, name: Name, key: Key, new: &MemoryValue) {
        let version = Version(self.next_number());
        self.maps.entry(name).or_default().set(now, key, version, new);
    }

    /// Once the quota is used up, what would need more memory fails, and nothing else does (memory stores guide).
    fn make_room(&mut self, now: i64, growth: usize) -> Result<(), MemoryError> {
        if growth == 0 || self.quota.has_room_for(self.bytes() + growth) {
            return Ok(());
        }
        // Other structures may hold what has expired since anybody request for them.
        for map in self.maps.values_mut() {
            map.expire(now);
        }
        for queue in self.queues.values_mut() {
            queue.expire(now);
        }
        if self.quota.has_room_for(self.bytes() + growth) { Ok(()) } else { Err(MemoryError::Memory) }
    }

    fn bytes(&self) -> usize {
        let maps = self.maps.values().map(|map| map.bytes());
        maps.chain(self.queues.values().map(|queue| queue.bytes())).sum()
    }
}

/// An item has a new value, for so many seconds, or is gone.
fn changed(at: Global, request: MemoryRequest<'_>, new: Option<(&Payload, i64)>, trace: &mut Trace<'_>) {
    let (server, id, address) = (request.server, request.id, request.address.clone());
    let (value, until) = new.map(|(value, seconds)| (value.clone(), at + Span::secs(seconds.unsigned_abs()))).unzip();
    trace.record(at, &Event::MemoryChanged { server, id, address, value, until });
}

fn size(items: usize) -> MemoryAnswer {
    MemoryAnswer::Size(u32::try_from(items).expect("items are few"))
}
