//! Each fault does what its description says: a test for each promise, on both networks.
//!
//! The words of a fault's description ([`Fault::about`]) are shared out among its promises, so that a new fault, or a new
//! word, without a test is found. Every promise was seen broken: by a fault that does half of what it says.

mod clock;
mod drawn;
mod limits;
mod link;
mod memory_store;
mod messaging;
mod outage;
mod request;
mod server;

use std::panic::catch_unwind;

use dupeproof_core::Span;
use dupeproof_scenarios::Fault;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, Slot};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::{Action, Event, Schedule};

use crate::scripted::{Script, Tape, at, schedule};

const NETWORKS: [Network; 2] = [Network::Event, Network::Turmoil];

/// Something that a fault's description says.
struct Promise {
    fault: &'static str,
    /// The words of the description.
    says: &'static str,
    /// Panics if it is not so on this network.
    holds: fn(Network),
}

const fn promise(fault: &'static str, says: &'static str, holds: fn(Network)) -> Promise {
    Promise { fault, says, holds }
}

const FAMILIES: [&[Promise]; 9] = [
    server::PROMISES,
    clock::PROMISES,
    link::PROMISES,
    outage::PROMISES,
    request::PROMISES,
    limits::PROMISES,
    messaging::PROMISES,
    memory_store::PROMISES,
    drawn::PROMISES,
];

/// What stands between promises.
const JOINTS: [&str; 2] = ["and", "or"];

/// Each promise of a family, on these networks; all that are broken, not the first alone.
fn all_hold(family: &[Promise], networks: &[Network]) {
    let is_broken = |network: Network, promise: &Promise| catch_unwind(|| (promise.holds)(network)).is_err();
    let broken: Vec<String> = networks
        .iter()
        .flat_map(|network| {
            family.iter().filter(|promise| is_broken(*network, promise)).map(move |promise| (network, promise))
        })
        .map(|(network, Promise { fault, says, .. })| format!("{fault}: \"{says}\" ({network:?})"))
        .collect();
    assert!(broken.is_empty(), "broken promises: {broken:#?}");
}

/// What of a description nobody tests.
fn untested(fault: &str, about: &str, promises: &[&Promise]) -> String {
    let mut rest = about.to_owned();
    let mut says: Vec<&str> =
        promises.iter().filter(|promise| promise.fault == fault).map(|promise| promise.says).collect();
    says.sort_by_key(|words| std::cmp::Reverse(words.len()));
    says.dedup();
    for words in says {
        assert!(about.contains(words), "`{fault}` does not say \"{words}\": \"{about}\"");
        rest = rest.replace(words, ",");
    }
    let words = rest.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !JOINTS.contains(word)).collect::<Vec<_>>().join(" ")
}

fn promises() -> Vec<&'static Promise> {
    FAMILIES.iter().copied().flatten().collect()
}

#[test]
fn whatever_the_description_of_a_fault_says_is_tested() {
    let promises = promises();
    for fault in Fault::ALL {
        let rest = untested(fault.name(), fault.about(), &promises);
        assert_eq!(rest, "", "`{}` says more than is tested: add a promise to tests/it/promises/", fault.name());
    }
    for promise in promises {
        Fault::find(promise.fault).unwrap_or_else(|problem| panic!("a promise of no fault: {problem}"));
    }
}

#[test]
fn a_description_that_says_more_than_is_tested_is_seen() {
    let promises = promises();
    let crash = Fault::named("crash").about();
    assert_eq!(untested("crash", &format!("{crash} and sings"), &promises), "sings");
    assert_eq!(untested("a new one", "does it", &promises), "does it");
}

#[test]
fn faults_of_servers_keep_their_promises() {
    all_hold(server::PROMISES, &NETWORKS);
}

#[test]
fn faults_of_clocks_keep_their_promises() {
    all_hold(clock::PROMISES, &NETWORKS);
}

#[test]
fn faults_of_links_keep_their_promises() {
    all_hold(link::PROMISES, &NETWORKS);
}

#[test]
fn outages_keep_their_promises() {
    all_hold(outage::PROMISES, &NETWORKS);
}

#[test]
fn faults_of_single_requests_keep_their_promises() {
    all_hold(request::PROMISES, &NETWORKS);
}

#[test]
fn limits_keep_their_promises() {
    all_hold(limits::PROMISES, &NETWORKS);
}

#[test]
fn faults_of_messages_keep_their_promises() {
    all_hold(messaging::PROMISES, &NETWORKS);
}

#[test]
fn faults_of_memory_stores_keep_their_promises() {
    all_hold(memory_store::PROMISES, &NETWORKS);
}

#[test]
fn what_is_drawn_keeps_the_promises() {
    // No network is asked.
    all_hold(drawn::PROMISES, &[Network::Event]);
}

/// A run of 45 s with four players, in which every way takes 50 ms.
fn run(network: Network, scripts: &[Script], change: impl FnOnce(&mut Schedule)) -> Tape {
    let mut schedule = schedule(scripts);
    schedule.players = vec![PlayerPlan { items: Some(2) }; 4];
    schedule.length = Span::secs(45);
    schedule.services.memory_store.latency = schedule.services.datastore_latency;
    change(&mut schedule);
    Tape::on(network, &schedule, scripts).0
}

/// Adds steps to a schedule.
fn steps(timeline: impl IntoIterator<Item = (u64, Action)>) -> impl FnOnce(&mut Schedule) {
    move |schedule| schedule.timeline.extend(timeline.into_iter().map(|(millis, action)| at(millis, action)))
}

/// Milliseconds are these: exactly on the event network; over sockets up to a few ticks later, or one earlier.
fn assert_times(network: Network, times: &[u64], expected: &[u64]) {
    let slack = |expected: u64| match network {
        Network::Event => expected..=expected,
        Network::Turmoil => expected.saturating_sub(10)..=expected + 60,
    };
    let near = times.iter().zip(expected).all(|(time, expected)| slack(*expected).contains(time));
    assert!(times.len() == expected.len() && near, "{times:?} instead of {expected:?}");
}

/// The same for what a cut held back until it healed. Over sockets it is held where it arrives, so that it need not set out
/// anew.
fn assert_released(network: Network, times: &[u64], healed: u64, expected: &[u64]) {
    if network == Network::Event {
        return assert_times(network, times, expected);
    }
    let near = times.iter().zip(expected).all(|(time, expected)| (healed..=expected + 60).contains(time));
    assert!(times.len() == expected.len() && near, "{times:?} instead of {expected:?}");
}

fn join(server: Slot, player: u16) -> Action {
    Action::Command { server, command: Command::Join(PlayerId(player)) }
}

fn committed(event: &Event) -> bool {
    matches!(event, Event::Committed { .. })
}

fn received(event: &Event) -> bool {
    matches!(event, Event::MessageReceived { .. })
}

/// When a server said a line that begins so.
fn told(tape: &Tape, slot: Slot, beginning: &str) -> Vec<u64> {
    tape.log(slot).into_iter().filter(|(_, line)| line.starts_with(beginning)).map(|(at, _)| at).collect()
}
