//! The fault reference in ARCHITECTURE.md is what the tables of faults and knobs say.

use dupeproof_scenarios::{Factor, Fault, Knob, Probe};
use dupeproof_sim::schedule::RequestClass;
use dupeproof_sim::{Schedule, ServerPlan};

use crate::documents::hold;

/// Around the table; the book takes it from there by this name.
const BEGIN: &str = "<!-- ANCHOR: faults -->\n";
const END: &str = "<!-- ANCHOR_END: faults -->\n";

/// A schedule with one server in which no knob is at its default.
fn turned() -> Schedule {
    let mut schedule = Schedule { servers: vec![ServerPlan::default()], ..Schedule::default() };
    for knob in Knob::all() {
        let extreme = if knob.default_value() == knob.max { knob.min } else { knob.max };
        knob.set(&mut schedule, 0, extreme);
    }
    schedule
}

/// The knobs that a schedule without this fault has at their defaults again.
fn knobs(fault: Fault) -> Vec<&'static Knob> {
    let before = turned();
    let mut after = before.clone();
    fault.take_out(&mut after);
    Knob::all().iter().filter(|knob| knob.get(&before, 0) != knob.get(&after, 0)).collect()
}

/// The name of a knob, with `<class>` for the class of the request if there is one knob for each class.
fn shared_name(knob: &Knob) -> String {
    let of_class = RequestClass::ALL.iter().find_map(|class| {
        let class = format!("{class:?}_").to_lowercase();
        let (before, rest) = knob.name.split_once(&class)?;
        let one_each = rest.ends_with("_ppm") && (before.is_empty() || before == "memory_");
        one_each.then(|| format!("{before}<class>_{rest}"))
    });
    of_class.unwrap_or_else(|| knob.name.to_owned())
}

fn row(fault: Fault) -> String {
    let mut names: Vec<String> = Vec::new();
    // Faults that make requests late share these, so that none of them resets them.
    let shared = Knob::all().iter().filter(|knob| fault.is_late() && knob.name.starts_with("lateness_"));
    for knob in knobs(fault).into_iter().chain(shared) {
        let name = format!("`{}` ({})", shared_name(knob), knob.shown(knob.default_value()));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let probes: Vec<String> = Probe::of_fault(fault).map(|probe| format!("`{}`", probe.name())).collect();
    let causes = Factor::all_of(fault).into_iter().map(|factor| format!("`{}`", factor.name())).collect();
    let mut evidence = format!("{}: {}", fault.evidence().name(), fault.source());
    for (size, beyond, source) in fault.bounds() {
        evidence.push_str(&format!("; above {size} {}: {source}", beyond.name()));
    }
    let [causes, names, probes] = [causes, names, probes].map(|names| names.join(", "));
    format!("| `{}` | {} | {causes} | {names} | {probes} | {evidence} |\n", fault.name(), fault.about())
}

fn reference() -> String {
    let rows: String = Fault::ALL.iter().map(|fault| row(*fault)).collect();
    format!(
        "\n| fault | what it does | as a cause | knobs (default) | counted by | evidence |\n|---|---|---|---|---|---|\n{rows}\n"
    )
}

#[test]
fn the_fault_reference_says_what_the_tables_say() {
    hold("ARCHITECTURE.md", [BEGIN, END], &reference(), "fault_reference");
}

#[test]
fn a_fault_has_the_knobs_that_it_turns() {
    let refused = Fault::named("refused");
    let names = |fault| knobs(fault).iter().map(|knob| knob.name).collect::<Vec<_>>();
    assert_eq!(names(Fault::named("crash")), Vec::<&str>::new());
    assert_eq!(names(Fault::named("clock_offset")), ["server_unix_offset_ms"]);
    assert_eq!(names(refused).len(), RequestClass::ALL.len());
    assert!(
        row(refused).contains("| `reads_failing`, `writes_refused` | `<class>_refused_ppm` (0) |"),
        "{}",
        row(refused)
    );
    let late: Vec<&str> =
        Fault::ALL.iter().filter(|fault| row(**fault).contains("lateness_min_ms")).map(|fault| fault.name()).collect();
    assert_eq!(late, ["late_reply", "late_apply", "applied_twice", "memory_store_errors"]);
    assert!(row(Fault::named("partition")).contains("| `datastore_unavailable`, `messages_missing`, `memory_store` |"));
}
