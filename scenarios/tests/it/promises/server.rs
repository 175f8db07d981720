//! What happens to servers, and to all who are on one.

use std::collections::BTreeSet;

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, ReceiptId};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Action, Command, Event, Schedule};

use super::{Promise, assert_times, committed, join, promise, run, steps, told};
use crate::scripted::{Closing, Script, ScriptStep, Tape, publish, script, server, set, subscribe};

pub(super) const PROMISES: &[Promise] = &[
    promise("crash", "a server stops at once", a_crashed_server_does_nothing_more),
    promise("crash", "cleans up nothing", a_crashed_server_hears_neither_of_its_end_nor_of_its_players),
    promise("close", "a server shuts down", a_closed_server_is_gone),
    promise("close", "BindToClose", a_closing_server_hears_of_it),
    promise("close", "a kill after 30 s", a_closing_server_has_30_s),
    promise(
        "close_spread",
        "BindToClose and each PlayerRemoving of a closing server come seconds apart",
        closings_spread,
    ),
    promise("close_spread", "in any order", closings_come_in_any_order),
    promise("unannounced_close", "a server closes", a_server_closes_unannounced),
    promise("unannounced_close", "PlayerRemoving does not come for the players who are on it", nobody_is_said_to_leave),
    promise("move", "everybody on one server is moved to another", a_move_moves_everybody),
    promise("move_spread", "those who are moved leave and arrive seconds apart", moves_spread),
    promise("move_spread", "in any order", moves_come_in_any_order),
    promise("freeze", "a server does nothing for a while", a_frozen_server_does_nothing),
    promise("freeze", "then everything at once", a_server_that_wakes_does_everything_at_once),
    promise("studio", "a server runs in Studio with API access", a_server_in_studio_stores),
    promise("studio", "its JobId is empty", a_server_in_studio_has_no_job_id),
    promise("lag", "a server is overloaded: its frames take long", a_lagging_servers_frames_are_long),
    promise("lag", "its scripts hear of everything with the next one", a_lagging_server_hears_with_the_next_frame),
    promise("receipt_not_recorded", "the game answers PurchaseGranted", receipts_are_granted),
    promise("receipt_not_recorded", "Roblox does not record it", answers_are_not_recorded),
    promise("receipt_not_recorded", "the receipt is delivered again", receipts_are_delivered_again),
];

/// A value every half second.
fn busy() -> Script {
    script((2..100).map(|beat| (beat * 500, set(0, beat))))
}

fn requested_by(tape: &Tape, slot: u16) -> Vec<u64> {
    tape.times(|event| matches!(event, Event::Requested { server: of, .. } if *of == server(slot)))
}

fn crashed(network: Network) -> Tape {
    run(network, &[busy(), busy()], steps([(1_000, join(0, 0)), (10_100, Action::Crash { server: 0 })]))
}

fn a_crashed_server_does_nothing_more(network: Network) {
    let tape = crashed(network);
    assert_times(network, &tape.times(|event| matches!(event, Event::ServerCrashed { .. })), &[10_100]);
    // From 1 s to 10 s.
    assert_eq!(requested_by(&tape, 0).len(), 19);
    assert!(tape.log(0).iter().all(|(at, _)| *at <= 10_110), "{:?}", tape.log(0).last());
    assert_eq!(requested_by(&tape, 1).len(), 98, "the other goes on");
}

fn a_crashed_server_hears_neither_of_its_end_nor_of_its_players(network: Network) {
    let tape = crashed(network);
    assert_eq!((told(&tape, 0, "Join").len(), told(&tape, 0, "Leave").len()), (1, 0));
    assert_eq!(told(&tape, 0, "close").len(), 0);
    // What was on its way is there, and nothing after it.
    assert!(tape.commits().iter().filter(|(at, _)| *at > 10_200).all(|(at, _)| at % 500 < 120), "{:?}", tape.commits());
    assert_eq!(tape.count(|event| matches!(event, Event::ServerClosed { .. } | Event::ServerKilled { .. })), 0);
}

fn closed(network: Network, closing: Closing) -> Tape {
    let scripts = [Script { closing, ..busy() }];
    run(network, &scripts, steps([(1_000, join(0, 0)), (1_000, join(0, 1)), (10_100, Action::Close { server: 0 })]))
}

fn a_closed_server_is_gone(network: Network) {
    let tape = closed(network, Closing::AtOnce);
    assert_times(network, &tape.times(|event| matches!(event, Event::ServerClosed { .. })), &[10_100]);
    assert_eq!(requested_by(&tape, 0).len(), 19);
}

fn a_closing_server_hears_of_it(network: Network) {
    let tape = closed(network, Closing::Never);
    assert_times(network, &told(&tape, 0, "close"), &[10_100]);
    assert_times(network, &told(&tape, 0, "Leave"), &[10_100, 10_100]);
}

fn a_closing_server_has_30_s(network: Network) {
    let tape = closed(network, Closing::Never);
    assert_times(network, &tape.times(|event| matches!(event, Event::ServerKilled { .. })), &[40_100]);
    // From 1 s to 40 s, each stored.
    assert_eq!((requested_by(&tape, 0).len(), tape.count(committed)), (79, 79));
}

/// When the server heard of its closing, and of each of four players.
fn closing(network: Network, seed: u64) -> (u64, Vec<u64>) {
    let tape = run(network, &[Script { closing: Closing::Never, ..Script::default() }], |schedule| {
        *schedule = Schedule { seed, length: Span::secs(25), ..schedule.clone() };
        schedule.lifecycle.close_spread = Span::secs(10);
        steps((0..4).map(|player| (1_000, join(0, player))).chain([(5_000, Action::Close { server: 0 })]))(schedule);
    });
    (told(&tape, 0, "close")[0], told(&tape, 0, "Leave"))
}

/// Of five moments within 10 s the first and the last are 6.7 s apart on average.
fn closings_spread(network: Network) {
    let mut apart = 0;
    for seed in 0..6 {
        let (closed, left) = closing(network, seed);
        let all: Vec<u64> = left.into_iter().chain([closed]).collect();
        assert!(all.len() == 5 && all.iter().all(|at| (5_000..15_060).contains(at)), "{all:?}");
        apart += all.iter().max().unwrap() - all.iter().min().unwrap();
    }
    assert!((5_000..8_400).contains(&(apart / 6)), "{} ms apart", apart / 6);
}

fn closings_come_in_any_order(network: Network) {
    let orders: BTreeSet<bool> =
        (0..6).map(|seed| closing(network, seed)).map(|(closed, left)| left[0] < closed).collect();
    assert_eq!(orders.len(), 2);
}

fn unannounced(network: Network, closing: Closing) -> Tape {
    run(network, &[Script { closing, ..busy() }], |schedule| {
        schedule.lifecycle.removing_at_close = false;
        let joins = [0, 1].map(|player| (1_000, join(0, player)));
        steps(joins.into_iter().chain([(10_100, Action::Close { server: 0 })]))(schedule);
    })
}

fn a_server_closes_unannounced(network: Network) {
    let tape = unannounced(network, Closing::AtOnce);
    assert_times(network, &told(&tape, 0, "close"), &[10_100]);
    assert_times(network, &tape.times(|event| matches!(event, Event::ServerClosed { .. })), &[10_100]);
    let tape = unannounced(network, Closing::Never);
    assert_times(network, &tape.times(|event| matches!(event, Event::ServerKilled { .. })), &[40_100]);
}

fn nobody_is_said_to_leave(network: Network) {
    let tape = unannounced(network, Closing::Never);
    assert_eq!((told(&tape, 0, "Join").len(), told(&tape, 0, "Leave").len()), (2, 0));
    let gone = |event: &Event| {
        matches!(event, Event::Acted { action: Action::Command { command: Command::Leave(_), .. }, .. })
    };
    assert_times(network, &before_the_end(tape.times(gone)), &[10_100, 10_100]);
}

/// Three players on the first server are moved to the second, and one is on the third.
fn moved(network: Network, change: impl FnOnce(&mut Schedule)) -> Tape {
    let scripts = vec![Script::default(); 3];
    let joins = [(0, 0), (0, 1), (0, 2), (2, 3)].map(|(slot, player)| (1_000, join(slot, player)));
    run(network, &scripts, |schedule| {
        steps(joins.into_iter().chain([(5_000, Action::Move { from: 0, to: 1 })]))(schedule);
        schedule.length = Span::secs(25);
        change(schedule);
    })
}

fn a_move_moves_everybody(network: Network) {
    let tape = moved(network, |_| {});
    assert_times(network, &before_the_end(told(&tape, 0, "Leave")), &[5_000; 3]);
    assert_times(network, &told(&tape, 1, "Join"), &[5_000; 3]);
    assert_times(network, &before_the_end(told(&tape, 2, "Leave")), &[]);
    assert_eq!(told(&tape, 2, "Join").len(), 1);
}

fn before_the_end(times: Vec<u64>) -> Vec<u64> {
    times.into_iter().filter(|at| *at < 25_000).collect()
}

/// When each left, and when each arrived.
fn move_spread(network: Network, seed: u64) -> (Vec<u64>, Vec<u64>) {
    let tape = moved(network, |schedule| {
        schedule.seed = seed;
        schedule.lifecycle.move_spread = Span::secs(10);
    });
    (before_the_end(told(&tape, 0, "Leave")), told(&tape, 1, "Join"))
}

/// Of six moments within 10 s the first and the last are 7.1 s apart on average.
fn moves_spread(network: Network) {
    let mut apart = 0;
    for seed in 0..6 {
        let (left, arrived) = move_spread(network, seed);
        let all: Vec<u64> = left.into_iter().chain(arrived).collect();
        assert!(all.len() == 6 && all.iter().all(|at| (5_000..15_060).contains(at)), "{all:?}");
        apart += all.iter().max().unwrap() - all.iter().min().unwrap();
    }
    assert!((5_300..8_900).contains(&(apart / 6)), "{} ms apart", apart / 6);
}

fn moves_come_in_any_order(network: Network) {
    let first = |(left, arrived): (Vec<u64>, Vec<u64>)| left[0] < arrived[0];
    let orders: BTreeSet<bool> = (0..6).map(|seed| first(move_spread(network, seed))).collect();
    assert_eq!(orders.len(), 2);
}

/// The first server is frozen from 5 s to 15 s; a message, a player, an answer and its own timers would reach it then.
fn frozen(network: Network) -> Tape {
    let scripts = [
        script([(1_000, subscribe("topic", 1)), (4_980, set(0, 1)), (8_000, set(0, 2)), (12_000, set(0, 3))]),
        script([(7_000, publish("topic", 1))]),
    ];
    let freeze = Action::Freeze { server: 0, span: Span::secs(10) };
    run(network, &scripts, steps([(5_000, freeze), (9_000, join(0, 0))]))
}

fn a_frozen_server_does_nothing(network: Network) {
    let tape = frozen(network);
    let asleep = tape.log(0).into_iter().filter(|(at, _)| (5_020..14_990).contains(at)).collect::<Vec<_>>();
    assert_eq!(asleep, []);
    assert_times(network, &tape.times(|event| matches!(event, Event::ServerWoke { .. })), &[15_000]);
    // The others go on: the answer was there in time, and the message.
    assert_times(network, &tape.times(committed)[..1], &[5_030]);
}

fn a_server_that_wakes_does_everything_at_once(network: Network) {
    let tape = frozen(network);
    assert_times(network, &told(&tape, 0, "message"), &[15_000]);
    assert_times(network, &told(&tape, 0, "Join"), &[15_000]);
    assert_times(network, &told(&tape, 0, "1: Ok"), &[15_000]);
    assert_times(network, &requested_by(&tape, 0)[2..], &[15_000, 15_000]);
}

fn in_studio(network: Network) -> Tape {
    let tells = Script { lines: vec![(Span::secs(1), ScriptStep::TellJobId)], ..Script::default() };
    let stores = script([(2_000, set(0, 1))]);
    let both = Script { lines: [tells.lines.clone(), stores.lines].concat(), ..Script::default() };
    run(network, &[both, tells], |schedule| {
        schedule.servers[0].studio = true;
        schedule.length = Span::secs(5);
    })
}

fn a_server_in_studio_stores(network: Network) {
    assert_times(network, &in_studio(network).times(committed), &[2_050]);
}

fn a_server_in_studio_has_no_job_id(network: Network) {
    let tape = in_studio(network);
    assert_eq!(told(&tape, 0, "game.JobId \"\"").len(), 1);
    assert_eq!((told(&tape, 1, "game.JobId").len(), told(&tape, 1, "game.JobId \"\"").len()), (1, 0));
}

/// From 1 s to 9 s a frame takes 2 s. What would be heard at 1.5 s (a player), at 2.1 s (a message) and at 3.5 s (a timer)
/// waits for the next.
fn lagging(network: Network) -> Tape {
    let scripts = [
        script([(300, subscribe("topic", 1)), (3_500, set(0, 1)), (12_000, set(0, 2))]),
        script([(1_950, publish("topic", 1))]),
    ];
    let lag = Action::Lag { server: 0, frame: Span::secs(2), span: Span::secs(8) };
    run(network, &scripts, steps([(1_000, lag), (1_500, join(0, 0)), (20_000, join(0, 1))]))
}

fn a_lagging_servers_frames_are_long(network: Network) {
    let tape = lagging(network);
    // Frames at 3 s, 5 s, 7 s and 9 s: what is asked in that of 5 s is answered in that of 7 s.
    assert_times(network, &requested_by(&tape, 0)[1..2], &[5_000]);
    assert_times(network, &told(&tape, 0, "1: Ok"), &[7_000]);
    // Then all is quick again.
    assert_times(network, &told(&tape, 0, "2: Ok"), &[12_100]);
    assert_times(network, &tape.times(|event| matches!(event, Event::ServerRecovered { .. })), &[9_000]);
}

fn a_lagging_server_hears_with_the_next_frame(network: Network) {
    let tape = lagging(network);
    assert_times(network, &told(&tape, 0, "Join"), &[3_000, 20_000]);
    assert_times(network, &told(&tape, 0, "message"), &[3_000]);
}

/// A player buys something at 1 s and changes servers twice; the answer is recorded or not.
fn bought(network: Network, unrecorded_ppm: u32) -> Tape {
    let scripts = vec![Script { grants: true, ..Script::default() }; 3];
    let player = PlayerId(0);
    let buy = Action::Purchase { player, receipt: ReceiptId(7) };
    run(network, &scripts, |schedule| {
        schedule.lifecycle.unrecorded_ppm = unrecorded_ppm;
        schedule.length = Span::secs(25);
        steps([(500, join(0, 0)), (1_000, buy), (10_000, join(1, 0)), (20_000, join(2, 0))])(schedule);
    })
}

fn receipts_of(tape: &Tape) -> [usize; 3] {
    [0, 1, 2].map(|slot| told(tape, slot, "Receipt").len())
}

fn receipts_are_granted(network: Network) {
    let granted = |tape: &Tape| tape.count(|event| matches!(event, Event::Guest { .. }));
    let tape = bought(network, 1_000_000);
    assert_eq!(granted(&tape), tape.count(|event| matches!(event, Event::ReceiptNotRecorded { .. })));
    assert!(granted(&tape) >= 3);
}

fn answers_are_not_recorded(network: Network) {
    let unrecorded = |ppm| bought(network, ppm).count(|event| matches!(event, Event::ReceiptNotRecorded { .. }));
    assert_eq!(unrecorded(0), 0);
    assert!(unrecorded(1_000_000) >= 3);
}

fn receipts_are_delivered_again(network: Network) {
    assert_eq!(receipts_of(&bought(network, 1_000_000)), [1, 1, 1]);
    assert_eq!(receipts_of(&bought(network, 0)), [1, 0, 0]);
}
