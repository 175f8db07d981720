//! The report: one self-contained HTML file.

mod calm_run;
mod causes;
pub(crate) mod drawing;
mod finding_section;
mod illustration;
mod legend;
mod measures;
mod side_by_side;

use dupeproof_scenarios::Verdict;
use dupeproof_scenarios::coverage::Probe;
use dupeproof_sim::FindingKind;
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use finding_section::{FindingSection, sections};
pub use illustration::Illustration;

use crate::args::network_name;
use crate::format;
use crate::reality;
use crate::story::Weight;
use crate::summary::Summary;

const STYLE: &str = include_str!("page/style.css");
const GENERATOR: &str = "dupeproof report";

/// Whether a file is a report of ours.
pub fn is_ours(html: &str) -> bool {
    html.contains(&format!("<meta name=\"generator\" content=\"{GENERATOR}\">"))
}

/// The whole page.
pub fn page(summary: &Summary, sections: &[FindingSection]) -> String {
    let title = format!("dupeproof: {} is {}", summary.subject, verdict_word(summary));
    if summary.verdict == Verdict::Broken {
        let body = html! { (verdict(summary)) (calm_run::section(&summary.calm_run)) (tried(summary)) };
        return frame(&title, &summary.version, &body);
    }
    let body = html! {
        (verdict(summary))
        @for error in &summary.internal_errors { p.warning { (error) } }
        (tried(summary))
        (calm_run::warnings(&summary.calm_run))
        (contract(summary))
        @if let Some(comparison) = &summary.comparison { (side_by_side::section(summary, comparison)) }
        (measures::section(summary))
        (coverage(summary))
        @if !sections.is_empty() {
            section aria-labelledby="findings" {
                h2 id="findings" { "Findings" }
                p {
                    "Each cause has one schedule, shrunk as far as possible. A cause is the set of factors without which the finding "
                    "does not occur; `dupeproof list` shows which faults each factor stands for."
                }
                (causes::table(summary))
                (legend::legend())
                @for section in sections { (finding(section)) }
            }
        }
    };
    frame(&title, &summary.version, &body)
}

/// A page of ours around its content.
pub(crate) fn frame(title: &str, version: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(GENERATOR);
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                footer { p { "dupeproof " (version) } }
            }
        }
    };
    page.into_string()
}

fn verdict_word(summary: &Summary) -> &'static str {
    match summary.verdict {
        Verdict::Safe => "safe",
        Verdict::Unknown => "not known to be safe",
        Verdict::Unsafe => "unsafe",
        Verdict::Broken => "broken",
    }
}

fn verdict(summary: &Summary) -> Markup {
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
            @for words in &summary.exceeded { p { "Beyond its bound: " (words) "." } }
            @if exposures > 0 {
                p { (exposures) " known "
                    @if exposures == 1 { "exposure" } @else { "exposures" }
                    ": no promise of this suite is about them, so they do not affect the verdict." }
                @if let Some(words) = summary.exposure_words() { p { (words) "." } }
            }
            @if let Some(words) = summary.disbelieved_words() { p { (format::capital(&words)) "." } }
            @if let Some(words) = summary.left_out_words() { p { (prose(&format::capital(&words))) "." } }
        }
    }
}

/// Words with names in backticks.
pub(crate) fn prose(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}

fn tried(summary: &Summary) -> Markup {
    let facts = [
        ("Subject", format!("{}: {}", summary.subject, summary.contract.about)),
        (
            "Suite",
            summary
                .scenario
                .as_ref()
                .map_or_else(|| summary.suite.clone(), |file| format!("{} ({file})", summary.suite)),
        ),
        ("World", summary.world.clone()),
        ("Believed", format!("{}: {}", summary.believe.name(), summary.believe.about())),
        ("Network", network_name(summary.network).to_owned()),
        ("Schedules", format::count(summary.schedules)),
        ("Simulated time", format::span(summary.simulated_seconds)),
        ("Wall time", format::span(summary.wall_seconds)),
        ("CPU time", format::span(summary.cpu_seconds)),
        ("Seed and cases", format!("seed {}, cases 0 to {}", summary.seed, summary.schedules.saturating_sub(1))),
    ];
    html! {
        section aria-labelledby="tried" {
            h2 id="tried" { "What was searched" }
            dl {
                @for (term, fact) in facts { div { dt { (term) } dd { (prose(&fact)) } } }
                div { dt { "Digest" } dd { code { (summary.digest) } } }
            }
            p { "This command runs the same search again and gives the same digest:" }
            p.command { code { (summary.again()) } }
        }
    }
}

fn contract(summary: &Summary) -> Markup {
    html! {
        section aria-labelledby="promises" {
            h2 id="promises" { "Promises of this suite, and results" }
            p {
                "A finding breaks a promise where the table says never. After everything has recovered, "
                code { (summary.subject) } " also promises that a start takes at most "
                (format::span(summary.contract.start_bound_seconds)) " and that final saves finish within "
                (format::span(summary.contract.drain_bound_seconds)) "."
            }
            div.scroll { table {
                thead { tr { th scope="col" { "Finding" } th scope="col" { "Promise" } th scope="col" { "Result" } th scope="col" { "Meaning" } } }
                tbody { @for kind in FindingKind::ALL { (promise(summary, kind)) } }
            } }
        }
    }
}

fn promise(summary: &Summary, kind: FindingKind) -> Markup {
    let promised = summary.contract.never.contains(&kind);
    let found = summary.findings.iter().find(|found| found.kind == kind);
    let broken = found.is_some_and(|found| !found.in_contract);
    html! {
        tr {
            th scope="row" { @if found.is_some() { a href={ "#" (kind.name()) } { (kind.name()) } } @else { (kind.name()) } }
            td { @if promised { "never" } @else { "none (known exposure)" } }
            td {
                @match found {
                    None => {
                        @match summary.not_tried.iter().find(|not_tried| not_tried.kind == kind) {
                            Some(not_tried) => { strong { "not tried" } ": " (prose(&not_tried.why)) }
                            None => "not found",
                        }
                    }
                    Some(found) => {
                        strong { @if broken { "✗ broken" } @else if promised { "not believed" } @else { "known exposure" } }
                        ": " (format::counted(found.count, "schedule"))
                        " (" (format::rate(found.count, summary.schedules)) ")"
                        @if let Some(worst) = found.worst_seconds { ", longest " (format::span(worst)) }
                        ", " (reality::of_finding(found))
                    }
                }
            }
            td { (kind.about()) }
        }
    }
}

fn coverage(summary: &Summary) -> Markup {
    html! {
        section aria-labelledby="coverage" {
            h2 id="coverage" { "What was seen" }
            @if let Some(unseen) = summary.unseen_words() { p { strong { (format::capital(&unseen)) "." } } }
            ul.probes {
                @for (name, count) in &summary.coverage {
                    li { span { (meaning(name)) } " " b { (format::count(*count)) } }
                }
            }
        }
    }
}

/// What a probe counts; a probe that this version does not know keeps its name.
fn meaning(name: &str) -> &str {
    let known = Probe::named(name);
    known.map_or(name, |probe| probe.about().trim_end_matches('.'))
}

fn finding(section: &FindingSection) -> Markup {
    html! {
        article id=(section.anchor) {
            h3 {
                (section.title) " "
                small { @if section.in_contract { "known exposure" } @else { "breaks a promise" } }
            }
            p { (format::capital(section.kind.about())) "." }
            p { "This occurs " (section.reality) "." }
            p.sentence { (section.sentence) }
            @match section.at_60hz {
                Some(true) => p { "It also occurs at 60 Hz." },
                Some(false) => p.warning { strong { "It does not occur at 60 Hz, " } "where the timing is slightly different." },
                None => {}
            }
            @if !section.reproduced {
                p.warning { strong { "This run differs from the recording. " }
                    "The picture, if there is one, shows the run of now." }
            }
            @if let Some(illustration) = &section.illustration { (self::illustration(section, illustration)) }
            h4 { "Replay it" }
            p.command { code { (section.command) } }
        }
    }
}

fn illustration(section: &FindingSection, illustration: &Illustration) -> Markup {
    let id = &*section.anchor;
    let faults: Vec<&str> = section.faults.iter().copied().collect();
    html! {
        figure {
            div.scroll tabindex="0" role="region" aria-label={ "picture of " (section.title) } { (illustration.names.in_markup(drawing::drawing(&illustration.picture, illustration.at_fault.as_ref(), id))) }
            figcaption {
                "The shrunk schedule has " (format::counted(section.steps as u64, "step"))
                @if faults.is_empty() { ", none of them a fault. " } @else { ", with these faults: " (faults.join(", ")) ". " }
                "Only the players, keys and servers of the finding are shown"
                @if illustration.picture.cut { ", up to shortly after it" }
                "."
            }
        }
        h4 { "The story" }
        ol.story {
            @for line in &illustration.story {
                li class=(weight_class(line.weight)) { time { (format::moment(line.at)) } " " span { (line.text) } }
            }
        }
    }
}

fn weight_class(weight: Weight) -> &'static str {
    match weight {
        Weight::Plain => "plain",
        Weight::Fault => "fault",
        Weight::AtFault => "at-fault",
        Weight::Finding => "found",
    }
}
