//! What happens on purpose.

use crate::id::{PlayerId, ReceiptId, ServiceName, Slot};
use dupeproof_core::Span;
use serde::{Deserialize, Serialize};

use super::{Direction, RequestClass, RequestFault};
use crate::guest::Command;

/// Something that happens on purpose. An action that makes no sense when its time comes (a crash of a server that
/// is down, a command on one) does nothing. New ones come last: the digest counts an action's place in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Players and the game.
    Command {
        /// The slot of the server that is to carry it out.
        server: Slot,
        /// What the players or the game do there.
        command: Command,
    },
    /// The server stops at once: nothing runs, nothing is cleaned up. Its players are gone from it.
    Crash {
        /// The slot whose server stops.
        server: Slot,
    },
    /// A server that is down starts again, as a new JobId.
    Restart {
        /// The slot whose server is down.
        server: Slot,
    },
    /// `BindToClose`, `PlayerRemoving` for everybody there, and the kill after 30 s at the latest. From here on nobody
    /// can join.
    Close {
        /// The slot whose server closes.
        server: Slot,
    },
    /// Everything on the server waits, then runs at once.
    Freeze {
        /// The slot whose server freezes.
        server: Slot,
        /// For how long, in microseconds.
        span: Span,
    },
    /// The link between a server and a service holds everything back until it heals.
    Partition {
        /// The slot at one end of the link.
        server: Slot,
        /// The service at the other end of the link.
        service: ServiceName,
        /// What does not get through.
        direction: Direction,
        /// For how long, in microseconds.
        span: Span,
    },
    /// The connection between a server and a service breaks and is made anew: what was on its way is lost, and every
    /// request without an answer fails.
    Disconnect {
        /// The slot at one end of the connection.
        server: Slot,
        /// The service at the other end.
        service: ServiceName,
    },
    /// The host's wall clock is set, for this life and all later ones of the slot; the monotonic clock goes on.
    ClockStep {
        /// The slot whose host it is.
        server: Slot,
        /// By how much, in microseconds.
        by: i64,
    },
    /// Everybody on one server is moved to another: an update, a migration, or a group that teleports. Who was sent
    /// away by the closing of the first server and is nowhere since is moved, too; who finds the second server not up
    /// is left behind.
    Move {
        /// The slot that the players leave.
        from: Slot,
        /// The slot that they join.
        to: Slot,
    },
    /// A player who is somewhere buys something. `ProcessReceipt` is called there now, and wherever the player joins
    /// or buys something until it is answered with granted and that is recorded.
    Purchase {
        /// The player who buys.
        player: PlayerId,
        /// The receipt of the purchase, unique in a run.
        receipt: ReceiptId,
    },
    /// A service refuses everything.
    Outage {
        /// The service that refuses.
        service: ServiceName,
        /// For how long, in microseconds.
        span: Span,
    },
    /// The server's next request of this kind to a service that stores values meets this fault.
    FailNext {
        /// The slot whose request it is.
        server: Slot,
        /// The service: the DataStore, or memory stores. Requests to others meet nothing.
        #[serde(default = "data_store")]
        service: ServiceName,
        /// The class of requests that the fault waits for.
        class: RequestClass,
        /// What happens to the request.
        fault: RequestFault,
    },
    /// The server is overloaded: each of its frames takes long, and whatever reaches its scripts (the ends of their
    /// waits, heartbeats, answers, messages, players) reaches them with the next frame. Clocks and services go on.
    Lag {
        /// Which.
        server: Slot,
        /// How long a frame takes, in microseconds; at full pace it is a sixtieth of a second (performance-optimization,
        /// "computation").
        frame: Span,
        /// For how long.
        span: Span,
    },
    /// The game on a server changes its lease, for sessions that acquire their locks from now on (ProfileStore:
    /// `SetConstant`).
    SetLease {
        /// The slot of the server.
        server: Slot,
        /// The lease, in microseconds.
        lease: Span,
    },
}

/// What a request that fails is made to, unless somebody says so.
fn data_store() -> ServiceName {
    ServiceName::DataStore
}

impl Action {
    /// The server slots that it names, to be checked or renumbered.
    pub fn servers_mut(&mut self) -> [Option<&mut Slot>; 2] {
        match self {
            Action::Command { server, .. }
            | Action::Crash { server }
            | Action::Restart { server }
            | Action::Close { server }
            | Action::Freeze { server, .. }
            | Action::Lag { server, .. }
            | Action::Partition { server, .. }
            | Action::Disconnect { server, .. }
            | Action::ClockStep { server, .. }
            | Action::SetLease { server, .. }
            | Action::FailNext { server, .. } => [Some(server), None],
            Action::Move { from, to } => [Some(from), Some(to)],
            Action::Outage { .. } | Action::Purchase { .. } => [None, None],
        }
    }

    /// The players that it names, to be checked or renumbered.
    pub fn players_mut(&mut self) -> [Option<&mut PlayerId>; 2] {
        match self {
            Action::Command { command, .. } => {
                let (player, other) = command.players_mut();
                [Some(player), other]
            }
            Action::Purchase { player, .. } => [Some(player), None],
            _ => [None, None],
        }
    }

    /// How long it lasts, or how late it makes a request; `None` for what happens at one moment.
    pub fn span_mut(&mut self) -> Option<&mut Span> {
        match self {
            Action::Freeze { span, .. }
            | Action::Lag { span, .. }
            | Action::Partition { span, .. }
            | Action::Outage { span, .. } => Some(span),
            Action::FailNext { fault, .. } => fault.span_mut(),
            _ => None,
        }
    }
}
