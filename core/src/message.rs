//! Messages between profiles: appended once, whatever happens to the replies.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::config::Config;
use crate::ids::Guid;
use crate::limits::LEVELS_MAX;
use crate::outcome::Unstorable;
use crate::record::{Record, Stored};
use crate::sabotage::Sabotage;
use crate::size;

/// A message that is being sent. One sender's messages to one profile are sent one after the other, so that their
/// numbers arrive in order. The newest number that arrived then distinguishes a retry from a new message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) struct Message {
    /// A server, or, for a gift, the giver's profile.
    pub sender: Guid,
    /// Grows with every message of this sender.
    pub number: u64,
    pub payload: Arc<Json>,
}

/// How the record of a receiver names the sender of a gift: by the key of the giver's profile and by when that was created.
/// One that was removed and created again numbers its gifts from the start, so that it is another sender.
pub fn gift_sender(giver: &str, created: i64) -> Guid {
    format!("{giver}@{created}").into()
}

/// A message in the queue of a session's own record.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) struct QueuedMessage {
    pub index: u64,
    pub payload: Arc<Json>,
    /// Handled: its effect is in the data, and it leaves the record with the next write.
    pub processed: bool,
}

/// The index and the payload of a queue entry; ProfileService's and ProfileStore's own entries are read, too.
pub(crate) fn queued(entry: &Json) -> Option<(u64, &Json)> {
    let parts = entry.as_array()?;
    Some((parts.first()?.as_u64()?, parts.last()?))
}

/// Whether a message was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) enum Delivery {
    /// It is in the record, from this try or an earlier one. With the active session, if there is one: it is notified.
    Arrived { holder: Option<(Guid, u64)> },
    /// The queue is full; nothing was changed, and no old message was dropped.
    QueueFull,
    /// The data store would not accept the record with it; nothing was changed.
    Unstorable(Unstorable),
    /// The value under the key is not a record.
    NotARecord,
}

/// What to write so that these messages are appended, in order, and whether each of them is.
pub(crate) fn append<'a>(
    messages: impl Iterator<Item = &'a Message>,
    current: Option<&Stored>,
    config: &Config,
) -> (Option<Stored>, Vec<Delivery>) {
    let mut record = match current {
        Some(Stored::Record(record)) => Record::clone(record),
        Some(Stored::Other(_)) => return (None, messages.map(|_| Delivery::NotARecord).collect()),
        None => Record::empty(),
    };
    let holder = record.profile.as_ref().and_then(|profile| {
        let guid = profile.meta.active_session.as_ref()?.guid.clone()?;
        Some((guid, profile.meta.session_load_count))
    });
    let before = record.global_updates.last_index;
    let mut stored = config.limits.check_data(&record);
    let mut entries = record.global_updates.entries.to_vec();
    let deliver = |message: &Message| {
        let newest = record.senders.iter().find(|(sender, _)| *sender == message.sender);
        let arrived = newest.is_some_and(|(_, newest)| *newest >= message.number);
        // A retry of a message that an earlier try has appended: it may have been processed since.
        if arrived && !config.breaks(Sabotage::RetryIsNewMessage) {
            return Delivery::Arrived { holder: holder.clone() };
        }
        if entries.len() >= config.max_message_queue {
            if !config.breaks(Sabotage::FullQueueDropsOldest) {
                return Delivery::QueueFull;
            }
            entries.remove(0);
        }
        match stored.and_then(|bytes| bytes_with(bytes, message, config)) {
            Ok(bytes) => stored = Ok(bytes),
            Err(why) => return Delivery::Unstorable(why),
        }
        record.global_updates.last_index += u64::from(!config.breaks(Sabotage::IndexNotRaised));
        let guid = format!("{}#{}", message.sender, message.number);
        entries.push(json!([record.global_updates.last_index, guid, *message.payload]));
        let known = if config.breaks(Sabotage::OnlyNewestSenderRemembered) { &[] } else { &*record.senders };
        record.senders = remember(known, message, config);
        Delivery::Arrived { holder: holder.clone() }
    };
    let deliveries = messages.map(deliver).collect();
    record.global_updates.entries = entries.into();
    let changed = record.global_updates.last_index != before;
    (changed.then(|| Stored::Record(Arc::new(record))), deliveries)
}

/// The most bytes that a record of so many bytes has once this message is in it.
fn bytes_with(bytes: u64, message: &Message, config: &Config) -> Result<u64, Unstorable> {
    // Four levels are around the payload: the record, the queue, its entries and one entry.
    let Ok(payload) = size::of_json::<true>(&message.payload, LEVELS_MAX - 4) else {
        return Err(Unstorable::TooDeep { most: LEVELS_MAX });
    };
    let (bytes, most) =
        (bytes + payload + 2 * size::of_str::<true>(&message.sender) + ENTRY, config.limits.data_bytes_max());
    if bytes > most { Err(Unstorable::TooLarge { bytes, most }) } else { Ok(bytes) }
}

/// Bytes that a message adds to a record beside its payload and its sender (twice), at most: a name, brackets, and
/// numbers.
const ENTRY: u64 = 100;

fn remember(senders: &[(Guid, u64)], message: &Message, config: &Config) -> Arc<[(Guid, u64)]> {
    let others = senders.iter().filter(|(sender, _)| *sender != message.sender);
    let mut kept: Vec<(Guid, u64)> = others.cloned().collect();
    kept.push((Arc::clone(&message.sender), message.number));
    let forgotten = kept.len().saturating_sub(config.max_message_senders.max(1));
    if config.breaks(Sabotage::NewestSenderForgotten) {
        kept.truncate(kept.len() - forgotten);
    } else {
        kept.drain(..forgotten);
    }
    kept.into()
}
