//! Suites and subjects by the name that somebody typed or a file holds.

use dupeproof_scenarios::Suite;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_sim::Subject;

use crate::complaint::Complaint;

/// The suite of this name; the default one if none was named.
///
/// # Errors
/// When there is no such suite.
pub fn suite(name: Option<&str>) -> Result<&'static Suite, Complaint> {
    match name {
        None => Ok(&Suite::all()[0]),
        Some(name) => Suite::named(name).ok_or_else(|| {
            let known: Vec<&str> = Suite::all().iter().map(|suite| suite.name).collect();
            unknown("suite", name, &known)
        }),
    }
}

/// The subject of this name.
///
/// # Errors
/// When there is no such subject.
pub fn subject<'a>(subjects: &'a Subjects, name: &str) -> Result<&'a dyn Subject, Complaint> {
    subjects.named(name).ok_or_else(|| {
        let known: Vec<&str> = subjects.all().map(Subject::name).collect();
        unknown("subject", name, &known)
    })
}

fn unknown(noun: &str, name: &str, known: &[&str]) -> Complaint {
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    Complaint::new(format!("unknown {noun} `{name}`"))
        .hint(format!("there is {}; `dupeproof list` says what each one is", known.join(", ")))
}
