//! Short names for the states that a run's data goes through: stamps are unique, and unreadable.

use std::collections::BTreeMap;

use dupeproof_core::Stored;
use dupeproof_sim::{Event, Global, GuestEvent, SessionId, Stamp};

use super::cast::Cast;

/// Numbers the states of the cast's data in the order in which they first show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct States(BTreeMap<Stamp, usize>);

impl States {
    /// Numbers all states in a trace, from one; zero is data that nobody has changed.
    pub fn of(events: &[(Global, Event)], cast: &Cast) -> States {
        let mut states = States(BTreeMap::from([(Stamp(0), 0)]));
        for (_, event) in events {
            match event {
                Event::Guest { server, event: GuestEvent::Edited { session, stamp, .. }, .. }
                    if cast.player_in(SessionId { server: *server, no: *session }).is_some() =>
                {
                    states.add(*stamp);
                }
                Event::Committed { key, after: Some(after), .. } if cast.player_of(key).is_some() => {
                    states.add(stamp_of(after));
                }
                _ => {}
            }
        }
        states
    }

    /// The number of a state, if it was ever seen.
    pub fn number(&self, stamp: Stamp) -> Option<usize> {
        self.0.get(&stamp).copied()
    }

    /// `state 3`.
    pub fn name(&self, stamp: Stamp) -> String {
        match self.number(stamp) {
            Some(0) => "state 0 (never changed)".into(),
            Some(number) => format!("state {number}"),
            None => format!("an unknown state ({})", stamp.0),
        }
    }

    fn add(&mut self, stamp: Stamp) {
        let next = self.0.len();
        self.0.entry(stamp).or_insert(next);
    }
}

/// The state of stored data.
pub fn stamp_of(stored: &Stored) -> Stamp {
    Stamp(stored.data().and_then(|data| data.get("Stamp")?.as_u64()).unwrap_or(0))
}

/// The items in stored data, as numbers.
pub fn items_of(stored: &Stored) -> Vec<u64> {
    let items = stored.data().and_then(|data| data.get("Items")?.as_array());
    items.into_iter().flatten().filter_map(serde_json::Value::as_u64).collect()
}
