//! Short names for the states that a run's data goes through: stamps are unique, and unreadable.

use std::collections::BTreeMap;

use dupeproof_core::Stored;
use dupeproof_scenarios::game_record;
use dupeproof_sim::id::{SessionRef, Stamp};
use dupeproof_sim::{Event, Global, GuestEvent};

use super::cast::Cast;

/// Numbers the states of the cast's data in the order in which they first show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct States(BTreeMap<Stamp, usize>);

impl Default for States {
    /// No state is numbered but zero: data that nobody has changed.
    fn default() -> States {
        States(BTreeMap::from([(Stamp(0), 0)]))
    }
}

impl States {
    /// Numbers all states in a trace, from one.
    pub fn of(events: &[(Global, Event)], cast: &Cast) -> States {
        let mut states = States::default();
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

    /// `state 3`; a state without a number is called by its stamp: `state 0x10000000001`.
    pub fn name(&self, stamp: Stamp) -> String {
        match self.number(stamp) {
            Some(number) => format!("state {number}"),
            None => format!("state {:#x}", stamp.0),
        }
    }

    fn add(&mut self, stamp: Stamp) {
        let next = self.0.len();
        self.0.entry(stamp).or_insert(next);
    }
}

/// The state of stored data.
pub fn stamp_of(stored: &Stored) -> Stamp {
    stored.data().map(game_record::stamp).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_named_by_their_numbers_and_unknown_ones_by_their_stamps() {
        let states = States(BTreeMap::from([(Stamp(0), 0), (Stamp(0x100_0000_0001), 2)]));
        assert_eq!([0x100_0000_0001, 0, 5].map(|stamp| states.name(Stamp(stamp))), ["state 2", "state 0", "state 0x5"]);
        assert_eq!(States::default().name(Stamp(0)), "state 0");
    }
}
