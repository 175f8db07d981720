//! A finding in words, for what shows it to people elsewhere: annotations, SARIF, Markdown.

use std::path::Path;

use dupeproof_sim::FindingKind;

use crate::format;
use crate::location::Location;
use crate::page::FindingSection;
use crate::scripts::Loaded;
use crate::summary::Summary;

/// One cause of a finding, told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The finding's kind.
    pub kind: FindingKind,
    /// Whether it breaks a promise.
    pub is_broken: bool,
    /// The kind and the cause.
    pub title: String,
    /// What it takes, in a few words.
    pub cause: String,
    /// What it means for the players, in a sentence.
    pub consequence: String,
    /// What happened, and how real it is, in a sentence.
    pub text: String,
    /// The command that replays it.
    pub replay: String,
    /// A fingerprint of the cause, the same in the next run.
    pub fingerprint: String,
    /// Where it is told.
    pub location: Location,
}

/// Each cause of each finding, in the order of the report, which is in this directory.
pub fn all(summary: &Summary, sections: &[FindingSection], loaded: Option<&Loaded>, directory: &Path) -> Vec<Told> {
    let told = |section: &FindingSection| Told {
        kind: section.kind,
        is_broken: !section.in_contract,
        title: section.title(),
        cause: section.cause.words(),
        consequence: format::capital(&section.consequence),
        text: format!("{}; {}", format::capital(&section.sentence), section.reality),
        replay: section.command.clone(),
        fingerprint: format!("{}/{}/{}", summary.subject, section.kind.name(), section.cause.needs.join("+")),
        location: Location::of(summary, section, loaded, &directory.join(&section.cause.file)),
    };
    sections.iter().map(told).collect()
}
