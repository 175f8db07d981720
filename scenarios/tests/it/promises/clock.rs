//! Clocks that are wrong.

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::{Action, Schedule};

use super::{Promise, assert_times, promise, run, steps, told};
use crate::scripted::{Script, ScriptStep, Tape, script, set};

pub(super) const PROMISES: &[Promise] = &[
    promise("clock_offset", "a server's wall clock is off", a_wall_clock_is_off),
    promise("clock_rate", "a server's clocks run too fast or too slow", both_clocks_run_at_their_rate),
    promise("clock_step", "a server's wall clock jumps", a_wall_clock_jumps_and_stays_so),
    promise("clock_step", "a server's wall clock jumps", the_monotonic_clock_does_not_jump),
    promise("backend_clock", "the backend's own clock is off", the_times_of_writes_are_off),
    promise("backend_clock", "runs too fast or too slow", the_times_of_writes_run_at_their_rate),
];

const HOUR: i64 = 3_600;

/// Tells the time at these seconds of its own clock.
fn tells_time(seconds: impl IntoIterator<Item = u64>) -> Script {
    let lines = seconds.into_iter().map(|at| (Span::secs(at), ScriptStep::TellTime)).collect();
    Script { lines, ..Script::default() }
}

/// What a server's `os.time()` answered.
fn times(tape: &Tape, slot: u16) -> Vec<i64> {
    let lines = tape.log(slot).into_iter();
    lines.filter_map(|(_, line)| line.strip_prefix("os.time ")?.parse().ok()).collect()
}

fn a_wall_clock_is_off(network: Network) {
    for off in [-5 * HOUR, 7, 12 * HOUR] {
        let tape = run(network, &[tells_time([5, 30]), tells_time([5, 30])], |schedule| {
            schedule.servers[0].unix_offset = off * 1_000_000;
        });
        let (wrong, right) = (times(&tape, 0), times(&tape, 1));
        assert_eq!(wrong, right.iter().map(|time| time + off).collect::<Vec<_>>());
    }
}

/// At 40 s of its own, 24,000 ppm make 0.94 s.
fn both_clocks_run_at_their_rate(network: Network) {
    for (rate_ppm, at) in [(24_000, 39_062), (-24_000, 40_983)] {
        let tape = run(network, &[tells_time([0, 40])], |schedule| schedule.servers[0].rate_ppm = rate_ppm);
        assert_times(network, &told(&tape, 0, "os.time")[1..], &[at]);
        let told = times(&tape, 0);
        assert_eq!(told[1] - told[0], 40, "the wall clock runs as fast as the other");
    }
}

fn stepped(network: Network) -> Tape {
    let step = |by: i64| Action::ClockStep { server: 0, by: by * 1_000_000 };
    let (crash, restart) = (Action::Crash { server: 0 }, Action::Restart { server: 0 });
    let timeline = [(7_000, step(-HOUR)), (12_000, step(3 * HOUR)), (17_000, crash), (20_000, restart)];
    run(network, &[tells_time([5, 10, 15])], steps(timeline))
}

fn a_wall_clock_jumps_and_stays_so(network: Network) {
    let told = times(&stepped(network), 0);
    let since = |time: &i64| time - told[0];
    // The second life begins at 20 s, on the same host.
    let expected = [0, 5 - HOUR, 10 + 2 * HOUR, 20 + 2 * HOUR, 25 + 2 * HOUR, 30 + 2 * HOUR];
    assert_eq!(told.iter().map(since).collect::<Vec<_>>(), expected);
}

fn the_monotonic_clock_does_not_jump(network: Network) {
    let moments = told(&stepped(network), 0, "os.time");
    assert_times(network, &moments, &[5_000, 10_000, 15_000, 25_000, 30_000, 35_000]);
}

/// What the backend says that the time of each write is, in milliseconds.
fn written(network: Network, change: impl FnOnce(&mut Schedule)) -> Vec<i64> {
    let tape = run(network, &[script([(2_000, set(0, 1)), (42_000, set(0, 2))])], change);
    let lines = tape.log(0).into_iter();
    let time = |line: &str| line.split("updated_time: ").nth(1)?.split([',', ' ']).next()?.parse().ok();
    lines.filter_map(|(_, line)| time(&line)).collect()
}

fn the_times_of_writes_are_off(network: Network) {
    let right = written(network, |_| {});
    for off in [-30 * 60, 6 * HOUR] {
        let wrong = written(network, |schedule| schedule.clocks.backend_offset = off * 1_000_000);
        assert_eq!(wrong, right.iter().map(|time| time + off * 1_000).collect::<Vec<_>>());
        assert_eq!(wrong.len(), 2);
    }
}

/// In 40 s, 20,000 ppm make 0.8 s; over sockets the two writes may be a tick or two closer or farther.
fn the_times_of_writes_run_at_their_rate(network: Network) {
    for (ppm, expected) in [(20_000, 40_800), (-20_000, 39_200)] {
        let written = written(network, |schedule| schedule.clocks.backend_rate_ppm = ppm);
        let between = written[1] - written[0];
        assert!((expected - 60..=expected + 60).contains(&between), "{between}");
    }
}
