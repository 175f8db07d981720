//! What `GetAsync` remembers.

use std::sync::Arc;

use dupeproof_core::{Span, Stored};

use crate::clock::Global;
use crate::request::{Entry, Key, KeyInfo, Reading, RequestKind, Response};

/// How long (versioning-listing-and-caching).
const FRESH: Span = Span::secs(4);

/// A server's cache of values. Roblox keeps one for each store object, and gives the same object for the same store and
/// scope; keys here say their store and scope, so that one will do for all.
///
/// Filled by what a read found, and written through by what this server wrote; either starts the 4 s anew. A write that
/// failed, or seemed to, leaves what is there. Old versions and lists are never cached. That the read leg of an
/// `UpdateAsync` fills it too is inferred from its name in the page's table.
pub(super) struct Cache {
    /// Whether it keeps that there is no value.
    keeps_nil: bool,
    /// Few: what was touched in the last seconds.
    entries: Vec<Cached>,
}

struct Cached {
    key: Key,
    until: Global,
    reading: Reading,
}

impl Cache {
    pub(super) fn new(keeps_nil: bool) -> Cache {
        Cache { keeps_nil, entries: Vec::new() }
    }

    /// What it knows of a key.
    pub(super) fn get(&self, at: Global, key: &Key) -> Option<&Reading> {
        let cached = self.entries.iter().find(|cached| cached.key == *key)?;
        (at < cached.until).then_some(&cached.reading)
    }

    /// A request for a key was answered; `written` is what a set or a conditional write wrote.
    pub(super) fn note(
        &mut self,
        at: Global,
        key: Key,
        kind: RequestKind,
        written: Option<Stored>,
        response: &Response,
    ) {
        let entry = |value, info: KeyInfo| Reading { version: Some(info.version), entry: Some(Entry { value, info }) };
        let reading = match (response, written) {
            (Response::Value(reading), _) if kind == RequestKind::Get => reading.clone(),
            (Response::Committed(info), Some(value)) => entry(value, info.clone()),
            (Response::Incremented(sum, info), _) => entry(Stored::Other(Arc::new((*sum).into())), info.clone()),
            (Response::Removed(_), _) => Reading::default(),
            _ => return,
        };
        self.entries.retain(|cached| at < cached.until && cached.key != key);
        if reading.entry.is_some() || self.keeps_nil {
            self.entries.push(Cached { key, until: at + FRESH, reading });
        }
    }
}
