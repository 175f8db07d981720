//! The result of a search for people, at most 80 columns wide. Only commands are not broken, because they are copied.

use dupeproof_scenarios::Verdict;
use dupeproof_scenarios::measure::Trades;

use crate::comparison::Comparison;
use crate::confidence;
use crate::format;
use crate::summary::{FoundKind, Summary};
use crate::text_table::TextTable;
use crate::wrap::wrapped;

/// Columns of the tables that people put into issues.
const NARROW: usize = 60;

/// All of it, without the path of the report. Names of probes only if it is to be long.
pub(super) fn text(summary: &Summary, is_long: bool) -> String {
    let mut text = wrapped(&format!("{}\n", summary.sentence()));
    if summary.verdict == Verdict::Broken {
        text.push_str(&wrapped(&summary.calm_run.text()));
        return text;
    }
    if !summary.findings.is_empty() {
        text.push_str(&format!("\n{}", findings(summary)));
        text.extend(summary.exposure_words().map(|words| wrapped(&format!("{words}\n"))));
        text.extend(summary.disbelieved_words().map(|words| wrapped(&format!("{words}\n"))));
        text.push_str(&format!("\n{}", causes(summary)));
    }
    text.extend(summary.exceeded.iter().map(|words| wrapped(&format!("beyond its bound: {words}\n"))));
    if let Some(comparison) = &summary.comparison {
        text.push_str(&format!("\n{}", side_by_side(summary, comparison)));
    }
    text.push_str(&format!("\n{}{}", measures(summary), wrapped(&notes(summary, is_long))));
    text.push_str(&format!("run again:  {}", summary.again()));
    text
}

/// What else is to be said, a line for each.
fn notes(summary: &Summary, is_long: bool) -> String {
    let mut lines: Vec<String> = summary.share_words().map(|(about, words)| format!("{about}: {words}")).collect();
    lines.extend(trade_words(&summary.trades).map(|words| format!("trades: {words}")));
    lines.extend(confidence::behaviour_words(&summary.behaviour).map(|words| format!("behaviour: {words}")));
    lines.extend(confidence::rarity_words(summary.schedules).map(|words| format!("not found: {words}")));
    lines.push(String::new());
    lines.push(seen(summary, is_long));
    lines.extend(summary.calm_run.warnings().lines().map(str::to_owned));
    lines.extend(summary.left_out_words());
    lines.extend(summary.not_tried_words());
    lines.extend(if is_long { summary.unseen_words() } else { summary.unseen_in_short() });
    lines.push(format!(
        "{:.1} s of wall time, {:.1} s of CPU time, digest {}\n",
        summary.wall_seconds, summary.cpu_seconds, summary.digest
    ));
    lines.join("\n")
}

/// The probes that were seen: how many, or each with how often.
fn seen(summary: &Summary, is_long: bool) -> String {
    let seen: Vec<String> = summary
        .coverage
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(name, count)| format!("{name} {}", format::count(*count)))
        .collect();
    if is_long {
        format!("seen (`dupeproof list probes` explains the names): {}", seen.join(", "))
    } else {
        format!("seen: {} of {} probes (--verbose names them)", seen.len(), summary.coverage.len())
    }
}

/// Each finding, and how often it was found: first those that break a promise.
fn findings(summary: &Summary) -> TextTable {
    let mut table =
        TextTable::new(["finding", "found", "share", "longest", "how real"]).within(NARROW).right([1, 2, 3]);
    for promise in PROMISES {
        let of: Vec<&FoundKind> = summary.findings.iter().filter(|found| is(summary, found) == promise).collect();
        if !of.is_empty() {
            table.row([promise]);
        }
        for found in of {
            table.row([
                format!("  {}", found.kind.name()),
                format::count(found.count),
                format::rate(found.count, summary.schedules),
                found.worst_seconds.map_or_else(|| "-".into(), format::span),
                found.evidence.name().to_owned(),
            ]);
        }
    }
    table
}

/// What becomes of promises, the worst first.
const PROMISES: [&str; 3] = ["promise BROKEN", "promise, not believed", "known exposure"];

/// What becomes of the promise that a finding is about.
fn is(summary: &Summary, found: &FoundKind) -> &'static str {
    match found.in_contract {
        false => PROMISES[0],
        true if summary.is_disbelieved(found) => PROMISES[1],
        true => PROMISES[2],
    }
}

/// The causes of each finding.
fn causes(summary: &Summary) -> TextTable {
    let mut table = TextTable::new(["cause", "seen in", "how real", "steps"]).within(NARROW).right([1, 3]);
    let mut told = None;
    for (found, cause) in summary.causes() {
        if told != Some(found.kind) {
            table.row([found.kind.name().to_owned(), format!("of {}", format::count(found.looked_at))]);
            told = Some(found.kind);
        }
        let fine = if cause.at_60hz == Some(false) { ", not at 60 Hz" } else { "" };
        table.row([
            format!("  {}{fine}", cause.words()),
            format::count(cause.count),
            cause.evidence.name().to_owned(),
            format::count(cause.steps),
        ]);
    }
    table
}

/// What the suite and its twin showed.
fn side_by_side(summary: &Summary, comparison: &Comparison) -> String {
    let (suite, twin) = (&summary.suite, &comparison.twin);
    if comparison.kinds.is_empty() {
        return wrapped(&format!("side by side: neither `{suite}` nor `{twin}` showed a finding\n"));
    }
    let mut table = TextTable::new(["side by side", suite, twin]).within(NARROW);
    for compared in &comparison.kinds {
        table.row([compared.kind.name().to_owned(), compared.here.to_string(), compared.twin.to_string()]);
    }
    format!("{table}{}", wrapped(&format!("`{twin}`: {}\n", comparison.about)))
}

/// What was measured; nothing if nothing was.
fn measures(summary: &Summary) -> String {
    let mut table = TextTable::new(["measured", "median", "p99", "most", "over"]).right([1, 2, 3]);
    let measured = summary.measures.values().filter_map(|measure| Some((measure, measure.numbers()?)));
    for (measure, [median, p99, most]) in measured {
        table.row([measure.about.clone(), median, p99, most, measure.over()]);
    }
    if table.is_empty() {
        return String::new();
    }
    format!("{table}p99: 99 of 100 were at most this\n")
}

/// `1,204 asked: 800 committed, 400 aborted, 4 open; 12 % aborted where nothing went wrong`; `None` without trades.
fn trade_words(trades: &Trades) -> Option<String> {
    let [asked, committed, aborted, open] =
        [trades.asked, trades.committed, trades.aborted, trades.open].map(format::count);
    let healthy = trades
        .healthy_aborted_ppm()
        .map_or(String::new(), |ppm| format!("; {} % aborted where nothing went wrong", ppm / 10_000));
    (trades.asked > 0).then(|| format!("{asked} asked: {committed} committed, {aborted} aborted, {open} open{healthy}"))
}
