//! What things are called in a run: servers, players, sessions, requests, services, and what players own and do.

use serde::{Deserialize, Serialize};

macro_rules! numbers {
    ($($(#[$about:meta])* $name:ident($number:ty);)+) => {
        $(
            $(#[$about])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub $number);
        )+
    };
}

/// A server slot, from zero: a place for one server, which can crash and start anew. One past the schedule's slots is that
/// of the fresh server.
pub type Slot = u16;

/// One life of one server: a slot, and how often it had started before. One JobId.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerId {
    /// The slot.
    pub slot: Slot,
    /// The life, from zero.
    pub life: u16,
}

impl ServerId {
    /// `game.JobId` of this life.
    pub fn job_id(self) -> String {
        format!("job-{}-{}", self.slot, self.life)
    }

    /// Whether a text is the JobId of some server.
    pub fn is_job_id(text: &str) -> bool {
        let numbers = text.strip_prefix("job-").and_then(|rest| rest.split_once('-'));
        numbers.is_some_and(|(slot, life)| slot.parse::<Slot>().is_ok() && life.parse::<u16>().is_ok())
    }
}

/// A session anywhere in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRef {
    /// The server that has it.
    pub server: ServerId,
    /// Its number there.
    pub no: SessionNo,
}

/// The services that a server has a link to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ServiceName {
    /// DataStoreService.
    DataStore,
    /// MessagingService.
    Messaging,
    /// MemoryStoreService.
    MemoryStore,
}

impl ServiceName {
    /// All, in the order in which they act at one moment.
    pub const ALL: [ServiceName; 3] = [ServiceName::DataStore, ServiceName::Messaging, ServiceName::MemoryStore];
    /// How many there are.
    pub const COUNT: usize = ServiceName::ALL.len();
}

numbers! {
    /// A player, numbered from zero.
    PlayerId(u16);

    /// A session, numbered by the guest in its life, in order of start.
    SessionNo(u32);

    /// A request, numbered by the guest that makes it; never reused within one server's life.
    RequestId(u32);

    /// A subscription, numbered by the guest that makes it.
    SubscriptionId(u32);

    /// An item's number, unique in a run.
    ItemId(u32);

    /// A trade or gift, unique in a run.
    TradeId(u32);

    /// A purchase, unique in a run.
    ReceiptId(u32);

    /// A message between profiles, unique in a run.
    MessageId(u32);
}

/// The identity of one state of one profile's data, written into it as `Stamp`. Unique in a run; zero is the data
/// of a profile nobody has changed yet. At most 2^53, so that Luau's numbers hold it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stamp(pub u64);
