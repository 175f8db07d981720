//! Both sides run the same cases, until the answer is clear or there are no more.

use std::ops::ControlFlow;

use dupeproof_scenarios::pairing::{Answers, LOOKS, Look, Paired};
use dupeproof_scenarios::search::Progress;
use dupeproof_scenarios::{Pairing, Score, Search};

use super::side::{Drawn, Runner, Side, Sides};
use crate::error::CliError;
use crate::internal;
use crate::output;
use crate::progress::{Goal, ProgressLine};
use crate::stopped::{During, Stopped, Why};
use crate::stopwatch::Stopwatch;

/// What came of it.
pub(super) struct Trial {
    /// By suite, the score of each case that the answers are about.
    pub(super) base: Scores,
    pub(super) candidate: Scores,
    /// All cases that have run: more, if it was stopped between two looks.
    pub(super) kept: Kept,
    pub(super) answers: Answers,
    pub(super) stopped: Option<Stopped>,
    /// Mistakes of dupeproof itself, in sentences.
    pub(super) internal_errors: Vec<String>,
}

/// The scores of cases, by suite.
pub(super) type Scores = Vec<Vec<Option<Score>>>;

/// What has run on both sides.
#[derive(Clone, Default)]
pub(super) struct Kept {
    pub(super) base: Scores,
    pub(super) candidate: Scores,
}

impl Trial {
    /// Runs what has not run before. What has run is told now and then, to be written down; if that fails, it ends.
    pub(super) fn of(
        sides: &Sides,
        mut kept: Kept,
        jobs: usize,
        keep: &mut dyn FnMut(&Kept) -> Result<(), CliError>,
    ) -> Trial {
        let runs = [&sides.base, &sides.candidate].into_iter().filter(|side| side.subject().is_some()).count() as u64;
        let all = sides.suites.iter().fold(0, |all: u64, drawn| all.saturating_add(drawn.cases));
        let mut run = Run { sides, jobs, watch: Watch::new(all.saturating_mul(runs)), internal_errors: Vec::new() };
        let mut answered = (None, sides.answers(&kept, None));
        let mut why = None;
        for look in LOOKS {
            run.up_to(look, &sides.base, &mut kept.base);
            let written = keep(&kept);
            run.up_to(look, &sides.candidate, &mut kept.candidate);
            let written = written.and_then(|()| keep(&kept));
            let is_whole = sides.have_run(&kept, look);
            if is_whole {
                answered = (Some(look), sides.answers(&kept, Some(look)));
            }
            why = written.err().map(|error| {
                output::say(error);
                Why::Unwritable
            });
            if why.is_none() && !is_whole {
                why = Some(Why::Signal);
            }
            if why.is_some() || look.is_last() || answered.1.are_clear() {
                break;
            }
        }
        run.watch.line.finish();
        let (look, answers) = answered;
        let stopped = why.filter(|_| !answers.are_clear() && !look.is_some_and(Look::is_last)).map(|why| Stopped {
            after: answers.pairs,
            of: Some(all),
            why,
            during: During::Running,
        });
        let [base, candidate] = [&kept.base, &kept.candidate].map(|scores| sides.up_to(scores, look));
        Trial { base, candidate, kept, answers, stopped, internal_errors: run.internal_errors }
    }

    /// The scores of a case on both sides.
    pub(super) fn scores(&self, suite: usize, case: u64) -> Option<(&Score, &Score)> {
        let place = usize::try_from(case).ok()?;
        Some((self.base.get(suite)?.get(place)?.as_ref()?, self.candidate.get(suite)?.get(place)?.as_ref()?))
    }
}

impl Sides {
    /// The scores that a look sees; none before the first.
    fn up_to(&self, scores: &[Vec<Option<Score>>], look: Option<Look>) -> Scores {
        let of_suite = |(drawn, scores): (&Drawn, &Vec<Option<Score>>)| {
            let cases = look.map_or(0, |look| look.cases(drawn.cases));
            let cases = usize::try_from(cases).unwrap_or(usize::MAX);
            scores.iter().take(cases).copied().collect()
        };
        self.suites.iter().zip(scores).map(of_suite).collect()
    }

    /// What a look says; nothing before the first.
    fn answers(&self, kept: &Kept, look: Option<Look>) -> Answers {
        let [base, candidate] = [&kept.base, &kept.candidate].map(|scores| self.up_to(scores, look));
        let pairs = base.iter().zip(&candidate).map(|(base, candidate)| Paired { base, candidate });
        Pairing { suites: pairs.collect() }.answers(look.unwrap_or(LOOKS[0]))
    }

    /// Whether both sides have all cases that a look waits for.
    fn have_run(&self, kept: &Kept, look: Look) -> bool {
        let has = |scores: &Scores| {
            self.suites.iter().zip(scores).all(|(drawn, scores)| scores.len() as u64 >= look.cases(drawn.cases))
        };
        has(&kept.base) && has(&kept.candidate)
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
        let first = scores.len() as u64;
        let cases = cases.saturating_sub(first);
        let search = Search { suite: &drawn.suite, subject, network, seed, first, cases, jobs: self.jobs };
        let watch = &mut self.watch;
        let survey = search.scored(&mut |progress| watch.tick(progress));
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
            ..progress
        };
        self.line.tick(self.now, self.stopwatch.wall());
        ControlFlow::Continue(())
    }

    /// The search that ran is over.
    fn add(&mut self) {
        self.before = self.now;
    }
}
