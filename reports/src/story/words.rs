//! The words of a story for what happened to requests, sessions and links.

use dupeproof_core::{Escrow, Span, Stored};
use dupeproof_scenarios::game_record;
use dupeproof_sim::ServiceError;
use dupeproof_sim::guest::{Acquired, EndReason};
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Direction, RequestFault};
use serde_json::Value as Json;

use crate::format;
use crate::picture::bands::service_name;

/// What is stored: the items, and if there are any, messages, purchases, items put aside, and queued messages.
pub(super) fn belongings_words(stored: &Stored) -> String {
    let list = |noun: &str, numbers: Vec<u32>| {
        let plural = if numbers.len() == 1 { "" } else { "s" };
        let words: Vec<String> = numbers.iter().map(u32::to_string).collect();
        (!words.is_empty()).then(|| format!("{noun}{plural} {}", words.join(", ")))
    };
    let data = stored.data().unwrap_or(&Json::Null);
    let items = list("item", game_record::items(data).map(|item| item.0).collect());
    let messages = list("message", game_record::messages(data).map(|message| message.0).collect());
    let purchases = list("purchase", game_record::purchases(data).map(|receipt| receipt.0).collect());
    let mut belongings = vec![items.unwrap_or_else(|| "no items".into())];
    belongings.extend(messages.into_iter().chain(purchases));
    if let Stored::Record(record) = stored {
        let escrow = record.profile.iter().flat_map(|profile| profile.meta.escrow.iter());
        belongings.extend(escrow.map(|(id, escrow)| aside_words(id, escrow)));
        let waiting = record.global_updates.entries.len() as u64;
        if waiting > 0 {
            belongings.push(format!("{} waiting", format::counted(waiting, "message")));
        }
    }
    belongings.join(", ")
}

/// `item 7 put aside for trade 4`; gifts are known by a `g` before their number.
fn aside_words(id: &str, escrow: &Escrow) -> String {
    let (Escrow::Trade { gives, .. } | Escrow::Gift { gives, .. }) = escrow else {
        return format!("trade {id} settled");
    };
    let item = game_record::offered(gives).map_or("nothing".into(), |item| format!("item {}", item.0));
    match id.strip_prefix('g') {
        Some(gift) => format!("{item} put aside for gift {gift}"),
        None => format!("{item} put aside for trade {id}"),
    }
}

pub(super) fn kind_words(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Get => "a read",
        RequestKind::CompareAndSet | RequestKind::Set => "a write",
        RequestKind::Increment => "an increment",
        RequestKind::ListVersions => "a list of versions",
        RequestKind::GetVersion => "a read of an old version",
        RequestKind::ListKeys => "a list of keys",
        RequestKind::GetSorted => "a sorted list",
        RequestKind::Remove => "a removal",
        RequestKind::Publish => "a publish",
        RequestKind::Subscribe => "a subscribe",
        RequestKind::Unsubscribe => "an unsubscribe",
        RequestKind::MemoryGet => "a memory store's read",
        RequestKind::MemorySet | RequestKind::MemoryCompareAndSet => "a memory store's write",
        RequestKind::MemoryRemove => "a memory store's removal",
        RequestKind::MemoryList => "a memory store's list",
        RequestKind::QueueAdd => "an addition to a queue",
        RequestKind::QueueRead => "a read of a queue",
        RequestKind::QueueRemove => "a removal from a queue",
    }
}

pub(super) fn request_fault_words(fault: RequestFault) -> String {
    match fault {
        RequestFault::Refused => "refused".into(),
        RequestFault::AppliedThenError => "applied, and answered with an error".into(),
        RequestFault::LostReply => "applied, and never answered".into(),
        RequestFault::LateReply { span } => format!("applied, and answered {} late", later(span)),
        RequestFault::LateApply { span } => format!("answered with an error, and applied {} later", later(span)),
        RequestFault::AppliedTwice { span } => format!("applied and answered, and applied again {} later", later(span)),
        RequestFault::NilRead => "answered as if nothing were stored".into(),
    }
}

/// How late something is; of what is shrunk until it is hardly late, no figure.
fn later(span: Span) -> String {
    if span < Span::millis(50) { "a moment".into() } else { format::span(span.as_secs_f64()) }
}

pub(super) fn error_words(error: ServiceError) -> String {
    let words = match error {
        ServiceError::QueueFull(_) | ServiceError::ServerThrottled(_) => {
            "was dropped because too many requests were waiting"
        }
        ServiceError::ExperienceThrottled(_) => "was rejected by the limits of the experience",
        ServiceError::KeyThrottled => "was rejected by the throughput limit of the key",
        ServiceError::ConnectionLost => "failed because the connection broke",
        ServiceError::TimedOut => "got no answer in time",
        _ => return format!("failed: {error}"),
    };
    words.to_owned()
}

/// How a start got the lock, of a record that has one.
pub(super) fn acquired_words(acquired: Acquired) -> &'static str {
    match acquired {
        Acquired::Free => "the lock was free",
        Acquired::HandedOver => "the holder handed the lock over",
        Acquired::TakenOver => "the lock was taken over from a holder whose lease had certainly expired",
        Acquired::Unprotected => "the lock was taken over from a holder that may still be live",
    }
}

pub(super) fn reason_words(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Manual => "its own server ended it",
        EndReason::External => "another server asked for the profile, or took it",
        EndReason::Shutdown => "the server is shutting down",
        EndReason::Lost => "another session holds the lock",
        EndReason::Removed => "the record was removed",
        EndReason::Overwritten => "the record was overwritten",
    }
}

pub(super) fn direction_words(direction: Direction, service: ServiceName) -> String {
    let service = service_name(service);
    match direction {
        Direction::ToService => format!("nothing reaches {service}"),
        Direction::FromService => format!("nothing comes back from {service}"),
        Direction::Both => format!("nothing reaches {service} or comes back"),
    }
}
