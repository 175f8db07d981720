//! What each request does to the keys, and what it is answered.

use std::sync::Arc;

use dupeproof_core::Stored;
use serde_json::json;

use super::DataStore;
use super::keyspace::{KeyQuery, integer};
use super::version_history::{New, VersionHistory, entry_of};
use crate::clock::Global;
use crate::id::{RequestId, ServerId};
use crate::request::{
    Answer, Attributes, Key, KeyInfo, Page, Reading, Request, Response, ServiceError, ToService, ValueType, Version,
    is_ordered,
};
use crate::trace::{Event, Trace};

/// Who context for a write, and when it comes about.
#[derive(Clone, Copy)]
struct WriteContext {
    at: Global,
    /// The same by the backend's clock, in Unix milliseconds.
    now: i64,
    server: ServerId,
    id: RequestId,
}

impl DataStore {
    pub(super) fn carry_out(
        &mut self,
        at: Global,
        server: ServerId,
        frame: ToService,
        trace: &mut Trace<'_>,
    ) -> Answer {
        let kilobytes = frame.kilobytes;
        let context = WriteContext { at, now: self.clock.unix_millis(at), server, id: frame.id };
        match frame.request {
            Request::Get { key, .. } => {
                let reading = self.keys.get(&key).map_or_else(Reading::default, |slot| slot.history.reading());
                Ok(Response::Value(reading))
            }
            Request::CompareAndSet { key, expected, .. } if self.newest(&key) != expected => {
                trace.record(at, &Event::Conflicted { server, id: frame.id, key });
                Ok(Response::Conflict)
            }
            Request::CompareAndSet { key, value, attributes, .. } | Request::Set { key, value, attributes } => {
                Ok(Response::Committed(self.write(context, key, New { value, attributes, kilobytes }, trace)))
            }
            Request::Increment { key, delta, attributes } => self.increment(context, key, delta, attributes, trace),
            Request::Remove { key } => Ok(self.remove(context, key, trace)),
            request => self.look_up(context.now, &request),
        }
    }

    /// What only reads, and is rare.
    fn look_up(&self, now: i64, request: &Request) -> Result<Response, ServiceError> {
        let history = |key: &Key| self.keys.get(key).map(|slot| &slot.history);
        match request {
            Request::ListVersions { key, query, page_size } => {
                let nothing = Page { items: Vec::new(), next: None };
                let page = history(key).map_or(nothing, |history| history.list(now, query, *page_size));
                Ok(Response::Versions(page))
            }
            Request::GetVersion { key, version } => {
                let found = history(key).and_then(|history| history.version(now, *version));
                let written = found.ok_or(ServiceError::InvalidVersion)?;
                Ok(Response::OldValue(entry_of(Some(written))))
            }
            Request::GetVersionAtTime { key, at } => {
                let nothing = VersionHistory::default();
                let history = history(key).unwrap_or(&nothing);
                Ok(Response::OldValue(entry_of(history.version_at(now, *at)?)))
            }
            Request::ListKeys { prefix, page_size, after, exclude_deleted } => {
                let (page_size, exclude_deleted) = (*page_size, *exclude_deleted);
                let query = KeyQuery { prefix, page_size, after: after.as_deref(), exclude_deleted };
                Ok(Response::Keys(self.keys.list(now, &query)))
            }
            Request::GetSorted { store, query } => Ok(Response::Sorted(self.keys.sorted(store, query))),
            Request::Get { .. }
            | Request::CompareAndSet { .. }
            | Request::Set { .. }
            | Request::Increment { .. }
            | Request::Remove { .. } => unreachable!("applied by the caller"),
            Request::Publish { .. }
            | Request::Subscribe { .. }
            | Request::Unsubscribe { .. }
            | Request::Memory { .. } => {
                unreachable!("the networks carry these to other services")
            }
        }
    }

    /// What a conditional write compares with.
    fn newest(&self, key: &str) -> Option<Version> {
        self.keys.get(key).and_then(|slot| slot.history.newest())
    }

    /// What is not given beside the value is cleared (class reference, `GlobalDataStore:SetAsync`).
    fn write(&mut self, context: WriteContext, key: Key, new: New, trace: &mut Trace<'_>) -> KeyInfo {
        let WriteContext { at, now, server, id } = context;
        let version = self.keys.next_version();
        let (after, keep_backups) = (Some(new.value.clone()), !is_ordered(&key));
        let (info, before) = self.keys.slot(&key).history.write(now, version, new, keep_backups);
        trace.record(at, &Event::Committed { server, id, key, version, before, after });
        info
    }

    /// Integers only (class reference, `GlobalDataStore:IncrementAsync`); with which error is not documented.
    fn increment(
        &mut self,
        context: WriteContext,
        key: Key,
        delta: i64,
        attributes: Option<Arc<Attributes>>,
        trace: &mut Trace<'_>,
    ) -> Result<Response, ServiceError> {
        let value = self.keys.get(&key).and_then(|slot| slot.history.value());
        let sum = value.map_or(Some(0), integer).and_then(|value| value.checked_add(delta));
        let sum = sum.ok_or(ServiceError::ValueNotAllowed(ValueType::Number))?;
        let value = Stored::Other(Arc::new(json!(sum)));
        let new = New { kilobytes: 1, value, attributes };
        let info = self.write(context, key, new, trace);
        Ok(Response::Incremented(sum, info))
    }

    /// A key without a value is left as it is.
    fn remove(&mut self, context: WriteContext, key: Key, trace: &mut Trace<'_>) -> Response {
        let WriteContext { at, now, server, id } = context;
        if self.keys.get(&key).and_then(|slot| slot.history.value()).is_none() {
            return Response::Removed(None);
        }
        let version = self.keys.next_version();
        let history = &mut self.keys.slot(&key).history;
        let entry = if is_ordered(&key) { history.delete(version) } else { history.remove(now, version) };
        let before = entry.as_ref().map(|entry| entry.value.clone());
        trace.record(at, &Event::Committed { server, id, key, version, before, after: None });
        Response::Removed(entry)
    }
}
