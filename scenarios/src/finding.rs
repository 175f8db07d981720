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
    /// After settling, a start did not succeed within the subject's bound.
    LockStuck,
    /// After settling, an item is in two places.
    ItemDuplicated,
    /// After settling, an item is nowhere.
    ItemLost,
}

impl FindingKind {
    /// All of them, worst first.
    pub const ALL: [FindingKind; 8] = [
        FindingKind::ItemDuplicated,
        FindingKind::ItemLost,
        FindingKind::LostUpdate,
        FindingKind::DoubleLive,
        FindingKind::UnfencedWrite,
        FindingKind::StaleStart,
        FindingKind::SilentEnd,
        FindingKind::LockStuck,
    ];

    /// The name, as in [`dupeproof_sim::Contract::never`].
    pub fn name(self) -> &'static str {
        match self {
            FindingKind::DoubleLive => "DoubleLive",
            FindingKind::UnfencedWrite => "UnfencedWrite",
            FindingKind::LostUpdate => "LostUpdate",
            FindingKind::StaleStart => "StaleStart",
            FindingKind::SilentEnd => "SilentEnd",
            FindingKind::LockStuck => "LockStuck",
            FindingKind::ItemDuplicated => "ItemDuplicated",
            FindingKind::ItemLost => "ItemLost",
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
            FindingKind::LockStuck => "after everything had recovered, a profile could not be loaded in time",
            FindingKind::ItemDuplicated => "after everything had recovered, one item was in two places",
            FindingKind::ItemLost => "after everything had recovered, an item was nowhere",
        }
    }
}

/// One broken promise in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
