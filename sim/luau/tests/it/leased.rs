//! A module that keeps its lock in a memory store, where it runs out, and writes without looking at it.

use std::collections::BTreeSet;

use dupeproof_core::Span;
use dupeproof_luau::{LuauSubject, Options};
use dupeproof_scenarios::audit::{Audited, Standing};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Audit, Coverage, Fault, Milestone, Probe, Suite, World, run_case};
use dupeproof_sim::id::{PlayerId, ServiceName};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::{Action, Command, Event, FindingKind, Global, Observer, Schedule, ServerPlan, Step};

use crate::common::{contract, fixture};

fn leased() -> LuauSubject {
    let adapter = fixture("leased_adapter.luau");
    let options = Options::module(&fixture("leased.luau"), &adapter.to_string_lossy());
    let options = options.unwrap_or_else(|problem| panic!("{problem}"));
    LuauSubject::new(&options, contract(&[])).unwrap_or_else(|problem| panic!("{problem}"))
}

/// A player goes from one server to another, changes the data there and leaves; the first server is frozen for so many
/// seconds, and hears only then that the player has gone.
fn hand_over(frozen: u64) -> Schedule {
    let player = PlayerId(0);
    let at = |at, action| Step { at: Span::secs(at), action };
    let command = |server, command| Action::Command { server, command };
    Schedule {
        seed: 1,
        subject: "leased-luau".into(),
        servers: vec![ServerPlan::default(); 2],
        players: vec![PlayerPlan { items: Some(2) }],
        timeline: vec![
            at(1, command(0, Command::Join(player))),
            at(20, command(0, Command::Edit(player))),
            at(30, Action::Freeze { server: 0, span: Span::secs(frozen) }),
            at(35, command(1, Command::Join(player))),
            at(120, command(0, Command::Leave(player))),
            at(150, command(1, Command::Edit(player))),
            at(155, command(1, Command::Leave(player))),
        ],
        length: Span::secs(400),
        ..Schedule::default()
    }
}

fn kinds(schedule: &Schedule, network: Network) -> BTreeSet<FindingKind> {
    let result = run_case(schedule, &leased(), network, &mut ());
    result.findings.iter().map(|finding| finding.kind()).collect()
}

#[test]
fn a_lock_that_runs_out_while_its_server_is_frozen_is_taken_and_what_the_next_holder_stored_is_lost() {
    // It wakes when its player has left, and stores what it has.
    let late = kinds(&hand_over(130), Network::Event);
    assert!(late.is_superset(&[FindingKind::LostUpdate, FindingKind::UnfencedWrite].into()), "{late:?}");
    // It wakes while its player is there, and is taken for live until it asks.
    let earlier = kinds(&hand_over(75), Network::Event);
    assert!(earlier.contains(&FindingKind::DoubleLive), "{earlier:?}");
}

#[test]
fn a_lock_that_is_refreshed_in_time_keeps_the_next_server_waiting() {
    let kinds = kinds(&hand_over(20), Network::Event);
    for kind in [FindingKind::DoubleLive, FindingKind::LostUpdate] {
        assert!(!kinds.contains(&kind), "{kinds:?}");
    }
}

/// Whether locks in memory stores were written and expired.
#[derive(Default)]
struct Memory {
    changed: u32,
    expired: u32,
}

impl Observer for Memory {
    fn observe(&mut self, _: Global, event: &Event) {
        match event {
            Event::MemoryChanged { .. } => self.changed += 1,
            Event::MemoryExpired { .. } => self.expired += 1,
            _ => {}
        }
    }
}

#[test]
fn the_lock_is_the_same_over_sockets() {
    let mut schedule = hand_over(130);
    schedule.length = Span::secs(200);
    for network in [Network::Event, Network::Turmoil] {
        let mut memory = Memory::default();
        let end = network.run(&schedule, &leased(), &mut memory);
        assert!(memory.changed >= 3 && memory.expired >= 1, "{network:?}");
        assert_eq!(end, network.run(&schedule, &leased(), &mut ()), "{network:?}");
    }
}

#[test]
fn the_search_finds_that_a_lock_in_a_memory_store_dupes() {
    let suite = Suite::parse(SUITE, &Subjects::default()).unwrap_or_else(|problem| panic!("{problem}"));
    let subject = leased();
    let mut kinds = BTreeSet::new();
    for case in 0..60 {
        let schedule = suite.schedule(1, case, "leased-luau");
        kinds.extend(run_case(&schedule, &subject, Network::Event, &mut ()).findings.iter().map(|found| found.kind()));
    }
    for kind in [FindingKind::DoubleLive, FindingKind::LostUpdate] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

/// Every kind of fault of memory stores changes something for who uses them, and is counted.
#[test]
fn each_fault_of_memory_stores_does_something() {
    let suite = Suite::all()[0].in_world(World::find("memory_stores").unwrap());
    let subject = leased();
    let kinds = Audit { suite: &suite, subjects: &[&subject], network: Network::Event, seed: 1, cases: 30 }.run();
    let mut coverage = Coverage::default();
    let (mut cut, mut broken) = (0, 0);
    for case in 0..30 {
        let schedule = suite.schedule(1, case, "leased-luau");
        for step in &schedule.timeline {
            cut += u32::from(matches!(step.action, Action::Partition { service: ServiceName::MemoryStore, .. }));
            broken += u32::from(matches!(step.action, Action::Disconnect { service: ServiceName::MemoryStore, .. }));
        }
        coverage.add(&run_case(&schedule, &subject, Network::Event, &mut ()).coverage);
    }
    for fault in Fault::ALL.iter().filter(|fault| fault.is_of_memory_stores()) {
        let kind = kinds.iter().find(|kind| kind.fault == *fault);
        assert_eq!(kind.map(Audited::standing), Some(Standing::Works), "{}", fault.name());
        for probe in Probe::of_fault(*fault) {
            assert!(coverage.of(probe) > 0, "{}", probe.name());
        }
    }
    assert!(coverage.of(Milestone::MemoryStoreExpired) > 0, "{coverage:?}");
    assert!(cut > 0 && broken > 0, "servers alone cannot reach them {cut} times, and lose connections {broken} times");
}

/// Servers freeze, and nothing else goes wrong: it is the lock's time alone that matters.
const SUITE: &str = r#"
name = "freezes"
about = "servers freeze, and their players turn up elsewhere"

[odds]
freeze = 100
silent_holder = 100
"#;
