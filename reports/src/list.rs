//! `dupeproof list`: every name that can be used, each with one line.

use dupeproof_luau::ADAPTERS;
use dupeproof_scenarios::file::topology;
use dupeproof_scenarios::strategy::{Pattern, WorkloadRate};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Fault, Knob, Probe, Suite, World};
use dupeproof_sim::FindingKind;

use crate::error::CliError;
use crate::exit::ExitCode;
use crate::output;

/// Prints everything that can be named on the command line or in a scenario file.
///
/// # Errors
/// When stdout cannot be written.
pub fn list() -> Result<ExitCode, CliError> {
    let subjects = Subjects::default();
    let adapters = ADAPTERS.iter().map(|adapter| (adapter.name, adapter.about.to_owned()));
    let faults =
        Fault::ALL.iter().map(|fault| (fault.name(), format!("{} ({})", fault.about(), fault.evidence().name())));
    let patterns = Pattern::ALL.iter().map(|pattern| (pattern.name(), pattern.about().to_owned()));
    let knobs = Knob::all().iter().map(|knob| (knob.name, format!("{} ({})", knob.about, knob.range())));
    let probes = Probe::ALL.iter().map(|probe| (probe.name(), probe.about().to_owned()));
    let blocks = [
        block(
            "suites (the first is the default)",
            Suite::all().iter().map(|suite| (&*suite.name, suite.about.clone())),
        ),
        block("worlds", World::all().iter().map(|world| (&*world.name, world.about.clone()))),
        block("subjects", subjects.all().map(|subject| (subject.name(), subject.about().to_owned()))),
        block("adapters, for --adapter", adapters),
        block("faults, for [odds] in percent of the schedules", faults),
        block("patterns made of several faults, for [odds] as well", patterns),
        block(
            "[topology], each a number or [least, most]",
            topology().map(|(name, about, most)| (name, format!("{about} (1 to {most})"))),
        ),
        block("[workload], in percent", WorkloadRate::all().iter().map(|rate| (rate.name, rate.about.to_owned()))),
        block("[knobs], each a number or [least, most]", knobs),
        block("probes, for must_see", probes),
        block("findings, worst first", FindingKind::ALL.iter().map(|kind| (kind.name(), kind.about().to_owned()))),
    ];
    output::data(blocks.join("\n\n"))?;
    Ok(ExitCode::Safe)
}

fn block<'a>(title: &str, entries: impl Iterator<Item = (&'a str, String)>) -> String {
    let entries: Vec<(&str, String)> = entries.collect();
    let width = entries.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<String> = entries.iter().map(|(name, about)| format!("  {name:width$}  {about}")).collect();
    format!("{title}:\n{}", lines.join("\n"))
}
