//! One finding: a line, and behind it who, where, how real, what to change and how to run it again; then the picture and the
//! story.

use dupeproof_scenarios::Factor;
use maud::{Markup, html};

use super::drawing;
use super::finding_section::FindingSection;
use super::illustration::Illustration;
use super::pack::Pack;
use crate::calls;
use crate::format;
use crate::remedy::remedies;
use crate::story::{self, Line, Weight};
use crate::summary::FoundCause;

/// The finding of this number.
pub(super) fn finding(section: &FindingSection, number: usize, is_open: bool, pack: &mut Pack) -> Markup {
    html! {
        details.finding name="finding" open[is_open] data-number=(number) data-kind=(section.kind.name())
            data-factors=(section.cause.needs.join(" ")) data-evidence=(section.cause.evidence.name()) {
            (line(section, number))
            article id=(section.anchor) aria-label=(section.title()) { (answers(section)) (pack.put(rest(section))) }
        }
    }
}

fn line(section: &FindingSection, number: usize) -> Markup {
    html! {
        summary {
            span.number { (number) }
            span.kind { (section.kind.name()) }
            span.cause { (section.cause.words()) }
            span.real { (section.cause.evidence.name()) }
            span.standing { @if section.in_contract { "known exposure" } @else { "✗ breaks a promise" } }
        }
    }
}

/// What the first screen must answer.
fn answers(section: &FindingSection) -> Markup {
    html! {
        p.consequence { (format::capital(&section.consequence)) "." }
        @if !section.reproduced {
            p.warning { strong { "This run differs from the recording. " }
                "The picture, if there is one, shows the run of now." }
        }
        @if section.cause.at_60hz == Some(false) {
            p.warning { strong { "It does not occur at 60 Hz, " } "where the timing is slightly different." }
        }
        dl.answers {
            div { dt { "Where" } dd { (place(section)) } }
            div { dt { "How real" } dd { (how_real(section)) } }
            div { dt { "What to change" } dd { (changes(section)) } }
            div { dt { "Run it again" } dd.command { code { (section.command) } } }
        }
    }
}

/// Which server did what, and when.
fn place(section: &FindingSection) -> Markup {
    html! {
        @match &section.at_fault {
            Some(step) => {
                strong { (step.server) } " at " (seconds(step.at_seconds)) ": " (step.what) "."
                (in_calls(&step.calls))
                @if !step.changes.is_empty() {
                    ul.changes { @for change in &step.changes { li { code { (change.words()) } } } }
                }
                " From then on it could not be helped. Found at " (format::moment(section.at)) ": " (section.sentence) "."
                @if let Some(side) = &step.other_side {
                    p.other-side { "On the other side, " (side.what) ", at " (seconds(side.at_seconds)) "." (in_calls(&side.calls)) }
                }
            }
            None => {
                strong { "At " (format::moment(section.at)) } ": " (section.sentence) "."
                (in_calls(&section.calls))
            }
        }
    }
}

/// The line of the user's scripts that did it, and where it was called from.
fn in_calls(calls: &[String]) -> Markup {
    html! {
        @if let [line, callers @ ..] = calls {
            " In " code { (line) }
            @for caller in callers { ", called from " code { (caller) } }
            "."
        }
    }
}

fn seconds(seconds: f64) -> String {
    format!("{:.3} s", (seconds * 1e3).floor() / 1e3)
}

fn how_real(section: &FindingSection) -> Markup {
    let cause = &section.cause;
    let words = cause.words();
    let about = |name: &String| Factor::all().iter().find(|one| one.name() == name).map(|one| one.about());
    let told = cause.needs.iter().filter_map(about).filter(|about| !words.contains(about));
    let meaning: Vec<&str> = told.collect();
    html! {
        strong { (format::capital(&section.reality)) } ". It takes " (words)
        @if !meaning.is_empty() { " (" (meaning.join("; ")) ")" } "."
        @if cause.at_60hz == Some(true) { " It also occurs at 60 Hz." }
    }
}

/// What is known of the least real condition of a cause, and where from; `None` if nothing goes wrong.
fn least_real(cause: &FoundCause) -> Option<String> {
    let least = cause.conditions.iter().max_by_key(|condition| condition.evidence)?;
    (!least.source.is_empty()).then(|| format!("{}: {}: {}", least.words, least.evidence.name(), least.source))
}

fn changes(section: &FindingSection) -> Markup {
    html! {
        ul { @for remedy in remedies(section.kind, &section.cause.needs, section.at_fault.as_ref().and_then(|step| step.mechanism)) {
            li {
                strong { (remedy.change) } ". "
                small { (format::capital(remedy.why)) "." @if !remedy.source.is_empty() { " (" (remedy.source) ")" } }
            }
        } }
    }
}

fn rest(section: &FindingSection) -> Markup {
    html! {
        @if let Some(illustration) = &section.illustration { (self::illustration(section, illustration)) }
        p.meaning {
            (section.kind.name()) ": " (section.kind.about()) ". "
            (format::count(section.cause.count)) " of " (format::count(section.looked_at)) " examined schedules have this cause. "
            @if let Some(least) = least_real(&section.cause) { "What is known of it: " (least) "." }
        }
    }
}

fn illustration(section: &FindingSection, illustration: &Illustration) -> Markup {
    let (id, step) = (&*section.anchor, illustration.at_fault.as_ref());
    let faults: Vec<&str> = section.faults.iter().copied().collect();
    html! {
        figure {
            div.scroll tabindex="0" role="region" aria-label={ "picture of " (section.title()) } {
                (illustration.names.in_markup(drawing::drawing(&illustration.picture, step, id)))
            }
            figcaption {
                "The shrunk schedule has " (format::counted(section.cause.steps, "step"))
                @if !faults.is_empty() { ", with these faults: " (faults.join(", ")) }
                ". "
                "Only the players, keys and servers of the finding are shown"
                @if illustration.picture.cut { ", up to shortly after it" }
                "."
            }
        }
        h3 { "The story" }
        (story(&illustration.story))
    }
}

/// The story; what could not be helped any more is folded away until it is found.
fn story(lines: &[Line]) -> Markup {
    let folded = story::folded(lines);
    html! {
        ol.story {
            @for line in &lines[..folded.start] { (line_of_story(line)) }
            @if !folded.is_empty() {
                li.folded { details {
                    summary { (folded.len()) " more lines until the finding is found" }
                    ol { @for line in &lines[folded.clone()] { (line_of_story(line)) } }
                } }
            }
            @for line in &lines[folded.end..] { (line_of_story(line)) }
        }
    }
}

fn line_of_story(line: &Line) -> Markup {
    html! {
        li class=[weight_class(line.weight)] data-t=(line.at.0) { time { (format::moment(line.at)) } " " span { (line.text) (from(line.calls.as_deref())) } }
    }
}

/// The call of a user's script that did something, and in a tip those that led to it.
fn from(chain: Option<&str>) -> Markup {
    html! {
        @if let Some(chain) = chain {
            " (" code.from title=(calls::in_words(chain)) { (calls::in_short(chain)) } ")"
        }
    }
}

fn weight_class(weight: Weight) -> Option<&'static str> {
    match weight {
        Weight::Plain => None,
        Weight::Fault => Some("fault"),
        Weight::AtFault => Some("at-fault"),
        Weight::Finding => Some("found"),
    }
}
