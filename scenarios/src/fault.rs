//! The kinds of fault there are, by the name a tester would say: what shows them, and what a schedule is without one.

mod removal;

use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, RequestFault, Schedule};

use crate::coverage::Probe;
use crate::suggest;
pub(crate) use removal::rate_mut;

/// Names the faults once, for the enum, its list, and what is said of each.
macro_rules! faults {
    ($($variant:ident $name:literal $about:literal [$($probe:ident),*],)*) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $about] $variant,)*
        }

        impl Fault {
            /// All of them: those of servers, of clocks, of links, of the DataStore, of MessagingService, of receipts, of
            /// MemoryStoreService.
            pub const ALL: &[Fault] = &[$(Fault::$variant,)*];

            /// The name, as worlds, scenario files and reports use it.
            pub fn name(self) -> &'static str {
                match self { $(Fault::$variant => $name,)* }
            }

            /// One line for people.
            pub fn about(self) -> &'static str {
                match self { $(Fault::$variant => $about,)* }
            }

            /// The counters of [`crate::Coverage`] that show it. None for a condition that is no event of its own: what
            /// such a one changes, [`crate::audit`] shows.
            pub fn shown_by(self) -> &'static [Probe] {
                match self { $(Fault::$variant => &[$(Probe::$probe),*],)* }
            }
        }
    };
}

faults! {
    Crash "crash" "a server stops at once and cleans up nothing" [Crashed],
    Close "close" "a server shuts down: BindToClose, and a kill after 30 s" [ClosedInTime, KilledAt30s],
    CloseSpread "close_spread" "BindToClose and each PlayerRemoving of a closing server come seconds apart, in any order" [],
    Move "move" "everybody on one server is moved to another: an update, a migration, a group that teleports" [PlayersMoved],
    MoveSpread "move_spread" "those who are moved leave and arrive seconds apart, in any order" [],
    Freeze "freeze" "a server does nothing for a while, then everything at once" [Froze],
    Studio "studio" "a server runs in Studio with API access: its JobId is empty" [StudioStarted],
    ClockOffset "clock_offset" "a server's wall clock is off by seconds to hours" [],
    ClockRate "clock_rate" "a server's clocks run too fast or too slow" [],
    ClockStep "clock_step" "a server's wall clock jumps" [ClockStepped],
    BackendClock "backend_clock" "the backend's own clock is off, or runs too fast or too slow" [],
    Latency "latency" "the ways to the services, or deliveries, take unusually short or long" [],
    Partition "partition" "the link to one service holds back requests, replies, or both, until it heals" [Partitioned],
    Disconnect "disconnect" "a connection breaks: what is on its way is lost, and requests fail" [Disconnected],
    OutageDatastore "outage_datastore" "the DataStore refuses everything for a while" [OutageDataStore],
    Refused "refused" "the DataStore answers with an error and applies nothing" [Refused],
    AppliedThenError "applied_then_error" "the DataStore applies the request and answers with an error" [AppliedThenError],
    LostReply "lost_reply" "the DataStore applies the request and its answer never comes" [LostReply],
    LateReply "late_reply" "the DataStore applies the request and answers late" [LateReply],
    LateApply "late_apply" "the DataStore answers with an error at once and applies the request later" [LateApply],
    AppliedTwice "applied_twice" "the DataStore applies the request and answers, and applies it once more later" [AppliedTwice],
    NilRead "nil_read" "a read finds nothing though there is something, as in January 2019" [NilRead],
    ServerLimits "server_limits" "a server may ask for little: requests wait for budget, and are dropped when too many wait" [Throttled],
    UnorderedQueues "unordered_queues" "requests that wait for budget are not sent in their order" [],
    ExperienceLoad "experience_load" "other servers use up the limits that all servers share" [ExperienceThrottled],
    KeyThroughput "key_throughput" "profiles are so large that the throughput of a key is used up" [KeyThrottled],
    OutageMessaging "outage_messaging" "MessagingService refuses everything and delivers nothing for a while" [OutageMessaging],
    MessageLost "message_lost" "a message never reaches a subscriber" [MessageLost],
    MessageDoubled "message_doubled" "a message reaches a subscriber twice, in any order with others" [MessageDoubled],
    PublishError "publish_error" "a publish is answered with an error; half of them were accepted all the same" [PublishFailed],
    SubscribeError "subscribe_error" "a subscribe is answered with an error" [SubscribeFailed],
    SubscribeHang "subscribe_hang" "a subscribe is never answered" [SubscribeHung],
    MessagingLimits "messaging_limits" "few messages may be sent and received: the others fail, or are dropped" [MessageDropped],
    ReceiptNotRecorded "receipt_not_recorded" "a purchase is answered with granted, that is not recorded, and it comes again" [ReceiptNotRecorded],
    OutageMemoryStore "outage_memory_store" "MemoryStoreService refuses everything for a while, and items expire" [OutageMemoryStore],
    MemoryStoreLatency "memory_store_latency" "the way to memory stores takes unusually long" [],
    MemoryStoreErrors "memory_store_errors" "requests to memory stores fail, applied or not, or are answered late or never" [MemoryStoreRequestFault],
    MemoryStoreLimits "memory_store_limits" "other servers leave few request units of memory stores: requests fail" [MemoryStoreThrottled],
}

impl Fault {
    /// How many there are.
    pub const COUNT: usize = Fault::ALL.len();

    /// By name, or what to say about it.
    ///
    /// # Errors
    /// When there is none, with those there are.
    pub fn find(name: &str) -> Result<Fault, String> {
        let names = Fault::ALL.iter().map(|fault| fault.name());
        let found = Fault::ALL.iter().copied().find(|fault| fault.name() == name);
        found.ok_or_else(|| suggest::unknown("fault", name, names))
    }

    /// The fault an action is; `None` for what players and the game do, and for what mends something.
    pub fn of_action(action: &Action) -> Option<Fault> {
        match action {
            Action::Command { .. } | Action::Purchase { .. } | Action::Restart { .. } => None,
            Action::Move { .. } => Some(Fault::Move),
            Action::Disconnect { .. } => Some(Fault::Disconnect),
            Action::ClockStep { .. } => Some(Fault::ClockStep),
            Action::Crash { .. } => Some(Fault::Crash),
            Action::Close { .. } => Some(Fault::Close),
            Action::Freeze { .. } => Some(Fault::Freeze),
            Action::Partition { .. } => Some(Fault::Partition),
            Action::Outage { service: ServiceName::DataStore, .. } => Some(Fault::OutageDatastore),
            Action::Outage { service: ServiceName::Messaging, .. } => Some(Fault::OutageMessaging),
            Action::Outage { service: ServiceName::MemoryStore, .. } => Some(Fault::OutageMemoryStore),
            Action::FailNext { fault, .. } => Some(Fault::of_request_fault(*fault)),
        }
    }

    /// The fault a request's fate is.
    pub fn of_request_fault(fault: RequestFault) -> Fault {
        match fault {
            RequestFault::Refused => Fault::Refused,
            RequestFault::AppliedThenError => Fault::AppliedThenError,
            RequestFault::LostReply => Fault::LostReply,
            RequestFault::LateReply { .. } => Fault::LateReply,
            RequestFault::LateApply { .. } => Fault::LateApply,
            RequestFault::AppliedTwice { .. } => Fault::AppliedTwice,
            RequestFault::NilRead => Fault::NilRead,
        }
    }

    /// Whether only those feel it who use memory stores.
    pub fn is_of_memory_stores(self) -> bool {
        matches!(
            self,
            Fault::OutageMemoryStore | Fault::MemoryStoreLatency | Fault::MemoryStoreErrors | Fault::MemoryStoreLimits
        )
    }

    /// Takes it out of a schedule, and nothing else.
    pub fn take_out(self, schedule: &mut Schedule) {
        removal::take_out(self, schedule);
    }

    /// The schedule without it; `None` if it was not in it.
    pub fn without(self, schedule: &Schedule) -> Option<Schedule> {
        let mut twin = schedule.clone();
        self.take_out(&mut twin);
        (twin != *schedule).then_some(twin)
    }
}
