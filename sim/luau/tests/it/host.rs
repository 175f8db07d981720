//! Roblox as scripts see it: each script of `tests/host` checks its own expectations, on one server.

use std::path::Path;

use dupeproof_core::Span;
use dupeproof_luau::{Fidelity, Files, LuauSubject, Options, Part, State, Survey, survey};
use dupeproof_sim::id::{PlayerId, ReceiptId, ServerId};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Latency, PlayerPlan, ServiceProfile, TransformError};
use dupeproof_sim::{Action, Command, Contract, Event, Global, Observer, Schedule, ServerPlan, Step};

use crate::common;

/// What the script's server has logged, and how it has crashed. (When all is over, the world starts another one that runs
/// it again, on what is stored by then.)
#[derive(Default)]
struct Lines(Vec<String>);

const SERVER: ServerId = ServerId { slot: 0, life: 0 };

impl Observer for Lines {
    fn observe(&mut self, _: Global, event: &Event) {
        match event {
            Event::Logged { server: SERVER, line, .. } => self.0.push(line.to_string()),
            Event::ScriptCrashed { server: SERVER, text } => self.0.push(format!("crashed: {text}")),
            _ => {}
        }
    }
}

/// A player comes in second 1, buys something in second 3, and goes in second 5; the server closes in second 60.
fn schedule() -> Schedule {
    let player = PlayerId(0);
    let at = |at, action| Step { at: Span::secs(at), action };
    let command = |command| Action::Command { server: 0, command };
    Schedule {
        seed: 1,
        subject: "luau".into(),
        servers: vec![ServerPlan::default()],
        players: vec![PlayerPlan { items: None }],
        timeline: vec![
            at(1, command(Command::Join(player))),
            at(3, Action::Purchase { player, receipt: ReceiptId(4) }),
            at(5, command(Command::Leave(player))),
            at(60, Action::Close { server: 0 }),
        ],
        length: Span::secs(100),
        ..Schedule::default()
    }
}

fn options(script: &str) -> Options {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut files = Files::new();
    let mount = |files: &mut Files, at: &[&str], path: &str| {
        files.mount(at, &tests.join(path)).unwrap_or_else(|problem| panic!("{problem}"));
    };
    mount(&mut files, &["ServerScriptService", "Main"], &format!("host/{script}.luau"));
    mount(&mut files, &["package"], "fixtures/package");
    let script = vec!["ServerScriptService".to_owned(), "Main".to_owned()];
    Options { script: Some(script), ..Options::new(files) }
}

/// Runs a script. It must log `passed` in the end, and just those errors that it says it `expects:`.
fn passes(options: &Options) {
    passes_in(options, ServiceProfile::default());
}

/// The same, with services like these.
fn passes_in(options: &Options, services: ServiceProfile) {
    let contract = Contract::none(Span::secs(600), Span::secs(60));
    let subject = LuauSubject::new(options, contract).unwrap_or_else(|problem| panic!("{problem}"));
    let mut lines = Lines::default();
    Network::Event.run(&Schedule { services, ..schedule() }, &subject, &mut lines);
    let all = lines.0.join("\n");
    let expected: Vec<&str> = lines.0.iter().filter_map(|line| line.strip_prefix("expects: ")).collect();
    let bad = lines.0.iter().filter(|line| line.starts_with("error: ") || line.starts_with("crashed: "));
    for line in bad.clone() {
        assert!(expected.iter().any(|text| line.contains(text)), "unexpected: {line}\n\nall that was logged:\n{all}");
    }
    for text in expected {
        assert!(bad.clone().any(|line| line.contains(text)), "expected an error with `{text}`, but got:\n{all}");
    }
    assert!(lines.0.iter().any(|line| line == "passed"), "the script did not come to its end:\n{all}");
}

macro_rules! scripts {
    ($($script:ident)*) => {
        $(
            #[test]
            fn $script() {
                for fidelity in [Fidelity::Coarse, Fidelity::Sixty] {
                    passes(&Options { fidelity, ..options(stringify!($script)) });
                }
            }
        )*
    };
}

scripts! {
    classes
    clocks
    data_store
    enums
    instances
    lists
    memory_store
    messaging
    modules
    players
    services
    signals
    teleports
    threads
    update_async
    values
    waits
}

#[test]
fn deferred_signals_are_handled_when_the_resumption_point_ends() {
    passes(&Options { deferred: true, ..options("deferred") });
}

#[test]
fn the_error_of_a_transform_can_show_elsewhere() {
    let services = ServiceProfile { transform_error: TransformError::ReturnsNil, ..ServiceProfile::default() };
    passes_in(&options("transform_error"), services);
}

#[test]
fn update_async_waits_after_a_conflict_as_long_as_the_world_says() {
    let delay = Latency { min: Span::secs(3), max: Span::secs(4) };
    let services = ServiceProfile { conflict_delay: delay, ..ServiceProfile::default() };
    passes_in(&options("conflict_delay"), services);
}

#[test]
#[should_panic(expected = "assertion failed")]
fn update_async_reads_again_at_once_unless_told_to_wait() {
    passes(&options("conflict_delay"));
}

#[test]
fn an_update_of_a_memory_store_gives_up_after_as_many_retries_as_the_world_says() {
    let mut services = ServiceProfile::default();
    services.memory_store.update_retries = 2;
    passes_in(&options("memory_retries"), services);
}

#[test]
#[should_panic(expected = "assertion failed")]
fn an_update_of_a_memory_store_succeeds_where_the_world_lets_it_retry_long_enough() {
    let mut services = ServiceProfile::default();
    services.memory_store.update_retries = 50;
    passes_in(&options("memory_retries"), services);
}

#[test]
#[should_panic(expected = "unexpected")]
fn a_script_that_fails_is_noticed() {
    passes(&options("transform_error"));
}

fn with_fakes(name: &str, source: &str) -> Options {
    Options { fakes: Some((name.to_owned(), source.to_owned())), ..options("fakes") }
}

#[test]
fn fakes_supply_what_is_not_there() {
    passes(&with_fakes("fakes.luau", include_str!("../fixtures/fakes.luau")));
}

#[test]
fn fakes_that_cannot_be_used_say_why_with_their_own_place() {
    for (source, expected) in [
        ("return", "a table expected, got nil"),
        ("return { service = {} }", "\"service\" is not one of the tables services, globals, modules and objects"),
        ("return { objects = { ['ReplicatedStorage/Buy'] = 'RemotEvent' } }", "there is no class RemotEvent"),
        ("return { objects = { ['Storage/Buy'] = 'RemoteEvent' } }", "there is no service Storage"),
        ("return { modules = { ['ReplicatedStorage'] = 1 } }", "is there already"),
        ("error('broken')", "fakes.luau:1: broken"),
        ("return {", "fakes.luau:1"),
        ("task.wait(1)", "the file of fakes must end at once"),
    ] {
        let (lines, _) = common::run(&with_fakes("fakes.luau", source), &common::schedule(10), Network::Event);
        let crash = lines.iter().find(|line| line.contains("fakes"));
        assert!(crash.is_some_and(|line| line.contains(expected)), "{source}: {lines:?}");
    }
}

#[test]
fn the_survey_says_what_scripts_meet() {
    let Survey { services, classes, globals, methods } = survey();
    let state = |parts: &[Part], name: &str| parts.iter().find(|part| part.name == name).map(|part| part.state);
    assert_eq!(state(&services, "DataStoreService"), Some(State::Works));
    assert_eq!(state(&services, "PathfindingService"), Some(State::Inert));
    assert_eq!(state(&classes, "RemoteEvent"), Some(State::Works));
    assert_eq!(state(&classes, "Part"), Some(State::Inert));
    assert_eq!(state(&globals, "CFrame"), Some(State::Works));
    assert_eq!(state(&methods, "DataStore:RemoveVersionAsync"), Some(State::Missing));
    // What it says of each is tried: what is there can be used, what is missing stops the script.
    let there = |parts: &[Part], missing: bool| {
        let parts = parts.iter().filter(|part| (part.state == State::Missing) == missing);
        parts.map(|part| format!("\"{}\"", part.name)).collect::<Vec<_>>().join(", ")
    };
    let script = format!(
        "for _, name in {{ {} }} do assert(game:GetService(name).ClassName == name, name) end
        for _, name in {{ {} }} do assert(getfenv()[name] ~= nil, name) end
        for _, name in {{ {} }} do assert(not pcall(function() return getfenv()[name] end), name) end
        print('passed')",
        there(&services, false),
        there(&globals, false),
        there(&globals, true)
    );
    let (lines, _) = common::run(&common::script(&script), &common::schedule(10), Network::Event);
    assert!(lines.iter().any(|line| line == "passed"), "{lines:?}");
}

/// Prints, in tenths of a second or as a count: how long a wait of 0.3 s took, how long a read took, the heartbeats during
/// a wait of 19 s and the longest of their steps; and the first wait once more when the server has recovered.
const PACE: &str = r#"
local store = game:GetService("DataStoreService"):GetDataStore("Store")
local Heartbeat = game:GetService("RunService").Heartbeat
local function timed(run)
    local began = os.clock()
    run()
    return os.clock() - began
end
task.wait(5)
local waited = task.wait(0.3)
local read = timed(function() store:GetAsync("key") end)
local beats, longest = 0, 0
local connection = Heartbeat:Connect(function(step)
    beats, longest = beats + 1, math.max(longest, step)
end)
task.wait(19)
connection:Disconnect()
task.wait(40)
local function tenths(seconds)
    return math.round(seconds * 10)
end
print(tenths(waited), tenths(read), beats, tenths(longest), tenths(task.wait(0.3)))
"#;

fn pace(network: Network, fidelity: Fidelity, timeline: Vec<Step>) -> [u32; 5] {
    let schedule = Schedule { timeline, ..common::schedule(90) };
    let (lines, _) = common::run(&Options { fidelity, ..common::script(PACE) }, &schedule, network);
    let numbers = lines[0].split_whitespace().map(|number| number.parse().unwrap_or_else(|_| panic!("{lines:?}")));
    numbers.collect::<Vec<u32>>().try_into().unwrap_or_else(|_| panic!("{lines:?}"))
}

#[test]
fn on_a_lagging_server_frames_are_few_waits_are_long_and_clocks_go_on() {
    let lag = Action::Lag { server: 0, frame: Span::secs(2), span: Span::secs(50) };
    // Frames begin at 4, 6, 8 s and so on: the wait from 6 s to 6.3 s ends at 8 s, where the read begins; its answer,
    // there after two legs of at most 100 ms, is heard at 10 s. From then on there is a heartbeat at 12, 14, .. 28 s; at
    // 30 s the wait of 19 s ends before the heartbeat.
    for (network, fidelity) in
        [(Network::Event, Fidelity::Coarse), (Network::Event, Fidelity::Sixty), (Network::Turmoil, Fidelity::Coarse)]
    {
        let [waited, read, beats, longest, after] =
            pace(network, fidelity, vec![Step { at: Span::secs(4), action: lag }]);
        assert_eq!([waited, read, beats, longest], [20, 20, 9, 20], "{network:?} {fidelity:?}");
        assert!(after <= 4, "the server has recovered: {after}");
    }
    let [waited, read, beats, longest, _] = pace(Network::Event, Fidelity::Coarse, Vec::new());
    assert!(waited <= 4 && read <= 3 && beats >= 75 && longest <= 3, "{waited} {read} {beats} {longest}");
}
