//! Servers that close, and players who are moved.

use std::collections::BTreeSet;

use dupeproof_core::Span;
use dupeproof_sim::director::{Cue, Director};
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, Slot};
use dupeproof_sim::network::Network;
use dupeproof_sim::node::NodeInput;
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::{Action, Event, Schedule, ServerPlan, Trace};

use crate::scripted::{Closing, Script, Scripted, Tape, at, schedule, script, server, set};

const NETWORKS: [Network; 2] = [Network::Event, Network::Turmoil];

fn join(server: Slot, player: u16) -> Action {
    Action::Command { server, command: Command::Join(PlayerId(player)) }
}

fn leave(server: Slot, player: u16) -> Action {
    Action::Command { server, command: Command::Leave(PlayerId(player)) }
}

fn close(server: Slot) -> Action {
    Action::Close { server }
}

fn move_from(from: Slot, to: Slot) -> Action {
    Action::Move { from, to }
}

/// So many servers and players, and a timeline.
fn world(servers: usize, players: usize, timeline: impl IntoIterator<Item = (u64, Action)>) -> Schedule {
    let mut schedule = schedule(&[]);
    schedule.servers = vec![ServerPlan::default(); servers];
    schedule.players = vec![PlayerPlan { items: None }; players];
    schedule.timeline = timeline.into_iter().map(|(millis, action)| at(millis, action)).collect();
    schedule
}

fn spread(mut schedule: Schedule, seconds: u64) -> Schedule {
    schedule.lifecycle.close_spread = Span::secs(seconds);
    schedule.lifecycle.move_spread = Span::secs(seconds);
    schedule
}

/// What a director wants of a network that never says anything, with the milliseconds.
fn cues(schedule: &Schedule) -> Vec<(u64, Cue)> {
    let mut director = Director::new(schedule, &Scripted { scripts: Vec::new() });
    let mut cues = Vec::new();
    while let Some(due) = director.next_due() {
        while let Some(cue) = director.poll(due, &mut Trace::new(&mut ())) {
            cues.push((due.0 / 1_000, cue));
        }
    }
    cues
}

/// What is handed to a slot's servers up to the healing: joins, leaves and closings.
fn inputs(schedule: &Schedule, slot: Slot) -> Vec<(u64, NodeInput)> {
    let cues = cues(schedule).into_iter().take_while(|(_, cue)| *cue != Cue::Heal);
    cues.filter_map(|(at, cue)| match cue {
        Cue::Input(id, input) if id.slot == slot => Some((at, input)),
        _ => None,
    })
    .collect()
}

fn left(player: u16) -> NodeInput {
    NodeInput::Command(Command::Leave(PlayerId(player)))
}

fn joined(player: u16) -> NodeInput {
    NodeInput::Command(Command::Join(PlayerId(player)))
}

#[test]
fn bind_to_close_and_each_leaving_come_in_every_order_within_their_spread() {
    let mut orders = BTreeSet::new();
    for seed in 0..100 {
        let timeline = [(0, join(0, 0)), (0, join(0, 1)), (1_000, close(0))];
        let schedule = Schedule { seed, ..spread(world(1, 2, timeline), 5) };
        let inputs = inputs(&schedule, 0);
        let order: Vec<usize> = inputs[2..]
            .iter()
            .map(|(at, input)| {
                assert!((1_000..=6_000).contains(at), "{inputs:?}");
                [NodeInput::Close, left(0), left(1)].iter().position(|other| other == input).unwrap()
            })
            .collect();
        orders.insert(order);
    }
    assert_eq!(orders.len(), 6, "{orders:?}");
}

#[test]
fn a_server_that_is_done_closing_waits_for_who_is_still_to_leave() {
    for network in NETWORKS {
        let timeline = [(1, join(0, 0)), (1, join(0, 1)), (1_000, close(0))];
        for seed in 0..5 {
            let schedule = Schedule { seed, ..spread(world(1, 2, timeline), 10) };
            let tape = Tape::on(network, &schedule, &[Script::default()]).0;
            let last = tape.log(0).last().unwrap().0;
            assert_eq!(tape.log(0).len(), 6, "{network:?}: {:?}", tape.log(0));
            assert!(last > 1_100, "seed {seed}: {last}");
            let closed = tape.times(|event| matches!(event, Event::ServerClosed { .. }));
            assert_eq!(closed, [last], "{network:?}");
        }
    }
}

#[test]
fn the_kill_comes_after_30_s_whatever_is_still_to_come() {
    let mut untold = 0;
    for seed in 0..20 {
        let timeline = [(0, join(0, 0)), (0, join(0, 1)), (1_000, close(0))];
        let schedule = Schedule { seed, ..spread(world(1, 2, timeline), 60) };
        let tape = Tape::of(&schedule, &[Script { closing: Closing::Never, ..Script::default() }]);
        assert_eq!(tape.times(|event| matches!(event, Event::ServerKilled { .. })), [31_000]);
        assert!(tape.log(0).iter().all(|(at, _)| *at <= 31_000));
        untold += 6 - tape.log(0).len();
    }
    assert!(untold > 10, "{untold}");
}

#[test]
fn a_write_on_its_way_when_its_server_is_killed_is_applied_and_answered_to_nobody() {
    for network in NETWORKS {
        let mut landed = 0;
        for lead in [10, 20, 30, 40] {
            let scripts = [Script { closing: Closing::Never, ..script([(31_000 - lead, set(0, 1))]) }];
            let mut schedule = schedule(&scripts);
            schedule.timeline = vec![at(1_000, close(0))];
            let tape = Tape::on(network, &schedule, &scripts).0;
            let killed = tape.times(|event| matches!(event, Event::ServerKilled { .. }));
            let commits = tape.commits();
            assert!(commits.iter().all(|(at, _)| *at > killed[0]), "{network:?}: {commits:?}, killed {killed:?}");
            assert_eq!(tape.answers(0), [], "{network:?}");
            landed += commits.len();
        }
        // A reset of the connection may overtake what is in it.
        let expected = if network == Network::Event { 4..=4 } else { 1..=4 };
        assert!(expected.contains(&landed), "{network:?}: {landed} landed");
    }
}

#[test]
fn a_move_takes_everybody_to_one_server_and_each_may_arrive_before_they_have_left() {
    let (mut early, mut late) = (0, 0);
    for seed in 0..20 {
        let timeline = [(0, join(0, 0)), (0, join(0, 1)), (0, join(0, 2)), (1_000, move_from(0, 1))];
        let schedule = Schedule { seed, ..spread(world(3, 3, timeline), 5) };
        let (from, to) = (inputs(&schedule, 0), inputs(&schedule, 1));
        assert_eq!((from.len(), to.len()), (6, 3));
        for player in 0..3 {
            let when =
                |inputs: &[(u64, NodeInput)], wanted| inputs.iter().find(|(_, input)| *input == wanted).unwrap().0;
            let (leaves, arrives) = (when(&from, left(player)), when(&to, joined(player)));
            assert!([leaves, arrives].iter().all(|at| (1_000..=6_000).contains(at)), "{leaves} {arrives}");
            if arrives < leaves { early += 1 } else { late += 1 }
        }
        assert_eq!(inputs(&schedule, 2), []);
    }
    assert!(early > 10 && late > 10, "{early} early, {late} late");
}

#[test]
fn a_move_without_a_spread_happens_at_once_and_in_any_order() {
    let mut orders = BTreeSet::new();
    for seed in 0..100 {
        let timeline = [(0, join(0, 0)), (1_000, move_from(0, 1))];
        let schedule = Schedule { seed, ..world(2, 1, timeline) };
        let cues = cues(&schedule).into_iter().filter(|(at, cue)| *at == 1_000 && matches!(cue, Cue::Input(..)));
        orders.insert(cues.map(|(_, cue)| format!("{cue:?}")).collect::<Vec<_>>());
    }
    assert_eq!(orders.len(), 2, "{orders:?}");
}

#[test]
fn a_restart_of_a_fleet_brings_everybody_of_an_old_server_to_the_same_new_one() {
    for network in NETWORKS {
        let players = (0..8).map(|player| (1, join(player % 4, player)));
        let moves = (0..4).map(|slot| (20_000, move_from(slot, 4 + slot / 2)));
        let closes = (0..4).map(|slot| (20_000 + u64::from(slot), close(slot)));
        let schedule = spread(world(6, 8, players.chain(moves).chain(closes)), 5);
        let scripts = vec![Script::default(); 6];
        let tape = Tape::on(network, &schedule, &scripts).0;
        for player in 0..8 {
            let (from, to) = (player % 4, 4 + player % 4 / 2);
            let on = |slot, command| tape.lines(slot).contains(&format!("{command:?}"));
            assert!(on(from, Command::Leave(PlayerId(player))), "{network:?} {player}");
            assert!(on(to, Command::Join(PlayerId(player))), "{network:?} {player}");
            assert!(!on(9 - to, Command::Join(PlayerId(player))), "{network:?} {player}");
        }
        assert_eq!(tape.count(|event| matches!(event, Event::ServerClosed { .. })), 4, "{network:?}");
        // All that a step brings about bears its number.
        let of_steps = |event: &Event| matches!(event, Event::Acted { step: Some(8..=11), .. });
        assert!(tape.count(of_steps) >= 4 + 8, "{network:?}: {}", tape.count(of_steps));
    }
}

#[test]
fn who_was_sent_away_by_a_closing_and_is_nowhere_since_is_moved_too() {
    for closing in [Closing::AtOnce, Closing::Never] {
        let timeline = [
            (0, join(0, 0)),
            (0, join(0, 1)),
            (1_000, close(0)),
            (1_500, join(2, 1)),
            (2_000, move_from(0, 1)),
            (3_000, move_from(0, 1)),
        ];
        let tape = Tape::of(&world(3, 2, timeline), &vec![Script { closing, ..Script::default() }; 3]);
        assert_eq!(tape.lines(1), ["wake", "Join(PlayerId(0))"]);
        assert_eq!(tape.lines(2), ["wake", "Join(PlayerId(1))"]);
    }
}

#[test]
fn who_is_moved_to_a_server_that_is_not_up_or_already_there_does_not_arrive() {
    let timeline = [(0, join(0, 0)), (1, close(1)), (1_000, move_from(0, 1)), (2_000, join(0, 0)), (2_500, join(2, 0))];
    let timeline = timeline.into_iter().chain([(3_000, move_from(0, 2))]);
    let schedule = world(3, 1, timeline);
    assert_eq!(inputs(&schedule, 0).last(), Some(&(3_000, left(0))));
    assert_eq!(inputs(&schedule, 1), [(1, NodeInput::Close)]);
    assert_eq!(inputs(&schedule, 2), [(2_500, joined(0))]);
}

#[test]
fn nobody_is_moved_twice_at_once() {
    let timeline = [(0, join(0, 0)), (1_000, move_from(0, 1)), (1_001, move_from(0, 2))];
    for seed in 0..10 {
        let schedule = Schedule { seed, ..spread(world(3, 1, timeline), 20) };
        assert_eq!(inputs(&schedule, 1).len(), 1);
        assert_eq!(inputs(&schedule, 2), []);
    }
}

#[test]
fn nobody_arrives_once_the_settling_has_begun() {
    let schedule = spread(world(2, 1, [(0, join(0, 0)), (99_999, move_from(0, 1))]), 25);
    let arrived = cues(&schedule).into_iter().filter(|(_, cue)| *cue == Cue::Input(server(1), joined(0))).count();
    assert_eq!(arrived, 0);
}

#[test]
fn a_move_to_the_same_server_or_of_nobody_leaves_no_trace() {
    let timeline = [(0, join(0, 0)), (1, move_from(0, 0)), (2, move_from(1, 0)), (3, move_from(0, 9))];
    let tape = Tape::of(&world(2, 1, timeline), &[]);
    assert_eq!(tape.times(|event| matches!(event, Event::Acted { step: Some(_), .. })), [0]);
}

#[test]
fn a_player_can_leave_and_join_the_same_server_or_another_at_one_instant() {
    let timeline = [(0, join(0, 0)), (5, leave(0, 0)), (5, join(0, 0)), (6, join(1, 0)), (6, leave(0, 0))];
    let schedule = world(2, 1, timeline);
    assert_eq!(inputs(&schedule, 0), [(0, joined(0)), (5, left(0)), (5, joined(0)), (6, left(0))]);
    assert_eq!(inputs(&schedule, 1), [(6, joined(0))]);
}

#[test]
fn a_closing_server_takes_nobody_in_until_its_next_life() {
    let timeline = [(1, close(0)), (2, join(0, 0)), (40_000, Action::Restart { server: 0 }), (40_001, join(0, 0))];
    assert_eq!(inputs(&world(1, 1, timeline), 0), [(1, NodeInput::Close), (40_001, joined(0))]);
}

#[test]
fn the_players_on_all_servers_are_counted() {
    let timeline = [
        (0, join(0, 0)),
        (1, join(1, 0)),
        (2, join(1, 1)),
        (3, leave(1, 1)),
        (4, Action::Crash { server: 1 }),
        (5, leave(0, 0)),
    ];
    let cues = cues(&world(2, 2, timeline)).into_iter().take_while(|(at, _)| *at < 1_000);
    let players = |(at, cue)| if let Cue::Players(players) = cue { Some((at, players)) } else { None };
    let counted: Vec<(u64, u32)> = cues.filter_map(players).collect();
    assert_eq!(counted, [(0, 1), (1, 2), (2, 3), (3, 2), (4, 1), (5, 0)]);
}
