//! Scenario files: what they may say, and how what they may not say is refused.

use dupeproof_core::Span;
use dupeproof_scenarios::failure::sanity;
use dupeproof_scenarios::strategy::{Feature, WorkloadRate};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Fault, Knob, Suite, World, run_case};
use dupeproof_sim::FindingKind;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, Regime, Schedule};

const FULL: &str = r#"
name = "my_game"
about = "what our game went through last Friday"
subject = "core"
world = "typical"
network = "turmoil"
must_see = ["handed_over", "crashed"]
must_see_after = 40
never = ["ItemLost"]
allows = ["LockStuck"]
twin = "swarm"

[topology]
servers = 4
players = [8, 9]
length_s = [120, 121]
gatherings = 1
stays = [1, 2]

[workload]
trades = 100
swaps = 0

[odds]
crash = 100
close = 0

[knobs]
write_lost_reply_ppm = [1_000, 2_000]
regime = ["roblox-legacy"]
server_unix_offset_ms = [-60_000, -50_000]
queue = 3

[constants]
LEASE = 60

[bounds]
lost_s = 330
"#;

fn parse(text: &str) -> Result<Suite, String> {
    Suite::parse(text, &Subjects::default()).map_err(|error| error.to_string())
}

fn full() -> Suite {
    parse(FULL).unwrap()
}

#[test]
fn a_file_says_who_where_what_goes_wrong_and_what_must_be_seen() {
    let suite = full();
    let core = Subjects::default();
    let core = core.named("core").unwrap();
    assert_eq!((&*suite.name, suite.subject.as_deref(), &*suite.world.name), ("my_game", Some("core"), "typical"));
    assert_eq!((suite.network, suite.twin.as_deref()), (Some(Network::Turmoil), Some("swarm")));
    let must_see: Vec<_> = suite.must_see.iter().map(|probe| probe.name()).collect();
    assert_eq!((must_see, suite.must_see_after), (vec!["handed_over", "crashed"], 40));
    assert!(suite.forbids(FindingKind::ItemLost, core) && !suite.forbids(FindingKind::LockStuck, core));
}

#[test]
fn its_schedules_are_as_it_says() {
    let suite = full();
    let schedules: Vec<Schedule> = (0..60).map(|case| suite.schedule(1, case, "core")).collect();
    for schedule in &schedules {
        assert_eq!(schedule.servers.len(), 4);
        assert!((8..=9).contains(&schedule.players.len()));
        assert!((Span::secs(120)..=Span::secs(121)).contains(&schedule.length));
        assert_eq!(schedule.constants["LEASE"], 60);
        assert!((1_000..=2_000).contains(&schedule.services.faults.write.lost_reply_ppm));
        assert_eq!((schedule.services.limits.regime, schedule.services.limits.queue), (Regime::RobloxLegacy, 3));
        let offsets = schedule.servers.iter().map(|server| server.unix_offset);
        assert!(offsets.clone().all(|offset| (-60_000_000..=-50_000_000).contains(&offset)));
        assert_ne!(offsets.clone().min(), offsets.max(), "each server has its own");
        assert!(!schedule.timeline.iter().any(|step| matches!(step.action, Action::Close { .. })));
    }
    let drawn = |value: fn(&Schedule) -> u32| {
        let mut values: Vec<u32> = schedules.iter().map(value).collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    };
    assert!(drawn(|schedule| schedule.services.faults.write.lost_reply_ppm) > 40, "drawn for each schedule");
    let crashes =
        schedules.iter().filter(|schedule| const { Fault::named("crash") }.without(schedule).is_some()).count();
    assert!(crashes > 50, "{crashes}");
    // The world's own, where the file says nothing else.
    assert!(schedules.iter().all(|schedule| schedule.services.datastore_latency.max == Span::millis(250)));
}

#[test]
fn in_another_world_the_same_players_do_the_same() {
    let suite = full().in_world(World::find("calm").unwrap());
    assert_eq!((&*suite.name, &*suite.world.name), ("my_game", "calm"));
    assert_eq!(suite.must_see, World::find("calm").unwrap().must_see);
    for case in 0..20 {
        let schedule = suite.schedule(1, case, "core");
        assert_eq!((schedule.servers.len(), schedule.constants["LEASE"]), (4, 60));
        assert_eq!(Fault::ALL.iter().find(|fault| fault.without(&schedule).is_some()), None);
    }
}

#[test]
fn one_more_knob_moves_no_other_draw() {
    let more = parse(&FULL.replace("queue = 3", "queue = 3\nread_refused_ppm = [0, 9_000]")).unwrap();
    for case in 0..20 {
        let (before, mut after) = (full().schedule(1, case, "core"), more.schedule(1, case, "core"));
        Knob::named("read_refused_ppm").unwrap().set(&mut after, 0, 0);
        let mut before = before;
        Knob::named("read_refused_ppm").unwrap().set(&mut before, 0, 0);
        assert_eq!(before, after);
    }
}

#[test]
fn what_is_not_known_or_out_of_range_is_refused_by_name_with_its_line_and_what_is_allowed() {
    for (there, instead, line, said) in [
        (
            "world = \"typical\"",
            "wrold = \"typical\"",
            5,
            "unknown field `wrold`; did you mean `world`? expected one of `name`",
        ),
        ("\"typical\"", "\"typicl\"", 5, "unknown world `typicl`; did you mean `typical`? expected one of `calm`"),
        (
            "subject = \"core\"",
            "subject = \"cor\"",
            4,
            "unknown subject `cor`; did you mean `core`? expected one of `core`",
        ),
        ("\"turmoil\"", "\"tcp\"", 6, "unknown variant `tcp`, expected `event` or `turmoil`"),
        ("\"crashed\"", "\"crahsed\"", 7, "unknown probe `crahsed`; did you mean `crashed`? nearest are"),
        (
            "[\"ItemLost\"]",
            "[\"ItemsLost\"]",
            9,
            "unknown finding `ItemsLost`; did you mean `ItemLost`? expected one of",
        ),
        ("twin = \"swarm\"", "twin = \"swam\"", 11, "unknown suite `swam`; did you mean `swarm`? expected one of"),
        ("servers = 4", "severs = 4", 14, "unknown part of the topology `severs`; did you mean `servers`?"),
        ("servers = 4", "servers = 0", 14, "servers: 0 is not between 1 and 200"),
        ("servers = 4", "servers = [4, 3]", 14, "servers: 4 is above 3"),
        ("trades = 100", "trade = 100", 21, "unknown part of the workload `trade`; did you mean `trades`?"),
        ("trades = 100", "trades = 101", 21, "trades: 101 is not between 0 and 100"),
        ("crash = 100", "crashs = 100", 25, "unknown fault `crashs`; did you mean `crash`?"),
        ("crash = 100", "crash = -1", 25, "crash: -1 is not between 0 and 100"),
        ("crash = 100", "crash = [1, 2]", 25, "crash: give a number from 0 to 100"),
        ("write_lost_reply_ppm", "write_lost_replies_ppm", 29, "did you mean `write_lost_reply_ppm`? nearest are"),
        ("[1_000, 2_000]", "[1_000, 2_000_000]", 29, "write_lost_reply_ppm: 2000000 is not between 0 and 1000000"),
        ("[1_000, 2_000]", "[1, 2, 3]", 29, "give [least, most]"),
        ("[1_000, 2_000]", "0.5", 29, "expected a whole number"),
        ("[1_000, 2_000]", "\"often\"", 29, "write_lost_reply_ppm: give a number, or [least, most]"),
        ("\"roblox-legacy\"", "\"roblox-2013\"", 30, "unknown regime `roblox-2013`"),
        ("[\"roblox-legacy\"]", "1", 30, "regime: give one or a list of `roblox-2026`, `roblox-legacy`"),
        ("LEASE = 60", "LEESE = 60", 35, "unknown constant `LEESE`; did you mean `LEASE`?"),
        ("lost_s = 330", "lost_m = 330", 38, "unknown bound `lost_m`; did you mean `lost_s`?"),
        ("lost_s = 330", "lost_s = -1", 38, "lost_s: -1 is not between 0 and"),
        ("LEASE = 60", "LEASE = 0", 35, "`LEASE` must be from 1 to 600"),
        ("must_see_after = 40", "must_see_after = 0", 8, "must_see_after: 0 cases see nothing"),
        ("my_game", "My Game", 2, "`My Game` is not 1 to 60 lower-case letters"),
        ("queue = 3", "queue = 3\nqueue = 4", 33, "duplicate key"),
        ("queue = 3", "queue = ", 32, ""),
    ] {
        let text = FULL.replace(there, instead);
        assert_ne!(text, FULL, "{there} is in the file");
        let error = Suite::parse(&text, &Subjects::default()).expect_err(instead);
        assert_eq!(error.line, line, "{instead}: {error}");
        assert!(error.what.contains(said), "{instead}: {error}");
    }
}

#[test]
fn what_is_missing_or_too_much_is_said() {
    assert!(parse("about = \"nameless\"").unwrap_err().contains("missing field `name`"));
    let crowd = "name = \"crowd\"\nabout = \"\"\n[topology]\nplayers = 2000\ngatherings = 50\nstays = 50";
    assert!(parse(crowd).unwrap_err().contains("2000 players with 50 times 50 stays"), "{:?}", parse(crowd));
    assert!(parse("").is_err() && parse("name = 3").is_err() && parse("[[knobs]]").is_err());
}

#[test]
fn a_file_of_two_lines_is_enough() {
    let suite = parse("name = \"plain\"\nabout = \"nothing special\"").unwrap();
    assert_eq!((&*suite.world.name, suite.subject, suite.network), ("calm", None, None));
    assert_eq!(suite.must_see, World::find("calm").unwrap().must_see);
}

/// Everything that can happen does, on so many servers with so many players for so long.
fn everything(servers: u32, players: u32, length: u32) -> Suite {
    let all =
        |names: Vec<&str>, value: &str| names.iter().map(|name| format!("{name} = {value}\n")).collect::<String>();
    let odds = all(Feature::all().map(Feature::name).collect(), "100");
    let workload = all(WorkloadRate::all().iter().map(|rate| rate.name).collect(), "100");
    let topology = format!("servers = {servers}\nplayers = {players}\nlength_s = {length}\n");
    let head = "name = \"everything\"\nabout = \"everything at once\"\n";
    parse(&format!("{head}[topology]\n{topology}[workload]\n{workload}[odds]\n{odds}")).unwrap()
}

#[test]
fn the_smallest_and_the_largest_games_make_sane_schedules_that_run() {
    let subjects = Subjects::default();
    for (servers, players, length, cases) in [(1, 1, 1, 30), (1, 5, 60, 30), (2, 1, 600, 30), (200, 300, 120, 1)] {
        let suite = everything(servers, players, length);
        for case in 0..cases {
            for subject in subjects.all() {
                let schedule = suite.schedule(1, case, subject.name());
                assert_eq!(sanity::check(&schedule), Ok(()), "{servers} servers, {players} players, case {case}");
                run_case(&schedule, subject, Network::Event, &mut ());
            }
        }
    }
}

#[test]
fn no_value_of_any_knob_makes_a_run_panic_or_go_on_for_ever() {
    let subjects = Subjects::default();
    let market = Suite::named("market").unwrap().in_world(World::find("swarm").unwrap());
    for (case, knob) in (0..).zip(Knob::all()) {
        for value in [knob.min, knob.max] {
            for subject in subjects.all() {
                let mut schedule = market.schedule(1, case, subject.name());
                (0..knob.places(&schedule)).for_each(|place| knob.set(&mut schedule, place, value));
                // The bounds of a span keep their order.
                if let Some(other) = knob.partner() {
                    let value = if knob.is_least() {
                        other.get(&schedule, 0).max(value)
                    } else {
                        value.min(other.get(&schedule, 0))
                    };
                    other.set(&mut schedule, 0, value);
                }
                assert_eq!(sanity::check(&schedule), Ok(()), "{}", knob.name);
                run_case(&schedule, subject, Network::Event, &mut ());
            }
        }
    }
}

#[test]
fn worlds_are_refused_as_scenario_files_are() {
    let world = "name = \"w\"\nabout = \"\"\nmust_see = []\nmust_see_after = 1\n[knobs]\nqueue = 5_000";
    let error = World::parse(world).unwrap_err().to_string();
    assert_eq!(error, "line 6: queue: 5000 is not between 0 and 1000");
    assert!(World::parse("name = \"w\"\nabout = \"\"\n").is_err(), "a world says what must be seen in it");
}

#[test]
fn a_world_that_nobody_can_be_blamed_for_blames_nobody() {
    let core = Subjects::default();
    let core = core.named("core").unwrap();
    let market = Suite::named("market").unwrap();
    assert_eq!(market.forbidden(core).len(), FindingKind::ALL.len());
    assert_eq!(market.in_world(World::find("january_2019").unwrap()).forbidden(core), []);
}
