//! Where things stand in what a subject stores.

use std::collections::BTreeMap;

use crate::id::ServerId;
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

/// What a value says of its lock, as far as servers compare it with their own. Two are equal if they are of one holder.
#[derive(Clone, Copy, Debug)]
pub enum Lock<'a> {
    /// Of a session of ProfileStore's, ProfileService's or the core's: all of them hold a lock only while both are as
    /// they have written them. Every start counts on, so that two starts are told apart where the tag is the same, as
    /// in Studio.
    Session {
        /// `ActiveSession`.
        tag: &'a SessionTag,
        /// `SessionLoadCount`.
        load_count: u64,
    },
    /// Of whoever wrote this mark. In a table, what names the holder are its GUIDs and JobIds, if it has any, but for those of
    /// who asks for it: a time beside them moves whenever the lock is renewed, also by somebody else.
    Mark(&'a Json),
}

impl PartialEq for Lock<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Lock::Session { tag, load_count }, Lock::Session { tag: other, load_count: count }) => {
                (tag, load_count) == (other, count)
            }
            (Lock::Mark(mark), Lock::Mark(other)) => {
                mark == other || names_of(mark).is_some_and(|names| Some(names) == names_of(other))
            }
            _ => false,
        }
    }
}

/// What names the holder in a mark that is a table, and where; `None` if nothing does, or it is none.
fn names_of(mark: &Json) -> Option<BTreeMap<String, &str>> {
    let mut names = BTreeMap::new();
    match mark {
        Json::Object(_) | Json::Array(_) => collect_names(String::new(), mark, &mut names),
        _ => {}
    }
    (!names.is_empty()).then_some(names)
}

fn collect_names<'a>(path: String, json: &'a Json, to: &mut BTreeMap<String, &'a str>) {
    /// Fields that are of who asks for a lock, not of who has it, have one of these in their names.
    const OF_WAITERS: [&str; 8] = ["want", "wait", "request", "ask", "next", "pending", "force", "queue"];
    match json {
        Json::Object(fields) => {
            let of_holder = |name: &str| !OF_WAITERS.iter().any(|word| name.to_lowercase().contains(word));
            for (name, field) in fields.iter().filter(|(name, _)| of_holder(name)) {
                collect_names(format!("{path}.{name}"), field, to);
            }
        }
        Json::Array(list) => {
            list.iter().enumerate().for_each(|(place, entry)| collect_names(format!("{path}.{place}"), entry, to));
        }
        Json::String(text) if is_guid(text) || ServerId::is_job_id(text) => drop(to.insert(path, text)),
        _ => {}
    }
}

/// As `HttpService:GenerateGUID` makes them, with or without braces.
fn is_guid(text: &str) -> bool {
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|letter| letter.is_ascii_hexdigit()))
}

impl RecordLayout {
    /// The game's data.
    pub fn data<'a>(&self, stored: &'a Stored) -> Option<&'a Json> {
        match (self, stored) {
            (RecordLayout::Paths { data, .. }, Stored::Other(json)) => at(json, data),
            _ => stored.data(),
        }
    }

    /// The names that lead to the game's data; none if it is the whole value, or a record of ProfileStore's.
    pub fn data_path(&self) -> Vec<String> {
        match self {
            RecordLayout::Record => Vec::new(),
            RecordLayout::Paths { data, .. } => data.clone(),
        }
    }

    /// Whether a value can have a lock.
    pub fn has_lock(&self) -> bool {
        !matches!(self, RecordLayout::Paths { lock: None, .. })
    }

    /// The lock.
    pub fn lock<'a>(&self, stored: &'a Stored) -> Option<Lock<'a>> {
        match (self, stored) {
            (RecordLayout::Paths { lock, .. }, Stored::Other(json)) => {
                let mark = at(json, lock.as_deref()?)?;
                (!matches!(mark, Json::Null | Json::Bool(false))).then_some(Lock::Mark(mark))
            }
            _ => session_lock(stored),
        }
    }
}

impl Lock<'_> {
    /// What says who holds it, as text: the same for two that are equal.
    pub fn holder(self) -> String {
        match self {
            Lock::Session { tag, load_count } => format!("{tag:?} {load_count}"),
            Lock::Mark(mark) => match (names_of(mark), mark.as_str()) {
                (Some(names), _) => names.into_values().collect::<Vec<_>>().join(" "),
                (None, Some(text)) => text.to_owned(),
                (None, None) => mark.to_string(),
            },
        }
    }

    /// Whether it says the JobId of this server, so that every other server can see that the lock is not its own.
    pub fn names(self, server: ServerId) -> bool {
        let job_id = match self {
            Lock::Session { tag, .. } => Some(&*tag.job_id),
            Lock::Mark(mark) => mark.as_str(),
        };
        job_id.is_some_and(|job_id| job_id == server.job_id())
    }
}

fn session_lock(stored: &Stored) -> Option<Lock<'_>> {
    let Stored::Record(record) = stored else { return None };
    let meta = &record.profile.as_ref()?.meta;
    let tag = meta.active_session.as_ref()?;
    Some(Lock::Session { tag, load_count: meta.session_load_count })
}

/// What stands at a path of names. In a list, a name that is a number is a place, from one.
pub fn at<'a>(json: &'a Json, path: &[String]) -> Option<&'a Json> {
    path.iter().try_fold(json, |json, name| match json {
        Json::Array(list) => list.get(name.parse::<usize>().ok()?.checked_sub(1)?),
        json => json.get(name),
    })
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
    fn a_path_leads_through_tables_and_lists() {
        let data = json!({ "Slots": [{ "Bag": 1 }, { "Bag": 2 }], "1": "one" });
        let find = |names: &[&str]| super::at(&data, &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(find(&["Slots", "2", "Bag"]), Some(&json!(2)));
        assert_eq!(find(&["1"]), Some(&json!("one")));
        assert_eq!((find(&["Slots", "0"]), find(&["Slots", "Bag"]), find(&["Bag"])), (None, None, None));
    }

    #[test]
    fn a_lock_that_is_absent_or_false_is_none() {
        for free in [json!({ "data": 1 }), json!({ "lockId": null }), json!({ "lockId": false })] {
            assert_eq!(paths().lock(&Stored::from_json(free)), None);
        }
    }
}
