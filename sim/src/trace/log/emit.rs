//! One event of the trace as one `tracing` event.

use tracing::{debug, error, info, trace, warn};

use super::{FAULT, MESSAGE, REQUEST, SCRIPT, SERVER, SESSION, TIMELINE};
use crate::guest::{GuestEvent, LogLevel};
use crate::schedule::Action;
use crate::trace::Event;

/// Each family knows its own events and leaves the others alone.
pub(super) fn emit(event: &Event) {
    match event {
        Event::Acted { .. } | Event::Healed | Event::FinalCheckBegan { .. } | Event::Ended { .. } => timeline(event),
        Event::ServerStarted { .. }
        | Event::ServerCrashed { .. }
        | Event::ServerFroze { .. }
        | Event::ServerLagged { .. }
        | Event::ServerRecovered { .. }
        | Event::ServerWoke { .. }
        | Event::ServerClosing { .. }
        | Event::ServerClosed { .. }
        | Event::ServerKilled { .. } => server(event),
        Event::PartitionBegan { .. }
        | Event::PartitionHealed { .. }
        | Event::OutageBegan { .. }
        | Event::OutageEnded { .. }
        | Event::RequestFault { .. }
        | Event::Disconnected { .. }
        | Event::SubscribeHung { .. }
        | Event::ReceiptNotRecorded { .. } => fault(event),
        Event::Requested { .. }
        | Event::Throttled { .. }
        | Event::ServedFromCache { .. }
        | Event::Conflicted { .. }
        | Event::Answered { .. }
        | Event::AnsweredTooLate { .. }
        | Event::UpdateCancelled { .. } => request(event),
        Event::Committed { .. }
        | Event::MemoryChanged { .. }
        | Event::MemoryConflicted { .. }
        | Event::MemoryExpired { .. } => stored(event),
        Event::Published { .. }
        | Event::MessageSays { .. }
        | Event::MessageLost { .. }
        | Event::MessageDoubled { .. }
        | Event::MessageDropped { .. }
        | Event::MessageReceived { .. } => message(event),
        Event::Guest { event, .. } => guest(event),
        Event::Logged { .. } | Event::ScriptCrashed { .. } | Event::CalledFrom { .. } => script(event),
    }
}

fn timeline(event: &Event) {
    match event {
        Event::Acted { step, action: Action::ClockStep { server, by } } => {
            #[expect(clippy::cast_precision_loss, reason = "for people; steps are far below 2^53 microseconds")]
            let by_s = *by as f64 / 1e6;
            info!(target: TIMELINE, step, action = %format_args!("ClockStep {{ server: {server} }}"), by_s, "acted");
        }
        Event::Acted { step, action } => info!(target: TIMELINE, step, ?action, "acted"),
        Event::Healed => info!(target: TIMELINE, "all faults healed, settling begins"),
        Event::FinalCheckBegan { .. } => info!(target: TIMELINE, "players begin to arrive on the fresh server"),
        Event::Ended { store } => info!(target: TIMELINE, keys = store.len(), "ended"),
        _ => {}
    }
}

fn server(event: &Event) {
    match event {
        Event::ServerStarted { .. } => info!(target: SERVER, "started"),
        Event::ServerCrashed { .. } => warn!(target: SERVER, "crashed"),
        Event::ServerFroze { .. } => warn!(target: SERVER, "froze"),
        Event::ServerWoke { .. } => info!(target: SERVER, "woke"),
        Event::ServerLagged { frame, .. } => warn!(target: SERVER, frame_s = frame.as_secs_f64(), "lags"),
        Event::ServerRecovered { .. } => info!(target: SERVER, "runs at its full pace again"),
        Event::ServerClosing { .. } => info!(target: SERVER, "closing"),
        Event::ServerClosed { .. } => info!(target: SERVER, "closed"),
        Event::ServerKilled { .. } => warn!(target: SERVER, "killed: it was still closing after 30 s"),
        _ => {}
    }
}

fn fault(event: &Event) {
    match event {
        Event::PartitionBegan { slot, service, direction } => {
            warn!(target: FAULT, slot, ?service, ?direction, "partition began");
        }
        Event::PartitionHealed { slot, service, direction } => {
            info!(target: FAULT, slot, ?service, ?direction, "partition healed");
        }
        Event::OutageBegan { service } => warn!(target: FAULT, ?service, "outage began"),
        Event::OutageEnded { service } => info!(target: FAULT, ?service, "outage ended"),
        Event::RequestFault { id, kind, fault, .. } => {
            let late_by_s = fault.late_by().map(|late| late.as_secs_f64());
            warn!(target: FAULT, id = id.0, ?kind, fault = %fault.name(), late_by_s, "request fault");
        }
        Event::Disconnected { service, .. } => warn!(target: FAULT, ?service, "connection broke"),
        Event::SubscribeHung { id, .. } => warn!(target: FAULT, id = id.0, "subscribe will never be answered"),
        Event::ReceiptNotRecorded { receipt } => {
            warn!(target: FAULT, receipt = receipt.0, "granted receipt was not recorded");
        }
        _ => {}
    }
}

fn request(event: &Event) {
    match event {
        Event::Requested { id, kind, target, .. } => {
            debug!(target: REQUEST, id = id.0, ?kind, resource = target.as_deref(), "requested");
        }
        Event::Throttled { id, .. } => debug!(target: REQUEST, id = id.0, "waits for budget"),
        Event::ServedFromCache { id, .. } => trace!(target: REQUEST, id = id.0, "served from the server's cache"),
        Event::Conflicted { id, key, .. } => debug!(target: REQUEST, id = id.0, %key, "conflicted"),
        Event::Answered { id, kind, error: Some(error), after, .. } => {
            info!(target: REQUEST, id = id.0, ?kind, %error, seconds = after.as_secs_f64(), "failed");
        }
        Event::Answered { id, kind, error: None, after, .. } => {
            debug!(target: REQUEST, id = id.0, ?kind, seconds = after.as_secs_f64(), "answered");
        }
        Event::AnsweredTooLate { id, .. } => debug!(target: REQUEST, id = id.0, "answered too late"),
        Event::UpdateCancelled { id, .. } => {
            debug!(target: REQUEST, id = id.0, "cancelled: its transform returned nil");
        }
        _ => {}
    }
}

fn stored(event: &Event) {
    match event {
        Event::Committed { id, key, version, after, .. } => {
            let words = if after.is_some() { "committed" } else { "removed" };
            debug!(target: REQUEST, id = id.0, %key, version = version.0, "{words}");
        }
        Event::MemoryChanged { id, address, value, .. } => {
            let words = if value.is_some() { "memory changed" } else { "memory removed" };
            debug!(target: REQUEST, id = id.0, key = %address, "{words}");
        }
        Event::MemoryConflicted { id, address, .. } => {
            debug!(target: REQUEST, id = id.0, key = %address, "memory conflicted");
        }
        Event::MemoryExpired { address, items } => debug!(target: REQUEST, key = %address, items, "memory expired"),
        _ => {}
    }
}

fn message(event: &Event) {
    match event {
        Event::MessageSays { data, .. } => trace!(target: MESSAGE, %data, "says"),
        Event::Published { id, topic, .. } => debug!(target: MESSAGE, id = id.0, %topic, "published"),
        Event::MessageLost { topic, .. } => warn!(target: MESSAGE, %topic, "lost on its way to this server"),
        Event::MessageDoubled { topic, .. } => warn!(target: MESSAGE, %topic, "duplicated on its way to this server"),
        Event::MessageDropped { topic, .. } => warn!(target: MESSAGE, %topic, "dropped: too many were sent"),
        Event::MessageReceived { subscription, publisher, .. } => {
            let from = publisher.map(|publisher| publisher.job_id());
            debug!(target: MESSAGE, subscription = subscription.0, from, "received");
        }
        _ => {}
    }
}

fn guest(event: &GuestEvent) {
    match event {
        GuestEvent::SessionStarted { stamp, acquired, .. } => {
            info!(target: SESSION, stamp = stamp.0, ?acquired, "started");
        }
        GuestEvent::Renewed { .. } => trace!(target: SESSION, "renewed"),
        GuestEvent::Suspended { .. } => warn!(target: SESSION, "suspended"),
        GuestEvent::Resumed { .. } => info!(target: SESSION, "resumed"),
        GuestEvent::SessionEnded { reason, .. } => info!(target: SESSION, ?reason, "ended"),
        GuestEvent::StartFailed { player, failure } => {
            info!(target: SESSION, player = player.0, ?failure, "start failed");
        }
        GuestEvent::Saved { stamp, .. } => debug!(target: SESSION, stamp = stamp.0, "saved"),
        GuestEvent::Edited { stamp, parent, .. } => {
            debug!(target: SESSION, stamp = stamp.0, parent = parent.0, "edited");
        }
        GuestEvent::Overfilled { stamp, .. } => debug!(target: SESSION, stamp = stamp.0, "cannot be stored"),
        GuestEvent::ItemPutAside { item, trade, .. } => {
            debug!(target: SESSION, item = item.0, trade = trade.0, "item put aside");
        }
        GuestEvent::ItemTaken { item, trade, .. } => {
            debug!(target: SESSION, item = item.0, trade = trade.0, "item taken");
        }
        GuestEvent::ItemMoved { item, to, .. } => {
            debug!(target: SESSION, item = item.0, to = to.0, "item moved to another session");
        }
        GuestEvent::TradeDecided { trade, committed, .. } => {
            info!(target: SESSION, trade = trade.0, committed, "trade decided");
        }
        GuestEvent::PurchaseGranted { player, receipt } => {
            info!(target: SESSION, player = player.0, receipt = receipt.0, "purchase granted");
        }
        GuestEvent::MessageAccepted { message } => debug!(target: MESSAGE, message_id = message.0, "accepted"),
        GuestEvent::MessageRefused { message } => debug!(target: MESSAGE, message_id = message.0, "refused"),
        GuestEvent::MessageHandled { message, .. } => debug!(target: MESSAGE, message_id = message.0, "handled"),
    }
}

fn script(event: &Event) {
    match event {
        Event::CalledFrom { calls, .. } => debug!(target: SCRIPT, "called from {calls}"),
        Event::Logged { level, line, .. } => {
            // The level says what the line's first word does.
            let text = line.strip_prefix(level.prefix()).unwrap_or(line).trim_end();
            match level {
                LogLevel::Info => info!(target: SCRIPT, "{text}"),
                LogLevel::Warning => warn!(target: SCRIPT, "{text}"),
                LogLevel::Error => error!(target: SCRIPT, "{text}"),
            }
        }
        Event::ScriptCrashed { text, .. } => error!(target: SCRIPT, "crashed: {}", text.trim_end()),
        _ => {}
    }
}
