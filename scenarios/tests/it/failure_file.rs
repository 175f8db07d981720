//! Failure files are read back as they were written; anything else is refused with a reason.

use dupeproof_core::Span;
use dupeproof_scenarios::failure::{FORMAT, FailureFile, FailureFileError, sanity};
use dupeproof_scenarios::invariant::double_live::Overlap;
use dupeproof_scenarios::{Fact, Finding, Suite};
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, ReceiptId, ServerId, ServiceName, SessionNo, SessionRef};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault, Schedule, Step};
use dupeproof_sim::{Digest, FindingKind, Global};
use serde_json::{Value as Json, json};

fn session(slot: u16, life: u16) -> SessionRef {
    SessionRef { server: ServerId { slot, life }, no: SessionNo(1) }
}

fn file() -> FailureFile {
    FailureFile {
        format: FORMAT,
        dupeproof: "0.1.0".into(),
        suite: "swarm".into(),
        world: "swarm".into(),
        forbidden: vec![FindingKind::DoubleLive],
        seed: u64::MAX,
        case: 3,
        network: Network::Event,
        finding: Finding {
            at: Global(17),
            player: Some(PlayerId(0)),
            lasted: Some(Span::secs(3)),
            fact: Fact::DoubleLive(Overlap { first: session(0, 0), second: session(1, 2) }),
        },
        digest: Digest(u64::MAX - 1),
        scripts: None,
        schedule: Suite::all()[0].schedule(1, 3, "core"),
    }
}

fn changed(pointer: &str, value: Json) -> Result<FailureFile, FailureFileError> {
    let mut json: Json = serde_json::from_str(&file().to_json()).unwrap();
    *json.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
    FailureFile::parse(&json.to_string())
}

#[test]
fn a_file_is_read_back_as_it_was_written() {
    for suite in Suite::all() {
        let file = FailureFile { schedule: suite.schedule(9, 1, "core"), ..file() };
        assert_eq!(FailureFile::parse(&file.to_json()).unwrap(), file);
    }
}

#[test]
fn a_newer_format_is_told_before_anything_else_is_looked_at() {
    let newer = FailureFile::parse(r#"{ "format": 7, "quite": "different" }"#).unwrap_err();
    assert!(matches!(newer, FailureFileError::Newer { found: 7 }));
    assert!(newer.to_string().contains("format 7 is newer than 3"), "{newer}");
    assert!(matches!(changed("/format", json!(u64::MAX)), Err(FailureFileError::Newer { found: u64::MAX })));
}

#[test]
fn what_is_no_failure_file_is_refused() {
    for text in
        ["", "{", "[1, 2]", "null", "\u{0}", r#"{ "format": "1" }"#, r#"{ "format": 0 }"#, r#"{ "format": -1 }"#]
    {
        let error = FailureFile::parse(text).unwrap_err();
        assert!(error.to_string().starts_with("not a failure file"), "{text}: {error}");
    }
    let older = FailureFile::parse(r#"{ "format": 1, "services": "flat" }"#).unwrap_err();
    assert!(older.to_string().contains("format 1 is older than 3"), "{older}");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(FailureFile::parse(&deep).is_err());
    let deep = format!(r#"{{ "format": 3, "schedule": {deep} }}"#);
    assert!(matches!(FailureFile::parse(&deep), Err(FailureFileError::Malformed { .. })));
    assert!(matches!(FailureFile::parse(r#"{ "format": 3 }"#), Err(FailureFileError::Malformed { .. })));
    assert!(matches!(changed("/schedule/seed", json!("many")), Err(FailureFileError::Malformed { .. })));
    assert!(matches!(
        changed("/schedule/timeline/0/action", json!({ "explode": {} })),
        Err(FailureFileError::Malformed { .. })
    ));
}

#[test]
fn unknown_fields_are_refused_and_errors_say_where() {
    let mut json: Json = serde_json::from_str(&file().to_json()).unwrap();
    json["schedule"]["wether"] = json!("rain");
    let error = FailureFile::parse(&serde_json::to_string_pretty(&json).unwrap()).unwrap_err().to_string();
    assert!(error.contains("unknown field `wether`") && error.contains("line"), "{error}");
}

#[test]
fn a_schedule_that_makes_no_sense_is_refused_with_the_reason() {
    for (pointer, value, reason) in [
        ("/schedule/servers", json!([]), "schedule.servers: 0 is not between 1 and 1000"),
        ("/schedule/servers/0/rate_ppm", json!(-1_000_000), "schedule.servers[0].rate_ppm: server_rate_ppm: -1000000"),
        ("/schedule/servers/0/rate_ppm", json!(i32::MIN + 1), "schedule.servers[0].rate_ppm: server_rate_ppm"),
        ("/schedule/servers/0/unix_offset", json!(i64::MIN), "schedule.servers[0].unix_offset: server_unix_offset_ms"),
        ("/schedule/players", json!([]), "there is no player"),
        (
            "/schedule/services/faults/set/refused_ppm",
            json!(1_000_001),
            "schedule.services.faults.set.refused_ppm: set_refused_ppm: 1000001",
        ),
        ("/schedule/lifecycle/unrecorded_ppm", json!(1_000_001), "receipt_not_recorded_ppm: 1000001"),
        ("/schedule/clocks/backend_rate_ppm", json!(-1_000_000), "backend_rate_ppm: -1000000"),
        ("/schedule/services/lateness", json!({ "min": 5_000, "max": 4_000 }), "lateness_min_ms: 5 is above"),
        (
            "/schedule/services/datastore_latency",
            json!({ "min": 5_900, "max": 5_100 }),
            "schedule.services.datastore_latency.min: 5900 µs is above schedule.services.datastore_latency.max, 5100 µs",
        ),
        ("/schedule/services/lateness", json!({ "min": 5, "max": u64::MAX }), "lateness_max_ms: "),
        ("/finding/player", json!(99), "finding.player: there is no player 99"),
        ("/schedule/services/request_timeout", json!(0), "request_timeout_ms: 0"),
        ("/schedule/services/limits/server_percent", json!(0), "server_limit_percent: 0"),
        ("/schedule/services/limits/startup_burst", json!(u32::MAX), "startup_burst"),
        ("/schedule/length", json!(1), "later than the length"),
        ("/schedule/length", json!(u64::MAX), "length: 18446744073709551615"),
        (
            "/schedule/timeline/0/at",
            json!(600_000_000),
            "schedule.timeline[1].at: it is earlier than the step before it",
        ),
    ] {
        let Err(FailureFileError::Senseless(why)) = changed(pointer, value.clone()) else {
            panic!("{pointer} = {value} was not called senseless");
        };
        assert!(why.contains(reason), "{pointer} = {value}: {why}");
    }
}

#[test]
fn steps_name_servers_and_players_that_exist() {
    let with = |action| {
        let mut schedule = file().schedule;
        schedule.timeline = vec![Step { at: Span::ZERO, action }];
        sanity::check(&schedule)
    };
    let command = |server, command| with(Action::Command { server, command });
    let (here, nobody) = (PlayerId(0), PlayerId(99));
    assert_eq!(command(0, Command::Join(here)), Ok(()));
    assert!(
        command(99, Command::Join(here)).unwrap_err().contains("schedule.timeline[0].action: there is no server 99")
    );
    assert!(command(0, Command::Edit(nobody)).unwrap_err().contains("there is no player 99"));
    assert!(command(0, Command::Swap(here, nobody)).unwrap_err().contains("there is no player 99"));
    assert!(command(0, Command::Swap(here, here)).unwrap_err().contains("trades with themselves"));
    let (server, service) = (99, ServiceName::DataStore);
    let late = RequestFault::AppliedTwice { span: Span(u64::MAX) };
    for (action, reason) in [
        (Action::Crash { server }, "there is no server 99"),
        (Action::Disconnect { server, service }, "there is no server 99"),
        (Action::ClockStep { server, by: 1 }, "there is no server 99"),
        (Action::ClockStep { server: 0, by: i64::MIN }, "more than 30 years"),
        (Action::Move { from: 0, to: 99 }, "there is no server 99"),
        (Action::Move { from: 99, to: 0 }, "there is no server 99"),
        (Action::Purchase { player: nobody, receipt: ReceiptId(1) }, "there is no player 99"),
        (
            Action::FailNext { server: 0, service: ServiceName::DataStore, class: RequestClass::Set, fault: late },
            "more than a day",
        ),
        (
            Action::FailNext {
                server: 0,
                service: ServiceName::Messaging,
                class: RequestClass::Set,
                fault: RequestFault::Refused,
            },
            "only requests to data_store and memory_store",
        ),
    ] {
        let why = with(action).unwrap_err();
        assert!(why.contains(reason), "{action:?}: {why}");
    }
    assert!(with(Action::Freeze { server: 0, span: Span(u64::MAX) }).unwrap_err().contains("more than a day"));
}

#[test]
fn a_server_has_a_bounded_number_of_lives() {
    let restart = Step { at: Span::ZERO, action: Action::Restart { server: 0 } };
    let schedule = Schedule { timeline: vec![restart; 201], ..file().schedule };
    assert!(sanity::check(&schedule).unwrap_err().contains("restarts of server 0: 201"));
}
