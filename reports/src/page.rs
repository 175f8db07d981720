//! The report: one self-contained HTML file.

mod calm_run;
mod coverage;
pub(crate) mod drawing;
mod finding;
mod finding_section;
mod findings;
mod fold;
mod illustration;
mod legend;
mod measures;
mod pack;
mod promises;
mod script;
mod searched;
mod side_by_side;
mod unseen;
mod verdict;

use dupeproof_scenarios::Verdict;
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use finding_section::{FindingSection, sections};
pub use illustration::Illustration;
pub(crate) use verdict::word;

use crate::summary::Summary;
use fold::Fold;

const STYLE: &str = include_str!("page/style.css");
const GENERATOR: &str = "dupeproof report";

/// Whether a file is a report of ours.
pub fn is_ours(html: &str) -> bool {
    html.contains(&format!("<meta name=\"generator\" content=\"{GENERATOR}\">"))
}

/// The whole page: the verdict, the findings, and all else folded away.
pub fn page(summary: &Summary, sections: &[FindingSection]) -> String {
    let title = format!("dupeproof: {} is {}", summary.subject, word(summary));
    if summary.verdict == Verdict::Broken {
        let searched = Fold { is_open: true, ..searched::section(summary) };
        let body =
            html! { (verdict::header(summary, None)) (calm_run::section(&summary.calm_run)) (searched.markup()) };
        return frame(&title, &summary.version, &body, None);
    }
    let compared = summary.comparison.as_ref().map(|comparison| side_by_side::section(summary, comparison));
    let folds: Vec<Fold> = [Some(searched::section(summary)), Some(promises::section(summary)), compared]
        .into_iter()
        .chain([measures::section(summary), unseen::section(summary), Some(coverage::section(summary))])
        .flatten()
        .collect();
    let worst = sections.first().filter(|section| !section.in_contract);
    let body = html! {
        (verdict::header(summary, worst))
        @for error in &summary.internal_errors { p.warning { (error) } }
        (contents(sections.len(), &folds))
        (calm_run::warnings(&summary.calm_run))
        @if !sections.is_empty() { (findings::section(sections)) }
        @for fold in &folds { (fold.markup()) }
    };
    frame(&title, &summary.version, &body, (!sections.is_empty()).then(script))
}

/// Where everything is.
fn contents(findings: usize, folds: &[Fold]) -> Markup {
    html! {
        nav.contents aria-label="Contents" {
            ul {
                @if findings > 0 { li { a href="#findings" { "Findings (" (findings) ")" } } }
                @for fold in folds { li { a href={ "#" (fold.id) } { (fold.title) } } }
            }
        }
    }
}

/// The list of findings of another page, which needs [`script`].
pub(crate) fn findings(sections: &[FindingSection]) -> Markup {
    findings::section(sections)
}

/// What makes the findings of a page usable beyond reading.
pub(crate) fn script() -> String {
    script::text()
}

/// A page of ours around its content.
pub(crate) fn frame(title: &str, version: &str, body: &Markup, script: Option<String>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(GENERATOR);
                // Nothing is loaded, whatever the page holds.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                footer { p { "dupeproof " (version) } }
                @if let Some(script) = script { script type="module" { (PreEscaped(script)) } }
            }
        }
    };
    page.into_string()
}

/// Words with names in backticks.
pub(crate) fn prose(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}
