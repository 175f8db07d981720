//! The step at fault: the one write, answer or belief of a run after which its finding could not be helped.
//!
//! What is judged by the stored data at the end came about long before: by the last write after which the data was wrong and
//! stayed so. Where two sessions are live, it is the write that gave the later one the lock, or the later start if nothing
//! did. Of other findings, the moment at which they are found is the step itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_scenarios::game_record::player_of;
use dupeproof_scenarios::history::contents::{Contents, given};
use dupeproof_scenarios::invariant::{lock_stuck::Stuck, lost_update::Overwrite};
use dupeproof_scenarios::{Fact, Finding};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, RequestId, ServerId, SessionRef};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::{Event, Global, GuestEvent, Key, KeyLock, LockChange, LockTaking};

use crate::calls::Calls;
use crate::format;
use crate::record_diff::{self, FieldChange};
use crate::wording::{job, player as name};

/// When it was, what, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepAtFault {
    /// When.
    pub at: Global,
    /// In a sentence without a full stop.
    pub text: String,
    /// The server that did it.
    pub server: ServerId,
    /// The key that it wrote; `None` if it is no write.
    pub key: Option<Key>,
    /// The calls of the user's scripts that did it, the innermost first; `None` if no script did.
    pub calls: Option<Arc<str>>,
    /// What it changed in the game's data; nothing if it is no write.
    pub changes: Vec<FieldChange>,
}

/// All that happened, in order.
type Events<'a> = &'a [(Global, Event)];
/// What is stored, by key.
type Store<'a> = BTreeMap<&'a str, &'a Stored>;

/// The step at fault of a finding, if it is another one than the moment at which it is found.
pub fn of(events: Events<'_>, finding: &Finding) -> Option<StepAtFault> {
    let run = Run(events);
    match &finding.fact {
        Fact::ItemDuplicated(found) => {
            let says = format!("leaves item {} in two places", found.item.0);
            run.last_turn(|store| places_of_item(store, found.item) > 1, &says)
        }
        Fact::ItemLost(found) => {
            let says = format!("leaves item {} nowhere", found.item.0);
            run.last_turn(|store| places_of_item(store, found.item) == 0, &says)
        }
        Fact::CoinsDuplicated(sum) | Fact::CoinsLost(sum) => {
            run.last_change_of_coins(sum.stored.saturating_sub(sum.began))
        }
        Fact::PurchaseDuplicated(found) => {
            let says = format!("leaves purchase {} in the data twice", found.receipt.0);
            run.last_turn(|store| times_bought(store, found.receipt) > 1, &says)
        }
        Fact::PurchaseLost(found) => {
            let says = format!("takes purchase {} out of the data", found.receipt.0);
            let write = run.last_turn(|store| times_bought(store, found.receipt) == 0, &says);
            write.or_else(|| run.granted(found.receipt))
        }
        Fact::MessageDuplicated(found) if found.second.is_some() => {
            let says = format!("leaves message {} in the data twice", found.message.0);
            run.last_turn(|store| times_there(store, found.message) > 1, &says)
        }
        Fact::MessageLost(found) => {
            let says = format!("leaves message {} nowhere", found.message.0);
            let write = run.last_turn(|store| times_there(store, found.message) == 0, &says);
            write.or_else(|| run.accepted(found.message))
        }
        Fact::DoubleLive(found) => run.began(found.second, finding),
        Fact::SilentEnd(found) => run.began(found.later, finding),
        Fact::LockStuck(Stuck::LeftBehind { .. } | Stuck::NotLoaded { .. }) => {
            run.last_taken(finding.player?, finding.at)
        }
        Fact::LostUpdate(Overwrite::NeverStored { session, .. }) => run.ended(*session),
        _ => None,
    }
}

/// The calls of the user's scripts that made what happened at the moment of a finding, the innermost first: a write of the
/// player's record, or else the last that they did then; `None` if they did nothing then.
fn calls_at(events: Events<'_>, finding: &Finding) -> Option<Arc<str>> {
    let mut calls = Calls::default();
    let key = finding.player.map(key_of);
    let (mut write, mut any) = (None, None);
    for (at, event) in events.iter().take_while(|(at, _)| *at <= finding.at) {
        let from = calls.of(event);
        if *at != finding.at || from.is_none() {
            continue;
        }
        if matches!(event, Event::Committed { key: written, .. } if Some(written) == key.as_ref()) {
            write.clone_from(&from);
        }
        any = from;
    }
    write.or(any)
}

/// The calls to be told of a finding: those of its step at fault, or of its own moment if there is no step before.
pub fn calls_of(step: Option<&StepAtFault>, events: Events<'_>, finding: &Finding) -> Option<Arc<str>> {
    step.map_or_else(|| calls_at(events, finding), |step| step.calls.clone())
}

/// A run, to be looked through.
struct Run<'a>(Events<'a>);

/// A write.
#[derive(Clone, Copy)]
struct Write<'a> {
    at: Global,
    server: ServerId,
    id: RequestId,
    key: &'a Key,
}

impl<'a> Run<'a> {
    /// The last write before which what is stored was right, and after which it was wrong until the end; `None` if it was
    /// wrong from the start, or is right in the end.
    fn last_turn(&self, is_wrong: impl Fn(&Store<'a>) -> bool, says: &str) -> Option<StepAtFault> {
        let mut store = self.stored_at_first();
        let mut was_wrong = is_wrong(&store);
        let mut turn = None;
        for (at, event) in self.0 {
            let Event::Committed { server, id, key, after, .. } = event else { continue };
            match after {
                Some(after) => drop(store.insert(key, after)),
                None => drop(store.remove(&**key)),
            }
            let wrong = is_wrong(&store);
            if wrong != was_wrong {
                turn = wrong.then_some(Write { at: *at, server: *server, id: *id, key });
            }
            was_wrong = wrong;
        }
        turn.map(|write| self.at_fault(write, says))
    }

    /// What was stored before anything was written, of the keys that are.
    fn stored_at_first(&self) -> Store<'a> {
        let mut store = Store::new();
        let mut seen = std::collections::BTreeSet::new();
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
    fn last_change_of_coins(&self, by: i64) -> Option<StepAtFault> {
        let total = |store: &Store<'a>| contents(store).filter_map(Contents::coins).sum::<i64>();
        let began = total(&self.stored_at_first());
        let says = format!("moves the sum of all players' to {by:+} of what it was");
        self.last_turn(|store| total(store) - began == by, &says)
    }

    /// The write by which this session's server took the lock before it started, or else the start.
    fn began(&self, session: SessionRef, finding: &Finding) -> Option<StepAtFault> {
        let player = finding.player?;
        let (started, _) = self.said(|server, event| {
            matches!(event, GuestEvent::SessionStarted { session: no, .. } if SessionRef { server, no: *no } == session)
        })?;
        let taken = self.takings(player).rfind(|(place, write)| *place < started && write.server == session.server);
        if let Some((_, write)) = taken {
            return Some(self.at_fault(write, "takes the lock from a session that is still relied on"));
        }
        let text = format!(
            "{} starts its session of {}, for which no write to the record has taken a lock",
            job(session.server),
            name(player)
        );
        Some(self.said_at(started, session.server, text))
    }

    /// The last write until then that took the lock of a player's record, which nobody frees.
    fn last_taken(&self, player: PlayerId, until: Global) -> Option<StepAtFault> {
        let (_, write) = self.takings(player).rfind(|(_, write)| write.at <= until)?;
        Some(self.at_fault(write, "takes the lock, which nobody frees afterwards"))
    }

    /// The writes that took the lock of a player's record, and their places among all that happened.
    fn takings(&self, player: PlayerId) -> impl DoubleEndedIterator<Item = (usize, Write<'a>)> {
        let (mut lock, own) = (KeyLock::default(), key_of(player));
        let mut takings = Vec::new();
        for (place, (at, event)) in self.0.iter().enumerate() {
            let Event::Committed { server, id, key, version, before, after } = event else { continue };
            if *key != own {
                continue;
            }
            let taking = LockTaking { version: *version, server: *server, request: *id };
            if lock.observe(&RecordLayout::Record, taking, before.as_ref(), after.as_ref()) == LockChange::Taken {
                takings.push((place, Write { at: *at, server: *server, id: *id, key }));
            }
        }
        takings.into_iter()
    }

    fn granted(&self, receipt: ReceiptId) -> Option<StepAtFault> {
        let (place, server) = self.said(
            |_, event| matches!(event, GuestEvent::PurchaseGranted { receipt: other, .. } if *other == receipt),
        )?;
        let text = format!("{} answers purchase {} with granted, and never stores it", job(server), receipt.0);
        Some(self.said_at(place, server, text))
    }

    fn accepted(&self, message: MessageId) -> Option<StepAtFault> {
        let (place, server) = self.said(|_, event| *event == GuestEvent::MessageAccepted { message })?;
        let text = format!("{} says that message {} will arrive, and it is nowhere", job(server), message.0);
        Some(self.said_at(place, server, text))
    }

    /// The end of a session that had not stored its last change.
    fn ended(&self, session: SessionRef) -> Option<StepAtFault> {
        let (place, server) = self.said(|server, event| {
            matches!(event, GuestEvent::SessionEnded { session: no, .. } if SessionRef { server, no: *no } == session)
        })?;
        let text = format!("{} ends its session, and its last change is not stored", job(server));
        Some(self.said_at(place, server, text))
    }

    /// Where a game first says such a thing, and on which server.
    fn said(&self, is_it: impl Fn(ServerId, &GuestEvent) -> bool) -> Option<(usize, ServerId)> {
        self.0.iter().enumerate().find_map(|(place, (_, event))| match event {
            Event::Guest { server, event, .. } if is_it(*server, event) => Some((place, *server)),
            _ => None,
        })
    }

    fn at_fault(&self, write: Write<'_>, says: &str) -> StepAtFault {
        let asked = self.0.iter().position(|(_, event)| {
            matches!(event, Event::Requested { server, id, .. } if (*server, *id) == (write.server, write.id))
        });
        let decided = asked.map_or_else(String::new, |asked| {
            let belief = player_of(write.key).map_or("", |player| self.belief(asked, write.server, player));
            format!(", asked for at {}{belief},", format::moment(self.0[asked].0))
        });
        let (job, key) = (job(write.server), write.key);
        let text = format!("a write of {key} by {job}{decided} {says}");
        let calls = asked.and_then(|asked| self.calls(asked));
        StepAtFault {
            at: write.at,
            text,
            server: write.server,
            key: Some(write.key.clone()),
            calls,
            changes: self.changes(write),
        }
    }

    /// What a game said.
    fn said_at(&self, place: usize, server: ServerId, text: String) -> StepAtFault {
        StepAtFault { at: self.0[place].0, text, server, key: None, calls: self.calls(place), changes: Vec::new() }
    }

    /// What a write changed in the game's data.
    fn changes(&self, write: Write<'_>) -> Vec<FieldChange> {
        let of = |(_, event): &'a (Global, Event)| match event {
            Event::Committed { server, id, before, after, .. } if (*server, *id) == (write.server, write.id) => {
                Some(record_diff::changes(before.as_ref(), after.as_ref()))
            }
            _ => None,
        };
        self.0.iter().find_map(of).unwrap_or_default()
    }

    /// Where an event comes from.
    fn calls(&self, place: usize) -> Option<Arc<str>> {
        let mut calls = Calls::default();
        self.0[..=place].iter().map(|(_, event)| calls.of(event)).last().flatten()
    }

    /// What a server's game believed of its session of a player when it asked.
    fn belief(&self, asked: usize, server: ServerId, player: PlayerId) -> &'static str {
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

fn contents<'a>(store: &Store<'a>) -> impl Iterator<Item = Contents<'a>> {
    store.values().map(|stored| Contents::new(stored, &RecordLayout::Record))
}

fn places_of_item(store: &Store<'_>, item: ItemId) -> usize {
    let places = contents(store).flat_map(|contents| {
        let aside = contents.escrow().filter_map(|(_, escrow)| given(escrow));
        contents.items().chain(contents.gifts()).chain(aside)
    });
    places.filter(|other| *other == item).count()
}

fn times_bought(store: &Store<'_>, receipt: ReceiptId) -> usize {
    contents(store).flat_map(Contents::bought).filter(|other| *other == receipt).count()
}

fn times_there(store: &Store<'_>, message: MessageId) -> usize {
    let all = contents(store).flat_map(|contents| contents.handled().chain(contents.queued()));
    all.filter(|other| *other == message).count()
}
