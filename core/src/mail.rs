//! Messages between profiles: appended once, whatever becomes of the replies.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::config::Config;
use crate::ids::Guid;
use crate::limits::LEVELS_MAX;
use crate::outcome::Unstorable;
use crate::record::{Record, Stored};
use crate::sabotage::Sabotage;
use crate::size;

/// A message on its way. One sender's messages to one profile are sent one after the other, so that their numbers
/// arrive in order, and the newest number that arrived tells a retry from a new message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mail {
    /// A server, or, for a gift, the giver's profile.
    pub sender: Guid,
    /// Grows with every message of this sender.
    pub number: u64,
    pub message: Arc<Json>,
}

/// How many senders a record remembers. Beyond that, the one that has been silent longest is forgotten; its retry,
/// should it still come, would be a new message.
const SENDERS_MAX: usize = 1_000;

/// What came of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It is in the record, now or from an earlier try. With the session to tell, if one is active.
    Arrived { holder: Option<(Guid, u64)> },
    /// The queue is full; nothing was changed, and nothing old was dropped.
    QueueFull,
    /// The data store would not take the record with it; nothing was changed.
    Unstorable(Unstorable),
    /// The value under the key is no record.
    NotARecord,
}

/// What to write so that these messages are appended, in order, and what becomes of each of them.
pub(crate) fn append<'a>(
    mails: impl Iterator<Item = &'a Mail>,
    current: Option<&Stored>,
    config: &Config,
) -> (Option<Stored>, Vec<Delivery>) {
    let mut record = match current {
        Some(Stored::Record(record)) => Record::clone(record),
        Some(Stored::Other(_)) => {
            return (None, mails.map(|_| Delivery::NotARecord).collect());
        }
        None => Record::empty(),
    };
    let holder = record.profile.as_ref().and_then(|profile| {
        let guid = profile.meta.active_session.as_ref()?.guid.clone()?;
        Some((guid, profile.meta.session_load_count))
    });
    let before = record.global_updates.last_index;
    let mut stored = config.limits.check_data(&record);
    let mut entries = record.global_updates.entries.to_vec();
    let deliver = |mail: &Mail| {
        let newest = record.senders.iter().find(|(sender, _)| *sender == mail.sender);
        let arrived = newest.is_some_and(|(_, newest)| *newest >= mail.number);
        if arrived && !config.breaks(Sabotage::RetryIsNewMessage) {
            return Delivery::Arrived { holder: holder.clone() };
        }
        if entries.len() >= config.max_message_queue {
            if !config.breaks(Sabotage::FullQueueDropsOldest) {
                return Delivery::QueueFull;
            }
            entries.remove(0);
        }
        match stored.and_then(|bytes| with_mail(bytes, mail, config)) {
            Ok(bytes) => stored = Ok(bytes),
            Err(why) => return Delivery::Unstorable(why),
        }
        record.global_updates.last_index += 1;
        let guid = format!("{}#{}", mail.sender, mail.number);
        entries.push(json!([record.global_updates.last_index, guid, *mail.message]));
        record.senders = remember(&record.senders, mail);
        Delivery::Arrived { holder: holder.clone() }
    };
    let deliveries = mails.map(deliver).collect();
    record.global_updates.entries = entries.into();
    let changed = record.global_updates.last_index != before;
    (changed.then(|| Stored::Record(Arc::new(record))), deliveries)
}

/// The most bytes that a record of so many has with this message in it.
fn with_mail(bytes: u64, mail: &Mail, config: &Config) -> Result<u64, Unstorable> {
    // The record, the queue, its entries and one entry are around it.
    let Ok(message) = size::of_json::<true>(&mail.message, LEVELS_MAX - 4) else {
        return Err(Unstorable::TooDeep { most: LEVELS_MAX });
    };
    let (bytes, most) =
        (bytes + message + 2 * size::of_str::<true>(&mail.sender) + ENTRY, config.limits.data_bytes_max());
    if bytes > most { Err(Unstorable::TooLarge { bytes, most }) } else { Ok(bytes) }
}

/// What a message adds to a record beside itself and its sender, twice, at most: a name, brackets, and numbers.
const ENTRY: u64 = 100;

fn remember(senders: &[(Guid, u64)], mail: &Mail) -> Arc<[(Guid, u64)]> {
    let others = senders.iter().filter(|(sender, _)| *sender != mail.sender);
    let mut kept: Vec<(Guid, u64)> = others.cloned().collect();
    kept.push((Arc::clone(&mail.sender), mail.number));
    let forgotten = kept.len().saturating_sub(SENDERS_MAX);
    kept.drain(..forgotten);
    kept.into()
}

/// A message in the queue of a session's own record.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub index: u64,
    pub message: Arc<Json>,
    /// Handled: its effect is in the data, and it leaves the record with the next write.
    pub processed: bool,
}

/// The index and the message of a queue entry; ProfileService's and ProfileStore's own entries are read too.
pub(crate) fn entry(entry: &Json) -> Option<(u64, &Json)> {
    let parts = entry.as_array()?;
    Some((parts.first()?.as_u64()?, parts.last()?))
}
