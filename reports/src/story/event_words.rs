//! What any event is, in a few words and without a full stop: for those that no story tells.

use dupeproof_sim::id::{PlayerId, RequestId, ServerId, Slot};
use dupeproof_sim::schedule::Action;
use dupeproof_sim::{Command, Event, GuestEvent};

use super::words::{direction_words, error_words, kind_words, reason_words, request_fault_words};
use crate::format;
use crate::picture::bands::{Change, service_name};
use crate::wording::{failure_words, job, player as name};

/// The words.
pub fn of(event: &Event) -> String {
    match event {
        Event::Acted { action, .. } => acted(*action),
        Event::Guest { server, event, .. } => format!("{} says: {}", job(*server), guest(event)),
        Event::Requested { server, id, kind, target } => {
            let of = target.as_ref().map_or_else(String::new, |target| format!(" of {target}"));
            format!("{} asks for {}{of} (request {})", job(*server), kind_words(*kind), id.0)
        }
        Event::Answered { server, id, kind, error: None, after } => {
            let after = format::span(after.as_secs_f64());
            format!("{} is answered after {after}: {} (request {})", job(*server), kind_words(*kind), id.0)
        }
        Event::Answered { server, id, kind, error: Some(error), .. } => {
            format!("{} is told that {} {} (request {})", job(*server), kind_words(*kind), error_words(*error), id.0)
        }
        Event::Committed { server, key, after: Some(_), .. } => format!("{key} is written for {}", job(*server)),
        Event::Committed { server, key, after: None, .. } => format!("{key} is removed for {}", job(*server)),
        Event::Logged { server, line, .. } => format!("{} prints: {line}", job(*server)),
        Event::ScriptCrashed { server, text } => format!("a script on {} is stopped: {text}", job(*server)),
        Event::CalledFrom { server, calls } => format!("{} calls from {}", job(*server), crate::calls::in_words(calls)),
        Event::UpdateCancelled { server, id } => {
            format!("{}'s transform returned nil: nothing is written (request {})", job(*server), id.0)
        }
        Event::MessageSays { server, data } => format!("{} says: {data}", job(*server)),
        Event::Healed => "all faults are healed, and the world settles".into(),
        Event::FinalCheckBegan { server } => format!("the players join a fresh server, {}", job(*server)),
        Event::Ended { store } => format!("the run is over: {} are stored", format::counted(store.len() as u64, "key")),
        Event::ReceiptNotRecorded { receipt } => {
            format!("that purchase {} was granted is not recorded: it will be delivered again", receipt.0)
        }
        _ => request(event).or_else(|| message(event)).or_else(|| memory(event)).unwrap_or_else(|| server(event)),
    }
}

fn acted(action: Action) -> String {
    let span = |span: dupeproof_core::Span| format::span(span.as_secs_f64());
    match action {
        Action::Command { server, command } => format!("on {}, {}", slot(server), self::command(command)),
        Action::Crash { server } => format!("{} is to crash", slot(server)),
        Action::Restart { server } => format!("{} is to start again", slot(server)),
        Action::Close { server } => format!("{} is to close", slot(server)),
        Action::Freeze { server, span: long } => format!("{} is to freeze for {}", slot(server), span(long)),
        Action::Partition { server, service, direction, span: long } => {
            format!(
                "the link of {} is to be cut for {}: {}",
                slot(server),
                span(long),
                direction_words(direction, service)
            )
        }
        Action::Disconnect { server, service } => {
            format!("the connection of {} to {} is to break", slot(server), service_name(service))
        }
        Action::ClockStep { server, by } => {
            let way = if by < 0 { "back" } else { "ahead" };
            #[expect(clippy::cast_precision_loss, reason = "for people; steps are far below 2^53 microseconds")]
            let by = format::span(by.unsigned_abs() as f64 / 1e6);
            format!("the clock of {} is set {by} {way}", slot(server))
        }
        Action::Move { from, to } => format!("everybody on {} is moved to {}", slot(from), slot(to)),
        Action::Purchase { player, receipt } => format!("{} makes purchase {}", name(player), receipt.0),
        Action::Outage { service, span: long } => format!("{} is to be out for {}", service_name(service), span(long)),
        Action::FailNext { server, fault, .. } => {
            format!("the next such request of {} will be {}", slot(server), request_fault_words(fault))
        }
        Action::Lag { server, frame, span: long } => {
            format!("each frame of {} is to take {} for {}", slot(server), span(frame), span(long))
        }
        Action::SetLease { server, lease } => format!("the lease of {} is set to {}", slot(server), span(lease)),
    }
}

fn slot(slot: Slot) -> String {
    format!("server {slot}")
}

fn command(command: Command) -> String {
    let both = |one: PlayerId, verb: &str, other: PlayerId| format!("{} {verb} {}", name(one), name(other));
    match command {
        Command::Join(player) => format!("{} joins", name(player)),
        Command::Steal(player) => format!("{} joins and steals the lock", name(player)),
        Command::Leave(player) => format!("{} leaves", name(player)),
        Command::Edit(player) => format!("the game changes {}", name(player)),
        Command::Save(player) => format!("the game saves {}", name(player)),
        Command::Swap(one, other) => both(one, "swaps items with", other),
        Command::Trade { player, partner, .. } => both(player, "trades with", partner),
        Command::Gift { from, to, .. } => both(from, "gives an item to", to),
        Command::Receipt { player, receipt } => format!("purchase {} of {} is delivered", receipt.0, name(player)),
        Command::Send { to, message } => format!("the game sends message {} to {}", message.0, name(to)),
        Command::Remove(player) => format!("an admin removes {}", name(player)),
        Command::Rollback(player) => format!("an admin reads {} and writes it back later", name(player)),
        Command::Overfill(player) => {
            format!("the game puts into {} what cannot be stored, or takes it out", name(player))
        }
        Command::Errands { player, .. } => format!("the game goes on with its last session of {}", name(player)),
    }
}

fn guest(event: &GuestEvent) -> String {
    match event {
        GuestEvent::SessionStarted { session, player, .. } => {
            format!("session {} of {} starts", session.0, name(*player))
        }
        GuestEvent::StartFailed { player, failure } => {
            format!("no session of {} starts: {}", name(*player), failure_words(*failure))
        }
        GuestEvent::Renewed { session, .. } => format!("session {} confirms its lease", session.0),
        GuestEvent::Suspended { session } => format!("session {} is suspended", session.0),
        GuestEvent::Resumed { session, .. } => format!("session {} is resumed", session.0),
        GuestEvent::SessionEnded { session, reason } => {
            format!("session {} ends: {}", session.0, reason_words(*reason))
        }
        GuestEvent::Edited { session, .. } => format!("session {} changes its data", session.0),
        GuestEvent::Overfilled { session, .. } => format!("session {} has what cannot be stored", session.0),
        GuestEvent::Saved { session, .. } => format!("session {} is told that it is saved", session.0),
        GuestEvent::ItemMoved { item, from, to } => {
            format!("item {} moves from session {} to {}", item.0, from.0, to.0)
        }
        GuestEvent::ItemPutAside { item, session, .. } => format!("session {} puts item {} aside", session.0, item.0),
        GuestEvent::ItemTaken { item, session, .. } => format!("session {} takes item {}", session.0, item.0),
        GuestEvent::TradeDecided { trade, committed, .. } => {
            format!("trade {} is {}", trade.0, if *committed { "committed" } else { "aborted" })
        }
        GuestEvent::MessageAccepted { message } => format!("message {} will arrive", message.0),
        GuestEvent::MessageRefused { message } => format!("message {} will not arrive", message.0),
        GuestEvent::MessageHandled { message, .. } => format!("message {} is handled", message.0),
        GuestEvent::PurchaseGranted { player, receipt } => {
            format!("purchase {} of {} is granted", receipt.0, name(*player))
        }
    }
}

fn request(event: &Event) -> Option<String> {
    let said =
        |server: &ServerId, id: &RequestId, words: &str| Some(format!("request {} of {} {words}", id.0, job(*server)));
    match event {
        Event::Throttled { server, id } => said(server, id, "waits for request budget"),
        Event::RequestFault { server, id, fault, .. } => {
            said(server, id, &format!("is {}", request_fault_words(*fault)))
        }
        Event::Conflicted { server, id, key } => {
            said(server, id, &format!("meets a conflict with an earlier write of {key} and is not applied"))
        }
        Event::AnsweredTooLate { server, id } => said(server, id, "is answered too late"),
        Event::ServedFromCache { server, id } => said(server, id, "is answered by the cache of the server"),
        Event::SubscribeHung { server, id } => said(server, id, "will never be answered"),
        _ => None,
    }
}

fn message(event: &Event) -> Option<String> {
    Some(match event {
        Event::Published { server, topic, .. } => format!("{} publishes to {topic}", job(*server)),
        Event::MessageLost { to, topic } => format!("a message on {topic} to {} is lost", job(*to)),
        Event::MessageDoubled { to, topic } => format!("a message on {topic} to {} is delivered twice", job(*to)),
        Event::MessageDropped { to, topic } => {
            format!("a message on {topic} to {} is dropped: too many were sent", job(*to))
        }
        Event::MessageReceived { server, publisher, .. } => {
            let from = publisher.map_or_else(String::new, |publisher| format!(" from {}", job(publisher)));
            format!("a message{from} reaches {}", job(*server))
        }
        _ => return None,
    })
}

fn memory(event: &Event) -> Option<String> {
    Some(match event {
        Event::MemoryChanged { server, address, value: Some(_), .. } => {
            format!("{address} is written for {}", job(*server))
        }
        Event::MemoryChanged { server, address, value: None, .. } => {
            format!("{address} is removed for {}", job(*server))
        }
        Event::MemoryConflicted { server, address, .. } => {
            format!("a write of {address} by {} meets a conflict and is not applied", job(*server))
        }
        Event::MemoryExpired { address, items } => {
            format!("{} of {address} are gone: their time is over", format::counted(u64::from(*items), "item"))
        }
        _ => return None,
    })
}

/// What becomes of servers, links and services.
fn server(event: &Event) -> String {
    match event {
        Event::ServerStarted { server } => format!("{} starts", job(*server)),
        Event::ServerCrashed { server } => format!("{} crashes", job(*server)),
        Event::ServerClosing { server } => format!("{} begins to shut down", job(*server)),
        Event::ServerClosed { server } => format!("{} has shut down", job(*server)),
        Event::ServerKilled { server } => format!("{} is killed: its 30 s to shut down are over", job(*server)),
        Event::PartitionBegan { slot: at, service, direction } => {
            format!("the link of {} is cut: {}", slot(*at), direction_words(*direction, *service))
        }
        Event::PartitionHealed { slot: at, service, .. } => {
            format!("the link of {} to {} heals", slot(*at), service_name(*service))
        }
        Event::OutageBegan { service } => format!("{} refuses every request", service_name(*service)),
        Event::OutageEnded { service } => format!("{} works again", service_name(*service)),
        Event::Disconnected { server, service } => {
            format!("the connection of {} to {} breaks", job(*server), service_name(*service))
        }
        other => {
            Change::of(other).map_or_else(String::new, |change| format!("{} {}", job(change.server), change.words()))
        }
    }
}
