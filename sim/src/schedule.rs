//! A run, as data: everything that happens on purpose, and the seed for everything else.

mod action;
mod limits;
mod request_fault;
mod services;

use std::collections::BTreeMap;

use dupeproof_core::Span;
use serde::{Deserialize, Serialize};

pub use action::Action;
pub use limits::{Limits, Rate, Regime};
pub use request_fault::{FaultRates, RequestFault};
pub use services::{MemoryStoreProfile, RequestFaultRates, ServiceProfile, TransformError};

use crate::id::PlayerId;
use crate::request::RequestKind;

/// One run. The same schedule gives the same trace on the same network, always. All spans are in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The root of all randomness that the rest of the schedule leaves open.
    pub seed: u64,
    /// What runs on the servers, by name.
    pub subject: String,
    /// The servers, by slot. All start at time zero.
    pub servers: Vec<ServerPlan>,
    /// The players, by number.
    pub players: Vec<PlayerPlan>,
    /// How the services behave throughout.
    pub services: ServiceProfile,
    /// The backend's clock, and where in the hour the run begins.
    pub clocks: WorldClock,
    /// How servers close and receipts come.
    pub lifecycle: Lifecycle,
    /// What is special about the game on the servers.
    pub game: GamePlan,
    /// The subject's constants that differ from its own, by its own names; seconds, or a count.
    pub constants: BTreeMap<String, u64>,
    /// What happens, in order of time.
    pub timeline: Vec<Step>,
    /// When the chaos ends and settling begins.
    pub length: Span,
}

/// One server slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerPlan {
    /// How far the wall clock is off, in microseconds.
    pub unix_offset: i64,
    /// How much too fast the clocks run, in parts per million.
    pub rate_ppm: i32,
    /// After a freeze: deliver the network input that piled up before (false) or after (true) the due timers.
    pub timers_first: bool,
    /// Whether it runs in Studio, with API access: its `JobId` is empty (class reference, `DataModel.JobId`).
    pub studio: bool,
    /// The lease with which each of its lives begins, in microseconds; zero: the subject's own. A subject without leases
    /// takes no notice.
    pub lease: Span,
}

/// The clocks that belong to no server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldClock {
    /// How long before a full UTC hour the run begins, in microseconds; an hour at most. Zero: at a full hour.
    pub before_the_hour: Span,
    /// How far the backend's clock is off, in microseconds.
    pub backend_offset: i64,
    /// How much too fast it runs, in parts per million.
    pub backend_rate_ppm: i32,
}

impl Default for WorldClock {
    /// Half an hour from the hour's turn, and a backend clock that is right.
    fn default() -> WorldClock {
        WorldClock { before_the_hour: Span::secs(1_800), backend_offset: 0, backend_rate_ppm: 0 }
    }
}

/// How servers close, and how receipts come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// When a server closes, `BindToClose` and each `PlayerRemoving` come within this span (in microseconds), in any
    /// order (their order is not documented). What would come after the kill does not come. Zero: all at once, in any
    /// order.
    pub close_spread: Span,
    /// Whether `PlayerRemoving` comes for the players on a server that closes. Older servers are said to have closed
    /// without (community: two reports of 2019 and 2021).
    #[serde(default = "removing_fires")]
    pub removing_at_close: bool,
    /// When a server's players are moved to another, each leaves and each arrives within this span (in microseconds), in
    /// any order (none is documented).
    pub move_spread: Span,
    /// From what has receipts delivered (a purchase, a join) to each delivery, in microseconds (not documented).
    pub receipt_delay: Latency,
    /// Of purchases answered with granted, how many are not recorded and delivered again, in parts per million
    /// (class reference, `MarketplaceService.ProcessReceipt`: it "might still fail to be recorded").
    pub unrecorded_ppm: u32,
}

fn removing_fires() -> bool {
    true
}

impl Default for Lifecycle {
    /// What happens at once happens at once; receipts come within a second, and every answer is recorded.
    fn default() -> Lifecycle {
        Lifecycle {
            close_spread: Span::ZERO,
            removing_at_close: removing_fires(),
            move_spread: Span::ZERO,
            receipt_delay: Latency { min: Span::ZERO, max: Span::secs(1) },
            unrecorded_ppm: 0,
        }
    }
}

/// What is special about the game on the servers. A subject that does not have it takes no notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GamePlan {
    /// Receipts, and senders of messages, that a record remembers; the record of each player who has played before begins
    /// with so many, of times long ago. Zero: the subject's own bounds, and none at first.
    pub remembered: u32,
    /// How often the game handles a message, the newest of those that wait, in microseconds; zero: each at once, as the
    /// fresh server always does.
    pub message_delay: Span,
    /// `AUTO_SAVE_PERIOD`: each profile is saved once in this time, in microseconds; zero: the subject's own.
    pub auto_save_period: Span,
    /// `LOAD_REPEAT_PERIOD`: how often a waiting start looks again, in microseconds; zero: the subject's own.
    pub load_repeat_period: Span,
    /// `MAX_MESSAGE_QUEUE`: messages that can wait in one record; zero: the subject's own.
    pub message_queue: u32,
}

/// One player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayerPlan {
    /// How many uniquely numbered items the player's record holds before the run; `None`: there is no record yet.
    pub items: Option<u8>,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When, in microseconds since the start.
    pub at: Span,
    /// What happens.
    pub action: Action,
}

/// Which way a partition cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Requests do not arrive.
    ToService,
    /// Replies and messages do not arrive.
    FromService,
    /// Neither.
    Both,
}

/// What kind of request to the DataStore or a memory store a fault is for: each leg of an `UpdateAsync`, and each other
/// kind, on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestClass {
    /// `GetAsync`, the read leg of `UpdateAsync`, and `ReadAsync` of a queue.
    Read,
    /// The write leg of `UpdateAsync`.
    Write,
    /// `SetAsync`, `IncrementAsync`, and `AddAsync` of a queue.
    Set,
    /// `RemoveAsync`.
    Remove,
    /// Lists, ranges, sizes, and reads of old versions.
    List,
}

impl RequestClass {
    /// All.
    pub const ALL: [RequestClass; 5] =
        [RequestClass::Read, RequestClass::Write, RequestClass::Set, RequestClass::Remove, RequestClass::List];

    /// The name, as knobs have it.
    pub fn name(self) -> &'static str {
        match self {
            RequestClass::Read => "read",
            RequestClass::Write => "write",
            RequestClass::Set => "set",
            RequestClass::Remove => "remove",
            RequestClass::List => "list",
        }
    }

    /// The class of a request to the DataStore or a memory store.
    pub fn of(kind: RequestKind) -> RequestClass {
        match kind {
            RequestKind::CompareAndSet | RequestKind::MemoryCompareAndSet => RequestClass::Write,
            RequestKind::Set | RequestKind::Increment | RequestKind::MemorySet | RequestKind::QueueAdd => {
                RequestClass::Set
            }
            RequestKind::Remove | RequestKind::MemoryRemove | RequestKind::QueueRemove => RequestClass::Remove,
            RequestKind::ListVersions
            | RequestKind::GetVersion
            | RequestKind::ListKeys
            | RequestKind::GetSorted
            | RequestKind::MemoryList => RequestClass::List,
            RequestKind::Get
            | RequestKind::MemoryGet
            | RequestKind::QueueRead
            | RequestKind::Publish
            | RequestKind::Subscribe
            | RequestKind::Unsubscribe => RequestClass::Read,
        }
    }
}

/// A span drawn evenly from `min` to `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// At least.
    pub min: Span,
    /// At most.
    pub max: Span,
}

impl Latency {
    /// What becomes of it when everything heals: what is slower than the ordinary is a fault, and ends.
    pub fn healed(self, ordinary: Latency) -> Latency {
        if self.max > ordinary.max { ordinary } else { self }
    }
}

impl Schedule {
    /// The leases that servers begin with, and those that they change to, in microseconds; the subject's own is not among
    /// them.
    pub fn leases(&self) -> impl Iterator<Item = Span> {
        let set = self.timeline.iter().filter_map(|step| match step.action {
            Action::SetLease { lease, .. } => Some(lease),
            _ => None,
        });
        self.servers.iter().map(|server| server.lease).filter(|lease| *lease > Span::ZERO).chain(set)
    }
}

/// The first item of a player's record; the others follow it.
pub fn first_item(player: PlayerId) -> u32 {
    u32::from(player.0) * 256
}
