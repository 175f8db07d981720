//! A run, to be looked through.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use dupeproof_core::Span;
use dupeproof_scenarios::Finding;
use dupeproof_scenarios::game_record::player_of;
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, RequestId, ServerId, SessionRef, Slot, Stamp};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::schedule::Action;
use dupeproof_sim::{Command, Event, Global, GuestEvent, Key};

use super::lock::{LockWrite, of_entries, of_record};
use super::stored::{Store, coins};
use super::{Events, Mechanism, OtherSide, StepAtFault};
use crate::calls::{Calls, in_module};
use crate::format;
use crate::picture::memory::{entry_name, lasting, player_of_entry};
use crate::record_diff::{self, FieldChange};
use crate::wording::{job, player as name};

/// A run.
#[derive(Clone, Copy)]
pub(super) struct Run<'a>(pub(super) Events<'a>);

/// Whose server has written the lock since so long is alive, whatever a server that waits for it may think: no module waits
/// for less.
const ALIVE: Span = Span::secs(10);

/// A write, of a record or of an entry of a memory store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write<'a> {
    /// Among all that happened.
    pub(super) place: usize,
    pub(super) at: Global,
    pub(super) server: ServerId,
    pub(super) id: RequestId,
    pub(super) key: &'a Key,
    /// Whether it took away what was there.
    pub(super) is_removal: bool,
}

impl<'a> Write<'a> {
    /// What happened at this place, if it is a write that was applied.
    pub(super) fn of(place: usize, at: Global, event: &'a Event) -> Option<Write<'a>> {
        let (server, id, key, is_removal) = match event {
            Event::Committed { server, id, key, after, .. } => (server, id, key, after.is_none()),
            Event::MemoryChanged { server, id, address, until, .. } => {
                (server, id, address, lasting(at, *until).is_none())
            }
            _ => return None,
        };
        Some(Write { place, at, server: *server, id: *id, key, is_removal })
    }

    fn player(&self) -> Option<PlayerId> {
        player_of_target(self.key)
    }
}

/// Whose record, or whose entry of a memory store, this is.
fn player_of_target(target: &str) -> Option<PlayerId> {
    player_of(target).or_else(|| player_of_entry(target))
}

/// How a target is told: an entry of a memory store by its map and its key there.
fn target_name(target: &str) -> String {
    if player_of_entry(target).is_some() {
        return format!("{} in a memory store", entry_name(target));
    }
    target.to_owned()
}

impl<'a> Run<'a> {
    /// The last write before which what is stored was right, and after which it was wrong until the end; `None` if it was
    /// wrong from the start, or is right in the end.
    pub(super) fn last_turn(self, is_wrong: impl Fn(&Store<'a>) -> bool, says: &str) -> Option<StepAtFault> {
        let mut store = self.stored_at_first();
        let mut was_wrong = is_wrong(&store);
        let mut turn = None;
        for (place, (at, event)) in self.0.iter().enumerate() {
            let Event::Committed { key, after, .. } = event else { continue };
            match after {
                Some(after) => drop(store.insert(key, after)),
                None => drop(store.remove(&**key)),
            }
            let wrong = is_wrong(&store);
            if wrong != was_wrong {
                turn = Write::of(place, *at, event).filter(|_| wrong);
            }
            was_wrong = wrong;
        }
        turn.map(|write| self.at_fault(write, says))
    }

    /// What was stored before anything was written, of the keys that are.
    fn stored_at_first(self) -> Store<'a> {
        let mut store = Store::new();
        let mut seen = BTreeSet::new();
        for (_, event) in self.0 {
            if let Event::Committed { key, before, .. } = event
                && seen.insert(&**key)
                && let Some(before) = before
            {
                store.insert(key, before);
            }
        }
        store
    }

    /// The last write that moved the sum of all coins to what it is in the end.
    pub(super) fn last_change_of_coins(self, by: i64) -> Option<StepAtFault> {
        let began = coins(&self.stored_at_first());
        let says = format!("moves the sum of all players' to {by:+} of what it was");
        self.last_turn(|store| coins(store) - began == by, &says)
    }

    /// What let a session begin while an earlier one was relied on: the write that freed that one's lock, or that took it,
    /// or else the start.
    pub(super) fn began(self, earlier: SessionRef, session: SessionRef, finding: &Finding) -> Option<StepAtFault> {
        let player = finding.player?;
        let started = self.started(session)?;
        let record = of_record(self.0, player);
        // Beside a lock in the record, an entry of the player's is something else.
        let is_in_record = record.iter().any(|write| write.is_held);
        let lock = if is_in_record { record } else { of_entries(self.0, player, session.server, started) };
        let taken = self.taken(&lock, earlier, (session.server, started));
        let record = if is_in_record { &lock[..] } else { &[] };
        taken.or_else(|| Some(self.began_without(player, session.server, started, record)))
    }

    /// The write of a lock that made a session possible, if that session's server has the lock when it starts.
    fn taken(
        self,
        lock: &[LockWrite<'a>],
        earlier: SessionRef,
        (server, started): (ServerId, usize),
    ) -> Option<StepAtFault> {
        let last = lock.iter().rposition(|write| write.write.place < started)?;
        let taking = &lock[last];
        if !taking.is_held_at(self.0[started].0) || taking.write.server != server {
            return None;
        }
        // By its own server, or by one whose it was not.
        if let [.., held, freed] = &lock[..last]
            && !freed.is_held
            && held.is_held_at(freed.write.at)
            && held.write.server == earlier.server
            && self.started(earlier).is_some_and(|began| began < freed.write.place)
        {
            let is_own = freed.write.server == earlier.server;
            let mechanism = Some(if is_own { Mechanism::FreedEarly } else { Mechanism::FreedByAnother });
            let step = self.at_fault(freed.write, "frees the lock of a session that is still relied on");
            return Some(StepAtFault { mechanism, ..step });
        }
        let step = self.at_fault(taking.write, &taking.words());
        let other_side = self.other_side(earlier.server, taking.write);
        let was_held = last.checked_sub(1).is_some_and(|held| lock[held].is_held_at(taking.write.at));
        let was_alive = other_side.as_ref().is_some_and(|side| taking.write.at.since(side.at) < ALIVE);
        let is_raced = was_held && was_alive && !self.is_stolen(taking.write);
        let mechanism = taking.mechanism().or(is_raced.then_some(Mechanism::Replaced));
        Some(StepAtFault { other_side, mechanism, ..step })
    }

    /// Whether the server that wrote was asked to steal, whose lock it ever was.
    fn is_stolen(self, write: Write<'_>) -> bool {
        self.0[..write.place].iter().any(|(_, event)| {
            matches!(command_of(event), Some((slot, Command::Steal(player))) if slot == write.server.slot && Some(player) == write.player())
        })
    }

    /// A start without the lock; and what its server decided before.
    fn began_without(
        self,
        player: PlayerId,
        server: ServerId,
        started: usize,
        record: &[LockWrite<'a>],
    ) -> StepAtFault {
        let holder = record.iter().rfind(|write| write.write.place < started).filter(|write| write.is_held);
        let (job, name) = (job(server), name(player));
        let mut text = match holder {
            Some(holder) => format!(
                "{job} starts its session of {name}, though {} has the lock of the record",
                crate::wording::job(holder.write.server)
            ),
            None => format!("{job} starts its session of {name}, for which no write to the record has taken a lock"),
        };
        let since = self.last_before(started, |event| is_over(event, server, player)).unwrap_or(0);
        if let Some(kept) = holder.and_then(|holder| self.kept_by(server, holder.write.key, since..started)) {
            return self
                .at_fault(kept, "leaves the lock as it was, as if it were its own: nothing in it says whose it is");
        }
        let cancelled = self.cancelled(server, player, since..started);
        let mut step = self.said_at(started, server, String::new());
        if let Some(cancelled) = cancelled {
            text += &format!("; at {}, {}", format::moment(self.0[cancelled].0), self.cancelled_words(cancelled));
            step.calls = self.calls(cancelled).or(step.calls);
        }
        // What a module answers its game with comes from no line; what it asked before does.
        step.calls = step.calls.or_else(|| self.calls(self.last_request(server, player, since..started)?));
        let other_side = holder.map(|holder| OtherSide {
            at: holder.write.at,
            text: format!("{} had taken the lock", crate::wording::job(holder.write.server)),
            calls: self.calls_of_request(holder.write),
        });
        StepAtFault { text, other_side, mechanism: holder.map(|_| Mechanism::StartedWithout), ..step }
    }

    /// The last write of a record by a server between these places.
    fn kept_by(self, server: ServerId, key: &Key, between: Range<usize>) -> Option<Write<'a>> {
        let mut writes = between.filter_map(|place| Write::of(place, self.0[place].0, &self.0[place].1));
        writes.rfind(|write| write.server == server && write.key == key)
    }

    /// What the server of the earlier session had last written there.
    fn other_side(self, server: ServerId, taking: Write<'a>) -> Option<OtherSide> {
        let of = |(place, (at, event)): (usize, &'a (Global, Event))| Write::of(place, *at, event);
        let mut writes = self.0[..taking.place].iter().enumerate().filter_map(of);
        let last = writes.rfind(|write| write.server == server && write.key == taking.key)?;
        let before = format::span(taking.at.since(last.at).as_secs_f64());
        let text = format!("{} had last written {} {before} before", job(server), target_name(last.key));
        Some(OtherSide { at: last.at, text, calls: self.calls_of_request(last) })
    }

    /// The last write until then that took the lock of a player's record, which nobody frees; or, once its server was gone,
    /// the first by another server that wrote it again; or, if its server lived on, its last request if that failed.
    pub(super) fn last_taken(self, player: PlayerId, until: Global) -> Option<StepAtFault> {
        let takings = of_record(self.0, player);
        let taking = takings.iter().rfind(|write| write.is_held && write.write.at <= until)?.write;
        let holder = taking.server;
        let gone = self.0.iter().position(|(_, event)| is_end_of(event, holder));
        let renewal = gone.and_then(|gone| {
            let after = self.0.iter().enumerate().skip(gone.max(taking.place + 1));
            let mut writes = after.filter_map(|(place, (at, event))| Some((Write::of(place, *at, event)?, event)));
            writes.find(|(write, event)| {
                write.at <= until && write.key == taking.key && write.server != holder && keeps_all(event)
            })
        });
        Some(match renewal {
            Some((write, _)) => {
                let says = format!("writes it again with the lock of {}, which is gone", job(holder));
                StepAtFault { mechanism: Some(Mechanism::KeptAlive), ..self.at_fault(write, &says) }
            }
            None => {
                let after = taking.place..self.until(until);
                let given_up = if gone.is_none() { self.given_up(holder, player, after) } else { None };
                given_up.unwrap_or_else(|| self.at_fault(taking, "takes the lock, which nobody frees afterwards"))
            }
        })
    }

    /// The update that wrote nothing before a purchase was granted that was never stored, or else the answer.
    pub(super) fn granted(self, receipt: ReceiptId) -> Option<StepAtFault> {
        let (place, server, _) = self.grant(receipt)?;
        let text = format!("{} answers purchase {} with granted, and never stores it", job(server), receipt.0);
        self.purchase_not_written(receipt).or_else(|| Some(self.said_at(place, server, text)))
    }

    /// The update that wrote nothing between the delivery of a purchase and the answer that it is granted.
    pub(super) fn purchase_not_written(self, receipt: ReceiptId) -> Option<StepAtFault> {
        let (place, server, player) = self.grant(receipt)?;
        let delivered = |event: &Event| matches!(command_of(event), Some((_, Command::Receipt { receipt: other, .. })) if other == receipt);
        let step = self.decided(server, player, self.last_before(place, delivered)?..place)?;
        Some(StepAtFault { mechanism: Some(Mechanism::SaveCancelled), ..step })
    }

    /// Where a purchase is granted, on which server and to whom.
    fn grant(self, receipt: ReceiptId) -> Option<(usize, ServerId, PlayerId)> {
        self.0.iter().enumerate().find_map(|(place, (_, event))| match event {
            Event::Guest { server, event: GuestEvent::PurchaseGranted { player, receipt: other }, .. }
                if *other == receipt =>
            {
                Some((place, *server, *player))
            }
            _ => None,
        })
    }

    /// Of a start that failed before this place: the update by which its server decided so.
    pub(super) fn refused(self, server: ServerId, player: PlayerId, before: usize) -> Option<StepAtFault> {
        let joined = self.last_before(before, |event| comes(event, server, player))?;
        self.decided(server, player, joined..before)
    }

    pub(super) fn accepted(self, message: MessageId) -> Option<StepAtFault> {
        let (place, server) = self.said(|_, event| *event == GuestEvent::MessageAccepted { message })?;
        let text = format!("{} says that message {} will arrive, and it is nowhere", job(server), message.0);
        Some(self.said_at(place, server, text))
    }

    /// Of a session that had not stored its last change: the update that was to store it and wrote nothing, or the request
    /// that failed and was not made again, or else its end.
    pub(super) fn not_stored(self, session: SessionRef, state: Stamp, player: PlayerId) -> Option<StepAtFault> {
        let given_up = || {
            let changed = self.changed(session, state)?;
            self.given_up(session.server, player, changed..self.next_visit(session.server, player, changed))
        };
        self.not_written(session, state, player, self.0.len()).or_else(given_up).or_else(|| self.ended(session))
    }

    /// Where a player next comes to a server after a place, or the end: what the server does from there on is for another
    /// session.
    fn next_visit(self, server: ServerId, player: PlayerId, after: usize) -> usize {
        let next = self.0[after..].iter().position(|(_, event)| comes(event, server, player));
        next.map_or(self.0.len(), |next| after + next)
    }

    /// The last request of a server for a player between these places, if it failed and was not made again.
    fn given_up(self, server: ServerId, player: PlayerId, between: Range<usize>) -> Option<StepAtFault> {
        let asked = self.last_request(server, player, between.start..between.end)?;
        let Event::Requested { id, kind, target, .. } = &self.0[asked].1 else { return None };
        let answered = self.0[asked..between.end].iter().position(|(_, event)| {
            matches!(event, Event::Answered { server: by, id: number, error: Some(_), .. } if (*by, number) == (server, id))
        })?;
        let what = if kind.changes_values() { "write" } else { "read" };
        let target = target.as_ref()?;
        let text =
            format!("{} is told that a {what} of {} failed, and does not try again", job(server), target_name(target));
        let step = self.said_at(asked + answered, server, text);
        Some(StepAtFault { key: Some(target.clone()), calls: self.calls(asked), ..step })
    }

    /// Where a server last asked for something of a player's record between these places.
    fn last_request(self, server: ServerId, player: PlayerId, between: Range<usize>) -> Option<usize> {
        let is_it = |event: &Event| match event {
            Event::Requested { server: by, target: Some(target), .. } => {
                *by == server && player_of(target) == Some(player)
            }
            _ => false,
        };
        let place = self.0[between.clone()].iter().rposition(|(_, event)| is_it(event))?;
        Some(between.start + place)
    }

    /// Where a session made a state.
    fn changed(self, session: SessionRef, state: Stamp) -> Option<usize> {
        let is_it = |server, event: &GuestEvent| {
            server == session.server && matches!(event, GuestEvent::Edited { stamp, .. } if *stamp == state)
        };
        self.said(is_it).map(|(place, _)| place)
    }

    /// The update of a session that wrote nothing after a change of the data, and before this place.
    pub(super) fn not_written(
        self,
        session: SessionRef,
        state: Stamp,
        player: PlayerId,
        before: usize,
    ) -> Option<StepAtFault> {
        let changed = self.changed(session, state)?;
        let before = before.min(self.next_visit(session.server, player, changed));
        let step = self.decided(session.server, player, changed..before)?;
        let freed = of_record(self.0, player).into_iter().rfind(|write| {
            write.write.server == session.server && write.write.place > changed && write.write.at <= step.at
        });
        Some(match freed.filter(|write| !write.is_held) {
            Some(freed) => {
                let step = self.at_fault(freed.write, "frees the lock before the last change is stored");
                StepAtFault { mechanism: Some(Mechanism::FreedEarly), ..step }
            }
            None => StepAtFault { mechanism: Some(Mechanism::SaveCancelled), ..step },
        })
    }

    /// The update of a player's record, or of an entry of a memory store, by which a server decided to write nothing, the last
    /// between these places.
    pub(super) fn decided(self, server: ServerId, player: PlayerId, between: Range<usize>) -> Option<StepAtFault> {
        let place = self.cancelled(server, player, between)?;
        let step = self.said_at(place, server, self.cancelled_words(place));
        Some(StepAtFault { key: self.target_of_cancelled(place).cloned(), ..step })
    }

    /// Where a server last cancelled an update for a player between these places, if it has not written there since.
    fn cancelled(self, server: ServerId, player: PlayerId, between: Range<usize>) -> Option<usize> {
        let mut cancelled: Option<(usize, &Key)> = None;
        for place in between {
            let (at, event) = &self.0[place];
            if matches!(event, Event::UpdateCancelled { server: by, .. } if *by == server) {
                let target = self.target_of_cancelled(place);
                cancelled =
                    target.filter(|key| player_of_target(key) == Some(player)).map(|key| (place, key)).or(cancelled);
            } else if let Some(write) = Write::of(place, *at, event) {
                cancelled = cancelled.filter(|(_, key)| write.server != server || write.key != *key);
            }
        }
        cancelled.map(|(place, _)| place)
    }

    fn target_of_cancelled(self, place: usize) -> Option<&'a Key> {
        let Event::UpdateCancelled { server, id } = self.0[place].1 else { return None };
        self.0[..place].iter().rev().find_map(|(_, event)| match event {
            Event::Requested { server: by, id: number, target, .. } if (*by, *number) == (server, id) => {
                target.as_ref()
            }
            _ => None,
        })
    }

    fn cancelled_words(self, place: usize) -> String {
        let Event::UpdateCancelled { server, .. } = self.0[place].1 else { return String::new() };
        let of = self.target_of_cancelled(place).map_or_else(|| "a record".into(), |target| target_name(target));
        format!("an update of {of} by {} wrote nothing, since its transform returned nil", job(server))
    }

    /// The end of a session that had not stored its last change.
    fn ended(self, session: SessionRef) -> Option<StepAtFault> {
        let (place, server) = self.said(|server, event| {
            matches!(event, GuestEvent::SessionEnded { session: no, .. } if SessionRef { server, no: *no } == session)
        })?;
        let text = format!("{} ends its session, and its last change is not stored", job(server));
        Some(self.said_at(place, server, text))
    }

    /// Where a session started.
    pub(super) fn started(self, session: SessionRef) -> Option<usize> {
        let is_it = |server, event: &GuestEvent| matches!(event, GuestEvent::SessionStarted { session: no, .. } if SessionRef { server, no: *no } == session);
        self.said(is_it).map(|(place, _)| place)
    }

    /// The place after the last that happened until then.
    pub(super) fn until(self, at: Global) -> usize {
        self.0.partition_point(|(other, _)| *other <= at)
    }

    /// Where such a thing last happened before a place.
    pub(super) fn last_before(self, place: usize, is_it: impl Fn(&Event) -> bool) -> Option<usize> {
        self.0[..place].iter().rposition(|(_, event)| is_it(event))
    }

    /// Where a game first says such a thing, and on which server.
    fn said(self, is_it: impl Fn(ServerId, &GuestEvent) -> bool) -> Option<(usize, ServerId)> {
        self.0.iter().enumerate().find_map(|(place, (_, event))| match event {
            Event::Guest { server, event, .. } if is_it(*server, event) => Some((place, *server)),
            _ => None,
        })
    }

    fn at_fault(self, write: Write<'a>, says: &str) -> StepAtFault {
        let asked = self.asked(write);
        let decided = asked.map_or_else(String::new, |asked| {
            let belief = write.player().map_or("", |player| self.belief(asked, write.server, player));
            format!(", asked for at {}{belief},", format::moment(self.0[asked].0))
        });
        let what = if write.is_removal { "a removal" } else { "a write" };
        let text = format!("{what} of {} by {}{decided} {says}", target_name(write.key), job(write.server));
        StepAtFault {
            at: write.at,
            text,
            server: write.server,
            key: Some(write.key.clone()),
            calls: self.calls_of_request(write),
            changes: self.changes(write),
            other_side: None,
            mechanism: None,
        }
    }

    /// What a game said.
    fn said_at(self, place: usize, server: ServerId, text: String) -> StepAtFault {
        let (at, calls) = (self.0[place].0, self.calls(place));
        StepAtFault { at, text, server, key: None, calls, changes: Vec::new(), other_side: None, mechanism: None }
    }

    /// Where a write was asked for.
    fn asked(self, write: Write<'_>) -> Option<usize> {
        self.0.iter().position(|(_, event)| {
            matches!(event, Event::Requested { server, id, .. } if (*server, *id) == (write.server, write.id))
        })
    }

    /// What a write changed in the game's data.
    fn changes(self, write: Write<'_>) -> Vec<FieldChange> {
        match &self.0[write.place].1 {
            Event::Committed { before, after, .. } => record_diff::changes(before.as_ref(), after.as_ref()),
            _ => Vec::new(),
        }
    }

    fn calls_of_request(self, write: Write<'_>) -> Option<Arc<str>> {
        self.asked(write).and_then(|asked| self.calls(asked))
    }

    /// Where an event comes from.
    fn calls(self, place: usize) -> Option<Arc<str>> {
        let mut calls = Calls::default();
        self.0[..=place].iter().map(|(_, event)| calls.of(event)).last().flatten().map(in_module)
    }

    /// What a server's game believed of its session of a player when it asked.
    fn belief(self, asked: usize, server: ServerId, player: PlayerId) -> &'static str {
        let (mut session, mut belief) = (None, " when it had no session");
        for (_, event) in &self.0[..asked] {
            let Event::Guest { server: of, event, .. } = event else { continue };
            if *of != server {
                continue;
            }
            match event {
                GuestEvent::SessionStarted { session: no, player: whose, .. } if *whose == player => {
                    (session, belief) = (Some(*no), " while it took its session for live");
                }
                _ if event.session().is_none() || event.session() != session => {}
                GuestEvent::Suspended { .. } => belief = " while its session was suspended",
                GuestEvent::Resumed { .. } => belief = " while it took its session for live",
                GuestEvent::SessionEnded { .. } => belief = " when its session was over",
                _ => {}
            }
        }
        belief
    }
}

/// Whether it is the end of what a server did for a player before: of a session of anybody's, or of a start of that player's.
fn is_over(event: &Event, server: ServerId, player: PlayerId) -> bool {
    match event {
        Event::Guest { server: by, event: GuestEvent::SessionEnded { .. }, .. } => *by == server,
        Event::Guest { server: by, event: GuestEvent::StartFailed { player: whose, .. }, .. } => {
            *by == server && *whose == player
        }
        _ => false,
    }
}

/// What is asked of a game by the schedule.
fn command_of(event: &Event) -> Option<(Slot, Command)> {
    match event {
        Event::Acted { action: Action::Command { server, command }, .. } => Some((*server, *command)),
        _ => None,
    }
}

/// Whether a player comes to a server.
fn comes(event: &Event, server: ServerId, player: PlayerId) -> bool {
    let asks = |command| matches!(command, Command::Join(who) | Command::Steal(who) if who == player);
    command_of(event).is_some_and(|(slot, command)| slot == server.slot && asks(command))
}

/// Whether a server is gone after this.
fn is_end_of(event: &Event, gone: ServerId) -> bool {
    match event {
        Event::ServerCrashed { server } | Event::ServerClosed { server } | Event::ServerKilled { server } => {
            *server == gone
        }
        _ => false,
    }
}

/// Whether a write leaves a record as it was, but for its age.
fn keeps_all(event: &Event) -> bool {
    let Event::Committed { before: Some(before), after: Some(after), .. } = event else { return false };
    RecordLayout::Record.data(before) == RecordLayout::Record.data(after)
        && before.active_session() == after.active_session()
        && crate::picture::cast::marker(before) == crate::picture::cast::marker(after)
}
