//! What the DataStore lets through.

use dupeproof_sim::network::Network;
use dupeproof_sim::request::{RequestType, ThrottledCall};
use dupeproof_sim::{Event, Schedule, ServiceError};

use super::{Promise, assert_times, committed, promise, run};
use crate::scripted::{Script, Tape, get, script, set, stored};

pub(super) const PROMISES: &[Promise] = &[
    promise("server_limits", "a server has few requests per minute", a_server_has_few_requests),
    promise("server_limits", "requests wait for budget", requests_wait_for_budget),
    promise("server_limits", "are dropped when too many wait", requests_are_dropped_when_too_many_wait),
    promise(
        "unordered_queues",
        "requests that wait for budget are not sent in their order",
        queues_do_not_keep_their_order,
    ),
    promise("experience_load", "other servers use up the limits", the_experiences_limit_is_used_up),
    promise("experience_load", "that all servers share", all_servers_share_the_limit),
    promise("key_throughput", "profiles are so large", the_size_decides),
    promise("key_throughput", "that the throughput of a key is used up", the_throughput_of_a_key_is_used_up),
];

/// Ten percent of the 60 requests a minute: one in 10 s, and one more to begin with.
fn tight(schedule: &mut Schedule) {
    let limits = &mut schedule.services.limits;
    (limits.server_percent, limits.startup_burst, limits.saved_seconds, limits.queue) = (10, 1, 10, 2);
}

/// Five writes at 2 s.
fn throttled(network: Network) -> Tape {
    run(network, &[script((0..5).map(|value| (2_000, set(0, value))))], tight)
}

/// From 2 s on, one in 10 s: at 2 s, 12 s, 22 s.
fn a_server_has_few_requests(network: Network) {
    let first: Vec<u64> = throttled(network).times(committed);
    assert_eq!(first.len(), 3);
    assert!((9_900..=10_100).contains(&(first[2] - first[1])), "{first:?}");
    let limitless = run(network, &[script((0..5).map(|value| (2_000, set(0, value))))], |_| {});
    assert_times(network, &limitless.times(committed), &[2_050; 5]);
}

fn requests_wait_for_budget(network: Network) {
    let tape = throttled(network);
    // Two wait, and two more would.
    assert_eq!(tape.count(|event| matches!(event, Event::Throttled { .. })), 2);
    let waited: Vec<u64> =
        tape.answers(0).into_iter().filter(|(.., error)| error.is_none()).map(|(at, ..)| at).collect();
    assert!(waited.len() == 3 && waited[1] > 8_000 && waited[2] > 18_000, "{waited:?}");
    assert!(tape.commits().into_iter().map(|(_, value)| value).eq([0, 1, 2].map(|value| Some(stored(value)))));
}

fn requests_are_dropped_when_too_many_wait(network: Network) {
    let full = |error: ServiceError| {
        let (write, set) = (RequestType::StandardWrite, ThrottledCall::Set);
        [ServiceError::ServerThrottled(write), ServiceError::QueueFull(set)].contains(&error)
    };
    let tape = throttled(network);
    let dropped: Vec<u64> =
        tape.answers(0).into_iter().filter(|(.., error)| error.is_some_and(full)).map(|(at, ..)| at).collect();
    assert_times(network, &dropped, &[2_000, 2_000]);
}

fn queues_do_not_keep_their_order(network: Network) {
    let order = |fifo, seed| {
        let tape = run(network, &[script((0..8).map(|value| (2_000, set(0, value))))], |schedule| {
            tight(schedule);
            schedule.seed = seed;
            schedule.services.limits.server_percent = 100;
            schedule.services.limits.queue = 30;
            schedule.services.limits.fifo = fifo;
        });
        let order: Vec<_> = tape.commits().into_iter().filter_map(|(_, value)| value).collect();
        let all: Vec<_> = (0..8).map(stored).collect();
        assert!(order.len() == 8 && all.iter().all(|value| order.contains(value)), "none is lost");
        order == all
    };
    assert!((0..3).all(|seed| order(true, seed)));
    assert!((0..3).all(|seed| !order(false, seed)));
}

/// A server that reads so often, among others that use so much; the limit of reads is 300 a minute.
fn loaded(network: Network, load: u32) -> Tape {
    let reads = || script((0..100).map(|beat| (2_000 + beat * 400, get(0))));
    run(network, &[reads(), reads()], |schedule| {
        schedule.services.limits.other_players = 0;
        schedule.services.limits.other_load_percent = load;
    })
}

fn turned_away(tape: &Tape, slot: u16) -> usize {
    let full = Some(ServiceError::ExperienceThrottled(RequestType::StandardRead));
    tape.answers(slot).into_iter().filter(|(.., error)| *error == full).count()
}

/// 200 reads are asked for in 40 s; 300 a minute are 200 in that time.
fn the_experiences_limit_is_used_up(network: Network) {
    let away = |load| {
        let tape = loaded(network, load);
        turned_away(&tape, 0) + turned_away(&tape, 1)
    };
    assert_eq!(away(0), 0);
    let (some, all) = (away(120), away(200));
    assert!(some > 20 && all > 2 * some, "{some} of 200, {all} of 200");
}

fn all_servers_share_the_limit(network: Network) {
    let tape = loaded(network, 120);
    assert!(turned_away(&tape, 0) > 10 && turned_away(&tape, 1) > 10);
    // Writes have a limit of their own.
    let tape = run(network, &[script((0..50).map(|beat| (2_000 + beat * 800, set(0, beat))))], |_| {});
    assert_eq!(turned_away(&tape, 0), 0);
}

/// Writes to a key at a distance of a second, so large: 4 MB a minute pass.
fn large(network: Network, padding_kb: u32) -> (usize, usize) {
    let scripts = [script((0..20).map(|second| (2_000 + second * 1_000, set(0, second))))];
    let tape = run(network, &scripts, |schedule| schedule.services.limits.padding_kb = padding_kb);
    let throttled =
        tape.answers(0).into_iter().filter(|(.., error)| *error == Some(ServiceError::KeyThrottled)).count();
    (tape.count(committed), throttled)
}

/// A value of some bytes counts as one kilobyte.
fn the_throughput_of_a_key_is_used_up(network: Network) {
    assert_eq!(large(network, 999), (4, 16));
    assert_eq!(large(network, 499), (8, 12));
}

fn the_size_decides(network: Network) {
    assert_eq!(large(network, 0), (20, 0));
    let scripts: [Script; 1] = [script((0..4).flat_map(|key| [(2_000, set(key, 1)), (3_000, set(key, 2))]))];
    // Each key has its own.
    let tape = run(network, &scripts, |schedule| schedule.services.limits.padding_kb = 1_999);
    assert_eq!(tape.count(committed), 8);
}
