//! A server's own limits: budgets and throttle queues.

use dupeproof_core::{Span, VersionQuery};
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, ServiceName};
use dupeproof_sim::request::{RequestKind, RequestType, SortedQuery, ThrottledCall};
use dupeproof_sim::schedule::{Limits, Regime};
use dupeproof_sim::{Action, Event, Request, ServiceError, Version};

use crate::scripted::{
    Closing, Line, Script, ScriptStep, Tape, at, compare_and_set, get, remove, schedule, script, set, stored,
};

const TIGHT: Limits = Limits {
    regime: Regime::Roblox2026,
    server_percent: 100,
    startup_burst: 1,
    saved_seconds: 1,
    queue: 5,
    fifo: true,
    experience_percent: 100,
    other_players: 100,
    other_load_percent: 0,
    padding_kb: 0,
    messaging_percent: 100,
};

/// A world with so many players from the beginning, in which the DataStore refuses everything (what a server may ask
/// does not depend on the answers).
fn run(limits: Limits, players: u16, script: &Script) -> Tape {
    let scripts = [script.clone()];
    let mut schedule = schedule(&scripts);
    schedule.services.limits = limits;
    let join = |player| at(0, Action::Command { server: 0, command: Command::Join(PlayerId(player)) });
    schedule.timeline = (0..players).map(join).collect();
    schedule.timeline.push(at(0, Action::Outage { service: ServiceName::DataStore, span: Span::secs(100) }));
    Tape::of(&schedule, &scripts)
}

fn key(ordered: bool) -> dupeproof_sim::Key {
    if ordered { "ordered:Coins/global/Player_0".into() } else { "Player_0".into() }
}

fn get_of(ordered: bool) -> Request {
    Request::get(key(ordered))
}

fn set_of(ordered: bool) -> Request {
    Request::set(key(ordered), stored(1))
}

fn remove_of(ordered: bool) -> Request {
    Request::Remove { key: key(ordered) }
}

fn list() -> Request {
    Request::ListVersions { key: key(false), query: VersionQuery::default(), page_size: 0 }
}

fn list_keys() -> Request {
    Request::ListKeys { prefix: key(false), page_size: 0, after: None, exclude_deleted: false }
}

fn sorted() -> Request {
    Request::GetSorted { store: key(true), query: SortedQuery { page_size: 10, ..SortedQuery::default() } }
}

fn old_version() -> Request {
    Request::GetVersion { key: key(false), version: Version(1) }
}

/// A minute's requests in microseconds between two of them, where the second waits for the first's budget; `None` if it
/// does not wait.
fn gap(regime: Regime, players: u16, first: Request, second: Request) -> Option<u64> {
    // From 1 s on, so that the players are there.
    let requests = script([(1_000, first), (1_000, second)]);
    let limits = Limits { regime, saved_seconds: 0, ..TIGHT };
    let tape = run(limits, players, &requests);
    let answered: Vec<u64> = tape.times(|event| matches!(event, Event::Answered { .. }));
    assert_eq!(answered[0], 1_100);
    (tape.count(|event| matches!(event, Event::Throttled { .. })) == 1).then(|| answered[1] - 1_100)
}

fn per_minute(base: u64, per_player: u64, players: u16) -> u64 {
    60_000 / (base + per_player * u64::from(players))
}

#[test]
fn since_2026_a_server_has_the_documented_limit_of_each_type_of_request() {
    for (request, base, per_player) in [
        (get_of(false), 60, 40),
        (old_version(), 60, 40),
        (Request::GetVersionAtTime { key: key(false), at: 1 }, 60, 40),
        (set_of(false), 60, 40),
        (compare_and_set(0, 1, 1), 60, 40),
        (Request::Increment { key: key(false), delta: 1, attributes: None }, 60, 40),
        (list(), 5, 2),
        (list_keys(), 5, 2),
        (remove_of(false), 60, 40),
        (get_of(true), 60, 40),
        (set_of(true), 30, 5),
        (sorted(), 5, 2),
        (remove_of(true), 30, 5),
    ] {
        for players in [0, 2] {
            let gap = gap(Regime::Roblox2026, players, request.clone(), request.clone());
            assert_eq!(gap, Some(per_minute(base, per_player, players)), "{request:?} with {players} players");
        }
    }
}

#[test]
fn since_2026_each_type_of_request_has_a_budget_of_its_own() {
    let requests =
        [get_of(false), set_of(false), list(), remove_of(false), get_of(true), set_of(true), sorted(), remove_of(true)];
    let tape = run(TIGHT, 0, &script(requests.map(|request| (0, request))));
    assert_eq!(tape.count(|event| matches!(event, Event::Throttled { .. })), 0);
    let shared = [(set_of(false), compare_and_set(0, 1, 1)), (get_of(false), old_version()), (list(), list_keys())];
    for (first, second) in shared {
        assert!(gap(Regime::Roblox2026, 0, first, second).is_some());
    }
}

#[test]
fn before_2026_all_reads_shared_one_budget_and_all_writes_of_a_kind_of_store_another() {
    let get = || get_of(false);
    let set = || set_of(false);
    for (first, second, base, per_player) in [
        (get(), get_of(true), 60, 10),
        (set(), compare_and_set(0, 1, 1), 60, 10),
        (set(), remove_of(false), 60, 10),
        (set_of(true), remove_of(true), 30, 5),
        (sorted(), sorted(), 5, 2),
        (list(), list_keys(), 5, 2),
        (old_version(), old_version(), 5, 2),
    ] {
        for players in [0, 2] {
            let gap = gap(Regime::RobloxLegacy, players, first.clone(), second.clone());
            assert_eq!(gap, Some(per_minute(base, per_player, players)), "{first:?}, {second:?}");
        }
    }
    for (first, second) in [(get(), set()), (get(), old_version()), (set(), set_of(true)), (list(), sorted())] {
        assert_eq!(gap(Regime::RobloxLegacy, 0, first, second), None);
    }
}

#[test]
fn a_percentage_of_the_limits_is_exact_and_never_less_than_one_request_a_minute() {
    let limits = Limits { server_percent: 3, ..TIGHT };
    // 1.8 a minute.
    let sets = script([(0, set(0, 1)), (0, set(0, 2))]);
    assert_eq!(run(limits, 0, &sets).answers(0)[1].0, 33_433);
    let lists = script([(0, list()), (0, list())]);
    assert_eq!(run(limits, 0, &lists).answers(0)[1].0, 60_100);
}

#[test]
fn an_update_pays_for_a_read_and_for_a_write_unless_it_is_cancelled() {
    let read_only = run(TIGHT, 0, &script([(0, get(0)), (100, set(0, 1))]));
    assert_eq!(read_only.count(|event| matches!(event, Event::Throttled { .. })), 0);
    let both = run(TIGHT, 0, &script([(0, get(0)), (100, compare_and_set(0, 1, 1)), (200, set(0, 1))]));
    assert_eq!(both.times(|event| matches!(event, Event::Throttled { .. })), [200]);
}

fn tell(millis: u64, kind: RequestType) -> Line {
    (Span::millis(millis), ScriptStep::TellBudget(kind))
}

fn ask(millis: u64, request: Request) -> Line {
    (Span::millis(millis), ScriptStep::Ask(request))
}

fn told(limits: Limits, lines: Vec<Line>) -> Vec<String> {
    let tape = run(limits, 0, &Script { lines, ..Script::default() });
    tape.lines(0).into_iter().filter(|line| line.contains("Read: ") || line.contains("Write: ")).collect()
}

#[test]
fn a_guest_is_told_its_budget_as_it_is_now_with_what_it_is_just_asking_for() {
    let read = RequestType::StandardRead;
    let limits = Limits { startup_burst: 5, saved_seconds: 3, ..TIGHT };
    let lines = vec![
        tell(0, read),
        ask(0, get(0)),
        ask(0, set(0, 1)),
        tell(0, read),
        ask(0, get(0)),
        ask(0, get(0)),
        tell(500, read),
        // Refilled to what can be saved up.
        tell(1_500, read),
        tell(20_000, read),
        tell(20_000, RequestType::StandardWrite),
    ];
    let expected = [5, 4, 2, 3, 3].map(|budget| format!("StandardRead: {budget}"));
    let told = told(limits, lines);
    assert_eq!(told[..5], expected);
    // What it began with is more than can be saved up, and is kept.
    assert_eq!(told[5], "StandardWrite: 4");
}

#[test]
fn a_budget_before_2026_began_and_ended_as_the_community_measured() {
    let limits = Limits { regime: Regime::RobloxLegacy, ..Limits::default() };
    let kinds = [
        RequestType::StandardRead,
        RequestType::StandardWrite,
        RequestType::StandardRemove,
        RequestType::OrderedRead,
        RequestType::OrderedWrite,
        RequestType::OrderedList,
    ];
    let lines = kinds.map(|kind| tell(0, kind)).into_iter().chain(kinds.map(|kind| tell(600_000, kind))).collect();
    let scripts = [Script { lines, ..Script::default() }];
    let mut schedule = schedule(&scripts);
    (schedule.services.limits, schedule.length) = (limits, Span::secs(1_000));
    let log: Vec<String> = Tape::of(&schedule, &scripts).log(0).into_iter().map(|(_, line)| line).collect();
    let begun = ["Read: 100", "Write: 100", "Remove: 100", "Read: 100", "Write: 50", "List: 10"];
    let saved = ["Read: 180", "Write: 180", "Remove: 180", "Read: 180", "Write: 90", "List: 15"];
    let budgets: Vec<&String> = log.iter().filter(|line| *line != "wake").take(12).collect();
    for (budget, expected) in budgets.iter().zip(begun.into_iter().chain(saved)) {
        assert!(budget.ends_with(expected), "{budgets:?}");
    }
}

/// What is told 1 ms after the closing begins, with nothing left.
fn told_on_closing(regime: Regime) -> Vec<String> {
    let kinds = [RequestType::StandardRead, RequestType::StandardWrite, RequestType::OrderedWrite];
    let spent = [get_of(false), set_of(false), set_of(true)].map(|request| ask(0, request));
    let lines = spent.into_iter().chain(kinds.map(|kind| tell(11, kind))).collect();
    let scripts = [Script { lines, closing: Closing::Never, ..Script::default() }];
    let mut schedule = schedule(&scripts);
    schedule.services.limits = Limits { regime, ..TIGHT };
    schedule.timeline = vec![
        at(0, Action::Outage { service: ServiceName::DataStore, span: Span::secs(100) }),
        at(10, Action::Close { server: 0 }),
    ];
    let lines = Tape::of(&schedule, &scripts).lines(0);
    lines.into_iter().filter(|line| line.contains("Read: ") || line.contains("Write: ")).collect()
}

#[test]
fn before_2026_a_closing_server_had_150_requests_for_each_60_of_its_base() {
    let raised = ["StandardRead: 150", "StandardWrite: 150", "OrderedWrite: 75"];
    assert_eq!(told_on_closing(Regime::RobloxLegacy), raised);
    let nothing = ["StandardRead: 0", "StandardWrite: 0", "OrderedWrite: 0"];
    assert_eq!(told_on_closing(Regime::Roblox2026), nothing);
}

/// The answers at 0 ms, after so many requests that waited.
fn dropped(regime: Regime, before: &[Request], request: Request) -> Vec<ServiceError> {
    let requests: Vec<(u64, Request)> = before.iter().cloned().chain([request]).map(|request| (0, request)).collect();
    let tape = run(Limits { regime, ..TIGHT }, 0, &script(requests));
    tape.answers(0).into_iter().filter(|(at, ..)| *at == 0).filter_map(|(_, _, error)| error).collect()
}

#[test]
fn each_of_the_four_queues_holds_its_own_and_drops_the_next() {
    use RequestType::{OrderedRead, OrderedWrite, StandardRead, StandardWrite};
    for (request, kind) in [
        (set_of(false), StandardWrite),
        (set_of(true), OrderedWrite),
        (get_of(false), StandardRead),
        (get_of(true), OrderedRead),
    ] {
        // One is sent, five wait.
        let before = vec![request.clone(); 6];
        assert_eq!(dropped(Regime::Roblox2026, &before[1..], request.clone()), []);
        assert_eq!(dropped(Regime::Roblox2026, &before, request), [ServiceError::ServerThrottled(kind)]);
        for other in [set_of(false), set_of(true), get_of(false), get_of(true)] {
            if other.request_type() != Some(kind) {
                let both: Vec<Request> = before.iter().cloned().chain([other.clone()]).collect();
                assert_eq!(dropped(Regime::Roblox2026, &both, other), []);
            }
        }
    }
}

#[test]
fn removals_wait_with_the_sets_and_lists_with_the_gets() {
    use RequestType::{OrderedList, OrderedRemove, StandardList, StandardRemove};
    for (filler, request, kind) in [
        (set_of(false), remove_of(false), StandardRemove),
        (set_of(true), remove_of(true), OrderedRemove),
        (get_of(false), list(), StandardList),
        (get_of(true), sorted(), OrderedList),
    ] {
        let mut before = vec![filler; 6];
        before.push(request.clone());
        assert_eq!(dropped(Regime::Roblox2026, &before, request), [ServiceError::ServerThrottled(kind)]);
    }
}

#[test]
fn before_2026_the_error_of_a_full_queue_had_the_number_of_its_call() {
    let increment = || Request::Increment { key: key(false), delta: 1, attributes: None };
    for (filler, request, call, text) in [
        (get_of(false), get_of(false), ThrottledCall::Get, "301"),
        (set_of(false), set_of(false), ThrottledCall::Set, "302"),
        (set_of(false), increment(), ThrottledCall::Increment, "303"),
        (set_of(false), compare_and_set(0, 1, 1), ThrottledCall::Update, "304"),
        (get_of(true), sorted(), ThrottledCall::GetSorted, "305"),
        (set_of(false), remove_of(false), ThrottledCall::Remove, "306"),
        (get_of(false), list(), ThrottledCall::List, "List"),
    ] {
        // The first of a list has a budget of its own.
        let before: Vec<Request> = vec![filler; 6].into_iter().chain([request.clone()]).collect();
        let errors = dropped(Regime::RobloxLegacy, &before, request);
        assert_eq!(errors.last(), Some(&ServiceError::QueueFull(call)));
        assert!(errors[0].to_string().starts_with(text), "{}", errors[0]);
    }
}

#[test]
fn a_request_that_waits_for_its_budget_holds_up_those_behind_it_in_its_queue_only() {
    let requests = [list(), list(), get_of(false), get_of(false), set_of(false), set_of(false)];
    let tape = run(TIGHT, 0, &script(requests.map(|request| (0, request))));
    let times = |wanted| -> Vec<u64> {
        tape.answers(0).into_iter().filter(|(_, kind, _)| *kind == wanted).map(|(at, ..)| at).collect()
    };
    assert_eq!(times(RequestKind::ListVersions), [100, 12_100]);
    // The second could be paid for after 1 s.
    assert_eq!(times(RequestKind::Get), [100, 12_100]);
    assert_eq!(times(RequestKind::Set), [100, 1_100]);
}

#[test]
fn a_request_that_waits_is_not_overtaken_by_a_newer_one_with_the_same_budget() {
    let mut scripts = [script([(0, set(0, 0)), (0, set(0, 1))])];
    // Asked for at the moment at which the budget is there.
    scripts[0].on_command = Some(set(0, 2));
    let mut schedule = schedule(&scripts);
    schedule.services.limits = TIGHT;
    let remove = Command::Remove(PlayerId(1));
    schedule.timeline = vec![at(1_000, Action::Command { server: 0, command: remove })];
    let commits = Tape::of(&schedule, &scripts).commits();
    let expected = [(50, 0), (1_050, 1), (2_050, 2)].map(|(at, value)| (at, Some(stored(value))));
    assert_eq!(commits[..3], expected);
}

#[test]
fn queues_that_do_not_keep_their_order_send_everything_in_another() {
    let scripts = [script((0..20).map(|n| (0, set(0, n))))];
    let sent = |fifo| {
        let mut schedule = schedule(&scripts);
        schedule.services.limits = Limits { fifo, queue: 30, ..TIGHT };
        let commits = Tape::of(&schedule, &scripts).commits().into_iter();
        commits.map(|(_, value)| value.unwrap().to_json().as_u64().unwrap()).collect::<Vec<u64>>()
    };
    assert_eq!(sent(true), Vec::from_iter(0..20));
    let mut mixed = sent(false);
    assert!(!mixed.is_sorted(), "{mixed:?}");
    mixed.sort_unstable();
    assert_eq!(mixed, Vec::from_iter(0..20));
}

#[test]
fn in_queues_without_order_no_request_holds_up_another() {
    let requests = [list(), list(), get_of(false), get_of(false)];
    let tape = run(Limits { fifo: false, ..TIGHT }, 0, &script(requests.map(|request| (0, request))));
    assert_eq!(tape.times(|event| matches!(event, Event::Answered { .. })), [100, 100, 1_100, 12_100]);
}

#[test]
fn a_request_waits_for_as_long_as_its_server_lives() {
    let scripts = [script([(0, list()), (0, list()), (0, list())])];
    let mut schedule = schedule(&scripts);
    schedule.services.limits = Limits { server_percent: 1, ..TIGHT };
    schedule.timeline = vec![at(0, Action::Outage { service: ServiceName::DataStore, span: Span::secs(500) })];
    schedule.length = Span::secs(500);
    let answers = Tape::of(&schedule, &scripts).answers(0);
    assert_eq!(answers.iter().map(|(at, ..)| *at).collect::<Vec<_>>(), [100, 60_100, 120_100]);
    assert!(answers.iter().all(|(.., error)| *error == Some(ServiceError::Rejected)));
}

#[test]
fn a_server_that_starts_again_begins_with_its_first_budget_and_an_empty_queue() {
    let scripts = [script((0..4).map(|n| (0, set(0, n))))];
    let mut schedule = schedule(&scripts);
    schedule.services.limits = TIGHT;
    schedule.timeline = vec![at(500, Action::Crash { server: 0 }), at(500, Action::Restart { server: 0 })];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.times(|event| matches!(event, Event::Committed { .. })), [50, 550, 1_550, 2_550, 3_550]);
}

#[test]
fn removals_and_sets_of_one_queue_keep_the_order_in_which_they_were_received() {
    let scripts = [script([(0, set(0, 0)), (0, remove(1)), (0, set(0, 1)), (0, remove(0)), (0, set(0, 2))])];
    let mut schedule = schedule(&scripts);
    schedule.services.limits = TIGHT;
    let commits = Tape::of(&schedule, &scripts).commits();
    let expected =
        [(50, Some(stored(0))), (50, None), (1_050, Some(stored(1))), (1_050, None), (2_050, Some(stored(2)))];
    assert_eq!(commits, expected);
}

#[test]
fn a_request_whose_key_the_backend_throttled_stays_in_its_queue_and_lets_others_pass() {
    // The largest value takes all that a key lets through in a minute.
    let limits = Limits { startup_burst: 2, padding_kb: 4_096, ..TIGHT };
    let scripts = [script([(0, set(0, 1)), (0, set(0, 2)), (200, set(0, 3)), (200, set(1, 4)), (200, get(0))])];
    let mut schedule = schedule(&scripts);
    schedule.services.limits = limits;
    let tape = Tape::of(&schedule, &scripts);
    let throttled = Some(ServiceError::KeyThrottled);
    let expected = [
        (100, RequestKind::Set, None),
        (100, RequestKind::Set, throttled),
        (300, RequestKind::Get, None),
        (1_100, RequestKind::Set, None),
        (6_200, RequestKind::Set, throttled),
    ];
    assert_eq!(tape.answers(0), expected);
}
