//! What a data store accepts. Anything else is refused here with a reason, instead of failing at every save.

use serde_json::Value as Json;

use crate::outcome::{NotActive, Unstorable};
use crate::record::{Record, Stored};
use crate::size::{self, TooDeep};

/// What a data store accepts under one key. The defaults are Roblox's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub struct Limits {
    /// Bytes of a value as JSON. Origin: error-codes-and-limits, 2026-08, says 4,194,304 characters; 4,194,301 were
    /// measured (community). Whether a character outside ASCII counts once is not known: bytes are never fewer.
    pub value_bytes_max: u64,
    /// Users that a record can belong to. Origin: error 512 (error-codes-and-limits, 2026-08); 4 is community.
    pub user_ids_max: usize,
    /// Bytes of a record's metadata, names and values together. Origin: error-codes-and-limits, 2026-08, says 300
    /// characters; 299 were measured (community, 2022).
    pub metadata_bytes_max: usize,
    /// Bytes of one name in the metadata. Origin: error-codes-and-limits, 2026-08.
    pub metadata_name_bytes_max: usize,
    /// Bytes of one value in the metadata. Origin: error-codes-and-limits, 2026-08.
    pub metadata_value_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            value_bytes_max: 4_194_304,
            user_ids_max: 4,
            metadata_bytes_max: 300,
            metadata_name_bytes_max: 50,
            metadata_value_bytes_max: 250,
        }
    }
}

/// Levels of arrays and maps that a value can have: what `serde_json` reads back.
pub(crate) const LEVELS_MAX: u32 = 127;

/// Bytes that data and messages leave free, so that a lock and a waiter's marker always fit. Each is a few names and two
/// guids: about 150 bytes.
const LOCK_ROOM: u64 = 1_024;

/// Why a record's user ids or metadata were not changed. If they were stored, every save would fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// The session is not live at this moment.
    #[error(transparent)]
    NotActive(#[from] NotActive),
    /// The record belongs to as many users as it can.
    #[error("a record can belong to at most {most} users: remove one first")]
    TooManyUserIds {
        /// [`Limits::user_ids_max`].
        most: usize,
    },
    /// The metadata is no map.
    #[error("the metadata must be a map of names to strings, numbers and booleans")]
    NotAMap,
    /// A name in the metadata is too long.
    #[error("a name in the metadata has {bytes} bytes, and at most {most} can be stored: shorten it")]
    NameTooLong {
        /// The length of the name.
        bytes: usize,
        /// [`Limits::metadata_name_bytes_max`].
        most: usize,
    },
    /// A value in the metadata is too long.
    #[error("a value in the metadata has {bytes} bytes, and at most {most} can be stored: shorten it")]
    ValueTooLong {
        /// The length of the value.
        bytes: usize,
        /// [`Limits::metadata_value_bytes_max`].
        most: usize,
    },
    /// The metadata as a whole is too long.
    #[error("the metadata has {bytes} bytes, names and values together, and at most {most} can be stored: shorten it")]
    MetadataTooLong {
        /// The length of all names and values together.
        bytes: usize,
        /// [`Limits::metadata_bytes_max`].
        most: usize,
    },
}

impl Limits {
    /// Whether a value can be stored, and how many bytes its JSON has.
    ///
    /// # Errors
    /// [`Unstorable`] if it is too large, or too deep to be read back.
    pub fn check(&self, value: &Stored) -> Result<u64, Unstorable> {
        let length = match value {
            Stored::Record(record) => size::of_record::<true>(record, LEVELS_MAX),
            Stored::Other(json) => size::of_json::<true>(json, LEVELS_MAX),
        };
        within(length, self.value_bytes_max)
    }

    /// Bytes that a record with data or messages may have: [`Limits::value_bytes_max`] without the room for locks.
    pub(crate) fn data_bytes_max(&self) -> u64 {
        self.value_bytes_max.saturating_sub(LOCK_ROOM)
    }

    /// The length of a record with data or messages in it, if it can be stored.
    pub(crate) fn check_data(&self, record: &Record) -> Result<u64, Unstorable> {
        within(size::of_record::<true>(record, LEVELS_MAX), self.data_bytes_max())
    }

    /// Whether a record with new data in it can be stored.
    pub(crate) fn admit_data(&self, record: &Record) -> Result<(), Unstorable> {
        match size::of_record::<false>(record, LEVELS_MAX) {
            Ok(bytes) if bytes <= self.data_bytes_max() => Ok(()),
            _ => self.check_data(record).map(drop),
        }
    }

    /// Whether a record with a new lock or marker in it can be stored.
    pub(crate) fn admit_lock(&self, record: &Record) -> Result<(), Unstorable> {
        match size::of_record::<false>(record, LEVELS_MAX) {
            Ok(bytes) if bytes <= self.value_bytes_max => Ok(()),
            _ => within(size::of_record::<true>(record, LEVELS_MAX), self.value_bytes_max).map(drop),
        }
    }

    /// Whether this can be a record's metadata.
    pub(crate) fn check_metadata(&self, metadata: &Json) -> Result<(), TagError> {
        let map = match metadata {
            Json::Object(map) => map,
            // The empty map may be written as an empty array.
            Json::Array(elements) if elements.is_empty() => return Ok(()),
            _ => return Err(TagError::NotAMap),
        };
        let mut bytes = 0;
        for (name, value) in map {
            let value = match value {
                Json::String(string) => string.len(),
                Json::Number(number) => number.to_string().len(),
                Json::Bool(bool) => bool.to_string().len(),
                _ => return Err(TagError::NotAMap),
            };
            if name.len() > self.metadata_name_bytes_max {
                return Err(TagError::NameTooLong { bytes: name.len(), most: self.metadata_name_bytes_max });
            }
            if value > self.metadata_value_bytes_max {
                return Err(TagError::ValueTooLong { bytes: value, most: self.metadata_value_bytes_max });
            }
            bytes += name.len() + value;
        }
        let most = self.metadata_bytes_max;
        if bytes > most { Err(TagError::MetadataTooLong { bytes, most }) } else { Ok(()) }
    }
}

fn within(length: Result<u64, TooDeep>, most: u64) -> Result<u64, Unstorable> {
    match length {
        Ok(bytes) if bytes <= most => Ok(bytes),
        Ok(bytes) => Err(Unstorable::TooLarge { bytes, most }),
        Err(TooDeep) => Err(Unstorable::TooDeep { most: LEVELS_MAX }),
    }
}
