use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, ServerId, TradeId};
use dupeproof_sim::{Action, Event, Schedule};

use crate::scripted::{Closing, Script, Tape, at, schedule, script, server, set};

const CRASH: Action = Action::Crash { server: 0 };
const RESTART: Action = Action::Restart { server: 0 };
const CLOSE: Action = Action::Close { server: 0 };

fn command(command: Command) -> Action {
    Action::Command { server: 0, command }
}

fn join(player: u16) -> Action {
    command(Command::Join(PlayerId(player)))
}

fn never_closes() -> [Script; 1] {
    [Script { closing: Closing::Never, ..Script::default() }]
}

fn run(scripts: &[Script], timeline: impl IntoIterator<Item = (u64, Action)>) -> Tape {
    let mut schedule: Schedule = schedule(scripts);
    schedule.timeline = timeline.into_iter().map(|(millis, action)| at(millis, action)).collect();
    Tape::of(&schedule, scripts)
}

fn acted(event: &Event) -> bool {
    matches!(event, Event::Acted { step: Some(_), .. })
}

fn killed(event: &Event) -> bool {
    matches!(event, Event::ServerKilled { .. })
}

fn closed(event: &Event) -> bool {
    matches!(event, Event::ServerClosed { .. })
}

fn woke(event: &Event) -> bool {
    matches!(event, Event::ServerWoke { .. })
}

#[test]
fn a_server_that_closes_in_time_is_not_killed() {
    let tape = run(&[Script::default()], [(1_000, CLOSE)]);
    assert_eq!(tape.times(closed), [1_000]);
    assert_eq!(tape.count(killed), 0);
}

#[test]
fn a_server_still_closing_after_30_s_is_killed() {
    let mut scripts = never_closes();
    scripts[0].lines = script([(30_999, set(0, 1)), (31_001, set(0, 2))]).lines;
    let tape = run(&scripts, [(1_000, CLOSE)]);
    assert_eq!(tape.times(killed), [31_000]);
    assert_eq!(tape.count(closed), 0);
    assert_eq!(tape.times(|event| matches!(event, Event::Requested { .. })), [30_999]);
}

#[test]
fn a_frozen_server_is_killed_30_s_after_its_close_and_does_not_wake() {
    let freeze = Action::Freeze { server: 0, span: Span::secs(60) };
    let tape = run(&[Script::default()], [(1_000, freeze), (2_000, CLOSE)]);
    assert_eq!(tape.times(killed), [32_000]);
    assert_eq!(tape.count(woke), 0);
    assert_eq!(tape.lines(0), ["wake"]);
}

#[test]
fn a_server_closed_in_a_freeze_closes_on_waking() {
    let freeze = Action::Freeze { server: 0, span: Span::secs(20) };
    let tape = run(&[Script::default()], [(1_000, freeze), (2_000, CLOSE)]);
    assert_eq!(tape.times(closed), [21_000]);
}

#[test]
fn on_a_close_each_player_leaves_before_or_after_it_as_the_seed_says() {
    let scripts = never_closes();
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![at(0, join(0)), at(1, join(1)), at(1_000, CLOSE)];
    let orders: Vec<bool> = (0..20)
        .map(|seed| {
            schedule.seed = seed;
            let tape = Tape::of(&schedule, &scripts);
            let lines: Vec<_> = tape.log(0).into_iter().filter(|(at, _)| *at == 1_000).map(|(_, line)| line).collect();
            let leaves = ["Leave(PlayerId(0))".to_owned(), "Leave(PlayerId(1))".to_owned()];
            let close_first = lines[0] == "close";
            let left = if close_first { &lines[1..] } else { &lines[..2] };
            assert_eq!(left, leaves);
            assert_eq!(lines.len(), 3);
            close_first
        })
        .collect();
    assert!(orders.contains(&true) && orders.contains(&false), "{orders:?}");
}

#[test]
fn a_crash_ends_a_life_without_another_input_and_a_restart_begins_the_next() {
    let scripts = [script([(2_000, set(0, 1))])];
    let tape = run(&scripts, [(500, join(0)), (1_000, CRASH), (5_000, RESTART)]);
    let started =
        |event: &Event| matches!(event, Event::ServerStarted { server } if *server == ServerId { slot: 0, life: 1 });
    assert_eq!(tape.times(started), [5_000]);
    assert_eq!(tape.times(|event| matches!(event, Event::Requested { .. })), [7_000]);
    assert_eq!(tape.lines(0)[..3], ["wake", "Join(PlayerId(0))", "wake"]);
    // The crash took the player: nobody is sent home at the end.
    assert_eq!(tape.log(0).iter().filter(|(_, line)| line.starts_with("Leave")).count(), 0);
}

#[test]
fn a_thaw_does_not_reach_the_next_life() {
    let freeze = |span| Action::Freeze { server: 0, span: Span::secs(span) };
    let timeline = [(0, freeze(10)), (1_000, CRASH), (2_000, RESTART), (3_000, freeze(20))];
    assert_eq!(run(&[Script::default()], timeline).times(woke), [23_000]);
    // Due at the very moment of the next life's own.
    let timeline = [(0, freeze(10)), (1_000, CRASH), (2_000, RESTART), (3_000, freeze(7))];
    let next = ServerId { slot: 0, life: 1 };
    let woke = |event: &Event| matches!(event, Event::ServerWoke { server } if *server == next);
    assert_eq!(run(&[Script::default()], timeline).times(woke), [10_000]);
}

#[test]
fn what_makes_no_sense_leaves_no_trace() {
    let timeline = [
        (0, command(Command::Leave(PlayerId(0)))),
        (1, command(Command::Edit(PlayerId(0)))),
        (2, join(99)),
        (3, RESTART),
        (4, Action::Crash { server: 7 }),
        (5, join(0)),
        (6, join(0)),
        (7, command(Command::Swap(PlayerId(0), PlayerId(1)))),
        (8, CLOSE),
        (9, CLOSE),
        (10, join(1)),
        (50_000, CRASH),
        (50_001, CLOSE),
        (50_002, join(1)),
        (50_003, Action::Freeze { server: 0, span: Span::secs(1) }),
        (200_000, RESTART),
    ];
    // The join at 5 ms, the close at 8 ms and the leaving it brings.
    let tape = run(&never_closes(), timeline);
    assert_eq!(tape.times(acted), [5, 8, 8]);
    assert_eq!(tape.count(|event| matches!(event, Event::ServerCrashed { .. })), 0);
}

#[test]
fn a_player_may_be_on_two_servers_and_leaves_both_at_the_end() {
    let join = |server| Action::Command { server, command: Command::Join(PlayerId(0)) };
    let tape = run(&[Script::default(), Script::default()], [(0, join(0)), (1, join(1))]);
    let left = |slot| {
        let log = tape.log(slot).into_iter();
        log.filter(|(_, line)| line.starts_with("Leave")).map(|(at, _)| at).collect::<Vec<_>>()
    };
    assert_eq!(left(0), [130_000]);
    assert_eq!(left(1), [130_000]);
}

#[test]
fn after_the_chaos_all_heal_and_everybody_is_checked_on_a_fresh_server() {
    // 100 s of chaos, 30 s until all leave, 10 s drain, 10 s start, 10 s drain.
    let freeze = Action::Freeze { server: 0, span: Span::secs(500) };
    let outage = Action::Outage { service: dupeproof_sim::id::ServiceName::DataStore, span: Span::secs(500) };
    let scripts = [Script::default()];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![at(50_000, freeze), at(50_000, outage)];
    let (tape, end) = Tape::and_end(&schedule, &scripts);
    assert_eq!(tape.times(|event| matches!(event, Event::Healed)), [100_000]);
    assert_eq!(tape.times(woke), [100_000]);
    assert_eq!(tape.times(|event| matches!(event, Event::OutageEnded { .. })), [100_000]);
    let fresh = server(1);
    assert_eq!(tape.times(|event| matches!(event, Event::FinalCheckBegan { server } if *server == fresh)), [140_000]);
    let players = [0, 1].map(PlayerId);
    let expected = players.map(|player| (140_000, format!("{:?}", Command::Join(player))));
    let left = players.map(|player| (150_000, format!("{:?}", Command::Leave(player))));
    assert_eq!(tape.log(1), [&[(140_000, "wake".to_owned())], &expected[..], &left[..]].concat());
    assert_eq!(tape.times(|event| matches!(event, Event::Ended { .. })), [160_000]);
    assert_eq!(end.at.0, 160_000_000);
    assert_eq!(end.events, u64::try_from(tape.events.len()).unwrap());
}

#[test]
fn where_there_were_trades_everybody_is_checked_twice() {
    let scripts = [Script::default()];
    let mut schedule = schedule(&scripts);
    let gift = Command::Gift { from: PlayerId(0), to: PlayerId(1), gift: TradeId(1) };
    schedule.timeline = vec![at(1, Action::Command { server: 0, command: gift })];
    let (tape, _) = Tape::and_end(&schedule, &scripts);
    let log = tape.log(1);
    let came = |line: &str| log.iter().filter(|(_, other)| other == line).map(|(at, _)| *at).collect::<Vec<_>>();
    assert_eq!(came(&format!("{:?}", Command::Join(PlayerId(1)))), [140_000, 160_000]);
    assert_eq!(came(&format!("{:?}", Command::Leave(PlayerId(1)))), [150_000, 170_000]);
    assert_eq!(tape.times(|event| matches!(event, Event::Ended { .. })), [180_000]);
}

#[test]
fn a_player_can_only_deal_where_they_are_and_an_admin_anywhere() {
    let (here, there) = (PlayerId(0), PlayerId(1));
    let trade = |player, partner| Command::Trade { player, partner, trade: TradeId(1) };
    let gift = |from, to| Command::Gift { from, to, gift: TradeId(2) };
    let buy = |player| Command::Receipt { player, receipt: ReceiptId(1) };
    let send = |to| Command::Send { to, message: MessageId(1) };
    let commands = [
        (Command::Join(here), true),
        (trade(here, there), true),
        (trade(there, here), false),
        (trade(here, here), false),
        (gift(here, there), true),
        (gift(there, here), false),
        (gift(here, PlayerId(9)), false),
        (buy(here), true),
        (buy(there), false),
        (send(there), true),
        (send(PlayerId(9)), false),
        (Command::Steal(here), false),
        (Command::Steal(there), true),
        (buy(there), true),
        (Command::Remove(here), true),
        (Command::Rollback(PlayerId(9)), false),
        (Command::Overfill(here), true),
        (Command::Overfill(PlayerId(9)), false),
        (Command::Errands { player: there, partner: here, errand: TradeId(1) }, true),
        (Command::Errands { player: here, partner: here, errand: TradeId(1) }, false),
    ];
    let steps = (1..).zip(&commands);
    let timeline = steps.clone().map(|(at, (command, _))| (at, Action::Command { server: 0, command: *command }));
    let tape = run(&[Script::default()], timeline);
    let expected: Vec<u64> = steps.filter(|(_, (_, sensible))| *sensible).map(|(at, _)| at).collect();
    assert_eq!(tape.times(|event| matches!(event, Event::Acted { step: Some(_), .. })), expected);
}
