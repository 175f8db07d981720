//! A server slot: a host, and the server on it.

use super::faults::Condition;
use crate::clock::Global;
use crate::id::{PlayerId, ServiceName};

/// What the director knows of a slot.
#[derive(Clone, Debug, Default)]
pub(super) struct SlotState {
    pub(super) life: u16,
    pub(super) state: ServerState,
    /// Until when it is in each condition.
    pub(super) until: [Option<Global>; Condition::ALL.len()],
    /// Until when the links are cut, by service, to and from it.
    pub(super) cuts: [[Option<Global>; 2]; ServiceName::COUNT],
    /// How far the host's wall clock was set since the run began: a server that starts there later has it so.
    pub(super) stepped: i64,
    /// In order of arrival.
    pub(super) players: Vec<PlayerId>,
    /// Who of them is on the way to another server already.
    pub(super) moving: Vec<PlayerId>,
    /// Who was there when the last server began to close, and was not moved.
    pub(super) dismissed: Vec<PlayerId>,
}

/// Whether there is a server, and whether it stays.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum ServerState {
    #[default]
    Down,
    Up,
    Closing,
}

impl SlotState {
    pub(super) fn is_running(&self) -> bool {
        self.state != ServerState::Down
    }
}
