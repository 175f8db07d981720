//! What happened in a finding, by its kind. Each invariant defines its own; `reports` words them.

use dupeproof_sim::FindingKind;
use dupeproof_sim::id::ServerId;
use serde::{Deserialize, Serialize};

use crate::invariant::{
    admin_undone, crashed, double_live, edit_not_live, false_ack, items, lock_stuck, lost_update, messages,
    older_start_won, overdue, purchases, request_storm, shutdown_overrun, silent_end, stale_start, start_refused,
    unasked_end, undated_save, unfenced_write,
};

/// The servers of a finding, the earlier session's first.
pub(crate) type Servers = [Option<ServerId>; 2];

/// What one kind of finding keeps of what happened.
pub(crate) trait Detail {
    /// The servers it is about; what is judged by the stored data alone is about none.
    fn servers(&self) -> Servers {
        [None, None]
    }
}

/// Names each kind with the type of its details; `as`: one more for a kind that has its own already.
macro_rules! facts {
    ($($fact:ident $(as $kind:ident)? ($detail:ty),)*) => {
        /// What happened, by kind of finding.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Fact {
            $(#[doc = concat!("[`FindingKind::", facts!(@name $fact $($kind)?), "`].")] $fact($detail),)*
        }

        impl Fact {
            /// Which promise was broken.
            pub fn kind(&self) -> FindingKind {
                match self { $(Fact::$fact(_) => facts!(@kind $fact $($kind)?),)* }
            }

            pub(crate) fn servers(&self) -> Servers {
                match self { $(Fact::$fact(detail) => detail.servers(),)* }
            }
        }
    };
    (@kind $fact:ident $kind:ident) => { FindingKind::$kind };
    (@kind $fact:ident) => { FindingKind::$fact };
    (@name $fact:ident $kind:ident) => { stringify!($kind) };
    (@name $fact:ident) => { stringify!($fact) };
}

facts! {
    ItemDuplicated(items::Duplicated),
    CoinsDuplicated as ItemDuplicated (items::Sum),
    ItemLost(items::Lost),
    CoinsLost as ItemLost (items::Sum),
    PurchaseDuplicated(purchases::Duplicated),
    PurchaseLost(purchases::Lost),
    MessageDuplicated(messages::Duplicated),
    MessageLost(messages::Lost),
    LostUpdate(lost_update::Overwrite),
    AdminUndone(admin_undone::Undone),
    FalseAck(false_ack::Unstored),
    DoubleLive(double_live::Overlap),
    UnfencedWrite(unfenced_write::Unfenced),
    StaleStart(stale_start::Stale),
    EditNotLive(edit_not_live::NotLive),
    SilentEnd(silent_end::Silence),
    UnaskedEnd(unasked_end::Unasked),
    StartRefused(start_refused::Refused),
    OlderStartWon(older_start_won::Won),
    LockStuck(lock_stuck::Stuck),
    UndatedSave(undated_save::Undated),
    Crashed(crashed::Crash),
    Overdue(overdue::Overdue),
    ShutdownOverrun(shutdown_overrun::Overrun),
    RequestStorm(request_storm::Storm),
}
