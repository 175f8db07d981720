//! Wall clocks, what sets them, and who has no JobId.

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::{Action, Schedule};

use crate::scripted::{Script, ScriptStep, Tape, at, schedule};

const NETWORKS: [Network; 2] = [Network::Event, Network::Turmoil];
/// 2025-06-15T12:30:00Z.
const EPOCH: i64 = 1_749_990_600;

fn tells_time(seconds: impl IntoIterator<Item = u64>) -> Script {
    Script {
        lines: seconds.into_iter().map(|at| (Span::secs(at), ScriptStep::TellTime)).collect(),
        ..Script::default()
    }
}

fn step(by_seconds: i64) -> Action {
    Action::ClockStep { server: 0, by: by_seconds * 1_000_000 }
}

/// What `os.time()` answered, since the epoch.
fn told(tape: &Tape) -> Vec<i64> {
    let lines = tape.lines(0).into_iter();
    lines.filter_map(|line| Some(line.strip_prefix("os.time ")?.parse::<i64>().unwrap() - EPOCH)).collect()
}

fn run(network: Network, script: &Script, timeline: impl IntoIterator<Item = (u64, Action)>) -> Tape {
    let scripts = [script.clone()];
    let mut schedule: Schedule = schedule(&scripts);
    schedule.timeline = timeline.into_iter().map(|(millis, action)| at(millis, action)).collect();
    Tape::on(network, &schedule, &scripts).0
}

#[test]
fn a_clock_step_moves_the_wall_clock_and_not_the_monotonic_one() {
    for network in NETWORKS {
        let tape = run(network, &tells_time([2, 4, 6]), [(3_000, step(-3_600)), (5_000, step(86_400))]);
        assert_eq!(told(&tape), [2, 4 - 3_600, 6 - 3_600 + 86_400], "{network:?}");
        let wakes: Vec<u64> = tape.log(0).into_iter().filter(|(_, line)| line == "wake").map(|(at, _)| at).collect();
        assert!(wakes.iter().zip([0, 2_000, 4_000, 6_000]).all(|(at, due)| (due..=due + 10).contains(at)), "{wakes:?}");
    }
}

#[test]
fn a_clock_step_in_a_freeze_shows_when_the_server_wakes_whatever_comes_first_then() {
    for timers_first in [false, true] {
        let scripts = [tells_time([4])];
        let mut schedule = schedule(&scripts);
        schedule.servers[0].timers_first = timers_first;
        let freeze = Action::Freeze { server: 0, span: Span::secs(10) };
        schedule.timeline = vec![at(1_000, freeze), at(3_000, step(100))];
        assert_eq!(told(&Tape::of(&schedule, &scripts)), [11 + 100]);
    }
}

#[test]
fn a_clock_that_was_set_stays_set_for_the_hosts_later_servers() {
    for network in NETWORKS {
        let (crash, restart) = (Action::Crash { server: 0 }, Action::Restart { server: 0 });
        let tape =
            run(network, &tells_time([2]), [(1_000, step(50)), (3_000, crash), (4_000, step(7)), (5_000, restart)]);
        assert_eq!(told(&tape), [2 + 50, 5 + 2 + 57], "{network:?}");
    }
}

#[test]
fn a_run_begins_as_long_before_a_full_utc_hour_as_its_schedule_says() {
    for network in NETWORKS {
        for before in [0, 1, 1_800, 3_600] {
            let scripts = [tells_time([2])];
            let mut schedule = schedule(&scripts);
            schedule.clocks.before_the_hour = Span::secs(before);
            let told = told(&Tape::on(network, &schedule, &scripts).0);
            assert_eq!(told, [2 + 1_800 - i64::try_from(before).unwrap()], "{network:?}");
            assert_eq!((EPOCH + told[0] - 2 + i64::try_from(before).unwrap()) % 3_600, 0);
        }
    }
}

#[test]
fn servers_in_studio_all_have_the_empty_job_id_and_others_their_own() {
    let lines = vec![(Span::ZERO, ScriptStep::TellJobId)];
    let scripts = vec![Script { lines, ..Script::default() }; 3];
    let mut schedule = schedule(&scripts);
    schedule.servers[0].studio = true;
    schedule.servers[1].studio = true;
    let tape = Tape::of(&schedule, &scripts);
    let job_id = |slot| tape.lines(slot)[1].clone();
    assert_eq!([job_id(0), job_id(1)], ["game.JobId \"\"", "game.JobId \"\""]);
    assert_eq!(job_id(2), "game.JobId \"job-2-0\"");
}

#[test]
fn a_clock_can_be_set_as_far_as_numbers_go() {
    let far = Action::ClockStep { server: 0, by: i64::MAX };
    let (crash, restart) = (Action::Crash { server: 0 }, Action::Restart { server: 0 });
    let timeline = [(1_000, far), (1_001, far), (3_000, crash), (4_000, restart)];
    let tape = run(Network::Event, &tells_time([2]), timeline);
    assert_eq!(told(&tape), [i64::MAX / 1_000_000 - EPOCH; 2]);
    let back = Action::ClockStep { server: 0, by: i64::MIN };
    let tape = run(Network::Event, &tells_time([2]), [(1_000, back), (1_001, back), (1_002, back)]);
    assert!(told(&tape)[0] < -9_000_000_000_000);
}
