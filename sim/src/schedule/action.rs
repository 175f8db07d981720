//! What happens on purpose.

use dupeproof_core::Span;
use serde::{Deserialize, Serialize};

use super::{Direction, RequestClass, RequestFault, Slot};
use crate::guest::{Command, PlayerId, ReceiptId};
use crate::request::ServiceName;

/// Something that happens on purpose. An action that makes no sense when its time comes (a crash of a server that
/// is down, a command on one) does nothing. New ones come last: the digest counts an action's place in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Players and the game.
    Command {
        /// Where.
        server: Slot,
        /// What.
        command: Command,
    },
    /// The server stops at once: nothing runs, nothing is cleaned up. Its players are gone from it.
    Crash {
        /// Which.
        server: Slot,
    },
    /// A server that is down starts again, as a new JobId.
    Restart {
        /// Which.
        server: Slot,
    },
    /// `BindToClose`, `PlayerRemoving` for everybody there, and the kill after 30 s at the latest. From here on nobody
    /// can join.
    Close {
        /// Which.
        server: Slot,
    },
    /// Everything on the server waits, then runs at once.
    Freeze {
        /// Which.
        server: Slot,
        /// How long.
        span: Span,
    },
    /// The link between a server and a service holds everything back until it heals.
    Partition {
        /// Which.
        server: Slot,
        /// From which service.
        service: ServiceName,
        /// Which way.
        direction: Direction,
        /// How long.
        span: Span,
    },
    /// The connection between a server and a service breaks and is made anew: what was on its way is lost, and every
    /// request without an answer fails.
    Disconnect {
        /// Which.
        server: Slot,
        /// From which service.
        service: ServiceName,
    },
    /// The host's wall clock is set, for this life and all later ones of the slot; the monotonic clock goes on.
    ClockStep {
        /// Which.
        server: Slot,
        /// By how much, in microseconds.
        by: i64,
    },
    /// Everybody on one server is moved to another: an update, a migration, or a group that teleports. Who was sent
    /// away by the closing of the first server and is nowhere since is moved, too; who finds the second server not up
    /// is left behind.
    Move {
        /// From where.
        from: Slot,
        /// To where.
        to: Slot,
    },
    /// A player who is somewhere buys something. `ProcessReceipt` is called there now, and wherever the player joins
    /// or buys something until it is answered with granted and that is recorded.
    Purchase {
        /// Who.
        player: PlayerId,
        /// What.
        receipt: ReceiptId,
    },
    /// A service refuses everything.
    Outage {
        /// Which.
        service: ServiceName,
        /// How long.
        span: Span,
    },
    /// The server's next DataStore request of this kind meets this fate.
    FailNext {
        /// Whose.
        server: Slot,
        /// Read or write.
        class: RequestClass,
        /// What happens to it.
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
            | Action::FailNext { server, .. } => [Some(server), None],
            Action::Move { from, to } => [Some(from), Some(to)],
            Action::Outage { .. } | Action::Purchase { .. } => [None, None],
        }
    }

    /// The players whom it names, to be checked or renumbered.
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
