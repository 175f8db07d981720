//! What ProfileStore keeps under one DataStore key.
//!
//! The JSON shape is the one that the Luau module writes; unknown fields are kept. An empty Luau table is written as
//! `[]`, also where a map is meant, so `[]` is accepted for an empty map, and written for one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value as Json, json};

/// The value under a DataStore key: a record in ProfileStore's shape, or anything else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stored {
    /// A well-formed ProfileStore record.
    Record(Arc<Record>),
    /// Any other JSON value.
    Other(Arc<Json>),
}

impl Stored {
    /// Recognises a record; any other value is kept as it is.
    pub fn from_json(json: Json) -> Stored {
        match Record::parse(&json) {
            Some(record) => Stored::Record(Arc::new(record)),
            None => Stored::Other(Arc::new(json)),
        }
    }

    /// The JSON that stands in the DataStore.
    pub fn to_json(&self) -> Json {
        match self {
            Stored::Record(record) => record.to_json(),
            Stored::Other(json) => Json::clone(json),
        }
    }

    /// The game's own data: a record's `Data`, or the whole of any other value.
    pub fn data(&self) -> Option<&Json> {
        match self {
            Stored::Record(record) => record.profile.as_ref().map(|profile| &*profile.data),
            Stored::Other(json) => Some(json),
        }
    }

    /// The session that holds the lock, if this is a record and it is locked.
    pub fn active_session(&self) -> Option<&SessionTag> {
        match self {
            Stored::Record(record) => record.profile.as_ref()?.meta.active_session.as_ref(),
            Stored::Other(_) => None,
        }
    }
}

impl Serialize for Stored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Stored::Record(record) => record.to_json().serialize(serializer),
            Stored::Other(json) => json.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Stored, D::Error> {
        Json::deserialize(deserializer).map(Stored::from_json)
    }
}

/// Fields this version does not know, kept and written back.
pub type Unknown = BTreeMap<String, Json>;

/// One ProfileStore record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Absent while the record only holds messages sent before the first session.
    pub profile: Option<Profile>,
    /// The message queue.
    pub global_updates: GlobalUpdates,
    /// The number of each sender's newest message, the sender that wrote last at the end. It distinguishes a sender's
    /// retry from a new message, also after the message was processed.
    pub senders: Arc<[(Arc<str>, u64)]>,
    /// Set by the write that replaced a malformed record, cleared by the next.
    pub was_overwritten: Option<bool>,
    /// Unknown top-level fields.
    pub unknown: Unknown,
}

/// The part of a record that a first session creates.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    /// The game's data.
    pub data: Arc<Json>,
    /// Lock, marker, times and counters.
    pub meta: MetaData,
    /// The game's own DataStore metadata.
    pub roblox_metadata: Arc<Json>,
    /// The users this record belongs to.
    pub user_ids: Arc<[i64]>,
}

/// `MetaData`: the lock, and what the protocol keeps with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MetaData {
    /// Creation, in Unix seconds by the creating server's clock.
    pub profile_create_time: i64,
    /// How many sessions have ever acquired the lock.
    pub session_load_count: u64,
    /// The lock.
    pub active_session: Option<SessionTag>,
    /// The marker of a server that wants the lock.
    pub force_load_session: Option<SessionTag>,
    /// Last write, in Unix seconds by the writing server's clock.
    pub last_update: i64,
    /// Tags kept with the record.
    pub meta_tags: Arc<Json>,
    /// The holder's lease in whole seconds; absent when the lock was taken by a module without leases.
    pub lease: Option<u64>,
    /// The longest lease of sessions whose lock was taken without waiting for it, in whole seconds: such a session may
    /// believe that it is live for so long after it lost the lock. It goes when a later session has outlived that.
    pub stolen_lease: Option<u64>,
    /// The last write of a leased session: the session's guid, and the number of the write within it. It tells a
    /// session whether its write of unknown outcome is in the record.
    pub last_write: Option<(Arc<str>, u64)>,
    /// What this profile has put aside for trades and gifts in progress, by their ids.
    pub escrow: Arc<BTreeMap<Arc<str>, Escrow>>,
    /// The receipts of the purchases in the data, oldest first, bounded.
    pub receipts: Arc<[Arc<str>]>,
    /// Unknown fields.
    pub unknown: Unknown,
}

/// Something that was taken out of a profile's data for another profile and is not delivered yet: until then it belongs
/// to neither. Or the note that remains of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Escrow {
    /// One side of a trade.
    Trade {
        /// The other side's profile.
        partner: Arc<str>,
        /// What was put aside.
        gives: Arc<Json>,
        /// The coordinator whose decision alone frees it: this side may have voted there. Without one, this side takes it
        /// back as it likes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bound: Option<CoordinatorId>,
    },
    /// A gift on its way.
    Gift {
        /// The recipient's profile.
        to: Arc<str>,
        /// What was put aside. It is the payload of the message.
        gives: Arc<Json>,
        /// The number of the message among those of this profile: numbers only grow.
        number: u64,
    },
    /// Nothing is left: this side of a trade has applied the decision, and the coordinator may not know it yet.
    Settled {
        /// The other side's profile.
        partner: Arc<str>,
        /// The coordinator that is to know. Without one, this side took its own back before it was bound, and an earlier
        /// session may have made a coordinator that nobody comes for: it is to be closed, whichever it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bound: Option<CoordinatorId>,
    },
}

/// Which coordinator of a trade: one that was removed is not one that is made later under the same key. The guid of the
/// session that made it, and the number of that session's try to make one.
pub type CoordinatorId = (Arc<str>, u64);

/// Who holds, or wants, the lock: `[place_id, job_id, session_guid]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionTag {
    /// `game.PlaceId`.
    pub place_id: i64,
    /// `game.JobId`.
    pub job_id: Arc<str>,
    /// The start request's guid; ProfileStore writes none into `ForceLoadSession`.
    pub guid: Option<Arc<str>>,
}

/// `GlobalUpdates`: `[last_index, [[index, data], ...]]`. Entries are kept as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GlobalUpdates {
    /// The index of the newest entry ever appended.
    pub last_index: u64,
    /// Pending entries, oldest first; the message is the last element of each.
    pub entries: Arc<[Json]>,
}

impl Record {
    /// A record without a profile and without messages.
    pub(crate) fn empty() -> Record {
        Record {
            profile: None,
            global_updates: GlobalUpdates::default(),
            senders: Arc::from([]),
            was_overwritten: None,
            unknown: Unknown::new(),
        }
    }

    /// Reads a record; `None` if the value has neither of ProfileStore's two shapes.
    pub fn parse(json: &Json) -> Option<Record> {
        let object = json.as_object()?;
        let mut unknown = Unknown::new();
        for (name, value) in object {
            if !["Data", "MetaData", "RobloxMetaData", "UserIds", "GlobalUpdates", "WasOverwritten", "MessageSenders"]
                .contains(&name.as_str())
            {
                unknown.insert(name.clone(), value.clone());
            }
        }
        let global_updates = match object.get("GlobalUpdates") {
            Some(updates) => GlobalUpdates::parse(updates)?,
            None if object.contains_key("MetaData") => GlobalUpdates::default(),
            None => return None,
        };
        let profile = match object.get("MetaData") {
            Some(meta) => Some(Profile::parse(object, meta)?),
            None if object.contains_key("Data") => return None,
            None => None,
        };
        let was_overwritten = object.get("WasOverwritten").and_then(Json::as_bool);
        let senders = object.get("MessageSenders").map_or_else(|| Arc::from([]), parse_counted);
        Some(Record { profile, global_updates, senders, was_overwritten, unknown })
    }

    /// The JSON as ProfileStore writes it.
    pub fn to_json(&self) -> Json {
        let mut object: serde_json::Map<String, Json> = self.unknown.clone().into_iter().collect();
        object.insert("GlobalUpdates".into(), json!([self.global_updates.last_index, *self.global_updates.entries]));
        if !self.senders.is_empty() {
            object.insert("MessageSenders".into(), json!(*self.senders));
        }
        if let Some(was_overwritten) = self.was_overwritten {
            object.insert("WasOverwritten".into(), was_overwritten.into());
        }
        if let Some(profile) = &self.profile {
            object.insert("Data".into(), Json::clone(&profile.data));
            object.insert("MetaData".into(), profile.meta.to_json());
            object.insert("RobloxMetaData".into(), Json::clone(&profile.roblox_metadata));
            object.insert("UserIds".into(), json!(*profile.user_ids));
        }
        Json::Object(object)
    }
}

impl Profile {
    /// A profile that has never had a session.
    pub(crate) fn new(data: Arc<Json>, os_time: i64) -> Profile {
        let empty = Arc::new(empty_table());
        Profile {
            data,
            meta: MetaData {
                profile_create_time: os_time,
                session_load_count: 0,
                active_session: None,
                force_load_session: None,
                last_update: os_time,
                meta_tags: Arc::clone(&empty),
                lease: None,
                stolen_lease: None,
                last_write: None,
                escrow: Arc::default(),
                receipts: Arc::from([]),
                unknown: Unknown::new(),
            },
            roblox_metadata: empty,
            user_ids: Arc::from([]),
        }
    }

    fn parse(object: &serde_json::Map<String, Json>, meta: &Json) -> Option<Profile> {
        let user_ids = match object.get("UserIds") {
            Some(ids) => elements(ids)?.iter().map(Json::as_i64).collect::<Option<Vec<_>>>()?,
            None => Vec::new(),
        };
        let data = object.get("Data").cloned().unwrap_or_else(empty_table);
        let roblox_metadata = object.get("RobloxMetaData").cloned().unwrap_or_else(empty_table);
        Some(Profile {
            data: Arc::new(data),
            meta: MetaData::parse(meta)?,
            roblox_metadata: Arc::new(roblox_metadata),
            user_ids: user_ids.into(),
        })
    }
}

impl MetaData {
    fn parse(json: &Json) -> Option<MetaData> {
        let object = json.as_object()?;
        let mut meta = MetaData {
            profile_create_time: object.get("ProfileCreateTime")?.as_i64()?,
            session_load_count: object.get("SessionLoadCount")?.as_u64()?,
            active_session: None,
            force_load_session: None,
            last_update: object.get("LastUpdate").and_then(Json::as_i64).unwrap_or(0),
            meta_tags: Arc::new(object.get("MetaTags").cloned().unwrap_or_else(empty_table)),
            lease: None,
            stolen_lease: None,
            last_write: None,
            escrow: Arc::default(),
            receipts: Arc::from([]),
            unknown: Unknown::new(),
        };
        for (name, value) in object {
            match name.as_str() {
                "ProfileCreateTime" | "SessionLoadCount" | "LastUpdate" | "MetaTags" => {}
                "ActiveSession" => meta.active_session = SessionTag::parse(value),
                "ForceLoadSession" => meta.force_load_session = SessionTag::parse(value),
                "Lease" => meta.lease = value.as_u64(),
                "StolenLease" => meta.stolen_lease = value.as_u64(),
                "LastWrite" => meta.last_write = parse_last_write(value),
                "Escrow" => meta.escrow = Arc::new(serde_json::from_value(value.clone()).ok()?),
                "Receipts" => meta.receipts = serde_json::from_value(value.clone()).ok()?,
                _ => drop(meta.unknown.insert(name.clone(), value.clone())),
            }
        }
        Some(meta)
    }

    fn to_json(&self) -> Json {
        let mut object: serde_json::Map<String, Json> = self.unknown.clone().into_iter().collect();
        object.insert("ProfileCreateTime".into(), self.profile_create_time.into());
        object.insert("SessionLoadCount".into(), self.session_load_count.into());
        object.insert("LastUpdate".into(), self.last_update.into());
        object.insert("MetaTags".into(), Json::clone(&self.meta_tags));
        if let Some(session) = &self.active_session {
            object.insert("ActiveSession".into(), session.to_json());
        }
        if let Some(marker) = &self.force_load_session {
            object.insert("ForceLoadSession".into(), marker.to_json());
        }
        if let Some(lease) = self.lease {
            object.insert("Lease".into(), lease.into());
        }
        if let Some(lease) = self.stolen_lease {
            object.insert("StolenLease".into(), lease.into());
        }
        if let Some((guid, count)) = &self.last_write {
            object.insert("LastWrite".into(), json!([**guid, count]));
        }
        if !self.escrow.is_empty() {
            object.insert("Escrow".into(), json!(*self.escrow));
        }
        if !self.receipts.is_empty() {
            object.insert("Receipts".into(), json!(*self.receipts));
        }
        Json::Object(object)
    }
}

impl SessionTag {
    fn parse(json: &Json) -> Option<SessionTag> {
        let parts = json.as_array()?;
        Some(SessionTag {
            place_id: parts.first()?.as_i64()?,
            job_id: parts.get(1)?.as_str()?.into(),
            guid: parts.get(2).and_then(Json::as_str).map(Arc::from),
        })
    }

    fn to_json(&self) -> Json {
        match &self.guid {
            Some(guid) => json!([self.place_id, *self.job_id, **guid]),
            None => json!([self.place_id, *self.job_id]),
        }
    }
}

impl GlobalUpdates {
    fn parse(json: &Json) -> Option<GlobalUpdates> {
        let parts = json.as_array()?;
        if parts.is_empty() {
            return Some(GlobalUpdates::default());
        }
        Some(GlobalUpdates { last_index: parts.first()?.as_u64()?, entries: elements(parts.get(1)?)?.into() })
    }
}

/// The elements of an array, where an empty map may stand for an empty array.
fn elements(json: &Json) -> Option<&[Json]> {
    match json {
        Json::Array(elements) => Some(elements),
        Json::Object(map) if map.is_empty() => Some(&[]),
        _ => None,
    }
}

fn empty_table() -> Json {
    Json::Array(Vec::new())
}

fn parse_last_write(json: &Json) -> Option<(Arc<str>, u64)> {
    let parts = json.as_array()?;
    Some((parts.first()?.as_str()?.into(), parts.get(1)?.as_u64()?))
}

fn parse_counted(json: &Json) -> Arc<[(Arc<str>, u64)]> {
    json.as_array().into_iter().flatten().filter_map(parse_last_write).collect()
}
