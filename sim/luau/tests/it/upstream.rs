//! Facts about modules that people use, unmodified, from npm. `tests/upstream.sh` gets them and runs these tests.

mod lapis;

use std::path::{Path, PathBuf};

use dupeproof_core::Span;
use dupeproof_luau::{Fidelity, LuauSubject, Options};
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{PlayerPlan, ServiceProfile};
use dupeproof_sim::{
    Action, Command, Contract, EndReason, Event, Global, GuestEvent, Observer, Schedule, ServerPlan, Step,
};

const PLAYER: PlayerId = PlayerId(0);

/// A module, its adapter, and what is done with it on two servers.
struct Case {
    package: &'static str,
    adapter: &'static str,
    fidelity: Fidelity,
    messages_lost: bool,
    timeline: Vec<Step>,
}

/// What happened to the sessions of the player, in seconds.
#[derive(Debug, Default, PartialEq)]
struct Sessions {
    /// When each began, on which server, and how it acquired its lock.
    began: Vec<(f64, u16, Acquired)>,
    /// When each ended, on which server.
    ended: Vec<(f64, u16, EndReason)>,
    crashed: Option<String>,
}

impl Observer for Sessions {
    fn observe(&mut self, at: Global, event: &Event) {
        let at = at.since(Global(0)).as_secs_f64();
        match event {
            Event::Guest { server, event: GuestEvent::SessionStarted { acquired, .. }, .. } => {
                self.began.push((at, server.slot, *acquired));
            }
            Event::Guest { server, event: GuestEvent::SessionEnded { reason, .. }, .. } => {
                self.ended.push((at, server.slot, *reason));
            }
            Event::ScriptCrashed { text, .. } => self.crashed = Some(text.to_string()),
            _ => {}
        }
    }
}

fn at(seconds: u64, action: Action) -> Step {
    Step { at: Span::secs(seconds), action }
}

fn join(server: u16) -> Action {
    Action::Command { server, command: Command::Join(PLAYER) }
}

/// Where a package is.
fn package(name: &str) -> PathBuf {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/upstream/node_modules");
    let package = modules.join(name);
    assert!(package.exists(), "`{}` is missing: run sim/luau/tests/upstream.sh", package.display());
    package
}

fn run(case: Case) -> Sessions {
    let options = Options::module(&package(case.package), case.adapter).unwrap_or_else(|problem| panic!("{problem}"));
    let options = Options { fidelity: case.fidelity, ..options };
    let contract = Contract::none(Span::secs(600), Span::secs(60));
    let subject = LuauSubject::new(&options, contract).unwrap_or_else(|problem| panic!("{problem}"));
    let last = case.timeline.iter().map(|step| step.at).max().unwrap_or_default();
    let schedule = Schedule {
        seed: 1,
        subject: case.adapter.into(),
        servers: vec![ServerPlan::default(); 2],
        players: vec![PlayerPlan { items: Some(1) }],
        services: ServiceProfile {
            message_lost_ppm: if case.messages_lost { 1_000_000 } else { 0 },
            ..ServiceProfile::default()
        },
        timeline: case.timeline,
        length: last + Span::secs(400),
        ..Schedule::default()
    };
    let mut sessions = Sessions::default();
    Network::Event.run(&schedule, &subject, &mut sessions);
    assert_eq!(sessions.crashed, None);
    sessions
}

fn profile_store(fidelity: Fidelity, messages_lost: bool, timeline: Vec<Step>) -> Sessions {
    run(Case { package: "@rbxts/profile-store", adapter: "profile-store", fidelity, messages_lost, timeline })
}

/// How long the second session took to begin, from this second on.
fn takes(sessions: &Sessions, since: f64, acquired: Acquired) -> f64 {
    assert_eq!(sessions.began[0].2, Acquired::Free);
    let (at, server, how) = sessions.began[1];
    assert_eq!((server, how), (1, acquired), "the second server's session is the second: {sessions:?}");
    at - since
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn profile_store_hands_over_in_six_seconds() {
    for fidelity in [Fidelity::Coarse, Fidelity::Sixty] {
        let sessions = profile_store(fidelity, false, vec![at(1, join(0)), at(20, join(1))]);
        let took = takes(&sessions, 20.0, Acquired::HandedOver);
        assert!((5.0..7.0).contains(&took), "{took}: {sessions:?}");
        assert_eq!(sessions.ended[0].2, EndReason::External);
    }
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn without_messages_profile_store_steals_and_both_are_active_for_250_seconds() {
    for fidelity in [Fidelity::Coarse, Fidelity::Sixty] {
        let sessions = profile_store(fidelity, true, vec![at(1, join(0)), at(2, join(1))]);
        let took = takes(&sessions, 2.0, Acquired::Unprotected);
        assert!((45.0..50.0).contains(&took), "{took}: {sessions:?}");
        let (end, server, reason) = sessions.ended[0];
        let both = end - sessions.began[1].0;
        assert!((240.0..255.0).contains(&both), "{both}: {sessions:?}");
        assert_eq!((server, reason), (0, EndReason::Lost));
    }
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn profile_store_takes_over_from_a_crash_after_48_seconds() {
    let timeline = vec![at(1, join(0)), at(19, Action::Crash { server: 0 }), at(20, join(1))];
    let sessions = profile_store(Fidelity::Coarse, false, timeline);
    let took = takes(&sessions, 20.0, Acquired::Unprotected);
    assert!((45.0..50.0).contains(&took), "{took}: {sessions:?}");
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn profile_service_takes_over_from_a_crash_after_64_seconds() {
    let sessions = run(Case {
        package: "@rbxts/profileservice",
        adapter: "profile-service",
        fidelity: Fidelity::Coarse,
        messages_lost: false,
        timeline: vec![at(1, join(0)), at(19, Action::Crash { server: 0 }), at(20, join(1))],
    });
    let took = takes(&sessions, 20.0, Acquired::Unprotected);
    assert!((60.0..68.0).contains(&took), "{took}: {sessions:?}");
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn lapis_refuses_for_thirty_minutes_after_a_crash() {
    // A player who is turned away tries again every minute.
    let leave = Action::Command { server: 1, command: Command::Leave(PLAYER) };
    let tries = (1..40).flat_map(|minute| [at(60 * minute, join(1)), at(60 * minute + 59, leave)]);
    let sessions = run(Case {
        package: "@rbxts/lapis",
        adapter: "lapis",
        fidelity: Fidelity::Coarse,
        messages_lost: false,
        timeline: [at(1, join(0)), at(19, Action::Crash { server: 0 })].into_iter().chain(tries).collect(),
    });
    let took = takes(&sessions, 0.0, Acquired::Unprotected);
    assert!((1800.0..1870.0).contains(&took), "{took}: {sessions:?}");
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn suphis_module_takes_over_when_the_lock_of_330_seconds_has_run_out() {
    let sessions = run(Case {
        package: "@rbxts/suphi-datastore",
        adapter: "suphi",
        fidelity: Fidelity::Coarse,
        messages_lost: false,
        timeline: vec![at(1, join(0)), at(19, Action::Crash { server: 0 }), at(20, join(1))],
    });
    // Written in the second 1, and asked for every 6 s; nobody sees a lock in a memory store.
    let took = takes(&sessions, 20.0, Acquired::Free);
    assert!((311.0..318.0).contains(&took), "{took}: {sessions:?}");
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn datastore2_keeps_no_second_server_waiting() {
    let sessions = run(Case {
        package: "@rbxts/datastore2",
        adapter: "datastore2",
        fidelity: Fidelity::Coarse,
        messages_lost: false,
        timeline: vec![at(1, join(0)), at(20, join(1))],
    });
    let took = takes(&sessions, 20.0, Acquired::Free);
    assert!(took < 2.0 && sessions.ended.iter().all(|(end, ..)| *end > 30.0), "{took}: {sessions:?}");
}
