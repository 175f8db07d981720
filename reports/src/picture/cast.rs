//! The players a finding is about, their keys, and the servers they were on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dupeproof_core::{SessionTag, Stored};
use dupeproof_scenarios::Finding;
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, ServerId, SessionRef, Slot};
use dupeproof_sim::schedule::Action;
use dupeproof_sim::{Command, Event, FindingKind, Global, GuestEvent, Key};
use serde_json::Value as Json;

use super::memory::{only_number, player_of_entry};

/// The players, keys, servers and sessions that a picture and a story show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cast {
    /// The players.
    pub players: BTreeSet<PlayerId>,
    /// The servers they were on.
    pub slots: BTreeSet<Slot>,
    /// All sessions of these players.
    pub sessions: BTreeMap<SessionRef, PlayerId>,
    keys: BTreeMap<Key, PlayerId>,
    /// The guids of these players' sessions and markers: topics that hold one are about them.
    guids: BTreeSet<Arc<str>>,
    /// Topics on which something about these players was published.
    topics: BTreeSet<Arc<str>>,
}

impl Cast {
    /// The cast of a run for a finding: its player, and for findings about items everybody who swapped or traded
    /// with them, gave to them or was given. A finding without a player is about everybody.
    pub fn of(events: &[(Global, Event)], finding: &Finding) -> Cast {
        let sessions = all_sessions(events);
        let everybody = everybody(events, &sessions);
        let mut cast = Cast::default();
        match finding.player {
            Some(player) => drop(cast.players.insert(player)),
            None => cast.players = everybody,
        }
        if matches!(finding.kind(), FindingKind::ItemDuplicated | FindingKind::ItemLost) {
            cast.add_partners(events, &sessions);
        }
        cast.keys = cast.players.iter().map(|player| (key_of(*player), *player)).collect();
        cast.sessions = sessions.into_iter().filter(|(_, player)| cast.players.contains(player)).collect();
        cast.slots = finding.servers().map(|server| server.slot).collect();
        cast.slots.extend(cast.sessions.keys().map(|session| session.server.slot));
        for (_, event) in events {
            cast.add_visited(event);
            cast.add_guids(event);
        }
        let mut says = None;
        for (_, event) in events {
            match event {
                Event::MessageSays { data, .. } => says = Some(data),
                Event::Published { topic, .. } => {
                    let says_it = says.take().is_some_and(|data| cast.is_named_in(data));
                    if says_it || cast.is_named(topic) {
                        cast.topics.insert(topic.clone());
                    }
                }
                _ => {}
            }
        }
        cast
    }

    /// Whether a key is one of theirs, and whose.
    pub fn player_of(&self, key: &str) -> Option<PlayerId> {
        self.keys.get(key).copied()
    }

    /// Whether an entry of a memory store is one of theirs, and whose.
    pub fn player_of_entry(&self, address: &str) -> Option<PlayerId> {
        player_of_entry(address).filter(|player| self.players.contains(player))
    }

    /// Whether a session is one of theirs, and whose.
    pub fn player_in(&self, session: SessionRef) -> Option<PlayerId> {
        self.sessions.get(&session).copied()
    }

    /// Whether a topic is about them, or something about them was published on it.
    pub fn concerns_topic(&self, topic: &str) -> bool {
        self.topics.contains(topic) || self.guids.iter().any(|guid| topic.contains(&**guid))
    }

    /// Whether a message names one of them: by a key of theirs, or by a UserId where a UserId is meant.
    pub fn is_named_in(&self, data: &Json) -> bool {
        match data {
            Json::String(text) => self.is_named(text),
            Json::Number(number) => {
                number.as_u64().is_some_and(|number| self.players.iter().any(|one| u64::from(one.0) == number))
            }
            Json::Array(list) => list.iter().any(|entry| entry.is_string() && self.is_named_in(entry)),
            Json::Object(fields) => fields.iter().any(|(name, field)| {
                let names = ["id", "user", "player"].iter().any(|word| name.to_lowercase().contains(word));
                (names || !field.is_number()) && self.is_named_in(field)
            }),
            Json::Null | Json::Bool(_) => false,
        }
    }

    /// Whether the only number in a text is a UserId of theirs.
    fn is_named(&self, text: &str) -> bool {
        only_number(text).is_some_and(|number| self.players.contains(&PlayerId(number)))
    }

    /// Whether a command is about them.
    pub fn concerns_command(&self, command: Command) -> bool {
        let (player, partner) = command.players();
        self.players.contains(&player) || partner.is_some_and(|partner| self.players.contains(&partner))
    }

    fn add_partners(&mut self, events: &[(Global, Event)], sessions: &BTreeMap<SessionRef, PlayerId>) {
        let deal = |event: &Event| match event {
            Event::Guest { server, event: GuestEvent::ItemMoved { from, to, .. }, .. } => {
                let player = |no| sessions.get(&SessionRef { server: *server, no }).copied();
                Some((player(*from)?, player(*to)?))
            }
            Event::Acted {
                action: Action::Command { command: Command::Trade { player, partner, .. }, .. }, ..
            } => Some((*player, *partner)),
            Event::Acted { action: Action::Command { command: Command::Gift { from, to, .. }, .. }, .. } => {
                Some((*from, *to))
            }
            _ => None,
        };
        let deals: Vec<(PlayerId, PlayerId)> = events.iter().filter_map(|(_, event)| deal(event)).collect();
        loop {
            let before = self.players.len();
            for (one, other) in &deals {
                if self.players.contains(one) || self.players.contains(other) {
                    self.players.extend([*one, *other]);
                }
            }
            if self.players.len() == before {
                return;
            }
        }
    }

    fn add_visited(&mut self, event: &Event) {
        if let Event::Acted { action: Action::Command { server, command }, .. } = event
            && self.concerns_command(*command)
        {
            self.slots.insert(*server);
        }
    }

    fn add_guids(&mut self, event: &Event) {
        if let Event::Committed { key, after: Some(after), .. } = event
            && self.keys.contains_key(key)
        {
            let tags = [after.active_session(), marker(after)];
            self.guids.extend(tags.into_iter().flatten().filter_map(|tag| tag.guid.clone()));
        }
    }
}

/// The session that asks for a record's lock.
pub fn marker(stored: &Stored) -> Option<&SessionTag> {
    match stored {
        Stored::Record(record) => record.profile.as_ref()?.meta.force_load_session.as_ref(),
        Stored::Other(_) => None,
    }
}

fn all_sessions(events: &[(Global, Event)]) -> BTreeMap<SessionRef, PlayerId> {
    let started = |server: ServerId, event: &GuestEvent| match event {
        GuestEvent::SessionStarted { session, player, .. } => Some((SessionRef { server, no: *session }, *player)),
        _ => None,
    };
    let guests = events.iter().filter_map(|(_, event)| match event {
        Event::Guest { server, event, .. } => started(*server, event),
        _ => None,
    });
    guests.collect()
}

fn everybody(events: &[(Global, Event)], sessions: &BTreeMap<SessionRef, PlayerId>) -> BTreeSet<PlayerId> {
    let named = events.iter().filter_map(|(_, event)| match event {
        Event::Acted { action: Action::Command { command, .. }, .. } => Some(command.players()),
        _ => None,
    });
    let named = named.flat_map(|(player, partner)| [Some(player), partner]).flatten();
    named.chain(sessions.values().copied()).collect()
}
