//! The 4 s cache of `GetAsync`.

use dupeproof_core::Span;
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::request::{RequestKind, RequestType};
use dupeproof_sim::schedule::{Limits, RequestClass, RequestFault};
use dupeproof_sim::{Action, Event, Request, Schedule};

use crate::scripted::{Script, ScriptStep, Tape, at, cached, fail_next, get, remove, schedule, script, set};

fn run(change: impl Fn(&mut Schedule), scripts: &[Script]) -> Tape {
    let mut schedule = schedule(scripts);
    change(&mut schedule);
    Tape::of(&schedule, scripts)
}

/// When the first server's request with this number was answered, and with what value: `None` if there is none.
fn read(tape: &Tape, number: u32) -> (u64, Option<String>) {
    let prefix = format!("{number}: Ok(Value(");
    let log = tape.log(0);
    let (at, line) = log.iter().find(|(_, line)| line.starts_with(&prefix)).unwrap_or_else(|| panic!("{log:?}"));
    let value = line.split("Entry { value: Other(").nth(1).map(|rest| rest.split(')').next().unwrap().to_owned());
    (*at, value.map(|value| value.replace("Number(", "")))
}

fn hits(tape: &Tape) -> usize {
    tape.count(|event| matches!(event, Event::ServedFromCache { .. }))
}

fn value(number: u64) -> Option<String> {
    Some(number.to_string())
}

/// Another server writes 2 at 1 s, there at 1.05 s.
fn meddler() -> Script {
    script([(1_000, set(0, 2))])
}

/// The first server sets 1 (known at 0.1 s), and asks for the rest.
fn after_a_set(requests: impl IntoIterator<Item = (u64, Request)>) -> Tape {
    run(|_| {}, &[script([(0, set(0, 1))].into_iter().chain(requests)), meddler()])
}

#[test]
fn a_read_with_the_cache_is_answered_in_the_same_instant_with_what_was_known() {
    let tape = after_a_set([(2_000, cached(0)), (2_000, get(0))]);
    assert_eq!(read(&tape, 1), (2_000, value(1)));
    assert_eq!(read(&tape, 2), (2_100, value(2)));
    assert_eq!(hits(&tape), 1);
}

#[test]
fn what_is_known_is_answered_for_4_s() {
    let tape = after_a_set([(4_099, cached(0)), (4_100, cached(0))]);
    assert_eq!(read(&tape, 1), (4_099, value(1)));
    assert_eq!(read(&tape, 2), (4_200, value(2)));
}

#[test]
fn an_uncached_read_fills_the_cache_and_restarts_the_4_s_but_a_cached_one_does_not() {
    let uncached = after_a_set([(900, get(0)), (4_999, cached(0)), (5_000, cached(0))]);
    assert_eq!(read(&uncached, 2), (4_999, value(1)));
    assert_eq!(read(&uncached, 3), (5_100, value(2)));
    let hit = after_a_set([(900, cached(0)), (4_500, cached(0))]);
    assert_eq!(read(&hit, 2), (4_600, value(2)));
}

#[test]
fn a_read_that_the_cache_did_not_answer_fills_it() {
    let tape = run(|_| {}, &[script([(0, cached(0)), (150, cached(0))])]);
    assert_eq!([read(&tape, 0).0, read(&tape, 1).0], [100, 150]);
    assert_eq!(hits(&tape), 1);
}

#[test]
fn each_kind_of_write_of_this_server_is_in_the_cache_at_once_and_restarts_the_4_s() {
    let key = || key_of(PlayerId(0));
    let update = Request::compare_and_set(key(), Some(dupeproof_sim::Version(3)), crate::scripted::stored(7));
    let increment = Request::Increment { key: key(), delta: 6, attributes: None };
    for (write, expected) in [(set(0, 7), value(7)), (update, value(7)), (increment, value(7)), (remove(0), None)] {
        let tape = run(
            |_| {},
            &[
                script([(0, set(0, 1)), (200, write), (350, cached(0)), (4_299, cached(0)), (4_300, cached(0))]),
                script([(1_000, set(0, 2))]),
            ],
        );
        assert_eq!(read(&tape, 2), (350, expected.clone()));
        assert_eq!(read(&tape, 3), (4_299, expected));
        assert_eq!(read(&tape, 4), (4_400, value(2)));
    }
}

#[test]
fn a_write_that_failed_leaves_what_was_known_whether_it_was_applied_or_not() {
    for fault in [RequestFault::Refused, RequestFault::AppliedThenError] {
        let scripts = [script([(0, get(1)), (0, remove(0)), (200, set(0, 7)), (400, cached(0))])];
        let tape = run(|schedule| schedule.timeline = vec![fail_next(0, RequestClass::Set, fault)], &scripts);
        assert_eq!(read(&tape, 3), (400, None), "{fault:?}");
    }
}

#[test]
fn what_another_server_knows_is_not_known_here() {
    let tape = run(|_| {}, &[script([(2_000, cached(0))]), meddler()]);
    assert_eq!(read(&tape, 0), (2_100, value(2)));
    assert_eq!(hits(&tape), 0);
}

#[test]
fn each_key_is_known_for_itself() {
    let tape = after_a_set([(200, set(1, 5)), (350, cached(0)), (350, cached(1))]);
    assert_eq!(read(&tape, 2), (350, value(1)));
    assert_eq!(read(&tape, 3), (350, value(5)));
}

#[test]
fn that_there_is_no_value_is_known_where_the_world_says_so() {
    let scripts = [script([(0, remove(0)), (200, cached(0)), (400, get(0)), (600, cached(0))])];
    let keeps = run(|schedule| schedule.services.cache_nil = true, &scripts);
    assert_eq!([read(&keeps, 1), read(&keeps, 3)], [(200, None), (600, None)]);
    let forgets = run(|schedule| schedule.services.cache_nil = false, &scripts);
    assert_eq!([read(&forgets, 1), read(&forgets, 3)], [(300, None), (700, None)]);
}

#[test]
fn what_the_cache_answers_costs_no_budget() {
    let told = |request| {
        let mut lines = script([(0, set(0, 1)), (200, request)]).lines;
        lines.push((Span::millis(200), ScriptStep::TellBudget(RequestType::StandardRead)));
        lines.push((Span::millis(201), ScriptStep::TellBudget(RequestType::StandardRead)));
        let limits = Limits { startup_burst: 9, saved_seconds: 1, ..Limits::default() };
        let tape = run(|schedule| schedule.services.limits = limits, &[Script { lines, ..Script::default() }]);
        tape.lines(0).into_iter().filter(|line| line.starts_with("StandardRead")).collect::<Vec<_>>()
    };
    assert_eq!(told(cached(0)), ["StandardRead: 9", "StandardRead: 9"]);
    assert_eq!(told(get(0)), ["StandardRead: 8", "StandardRead: 8"]);
}

#[test]
fn a_full_queue_does_not_keep_the_cache_from_answering() {
    let limits = Limits { startup_burst: 1, saved_seconds: 1, queue: 0, ..Limits::default() };
    let scripts = [script([(0, get(0)), (200, cached(0)), (200, get(0))])];
    let tape = run(|schedule| schedule.services.limits = limits, &scripts);
    let errors: Vec<bool> = tape.answers(0).into_iter().map(|(.., error)| error.is_some()).collect();
    assert_eq!(errors, [false, false, true]);
}

#[test]
fn a_server_that_starts_again_knows_nothing() {
    let scripts = [script([(0, cached(0)), (200, cached(0))])];
    let crash = vec![at(300, Action::Crash { server: 0 }), at(300, Action::Restart { server: 0 })];
    let tape = run(|schedule| schedule.timeline.clone_from(&crash), &scripts);
    let reads: Vec<u64> = tape.answers(0).into_iter().map(|(at, ..)| at).collect();
    assert_eq!(reads, [100, 200, 400, 500]);
}

#[test]
fn old_versions_and_lists_are_never_cached() {
    let list = || Request::ListVersions {
        key: key_of(PlayerId(0)),
        query: dupeproof_core::VersionQuery::default(),
        page_size: 0,
    };
    let old = || Request::GetVersion { key: key_of(PlayerId(0)), version: dupeproof_sim::Version(1) };
    let tape = run(|_| {}, &[script([(0, list()), (0, old()), (200, list()), (200, old()), (400, cached(0))])]);
    assert_eq!(hits(&tape), 0);
    assert_eq!(tape.answers(0).last().unwrap().0, 500);
    assert_eq!(tape.answers(0).last().unwrap().1, RequestKind::Get);
}
