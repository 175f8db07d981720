//! Short names for the states that a run's data goes through: stamps are unique, and unreadable.

use std::collections::BTreeMap;

use dupeproof_core::Stored;
use dupeproof_sim::{Event, Global, GuestEvent, SessionRef, Stamp};

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
                    if cast.player_in(SessionRef { server: *server, no: *session }).is_some() =>
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

    /// `state 3`; `state 0` is data that nobody has changed.
    pub fn name(&self, stamp: Stamp) -> String {
        match self.number(stamp) {
            Some(number) => format!("state {number}"),
            None => format!("an unknown state ({})", stamp.0),
        }
    }

    /// A sentence with states by their numbers: findings know only stamps, and write them as `state 0x10000000001`.
    pub fn renumber(&self, sentence: &str) -> String {
        let mut parts = sentence.split("state 0x");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(part.len());
            let number = u64::from_str_radix(&part[..digits], 16).ok().and_then(|stamp| self.number(Stamp(stamp)));
            match number {
                Some(number) => text.push_str(&format!("state {number}{}", &part[digits..])),
                None => text.push_str(&format!("state 0x{part}")),
            }
        }
        text
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

/// A list of numbers in stored data: `Items`, `Mail` or `Bought`. Absent is empty.
pub fn numbers_of(stored: &Stored, list: &str) -> Vec<u64> {
    let numbers = stored.data().and_then(|data| data.get(list)?.as_array());
    numbers.into_iter().flatten().filter_map(serde_json::Value::as_u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_in_a_sentence_become_numbers_and_unknown_ones_stay() {
        let states = States(BTreeMap::from([(Stamp(0), 0), (Stamp(0x100_0000_0001), 2)]));
        assert_eq!(
            states.renumber("state 0x10000000001 was made from state 0x0, not from state 0x5"),
            "state 2 was made from state 0, not from state 0x5"
        );
    }
}
