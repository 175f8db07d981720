//! All findings, a line each, and what chooses among them.

use std::collections::{BTreeMap, BTreeSet};

use dupeproof_scenarios::{Evidence, Factor};
use dupeproof_sim::FindingKind;
use maud::{Markup, html};

use super::finding::finding;
use super::finding_section::FindingSection;
use super::legend;
use super::pack::Pack;

/// The list; each line opens a finding, and closes the one that was open.
pub(super) fn section(sections: &[FindingSection]) -> Markup {
    let mut pack = Pack::default();
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "Findings" }
            p {
                "What breaks a promise comes first, of that the most real, of that the worst. Each cause of a kind of finding has a line: "
                "the factors without which the finding does not occur. Its schedule was shrunk as far as possible."
            }
            (filters(sections))
            div.findings {
                @for (place, section) in sections.iter().enumerate() { (finding(section, place + 1, sections.len() == 1, &mut pack)) }
            }
            p.none hidden { "No finding is like that." }
            (legend::legend())
            (pack.blocks())
        }
    }
}

/// What chooses among the findings; it needs a script, which shows it.
fn filters(sections: &[FindingSection]) -> Markup {
    let mut kinds: BTreeMap<FindingKind, usize> = BTreeMap::new();
    let mut evidence: BTreeMap<Evidence, usize> = BTreeMap::new();
    for section in sections {
        *kinds.entry(section.kind).or_default() += 1;
        *evidence.entry(section.cause.evidence).or_default() += 1;
    }
    let needed: BTreeSet<&str> = sections.iter().flat_map(|section| &section.cause.needs).map(|name| &**name).collect();
    let factors = Factor::all().iter().filter(|factor| needed.contains(factor.name()));
    html! {
        form.filters role="search" aria-label="Findings" hidden {
            label { "Search " input type="search" name="text" autocomplete="off"; }
            label { "Finding " select name="kind" {
                option value="" { "all" }
                @for (kind, count) in kinds { option value=(kind.name()) { (kind.name()) " (" (count) ")" } }
            } }
            label { "Cause " select name="factor" {
                option value="" { "all" }
                @for factor in factors { option value=(factor.name()) { (factor.about()) } }
            } }
            label { "How real " select name="evidence" {
                option value="" { "all" }
                @for (evidence, count) in evidence { option value=(evidence.name()) { (evidence.name()) " (" (count) ")" } }
            } }
            output aria-live="polite" {}
        }
    }
}
