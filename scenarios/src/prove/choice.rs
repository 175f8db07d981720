//! What can happen next in a state.

use serde::{Deserialize, Serialize};

/// One transition. Servers are named by their slot, flights by their place in the state's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The next step of an actor of the script.
    Step(u8),
    /// Time goes on to the next timer. Nothing healthy is on its way.
    Advance,
    /// A server's timer.
    Wake(u8),
    /// A flight arrives: a request is carried out and answered, an answer or a message is heard.
    Arrive(u8),
    /// A write that an error was reported for is applied now.
    ApplyLate(u8),
    /// A frozen server goes on.
    Thaw(u8),
    /// A server that was cut off from the data store reaches it again.
    Reconnect(u8),
    /// Something goes wrong with a flight.
    Flight(u8, FlightDeviation),
    /// A server freezes.
    Freeze(u8),
    /// A server is cut off from the data store.
    CutOff(u8),
}

/// What can go wrong with a request, an answer or a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlightDeviation {
    /// It takes its time: other things happen first.
    Hold,
    /// It is carried out, and the answer takes its time.
    HoldAnswer,
    /// It is refused with an error.
    Refuse,
    /// It is carried out, and an error is answered.
    ApplyThenError,
    /// An error is answered, and it may be applied later.
    ErrorThenApply,
    /// It is lost.
    Lose,
    /// It arrives twice.
    Double,
}

impl Choice {
    /// Whether it is a deviation from health.
    pub fn is_deviation(self) -> bool {
        matches!(self, Choice::Flight(..) | Choice::Freeze(_) | Choice::CutOff(_))
    }
}

/// The kinds of choices that name a server, an actor or a flight, and the ways in which flights deviate, in the order of
/// their numbers in files.
const KINDS: [fn(u8) -> Choice; 8] = [
    Choice::Step,
    Choice::Wake,
    Choice::Arrive,
    Choice::ApplyLate,
    Choice::Thaw,
    Choice::Reconnect,
    Choice::Freeze,
    Choice::CutOff,
];
const DEVIATIONS: [FlightDeviation; 7] = [
    FlightDeviation::Hold,
    FlightDeviation::HoldAnswer,
    FlightDeviation::Refuse,
    FlightDeviation::ApplyThenError,
    FlightDeviation::ErrorThenApply,
    FlightDeviation::Lose,
    FlightDeviation::Double,
];

/// The number in files of time that goes on; those above are deviations of flights.
const ADVANCE: u8 = 8;

impl Choice {
    /// For a file: a number for the kind, and what it names.
    pub(crate) fn to_bytes(self) -> [u8; 2] {
        let (kind, named) = match self {
            Choice::Step(actor) => (0, actor),
            Choice::Wake(slot) => (1, slot),
            Choice::Arrive(index) => (2, index),
            Choice::ApplyLate(index) => (3, index),
            Choice::Thaw(slot) => (4, slot),
            Choice::Reconnect(slot) => (5, slot),
            Choice::Freeze(slot) => (6, slot),
            Choice::CutOff(slot) => (7, slot),
            Choice::Advance => (ADVANCE, 0),
            Choice::Flight(index, how) => {
                let place = (1..).zip(DEVIATIONS).find(|(_, other)| *other == how).map_or(0, |(place, _)| place);
                (ADVANCE + place, index)
            }
        };
        [kind, named]
    }

    /// From a file; `None` if there is no such kind.
    pub(crate) fn from_bytes([kind, named]: [u8; 2]) -> Option<Choice> {
        if let Some(make) = KINDS.get(usize::from(kind)) {
            return Some(make(named));
        }
        let Some(place) = kind.checked_sub(ADVANCE + 1) else { return Some(Choice::Advance) };
        DEVIATIONS.get(usize::from(place)).map(|how| Choice::Flight(named, *how))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_choice_comes_back_from_a_file_as_it_was() {
        let flights = DEVIATIONS.map(|how| Choice::Flight(9, how));
        for choice in KINDS.map(|make| make(7)).into_iter().chain(flights).chain([Choice::Advance]) {
            assert_eq!(Choice::from_bytes(choice.to_bytes()), Some(choice));
        }
        assert_eq!(Choice::from_bytes([16, 0]), None);
    }
}
