//! How real a cause is, in words.

use dupeproof_scenarios::Evidence;

use crate::needed::{self, Needed};
use crate::summary::{FoundCause, FoundKind};

/// Under which conditions a finding occurs, as the end of a sentence: those of its most real cause.
pub fn of_finding(found: &FoundKind) -> String {
    found.causes.first().map_or_else(|| in_general(found.evidence).to_owned(), of_cause)
}

/// Under which conditions a finding of this cause occurs, as the end of a sentence.
pub fn of_cause(cause: &FoundCause) -> String {
    of_needed(cause.evidence, &cause.conditions)
}

/// The same of what a cause needs, and how real that is together.
pub fn of_needed(evidence: Evidence, conditions: &[Needed]) -> String {
    if evidence != Evidence::NeverSeen {
        return in_general(evidence).to_owned();
    }
    let unseen = conditions.iter().filter(|condition| condition.evidence == Evidence::NeverSeen);
    format!("only with {}, which nobody has reported", needed::joined(unseen, " and "))
}

/// What all findings with this evidence have in common, as the end of a sentence.
pub fn in_general(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Ordinary => "on an ordinary day",
        Evidence::Documented => "in conditions that Roblox documents",
        Evidence::Reported => "in incidents that have been reported",
        Evidence::Inferred => "only in conditions that are inferred",
        Evidence::Developing => "only in Studio, while developing",
        Evidence::NeverSeen => "only in conditions that nobody has reported",
    }
}

/// `LostUpdate, ItemLost on an ordinary day; StaleStart in incidents that have been reported`.
pub fn of_all<'a>(findings: impl Iterator<Item = &'a FoundKind>) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for found in findings {
        let words = of_finding(found);
        match groups.last_mut() {
            Some((last, kinds)) if *last == words => kinds.push(found.kind.name()),
            _ => groups.push((words, vec![found.kind.name()])),
        }
    }
    let groups: Vec<String> = groups.iter().map(|(words, kinds)| format!("{} {words}", kinds.join(", "))).collect();
    groups.join("; ")
}
