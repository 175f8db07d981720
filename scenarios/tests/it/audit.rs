//! A fault that does nothing tests nothing: every kind changes what servers hear, and one that does not is found out.

use dupeproof_scenarios::audit::{Audited, Standing};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Audit, Fault, Suite, World};
use dupeproof_sim::network::Network;

fn audit(suite: &Suite, network: Network, cases: u64) -> Vec<Audited> {
    let subjects = Subjects::default();
    let subjects: Vec<_> = ["core", "naive"].map(|name| subjects.named(name).unwrap()).to_vec();
    Audit { suite, subjects: &subjects, network, seed: 1, cases }.run()
}

fn all_work(kinds: &[Audited]) {
    let idle: Vec<_> = kinds.iter().filter(|kind| kind.standing() != Standing::Works).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn every_kind_of_fault_changes_something_in_the_swarm() {
    let kinds = audit(&Suite::all()[0], Network::Event, 250);
    let missing: Vec<_> = Fault::ALL.iter().filter(|fault| !kinds.iter().any(|kind| kind.fault == **fault)).collect();
    assert_eq!(missing, [&const { Fault::named("nil_read") }], "these do not occur there");
    let world = World::find("swarm").unwrap();
    let stated = format!("{} of the {} kinds of fault", kinds.len(), Fault::COUNT);
    assert!(world.about.contains(&stated) && Suite::all()[0].about.contains(&stated), "{stated}");
    let (of_memory, kinds): (Vec<_>, Vec<_>) = kinds.into_iter().partition(|kind| kind.fault.is_of_memory_stores());
    all_work(&kinds);
    assert_eq!(of_memory.len(), 4, "no subject that is built in uses memory stores; `sim/luau` has one that does");
}

#[test]
fn every_kind_of_fault_of_every_world_changes_something() {
    for world in World::all().iter().filter(|world| world.name != "swarm") {
        // What is rare on an ordinary day takes more of them.
        let cases = if world.name == "typical" { 250 } else { 100 };
        let kinds = audit(&Suite::all()[0].in_world(world), Network::Event, cases);
        assert_eq!(kinds.is_empty(), world.name == "calm");
        let (of_memory, kinds): (Vec<_>, Vec<_>) = kinds.into_iter().partition(|kind| kind.fault.is_of_memory_stores());
        assert_eq!(of_memory.is_empty(), world.name != "memory_stores");
        all_work(&kinds);
    }
}

#[test]
fn faults_do_something_over_sockets_too() {
    let stormy = Suite::named("brief").unwrap().in_world(World::find("stormy").unwrap());
    let kinds = audit(&stormy, Network::Turmoil, 6);
    let works = kinds.iter().filter(|kind| kind.standing() == Standing::Works).count();
    assert!(works >= 20, "{kinds:?}");
}

/// Lists are refused, and nobody ever asks for one.
const INERT: &str = r#"
name = "inert"
about = "half of all lists are refused, and nobody asks for one"

[knobs]
list_refused_ppm = 500_000
"#;

#[test]
fn a_fault_of_what_nobody_does_is_found_to_be_inert_after_enough_schedules() {
    let suite = Suite::parse(INERT, &Subjects::default()).unwrap();
    assert_eq!(audit(&suite, Network::Event, Audited::ENOUGH - 1)[0].standing(), Standing::TooFew);
    let kinds = audit(&suite, Network::Event, Audited::ENOUGH);
    assert_eq!(
        kinds.iter().map(|kind| (kind.fault, kind.had)).collect::<Vec<_>>(),
        [(const { Fault::named("refused") }, Audited::ENOUGH)]
    );
    assert_eq!(kinds[0].standing(), Standing::Inert);
    let works = Suite::parse(&INERT.replace("list_", "read_"), &Subjects::default()).unwrap();
    assert_eq!(audit(&works, Network::Event, 20)[0].standing(), Standing::Works);
}

#[test]
fn a_fault_that_might_have_occurred_and_did_not_is_told_apart() {
    let rare = "name = \"rare\"\nabout = \"hardly ever\"\n[odds]\ncrash = 1";
    let suite = Suite::parse(rare, &Subjects::default()).unwrap();
    let kinds = audit(&suite, Network::Event, 1);
    assert_eq!((kinds.len(), kinds[0].standing()), (1, Standing::NeverOccurred));
}

#[test]
fn an_audit_is_the_same_again() {
    let brief = Suite::named("brief").unwrap();
    assert_eq!(audit(brief, Network::Event, 30), audit(brief, Network::Event, 30));
}
