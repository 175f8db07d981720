//! The settings for a terminal, and the cells of the page.

use super::{Point, Sweep};
use crate::format;
use crate::text_table::TextTable;
use crate::wrap::wrapped;

/// What each column after the parameters says.
pub(super) const COLUMNS: [&str; 6] =
    ["promise broken in", "any start, p99", "hand-over, p99", "unsaved, p99", "requests per session-hour", "findings"];

/// All of it, without the path of the report. Which findings each setting showed is in the report only.
pub(super) fn text(sweep: &Sweep) -> String {
    let heads = ["setting", "promise broken in", "start", "hand-over", "unsaved", "requests", ""];
    let mut table = TextTable::new(heads).right(0..6);
    for point in &sweep.points {
        let mut cells = cells(point, sweep.schedules);
        cells.truncate(5);
        let mark = if point.unbeaten { "◆" } else { "" };
        table.row([setting(point)].into_iter().chain(cells).chain([mark.to_owned()]));
    }
    let broken = sweep.points.iter().filter_map(|point| Some((setting(point), point.broken.as_ref()?)));
    let broken: String = broken.map(|(setting, why)| format!("broken at {setting}: {why}\n")).collect();
    let legend = format!(
        "setting: {}\n{broken}\
         ◆ no other setting is as good in broken promises, starts, unsaved changes and requests, and better in one\n\
         promise broken in: schedules with the most frequent such finding, and where the true share is (95 % confidence)\n\
         start, hand-over, unsaved: 99 of 100 were at most this; unsaved is how old the oldest change was when a save \
         stored it\n\
         requests: to the DataStore, per session-hour",
        sweep.parameters.join(", ")
    );
    format!("{}\n{table}{}", wrapped(&sweep.about()), wrapped(&legend))
}

/// The number of each parameter.
fn setting(point: &Point) -> String {
    point.setting.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// The cells after the parameters.
pub(super) fn cells(point: &Point, schedules: u64) -> Vec<String> {
    if let Some(why) = &point.broken {
        return [&["-"; 5][..], &[&*format!("broken: {why}")]].concat().into_iter().map(str::to_owned).collect();
    }
    let seconds = |seconds: Option<f64>| seconds.map_or_else(|| "-".into(), format::span);
    let findings: Vec<String> =
        point.findings.iter().map(|(kind, cases)| format!("{} {}", kind.name(), format::count(*cases))).collect();
    vec![
        broken(point, schedules),
        seconds(point.start_p99_seconds),
        seconds(point.hand_over_p99_seconds),
        seconds(point.unsaved_p99_seconds),
        format::count(point.requests_per_session_hour),
        if findings.is_empty() { "none".into() } else { findings.join(", ") },
    ]
}

/// `12 of 1,000 (0.7 to 2.1 %)`.
fn broken(point: &Point, schedules: u64) -> String {
    let [low, high] = [point.broken_promises_low, point.broken_promises_high].map(|share| share * 100.0);
    let share =
        if point.broken_promises == 0 { format!("under {high:.1} %") } else { format!("{low:.1} to {high:.1} %") };
    format!("{} of {} ({share})", format::count(point.broken_promises), format::count(schedules))
}
