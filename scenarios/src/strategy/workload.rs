//! What players, games and admins do.

use crate::suggest;

/// What the numbers are, in one line for people.
pub const WORKLOAD_UNIT: &str =
    "in percent of the schedules; two_devices and rejoins in percent of a player's next stays";

/// Names the fields once, for the struct and its table.
macro_rules! workload {
    ($($field:ident = $default:literal, $about:literal;)*) => {
        /// What players, games and admins do: in percent of the schedules, in which it exists or does not; `two_devices`
        /// and `rejoins` in percent of a player's next stays.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Workload {
            $(#[doc = $about] pub $field: u8,)*
        }

        impl Default for Workload {
            fn default() -> Workload {
                Workload { $($field: $default,)* }
            }
        }

        /// All rates, in the order in which they are listed.
        const RATES: &[WorkloadRate] = &[
            $(WorkloadRate {
                name: stringify!($field),
                about: $about,
                get: |workload| workload.$field,
                set: |workload, percent| workload.$field = percent,
            },)*
        ];
    };
}

/// One thing that players, games or admins do.
#[derive(Debug)]
pub struct WorkloadRate {
    /// Its name, as files use it.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    get: fn(&Workload) -> u8,
    set: fn(&mut Workload, u8),
}

workload! {
    two_devices = 20, "next stays that begin before the last is over";
    rejoins = 25, "next stays that are on the same server";
    quick_returns = 0, "players who leave within the first quarter second of a start, and come back";
    asks_at_once = 0, "a player on three servers within two seconds";
    busy_play = 0, "a player whose data changes all the time, also while it is saved";
    long_stays = 0, "a player who stays for 35 to 75 minutes, when all else is over";
    swaps = 100, "items swapped in memory by players on one server";
    trades = 0, "atomic trades between players on the same or different servers";
    in_memory = 0, "trades whose sides meet on one server are swaps in memory instead; all else is the same";
    gifts = 0, "gifts to players who may be on any server or offline";
    purchases = 0, "purchases, delivered until they are answered with granted";
    messages = 0, "single messages";
    floods = 0, "5 to 30 messages within seconds";
    steals = 0, "sessions started with Steal";
    removals = 0, "RemoveAsync, often of an active profile";
    rollbacks = 0, "a record read and set, often while its profile is active";
    full_records = 0, "records that are full of old receipts and senders of messages, of which they remember only so many";
    message_delays = 0, "messages that the game handles one after the other, and the newest first";
    constants = 0, "constants of the game that differ from the subject's own";
    leases = 0, "servers whose leases differ, from 20 to 100 s, and change while they run";
}

impl WorkloadRate {
    /// All.
    pub fn all() -> &'static [WorkloadRate] {
        RATES
    }

    /// By name, or what to say about it.
    ///
    /// # Errors
    /// When there is none, with those there are.
    pub fn find(name: &str) -> Result<&'static WorkloadRate, String> {
        let found = RATES.iter().find(|rate| rate.name == name);
        found.ok_or_else(|| suggest::unknown("part of the workload", name, RATES.iter().map(|rate| rate.name)))
    }

    /// How much of it there is, in percent.
    pub fn get(&self, workload: &Workload) -> u8 {
        (self.get)(workload)
    }

    /// So much of it, in percent.
    pub fn set(&self, workload: &mut Workload, percent: u8) {
        (self.set)(workload, percent);
    }
}
