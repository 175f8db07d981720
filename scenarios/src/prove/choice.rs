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
