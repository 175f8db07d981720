//! One fault at every point of short scripts: each is placed where it is said to be, and what breaks is told rightly.

use dupeproof_scenarios::everywhere::{Everywhere, ShortScript, Tried};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Belief, Evidence, Suite};
use dupeproof_sim::FindingKind;

fn script(name: &str) -> &'static ShortScript {
    ShortScript::all().iter().find(|script| script.name == name).unwrap_or_else(|| panic!("{name}"))
}

fn tried(subject: &str, name: &str, jobs: usize, believe: Belief) -> Tried {
    let subjects = Subjects::default();
    let subject = subjects.named(subject).expect("it is built in");
    let suite = Suite::all()[0].believing(believe);
    Everywhere { suite: &suite, subject, seed: 1, jobs }.tried(script(name), &|_, _| {})
}

#[test]
fn one_fault_anywhere_breaks_no_promise_of_the_core() {
    for script in ShortScript::all() {
        let tried = tried("core", script.name, 2, Belief::All);
        let broken: Vec<_> = tried.broken.iter().map(|broken| (broken.failure.finding.kind(), &broken.words)).collect();
        assert!(broken.is_empty() && tried.failed.is_empty(), "{}: {broken:?}", script.name);
        assert!(tried.schedules == tried.placements && tried.schedules > 1_000, "{}", tried.schedules);
    }
}

#[test]
fn a_script_without_a_lock_is_broken_by_faults_and_by_two_devices_without_any() {
    let of = |name| tried("naive", name, 2, Belief::All);
    let kinds = |tried: &Tried, fault: Option<&str>| -> Vec<FindingKind> {
        let shown = tried.broken.iter().filter(|broken| broken.fault.map(dupeproof_scenarios::Fault::name) == fault);
        shown.map(|broken| broken.failure.finding.kind()).collect()
    };
    let stay = of("stay");
    assert_eq!(kinds(&stay, None), [], "a calm stay loses nothing");
    assert_eq!(kinds(&stay, Some("refused")), [], "a save is tried again, and there is time for that");
    let hop = of("hop");
    assert!(kinds(&hop, Some("refused")).contains(&FindingKind::LostUpdate), "but not before the next server reads");
    let two_devices = of("two_devices");
    assert!(kinds(&two_devices, None).contains(&FindingKind::LostUpdate));
    // What needs no fault is not told of one.
    assert!(!kinds(&two_devices, Some("refused")).contains(&FindingKind::LostUpdate));
    let refused = hop.broken.iter().find(|broken| broken.fault.is_some_and(|fault| fault.name() == "refused"));
    let refused = refused.expect("it is there");
    assert!(0 < refused.at && refused.at < refused.of, "{} of {}", refused.at, refused.of);
    assert_eq!(refused.evidence, Evidence::Documented);
    assert!(refused.words.contains("refused"), "{}", refused.words);
}

#[test]
fn a_suite_without_swaps_has_no_swap() {
    let of = |name: &str| {
        let suite = Suite::named(name).unwrap_or_else(|| panic!("{name}"));
        ShortScript::all().iter().filter(|script| script.is_of(suite)).count()
    };
    assert_eq!((of("swarm"), of("no_swap")), (ShortScript::all().len(), ShortScript::all().len() - 1));
}

#[test]
fn what_is_not_believed_is_not_placed() {
    let documented = tried("naive", "stay", 2, Belief::Documented);
    let all = tried("naive", "stay", 2, Belief::All);
    assert!(0 < documented.placements && documented.placements < all.placements);
    assert!(documented.broken.iter().all(|broken| broken.evidence <= Evidence::Documented));
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let [one, two] = [1, 2].map(|jobs| format!("{:?}", tried("naive", "swap", jobs, Belief::All)));
    assert_eq!(one, two);
}
