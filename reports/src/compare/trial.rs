//! Both sides run the same cases, until the answer is clear or there are no more.

use std::ops::ControlFlow;

use dupeproof_scenarios::pairing::{Answers, LOOKS, Look, Paired};
use dupeproof_scenarios::search::Progress;
use dupeproof_scenarios::{Pairing, Score, Search};

use super::side::{Drawn, Runner, Side, Sides};
use crate::internal;
use crate::progress::{Goal, ProgressLine};
use crate::stopwatch::Stopwatch;

/// What came of it.
pub(super) struct Trial {
    /// By suite, the score of each case.
    pub(super) base: Vec<Vec<Option<Score>>>,
    pub(super) candidate: Vec<Vec<Option<Score>>>,
    pub(super) answers: Answers,
    /// Mistakes of dupeproof itself, in sentences.
    pub(super) internal_errors: Vec<String>,
}

impl Trial {
    /// Runs what has not run before.
    pub(super) fn of(sides: &Sides, jobs: usize) -> Trial {
        let runs = [&sides.base, &sides.candidate].into_iter().filter(|side| side.subject().is_some()).count() as u64;
        let all = sides.suites.iter().fold(0, |all: u64, drawn| all.saturating_add(drawn.cases));
        let mut run = Run { sides, jobs, watch: Watch::new(all.saturating_mul(runs)), internal_errors: Vec::new() };
        let none = || vec![Vec::new(); sides.suites.len()];
        let (mut base, mut candidate) = (none(), none());
        for look in LOOKS {
            run.up_to(look, &sides.base, &mut base);
            run.up_to(look, &sides.candidate, &mut candidate);
            let pairs = base.iter().zip(&candidate).map(|(base, candidate)| Paired { base, candidate });
            let answers = Pairing { suites: pairs.collect() }.answers(look);
            if look.is_last() || answers.are_clear() {
                run.watch.line.finish();
                return Trial { base, candidate, answers, internal_errors: run.internal_errors };
            }
        }
        unreachable!("one look is the last")
    }

    /// The scores of a case on both sides.
    pub(super) fn scores(&self, suite: usize, case: u64) -> Option<(&Score, &Score)> {
        let place = usize::try_from(case).ok()?;
        Some((self.base.get(suite)?.get(place)?.as_ref()?, self.candidate.get(suite)?.get(place)?.as_ref()?))
    }
}

/// What runs, and who watches it.
struct Run<'a> {
    sides: &'a Sides,
    jobs: usize,
    watch: Watch,
    internal_errors: Vec<String>,
}

impl Run<'_> {
    /// Adds the cases that this look waits for.
    fn up_to(&mut self, look: Look, side: &Side, scores: &mut [Vec<Option<Score>>]) {
        for (place, drawn) in self.sides.suites.iter().enumerate() {
            let cases = look.cases(drawn.cases);
            match &side.runner {
                Runner::Saved(saved) => {
                    let kept = usize::try_from(cases).unwrap_or(usize::MAX);
                    scores[place] = saved.suites[place].scores().into_iter().take(kept).collect();
                }
                Runner::Runs(_) => self.run(side, drawn, cases, &mut scores[place]),
            }
        }
    }

    fn run(&mut self, side: &Side, drawn: &Drawn, cases: u64, scores: &mut Vec<Option<Score>>) {
        let (Some(subject), &Sides { network, seed, .. }) = (side.subject(), self.sides) else { return };
        let search = Search { suite: &drawn.suite, subject, network, seed, cases, jobs: self.jobs };
        let watch = &mut self.watch;
        let survey = search.scored(scores.len() as u64, &mut |progress| watch.tick(progress));
        self.watch.add();
        scores.extend(survey.scores);
        let place = format!("{} of `{}`", drawn.suite.name, side.name);
        self.internal_errors.extend(internal::in_cases(&survey.failed, &place, seed));
    }
}

/// The progress of all of it.
struct Watch {
    line: ProgressLine,
    stopwatch: Stopwatch,
    /// Up to the search that runs.
    before: Progress,
    now: Progress,
}

impl Watch {
    fn new(cases: u64) -> Watch {
        let (before, now) = (Progress::default(), Progress::default());
        Watch { line: ProgressLine::new(Goal::Cases(cases)), stopwatch: Stopwatch::start(), before, now }
    }

    fn tick(&mut self, progress: Progress) -> ControlFlow<()> {
        self.now = Progress {
            cases: self.before.cases + progress.cases,
            simulated: self.before.simulated + progress.simulated,
            with_findings: self.before.with_findings + progress.with_findings,
        };
        self.line.tick(self.now, self.stopwatch.wall());
        ControlFlow::Continue(())
    }

    /// The search that ran is over.
    fn add(&mut self) {
        self.before = self.now;
    }
}
