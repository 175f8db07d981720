//! Who holds a lock: each taking of a lock is identified by the write that made it.
//!
//! What a lock says is for people, and for servers, which compare it with what they would write themselves. It does
//! not identify its holder: in Studio every JobId is empty, and a GUID names nobody. The trace does. One rule covers
//! all layouts: a write that changes the lock has taken it, and a write that leaves the lock as it is has not.

use crate::id::{RequestId, ServerId};
use dupeproof_core::Stored;

use crate::record_layout::RecordLayout;
use crate::request::Version;

/// One taking of a lock: the write that put the lock there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockTaking {
    /// The version that the write made. No two writes of a run make the same one.
    pub version: Version,
    /// The server that asked for the write.
    pub server: ServerId,
    /// The server's request.
    pub request: RequestId,
}

/// What a write does to the lock of the value that it replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockChange {
    /// The lock is the same, or there is none before and after.
    Kept,
    /// There is a lock that was not there before.
    Taken,
    /// There is no lock any more.
    Cleared,
}

impl LockChange {
    /// From one value of a key to the next; `None` where there is no value.
    pub fn between(layout: &RecordLayout, before: Option<&Stored>, after: Option<&Stored>) -> LockChange {
        let [held, holds] = [before, after].map(|value| value.and_then(|value| layout.lock(value)));
        match holds {
            _ if held == holds => LockChange::Kept,
            Some(_) => LockChange::Taken,
            None => LockChange::Cleared,
        }
    }
}

/// The lock of one key, over all writes to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyLock {
    taking: Option<LockTaking>,
}

impl KeyLock {
    /// The taking that holds the lock now.
    pub fn taking(&self) -> Option<LockTaking> {
        self.taking
    }

    /// The next write to the key was applied; `write` is the taking that it is if it changes the lock.
    pub fn observe(
        &mut self,
        layout: &RecordLayout,
        write: LockTaking,
        before: Option<&Stored>,
        after: Option<&Stored>,
    ) -> LockChange {
        let change = LockChange::between(layout, before, after);
        match change {
            LockChange::Kept => {}
            LockChange::Taken => self.taking = Some(write),
            LockChange::Cleared => self.taking = None,
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    /// Applies writes of these servers, each with the lock that it leaves, and says whose taking holds at the end, as
    /// the position of its write.
    fn holder(value: impl Fn(&Json) -> Json, writes: &[(u16, Json)]) -> Option<usize> {
        let mark = RecordLayout::Paths { data: vec!["data".into()], lock: Some(vec!["lock".into()]) };
        let (mut lock, mut stored) = (KeyLock::default(), None);
        for (position, (slot, text)) in writes.iter().enumerate() {
            let after = Some(Stored::from_json(value(text)));
            let layout = if matches!(after, Some(Stored::Record(_))) { &RecordLayout::Record } else { &mark };
            let server = ServerId { slot: *slot, life: 0 };
            let write = LockTaking { version: Version(position as u64), server, request: RequestId(7) };
            lock.observe(layout, write, stored.as_ref(), after.as_ref());
            stored = after;
        }
        lock.taking().map(|taking| {
            let position = usize::try_from(taking.version.0).expect("a few writes");
            assert_eq!(taking.server.slot, writes[position].0);
            position
        })
    }

    fn mark(lock: &Json) -> Json {
        json!({ "data": 1, "lock": lock })
    }

    /// By load count; every JobId is empty.
    fn studio(load_count: &Json) -> Json {
        let meta = json!({ "ProfileCreateTime": 1, "SessionLoadCount": load_count, "ActiveSession": [1, "", "guid"] });
        json!({ "Data": {}, "MetaData": meta, "GlobalUpdates": [0, []] })
    }

    #[test]
    fn a_write_that_leaves_the_lock_as_it_is_has_not_taken_it() {
        assert_eq!(holder(mark, &[(0, json!("a")), (1, json!("a")), (1, json!("a"))]), Some(0));
        assert_eq!(holder(studio, &[(0, json!(3)), (1, json!(3))]), Some(0));
    }

    #[test]
    fn a_lock_that_is_written_again_with_another_time_is_still_its_holders() {
        let guid = |first: &str| format!("{first}-E43A-43BC-A1BD-B2939566968A");
        let of = |session: &str, time: u32| json!({ "Session": session, "Time": time });
        let [one, other] = ["5B35325C", "0E3F7614"].map(guid);
        // By the holder, and by somebody who waits for it.
        assert_eq!(holder(mark, &[(0, of(&one, 10)), (0, of(&one, 14)), (1, of(&one, 18))]), Some(0));
        assert_eq!(holder(mark, &[(0, of(&one, 10)), (1, of(&other, 14))]), Some(1));
        assert_eq!(holder(mark, &[(0, json!(["job-0-0", 10])), (0, json!(["job-0-0", 14]))]), Some(0));
        assert_eq!(holder(mark, &[(0, json!(["job-0-0", 10])), (1, json!(["job-1-0", 10]))]), Some(1));
        // Who waits for it leaves its name, too, and does not have it.
        let wanted = |session: &str, by: &str| json!({ "Session": session, "wanted": by });
        let marks = [(0, of(&one, 10)), (1, wanted(&one, "job-1-0")), (2, wanted(&one, "job-2-0"))];
        assert_eq!(holder(mark, &marks), Some(0));
        assert_eq!(holder(mark, &[(0, wanted(&one, "job-1-0")), (1, wanted(&other, "job-1-0"))]), Some(1));
        // Nothing else is known to be a name: one that is equal may be of somebody else.
        assert_eq!(holder(mark, &[(0, of("locked", 10)), (1, of("locked", 14))]), Some(1));
    }

    #[test]
    fn a_lock_is_taken_by_the_write_that_changes_it() {
        assert_eq!(holder(mark, &[(0, json!("a")), (1, json!("b")), (1, json!("b"))]), Some(1));
        assert_eq!(holder(mark, &[(0, json!("a")), (0, json!("b"))]), Some(1), "also by its own server");
        assert_eq!(holder(mark, &[(0, json!("a")), (1, json!(null)), (0, json!("a"))]), Some(2), "also anew");
    }

    #[test]
    fn a_record_whose_loads_were_counted_on_was_taken_though_its_names_are_the_same() {
        assert_eq!(holder(studio, &[(0, json!(3)), (1, json!(4)), (0, json!(4))]), Some(1));
    }

    #[test]
    fn a_lock_that_was_cleared_is_nobodys() {
        assert_eq!(holder(mark, &[(0, json!("a")), (1, json!(false))]), None);
        assert_eq!(holder(mark, &[]), None);
    }
}
