//! When a search has run enough.

use std::time::Duration;

use dupeproof_scenarios::Suite;
use dupeproof_scenarios::search::Progress;

use crate::args::ExtentArguments;
use crate::progress::Goal;

/// How long a run goes on that is told nothing about it. A suite and its twin share it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What ends a search; whatever comes first does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Enough {
    cases: Option<u64>,
    time: Option<Duration>,
    /// When nothing new is seen any more, but not before so many schedules.
    quiet_after: Option<u64>,
    fails_fast: bool,
}

impl Enough {
    /// What was asked for.
    pub(super) fn of(extent: &ExtentArguments, suite: &Suite, has_twin: bool) -> Enough {
        let ExtentArguments { cases, time, until_quiet, fail_fast, .. } = *extent;
        let is_told = cases.is_some() || until_quiet;
        let time = time.or((!is_told).then_some(PATIENCE));
        Enough {
            cases: cases.map(|_| extent.range()).map(|range| range.end - range.start),
            time: time.map(|time| if has_twin { time / 2 } else { time }),
            quiet_after: until_quiet.then_some(suite.must_see_after),
            fails_fast: fail_fast,
        }
    }

    /// The one whose approach can be shown.
    pub(super) fn goal(&self) -> Goal {
        match (self.cases, self.time) {
            (Some(cases), _) => Goal::Cases(cases),
            (None, Some(time)) => Goal::Wall(time),
            (None, None) => Goal::Everything,
        }
    }

    /// Whether the search is to end here.
    pub(super) fn is_reached(&self, progress: &Progress, elapsed: Duration) -> bool {
        let is_quiet = |after: u64| progress.cases >= after && progress.quiet_for >= progress.cases / 2;
        self.time.is_some_and(|time| elapsed >= time)
            || self.quiet_after.is_some_and(is_quiet)
            || (self.fails_fast && progress.is_broken)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dupeproof_scenarios::search::Progress;

    use super::Enough;

    #[test]
    fn whatever_comes_first_ends_it() {
        let (none, second) = (Duration::ZERO, Duration::from_secs(1));
        let progress = Progress { cases: 1_000, quiet_for: 500, is_broken: true, ..Progress::default() };
        let reached = |enough: Enough| enough.is_reached(&progress, second);
        assert!(!reached(Enough::default()));
        assert!(reached(Enough { time: Some(second), ..Enough::default() }));
        assert!(!reached(Enough { time: Some(second + second), ..Enough::default() }));
        assert!(reached(Enough { quiet_after: Some(1_000), ..Enough::default() }));
        assert!(!reached(Enough { quiet_after: Some(1_001), ..Enough::default() }), "too few schedules to tell");
        assert!(reached(Enough { fails_fast: true, ..Enough::default() }));
        let loud = Progress { quiet_for: 499, is_broken: false, ..progress };
        assert!(!Enough { quiet_after: Some(1), fails_fast: true, ..Enough::default() }.is_reached(&loud, none));
    }
}
