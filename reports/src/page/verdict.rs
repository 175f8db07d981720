//! The verdict, which stands first.

use dupeproof_scenarios::Verdict;
use maud::{Markup, html};

use super::finding_section::FindingSection;
use super::prose;
use crate::confidence;
use crate::format;
use crate::summary::Summary;

/// The verdict in a few words.
pub(crate) fn word(summary: &Summary) -> &'static str {
    match summary.verdict {
        Verdict::Safe => "safe",
        Verdict::Unknown => "not known to be safe",
        Verdict::Unsafe => "unsafe",
        Verdict::Broken => "broken",
    }
}

/// The verdict with what limits it, and what the worst finding means for players.
pub(super) fn header(summary: &Summary, worst: Option<&FindingSection>) -> Markup {
    let class = match summary.verdict {
        Verdict::Safe => "safe",
        Verdict::Unknown => "unknown",
        Verdict::Unsafe => "unsafe",
        Verdict::Broken => "broken",
    };
    let exposures = summary.findings.iter().filter(|found| found.in_contract).count();
    html! {
        header class={ "verdict " (class) } {
            p.brand { "dupe-safety report" }
            h1 { (prose(&summary.sentence())) "." }
            @if let Some(worst) = worst {
                p.worst { "The worst: " a href={ "#" (worst.anchor) } { (worst.consequence) } ", " (worst.reality) "." }
            }
            @if summary.verdict == Verdict::Safe && let Some(words) = confidence::rarity_words(summary.schedules) {
                p { (format::capital(&words)) "; " a href="#unseen" { "what may not have been seen" } "." }
            }
            @for words in &summary.exceeded { p { "Beyond its bound: " (words) "." } }
            @if exposures > 0 {
                p { (exposures) " known "
                    @if exposures == 1 { "exposure" } @else { "exposures" }
                    ": no promise of this suite is about them, so they do not affect the verdict." }
                @if let Some(words) = summary.exposure_words() { p { (words) "." } }
            }
            @if let Some(words) = summary.disbelieved_words() { p { (format::capital(&words)) "." } }
            @if let Some(words) = summary.left_out_words() {
                @let left_out = (summary.left_out.len() + summary.limited.len()) as u64;
                details {
                    summary { (format::counted(left_out, "fault")) " left out or kept small, since not believed" }
                    p { (prose(&format::capital(&words))) "." }
                }
            }
        }
    }
}
