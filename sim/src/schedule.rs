//! A run, as data: everything that happens on purpose, and the seed for everything else.

use dupeproof_core::Span;
use serde::{Deserialize, Serialize};

use crate::guest::{Command, PlayerId};
use crate::request::Service;

/// One run. The same schedule gives the same trace on the same network, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct Step {
    /// When, in microseconds since the start.
    pub at: Span,
    /// What.
    pub action: Action,
}

/// A server slot, from zero.
pub type Slot = u16;

/// Something that happens on purpose. An action that makes no sense when its time comes (a crash of a server that
/// is down, a command on one) does nothing.
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
    /// `BindToClose`, `PlayerRemoving` for everybody there, and the kill after 30 s at the latest.
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
        service: Service,
        /// Which way.
        direction: Direction,
        /// How long.
        span: Span,
    },
    /// A service refuses everything.
    Outage {
        /// Which.
        service: Service,
        /// How long.
        span: Span,
    },
    /// The server's next DataStore request of this kind meets this fate.
    Mishap {
        /// Whose.
        server: Slot,
        /// Read or write.
        leg: Leg,
        /// What happens to it.
        fate: Fate,
    },
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

/// Which leg of an `UpdateAsync` a mishap waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// Reads.
    Read,
    /// Writes.
    Write,
}

/// What can happen to a DataStore request inside the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// An error; nothing was applied.
    Refused,
    /// Applied, and then an error.
    AppliedThenError,
    /// Applied, and no answer ever.
    LostReply,
    /// Applied, and answered late.
    LateReply {
        /// How much later.
        span: Span,
    },
    /// An error at once, and applied later (if a conditional write's condition still holds then).
    LateApply {
        /// How much later.
        span: Span,
    },
}

/// How the services behave throughout a run. Chances are in parts per million of requests or messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceProfile {
    /// One way between a server and the DataStore.
    pub datastore_latency: Latency,
    /// One way between a server and MessagingService.
    pub messaging_latency: Latency,
    /// From an accepted publish to its delivery leaving for each subscriber.
    pub delivery_delay: Latency,
    /// [`Fate::Refused`].
    pub refused_ppm: u32,
    /// [`Fate::AppliedThenError`].
    pub applied_then_error_ppm: u32,
    /// [`Fate::LostReply`].
    pub lost_reply_ppm: u32,
    /// [`Fate::LateReply`].
    pub late_reply_ppm: u32,
    /// [`Fate::LateApply`].
    pub late_apply_ppm: u32,
    /// How late "late" is.
    pub lateness: Latency,
    /// Deliveries lost, per subscriber.
    pub message_lost_ppm: u32,
    /// Deliveries doubled, per subscriber; the copy has its own delay.
    pub message_doubled_ppm: u32,
    /// Publishes answered with an error (half of them accepted all the same).
    pub publish_error_ppm: u32,
    /// Subscribes answered with an error.
    pub subscribe_error_ppm: u32,
    /// What the server's client lets through.
    pub budget: Budget,
    /// A request without an answer is answered [`crate::ServiceError::TimedOut`] after this.
    pub request_timeout: Span,
}

/// A span drawn evenly from `min` to `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// At least.
    pub min: Span,
    /// At most.
    pub max: Span,
}

/// A server's request budget for the DataStore: a bucket filled at a steady rate, and a queue for what it cannot
/// pay for yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Requests a minute (legacy regime: 60).
    pub base_per_minute: u32,
    /// More requests a minute per player there (legacy regime: 10).
    pub per_player_per_minute: u32,
    /// Requests in the bucket at start, and its size.
    pub burst: u32,
    /// Requests that can wait; the next is dropped (documented: 30).
    pub queue: u32,
}

impl Default for ServiceProfile {
    /// Healthy services: DataStore legs of 25 to 100 ms each way, messages in 0.3 to 2 s, no faults.
    fn default() -> ServiceProfile {
        ServiceProfile {
            datastore_latency: Latency { min: Span::millis(25), max: Span::millis(100) },
            messaging_latency: Latency { min: Span::millis(25), max: Span::millis(100) },
            delivery_delay: Latency { min: Span::millis(250), max: Span::millis(1_800) },
            refused_ppm: 0,
            applied_then_error_ppm: 0,
            lost_reply_ppm: 0,
            late_reply_ppm: 0,
            late_apply_ppm: 0,
            lateness: Latency { min: Span::secs(1), max: Span::secs(120) },
            message_lost_ppm: 0,
            message_doubled_ppm: 0,
            publish_error_ppm: 0,
            subscribe_error_ppm: 0,
            budget: Budget { base_per_minute: 60, per_player_per_minute: 10, burst: 100, queue: 30 },
            request_timeout: Span::secs(30),
        }
    }
}

/// The first item of a player's record; the others follow it.
pub fn first_item(player: PlayerId) -> u32 {
    u32::from(player.0) * 256
}
