//! A module of the user's own, from its files to a failure that replays.

use crate::terminal::Terminal;

/// Where `dupeproof-luau` has a module that locks, and its adapter.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/luau/tests/fixtures");

/// The starter, a save script with a lock in the record, under `mine/`.
fn started() -> Terminal {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("init mine");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    terminal
}

/// The example of an adapter.
const NAIVE: &str = include_str!("../../../sim/luau/src/adapter/naive.luau");

const STARTER: &str = "run --scenario mine/dupeproof_scenario.toml --adapter mine/dupeproof_adapter.luau --cases 20";

#[test]
fn the_starter_keeps_every_promise_where_nothing_goes_wrong() {
    let answer = started().dupeproof(&format!("{STARTER} --world calm --verbose"));
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.starts_with("Safe: in 20 schedules"), "{}", answer.stdout);
    assert!(answer.stdout.contains("handed_over"), "its lock was asked for: {}", answer.stdout);
}

#[test]
fn the_starter_runs_as_it_is_and_what_its_lock_cannot_do_replays_from_its_file_alone() {
    let terminal = started();
    let answer = terminal.dupeproof(STARTER);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert!(answer.stdout.starts_with("Unsafe: in 20 schedules"), "{}", answer.stdout);
    assert!(answer.stdout.contains(" --adapter mine/dupeproof_adapter.luau --cases 20"), "{}", answer.stdout);
    let replay = format!("replay {}", terminal.failure("dupeproof-out", "LostUpdate"));
    let answer = terminal.dupeproof(&replay);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert!(answer.stdout.contains("the same finding (LostUpdate), the same digest"), "{}", answer.stdout);
    let again = terminal.dupeproof("report dupeproof-out");
    assert_eq!(again.code, 0, "{}", again.stderr);
    std::fs::rename(terminal.path("mine"), terminal.path("moved")).expect("it can be moved");
    terminal.dupeproof(&replay).refuses(&["the adapter `mine/dupeproof_adapter.luau`", "--adapter"]);
    assert_eq!(terminal.dupeproof(&format!("{replay} --adapter moved/dupeproof_adapter.luau")).code, 1);
}

#[test]
fn a_module_is_searched_in_what_has_been_reported_unless_somebody_says_where() {
    let terminal = Terminal::new();
    let run = format!("run --adapter {FIXTURES}/stale_lock_adapter.luau --cases 10 --json");
    let believed = |more: &str| terminal.json(&format!("{run}{more}"))["believe"].clone();
    assert_eq!(believed(""), "reported");
    assert_eq!(believed(" --believe all"), "all");
    assert_eq!(believed(" --suite brief"), "all");
    assert_eq!(believed(" --world typical --believe documented"), "documented");
}

#[test]
fn a_session_whose_lock_is_lost_and_whose_game_is_not_told_is_a_silent_end() {
    let terminal = started();
    let kinds = || {
        // What takes a lock from a live session, nobody has reported.
        let json = terminal.json(&format!("{STARTER} --believe all --json"));
        let found = json["findings"].as_array().expect("a list").iter();
        found.map(|found| found["kind"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert!(!kinds().contains(&"SilentEnd".to_owned()));
    let told = terminal.read("mine/dupeproof_adapter.luau");
    assert!(told.contains("session.game.ended(reason)"), "{told}");
    terminal.write("mine/dupeproof_adapter.luau", &told.replace("session.game.ended(reason)", ""));
    assert!(kinds().contains(&"SilentEnd".to_owned()), "{:?}", kinds());
}

#[test]
fn a_module_that_locks_and_never_takes_over_keeps_everything_and_locks_players_out() {
    let terminal = Terminal::new();
    let words = format!(
        "run --suite no_swap --cases 20 --json --module {FIXTURES}/fenced.luau --adapter {FIXTURES}/fenced_adapter.luau"
    );
    let json = terminal.json(&words);
    assert_eq!((&json["subject"], &json["verdict"]), (&"fenced".into(), &"unsafe".into()), "{json}");
    let kinds: Vec<_> = json["findings"].as_array().expect("a list").iter().map(|found| &found["kind"]).collect();
    assert_eq!(kinds, ["LockStuck"], "{json}");
}

#[test]
fn both_networks_and_a_world_carry_a_module() {
    let terminal = Terminal::new();
    for words in ["--network turmoil --suite brief --cases 1", "--world calm --fidelity 60hz --cases 1"] {
        let answer = terminal.dupeproof(&format!("run --adapter naive {words}"));
        assert!(answer.stdout.contains("`naive-luau`"), "{words}: {}{}", answer.stdout, answer.stderr);
    }
}

#[test]
fn scripts_that_are_missing_or_do_not_start_are_named_with_their_traceback() {
    let terminal = Terminal::new();
    terminal.write("broken.luau", "local function fail() error('no luck') end\nfail()");
    for (file, name) in [("core.luau", "core"), ("path.luau", "../up")] {
        terminal.write(file, &NAIVE.replace("naive-luau", name));
    }
    terminal.dupeproof("run --adapter nope").refuses(&["`nope`", "profile-store", "lapis", "hint: "]);
    terminal.dupeproof("run --adapter nope.luau").refuses(&["the adapter `nope.luau`", "hint: "]);
    let gone = terminal.dupeproof("run --adapter naive --module gone");
    gone.refuses(&["the module `gone`", "hint: paths are relative to the current directory"]);
    assert!(!gone.stderr.contains("--module"), "it was given: {}", gone.stderr);
    for adapter in ["profile-store", "profile-service", "lapis"] {
        let needs = format!("the adapter `{adapter}` needs a module");
        terminal.dupeproof(&format!("run --adapter {adapter}")).refuses(&[&needs, "hint: add --module PATH"]);
    }
    terminal.dupeproof("run --adapter naive --game gone.luau").refuses(&["the game `gone.luau`", "hint: "]);
    terminal.dupeproof("run --adapter naive --fake gone.luau").refuses(&["the file of fakes `gone.luau`", "hint: "]);
    terminal.write("missing.luau", "local store = game:GetService('DataStoreService')\nstore:ListDataStoresAsync()");
    let missing = ["missing (adapter):2: DataStoreService:ListDataStoresAsync is not modelled", "--fake"];
    terminal.dupeproof("run --adapter missing.luau").refuses(&missing);
    terminal.write("fakes.luau", "return { remotes = {} }");
    let wrong = ["the file of fakes failed", "\"remotes\" is not one of the tables", "objects"];
    terminal.dupeproof("run --adapter naive --fake fakes.luau").refuses(&wrong);
    terminal.dupeproof("run --adapter broken.luau").refuses(&["no luck", "broken (adapter):1", "hint: "]);
    terminal.dupeproof("run --adapter core.luau").refuses(&["called `core`", "another `name`"]);
    terminal.dupeproof("run --adapter path.luau").refuses(&["`../up`", "letters"]);
    terminal.dupeproof("run --module src").refuses(&["--adapter"]);
    terminal.dupeproof("run --adapter naive --subject core").refuses(&["--subject"]);
    assert!(!terminal.path("dupeproof-out").exists(), "a refused run leaves nothing");
}

#[test]
fn a_start_overwrites_nothing() {
    let terminal = Terminal::new();
    terminal.write("dupeproof_adapter.luau", "mine");
    terminal.dupeproof("init").refuses(&["dupeproof_adapter.luau` exists", "hint: "]);
    assert_eq!(terminal.read("dupeproof_adapter.luau"), "mine");
    assert!(!terminal.path("dupeproof_scenario.toml").exists(), "and writes neither");
}
