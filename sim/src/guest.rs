//! What runs on a virtual game server.

use std::sync::Arc;

pub use dupeproof_core::{Acquired, EndReason, StartFailure};
use dupeproof_core::{Mono, Now, Span};
use serde::{Deserialize, Serialize};

use crate::id::{ItemId, MessageId, PlayerId, ReceiptId, RequestId, SessionNo, Stamp, SubscriptionId, TradeId};
use crate::request::{Answer, Key, Payload, Request, RequestType};

/// A game server's program: the Rust core with a game on top, a naive baseline, or a Luau VM.
///
/// Pure in the sense of the core: no clock, no randomness of its own, no I/O. One guest lives as long as one
/// JobId; a crash drops it without another call.
pub trait Guest {
    /// Takes one input, appends its effects to `out`, and says when it wants the next [`Input::Wake`] by its own
    /// monotonic clock (`None`: never). A wake may come late, never early.
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono>;
}

/// What a guest can know at once, without asking a service.
pub struct Turn<'a> {
    /// Its server's clocks.
    pub now: Now,
    budgets: &'a dyn Budgets,
}

/// A server's request budgets.
pub trait Budgets {
    /// Requests of this type that could be sent now, after those in `pending`.
    fn budget(&self, kind: RequestType, pending: &[Output]) -> u32;
}

/// Without limits.
impl Budgets for () {
    fn budget(&self, _kind: RequestType, _pending: &[Output]) -> u32 {
        u32::MAX
    }
}

impl<'a> Turn<'a> {
    /// At a moment, on a server with these budgets.
    pub fn new(now: Now, budgets: &'a dyn Budgets) -> Turn<'a> {
        Turn { now, budgets }
    }

    /// `GetRequestBudgetForRequestType`, less what is in `out` already. A legacy member of the enum is asked for by the
    /// type that it covers now (`UpdateAsync`: the lesser of `StandardRead` and `StandardWrite`); what Roblox answers to
    /// those in the regime of 2026 is not documented.
    pub fn budget(&self, kind: RequestType, out: &[Output]) -> u32 {
        self.budgets.budget(kind, out)
    }
}

/// What reaches a guest.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// First input of a life, and then the wake-up it asked for.
    Wake,
    /// The answer to a request. Every request is answered exactly once while the server lives, but for `Unsubscribe`,
    /// which never is, and a `Subscribe` that hangs: in Roblox it yields for ever (community, ProfileStore PR 4).
    Response(RequestId, Answer),
    /// A message on a subscription; may be late, duplicated or out of order.
    Message(SubscriptionId, Payload),
    /// Something the players or the game do.
    Command(Command),
    /// The game changes the lease of sessions that acquire their locks from now on. A guest without leases ignores it.
    SetLease(Span),
    /// The server is shutting down (`BindToClose`): the guest has 30 s, then it is killed.
    Close,
}

/// What players and the game do on one server. Never refused: a guest ignores what makes no sense to it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// A player arrives (`PlayerAdded`): start the session of [`key_of`]`(player)`.
    Join(PlayerId),
    /// A player leaves (`PlayerRemoving`): end the session, saving.
    Leave(PlayerId),
    /// The game changes the player's data (a new [`Stamp`]), if its session is live.
    Edit(PlayerId),
    /// The game saves the player's data now, if its session is live.
    Save(PlayerId),
    /// Each of two players gives the other one item, both profiles changed in memory and saved later, if both
    /// sessions are live. A player without items gives none.
    Swap(PlayerId, PlayerId),
    /// One side of an atomic trade: a player here puts its first item aside for a trade with a player anywhere, whose
    /// own server is told the same. A player without items offers nothing, and the other side is given back its own.
    Trade {
        /// Whose side.
        player: PlayerId,
        /// The other side.
        partner: PlayerId,
        /// Which trade: the same on both sides.
        trade: TradeId,
    },
    /// A player here gives its first item to a player who may be on any server or offline.
    Gift {
        /// The giver.
        from: PlayerId,
        /// The receiver.
        to: PlayerId,
        /// Which gift: unique in a run.
        gift: TradeId,
    },
    /// `ProcessReceipt`: delivered again until it was answered with granted, also on two servers at once.
    Receipt {
        /// Whose purchase.
        player: PlayerId,
        /// Which: stable across deliveries.
        receipt: ReceiptId,
    },
    /// The game here sends a message to a profile.
    Send {
        /// Whose profile.
        to: PlayerId,
        /// Which: unique in a run.
        message: MessageId,
    },
    /// As `Join`, with `Steal`.
    Steal(PlayerId),
    /// An admin on this server removes the player's record (`RemoveAsync`).
    Remove(PlayerId),
    /// An admin on this server reads the player's record and writes it back (view-mode `SetAsync`): whatever was
    /// stored in between is undone on purpose.
    Rollback(PlayerId),
    /// The game puts something into the player's data that cannot be stored, or takes it out again if it is there; if
    /// the session is live. For subjects that refuse to store such data.
    Overfill(PlayerId),
    /// The game goes on with the player's last session here, although it is not live: it changes the data, trades, gives,
    /// grants a purchase that nobody made, and saves. Nothing happens while the session is live.
    Errands {
        /// Whose session.
        player: PlayerId,
        /// With whom it trades, and to whom it gives.
        partner: PlayerId,
        /// The trade; the gift and the purchase have the same number.
        errand: TradeId,
    },
}

impl Command {
    /// Who it names: its player, and the other one if there are two.
    pub fn players(mut self) -> (PlayerId, Option<PlayerId>) {
        let (player, other) = self.players_mut();
        (*player, other.copied())
    }

    /// The same, to be renumbered.
    pub fn players_mut(&mut self) -> (&mut PlayerId, Option<&mut PlayerId>) {
        match self {
            Command::Join(player)
            | Command::Steal(player)
            | Command::Leave(player)
            | Command::Edit(player)
            | Command::Save(player)
            | Command::Receipt { player, .. }
            | Command::Send { to: player, .. }
            | Command::Remove(player)
            | Command::Rollback(player)
            | Command::Overfill(player) => (player, None),
            Command::Swap(first, second)
            | Command::Trade { player: first, partner: second, .. }
            | Command::Errands { player: first, partner: second, .. }
            | Command::Gift { from: first, to: second, .. } => (first, Some(second)),
        }
    }
}

/// What the keys of players begin with, in front of the UserId.
pub const PLAYER_PREFIX: &str = "Player_";

/// What the keys of records that belong to no player, and may hold items, begin with where a [`crate::Reader`] tells them.
pub const SHARED_PREFIX: &str = "Shared:";

/// The DataStore key of a player's profile: that of the subjects that are built in, and the name by which a player's
/// record is known where a subject keeps it elsewhere ([`crate::Reader`]).
pub fn key_of(player: PlayerId) -> Key {
    format!("{PLAYER_PREFIX}{}", player.0).into()
}

/// What a guest does.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Ask a service.
    Request(RequestId, Request),
    /// Tell the trace what happened to a session.
    Event(GuestEvent),
    /// Where in the scripts the next output comes from, if [`Boot::reads_calls`](crate::subject::Boot::reads_calls): the
    /// calls, the innermost first, a line each.
    CalledFrom(Arc<str>),
    /// The `UpdateAsync` that this request began writes nothing, since its transform returned nil; if
    /// [`Boot::reads_calls`](crate::subject::Boot::reads_calls).
    UpdateCancelled(RequestId),
    /// A line for the person reading the trace; it begins with its level's [`LogLevel::prefix`].
    Log(LogLevel, Arc<str>),
    /// The program failed as a whole, or a part of it was stopped for what it used: what, why, and where it was.
    Crashed(Arc<str>),
    /// After [`Input::Close`]: everything is saved, the server may go. If players are still to leave they do so first, and
    /// until then everything goes on.
    Closed,
}

/// How the engine warns of a `WaitForChild` that finds nothing for 5 s (class reference, `Instance:WaitForChild`).
pub const ENDLESS_WAIT: &str = "Infinite yield possible on";

/// What an error of a game's callback for receipts begins with, after the prefix of errors. The purchase comes again.
pub const RECEIPT_FAILED: &str = "ProcessReceipt failed: ";

/// How serious a line in a server's log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// What a script prints.
    Info,
    /// What a script warns of.
    Warning,
    /// A thread that failed.
    Error,
}

impl LogLevel {
    /// How a line of this level begins, for people who read it without its level.
    pub fn prefix(self) -> &'static str {
        match self {
            LogLevel::Info => "",
            LogLevel::Warning => "warning: ",
            LogLevel::Error => "error: ",
        }
    }
}

/// What a guest says of its sessions, as its game sees them.
#[derive(Clone, Debug, PartialEq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GuestEvent {
    /// The game got a live session.
    SessionStarted {
        /// The session, by its number on this server.
        session: SessionNo,
        /// The player whose profile it is.
        player: PlayerId,
        /// The state of the data it starts with.
        stamp: Stamp,
        /// `is_active()` will answer true until this moment by the server's own clock unless told otherwise;
        /// `None`: until the session ends.
        live_until: Option<Mono>,
        /// How the lock was acquired.
        acquired: Acquired,
    },
    /// The lease was confirmed: `is_active()` answers true until this later moment.
    Renewed {
        /// The session, by its number on this server.
        session: SessionNo,
        /// The new end.
        live_until: Mono,
    },
    /// The session is not live for now; the game was told.
    Suspended {
        /// The session, by its number on this server.
        session: SessionNo,
    },
    /// The session is live again; the game was told.
    Resumed {
        /// The session, by its number on this server.
        session: SessionNo,
        /// The new end.
        live_until: Mono,
    },
    /// The session is over; the game was told. From here `is_active()` is false.
    SessionEnded {
        /// The session, by its number on this server.
        session: SessionNo,
        /// Why the session ended, as the game was told.
        reason: EndReason,
    },
    /// A start failed; the game was told.
    StartFailed {
        /// The player whose session did not start.
        player: PlayerId,
        /// Why, as the game was told.
        failure: StartFailure,
    },
    /// The game was told that this state of the data is stored.
    Saved {
        /// The session, by its number on this server.
        session: SessionNo,
        /// The state that is stored.
        stamp: Stamp,
    },
    /// The game changed the data.
    Edited {
        /// The session, by its number on this server.
        session: SessionNo,
        /// The new state.
        stamp: Stamp,
        /// The state it was made from.
        parent: Stamp,
    },
    /// The game put an item aside for a trade or a gift.
    ItemPutAside {
        /// The item that changes its place.
        item: ItemId,
        /// The session whose data had the item.
        session: SessionNo,
        /// For which trade or gift.
        trade: TradeId,
    },
    /// The game took an item out of a trade or a gift into the data.
    ItemTaken {
        /// The item that changes its place.
        item: ItemId,
        /// The session whose data has the item now.
        session: SessionNo,
        /// From which trade or gift.
        trade: TradeId,
    },
    /// A trade was decided, as one side was told.
    TradeDecided {
        /// Whose side.
        session: SessionNo,
        /// Which trade.
        trade: TradeId,
        /// True if the trade committed, false if it was aborted.
        committed: bool,
    },
    /// The sender was told that its message will arrive.
    MessageAccepted {
        /// The message that was sent.
        message: MessageId,
    },
    /// The sender was told that its message will not arrive.
    MessageRefused {
        /// The message that was sent.
        message: MessageId,
    },
    /// A session's game handled a message; its effect is in the data.
    MessageHandled {
        /// The session that handled the message.
        session: SessionNo,
        /// The message that was handled.
        message: MessageId,
    },
    /// `ProcessReceipt` was answered with `PurchaseGranted`: it will not be delivered again.
    PurchaseGranted {
        /// Whose purchase.
        player: PlayerId,
        /// The purchase that was granted.
        receipt: ReceiptId,
    },
    /// The game moved an item between two profiles in memory.
    ItemMoved {
        /// The item that changes its place.
        item: ItemId,
        /// The giver's session.
        from: SessionNo,
        /// The receiver's session.
        to: SessionNo,
    },
    /// The game knows that this state of the data cannot be stored.
    Overfilled {
        /// The session, by its number on this server.
        session: SessionNo,
        /// The state.
        stamp: Stamp,
    },
}

impl GuestEvent {
    /// The session that it is about, if it is about one; of a move of an item, the giver's.
    pub fn session(&self) -> Option<SessionNo> {
        match self {
            GuestEvent::SessionStarted { session, .. }
            | GuestEvent::Renewed { session, .. }
            | GuestEvent::Suspended { session }
            | GuestEvent::Resumed { session, .. }
            | GuestEvent::SessionEnded { session, .. }
            | GuestEvent::Saved { session, .. }
            | GuestEvent::Edited { session, .. }
            | GuestEvent::ItemPutAside { session, .. }
            | GuestEvent::ItemTaken { session, .. }
            | GuestEvent::TradeDecided { session, .. }
            | GuestEvent::MessageHandled { session, .. }
            | GuestEvent::Overfilled { session, .. }
            | GuestEvent::ItemMoved { from: session, .. } => Some(*session),
            GuestEvent::StartFailed { .. }
            | GuestEvent::MessageAccepted { .. }
            | GuestEvent::MessageRefused { .. }
            | GuestEvent::PurchaseGranted { .. } => None,
        }
    }
}
