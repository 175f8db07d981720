//! How often interesting things happened: a green run that exercised nothing is red.

mod coverage_observer;

use serde::ser::{Serialize, SerializeMap, Serializer};

pub use coverage_observer::CoverageObserver;

/// Names the counters once, for the enum, its list and its names.
macro_rules! probes {
    ($($variant:ident $name:literal $about:literal,)*) => {
        /// Something interesting that can happen in a run.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Probe {
            $(#[doc = $about] $variant,)*
        }

        impl Probe {
            /// All of them, in the order they are told in.
            pub const ALL: &[Probe] = &[$(Probe::$variant,)*];

            /// The name, as suites and reports use it.
            pub fn name(self) -> &'static str {
                match self { $(Probe::$variant => $name,)* }
            }

            /// One line for people.
            pub fn about(self) -> &'static str {
                match self { $(Probe::$variant => $about,)* }
            }
        }
    };
}

probes! {
    SessionsStarted "sessions_started" "Sessions that went live.",
    HandedOver "handed_over" "Locks released by their holder because another server asked.",
    TakenOver "taken_over" "Locks taken from a holder that did not answer, after its lease.",
    TakeoverAfterCrash "takeover_after_crash" "Locks taken over from a server that had died.",
    Stolen "stolen" "Sessions that a steal started by taking the lock from a holder at once.",
    UnprotectedTakeover "unprotected_takeover" "Locks taken over from a holder without a lease.",
    Suspended "suspended" "Sessions whose lease ran out unconfirmed.",
    Resumed "resumed" "Suspended sessions that were confirmed after all.",
    FreezeAcrossTakeover "freeze_across_takeover" "Sessions started while the former holder was frozen.",
    EndedManual "ended_manual" "Sessions the game ended.",
    EndedExternal "ended_external" "Sessions ended because another server asked.",
    EndedShutdown "ended_shutdown" "Sessions ended by a closing server.",
    EndedLost "ended_lost" "Sessions that found the lock in other hands.",
    EndedRemoved "ended_removed" "Sessions whose record was removed.",
    EndedOverwritten "ended_overwritten" "Sessions whose record was overwritten by something else.",
    StartAlreadyActive "start_already_active" "Starts refused: the session is active on this server.",
    StartSuperseded "start_superseded" "Starts given up for a newer one.",
    StartCancelled "start_cancelled" "Starts the game no longer wanted.",
    StartTimedOut "start_timed_out" "Starts that took too long.",
    StartClosing "start_closing" "Starts refused by a closing server.",
    StartFailed "start_failed" "Starts that could not read the record.",
    Edits "edits" "Changes of data in memory.",
    ItemsMoved "items_moved" "Items moved between two profiles in memory.",
    ItemsPutAside "items_put_aside" "Items put aside for a trade or a gift.",
    TradeCommitted "trade_committed" "Sides of trades that were told it came about.",
    TradeAborted "trade_aborted" "Sides of trades that were told it did not come about.",
    TradeAcrossServers "trade_across_servers" "Trades that came about between two servers.",
    GiftDelivered "gift_delivered" "Gifts whose receiver took them into the data.",
    EscrowResumed "escrow_resumed" "Trades and gifts taken up by a later session than the one that began them.",
    MessageAccepted "message_accepted" "Messages between profiles whose sender was told that they will arrive.",
    MessageRefused "message_refused" "Messages between profiles whose sender was told that they will not arrive.",
    MessageHandled "message_handled" "Messages between profiles handled by the game, for the first time.",
    MessageHandledAgain "message_handled_again" "Messages handled again: the first time was not stored.",
    PurchaseGranted "purchase_granted" "Receipts answered with granted.",
    PurchaseRedelivered "purchase_redelivered" "Receipts delivered again.",
    RemovedWhileActive "removed_while_active" "Records removed by an admin while a session held the lock.",
    RolledBackWhileActive "rolled_back_while_active" "Records set by an admin while a session held the lock.",
    SavesAcknowledged "saves_acknowledged" "States the game was told are stored.",
    UnsavedEditsLost "unsaved_edits_lost" "Changes never stored because the server died or the lock was lost.",
    TransformRerun "transform_rerun" "Conditional writes that met a conflict, so that the transform ran again.",
    Throttled "throttled" "Requests that waited for budget.",
    ThrottledSave "throttled_save" "Writes that waited for budget.",
    QueueFull "queue_full" "Requests dropped because the throttle queue was full.",
    Refused "refused" "Requests the DataStore refused.",
    AppliedThenError "applied_then_error" "Requests applied and answered with an error.",
    LostReply "lost_reply" "Requests applied and never answered.",
    LateReply "late_reply" "Requests applied and answered late.",
    LateApply "late_apply" "Requests answered with an error and applied later.",
    AppliedTwice "applied_twice" "Requests applied, and applied once more later.",
    NilRead "nil_read" "Reads that found nothing though there was something.",
    ExperienceThrottled "experience_throttled" "Requests turned away by a limit that all servers share.",
    KeyThrottled "key_throttled" "Requests turned away by the throughput limit of their key.",
    ServedFromCache "served_from_cache" "Reads answered by the server's own cache.",
    TimedOut "timed_out" "Requests the client gave up on.",
    AnsweredTooLate "answered_too_late" "Answers that came after the client had given up.",
    MessageLost "message_lost" "Messages lost on their way.",
    MessageDoubled "message_doubled" "Messages delivered twice.",
    MessageDropped "message_dropped" "Messages dropped because too many were sent.",
    PublishFailed "publish_failed" "Publishes that were answered with an error.",
    SubscribeFailed "subscribe_failed" "Subscribes that were answered with an error.",
    SubscribeHung "subscribe_hung" "Subscribes that were never answered.",
    ReceiptNotRecorded "receipt_not_recorded" "Receipts answered with granted, which was not recorded.",
    ReceiptAtOnce "receipt_at_once" "Receipts delivered on one server within 5 s of another that had not granted them.",
    Disconnected "disconnected" "Connections to a service that broke.",
    ConnectionLost "connection_lost" "Requests that failed because their connection broke.",
    ClockStepped "clock_stepped" "Wall clocks that were set.",
    PlayersMoved "players_moved" "Servers whose players were all moved to another.",
    StudioStarted "studio_started" "Servers that started in Studio.",
    Crashed "crashed" "Servers that stopped at once.",
    Froze "froze" "Servers that froze.",
    ClosedInTime "closed_in_time" "Servers that closed within 30 s.",
    KilledAt30s "killed_at_30s" "Servers killed while still closing.",
    Partitioned "partitioned" "Links cut.",
    OutageDataStore "outage_datastore" "Outages of the DataStore.",
    OutageMessaging "outage_messaging" "Outages of MessagingService.",
    OutageMemoryStore "outage_memory_store" "Outages of MemoryStoreService.",
    MemoryStoreRequestFault "memory_store_request_fault" "Requests to memory stores that were refused, lost, late or applied otherwise than asked.",
    MemoryStoreThrottled "memory_store_throttled" "Requests to memory stores turned away by a limit that all servers share.",
    MemoryStoreConflict "memory_store_conflict" "Conditional writes to memory stores that met a conflict.",
    MemoryStoreExpired "memory_store_expired" "Items of memory stores whose time had passed.",
}

const PROBES: usize = Probe::ALL.len();

/// Counters of interesting events, in a fixed order. Serialises as a map by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage([u64; PROBES]);

impl Default for Coverage {
    fn default() -> Coverage {
        Coverage([0; PROBES])
    }
}

impl Coverage {
    /// How often this happened.
    pub fn of(&self, probe: Probe) -> u64 {
        self.0[probe as usize]
    }

    /// How often something happened, by its name; zero for a name that is no counter's.
    pub fn named(&self, name: &str) -> u64 {
        self.iter().find(|(other, _)| *other == name).map_or(0, |(_, count)| count)
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        Probe::ALL.iter().map(|&probe| (probe.name(), self.of(probe)))
    }

    /// Counts one more.
    pub fn count(&mut self, probe: Probe) {
        self.0[probe as usize] += 1;
    }

    /// Adds another run's counts.
    pub fn add(&mut self, other: &Coverage) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}

impl Serialize for Coverage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(PROBES))?;
        for (name, count) in self.iter() {
            map.serialize_entry(name, &count)?;
        }
        map.end()
    }
}
