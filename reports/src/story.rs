//! What happened, in words: the same cast and the same time span as the picture.

mod deals;
mod entries;
pub mod event_words;
mod words;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_scenarios::Finding;
use dupeproof_scenarios::excerpt::excerpt;
use dupeproof_sim::guest::LogLevel;
use dupeproof_sim::id::{PlayerId, RequestId, ServerId, ServiceName, SessionNo, SessionRef, Slot, Stamp};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::request::{Payload, RequestKind};
use dupeproof_sim::schedule::{Action, RequestClass};
use dupeproof_sim::{Command, Event, Global, GuestEvent, Key, KeyLock, LockChange, LockTaking};

use crate::calls::Calls;
use crate::format;
use crate::picture::Picture;
use crate::picture::arrows::{Arrow, ArrowKind, Place};
use crate::picture::bands::{BandKind, Change, service_name};
use crate::picture::cast::marker;
use crate::picture::memory::{entry_name, lasting};
use crate::picture::states::stamp_of;
use crate::record_diff;
use crate::step_at_fault::StepAtFault;
use crate::wording::{self, job, player as name};

use deals::Deals;
use entries::Entries;
use words::{
    acquired_words, belongings_words, direction_words, error_words, kind_words, reason_words, request_fault_words,
};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Global,
    /// What, in a sentence without a full stop.
    pub text: String,
    /// How the line is marked.
    pub weight: Weight,
    /// The calls of the user's scripts that did it, the innermost first; `None` if no script did.
    pub calls: Option<Arc<str>>,
    /// Which event of the run it tells; `None` of the step at fault and the finding, which tell what the run came to.
    pub event: Option<usize>,
}

/// How a line is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The ordinary course.
    Plain,
    /// Something went wrong on purpose.
    Fault,
    /// The step at fault.
    AtFault,
    /// The finding.
    Finding,
}

/// The story of a run with this step at fault, up to the end of its picture.
pub fn story(
    events: &[(Global, Event)],
    finding: &Finding,
    at_fault: Option<&StepAtFault>,
    picture: &Picture,
) -> Vec<Line> {
    let mut teller = Teller {
        picture,
        lives: BTreeMap::new(),
        requests: BTreeMap::new(),
        conditions: Vec::new(),
        locks: BTreeMap::new(),
        deals: Deals::default(),
        entries: Entries::default(),
        says: None,
    };
    let mut calls = Calls::default();
    let mut lines = Vec::new();
    let mut untold = Some(Line {
        at: finding.at,
        text: format!("{}: {}", finding.kind().name(), wording::sentence(finding, &picture.states)),
        weight: Weight::Finding,
        calls: None,
        event: None,
    });
    let mut at_fault = at_fault.map(|step| Line {
        at: step.at,
        text: format!("from here on it could not be helped: {}", step.text),
        weight: Weight::AtFault,
        calls: step.calls.clone(),
        event: None,
    });
    for (place, (at, event)) in events.iter().enumerate().take_while(|(_, (at, _))| *at <= picture.until) {
        let expired = teller.entries.expired(*at).into_iter();
        lines.extend(expired.map(|(at, text)| Line { at, text, weight: Weight::Plain, calls: None, event: None }));
        lines.extend(at_fault.take_if(|line| *at > line.at));
        if *at > finding.at {
            lines.extend(untold.take());
        }
        let from = calls.of(event);
        let told = match event {
            Event::Healed if !lines.iter().any(|line| line.weight == Weight::Fault) => {
                plainly("the world settles".into())
            }
            event => teller.tell(*at, event),
        };
        lines.extend(told.map(|(weight, text)| Line { at: *at, text, weight, calls: from, event: Some(place) }));
    }
    lines.extend(at_fault);
    lines.extend(untold);
    lines
}

/// Fewer lines than these are not worth a fold.
const FOLD_LEAST: usize = 4;

/// The lines that do not matter: what could not be helped any more, until it is found.
pub fn folded(lines: &[Line]) -> Range<usize> {
    let place = |weight| lines.iter().position(|line| line.weight == weight);
    let folded = place(Weight::AtFault).zip(place(Weight::Finding)).map(|(step, found)| step + 1..found.max(step + 1));
    folded.filter(|folded| folded.len() >= FOLD_LEAST).unwrap_or(0..0)
}

impl Weight {
    /// How a line of plain text begins.
    pub fn mark(self) -> char {
        match self {
            Weight::Plain => ' ',
            Weight::Fault => '!',
            Weight::AtFault => '*',
            Weight::Finding => '>',
        }
    }
}

/// A story as plain text, a line each.
pub fn plain(lines: &[Line]) -> String {
    let line = |line: &Line| {
        let mark = line.weight.mark();
        let from = line.calls.as_ref().map_or(String::new(), |calls| format!(" [{}]", calls.replace('\n', " < ")));
        format!("{mark} {:>10}  {}{from}", format::moment(line.at), line.text)
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

type Told = Option<(Weight, String)>;

struct Teller<'a> {
    picture: &'a Picture,
    /// The current life of each slot.
    lives: BTreeMap<Slot, ServerId>,
    /// Requests on the cast's keys and entries of memory stores.
    requests: BTreeMap<(ServerId, RequestId), Asked>,
    /// What servers are in, since when.
    conditions: Vec<(ServerId, BandKind, Global)>,
    /// Who holds the locks of the cast's records.
    locks: BTreeMap<PlayerId, KeyLock>,
    deals: Deals,
    entries: Entries,
    /// What the message says that is published next.
    says: Option<Payload>,
}

/// What a request asks for, and of what.
struct Asked {
    kind: RequestKind,
    of: String,
}

impl Asked {
    fn words(&self) -> String {
        let preposition = if self.kind.service() == ServiceName::Messaging { "on" } else { "of" };
        format!("{} {preposition} {}", kind_words(self.kind), self.of)
    }
}

fn plainly(text: String) -> Told {
    Some((Weight::Plain, text))
}

fn fault_told(text: String) -> Told {
    Some((Weight::Fault, text))
}

impl Teller<'_> {
    fn tell(&mut self, at: Global, event: &Event) -> Told {
        match event {
            Event::Acted { action: Action::Command { server, command }, .. } => self.command(*server, *command),
            Event::Acted { action: Action::FailNext { server, service, class, fault }, .. }
                if self.on_stage(*server) =>
            {
                let class = if *class == RequestClass::Read { "read" } else { "write" };
                let of = if *service == ServiceName::MemoryStore { " of memory stores" } else { "" };
                fault_told(format!(
                    "the next {class}{of} by {} will be {}",
                    self.current(*server),
                    request_fault_words(*fault)
                ))
            }
            Event::Acted { action: Action::SetLease { server, lease }, .. } if self.on_stage(*server) => {
                plainly(format!(
                    "the game on {} sets the lease of sessions that begin from now on to {} s",
                    self.current(*server),
                    lease.as_secs()
                ))
            }
            Event::Guest { server, live_until, event } => self.guest(*server, *live_until, event),
            Event::Requested { .. }
            | Event::Throttled { .. }
            | Event::RequestFault { .. }
            | Event::ServedFromCache { .. }
            | Event::Conflicted { .. }
            | Event::MemoryConflicted { .. }
            | Event::Answered { .. }
            | Event::AnsweredTooLate { .. }
            | Event::UpdateCancelled { .. } => self.request(event),
            Event::MemoryChanged { server, address, value, until, .. } => {
                self.picture.cast.player_of_entry(address)?;
                plainly(self.entries.changed(at, *server, address, value.as_ref().zip(lasting(at, *until)))?)
            }
            Event::Committed { server, id, key, version, before, after } => match self.picture.cast.player_of(key) {
                Some(player) => {
                    let write = LockTaking { version: *version, server: *server, request: *id };
                    self.commit(write, player, before.as_ref(), after.as_ref())
                }
                None => plainly(self.deals.decided(&job(*server), key, before.as_ref(), after.as_ref())?),
            },
            Event::MessageSays { data, .. } => {
                self.says = Some(data.clone());
                None
            }
            Event::Published { server, topic, .. } => self.published(*server, topic),
            Event::MessageLost { to, topic } if self.picture.cast.concerns_topic(topic) => {
                fault_told(format!("a message to {} is lost", job(*to)))
            }
            Event::MessageDoubled { to, topic } if self.picture.cast.concerns_topic(topic) => {
                fault_told(format!("a message to {} is delivered twice", job(*to)))
            }
            Event::MessageReceived { server, publisher: Some(publisher), .. } if self.is_drawn(at, *server) => {
                plainly(format!("a message from {} reaches {}", job(*publisher), job(*server)))
            }
            Event::Healed => plainly("all faults are healed, and the world settles".into()),
            Event::FinalCheckBegan { server } => {
                plainly(format!("the players join a fresh server, {}, to load what is stored", job(*server)))
            }
            Event::Ended { store } => self.end(store),
            Event::Logged { server, level, line } if self.on_stage(server.slot) => logged(*server, *level, line),
            Event::ScriptCrashed { server, text } if self.on_stage(server.slot) => {
                fault_told(format!("a script on {} is stopped: {}", job(*server), on_one_line(text)))
            }
            _ => self.server(at, event),
        }
    }

    /// A message about the cast, by what it says or by its topic.
    fn published(&mut self, server: ServerId, topic: &str) -> Told {
        /// Characters of a message that are shown.
        const LONGEST: usize = 60;
        let says = self.says.take().filter(|says| self.picture.cast.is_named_in(says))?;
        plainly(format!("{} publishes {} on {topic}", job(server), excerpt(&says, LONGEST)))
    }

    fn on_stage(&self, slot: Slot) -> bool {
        self.picture.cast.slots.contains(&slot)
    }

    /// Whether the picture shows a message that reaches this server now: then it is about the cast.
    fn is_drawn(&self, at: Global, server: ServerId) -> bool {
        let here = |arrow: &Arrow| arrow.arrived == at && arrow.head == Place::Server(server);
        self.picture.arrows.iter().any(|arrow| arrow.kind == ArrowKind::Message && here(arrow))
    }

    /// The JobId that a slot has now.
    fn current(&self, slot: Slot) -> String {
        self.lives.get(&slot).map_or_else(|| format!("server {slot}"), |life| job(*life))
    }

    fn state(&self, stamp: Stamp) -> String {
        self.picture.states.name(stamp)
    }

    fn command(&mut self, slot: Slot, command: Command) -> Told {
        if !self.picture.cast.concerns_command(command) {
            return None;
        }
        let job = self.current(slot);
        plainly(match command {
            Command::Join(player) => format!("{} joins {job}", name(player)),
            Command::Steal(player) => format!("{} joins {job}, which steals the lock", name(player)),
            Command::Leave(player) => format!("{} leaves {job}", name(player)),
            Command::Edit(_) | Command::Swap(..) => return None,
            Command::Save(player) => format!("the game on {job} saves {}", name(player)),
            // What it makes is told.
            Command::Overfill(_) => return None,
            Command::Errands { player, .. } => {
                format!("the game on {job} goes on with its last session of {}, if that is not live", name(player))
            }
            Command::Remove(player) => format!("an admin on {job} removes the record of {}", name(player)),
            Command::Rollback(player) => {
                format!(
                    "an admin on {job} reads the record of {} and writes it back later, over any change in between",
                    name(player)
                )
            }
            Command::Trade { .. } | Command::Gift { .. } | Command::Receipt { .. } | Command::Send { .. } => {
                self.deals.command(&job, command)?
            }
        })
    }

    fn guest(&mut self, server: ServerId, live_until: Option<Global>, event: &GuestEvent) -> Told {
        let player = |session: SessionNo| self.picture.cast.player_in(SessionRef { server, no: session });
        let job = job(server);
        let until = |words: &str| live_until.map_or(String::new(), |at| format!("{words}{}", format::moment(at)));
        plainly(match event {
            GuestEvent::SessionStarted { player, stamp, acquired, .. } => {
                if !self.picture.cast.players.contains(player) {
                    return None;
                }
                let state = self.state(*stamp);
                // A script without a lock acquires none.
                let locked = self.picture.keys.iter().any(|lane| lane.locked);
                let how = if locked { format!("; {}", acquired_words(*acquired)) } else { String::new() };
                format!("{job} starts a session of {} with {state}{how}{}", name(*player), until("; live until "))
            }
            GuestEvent::Renewed { .. } => return None,
            GuestEvent::Suspended { session } => {
                format!(
                    "{job} suspends its session of {}: it cannot confirm the lease in time",
                    name(player(*session)?)
                )
            }
            GuestEvent::Resumed { session, .. } => {
                format!("{job} resumes its session of {}{}", name(player(*session)?), until(", live until "))
            }
            GuestEvent::SessionEnded { session, reason } => {
                format!("{job} ends its session of {}: {}", name(player(*session)?), reason_words(*reason))
            }
            GuestEvent::StartFailed { player, failure } => {
                if !self.picture.cast.players.contains(player) {
                    return None;
                }
                format!("{job} cannot start a session of {}: {}", name(*player), wording::failure_words(*failure))
            }
            GuestEvent::Saved { session, stamp } => {
                format!("{job} is told that {} of {} is saved", self.state(*stamp), name(player(*session)?))
            }
            GuestEvent::Edited { session, stamp, parent } => {
                let (old, new) = (self.state(*parent), self.state(*stamp));
                format!("the game on {job} changes {} from {old} to {new}", name(player(*session)?))
            }
            GuestEvent::Overfilled { session, stamp } => {
                let (state, whose) = (self.state(*stamp), name(player(*session)?));
                format!("{state} of {whose} on {job} has something in it that cannot be stored")
            }
            GuestEvent::ItemMoved { item, from, to } => {
                let (giver, taker) = (player(*from)?, player(*to)?);
                format!("on {job}, item {} moves from {} to {} in memory", item.0, name(giver), name(taker))
            }
            GuestEvent::ItemPutAside { session, .. }
            | GuestEvent::ItemTaken { session, .. }
            | GuestEvent::TradeDecided { session, .. }
            | GuestEvent::MessageHandled { session, .. } => self.deals.dealt(&job, player(*session)?, event)?,
            GuestEvent::MessageAccepted { message } => self.deals.sent(&job, *message, true, &self.picture.cast)?,
            GuestEvent::MessageRefused { message } => self.deals.sent(&job, *message, false, &self.picture.cast)?,
            GuestEvent::PurchaseGranted { player, receipt } => {
                if !self.picture.cast.players.contains(player) {
                    return None;
                }
                deals::granted(&job, *player, *receipt)
            }
        })
    }

    fn request(&mut self, event: &Event) -> Told {
        match event {
            Event::Requested { server, id, kind, target: Some(target) } if kind.service() != ServiceName::Messaging => {
                let cast = &self.picture.cast;
                let of = match cast.player_of(target) {
                    Some(player) => name(player),
                    None => cast.player_of_entry(target).map(|_| entry_name(target))?,
                };
                self.requests.insert((*server, *id), Asked { kind: *kind, of });
                None
            }
            // A publish or a subscribe, whatever it is about: told if it fails.
            Event::Requested { server, id, kind, target: Some(of) } if self.on_stage(server.slot) => {
                self.requests.insert((*server, *id), Asked { kind: *kind, of: of.to_string() });
                None
            }
            Event::ServedFromCache { server, id } => {
                let what = self.requests.get(&(*server, *id))?.words();
                let job = job(*server);
                plainly(format!("{what} by {job} is answered from the cache of the server, as it was up to 4 s before"))
            }
            Event::Throttled { server, id } => {
                let what = self.requests.get(&(*server, *id))?.words();
                fault_told(format!("{what} by {} waits for request budget", job(*server)))
            }
            Event::RequestFault { server, id, fault, .. } => {
                let what = self.requests.get(&(*server, *id))?.words();
                fault_told(format!("{what} by {} is {}", job(*server), request_fault_words(*fault)))
            }
            Event::Conflicted { server, id, .. } | Event::MemoryConflicted { server, id, .. } => {
                let what = self.requests.get(&(*server, *id))?.words();
                let job = job(*server);
                plainly(format!("{what} by {job} meets a conflict with an earlier write and is not applied"))
            }
            Event::Answered { server, id, error: Some(error), .. } => {
                let what = self.requests.get(&(*server, *id))?.words();
                fault_told(format!("{} is told that {what} {}", job(*server), error_words(*error)))
            }
            Event::AnsweredTooLate { server, id } => {
                let what = self.requests.get(&(*server, *id))?.words();
                fault_told(format!("the answer to {what} reaches {} too late", job(*server)))
            }
            Event::UpdateCancelled { server, id } => {
                let of = &self.requests.get(&(*server, *id))?.of;
                plainly(format!("an update of {of} by {} writes nothing: its transform returned nil", job(*server)))
            }
            _ => None,
        }
    }

    /// A write that changes nothing but its age gets no line.
    fn commit(&mut self, write: LockTaking, player: PlayerId, before: Option<&Stored>, after: Option<&Stored>) -> Told {
        let (job, name) = (job(write.server), name(player));
        let lock = self.lock(write, player, before, after);
        let Some(after) = after else {
            return plainly(format!("the DataStore removes {name} for {job}"));
        };
        let mut said = Vec::new();
        let (old, new) = (before.map(stamp_of), stamp_of(after));
        if old != Some(new) {
            let over = old.map_or_else(|| "no record".into(), |old| self.state(old));
            said.push(format!("stores {} of {name} over {over} for {job}", self.state(new)));
        }
        said.extend(lock);
        let (asked, asks) = (before.and_then(marker), marker(after));
        if let Some(asks) = asks.filter(|_| asked != asks) {
            said.push(format!("stores that {} asks for the lock of {name}", asks.job_id));
        }
        let messages = |stored: &Stored| match stored {
            Stored::Record(record) => record.global_updates.last_index,
            Stored::Other(_) => 0,
        };
        if messages(after) > before.map_or(0, messages) {
            said.push(format!("queues a message of {job} for {name}"));
        }
        if said.is_empty() {
            let changes = record_diff::changes(before, Some(after));
            let fields: Vec<&str> = changes.iter().map(|change| &*change.field).collect();
            return plainly(format!("the DataStore changes {} of {name} for {job}", some(&fields)?));
        }
        plainly(format!("the DataStore {}", said.join(", and ")))
    }

    /// What a write does to the lock, if anything.
    fn lock(
        &mut self,
        write: LockTaking,
        player: PlayerId,
        before: Option<&Stored>,
        after: Option<&Stored>,
    ) -> Option<String> {
        let lock = self.locks.entry(player).or_default();
        let previous = lock.taking().map(|taking| taking.server);
        // A recording keeps every subject's values as records.
        let change = lock.observe(&RecordLayout::Record, write, before, after);
        let (new, name) = (job(write.server), name(player));
        match (change, previous) {
            (LockChange::Kept, _) => None,
            (LockChange::Cleared, _) => Some(format!("frees the lock of {name} for {new}")),
            (LockChange::Taken, Some(old)) if old != write.server => {
                Some(format!("moves the lock of {name} from {} to {new}", job(old)))
            }
            (LockChange::Taken, _) => Some(format!("gives the lock of {name} to {new}")),
        }
    }

    fn server(&mut self, at: Global, event: &Event) -> Told {
        match event {
            Event::ServerStarted { server } => {
                self.lives.insert(server.slot, *server);
                let told = self.on_stage(server.slot) && at > Global(0);
                told.then(|| (Weight::Plain, format!("{} starts", job(*server))))
            }
            Event::OutageBegan { service } => fault_told(format!("{} refuses every request", service_name(*service))),
            Event::OutageEnded { service } => plainly(format!("{} works again", service_name(*service))),
            Event::PartitionBegan { slot, service, direction } if self.on_stage(*slot) => {
                let what = direction_words(*direction, *service);
                fault_told(format!("the link of {} is cut: {what}", self.current(*slot)))
            }
            Event::PartitionHealed { slot, service, .. } if self.on_stage(*slot) => {
                plainly(format!("the link of {} to {} heals", self.current(*slot), service_name(*service)))
            }
            Event::ServerCrashed { server }
            | Event::ServerClosing { server }
            | Event::ServerClosed { server }
            | Event::ServerKilled { server }
                if self.on_stage(server.slot) =>
            {
                liveness(*server, event)
            }
            other => self.condition(at, Change::of(other)?),
        }
    }

    /// A server comes into a condition that lasts, or out of it.
    fn condition(&mut self, at: Global, change: Change) -> Told {
        let Change { server, kind, begins } = change;
        if !self.on_stage(server.slot) {
            return None;
        }
        let said = format!("{} {}", job(server), change.words());
        if begins {
            self.conditions.push((server, kind, at));
            return fault_told(said);
        }
        let place = self.conditions.iter().position(|began| (began.0, began.1) == (server, kind));
        let lasted = place.map_or(0.0, |place| at.since(self.conditions.swap_remove(place).2).as_secs_f64());
        plainly(format!("{said} after {}", format::span(lasted)))
    }

    fn end(&self, store: &[(Key, Stored)]) -> Told {
        let mut kept = Vec::new();
        for (key, stored) in store {
            if let Some(player) = self.picture.cast.player_of(key) {
                let (state, belongings) = (self.state(stamp_of(stored)), belongings_words(stored));
                kept.push(format!("{} is stored in {state} with {belongings}", name(player)));
            }
        }
        plainly(format!("the run is over: {}", kept.join("; ")))
    }
}

/// A few names in a row; `None` if there are none.
fn some(names: &[&str]) -> Option<String> {
    const SHOWN: usize = 4;
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match (names.len(), more) {
        (0, _) => None,
        (_, 0) => Some(shown),
        _ => Some(format!("{shown} and {more} more")),
    }
}

/// What a script prints, warns of, or fails with.
fn logged(server: ServerId, level: LogLevel, line: &str) -> Told {
    let (job, text) = (job(server), on_one_line(line.strip_prefix(level.prefix()).unwrap_or(line)));
    match level {
        LogLevel::Info => plainly(format!("{job} prints: {text}")),
        LogLevel::Warning => plainly(format!("{job} warns: {text}")),
        LogLevel::Error => fault_told(format!("a script on {job} fails: {text}")),
    }
}

/// The first lines of a text, side by side: an error comes with its traceback.
fn on_one_line(text: &str) -> String {
    let shown: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(LINES).collect();
    shown.join(" < ")
}

/// An error, and the calls that it came from.
const LINES: usize = 4;

fn liveness(server: ServerId, event: &Event) -> Told {
    let name = job(server);
    match event {
        Event::ServerCrashed { .. } => fault_told(format!("{name} crashes")),
        Event::ServerClosing { .. } => plainly(format!("{name} begins to shut down")),
        Event::ServerClosed { .. } => plainly(format!("{name} has shut down")),
        Event::ServerKilled { .. } => fault_told(format!("{name} is killed: its 30 s to shut down are over")),
        _ => None,
    }
}
