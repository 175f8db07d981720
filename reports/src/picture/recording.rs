//! A whole trace, in the form that pictures and stories read.

use std::collections::BTreeMap;

use dupeproof_core::Stored;
use dupeproof_sim::record_layout::{Lock, RecordLayout};
use dupeproof_sim::{Event, Global, Key, Observer, ServerId};
use serde_json::json;

/// Keeps a whole trace. Values of subjects that do not store ProfileStore's records are kept as records with the same
/// data and lock.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// What happened.
    pub events: Vec<(Global, Event)>,
    layout: RecordLayout,
    /// Which server each lock that says no JobId belongs to: the one that wrote it first.
    holders: BTreeMap<Key, (serde_json::Value, String)>,
}

impl Recording {
    /// Of a subject that stores things like this.
    pub fn new(layout: RecordLayout) -> Recording {
        Recording { layout, ..Recording::default() }
    }

    /// A stored value as a record, as `server` has written it.
    fn record(&mut self, server: ServerId, key: &Key, stored: &Stored) -> Stored {
        let data = self.layout.data(stored).cloned().unwrap_or_default();
        let mut record = json!({ "Data": data, "MetaData": {
            "ProfileCreateTime": 0, "SessionLoadCount": 1, "LastUpdate": 0, "MetaTags": [],
        } });
        if let Some(Lock::Mark(mark)) = self.layout.lock(stored) {
            let job_id = match self.holders.get(key) {
                Some((known, job_id)) if known == mark => job_id.clone(),
                _ => server.job_id(),
            };
            self.holders.insert(key.clone(), (mark.clone(), job_id.clone()));
            record["MetaData"]["ActiveSession"] = json!([1, job_id, mark]);
        }
        Stored::from_json(record)
    }
}

impl Observer for Recording {
    fn observe(&mut self, at: Global, event: &Event) {
        let mut event = event.clone();
        if let (RecordLayout::Paths { .. }, Event::Committed { server, key, before, after, .. }) =
            (&self.layout, &mut event)
        {
            *before = before.take().map(|value| self.record(*server, key, &value));
            *after = after.take().map(|value| self.record(*server, key, &value));
        }
        self.events.push((at, event));
    }
}

#[cfg(test)]
mod tests {
    use dupeproof_sim::{RequestId, Version};

    use super::*;

    #[test]
    fn a_record_with_a_layout_of_its_own_is_kept_as_one_that_is_known() {
        let layout = RecordLayout::Paths { data: vec!["data".into()], lock: Some(vec!["lockId".into()]) };
        let mut recording = Recording::new(layout);
        let value = |stamp: u64, lock: Option<&str>| {
            Some(Stored::from_json(json!({ "data": { "Stamp": stamp, "Items": [7] }, "lockId": lock })))
        };
        let mut commit = |slot, before: Option<Stored>, after: Option<Stored>| {
            let server = ServerId { slot, life: 0 };
            let (id, key, version) = (RequestId(1), Key::from("Player_0"), Version(1));
            recording.observe(Global(1), &Event::Committed { server, id, key, version, before, after });
            let Some((_, Event::Committed { after, .. })) = recording.events.last() else { panic!("it was kept") };
            let after = after.as_ref().expect("there is a value");
            let holder = after.active_session().map(|session| session.job_id.to_string());
            (after.data().map(|data| data["Stamp"].clone()), holder)
        };
        assert_eq!(commit(0, None, value(1, Some("a"))), (Some(json!(1)), Some("job-0-0".into())));
        assert_eq!(commit(1, value(1, Some("a")), value(2, Some("a"))).1, Some("job-0-0".into()), "it is still theirs");
        assert_eq!(commit(1, value(2, Some("a")), value(2, Some("b"))).1, Some("job-1-0".into()));
        assert_eq!(commit(1, value(2, Some("b")), value(3, None)), (Some(json!(3)), None));
    }
}
