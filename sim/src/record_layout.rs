//! Where things stand in what a subject stores.

use dupeproof_core::{SessionTag, Stored};
use serde_json::Value as Json;

/// Where the game's data and the lock stand in a stored value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RecordLayout {
    /// ProfileStore's record; of any other value, all is data, and nothing is a lock.
    #[default]
    Record,
    /// By the names of tables, from the outside in.
    Paths {
        /// To the data; empty: the whole value.
        data: Vec<String>,
        /// To what says whose lock it is, if there is a lock. Anything but nil and false is a lock.
        lock: Option<Vec<String>>,
    },
}

/// Whose lock it is, as the value says it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lock<'a> {
    /// Of a session of ProfileStore's.
    Session(&'a SessionTag),
    /// Of whoever wrote this mark.
    Mark(&'a Json),
}

impl RecordLayout {
    /// The game's data.
    pub fn data<'a>(&self, stored: &'a Stored) -> Option<&'a Json> {
        match (self, stored) {
            (RecordLayout::Paths { data, .. }, Stored::Other(json)) => at(json, data),
            _ => stored.data(),
        }
    }

    /// The lock.
    pub fn lock<'a>(&self, stored: &'a Stored) -> Option<Lock<'a>> {
        match (self, stored) {
            (RecordLayout::Paths { lock, .. }, Stored::Other(json)) => {
                let mark = at(json, lock.as_deref()?)?;
                (!matches!(mark, Json::Null | Json::Bool(false))).then_some(Lock::Mark(mark))
            }
            _ => stored.active_session().map(Lock::Session),
        }
    }
}

impl<'a> Lock<'a> {
    /// The JobId of its server, if the lock may say one. Where a mark is none, servers take locks for themselves only.
    pub fn job_id(self) -> Option<&'a str> {
        match self {
            Lock::Session(session) => Some(&session.job_id),
            Lock::Mark(mark) => mark.as_str(),
        }
    }
}

fn at<'a>(json: &'a Json, path: &[String]) -> Option<&'a Json> {
    path.iter().try_fold(json, |json, name| json.get(name))
}

#[cfg(test)]
mod tests {
    use dupeproof_core::Stored;
    use serde_json::json;

    use super::{Lock, RecordLayout};

    fn paths() -> RecordLayout {
        RecordLayout::Paths { data: vec!["data".into()], lock: Some(vec!["lockId".into()]) }
    }

    #[test]
    fn data_and_lock_are_where_the_layout_says() {
        let value = Stored::from_json(json!({ "data": { "Items": [1] }, "lockId": "a" }));
        assert_eq!(paths().data(&value), Some(&json!({ "Items": [1] })));
        assert_eq!(paths().lock(&value), Some(Lock::Mark(&json!("a"))));
        assert_eq!((RecordLayout::Record.data(&value).is_some(), RecordLayout::Record.lock(&value)), (true, None));
    }

    #[test]
    fn a_lock_that_is_absent_or_false_is_none() {
        for free in [json!({ "data": 1 }), json!({ "lockId": null }), json!({ "lockId": false })] {
            assert_eq!(paths().lock(&Stored::from_json(free)), None);
        }
    }
}
