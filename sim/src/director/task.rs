//! What the director has to do at its time, beside the timeline.

use super::faults::Condition;
use crate::clock::Global;
use crate::id::{PlayerId, ReceiptId, ServerId, ServiceName, Slot};
use crate::schedule::Direction;

/// Something to do. What is about a server's life does nothing once that is over, what is about a player who is there
/// does nothing once they are gone.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task {
    /// All servers start.
    Start,
    /// A server is no longer in a condition.
    EndCondition(ServerId, Condition),
    Mend(Slot, ServiceName, Direction),
    EndOutage(ServiceName),
    /// `BindToClose`.
    Close(ServerId),
    Kill(ServerId),
    /// `PlayerRemoving`, by a step of the timeline.
    Depart(ServerId, PlayerId, u32),
    /// `PlayerAdded` of who was moved, by a step of the timeline.
    Arrive(Slot, PlayerId, u32),
    /// `ProcessReceipt`, by a step of the timeline or by the settling.
    Deliver(ServerId, PlayerId, ReceiptId, Option<u32>),
    Heal,
    SendHome,
    FinalCheck,
    Visit,
    /// Look whether all have been let in, until then.
    Look(Global),
    End,
}
