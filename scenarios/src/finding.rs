//! What can be found wrong: a closed list.

use dupeproof_core::Span;
use dupeproof_sim::Global;
use serde::{Deserialize, Serialize};

/// A kind of broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FindingKind {
    /// Two servers' sessions of one key were live (`is_active`) at one instant of global time.
    DoubleLive,
    /// A session changed the stored data, or cleared the lock, after a later session of the key had begun.
    UnfencedWrite,
    /// A committed state of the data was overwritten by one not made from it.
    LostUpdate,
    /// A session began with data older than what was stored.
    StaleStart,
    /// A session was over and its game was never told.
    SilentEnd,
    /// A game was told that its data is stored, and it was not.
    FalseAck,
    /// After settling, a start did not succeed within the subject's bound, or a lock or a trade's coordinator was left.
    LockStuck,
    /// After settling, an item is in two places.
    ItemDuplicated,
    /// After settling, an item is nowhere.
    ItemLost,
    /// After settling, a message was handled twice, or will be; or it arrived though its sender was told it did not.
    MessageDuplicated,
    /// After settling, a message whose sender was told that it will arrive was not handled and is not queued.
    MessageLost,
    /// After settling, a purchase was granted twice.
    PurchaseDuplicated,
    /// After settling, a purchase that was answered with granted is not in the player's data.
    PurchaseLost,
    /// A closing server was killed though nothing hindered it.
    ShutdownOverrun,
    /// One server asked for one key far more often than what it had to do can explain.
    RequestStorm,
    /// What runs on a server failed as a whole, or a part of it was stopped for what it used.
    Crashed,
}

impl FindingKind {
    /// All of them, worst first: what is in two places or gone for good, and there what was paid for and can be
    /// traded first; then what leads there; then what merely annoys.
    pub const ALL: [FindingKind; 16] = [
        FindingKind::ItemDuplicated,
        FindingKind::ItemLost,
        FindingKind::PurchaseDuplicated,
        FindingKind::PurchaseLost,
        FindingKind::MessageDuplicated,
        FindingKind::MessageLost,
        FindingKind::LostUpdate,
        FindingKind::FalseAck,
        FindingKind::DoubleLive,
        FindingKind::UnfencedWrite,
        FindingKind::StaleStart,
        FindingKind::SilentEnd,
        FindingKind::LockStuck,
        FindingKind::Crashed,
        FindingKind::ShutdownOverrun,
        FindingKind::RequestStorm,
    ];

    /// The name, as in [`dupeproof_sim::Contract::never`].
    pub fn name(self) -> &'static str {
        match self {
            FindingKind::DoubleLive => "DoubleLive",
            FindingKind::UnfencedWrite => "UnfencedWrite",
            FindingKind::LostUpdate => "LostUpdate",
            FindingKind::StaleStart => "StaleStart",
            FindingKind::SilentEnd => "SilentEnd",
            FindingKind::FalseAck => "FalseAck",
            FindingKind::LockStuck => "LockStuck",
            FindingKind::ItemDuplicated => "ItemDuplicated",
            FindingKind::ItemLost => "ItemLost",
            FindingKind::MessageDuplicated => "MessageDuplicated",
            FindingKind::MessageLost => "MessageLost",
            FindingKind::PurchaseDuplicated => "PurchaseDuplicated",
            FindingKind::PurchaseLost => "PurchaseLost",
            FindingKind::ShutdownOverrun => "ShutdownOverrun",
            FindingKind::RequestStorm => "RequestStorm",
            FindingKind::Crashed => "Crashed",
        }
    }

    /// One line for people.
    pub fn about(self) -> &'static str {
        match self {
            FindingKind::DoubleLive => "two servers believed at the same instant that the session was theirs",
            FindingKind::UnfencedWrite => "a session wrote after a later session of the same profile had begun",
            FindingKind::LostUpdate => "saved data was overwritten by data that was not made from it",
            FindingKind::StaleStart => "a session began with data older than what was stored",
            FindingKind::SilentEnd => "a session was over and its game was never told",
            FindingKind::FalseAck => "a game was told that its data was saved, and it was not",
            FindingKind::LockStuck => {
                "after everything had recovered, a lock or a trade's record was left, or a profile could not be loaded in time"
            }
            FindingKind::ItemDuplicated => "after everything had recovered, one item was in two places",
            FindingKind::ItemLost => "after everything had recovered, an item was nowhere",
            FindingKind::MessageDuplicated => {
                "a message took effect twice, or arrived though its sender was told it did not"
            }
            FindingKind::MessageLost => "a message was accepted and never arrived",
            FindingKind::PurchaseDuplicated => "a purchase was granted twice",
            FindingKind::PurchaseLost => "a purchase was answered with granted, and its grant was not stored",
            FindingKind::ShutdownOverrun => "a closing server was killed at 30 s though nothing had hindered it",
            FindingKind::RequestStorm => "a server asked for one key again and again without a pause",
            FindingKind::Crashed => "a server's scripts failed as a whole, or a thread was stopped for what it used",
        }
    }
}

/// One broken promise in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Which promise.
    pub kind: FindingKind,
    /// When it broke.
    pub at: Global,
    /// The DataStore key, if it is about one.
    pub key: Option<String>,
    /// How long it lasted, for kinds that last.
    pub lasted: Option<Span>,
    /// What happened, in one sentence, with servers, sessions and values.
    pub story: String,
    /// The servers it is about, as slot and life, the earlier session's first.
    pub servers: Vec<(u16, u16)>,
}

/// What a run, or many, say of a subject; later is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing outside the contract was found, and what had to be seen was.
    Safe,
    /// Nothing was found, but not enough was seen to say so.
    Unknown,
    /// A finding outside the contract.
    Unsafe,
}
