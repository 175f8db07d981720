//! The progress of a search or an exploration on stderr: a bar on a terminal, a line every few seconds elsewhere.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dupeproof_scenarios::Search;
use dupeproof_scenarios::search::{Explaining, Listener, Progress, Survey};
use dupeproof_sim::trace::log;
use indicatif::{ProgressBar, ProgressStyle};

use crate::format;
use crate::output;
use crate::stopwatch::Stopwatch;

/// The time between two plain lines.
const QUIET: Duration = Duration::from_secs(5);

/// When a search ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// After so many cases.
    Cases(u64),
    /// After so much wall time.
    Wall(Duration),
    /// When everything was seen, and nobody knows how much that is.
    Everything,
}

/// Runs all cases of a search, and shows how far it is.
pub fn survey(search: &Search<'_>) -> Survey {
    let stopwatch = Stopwatch::start();
    let mut line = ProgressLine::new(Goal::Cases(search.cases));
    let survey = search.survey(&mut |progress| {
        line.tick(progress, stopwatch.wall());
        ControlFlow::Continue(())
    });
    line.finish();
    survey
}

/// Shows the progress of a search.
pub struct ProgressLine {
    goal: Goal,
    /// `None` where stderr is no terminal, or a log.
    bar: Option<ProgressBar>,
    last_line: Duration,
    /// Whether lines on progress have no place on stderr: it is a log, or only errors are printed.
    quiet: bool,
}

impl ProgressLine {
    /// Starts with no case done.
    pub fn new(goal: Goal) -> ProgressLine {
        let quiet = log::is_on() || output::is_quiet();
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let (bar, template) = match goal {
                Goal::Cases(cases) => (ProgressBar::new(cases), "{bar:24} {msg}  ETA {eta}"),
                Goal::Wall(limit) => (ProgressBar::new(millis(limit)), "{bar:24} {msg}  ETA {eta}"),
                Goal::Everything => (ProgressBar::new_spinner(), "{spinner} {msg}"),
            };
            bar.with_style(ProgressStyle::with_template(template).expect("the template is well formed"))
        });
        ProgressLine { goal, bar, last_line: Duration::ZERO, quiet }
    }

    /// The search stands at `progress` after `elapsed` of wall time.
    pub fn tick(&mut self, progress: Progress, elapsed: Duration) {
        self.show(progress.cases, elapsed, || line(progress, elapsed));
    }

    /// So much is done after `elapsed` of wall time, and `line` says it in words.
    pub fn show(&mut self, done: u64, elapsed: Duration, line: impl FnOnce() -> String) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(line());
                bar.set_position(match self.goal {
                    Goal::Cases(_) | Goal::Everything => done,
                    Goal::Wall(limit) => millis(elapsed.min(limit)),
                });
            }
            None if !self.quiet && elapsed >= self.last_line + QUIET => {
                self.last_line = elapsed;
                output::note(line());
            }
            None => {}
        }
    }

    /// Removes the bar, so that the result can be printed.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Shows how far a search is with its causes.
pub struct CauseLine {
    stopwatch: Stopwatch,
    /// `None` until there is something to look at.
    line: Mutex<Option<ProgressLine>>,
}

impl CauseLine {
    /// Starts with nothing looked at.
    pub fn start() -> CauseLine {
        CauseLine { stopwatch: Stopwatch::start(), line: Mutex::new(None) }
    }

    /// Removes the bar, so that the result can be printed.
    pub fn finish(&self) {
        if let Some(line) = &*self.line.lock().unwrap_or_else(PoisonError::into_inner) {
            line.finish();
        }
    }
}

impl Listener for CauseLine {
    fn at(&self, now: Explaining) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let line = line.get_or_insert_with(|| ProgressLine::new(Goal::Cases(now.of)));
        line.show(now.looked_at, self.stopwatch.wall(), || cause_line(now));
    }
}

/// How far a search is with its causes, in one line.
fn cause_line(Explaining { looked_at, of, shrunk, runs }: Explaining) -> String {
    format!(
        "grouping by cause: {} of {}, {} shrunk, {}",
        format::count(looked_at),
        format::counted(of, "schedule"),
        format::count(shrunk),
        format::counted(runs, "run"),
    )
}

/// The progress in one line.
fn line(progress: Progress, elapsed: Duration) -> String {
    #[expect(clippy::cast_precision_loss, reason = "for display only")]
    let rate = progress.cases as f64 / elapsed.as_secs_f64().max(1e-3);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate, for display only")]
    let rate = if rate < 10.0 { format!("{rate:.1}") } else { format::count(rate as u64) };
    format!(
        "{}, {rate}/s, {} simulated, {} with findings",
        format::counted(progress.cases, "schedule"),
        format::span(progress.simulated.as_secs_f64()),
        format::count(progress.with_findings),
    )
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use dupeproof_core::Span;

    use super::*;

    #[test]
    fn a_line_on_causes_says_how_many_of_how_many_schedules() {
        let now = Explaining { looked_at: 43, of: 120, shrunk: 1, runs: 2_130 };
        assert_eq!(cause_line(now), "grouping by cause: 43 of 120 schedules, 1 shrunk, 2,130 runs");
    }

    #[test]
    fn a_line_says_rate_simulated_time_and_findings() {
        let progress =
            Progress { cases: 24_000, simulated: Span::secs(24_000 * 900), with_findings: 3, ..Progress::default() };
        assert_eq!(
            line(progress, Duration::from_secs(2)),
            "24,000 schedules, 12,000/s, 250 days simulated, 3 with findings"
        );
    }
}
