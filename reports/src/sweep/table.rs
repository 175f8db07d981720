//! The settings for a terminal.

use comfy_table::{CellAlignment, Table, presets};

use super::{Point, Sweep};
use crate::format;

/// What each column after the parameters says.
pub(super) const COLUMNS: [&str; 6] =
    ["promise broken in", "any start, p99", "hand-over, p99", "unsaved, p99", "requests per session-hour", "findings"];

/// All of it, without the path of the report.
pub(super) fn text(sweep: &Sweep) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let header = sweep.parameters.iter().cloned().chain(COLUMNS.map(str::to_owned)).chain([String::new()]);
    table.set_header(header);
    for point in &sweep.points {
        let mark = if point.unbeaten { "◆" } else { "" };
        let setting = point.setting.iter().map(i64::to_string);
        table.add_row(setting.chain(cells(point, sweep.schedules)).chain([mark.to_owned()]));
    }
    for column in 0..sweep.parameters.len() + 5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!(
        "{}\n{table}\n\
         ◆ no other setting is as good in broken promises, starts, unsaved changes and requests, and better in one\n\
         promise broken in: schedules with the most frequent such finding, and where the true share is (95 % confidence)\n\
         p99: 99 of 100 were at most this   unsaved: how old the oldest change was when a save stored it",
        sweep.about()
    )
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
