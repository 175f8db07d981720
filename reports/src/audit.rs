//! `dupeproof audit`: does each kind of fault do anything?

use comfy_table::{CellAlignment, Table, presets};
use dupeproof_scenarios::Audit;
use dupeproof_scenarios::audit::{Audited, Standing};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_sim::network::Network;

use crate::args::AuditArguments;
use crate::complaint::Complaint;
use crate::exit::ExitCode;
use crate::figures;
use crate::lookup;
use crate::talk;

/// Runs a sample and its twins, and prints a line for each kind of fault.
///
/// # Errors
/// When a name or a file makes no sense.
pub fn audit(arguments: &AuditArguments) -> Result<ExitCode, Complaint> {
    let subjects = Subjects::default();
    let (suite, subject) = lookup::chosen(&arguments.which, &subjects)?;
    let network = arguments.network.map(Network::from).or(suite.network).unwrap_or_default();
    let audit = Audit { suite: &suite, subject, network, seed: arguments.seed, cases: arguments.cases };
    let kinds = audit.run();
    let (code, sentence) = verdict(&kinds, subject.name());
    let of = format!("`{}` in world `{}`, {}", suite.name, suite.world.name, figures::counted(audit.cases, "schedule"));
    let text = if kinds.is_empty() { String::new() } else { format!("\n\n{}", table(&kinds)) };
    talk::data(format!("{of}: {sentence}{text}"))?;
    Ok(code)
}

fn verdict(kinds: &[Audited], subject: &str) -> (ExitCode, String) {
    let named = |standing| {
        let those = kinds.iter().filter(|kind| kind.standing() == standing);
        those.map(|kind| kind.fault.name()).collect::<Vec<_>>()
    };
    let (inert, never) = (named(Standing::Inert), named(Standing::NeverDrawn));
    if !inert.is_empty() {
        return (ExitCode::Unsafe, format!("inert for `{subject}`: {}", inert.join(", ")));
    }
    if !never.is_empty() {
        let sentence = format!("never drawn, so run more cases: {}", never.join(", "));
        return (ExitCode::Unknown, sentence);
    }
    let count = figures::counted(u64::try_from(kinds.len()).unwrap_or(u64::MAX), "kind of fault");
    (ExitCode::Safe, format!("every fault does something ({count})").replace("kind of faults", "kinds of fault"))
}

fn table(kinds: &[Audited]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["fault", "schedules with it", "changed by it", "verdict"]);
    for kind in kinds {
        let verdict = match kind.standing() {
            Standing::Works => "works",
            Standing::Inert => "INERT",
            Standing::NeverDrawn => "never drawn",
        };
        let name = kind.fault.name().to_owned();
        table.add_row([name, figures::count(kind.had), figures::count(kind.changed), verdict.into()]);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
