//! `dupeproof list`: what there is, each with a line.

use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{FindingKind, Suite};

use crate::complaint::Complaint;
use crate::exit::ExitCode;
use crate::fault::Fault;
use crate::talk;

/// Prints suites, subjects, faults and findings.
///
/// # Errors
/// When stdout cannot be written.
pub fn list() -> Result<ExitCode, Complaint> {
    let subjects = Subjects::default();
    let suites: Vec<_> = Suite::all().iter().map(|suite| (suite.name, suite.about)).collect();
    let subjects: Vec<_> = subjects.all().map(|subject| (subject.name(), subject.about())).collect();
    let faults: Vec<_> = Fault::ALL.iter().map(|fault| (fault.name, fault.about)).collect();
    let findings: Vec<_> = FindingKind::ALL.iter().map(|kind| (kind.name(), kind.about())).collect();
    let blocks = [
        block("suites (the first is the default)", &suites),
        block("subjects", &subjects),
        block("faults", &faults),
        block("findings, worst first", &findings),
    ];
    talk::data(blocks.join("\n\n"))?;
    Ok(ExitCode::Safe)
}

fn block(title: &str, entries: &[(&str, &str)]) -> String {
    let width = entries.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<String> = entries.iter().map(|(name, about)| format!("  {name:width$}  {about}")).collect();
    format!("{title}:\n{}", lines.join("\n"))
}
