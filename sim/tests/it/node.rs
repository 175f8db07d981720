use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::request::{RequestKind, RequestType};
use dupeproof_sim::schedule::Limits;
use dupeproof_sim::{Action, Event, GuestEvent, Schedule, ServerPlan, ServiceError};

use crate::scripted::{Script, ScriptStep, Tape, at, get, publish, schedule, script, set};

fn freeze(seconds: u64) -> Action {
    Action::Freeze { server: 0, span: Span::secs(seconds) }
}

fn join(player: u16) -> Action {
    Action::Command { server: 0, command: Command::Join(PlayerId(player)) }
}

fn throttled(event: &Event) -> bool {
    matches!(event, Event::Throttled { .. })
}

fn commit(event: &Event) -> bool {
    matches!(event, Event::Committed { .. })
}

/// One request a second, one in the token bucket, five can wait.
fn tight(schedule: &mut Schedule) {
    schedule.services.limits = Limits { startup_burst: 1, saved_seconds: 1, queue: 5, ..Limits::default() };
}

#[test]
fn a_frozen_server_does_nothing_and_its_timers_are_late() {
    let scripts = [script([(5_000, set(0, 1))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![at(1_000, freeze(20))];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.times(commit), [21_050]);
    assert_eq!(tape.times(|event| matches!(event, Event::ServerFroze { .. })), [1_000]);
    assert_eq!(tape.times(|event| matches!(event, Event::ServerWoke { .. })), [21_000]);
}

/// The reply to the first line comes in the freeze, the second line is due in it, and a player joins in it.
fn thawed(timers_first: bool) -> Vec<(u64, String)> {
    let scripts = [script([(0, set(0, 1)), (5_000, get(0))])];
    let mut schedule = schedule(&scripts);
    schedule.servers[0].timers_first = timers_first;
    schedule.timeline = vec![at(75, freeze(20)), at(6_000, join(0))];
    let log = Tape::of(&schedule, &scripts).log(0).into_iter().filter(|(at, _)| (1..=20_075).contains(at));
    // Of the reply, that it is one.
    log.map(|(at, line)| (at, line.split("(KeyInfo").next().unwrap_or_default().to_owned())).collect()
}

#[test]
fn what_came_in_a_freeze_is_delivered_before_the_due_timers() {
    let expected = ["0: Ok(Committed", "Join(PlayerId(0))", "wake"];
    assert_eq!(thawed(false), expected.map(|line| (20_075, line.to_owned())));
}

#[test]
fn what_came_in_a_freeze_is_delivered_after_the_due_timers_where_the_plan_says_so() {
    let expected = ["wake", "0: Ok(Committed", "Join(PlayerId(0))"];
    assert_eq!(thawed(true), expected.map(|line| (20_075, line.to_owned())));
}

#[test]
fn a_time_limit_that_passes_in_a_freeze_is_judged_on_waking_in_the_same_order() {
    let scripts = [script([(0, set(0, 1))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![at(75, freeze(40))];
    assert_eq!(Tape::of(&schedule, &scripts).answers(0), [(40_075, RequestKind::Set, None)]);
    schedule.servers[0].timers_first = true;
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.answers(0), [(40_075, RequestKind::Set, Some(ServiceError::TimedOut))]);
    assert_eq!(tape.times(|event| matches!(event, Event::AnsweredTooLate { .. })), [40_075]);
}

#[test]
fn overlapping_freezes_last_as_long_as_the_longest() {
    let scripts = [script([(5_000, set(0, 1))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![at(1_000, freeze(20)), at(2_000, freeze(30)), at(3_000, freeze(1))];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.times(|event| matches!(event, Event::ServerWoke { .. })), [32_000]);
    assert_eq!(tape.times(commit), [32_050]);
}

#[test]
fn requests_beyond_the_budget_wait_for_it_in_order() {
    let scripts = [script((0..4).map(|n| (0, set(0, n))))];
    let mut schedule = schedule(&scripts);
    tight(&mut schedule);
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.times(throttled), [0, 0, 0]);
    assert_eq!(tape.times(commit), [50, 1_050, 2_050, 3_050]);
    let values: Vec<_> = tape.commits().into_iter().map(|(_, value)| value.unwrap()).collect();
    assert_eq!(values, [0, 1, 2, 3].map(crate::scripted::stored));
}

#[test]
fn a_request_that_finds_the_queue_full_is_answered_in_a_later_input_of_the_same_instant() {
    let scripts = [script((0..8).map(|n| (0, set(0, n))))];
    let mut schedule = schedule(&scripts);
    tight(&mut schedule);
    let tape = Tape::of(&schedule, &scripts);
    let full = (0, RequestKind::Set, Some(ServiceError::ServerThrottled(RequestType::StandardWrite)));
    assert_eq!(tape.answers(0)[..2], [full, full]);
    assert_eq!(
        tape.lines(0)[..3],
        ["wake", "6: Err(ServerThrottled(StandardWrite))", "7: Err(ServerThrottled(StandardWrite))"]
    );
    assert_eq!(tape.count(commit), 6);
    assert_eq!(tape.answers(0).len(), 8);
}

#[test]
fn after_a_freeze_what_waited_is_sent_before_what_is_asked_for_then() {
    let mut scripts = [script((0..3).map(|n| (0, set(0, n))))];
    scripts[0].on_command = Some(set(0, 9));
    let mut schedule = schedule(&scripts);
    tight(&mut schedule);
    schedule.timeline = vec![at(500, freeze(10)), at(600, join(0))];
    let tape = Tape::of(&schedule, &scripts);
    let values: Vec<_> = tape.commits().into_iter().map(|(_, value)| value.unwrap()).take(4).collect();
    assert_eq!(values, [0, 1, 2, 9].map(crate::scripted::stored));
}

#[test]
fn each_player_there_adds_to_the_budget() {
    let scripts = [script((0..4).map(|n| (1_000, set(0, n))))];
    let mut schedule = schedule(&scripts);
    tight(&mut schedule);
    schedule.timeline = vec![at(500, join(0)), at(600, join(1))];
    let leave = |player| Action::Command { server: 0, command: Command::Leave(PlayerId(player)) };
    schedule.timeline.extend([at(1_500, leave(0)), at(1_500, leave(1))]);
    // 100 a minute from 0.5 s on and 140 from 0.6 s on make 2.1 requests at 1 s. The third is there 0.9 / 140 minutes
    // later, and of the fourth 0.27 when 60 a minute are left from 1.5 s on.
    assert_eq!(Tape::of(&schedule, &scripts).times(commit), [1_050, 1_050, 1_435, 2_283]);
}

#[test]
fn messages_cost_no_budget() {
    let scripts = [script((0..9).map(|n| (0, publish("topic", n))))];
    let mut schedule = schedule(&scripts);
    tight(&mut schedule);
    assert_eq!(Tape::of(&schedule, &scripts).count(throttled), 0);
}

#[test]
fn the_time_limit_counts_from_the_sending_not_from_the_waiting() {
    let scripts = [script([(0, set(0, 1)), (0, set(0, 2))])];
    let mut schedule = schedule(&scripts);
    tight(&mut schedule);
    schedule.services.request_timeout = Span::millis(80);
    let timed_out = Some(ServiceError::TimedOut);
    let answers = Tape::of(&schedule, &scripts).answers(0);
    assert_eq!(answers, [(80, RequestKind::Set, timed_out), (1_080, RequestKind::Set, timed_out)]);
}

#[test]
fn the_healing_gives_a_tight_budget_its_ordinary_size() {
    let scripts = [script((0..30).map(|n| (99_000, set(0, n))))];
    let mut schedule = schedule(&scripts);
    tight(&mut schedule);
    schedule.services.limits.queue = 30;
    let commits = Tape::of(&schedule, &scripts).times(commit);
    assert_eq!(commits[..3], [99_050, 100_050, 100_050]);
    assert_eq!(commits[29], 100_050);
}

/// Microseconds at which the guest with this clock gets its wake-ups for 10 s, and the end of a lease of 10 s.
fn clocked(rate_ppm: i32) -> (u64, u64) {
    let lines = vec![(Span::ZERO, ScriptStep::Live(Span::secs(10))), (Span::secs(10), ScriptStep::Ask(get(0)))];
    let scripts = [Script { lines, ..Script::default() }];
    let mut schedule = schedule(&scripts);
    schedule.servers[0] = ServerPlan { rate_ppm, ..ServerPlan::default() };
    let tape = Tape::of(&schedule, &scripts);
    let asked = tape.events.iter().find(|(_, event)| matches!(event, Event::Requested { .. })).unwrap().0;
    let live_until = tape.events.iter().find_map(|(_, event)| match event {
        Event::Guest { live_until, .. } => *live_until,
        _ => None,
    });
    (asked.0, live_until.unwrap().0)
}

#[test]
fn a_fast_clock_wakes_early_by_global_time_and_a_slow_one_late_and_never_before_its_own_time() {
    assert_eq!(clocked(0), (10_000_000, 10_000_000));
    // 10 s / 1.03 = 9.7087378640..., 10 s / 0.97 = 10.3092783505...
    assert_eq!(clocked(30_000), (9_708_738, 9_708_738));
    assert_eq!(clocked(-30_000), (10_309_279, 10_309_279));
}

#[test]
fn a_wall_clock_is_off_by_what_the_plan_says() {
    let lines = vec![(Span::secs(10), ScriptStep::TellTime)];
    let scripts = vec![Script { lines, ..Script::default() }; 2];
    let mut schedule = schedule(&scripts);
    schedule.servers[1].unix_offset = -3_600_000_000;
    let tape = Tape::of(&schedule, &scripts);
    // 2025-06-15T12:30:10Z, and an hour before.
    assert_eq!(tape.lines(0)[2], "os.time 1749990610");
    assert_eq!(tape.lines(1)[2], "os.time 1749987010");
}

#[test]
fn the_monotonic_clock_starts_well_above_zero_and_elsewhere_in_each_life() {
    let lines = vec![(Span::ZERO, ScriptStep::Live(Span::ZERO))];
    let scripts = [Script { lines, ..Script::default() }];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![at(0, Action::Crash { server: 0 }), at(0, Action::Restart { server: 0 })];
    let tape = Tape::of(&schedule, &scripts);
    let starts: Vec<u64> = tape.events.iter().filter_map(|(_, event)| mono(event)).collect();
    assert_eq!(starts.len(), 2);
    assert!(starts.iter().all(|mono| *mono >= Span::secs(3_600).0), "{starts:?}");
    assert!(starts[0].abs_diff(starts[1]) > Span::secs(1).0, "{starts:?}");
}

fn mono(event: &Event) -> Option<u64> {
    match event {
        Event::Guest { event: GuestEvent::SessionStarted { live_until, .. }, .. } => live_until.map(|mono| mono.0),
        _ => None,
    }
}

#[test]
fn a_guest_that_wakes_for_ever_at_one_instant_is_stopped_and_the_run_goes_on() {
    use dupeproof_core::{Mono, Stored};
    use dupeproof_sim::Turn;
    use dupeproof_sim::subject::Boot;
    use dupeproof_sim::{Contract, Global, Guest, Input, Observer, Output, Subject};

    #[derive(Default)]
    struct Crashes(Vec<String>);
    impl Observer for Crashes {
        fn observe(&mut self, _at: Global, event: &Event) {
            if let Event::ScriptCrashed { text, .. } = event {
                self.0.push(text.to_string());
            }
        }
    }
    struct Restless;
    impl Guest for Restless {
        fn handle(&mut self, turn: &Turn<'_>, _input: Input, _out: &mut Vec<Output>) -> Option<Mono> {
            Some(turn.now.mono)
        }
    }
    impl Subject for Restless {
        fn name(&self) -> &str {
            "restless"
        }
        fn about(&self) -> &str {
            "never sleeps"
        }
        fn contract(&self) -> &Contract {
            const { &Contract::none(Span::ZERO, Span::ZERO) }
        }
        fn guest(&self, _boot: &Boot) -> Box<dyn Guest> {
            Box::new(Restless)
        }
        fn record(&self, _player: PlayerId, _items: &[u32]) -> Stored {
            crate::scripted::stored(0)
        }
    }
    let schedule = schedule(&[Script::default()]);
    // Over sockets each turn takes a tick, so it is never at one instant.
    let mut crashes = Crashes::default();
    Network::Event.run(&schedule, &Restless, &mut crashes);
    assert_eq!(crashes.0.len(), 1, "{:?}", crashes.0);
    assert!(crashes.0[0].starts_with("an endless loop: 100000 inputs at one instant"), "{}", crashes.0[0]);
}

fn lag(frame: u64, seconds: u64) -> Action {
    Action::Lag { server: 0, frame: Span::millis(frame), span: Span::secs(seconds) }
}

/// A request at 1.1 s, whose answer is there 100 ms later, and another at 3.1 s, after the end of the lag at 6 s one more.
fn lagging() -> (Schedule, Vec<Script>) {
    let scripts = vec![script([(1_100, set(0, 1)), (3_100, set(0, 2)), (8_000, set(0, 3))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![at(1_000, lag(2_000, 5)), at(1_500, join(0))];
    (schedule, scripts)
}

#[test]
fn a_lagging_server_hears_of_everything_with_its_next_frame_and_services_keep_the_time() {
    let (schedule, scripts) = lagging();
    let tape = Tape::of(&schedule, &scripts);
    // Frames begin at 3 s and 5 s. The request that is due at 1.1 s is made in the first: the DataStore has it 50 ms
    // later, and its answer, there at 3.1 s, is heard with the second, together with what was due at 3.1 s.
    assert_eq!(tape.times(commit), [3_050, 5_050, 8_050]);
    assert_eq!(tape.answers(0), [5_000, 6_000, 8_100].map(|at| (at, RequestKind::Set, None)));
    let joined: Vec<u64> =
        tape.log(0).into_iter().filter(|(_, line)| line.starts_with("Join")).map(|(at, _)| at).collect();
    assert_eq!(joined, [3_000]);
    assert_eq!(tape.times(|event| matches!(event, Event::ServerLagged { .. })), [1_000]);
    assert_eq!(tape.times(|event| matches!(event, Event::ServerRecovered { .. })), [6_000]);
}

#[test]
fn a_lagging_server_is_as_late_over_sockets() {
    let (schedule, scripts) = lagging();
    let tape = Tape::on(Network::Turmoil, &schedule, &scripts).0;
    let answers: Vec<u64> = tape.answers(0).into_iter().map(|(at, ..)| at).collect();
    assert_eq!(answers.len(), 3);
    for (answer, expected) in answers.into_iter().zip([5_000, 6_000, 8_100]) {
        assert!((expected..=expected + 100).contains(&answer), "{answer} instead of {expected}");
    }
}

#[test]
fn an_answer_that_comes_after_its_time_limit_is_too_late_though_both_wait_for_one_frame() {
    let scripts = [script([(0, set(0, 1))])];
    let mut schedule = schedule(&scripts);
    schedule.services.request_timeout = Span::millis(90);
    schedule.timeline = vec![at(10, lag(2_000, 5))];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.answers(0), [(2_010, RequestKind::Set, Some(ServiceError::TimedOut))]);
    assert_eq!(tape.times(|event| matches!(event, Event::AnsweredTooLate { .. })), [2_010]);
    schedule.services.request_timeout = Span::millis(110);
    assert_eq!(Tape::of(&schedule, &scripts).answers(0), [(2_010, RequestKind::Set, None)]);
}

#[test]
fn a_lag_ends_with_the_settling_and_with_its_server() {
    let scripts = [script([(101_000, set(0, 1))])];
    let mut settled = schedule(&scripts);
    settled.timeline = vec![at(90_000, lag(30_000, 600))];
    let tape = Tape::of(&settled, &scripts);
    assert_eq!(tape.times(|event| matches!(event, Event::ServerRecovered { .. })), [100_000]);
    assert_eq!(tape.times(commit), [101_050]);
    let scripts = [script([(1_000, set(0, 1))])];
    let mut restarted = schedule(&scripts);
    let (crash, restart) = (Action::Crash { server: 0 }, Action::Restart { server: 0 });
    restarted.timeline = vec![at(500, lag(10_000, 60)), at(2_000, crash), at(3_000, restart)];
    assert_eq!(Tape::of(&restarted, &scripts).times(commit), [4_050]);
}

#[test]
fn a_freeze_of_a_lagging_server_is_one_long_frame_that_keeps_the_order() {
    let scripts = [script([(1_100, set(0, 1))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![at(1_000, lag(2_000, 20)), at(1_500, join(0)), at(2_000, freeze(4)), at(2_500, join(1))];
    let log = Tape::of(&schedule, &scripts).log(0).into_iter().filter(|(at, _)| (1_000..20_000).contains(at));
    let expected = ["Join(PlayerId(0))", "Join(PlayerId(1))", "wake"].map(|line| (6_000, line.to_owned()));
    assert_eq!(log.take(3).collect::<Vec<_>>(), expected);
}
