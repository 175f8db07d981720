//! `dupeproof list`: every name that can be used, each with one line.

mod host;

use dupeproof_core::Constant;
use dupeproof_luau::{ADAPTERS, BuiltIn};
use dupeproof_scenarios::bound::BOUNDS;
use dupeproof_scenarios::file::{scenario_fields, topology};
use dupeproof_scenarios::prove::Script;
use dupeproof_scenarios::strategy::{Pattern, WORKLOAD_UNIT, WorkloadRate};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Belief, Evidence, Factor, Fault, Knob, Probe, Suite, World, suggest};
use dupeproof_sim::FindingKind;

use crate::args::{ListArguments, Listed};
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::output;
use crate::summary::SCHEMA;

/// Prints what was asked for.
///
/// # Errors
/// When stdout cannot be written.
pub fn list(arguments: ListArguments) -> Result<ExitCode, CliError> {
    match arguments.what {
        Some(Listed::Host) => host::host(),
        Some(Listed::Schema) => output::data(SCHEMA.trim_end()).map(|()| ExitCode::Safe),
        None => names(),
    }
}

/// Everything that can be named on the command line or in a scenario file.
fn names() -> Result<ExitCode, CliError> {
    let subjects = Subjects::default();
    let adapters = ADAPTERS.iter().map(|adapter| (adapter.name, adapter_line(adapter)));
    let faults = Fault::ALL.iter().map(|fault| (fault.name(), fault_line(*fault)));
    let factors = Factor::all().iter().filter(|factor| !factor.is_fault());
    let patterns = Pattern::ALL.iter().map(|pattern| (pattern.name(), pattern.about().to_owned()));
    let knobs = Knob::all().iter().map(|knob| (knob.name, format!("{} ({})", knob.about, knob.range())));
    let probes = Probe::ALL.iter().map(|probe| (probe.name(), probe.about().to_owned()));
    let constants =
        Constant::ALL.iter().map(|constant| (constant.name, format!("{} ({})", constant.about, constant.range())));
    let scripts = Script::built_in();
    let blocks = [
        block(
            "suites (the first is the default)",
            Suite::all().iter().map(|suite| (&*suite.name, suite.about.clone())),
        ),
        block("worlds", World::all().iter().map(|world| (&*world.name, world.about.clone()))),
        block("subjects", subjects.all().map(|subject| (subject.name(), subject.about().to_owned()))),
        block("adapters, for --adapter", adapters),
        block("scripts of `dupeproof prove`", scripts.iter().map(|script| (&*script.name, script.about.clone()))),
        block("fields of a scenario file", scenario_fields().map(|(name, about)| (name, about.to_owned()))),
        block("faults, for [odds] in percent of the schedules, with what is known of them", faults),
        block(
            "what is known, the most real first",
            Evidence::ALL.iter().map(|evidence| (evidence.name(), evidence.about().to_owned())),
        ),
        block(
            "what counts, for --believe",
            Belief::ALL.iter().map(|belief| (belief.name(), belief.about().to_owned())),
        ),
        block(
            "causes that stand for several faults or a part of one, or for what players, games and admins do",
            factors.map(|factor| (factor.name(), factor.about().to_owned())),
        ),
        block("patterns made of several faults, for [odds] as well", patterns),
        block(
            "[topology], each a number or [least, most]",
            topology().map(|(name, about, most)| (name, format!("{about} (1 to {most})"))),
        ),
        block(
            &format!("[workload], {WORKLOAD_UNIT}"),
            WorkloadRate::all().iter().map(|rate| (rate.name, rate.about.to_owned())),
        ),
        block("[knobs], each a number or [least, most]; _ppm is parts per million, and 1000000 is always", knobs),
        block("[constants], of `core` and `embed`; a Luau module has its own", constants),
        block(
            "[bounds], each the greatest number that may be measured",
            BOUNDS.iter().map(|bound| (bound.name, bound.about.to_owned())),
        ),
        block("probes, for must_see", probes),
        block(
            "findings, for never and allows, worst first",
            FindingKind::ALL.iter().map(|kind| (kind.name(), kind.about().to_owned())),
        ),
    ];
    output::data(blocks.join("\n\n"))?;
    Ok(ExitCode::Safe)
}

/// What it is for, and what output calls it if not by its name.
fn adapter_line(adapter: &BuiltIn) -> String {
    if adapter.subject == adapter.name {
        return adapter.about.to_owned();
    }
    format!("{}; output calls it `{}`", adapter.about, adapter.subject)
}

/// What it does, how real it is, and what causes call it if not by its name.
fn fault_line(fault: Fault) -> String {
    let about = fault.about();
    let beyond: Vec<String> =
        fault.bounds().iter().map(|(size, evidence, _)| format!(", above {size} {}", evidence.name())).collect();
    let evidence = format!("{}{}", fault.evidence().name(), beyond.concat());
    let names: Vec<&str> = Factor::all_of(fault).into_iter().map(Factor::name).collect();
    match &names[..] {
        [name] if *name == fault.name() => format!("{about} ({evidence})"),
        [name] => format!("{about} ({evidence}; as a cause `{name}`)"),
        names => format!("{about} ({evidence}; as a cause, by what it strikes, {})", suggest::quoted(names)),
    }
}

fn block<'a>(title: &str, entries: impl Iterator<Item = (&'a str, String)>) -> String {
    let entries: Vec<(&str, String)> = entries.collect();
    let width = entries.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<String> = entries.iter().map(|(name, about)| format!("  {name:width$}  {about}")).collect();
    format!("{title}:\n{}", lines.join("\n"))
}
