//! What a finding can need to come about, in words that say what goes wrong: faults that make the same thing go wrong
//! are one.

use dupeproof_sim::guest::Command;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, Schedule};

use crate::fault::Fault;

/// Names the ingredients once, for the enum, its list, and what is said of each.
macro_rules! factors {
    ($($variant:ident $name:literal $about:literal [$($fault:ident),*],)*) => {
        /// Something that can be taken out of a schedule as a whole.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Factor {
            $(#[doc = $about] $variant,)*
        }

        impl Factor {
            /// All of them: what befalls servers, clocks, and services; then what people do.
            pub const ALL: &[Factor] = &[$(Factor::$variant,)*];

            /// The name, as reports use it.
            pub fn name(self) -> &'static str {
                match self { $(Factor::$variant => $name,)* }
            }

            /// One line for people.
            pub fn about(self) -> &'static str {
                match self { $(Factor::$variant => $about,)* }
            }

            /// The faults that are it wherever they are; partitions and disconnects depend on the service.
            fn faults(self) -> &'static [Fault] {
                match self { $(Factor::$variant => &[$(Fault::$fault,)*],)* }
            }
        }
    };
}

factors! {
    Crash "crash" "a server stops at once and cleans up nothing" [Crash],
    Close "close" "a server shuts down" [Close, CloseSpread],
    Move "move" "players are moved to another server" [Move, MoveSpread],
    Freeze "freeze" "a server does nothing for a while, then everything at once" [Freeze],
    Studio "studio" "servers run in Studio: their JobIds are empty" [Studio],
    Clocks "clocks" "clocks are wrong" [ClockOffset, ClockRate, ClockStep, BackendClock],
    Latency "latency" "services are unusually slow or fast" [Latency],
    Unavailable "datastore_unavailable" "the DataStore refuses requests or keeps them waiting"
        [OutageDatastore, Refused, ServerLimits, UnorderedQueues, ExperienceLoad, KeyThroughput],
    Ambiguous "datastore_ambiguous" "the DataStore did what it was asked, and the answer is an error, late, or lost"
        [AppliedThenError, LostReply, LateReply],
    LateWrite "late_write" "the DataStore applies a write after its answer" [LateApply, AppliedTwice],
    NilRead "nil_read" "a read finds nothing though there is something" [NilRead],
    Silence "messages_missing" "messages do not get through, or late"
        [OutageMessaging, MessageLost, PublishError, SubscribeError, SubscribeHang, MessagingLimits],
    Doubled "messages_doubled" "messages arrive twice" [MessageDoubled],
    MemoryStore "memory_store" "memory stores refuse, fail, are slow, or forget"
        [OutageMemoryStore, MemoryStoreLatency, MemoryStoreErrors, MemoryStoreLimits],
    Unrecorded "receipt_not_recorded" "a purchase that was granted is delivered again" [ReceiptNotRecorded],
    Steal "steal" "a game starts a session with Steal" [],
    Removal "removal" "an admin removes a record" [],
    Rollback "rollback" "an admin writes an old record back" [],
}

impl Factor {
    /// Which one a step of the timeline is, if any.
    fn of_action(action: &Action) -> Option<Factor> {
        match action {
            Action::Partition { service: ServiceName::DataStore, .. } => Some(Factor::Unavailable),
            Action::Disconnect { service: ServiceName::DataStore, .. } => Some(Factor::Ambiguous),
            Action::Partition { service: ServiceName::MemoryStore, .. }
            | Action::Disconnect { service: ServiceName::MemoryStore, .. } => Some(Factor::MemoryStore),
            Action::Partition { .. } | Action::Disconnect { .. } => Some(Factor::Silence),
            Action::Command { command: Command::Steal(_), .. } => Some(Factor::Steal),
            Action::Command { command: Command::Remove(_), .. } => Some(Factor::Removal),
            Action::Command { command: Command::Rollback(_), .. } => Some(Factor::Rollback),
            other => Fault::of_action(other).and_then(Factor::of_fault),
        }
    }

    /// Which one a fault is; `None` if that depends on the service.
    fn of_fault(fault: Fault) -> Option<Factor> {
        Factor::ALL.iter().copied().find(|factor| factor.faults().contains(&fault))
    }

    /// Those of a schedule, in the order of [`Factor::ALL`].
    pub fn all_in(schedule: &Schedule) -> Vec<Factor> {
        Factor::ALL.iter().copied().filter(|factor| factor.is_in(schedule)).collect()
    }

    fn is_in(self, schedule: &Schedule) -> bool {
        let mut twin = schedule.clone();
        self.take_out(&mut twin);
        twin != *schedule
    }

    /// Takes it out of a schedule, and nothing else.
    pub fn take_out(self, schedule: &mut Schedule) {
        schedule.timeline.retain(|step| Factor::of_action(&step.action) != Some(self));
        for fault in self.faults() {
            fault.take_out(schedule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_one_factor_but_those_that_depend_on_the_service() {
        for fault in Fault::ALL {
            let depends = matches!(fault, Fault::Partition | Fault::Disconnect);
            let in_how_many = Factor::ALL.iter().filter(|factor| factor.faults().contains(fault)).count();
            assert_eq!(in_how_many, usize::from(!depends), "{fault:?}");
        }
    }
}
