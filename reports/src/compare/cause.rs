//! Why the candidate is worse: a schedule for each finding that got worse, shrunk.

use dupeproof_scenarios::pairing::{Answer, Change, Contrast, Contrasted, Place, WorseCase, causes as shrunk};
use dupeproof_scenarios::{Condition, FailureFile};
use dupeproof_sim::Pace;

use super::side::Sides;
use super::trial::Trial;
use crate::internal;
use crate::output;

/// Shorter schedules that are tried for one case, where thousands run in a second.
const TRIES_QUICK: u32 = 2_000;

/// The same for virtual machines.
const TRIES_SLOW: u32 = 200;

/// Cases of each finding that are shrunk; one of them is shown.
const CASES: usize = 2;

/// The cause of one answer.
pub(super) struct Cause {
    /// The answer, by its place among all.
    pub(super) answer: usize,
    /// The case that was shrunk.
    pub(super) place: Place,
    pub(super) needs: Vec<String>,
    pub(super) conditions: Vec<Condition>,
    /// Steps of the shrunk schedule.
    pub(super) steps: u64,
    /// `None` for a measure.
    pub(super) failure: Option<FailureFile>,
}

/// What was found, and what went wrong meanwhile.
#[derive(Default)]
pub(super) struct Causes {
    pub(super) found: Vec<Cause>,
    pub(super) internal_errors: Vec<String>,
}

/// The cause of each finding that got worse; if none did, of the first measure that did.
pub(super) fn causes(sides: &Sides, trial: &Trial, jobs: usize) -> Causes {
    let Some(candidate) = sides.candidate.subject() else { return Causes::default() };
    let slow = candidate.pace() == Pace::Slow;
    let asked = asked(&trial.answers.all);
    if slow && !asked.is_empty() {
        output::note("shrinking the schedules that got worse");
    }
    let case = |place: Place, answer: usize| {
        let suite = &sides.suites[place.suite].suite;
        let tries = if slow { TRIES_SLOW } else { TRIES_QUICK };
        let (base, network, seed) = (sides.base.subject(), sides.network, sides.seed);
        let contrast = Contrast { suite, base, candidate, network, seed, tries };
        let scores = trial.scores(place.suite, place.case)?;
        Some(WorseCase { contrast, question: trial.answers.all[answer].question, case: place.case, scores })
    };
    let cases: Vec<WorseCase<'_>> = asked.iter().filter_map(|(answer, place)| case(*place, *answer)).collect();
    let mut causes = Causes::default();
    for ((answer, place), result) in asked.into_iter().zip(shrunk(&cases, jobs)) {
        match result {
            Ok(Some(contrasted)) => causes.add(cause(sides, answer, place, contrasted)),
            Ok(None) => {}
            Err(error) => {
                let place = format!("in case {} of seed {} made shorter", place.case, sides.seed);
                causes.internal_errors.push(internal::one(&place, &error));
            }
        }
    }
    causes
}

/// The cases to shrink, each with the place of its answer.
fn asked(answers: &[Answer]) -> Vec<(usize, Place)> {
    let worse = || answers.iter().enumerate().filter(|(_, answer)| answer.change == Change::Worse);
    let finds = |answer: &Answer| answer.question.is_finding();
    let findings = || worse().filter(|(_, answer)| finds(answer));
    let chosen: Vec<(usize, &Answer)> =
        if findings().next().is_some() { findings().collect() } else { worse().take(1).collect() };
    let places = |(place, answer): (usize, &Answer)| {
        answer.worse_places.iter().take(CASES).map(|case| (place, *case)).collect::<Vec<_>>()
    };
    chosen.into_iter().flat_map(places).collect()
}

fn cause(sides: &Sides, answer: usize, place: Place, contrasted: Contrasted) -> Cause {
    let Contrasted { needs, conditions, schedule, failure } = contrasted;
    let scripts = sides.candidate.scripts().cloned();
    Cause {
        answer,
        place,
        needs: needs.iter().map(|need| need.name().to_owned()).collect(),
        conditions,
        steps: schedule.timeline.len() as u64,
        failure: failure.map(|failure| FailureFile { scripts, ..failure }),
    }
}

impl Causes {
    /// Keeps the one of each answer that is most real, then the one that needs least.
    fn add(&mut self, cause: Cause) {
        let size = |cause: &Cause| (Condition::evidence(&cause.conditions), cause.needs.len(), cause.steps);
        match self.found.iter_mut().find(|other| other.answer == cause.answer) {
            Some(other) if size(&cause) < size(other) => *other = cause,
            Some(_) => {}
            None => self.found.push(cause),
        }
    }
}
