//! The reference of findings in the book is what the tables of kinds and remedies say.

use dupeproof::consequence;
use dupeproof::picture::States;
use dupeproof::remedy::{ROWS, Remedy};
use dupeproof::wording::sentence;
use dupeproof_scenarios::Finding;
use dupeproof_sim::FindingKind;

use crate::documents::hold;
use crate::wording::findings;

const BEGIN: &str = "<!-- findings: begin -->\n";
const END: &str = "<!-- findings: end -->\n";

fn names(names: impl Iterator<Item = &'static str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Why it helps, with the source.
fn why(remedy: &Remedy) -> String {
    if remedy.source.is_empty() { remedy.why.to_owned() } else { format!("{} ({})", remedy.why, remedy.source) }
}

/// How the findings of a kind are worded, each wording once; a state is called as short as in a report.
fn worded(kind: FindingKind, words: impl Fn(&Finding) -> String) -> String {
    let mut lines: Vec<String> = Vec::new();
    for finding in findings().iter().filter(|finding| finding.kind() == kind) {
        let line = format!("- {}\n", words(finding).replace("0x100000001", "5"));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

fn section(kind: FindingKind) -> String {
    let always = ROWS.iter().filter(|row| row.factors.is_empty() && row.kinds.contains(&kind));
    let always: String = always.map(|row| format!("- **{}**: {}\n", row.remedy.change, why(&row.remedy))).collect();
    let sentences = worded(kind, |finding| sentence(finding, &States::default()));
    let consequences = worded(kind, consequence::sentence);
    format!(
        "\n## {}\n\nMeaning: {}.\n\nIn a report, for example:\n\n{sentences}\nFor players:\n\n{consequences}\n\
         What always helps:\n\n{always}",
        kind.name(),
        kind.about(),
    )
}

fn by_cause() -> String {
    let rows = ROWS.iter().filter(|row| !row.factors.is_empty()).map(|row| {
        let kinds = FindingKind::ALL.into_iter().filter(|kind| row.kinds.contains(kind));
        let (factors, kinds) = (names(row.factors.iter().copied()), names(kinds.map(FindingKind::name)));
        format!("| {factors} | {} | {} | {kinds} |\n", row.remedy.change, why(&row.remedy))
    });
    let rows: String = rows.collect();
    format!("\n## Remedies by cause\n\n| if the cause needs | what helps | why | of |\n|---|---|---|---|\n{rows}")
}

fn reference() -> String {
    let rows = FindingKind::ALL.map(|kind| {
        let name = kind.name();
        format!("| [`{name}`](#{}) | {} |\n", name.to_lowercase(), kind.about())
    });
    let sections = FindingKind::ALL.map(section).concat();
    format!("\n| finding, worst first | meaning |\n|---|---|\n{}{sections}{}", rows.concat(), by_cause())
}

#[test]
fn the_reference_of_findings_says_what_the_tables_say() {
    hold("reports/book/src/reference/findings.md", [BEGIN, END], &reference(), "finding_reference");
}
