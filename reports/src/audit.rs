//! `dupeproof audit`: does each kind of fault have an effect, and one as large as recorded?

mod effects;

use dupeproof_scenarios::audit::{Audited, Standing};
use dupeproof_scenarios::{Audit, suggest};
use dupeproof_sim::Subject;

use self::effects::Effects;

use crate::args::AuditArguments;
use crate::by_name;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::format;
use crate::output;
use crate::text_table::TextTable;
use crate::wrap::wrapped;

/// Runs a sample and its twins, and prints a line for each kind of fault.
///
/// # Errors
/// When a name or a file makes no sense.
pub fn audit(arguments: &AuditArguments) -> Result<ExitCode, CliError> {
    let available = by_name::available(arguments.which.scripts.named().as_ref())?;
    let (suite, subject) = available.chosen(&arguments.which)?;
    let network = arguments.runs.network(&suite);
    // A fault may be harmless to one subject by design; a fault that is harmless to all is suspicious.
    let own = arguments.which.subject.is_some()
        || arguments.which.scripts.adapter.is_some()
        || suite.subject.is_some()
        || !suite.shape.constants.is_empty();
    let subjects: Vec<&dyn Subject> = if own { vec![subject] } else { available.subjects.all().collect() };
    let audit =
        Audit { suite: &suite, subjects: &subjects, network, seed: arguments.runs.seed, cases: arguments.cases };
    let kinds = audit.run();
    let names: Vec<&str> = subjects.iter().map(|subject| subject.name()).collect();
    let (code, sentence) = verdict(&kinds, &names);
    let of = format!("`{}` in world `{}`, {}", suite.name, suite.world.name, format::counted(audit.cases, "schedule"));
    if kinds.is_empty() {
        output::data(format!("{of}: {sentence}"))?;
        return Ok(code);
    }
    let effects = Effects::measure(&kinds, &audit);
    let parts = [
        wrapped(&format!("{of}: {sentence}")),
        table(&kinds, &names).to_string().trim_end().to_owned(),
        wrapped(&effects.sentence()),
        effects.text(),
    ];
    output::data(parts.join("\n\n").trim_end())?;
    Ok(if effects.stray() { ExitCode::Unsafe } else { code })
}

fn verdict(kinds: &[Audited], subjects: &[&str]) -> (ExitCode, String) {
    let of = |standing| kinds.iter().filter(move |kind| kind.standing() == standing);
    let named = |standing| of(standing).map(|kind| kind.fault.name()).collect::<Vec<_>>();
    let (inert, never) = (named(Standing::Inert), named(Standing::NeverOccurred));
    let few = |kind: &Audited| format!("{} in {}", kind.fault.name(), format::counted(kind.had, "schedule"));
    let few: Vec<String> = of(Standing::TooFew).map(few).collect();
    if !inert.is_empty() {
        return (ExitCode::Unsafe, format!("no effect on {}: {}", suggest::quoted(subjects), inert.join(", ")));
    }
    let mut unsure = Vec::new();
    if !few.is_empty() {
        unsure.push(format!(
            "no effect seen yet ({} schedules are enough to tell): {}",
            Audited::ENOUGH,
            few.join(", ")
        ));
    }
    if !never.is_empty() {
        unsure.push(format!("never occurred: {}", never.join(", ")));
    }
    if !unsure.is_empty() {
        return (ExitCode::Unknown, format!("{}; run more cases", unsure.join("; ")));
    }
    let count = format::counted(u64::try_from(kinds.len()).unwrap_or(u64::MAX), "kind of fault");
    (ExitCode::Safe, format!("every fault has an effect ({count})").replace("kind of faults", "kinds of fault"))
}

fn table(kinds: &[Audited], subjects: &[&str]) -> TextTable {
    let changed = subjects.iter().map(|subject| format!("changed `{subject}`"));
    let heads = ["fault".to_owned(), "schedules with it".to_owned()].into_iter().chain(changed);
    let mut table = TextTable::new(heads.chain(["verdict".to_owned()])).right(1..=1 + subjects.len());
    for kind in kinds {
        let verdict = match kind.standing() {
            Standing::Works => "works",
            Standing::Inert => "NO EFFECT",
            Standing::TooFew => "no effect seen yet",
            Standing::NeverOccurred => "never occurred",
        };
        let name = kind.fault.name().to_owned();
        let changed = kind.changed.iter().map(|count| format::count(*count));
        let row = [name, format::count(kind.had)].into_iter().chain(changed);
        table.row(row.chain([verdict.to_owned()]));
    }
    table
}
