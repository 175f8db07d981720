//! The table for a terminal and for Markdown.

use dupeproof_scenarios::significance::Interval;
use dupeproof_sim::FindingKind;

use super::{Bakeoff, Row, Shown};
use crate::text_table::TextTable;
use crate::wrap::wrapped;
use crate::{escape, format};

/// By which a table of ours in Markdown is known.
pub(super) const FIRST: &str = "| findings per 1,000 sessions |";

/// Kinds that at least one subject showed, worst first.
pub(super) fn kinds(bakeoff: &Bakeoff) -> Vec<FindingKind> {
    let shown = |kind: &FindingKind| bakeoff.rows.iter().any(|row| row.shown(*kind).is_some());
    FindingKind::ALL.into_iter().filter(shown).collect()
}

/// What is measured of every subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Sessions that players waited for and got.
    Sessions,
    /// Starts of sessions that another server had.
    HandOver,
    /// All starts.
    Start,
    /// DataStore requests of sessions.
    Requests,
}

impl Measure {
    /// All of them, in the order of the table.
    pub(super) const ALL: [Measure; 4] = [Measure::Sessions, Measure::HandOver, Measure::Start, Measure::Requests];

    /// The name in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Measure::Sessions => "sessions",
            Measure::HandOver => "hand-over, median and 99th percentile",
            Measure::Start => "any start, median and 99th percentile",
            Measure::Requests => "DataStore requests per session-hour",
        }
    }

    /// The result of one subject.
    pub(super) fn words(self, row: &Row) -> String {
        let pair = |median: Option<f64>, p99: Option<f64>| match (median, p99) {
            (Some(median), Some(p99)) => format!("{}, {}", format::span(median), format::span(p99)),
            _ => "none".into(),
        };
        match self {
            Measure::Sessions => format::count(row.sessions),
            Measure::HandOver => pair(row.hand_over_median_seconds, row.hand_over_p99_seconds),
            Measure::Start => pair(row.start_median_seconds, row.start_p99_seconds),
            Measure::Requests => format::count(row.requests_per_session_hour),
        }
    }
}

/// The table for a README.
pub(super) fn markdown(bakeoff: &Bakeoff) -> String {
    let line = |first: &str, cells: Vec<String>| format!("| {first} | {} |\n", cells.join(" | "));
    let cells = |of: &dyn Fn(&Row) -> String| bakeoff.rows.iter().map(of).collect::<Vec<_>>();
    let mut text = line("findings per 1,000 sessions", cells(&|row| escape::markdown_code(&row.name)));
    text.push_str(&line("---", cells(&|_| "---".to_owned())));
    for kind in kinds(bakeoff) {
        text.push_str(&line(&format!("`{}`", kind.name()), cells(&|row| brief(row.shown(kind)))));
    }
    for measure in Measure::ALL {
        text.push_str(&line(measure.name(), cells(&|row| measure.words(row))));
    }
    text
}

/// `12, longest 4 min`, bold where a promise is broken.
fn brief(shown: Option<&Shown>) -> String {
    let Some(shown) = shown else { return "none".into() };
    let (rate, worst) = (format::bare_per_thousand(shown.per_thousand_sessions), worst(shown, ", "));
    if shown.in_contract { format!("{rate}{worst}") } else { format!("**{rate}**{worst}") }
}

/// `✗ 12 (34)`, between which rates the true one is, and the longest below it: five subjects fit side by side.
fn cell(bakeoff: &Bakeoff, row: &Row, kind: FindingKind) -> String {
    let interval = interval(row, kind);
    let Some(shown) = row.shown(kind) else { return format!("none\n{interval}") };
    let broken = if shown.in_contract { "" } else { "✗ " };
    let more = if is_more(bakeoff, row, kind) { " ▲" } else { "" };
    let (rate, worst) = (format::bare_per_thousand(shown.per_thousand_sessions), worst(shown, "\n"));
    format!("{broken}{rate} ({}){more}\n{interval}{worst}", format::count(shown.schedules))
}

/// `8.9 to 10`, between which the true rate is, or `under 0.04`.
pub(super) fn interval(row: &Row, kind: FindingKind) -> String {
    let Interval { low, high } = row.interval(kind);
    let high = format::bare_per_thousand(high);
    match (low > 0.0, high.strip_prefix("under ")) {
        (_, Some(tiny)) => format!("under {tiny}"),
        (true, None) => format!("{} to {high}", format::bare_per_thousand(low)),
        (false, None) => format!("under {high}"),
    }
}

/// Whether chance does not explain that another subject shows a kind less often.
pub(super) fn is_more(bakeoff: &Bakeoff, row: &Row, kind: FindingKind) -> bool {
    bakeoff.rows.iter().map(|other| other.interval(kind)).any(|other| other.high < row.interval(kind).low)
}

/// `longest 4 min` after this, of kinds that last.
fn worst(shown: &Shown, after: &str) -> String {
    shown.worst_seconds.map_or_else(String::new, |worst| format!("{after}longest {}", format::span(worst)))
}

/// What each subject showed, in a line.
pub(super) fn verdicts(bakeoff: &Bakeoff) -> String {
    let line = |row: &Row| {
        let shown = kinds(bakeoff).into_iter().filter_map(|kind| Some((kind, row.shown(kind)?)));
        let (exposures, broken): (Vec<_>, Vec<_>) = shown.partition(|(_, shown)| shown.in_contract);
        let names =
            |kinds: &[(FindingKind, &Shown)]| kinds.iter().map(|(kind, _)| kind.name()).collect::<Vec<_>>().join(", ");
        let broke = if broken.is_empty() { "broke no promise".into() } else { format!("broke {}", names(&broken)) };
        let showed = if exposures.is_empty() { String::new() } else { format!("; showed {}", names(&exposures)) };
        format!("{}: {broke}{showed}", escape::name(&row.name))
    };
    bakeoff.rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Findings and measures down, subjects across: in several tables if there are many.
pub(super) fn table(bakeoff: &Bakeoff) -> String {
    let names = bakeoff.rows.iter().map(|row| escape::name(&row.name).into_owned());
    let mut table = TextTable::new(["per 1,000 sessions".to_owned()].into_iter().chain(names));
    for kind in kinds(bakeoff) {
        let cells = bakeoff.rows.iter().map(|row| cell(bakeoff, row, kind));
        table.row([kind.name().to_owned()].into_iter().chain(cells));
    }
    for measure in Measure::ALL {
        let cells = bakeoff.rows.iter().map(|row| measure.words(row).replace(", ", "\n"));
        table.row([measure.name().to_owned()].into_iter().chain(cells));
    }
    let tables: Vec<String> = table.parts().iter().map(ToString::to_string).collect();
    let about = format!(
        "{} each of suite `{}` in world `{}`, seed {}{}\n",
        format::counted(bakeoff.schedules, "schedule"),
        bakeoff.suite,
        bakeoff.world,
        bakeoff.seed,
        bakeoff.stopped_words()
    );
    let legend = "(number of schedules that showed it)   ✗ the subject promises never to show it\n\
                  below it: where the true rate is, with 95 % confidence\n\
                  ▲ more than another subject, which is no chance\n\
                  99th percentile: 99 of 100 were at most this\n\
                  longest: how long the finding lasted at most";
    format!("{}{}{}", wrapped(&about), tables.join("\n"), wrapped(legend))
}
