//! What can be found wrong: a closed list, worded once. Invariants show these kinds, contracts name them, and reports
//! and documents take their words from here.

use serde::{Deserialize, Serialize};

/// Words each kind once, for the enum, its list and its names.
macro_rules! finding_kinds {
    ($($kind:ident $about:literal,)*) => {
        /// A kind of broken promise. Later in the list is less bad: what is in two places or gone for good, and there
        /// what was paid for and can be traded first; then what leads there; then what merely annoys.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum FindingKind {
            $(#[doc = concat!("In one line: ", $about, ".")] $kind,)*
        }

        impl FindingKind {
            /// All of them, worst first.
            pub const ALL: [FindingKind; [$(FindingKind::$kind),*].len()] = [$(FindingKind::$kind),*];

            /// The name, as scenario files, failure files and reports use it.
            pub fn name(self) -> &'static str {
                match self { $(FindingKind::$kind => stringify!($kind),)* }
            }

            /// What it means, in one line for people.
            pub fn about(self) -> &'static str {
                match self { $(FindingKind::$kind => $about,)* }
            }
        }
    };
}

finding_kinds! {
    ItemDuplicated "after everything had recovered, one item was in two places",
    ItemLost "after everything had recovered, an item was nowhere",
    PurchaseDuplicated "a purchase was granted twice",
    PurchaseLost "a purchase was reported as granted, and the player's data never contained it",
    MessageDuplicated "a message took effect twice, or arrived although its sender was told that it had not",
    MessageLost "a message was accepted and never arrived",
    LostUpdate "saved data was overwritten by data not based on it, or a session that could save its changes never did",
    AdminUndone "an administrator's erasure or restore was undone by a session that had begun before it",
    FalseAck "data was said to be saved, or a purchase granted, and it was not stored",
    DoubleLive "two servers held a live session of one profile at the same time",
    UnfencedWrite "a session wrote after a later session of the profile had begun, or a server cleared a lock in use",
    StaleStart "a session began with data older than what was stored",
    EditNotLive "a game changed a profile's data while its session was suspended or over",
    SilentEnd "a session was over and its game was never told",
    UnaskedEnd "a session ended or was suspended, though nobody had asked for that and all was well",
    StartRefused "a player got no session, though nobody had the profile, or its holder was long gone, and all was well",
    OlderStartWon "of several servers that asked for a profile, not the one where the player came last got it",
    LockStuck "after everything had recovered, a profile could not be loaded in time, or a lock, a message, a part of a trade or a subscription was left",
    UndatedSave "a save did not move `LastUpdate`, by which servers without leases tell that a session is dead",
    Crashed "the scripts of a server failed as a whole, or a thread was stopped for the time or memory it used",
    Overdue "a session heard late that it was over, a start waited for a lock that was free, or a change was not saved in time, though nothing delayed it",
    ShutdownOverrun "a closing server was killed after 30 s although nothing had delayed it",
    RequestStorm "a server kept sending requests for one key without a pause",
}
