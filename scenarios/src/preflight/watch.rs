//! Watches the calm run.

use std::collections::{BTreeMap, BTreeSet};

use dupeproof_core::{Span, StartFailure, Stored};
use dupeproof_sim::guest::{ENDLESS_WAIT, LogLevel, RECEIPT_FAILED};
use dupeproof_sim::id::{PlayerId, ServerId, ServiceName, Stamp};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, GuestEvent, Key, Observer, Place, Reading, Schedule, Subject};

use super::{CLOSES, JUDGED_UNTIL, Preflight, Problem, ScriptError};
use crate::excerpt::excerpt;
use crate::history::{Entry, History};

/// How the host notes a call that it refused, whether or not the script catches the error.
const REFUSED: &str = "refused before it was sent: ";

/// More texts than anybody reads.
const ERRORS_MAX: usize = 20;
/// So much of a stored value is shown.
const SHOWN_MAX: usize = 300;
/// So many keys are named.
const KEYS_MAX: usize = 5;

pub(super) struct Watch<'a> {
    subject: &'a dyn Subject,
    reading: Reading,
    history: History,
    errors: Vec<ScriptError>,
    /// What scripts failed or wait for is no reason of its own if they have caught it.
    script: Option<Problem>,
    failure: Option<StartFailure>,
    players: Vec<Seen>,
    /// What was written last under each key.
    written: BTreeMap<Key, Option<Stored>>,
    /// What was read or written, or was to be.
    used: BTreeSet<Key>,
}

/// What was seen of one player.
#[derive(Clone, Debug, Default)]
struct Seen {
    started: bool,
    changed: Option<Stamp>,
    /// The first change with which a return did not begin.
    not_back: Option<Stamp>,
    /// The first change with which a return began.
    back: Option<Stamp>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(schedule: &Schedule, subject: &'a dyn Subject) -> Watch<'a> {
        Watch {
            subject,
            reading: Reading::of(subject),
            history: History::new(schedule, subject.layout()),
            errors: Vec::new(),
            script: None,
            failure: None,
            players: vec![Seen::default(); schedule.players.len()],
            written: BTreeMap::new(),
            used: BTreeSet::new(),
        }
    }

    pub(super) fn into_preflight(self) -> Preflight {
        let problems = self.problems();
        Preflight { errors: self.errors, problems }
    }

    /// The first thing that is wrong, after errors of scripts: what follows from it says nothing more.
    fn problems(&self) -> Vec<Problem> {
        self.script.clone().into_iter().chain(self.problem()).collect()
    }

    fn problem(&self) -> Option<Problem> {
        if !self.players.iter().any(|seen| seen.started) {
            return Some(Problem::NeverLoaded { failure: self.failure });
        }
        let numbered = || (0..).map(PlayerId).zip(&self.players);
        let Some((player, _)) = numbered().find(|(_, seen)| seen.changed.is_some()) else {
            return Some(Problem::NeverLive);
        };
        let key = self.subject.place().address_of(player);
        match self.written.get(&key) {
            None if self.written.is_empty() => return Some(Problem::NothingStored),
            None => {
                let seen = self.written.keys().take(KEYS_MAX).cloned().collect();
                return Some(Problem::StoredElsewhere { expected: key, seen });
            }
            Some(Some(stored)) if !self.subject.has_data(stored) => {
                let (path, seen) = (self.subject.data_path(), excerpt(&stored.to_json(), SHOWN_MAX));
                return Some(Problem::DataElsewhere { key, path, seen });
            }
            Some(_) => {}
        }
        if let Some(unused) = self.unused() {
            return Some(unused);
        }
        if let Some(unseen) = numbered().find_map(|(player, seen)| self.unseen(player, seen.back?)) {
            return Some(unseen);
        }
        // What was stored and does not come back is for the search to judge: it is a finding, in a calm world too.
        numbered().find_map(|(player, seen)| {
            let changed = seen.not_back.filter(|changed| !self.history.was_stored(player, *changed))?;
            Some(Problem::ChangeNotStored { player, changed, stored: self.history.committed(player) })
        })
    }

    /// A place that no server has touched. A module that has nothing to do with it stores what is meant elsewhere.
    fn unused(&self) -> Option<Problem> {
        let is_used = |place: &Place| self.used.iter().any(|key| place.player_of(key).is_some());
        let (place, number) = self.subject.places().into_iter().zip(1..).find(|(place, _)| !is_used(place))?;
        let seen = self.used.iter().take(KEYS_MAX).cloned().collect();
        Some(Problem::PlaceUnused { number, expected: place.address_of(PlayerId(0)), seen })
    }

    /// A change came back, so it was stored: if it was never seen, the subject looks for it in the wrong place.
    fn unseen(&self, player: PlayerId, changed: Stamp) -> Option<Problem> {
        if self.history.was_stored(player, changed) {
            return None;
        }
        let (key, path) = (self.subject.place().address_of(player), self.subject.data_path());
        let stored = self.written.get(&key).and_then(Option::as_ref);
        let seen = stored.map_or_else(|| "nothing".into(), |stored| excerpt(&stored.to_json(), SHOWN_MAX));
        Some(Problem::ChangeUnseen { player, changed, key, path, seen })
    }

    fn failed(&mut self, at: Global, server: ServerId, text: &str) {
        if let Some(known) = self.errors.iter_mut().find(|known| known.text == text) {
            known.count += 1;
        } else if self.errors.len() < ERRORS_MAX {
            self.errors.push(ScriptError { at: Span(at.0), server, text: text.to_owned(), count: 1 });
        }
    }

    fn take_guest(&mut self, at: Global, event: &GuestEvent, session_player: Option<PlayerId>) {
        match event {
            GuestEvent::SessionStarted { player, stamp, .. } => {
                let Some(seen) = self.players.get_mut(usize::from(player.0)) else { return };
                seen.started = true;
                let changed = seen.changed.filter(|_| Span(at.0) <= JUDGED_UNTIL);
                seen.not_back = seen.not_back.or(changed.filter(|changed| changed != stamp));
                seen.back = seen.back.or(changed.filter(|changed| changed == stamp && changed.0 > 0));
            }
            GuestEvent::StartFailed { failure, .. } => self.failure = Some(*failure),
            GuestEvent::Edited { stamp, .. } => {
                let player = session_player.and_then(|player| self.players.get_mut(usize::from(player.0)));
                if let Some(seen) = player {
                    seen.changed = Some(*stamp);
                }
            }
            _ => {}
        }
    }
}

impl Observer for Watch<'_> {
    fn observe(&mut self, at: Global, event: &Event) {
        match event {
            Event::Committed { key, after, .. } => drop(self.written.insert(key.clone(), after.clone())),
            Event::Requested { kind, target: Some(key), .. } if kind.service() == ServiceName::DataStore => {
                self.used.insert(key.clone());
            }
            _ => {}
        }
        let told = self.reading.read(event);
        self.take(at, &told);
    }
}

impl Watch<'_> {
    /// Takes an event in, by the names of the built-in subjects.
    fn take(&mut self, at: Global, event: &Event) {
        let entry = self.history.entry(event);
        match event {
            Event::Logged { server, level: LogLevel::Error, line } => {
                // On a server that closes, games mostly save twice, and modules refuse the second time.
                let closing = server.slot == CLOSES.0 && Span(at.0) >= CLOSES.1;
                // A game need not sell what is bought here.
                let of_receipt = line.contains(RECEIPT_FAILED);
                if self.subject.concerns_data(line) && !closing && !of_receipt {
                    self.script = Some(Problem::ScriptFailed);
                }
                self.failed(at, *server, line);
            }
            Event::ScriptCrashed { server, text } => {
                self.script = Some(Problem::ScriptFailed);
                self.failed(at, *server, text);
            }
            Event::Logged { server, level: LogLevel::Warning, line } if line.contains(ENDLESS_WAIT) => {
                if self.subject.concerns_data(line) {
                    self.script.get_or_insert(Problem::WaitsForEver);
                }
                self.failed(at, *server, line);
            }
            Event::Logged { server, level: LogLevel::Warning, line } if line.contains(REFUSED) => {
                self.failed(at, *server, line);
            }
            Event::Guest { event, .. } => {
                let player = match entry {
                    Entry::Session(session) => Some(self.history.sessions()[session].player),
                    _ => None,
                };
                self.take_guest(at, event, player);
            }
            _ => {}
        }
    }
}
