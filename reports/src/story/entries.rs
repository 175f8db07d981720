//! What is told of entries of memory stores: who writes them, who takes them away, and that their time passes.

use std::collections::BTreeMap;

use dupeproof_scenarios::excerpt::excerpt;
use dupeproof_sim::id::ServerId;
use dupeproof_sim::request::Payload;
use dupeproof_sim::{Global, Key};

use crate::format;
use crate::picture::memory::entry_name;
use crate::wording::job;

/// Characters of a value that are shown.
const LONGEST: usize = 60;

/// What memory stores keep.
#[derive(Default)]
pub(super) struct Entries(BTreeMap<Key, Kept>);

struct Kept {
    server: ServerId,
    value: Payload,
    written: Global,
    until: Global,
}

impl Entries {
    /// What has expired by now: when, and what is told of it; in order of time.
    pub(super) fn expired(&mut self, now: Global) -> Vec<(Global, String)> {
        let gone = self.0.extract_if(.., |_, kept| kept.until <= now);
        let told = gone.map(|(address, Kept { server, written, until, .. })| {
            let long = format::span(until.since(written).as_secs_f64());
            let name = entry_name(&address);
            (until, format!("{name} expires in the memory store: {} has not written it again for {long}", job(server)))
        });
        let mut told: Vec<_> = told.collect();
        told.sort_by_key(|(until, _)| *until);
        told
    }

    /// A write, which lasts until then, or a removal. One by the same server of the same value is not told.
    pub(super) fn changed(
        &mut self,
        at: Global,
        server: ServerId,
        address: &Key,
        new: Option<(&Payload, Global)>,
    ) -> Option<String> {
        let (job, name) = (job(server), entry_name(address));
        let Some((value, until)) = new else {
            let before = self.0.remove(address)?;
            let whose = written_by_another(server, &before);
            return Some(format!("the memory store removes {name} for {job}{whose}"));
        };
        let kept = Kept { server, value: value.clone(), written: at, until };
        let before = self.0.insert(address.clone(), kept);
        if before.as_ref().is_some_and(|before| before.server == server && before.value == *value) {
            return None;
        }
        let over = before.map_or_else(String::new, |before| written_by_another(server, &before));
        let value = excerpt(value, LONGEST);
        Some(format!("the memory store keeps {value} as {name} for {job}{over}, until {}", format::moment(until)))
    }
}

/// What is told of an entry that another server had written; nothing of one's own.
fn written_by_another(server: ServerId, before: &Kept) -> String {
    if before.server == server { String::new() } else { format!(", over what {} had written", job(before.server)) }
}
