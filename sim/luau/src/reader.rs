//! Reads a run of a game with stores, keys and fields of its own as one of a game with those of the other subjects.

mod contents;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_sim::guest::{SHARED_PREFIX, key_of};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::record_layout::{Lock, RecordLayout};
use dupeproof_sim::request::{Address, Key, RequestKind};
use dupeproof_sim::{Event, GuestEvent, Reader, Refusal, Stamp};
use serde_json::{Map, Value as Json, json};

use self::contents::Contents;
use crate::guest::Program;
use crate::interpreter::Interpreter;
use crate::raw;
use crate::schema::{DATA, LOCK, Part, Schema};
use crate::value::Answer;

/// Reads one run.
pub(crate) struct LuauReader {
    program: Program,
    schema: Arc<Schema>,
    /// The coins of a player who owns nothing yet.
    purse: i64,
    /// Runs the adapter's code, once something asks for it; `Err` if it does not start.
    interpreter: Option<Result<Interpreter, String>>,
    players: BTreeMap<PlayerId, View>,
    /// The states that games have made: any other number where the mark is, is that of data that nobody has changed.
    stamps: BTreeSet<Stamp>,
}

/// What is stored of one player, as it was read.
#[derive(Default)]
struct View {
    /// The newest value of the place that holds the data, and what is in it.
    value: Option<(Stored, Contents)>,
    /// The lock, if it has a key of its own.
    lock: Option<Json>,
}

impl LuauReader {
    pub(crate) fn new(program: &Program, schema: &Arc<Schema>, purse: i64) -> LuauReader {
        LuauReader {
            program: program.clone(),
            schema: Arc::clone(schema),
            purse,
            interpreter: None,
            players: BTreeMap::new(),
            stamps: BTreeSet::from([Stamp(0)]),
        }
    }

    /// What is in a value of one of the places.
    pub(crate) fn contents(&mut self, number: usize, stored: &Stored) -> Contents {
        let part = &self.schema.parts[number];
        if !self.schema.needs_code() {
            return Contents::of(stored, part, &self.schema);
        }
        let json = Arc::new(stored.to_json());
        let program = &self.program;
        let interpreter = self.interpreter.get_or_insert_with(|| Interpreter::start(program, &[]));
        let place = u32::try_from(number + 1).expect("a few places");
        let question = vec!["read".into(), Answer::Json(json), place.into()];
        match interpreter.as_mut().map_err(|problem| problem.clone()).and_then(|running| running.ask_on(question)) {
            Ok(found) => Contents::told(&found, part, &self.schema),
            // It would be asked for ever, of the same and of all others.
            Err(problem) if raw::is_limit(&problem) => {
                Refusal::Subject(format!("the adapter takes too much to read what is stored: {problem}")).raise()
            }
            // A value that the game cannot read any more.
            Err(_) => Contents::default(),
        }
    }

    /// The address, as it is told: by the name of its player, or such that nobody takes it for anybody's.
    fn name(&self, address: &Key) -> Key {
        if let Some(player) = self.schema.parts[0].place.player_of(address) {
            return key_of(player);
        }
        let parsed = Address::parse(address);
        if self.schema.shared.iter().any(|shared| shared.part_of(&parsed).is_some()) {
            return format!("{SHARED_PREFIX}{address}").into();
        }
        if parsed.ordered || address.contains('/') { Key::clone(address) } else { format!("other/{address}").into() }
    }

    fn committed(&mut self, event: &Event) -> Option<Event> {
        let Event::Committed { server, id, key, version, before, after } = event else { return None };
        let lock = self.schema.lock.as_ref().and_then(|lock| lock.place.player_of(key));
        let (key, before, after) = match self.schema.parts[0].place.player_of(key) {
            Some(player) => {
                let [before, after] = [before, after].map(|value| self.record(player, value.as_ref()));
                (key_of(player), before, after)
            }
            None => match lock {
                Some(player) => {
                    let [before, after] = [before, after].map(|value| self.locked(player, value.as_ref()));
                    (key_of(player), before, after)
                }
                None => (self.name(key), before.clone(), after.clone()),
            },
        };
        Some(Event::Committed { server: *server, id: *id, key, version: *version, before, after })
    }

    /// A value of the place that holds the data, as it is told; from here on it is what is stored.
    fn record(&mut self, player: PlayerId, value: Option<&Stored>) -> Option<Stored> {
        if self.schema.is_plain() {
            return value.cloned();
        }
        let known = self.players.get(&player).and_then(|view| view.value.as_ref());
        let same = known.zip(value).is_some_and(|((known, _), value)| known == value);
        if !same {
            let read = value.map(|value| (value.clone(), self.contents(0, value)));
            self.players.entry(player).or_default().value = read;
        }
        let view = self.players.get(&player)?;
        let (stored, contents) = view.value.as_ref()?;
        Some(self.told(Some(stored), Some(contents), contents.lock.as_ref().or(view.lock.as_ref())))
    }

    /// The same, after a write to a lock with a key of its own.
    fn locked(&mut self, player: PlayerId, value: Option<&Stored>) -> Option<Stored> {
        let layout = self.schema.lock.as_ref().map(Part::layout).unwrap_or_default();
        let lock = value.and_then(|value| match layout.lock(value)? {
            Lock::Mark(mark) => Some(mark.clone()),
            Lock::Session { tag, load_count } => Some(json!([format!("{tag:?}"), load_count])),
        });
        let view = self.players.entry(player).or_default();
        view.lock = lock;
        let view = &self.players[&player];
        let (stored, contents) = view.value.as_ref().map(|(stored, contents)| (stored, contents)).unzip();
        (stored.is_some() || view.lock.is_some()).then(|| self.told(stored, contents, view.lock.as_ref()))
    }

    /// A record with the data and the lock where the layout says.
    fn told(&self, stored: Option<&Stored>, contents: Option<&Contents>, lock: Option<&Json>) -> Stored {
        let data = contents.map(|contents| contents.to_data(|stamp| self.known(stamp), self.purse));
        if let (Some(Stored::Record(record)), Some(data)) = (stored, &data)
            && !self.schema.decodes
        {
            let mut record = record.as_ref().clone();
            if let Some(profile) = &mut record.profile {
                profile.data = Arc::new(data.clone());
            }
            return Stored::Record(Arc::new(record));
        }
        let mut fields = Map::new();
        fields.extend(data.map(|data| (DATA.to_owned(), data)));
        fields.extend(lock.map(|lock| (LOCK.to_owned(), lock.clone())));
        Stored::Other(Arc::new(Json::Object(fields)))
    }

    /// The state that a number is the mark of.
    fn known(&self, stamp: Stamp) -> Stamp {
        if self.stamps.contains(&stamp) { stamp } else { Stamp(0) }
    }

    /// What is stored at the end: everything of a player as one record.
    fn ended(&mut self, store: &[(Key, Stored)]) -> Event {
        if self.schema.is_plain() {
            let store = store.iter().map(|(key, value)| (self.name(key), value.clone()));
            return Event::Ended { store: sorted(store.collect()) };
        }
        let schema = Arc::clone(&self.schema);
        let mut players: BTreeMap<PlayerId, (Option<&Stored>, Contents)> = BTreeMap::new();
        let mut others = Vec::new();
        for (key, value) in store {
            let mut parts = schema.parts.iter().enumerate();
            let found = parts.find_map(|(number, part)| Some((number, part.place.player_of(key)?)));
            match found {
                Some((number, player)) => {
                    let contents = self.contents(number, value);
                    let (stored, all) = players.entry(player).or_default();
                    all.add(contents, number == 0);
                    if number == 0 {
                        *stored = Some(value);
                    }
                }
                None => others.push((self.name(key), self.other(key, value))),
            }
        }
        let records = players.into_iter().map(|(player, (stored, contents))| {
            (key_of(player), self.told(stored, Some(&contents), contents.lock.as_ref()))
        });
        others.extend(records);
        Event::Ended { store: sorted(others) }
    }

    /// A value that belongs to no player.
    fn other(&self, key: &Key, value: &Stored) -> Stored {
        let address = Address::parse(key);
        let shared = self.schema.shared.iter().find(|shared| shared.part_of(&address).is_some());
        let Some(shared) = shared else { return value.clone() };
        let mut contents = Contents::of_shared(value, shared);
        contents.items.extend(shared.item_of(&address));
        self.told(None, Some(&contents), None)
    }

    /// The states that a guest speaks of, where the mark may be a number of the game's own.
    fn guest(&mut self, event: &GuestEvent) -> GuestEvent {
        let mut told = event.clone();
        match &mut told {
            GuestEvent::Edited { stamp, parent, .. } => {
                *parent = self.known(*parent);
                self.stamps.insert(*stamp);
            }
            GuestEvent::SessionStarted { stamp, .. } | GuestEvent::Saved { stamp, .. } => *stamp = self.known(*stamp),
            _ => {}
        }
        told
    }
}

impl Reader for LuauReader {
    fn read<'e>(&mut self, event: &'e Event) -> Cow<'e, Event> {
        match event {
            Event::Requested { server, id, kind, target: Some(key) }
                if *kind == RequestKind::Get || kind.is_write() =>
            {
                let target = Some(self.name(key));
                Cow::Owned(Event::Requested { server: *server, id: *id, kind: *kind, target })
            }
            Event::Conflicted { server, id, key } => {
                Cow::Owned(Event::Conflicted { server: *server, id: *id, key: self.name(key) })
            }
            Event::Committed { .. } => self.committed(event).map_or(Cow::Borrowed(event), Cow::Owned),
            Event::Ended { store } => Cow::Owned(self.ended(store)),
            Event::Guest { server, live_until, event } if !self.schema.is_plain() => {
                Cow::Owned(Event::Guest { server: *server, live_until: *live_until, event: self.guest(event) })
            }
            _ => Cow::Borrowed(event),
        }
    }
}

/// In order of key, as a store is told.
fn sorted(mut store: Vec<(Key, Stored)>) -> Vec<(Key, Stored)> {
    store.sort_by(|one, other| one.0.cmp(&other.0));
    store
}

/// Where a reader puts the data and the lock.
pub(crate) fn layout() -> RecordLayout {
    RecordLayout::Paths { data: vec![DATA.to_owned()], lock: Some(vec![LOCK.to_owned()]) }
}
