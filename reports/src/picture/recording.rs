//! A whole trace, in the form that pictures and stories read.

use dupeproof_core::Stored;
use dupeproof_sim::record_layout::{Lock, RecordLayout};
use dupeproof_sim::{Event, Global, Observer, Reading, Subject};
use serde_json::json;

/// Keeps a whole trace. Values of subjects that do not store ProfileStore's records are kept as records with the same
/// data and the same lock. The lock names no server: whose it is follows from the write that took it.
#[derive(Default)]
pub struct Recording {
    /// What happened, by the names of the built-in subjects.
    pub events: Vec<(Global, Event)>,
    layout: RecordLayout,
    reading: Reading,
}

impl Recording {
    /// Of a run of this subject.
    pub fn of(subject: &dyn Subject) -> Recording {
        Recording { reading: Reading::of(subject), ..Recording::new(subject.layout()) }
    }

    /// Of a subject that stores things like this, under the keys of the built-in subjects.
    pub fn new(layout: RecordLayout) -> Recording {
        Recording { layout, ..Recording::default() }
    }

    /// A stored value as a record.
    fn record(&self, stored: &Stored) -> Stored {
        let data = self.layout.data(stored).cloned().unwrap_or_default();
        let mut record = json!({ "Data": data, "MetaData": {
            "ProfileCreateTime": 0, "SessionLoadCount": 1, "LastUpdate": 0, "MetaTags": [],
        } });
        if let Some(lock @ Lock::Mark(_)) = self.layout.lock(stored) {
            record["MetaData"]["ActiveSession"] = json!([1, "", lock.holder()]);
        }
        Stored::from_json(record)
    }
}

impl Observer for Recording {
    fn observe(&mut self, at: Global, event: &Event) {
        let mut event = self.reading.read(event).into_owned();
        match (&self.layout, &mut event) {
            (RecordLayout::Paths { .. }, Event::Committed { before, after, .. }) => {
                *before = before.take().map(|value| self.record(&value));
                *after = after.take().map(|value| self.record(&value));
            }
            (RecordLayout::Paths { .. }, Event::Ended { store }) => {
                *store = store.iter().map(|(key, value)| (key.clone(), self.record(value))).collect();
            }
            _ => {}
        }
        self.events.push((at, event));
    }

    fn reads_calls(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use dupeproof_core::SessionTag;
    use dupeproof_sim::id::{RequestId, ServerId};
    use dupeproof_sim::{Key, Version};

    use super::*;

    #[test]
    fn a_record_with_a_layout_of_its_own_is_kept_as_one_that_is_known() {
        let layout = RecordLayout::Paths { data: vec!["data".into()], lock: Some(vec!["lockId".into()]) };
        let mut recording = Recording::new(layout);
        let mut kept = |lock: serde_json::Value| {
            let value = json!({ "data": { "Stamp": 3, "Items": [7] }, "lockId": lock });
            let (server, key) = (ServerId { slot: 0, life: 0 }, Key::from("Player_0"));
            let (id, version, after) = (RequestId(1), Version(1), Some(Stored::from_json(value)));
            recording.observe(Global(1), &Event::Committed { server, id, key, version, before: None, after });
            let Some((_, Event::Committed { after: Some(after), .. })) = recording.events.last() else {
                panic!("it was kept")
            };
            assert_eq!(after.data().map(|data| &data["Stamp"]), Some(&json!(3)));
            after.active_session().cloned()
        };
        let tag = |text: &str| Some(SessionTag { place_id: 1, job_id: "".into(), guid: Some(text.into()) });
        assert_eq!(kept(json!("a")), tag("a"));
        assert_eq!((kept(json!(17)), kept(json!(18))), (tag("17"), tag("18")), "locks that differ stay different");
        assert_eq!(kept(json!(null)), None);
        let store = vec![("Player_0".into(), Stored::from_json(json!({ "data": { "Items": [7] } })))];
        recording.observe(Global(2), &Event::Ended { store: store.into_iter().collect() });
        let Some((_, Event::Ended { store })) = recording.events.last() else { panic!("it was kept") };
        assert_eq!(store[0].1.data().map(|data| &data["Items"]), Some(&json!([7])), "what is stored in the end, too");
    }
}
