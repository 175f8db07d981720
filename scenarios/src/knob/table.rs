//! The table.

use std::sync::LazyLock;

use dupeproof_core::Span;
use dupeproof_sim::schedule::RequestClass;

use super::knob_value::KnobValue;
use super::unit::{REGIMES, TRANSFORM_ERRORS, Unit};
use super::{Access, Knob};
use crate::fault::{Fault, RequestRow};

/// A day: no run lasts longer.
const DAY_MS: i64 = 86_400_000;
/// About 30 years.
const OFFSET_MS: i64 = 1_000_000_000_000;
/// A clock that runs half as fast again.
const RATE_PPM: i64 = 500_000;
/// The longest lease that `core` can have.
const LEASE_MAX_S: i64 = 600;
/// Everything.
const ALL_PPM: i64 = 1_000_000;

macro_rules! knob {
    ($name:expr, $unit:expr, $min:expr, $max:expr, $of_server:literal, $about:expr, $words:expr, |$schedule:ident, $place:ident| $field:expr) => {
        Knob {
            name: $name,
            about: $about,
            words: $words,
            unit: $unit,
            min: $min,
            max: $max,
            of_server: $of_server,
            field: stringify!($field),
            access: Access::Field {
                get: |$schedule, $place| {
                    let _ = $place;
                    $field.get($unit)
                },
                set: |$schedule, $place, value| {
                    let _ = $place;
                    $field.set($unit, value);
                },
            },
        }
    };
}

/// Of the whole world. After `=>` come the words of one that is a condition of a finding.
macro_rules! world {
    ($name:expr, $unit:expr, $min:expr, $max:expr, $($path:ident).+, $about:expr $(=> $words:literal)?) => {
        knob!(
            $name, $unit, $min, $max, false, $about, concat!($($words)?),
            |schedule, place| schedule.$($path).+
        )
    };
}

/// Of each server.
macro_rules! server {
    ($name:literal, $unit:expr, $min:expr, $max:expr, $field:ident, $about:literal $(=> $words:literal)?) => {
        knob!(
            $name, $unit, $min, $max, true, $about, concat!($($words)?),
            |schedule, place| schedule.servers[place].$field
        )
    };
}

/// A chance.
macro_rules! ppm {
    ($name:expr, $($path:ident).+, $about:expr) => {
        world!($name, Unit::Ppm, 0, ALL_PPM, $($path).+, $about)
    };
}

/// Either bound of a span that is drawn.
macro_rules! bound {
    ($name:literal, $($path:ident).+, $about:literal $(=> $words:literal)?) => {
        world!($name, Unit::Ms, 0, DAY_MS, $($path).+, $about $(=> $words)?)
    };
}

/// What single requests meet, in the DataStore and in memory stores: a knob for each fault and each kind of request.
pub(super) static KNOBS: LazyLock<Vec<Knob>> = LazyLock::new(|| {
    let knobs = request_knobs("", &DATA_STORE_REQUESTS, false);
    knobs.into_iter().chain(PLAIN).chain(request_knobs("memory_", &MEMORY_STORE_REQUESTS, true)).collect()
});

/// What is asked of the DataStore, by the class of the request.
const DATA_STORE_REQUESTS: [(RequestClass, &str); 5] = [
    (RequestClass::Read, "reads, and read legs of UpdateAsync,"),
    (RequestClass::Write, "write legs of UpdateAsync"),
    (RequestClass::Set, "SetAsync and IncrementAsync calls"),
    (RequestClass::Remove, "RemoveAsync calls"),
    (RequestClass::List, "lists, and reads of old versions,"),
];

/// What is asked of memory stores.
const MEMORY_STORE_REQUESTS: [(RequestClass, &str); 5] = [
    (RequestClass::Read, "reads, read legs of UpdateAsync, and ReadAsync calls of memory stores"),
    (RequestClass::Write, "write legs of UpdateAsync of memory stores"),
    (RequestClass::Set, "SetAsync and AddAsync calls of memory stores"),
    (RequestClass::Remove, "RemoveAsync calls of memory stores"),
    (RequestClass::List, "lists, ranges and sizes of memory stores"),
];

/// A knob for each kind of request and each fault that it can meet.
fn request_knobs(prefix: &str, requests: &[(RequestClass, &str)], memory: bool) -> Vec<Knob> {
    let faults = || Fault::ALL.iter().filter_map(|fault| Some((*fault, fault.request()?)));
    let knob = |(class, asked): &(RequestClass, &str), (fault, row): (Fault, &RequestRow)| {
        let (met, store) = if memory { (row.memory_knob, "memory_store.") } else { (row.knob, "") };
        Knob {
            name: format!("{prefix}{}_{}_ppm", class.name(), fault.name()).leak(),
            about: format!("{asked} {met}").leak(),
            words: "",
            unit: Unit::Ppm,
            min: 0,
            max: ALL_PPM,
            of_server: false,
            field: format!("schedule.services.{store}faults.{}.{}_ppm", class.name(), fault.name()).leak(),
            access: Access::Rate { memory, class: *class, fault: (row.fault)(Span::ZERO) },
        }
    };
    requests.iter().flat_map(|request| faults().map(|fault| knob(request, fault))).collect()
}

/// All the others.
const PLAIN: [Knob; 53] = [
    bound!("lateness_min_ms", services.lateness.min, "how late a late answer or write is, at least"),
    bound!("lateness_max_ms", services.lateness.max, "how late a late answer or write is, at most"),
    bound!(
        "datastore_latency_min_ms",
        services.datastore_latency.min,
        "one way between a server and the DataStore, at least (no official figure)"
    ),
    bound!(
        "datastore_latency_max_ms",
        services.datastore_latency.max,
        "one way between a server and the DataStore, at most (no official figure)"
    ),
    bound!(
        "messaging_latency_min_ms",
        services.messaging_latency.min,
        "one way between a server and MessagingService, at least (no official figure)"
    ),
    bound!(
        "messaging_latency_max_ms",
        services.messaging_latency.max,
        "one way between a server and MessagingService, at most (no official figure)"
    ),
    bound!(
        "delivery_delay_min_ms",
        services.delivery_delay.min,
        "from an accepted message to its delivery, at least (documented: typically within 1 to 2 s)"
            => "a message is delivered no sooner than {} after it was accepted"
    ),
    bound!(
        "delivery_delay_max_ms",
        services.delivery_delay.max,
        "from an accepted message to its delivery, at most (documented: typically within 1 to 2 s)"
            => "a message is delivered up to {} after it was accepted"
    ),
    bound!(
        "conflict_delay_min_ms",
        services.conflict_delay.min,
        "how long UpdateAsync waits after a conflict, at least (not documented)"
            => "UpdateAsync waits at least {} after a conflict"
    ),
    bound!(
        "conflict_delay_max_ms",
        services.conflict_delay.max,
        "how long UpdateAsync waits after a conflict, at most (not documented)"
            => "UpdateAsync waits at most {} after a conflict"
    ),
    ppm!("message_lost_ppm", services.message_lost_ppm, "deliveries lost, per subscriber (documented: best effort)"),
    ppm!("message_doubled_ppm", services.message_doubled_ppm, "deliveries duplicated, per subscriber (not documented)"),
    ppm!(
        "publish_error_ppm",
        services.publish_error_ppm,
        "publishes answered with an error, half of them accepted anyway"
    ),
    ppm!("subscribe_error_ppm", services.subscribe_error_ppm, "subscribes answered with an error"),
    ppm!("subscribe_hang_ppm", services.subscribe_hang_ppm, "subscribes never answered (community: ProfileStore PR 4)"),
    world!(
        "echo",
        Unit::Switch,
        0,
        1,
        services.echo,
        "whether a server gets its own messages too (not documented)"
            => "a server does not get its own messages"
    ),
    world!(
        "request_timeout_ms",
        Unit::Ms,
        10,
        DAY_MS,
        services.request_timeout,
        "a request without an answer fails after this (no time limit is documented)"
            => "a request times out after {}"
    ),
    world!(
        "transform_error",
        TRANSFORM_ERRORS,
        0,
        1,
        services.transform_error,
        "what UpdateAsync does when its transform throws (sources conflict)"
            => "UpdateAsync returns nil when its transform throws"
    ),
    world!(
        "cache_nil",
        Unit::Switch,
        0,
        1,
        services.cache_nil,
        "whether the 4 s cache keeps that there is no value (not documented)"
            => "the cache does not keep that there is no value"
    ),
    world!(
        "regime",
        REGIMES,
        0,
        1,
        services.limits.regime,
        "which limits are in force: those since April 2026, or those before"
            => "the limits that were in force before April 2026"
    ),
    world!(
        "server_limit_percent",
        Unit::Percent,
        1,
        10_000,
        services.limits.server_percent,
        "each server's own request limits, of the documented ones"
            => "a server has {} of the documented request limits"
    ),
    world!(
        "startup_burst",
        Unit::Count,
        1,
        10_000,
        services.limits.startup_burst,
        "requests of each type a server has to begin with (documented without a figure)"
            => "a server begins with {} requests of each type"
    ),
    world!(
        "saved_s",
        Unit::S,
        1,
        3_600,
        services.limits.saved_seconds,
        "how much budget a server can save up (not documented; legacy: 180)"
            => "a server saves up the budget of {}"
    ),
    world!(
        "queue",
        Unit::Count,
        0,
        1_000,
        services.limits.queue,
        "requests that wait in each throttle queue (documented: 30)"
            => "at most {} requests wait in each throttle queue"
    ),
    world!(
        "fifo",
        Unit::Switch,
        0,
        1,
        services.limits.fifo,
        "whether the queues keep their order (documented, and disputed)"
            => "throttle queues do not keep their order"
    ),
    world!(
        "experience_limit_percent",
        Unit::Percent,
        1,
        10_000,
        services.limits.experience_percent,
        "the experience's request limits, of the documented ones"
            => "the experience has {} of the documented request limits"
    ),
    world!(
        "other_players",
        Unit::Count,
        0,
        1_000_000,
        services.limits.other_players,
        "players on servers that are not simulated; they raise the experience's limits"
            => "{} players on other servers"
    ),
    world!(
        "other_load_percent",
        Unit::Percent,
        0,
        200,
        services.limits.other_load_percent,
        "what those servers use of the experience's limits, on average, in waves"
    ),
    world!(
        "padding_kb",
        Unit::Kb,
        0,
        4_096,
        services.limits.padding_kb,
        "kilobytes that every profile is larger than its data here, for the throughput of its key"
    ),
    world!(
        "messaging_limit_percent",
        Unit::Percent,
        1,
        10_000,
        services.limits.messaging_percent,
        "the messaging limits, of the documented ones"
            => "messages have {} of the documented limits"
    ),
    world!(
        "before_the_hour_s",
        Unit::S,
        0,
        3_600,
        clocks.before_the_hour,
        "how long before a full UTC hour the run begins: versions are kept by the hour"
            => "the run begins {} before a full UTC hour"
    ),
    world!(
        "backend_offset_ms",
        Unit::Ms,
        -OFFSET_MS,
        OFFSET_MS,
        clocks.backend_offset,
        "how far the backend's clock is off"
    ),
    world!(
        "backend_rate_ppm",
        Unit::Ppm,
        -RATE_PPM,
        RATE_PPM,
        clocks.backend_rate_ppm,
        "how much too fast the backend's clock runs"
    ),
    world!(
        "close_spread_ms",
        Unit::Ms,
        0,
        30_000,
        lifecycle.close_spread,
        "BindToClose and each PlayerRemoving come within this (order not documented)"
            => "BindToClose and each PlayerRemoving come within {}"
    ),
    world!(
        "removing_at_close",
        Unit::Switch,
        0,
        1,
        lifecycle.removing_at_close,
        "whether PlayerRemoving comes for the players on a server that closes (reports of 2019 and 2021 say not)"
            => "PlayerRemoving does not come on a server that closes"
    ),
    world!(
        "move_spread_ms",
        Unit::Ms,
        0,
        600_000,
        lifecycle.move_spread,
        "players who are moved leave and arrive within this, in any order"
            => "players who are moved leave and arrive within {}"
    ),
    bound!(
        "receipt_delay_min_ms",
        lifecycle.receipt_delay.min,
        "from a purchase or a join to each delivery of a receipt, at least (not documented)"
            => "a receipt is delivered no sooner than {} after its purchase, or a join"
    ),
    bound!(
        "receipt_delay_max_ms",
        lifecycle.receipt_delay.max,
        "from a purchase or a join to each delivery of a receipt, at most (not documented)"
            => "a receipt is delivered up to {} after its purchase, or a join"
    ),
    ppm!(
        "receipt_not_recorded_ppm",
        lifecycle.unrecorded_ppm,
        "purchases answered with granted that come again (documented: may fail to be recorded)"
    ),
    world!(
        "remembered",
        Unit::Count,
        0,
        1_000,
        game.remembered,
        "receipts, and senders of messages, that a record of `core` remembers, and begins full of; 0 is its own bounds, and none"
    ),
    world!(
        "message_delay_ms",
        Unit::Ms,
        0,
        600_000,
        game.message_delay,
        "how often the game of `core` handles a message, the newest of those that wait; 0 is each at once"
    ),
    world!("auto_save_period_s", Unit::S, 0, 86_400, game.auto_save_period, "AUTO_SAVE_PERIOD of `core`; 0 is its own"),
    world!(
        "load_repeat_period_s",
        Unit::S,
        0,
        86_400,
        game.load_repeat_period,
        "LOAD_REPEAT_PERIOD of `core`; 0 is its own"
    ),
    world!("message_queue", Unit::Count, 0, 100_000, game.message_queue, "MAX_MESSAGE_QUEUE of `core`; 0 is its own"),
    server!(
        "server_unix_offset_ms",
        Unit::Ms,
        -OFFSET_MS,
        OFFSET_MS,
        unix_offset,
        "how far a server's wall clock is off"
    ),
    server!("server_rate_ppm", Unit::Ppm, -RATE_PPM, RATE_PPM, rate_ppm, "how much too fast a server's clocks run"),
    server!(
        "server_timers_first",
        Unit::Switch,
        0,
        1,
        timers_first,
        "whether a server that thaws runs due timers before the input that piled up"
            => "a server that thaws runs due timers before the input that piled up"
    ),
    server!("server_studio", Unit::Switch, 0, 1, studio, "whether a server runs in Studio: its JobId is empty"),
    server!(
        "server_lease_s",
        Unit::S,
        0,
        LEASE_MAX_S,
        lease,
        "the lease that a server begins with, for subjects that have leases; 0 is the subject's own"
    ),
    bound!(
        "memory_latency_min_ms",
        services.memory_store.latency.min,
        "one way between a server and memory stores, at least (documented as low, without a figure)"
            => "the way to memory stores takes at least {}"
    ),
    bound!(
        "memory_latency_max_ms",
        services.memory_store.latency.max,
        "one way between a server and memory stores, at most (documented as low, without a figure)"
            => "the way to memory stores takes up to {}"
    ),
    world!(
        "memory_units_ppm",
        Unit::Ppm,
        1,
        ALL_PPM,
        services.memory_store.units_ppm,
        "what other servers leave of the documented request units of memory stores"
    ),
    world!(
        "memory_update_retries",
        Unit::Count,
        0,
        1_000,
        services.memory_store.update_retries,
        "conflicts after which UpdateAsync of a memory store fails (documented without a figure)"
            => "UpdateAsync of a memory store fails after {} conflicts"
    ),
];
