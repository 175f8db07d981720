//! What a game server asks of MemoryStoreService, and what that answers.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Key, Page, Payload, RequestKind, Version};

/// Where an item of a memory store stands, or a whole structure (then without a key). Names are shared by the whole
/// experience (memory stores guide).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemoryAddress {
    /// What kind of structure.
    pub structure: Structure,
    /// Its name.
    pub name: Arc<str>,
    /// The key.
    pub key: Arc<str>,
}

/// A kind of structure; each has names of its own (not documented).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structure {
    /// `MemoryStoreHashMap`.
    HashMap,
    /// `MemoryStoreSortedMap`.
    SortedMap,
    /// `MemoryStoreQueue`.
    Queue,
}

impl Structure {
    const ALL: [(Structure, &'static str); 3] =
        [(Structure::HashMap, "hash"), (Structure::SortedMap, "sorted"), (Structure::Queue, "queue")];
}

impl MemoryAddress {
    /// A place in a structure; an empty key for the structure itself.
    pub fn new(structure: Structure, name: &str, key: &str) -> MemoryAddress {
        MemoryAddress { structure, name: name.into(), key: key.into() }
    }

    /// Written out: `hash:Name/key`. `/` and `%` within the name are written `%2F` and `%25`. No address of a data store
    /// looks like this: there, `:` is escaped.
    pub fn to_key(&self) -> Key {
        self.to_string().into()
    }

    /// Reads one; `None` for the address of something else.
    pub fn parse(address: &str) -> Option<MemoryAddress> {
        let (prefix, rest) = address.split_once(':')?;
        let (structure, _) = Structure::ALL.into_iter().find(|(_, known)| *known == prefix)?;
        let (name, key) = rest.split_once('/')?;
        let name = name.replace("%2F", "/").replace("%25", "%").into();
        Some(MemoryAddress { structure, name, key: key.into() })
    }
}

impl fmt::Display for MemoryAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = Structure::ALL.into_iter().find(|(kind, _)| *kind == self.structure).map_or("", |(_, name)| name);
        write!(formatter, "{prefix}:{}/{}", self.name.replace('%', "%25").replace('/', "%2F"), self.key)
    }
}

/// One call, or one leg of it: `UpdateAsync` is a loop over `Get` and `CompareAndSet`, and `ReadAsync` one over `Read`,
/// in the guest's client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryCall {
    /// `GetAsync` of either map, and the read leg of `UpdateAsync`.
    Get,
    /// `SetAsync` of either map.
    Set(MemoryValue),
    /// The write leg of `UpdateAsync`: applied only if the item is still the one that was read.
    CompareAndSet {
        /// What was read; `None`: nothing.
        expected: Option<Version>,
        /// The new value.
        new: MemoryValue,
    },
    /// `RemoveAsync` of either map.
    Remove,
    /// `GetRangeAsync` of a sorted map.
    Range(RangeQuery),
    /// `ListItemsAsync` of a hash map, and `AdvanceToNextPageAsync` of its pages.
    List {
        /// Items a page, 1 to 200.
        count: i64,
        /// The page after this key.
        after: Option<Key>,
    },
    /// `GetSizeAsync` of a sorted map or a queue.
    Size {
        /// Leave out what somebody is at work on; of queues only.
        exclude_invisible: bool,
    },
    /// `AddAsync` of a queue.
    Add {
        /// The value of the new item.
        value: Payload,
        /// Seconds until it is gone.
        expiration: i64,
        /// Higher ones come first.
        priority: f64,
    },
    /// One attempt of a queue's `ReadAsync`.
    Read {
        /// How many items, 1 to 100.
        count: i64,
        /// None, if there are fewer.
        all_or_nothing: bool,
        /// Seconds for which nobody else reads them.
        invisibility: i64,
    },
    /// `RemoveAsync` of a queue.
    RemoveRead {
        /// As the reading answered.
        id: ReadId,
    },
}

/// What a write to a map says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemoryValue {
    /// The value.
    pub value: Payload,
    /// Seconds until it is gone.
    pub expiration: i64,
    /// Of sorted maps only.
    pub sort_key: Option<SortKey>,
}

/// What stands before the key in the order of a sorted map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortKey {
    /// These come first.
    Number(f64),
    /// Then these, and then what has no sort key (memory stores guide, sorted maps).
    Text(Arc<str>),
}

impl SortKey {
    /// In ascending order; `None` comes last.
    pub fn order(one: Option<&SortKey>, other: Option<&SortKey>) -> Ordering {
        match (one, other) {
            (Some(SortKey::Number(one)), Some(SortKey::Number(other))) => one.total_cmp(other),
            (Some(SortKey::Text(one)), Some(SortKey::Text(other))) => one.cmp(other),
            (one, other) => SortKey::rank(one).cmp(&SortKey::rank(other)),
        }
    }

    fn rank(key: Option<&SortKey>) -> u8 {
        match key {
            Some(SortKey::Number(_)) => 0,
            Some(SortKey::Text(_)) => 1,
            None => 2,
        }
    }
}

/// What of a sorted map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RangeQuery {
    /// `Enum.SortDirection.Descending`.
    pub descending: bool,
    /// So many items, 1 to 200.
    pub count: i64,
    /// Above this.
    pub lower: Option<Bound>,
    /// Below this.
    pub upper: Option<Bound>,
}

/// A place in the order of a sorted map, exclusive. Without a key: all that has this sort key. Without a sort key: among
/// what has none, at the end of the map. (That a bound is a place, and not a condition on each of the two, is inferred
/// from the guide's way of deleting a whole map.)
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// The key.
    pub key: Option<Key>,
    /// The sort key.
    pub sort_key: Option<SortKey>,
}

/// One reading of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReadId(pub u64);

/// An item of a map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemoryItem {
    /// Its key.
    pub key: Key,
    /// Its value.
    pub value: Payload,
    /// Of sorted maps.
    pub sort_key: Option<SortKey>,
    /// For [`MemoryCall::CompareAndSet`].
    pub version: Version,
}

/// A successful answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryAnswer {
    /// To `Get`.
    Item(Option<MemoryItem>),
    /// To a write, or a removal.
    Done,
    /// To `CompareAndSet`: the item is another one than was read, or gone; nothing was applied.
    Conflict,
    /// To `Range` and `List`.
    Items(Page<MemoryItem, Key>),
    /// To `Size`.
    Size(u32),
    /// To `Read`: what is there, and how to remove it; `None` if there is nothing.
    Read(Option<(ReadId, Vec<Payload>)>),
}

impl MemoryCall {
    /// The kind, without its contents.
    pub fn kind(&self) -> RequestKind {
        match self {
            MemoryCall::Get => RequestKind::MemoryGet,
            MemoryCall::Set(_) => RequestKind::MemorySet,
            MemoryCall::CompareAndSet { .. } => RequestKind::MemoryCompareAndSet,
            MemoryCall::Remove => RequestKind::MemoryRemove,
            MemoryCall::Range(_) | MemoryCall::List { .. } | MemoryCall::Size { .. } => RequestKind::MemoryList,
            MemoryCall::Add { .. } => RequestKind::QueueAdd,
            MemoryCall::Read { .. } => RequestKind::QueueRead,
            MemoryCall::RemoveRead { .. } => RequestKind::QueueRemove,
        }
    }
}

/// What goes wrong there (memory stores guide, "Observability": names and descriptions as there; how they are put
/// together in the text that scripts see is not documented).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum MemoryError {
    /// The backend failed, or says so.
    #[error("InternalError: Internal error.")]
    Internal,
    /// Not 1 to 128 characters.
    #[error("InvalidRequest: The key must have 1 to 128 characters.")]
    Key,
    /// A sort key of more than 128 characters, NaN or an infinity.
    #[error("InvalidRequest: Unable to convert sortKey to a valid number or string.")]
    SortKey,
    /// What cannot be stored.
    #[error("InvalidRequest: Unable to convert value to json.")]
    Value,
    /// A count that is too small or too large.
    #[error("InvalidRequest: The count is out of range.")]
    Count,
    /// A priority that is no number, or a timeout that is negative.
    #[error("InvalidRequest: The priority must be a number, and the invisibility timeout not negative.")]
    Argument,
    /// Not 0 to 45 days.
    #[error("InvalidExpirationTime: The field 'expiration' time must be between 0 and 3,888,000.")]
    Expiration,
    /// More than 32 KB.
    #[error("ItemValueSizeTooLarge: Value size exceeds limit (32KB).")]
    ValueTooLarge,
    /// The request units of the experience are used up.
    #[error("TotalRequestsOverLimit: Exceeds universe-level request unit limit.")]
    Requests,
    /// The memory of the experience is used up.
    #[error("TotalMemoryOverLimit: Exceeds universe-level memory quota.")]
    Memory,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Address;

    #[test]
    fn an_address_of_a_memory_store_is_read_back_as_it_was_written() {
        for structure in [Structure::HashMap, Structure::SortedMap, Structure::Queue] {
            for (name, key) in [("Locks", "Player_1"), ("a/b%2F:c", "x/y%"), ("", "")] {
                let address = MemoryAddress::new(structure, name, key);
                assert_eq!(MemoryAddress::parse(&address.to_key()), Some(address));
            }
        }
    }

    #[test]
    fn no_address_of_a_data_store_is_one_of_a_memory_store() {
        for key in ["hash:Locks/Player_1", "queue:x/", "ordered:Coins/global/k"] {
            let address = Address { key: key.into(), ..Address::parse("k") };
            assert_eq!(MemoryAddress::parse(&address.to_key()), None, "{address}");
        }
        assert_eq!(MemoryAddress::parse("Player_1"), None);
    }

    #[test]
    fn numbers_come_before_texts_and_these_before_no_sort_key() {
        let text = |text: &str| Some(SortKey::Text(text.into()));
        let keys = [Some(SortKey::Number(-1.0)), Some(SortKey::Number(3.5)), text("10"), text("9"), None];
        for (place, one) in keys.iter().enumerate() {
            for (other_place, other) in keys.iter().enumerate() {
                assert_eq!(SortKey::order(one.as_ref(), other.as_ref()), place.cmp(&other_place));
            }
        }
    }
}
