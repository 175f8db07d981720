//! One key's value, and what of its past is kept.

use std::sync::Arc;

use dupeproof_core::{Stored, VersionInfo, VersionQuery};

use crate::request::{Attributes, Entry, KeyInfo, Page, Reading, ServiceError, Version};

const HOUR_MILLIS: i64 = 3_600_000;

/// Backups expire so long after a new write replaced them, and removed keys after their removal
/// (versioning-listing-and-caching; class reference, `GlobalDataStore:RemoveAsync`).
const KEPT_MILLIS: i64 = 30 * 24 * HOUR_MILLIS;

/// Versions on a page, where the script does not say (class reference, `DataStore:ListVersionsAsync`).
const VERSIONS_A_PAGE: usize = 1_024;

/// How far ahead of the backend's clock `GetVersionAtTimeAsync` may ask (class reference, since 2024-12-02).
const AHEAD_MILLIS: i64 = 10 * 60 * 1_000;

/// One key. Times are the backend's, in Unix milliseconds.
#[derive(Default)]
pub(super) struct VersionHistory {
    /// Of the newest write or removal. Stays when everything else is gone, so that nothing conditional ever lands
    /// across a removal (inferred).
    newest: Option<Version>,
    latest: Option<Written>,
    /// Oldest first.
    backups: Vec<Backup>,
}

/// One version.
#[derive(Clone)]
pub(super) struct Written {
    pub(super) version: Version,
    /// `None`: a removal, which leaves a tombstone.
    pub(super) value: Option<Stored>,
    pub(super) attributes: Option<Arc<Attributes>>,
    /// Of the value as text.
    pub(super) kilobytes: u32,
    /// When the key was first written. After a removal: when it was written again (not documented).
    created: i64,
    written: i64,
}

/// One version that another replaced.
struct Backup {
    written: Written,
    replaced: i64,
}

/// What a write brings.
pub(super) struct New {
    pub(super) value: Stored,
    pub(super) attributes: Option<Arc<Attributes>>,
    pub(super) kilobytes: u32,
}

impl Written {
    fn info(&self) -> KeyInfo {
        KeyInfo {
            version: self.version,
            created_time: self.created,
            updated_time: self.written,
            attributes: self.attributes.clone(),
        }
    }

    fn entry(&self) -> Option<Entry> {
        self.value.as_ref().map(|value| Entry { value: value.clone(), info: self.info() })
    }
}

impl VersionHistory {
    /// What a conditional write compares with.
    pub(super) fn newest(&self) -> Option<Version> {
        self.newest
    }

    /// What `GetAsync` finds.
    pub(super) fn reading(&self) -> Reading {
        Reading { version: self.newest, entry: self.latest.as_ref().and_then(Written::entry) }
    }

    /// The value now.
    pub(super) fn value(&self) -> Option<&Stored> {
        self.latest.as_ref()?.value.as_ref()
    }

    /// Of the value now, as text.
    pub(super) fn kilobytes(&self) -> u32 {
        self.latest.as_ref().map_or(0, |latest| latest.kilobytes)
    }

    /// Whether the newest version is a tombstone; `None` if there is nothing, or nothing any more.
    pub(super) fn is_removed(&self, now: i64) -> Option<bool> {
        let latest = self.latest.as_ref()?;
        let removed = latest.value.is_none();
        (!removed || !expired(latest.written, now)).then_some(removed)
    }

    /// Writes. Returns the value before.
    pub(super) fn write(
        &mut self,
        now: i64,
        version: Version,
        new: New,
        keep_backups: bool,
    ) -> (KeyInfo, Option<Stored>) {
        let created = match &self.latest {
            Some(latest) if latest.value.is_some() => latest.created,
            _ => now,
        };
        let New { value, attributes, kilobytes } = new;
        let written = Written { version, value: Some(value), attributes, kilobytes, created, written: now };
        let info = written.info();
        // "The first write to each key in each UTC hour creates a versioned backup of the previous data. Successive
        // writes in the same UTC hour permanently overwrite the previous data" (versioning-listing-and-caching, in
        // force since 2024-07-29). Whose hour is not said: inferred to be the backend's.
        let before = self.replace(written, keep_backups, |before| hour(before.written) != hour(now));
        (info, before.and_then(|before| before.value))
    }

    /// Removes what is there, leaving a tombstone. It keeps the data in every hour: "old versions stay readable until
    /// they expire" (class reference, `GlobalDataStore:RemoveAsync`), so it cannot overwrite them (inferred).
    pub(super) fn remove(&mut self, now: i64, version: Version) -> Option<Entry> {
        let tombstone = Written { version, value: None, attributes: None, kilobytes: 0, created: now, written: now };
        self.replace(tombstone, true, |before| before.value.is_some()).and_then(|before| before.entry())
    }

    /// Deletes what is there at once, as ordered stores do (class reference, `OrderedDataStore`).
    pub(super) fn delete(&mut self, version: Version) -> Option<Entry> {
        self.newest = Some(version);
        self.latest.take().and_then(|before| before.entry())
    }

    fn replace(&mut self, after: Written, keep_backups: bool, keep: impl FnOnce(&Written) -> bool) -> Option<Written> {
        let now = after.written;
        let existed = self.is_removed(now).is_some();
        self.newest = Some(after.version);
        let before = self.latest.replace(after)?;
        self.backups.retain(|backup| !expired(backup.replaced, now));
        if existed && keep_backups && keep(&before) {
            self.backups.push(Backup { written: before.clone(), replaced: now });
        }
        Some(before)
    }

    /// `ListVersionsAsync`.
    pub(super) fn list(&self, now: i64, query: &VersionQuery, page_size: u32) -> Page<VersionInfo, Arc<str>> {
        let VersionQuery { descending, min, max, ref after } = *query;
        let after = after.as_deref().and_then(Version::from_id);
        let page_size = if page_size == 0 { VERSIONS_A_PAGE } else { page_size as usize };
        let wanted = |written: &&Written| {
            let follows = after.is_none_or(|after| (written.version > after) != descending && written.version != after);
            let in_time = min.is_none_or(|min| written.written >= min) && max.is_none_or(|max| written.written <= max);
            follows && in_time
        };
        let mut found: Vec<&Written> = self.kept(now).filter(wanted).collect();
        if descending {
            found.reverse();
        }
        let more = found.len() > page_size;
        found.truncate(page_size);
        let id = |written: &Written| Arc::from(written.version.id(written.written));
        let next = found.last().filter(|_| more).map(|last| id(last));
        let info = |written: &Written| VersionInfo {
            version: id(written),
            created_time: written.written,
            is_deleted: written.value.is_none(),
        };
        Page { items: found.into_iter().map(info).collect(), next }
    }

    /// One version that is kept.
    pub(super) fn version(&self, now: i64, version: Version) -> Option<&Written> {
        self.kept(now).find(|written| written.version == version)
    }

    /// The version that was the latest at a time, of those that are kept.
    pub(super) fn version_at(&self, now: i64, at: i64) -> Result<Option<&Written>, ServiceError> {
        if at > now.saturating_add(AHEAD_MILLIS) {
            return Err(ServiceError::InvalidTimestamp);
        }
        Ok(self.kept(now).take_while(|written| written.written <= at).last())
    }

    /// What has not expired, oldest first.
    fn kept(&self, now: i64) -> impl Iterator<Item = &Written> {
        let backups = self.backups.iter().filter(move |backup| !expired(backup.replaced, now));
        let latest = self.latest.as_ref().filter(|_| self.is_removed(now).is_some());
        backups.map(|backup| &backup.written).chain(latest)
    }
}

/// The value of a version, unless it is a tombstone.
pub(super) fn entry_of(written: Option<&Written>) -> Option<Entry> {
    written.and_then(Written::entry)
}

fn expired(since: i64, now: i64) -> bool {
    now - since >= KEPT_MILLIS
}

fn hour(millis: i64) -> i64 {
    millis.div_euclid(HOUR_MILLIS)
}
