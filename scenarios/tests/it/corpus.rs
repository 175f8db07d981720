//! Past failures, kept: what was mended stays mended, and what a subject is known to show it still shows.

use std::path::Path;
use std::sync::LazyLock;

use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{FailureFile, Suite};

use crate::log;

/// The corpus, replayed once. The suites run it first.
pub(crate) static REPLAYED: LazyLock<usize> = LazyLock::new(replay_all);

#[test]
fn past_failures_do_not_come_back_and_known_ones_are_still_found() {
    assert!(*REPLAYED > 0, "an empty corpus proves nothing");
}

fn replay_all() -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in &files {
        replay(path);
    }
    files.len()
}

fn replay(path: &Path) {
    let name = path.display();
    let file =
        FailureFile::parse(&std::fs::read_to_string(path).unwrap()).unwrap_or_else(|why| panic!("{name}: {why}"));
    let subjects = Subjects::default();
    let subject = subjects.named(&file.schedule.subject).unwrap_or_else(|| panic!("{name}: no such subject"));
    let suite = Suite::named(&file.suite).unwrap_or_else(|| panic!("{name}: no such suite"));
    let result = log::run_shown(&file.schedule, subject, file.network);
    let kind = file.finding.kind();
    // The core has been mended wherever it broke a promise; the naive script never will be.
    let mended = matches!(subject.name(), "core" | "embed") && suite.forbids(kind, subject);
    assert_eq!(result.shows(kind), !mended, "{name}: replay it with `dupeproof replay {name}`; found {result:?}");
}
