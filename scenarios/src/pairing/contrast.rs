//! Why one side of a pair is worse: its schedule, shrunk for as long as one side shows it and the other does not.

use dupeproof_sim::network::Network;
use dupeproof_sim::{FindingKind, Schedule, Subject};
use rayon::prelude::*;

use super::Question;
use crate::case::{CaseResult, try_case, try_shows};
use crate::condition::Condition;
use crate::factor::Factor;
use crate::failure::{FailureFile, FoundBy};
use crate::finding::Finding;
use crate::guard::{Ended, InternalError, guarded};
use crate::score::Score;
use crate::shrink::shortened;
use crate::suite::Suite;
use crate::workers;

/// Two subjects, and how their schedules are run.
#[derive(Clone, Copy)]
pub struct Contrast<'a> {
    /// The family of schedules.
    pub suite: &'a Suite,
    /// What the candidate is compared with; `None` if only its results are known.
    pub base: Option<&'a dyn Subject>,
    /// What is worse.
    pub candidate: &'a dyn Subject,
    /// Which network.
    pub network: Network,
    /// The root seed.
    pub seed: u64,
    /// How many shorter schedules may be tried.
    pub tries: u32,
}

/// A case that is worse, shrunk.
#[derive(Clone, Debug)]
pub struct Contrasted {
    /// What the difference needs; empty if players who join and leave are enough.
    pub needs: Vec<Factor>,
    /// The same with their sizes, each with what is known of it.
    pub conditions: Vec<Condition>,
    /// The short schedule, for which the candidate is worse and the base is not.
    pub schedule: Schedule,
    /// The finding in it, as a file that replays; `None` for a measure.
    pub failure: Option<FailureFile>,
}

impl Contrast<'_> {
    /// Shrinks one case. `scores` are those of the base and of the candidate. `None` if the case does not show the difference
    /// again, which it does unless what runs has changed.
    ///
    /// # Errors
    /// With the mistake of this program that came up meanwhile.
    pub fn cause(
        &self,
        question: Question,
        case: u64,
        scores: (&Score, &Score),
    ) -> Result<Option<Contrasted>, InternalError> {
        let schedule = unrefused(guarded(|| self.suite.schedule(self.seed, case, self.candidate.name())))?;
        // Of a measure, half of the difference has to stay.
        let (before, after) = (question.number(scores.0).unwrap_or(0), question.number(scores.1).unwrap_or(0));
        let gap = (question.worse_by(before, after) + 1) / 2;
        let worse = |schedule: &Schedule| match question {
            Question::Finding(kind) => self.finds(kind, schedule),
            Question::Measure(_) => self.lags(question, (before, gap), schedule),
        };
        let mut error = None;
        let holds = |schedule: &Schedule| match unrefused(worse(schedule)) {
            Ok(worse) => worse,
            Err(found) => {
                error.get_or_insert(found);
                false
            }
        };
        let short = shortened(&schedule, self.suite, self.tries, self.candidate.pace(), holds);
        if let Some(error) = error {
            return Err(error);
        }
        let Some((schedule, is_least)) = short else { return Ok(None) };
        let (result, ()) = unrefused(try_case(&schedule, self.candidate, self.network, || ()))?;
        let conditions = Condition::all_in(&schedule, &result.coverage, is_least);
        let failure = question.kind().and_then(|kind| self.failure(kind, case, &schedule, &result));
        Ok(Some(Contrasted { needs: Factor::all_in(&schedule), conditions, schedule, failure }))
    }

    /// Whether the candidate shows a kind of finding, and the base does not.
    fn finds(&self, kind: FindingKind, schedule: &Schedule) -> Result<bool, Ended> {
        if !try_shows(schedule, kind, self.candidate, self.network)? {
            return Ok(false);
        }
        match self.base {
            Some(base) => Ok(!try_shows(&for_subject(schedule, base), kind, base, self.network)?),
            None => Ok(true),
        }
    }

    /// Whether the candidate's number is worse than the base's by this gap at least; `before` is the base's in the whole case.
    fn lags(&self, question: Question, (before, gap): (u32, i64), schedule: &Schedule) -> Result<bool, Ended> {
        let Some(after) = self.number(question, schedule, self.candidate)? else { return Ok(false) };
        let before = match self.base {
            Some(base) => self.number(question, &for_subject(schedule, base), base)?,
            None => Some(before),
        };
        Ok(before.is_some_and(|before| question.worse_by(before, after) >= gap))
    }

    fn number(&self, question: Question, schedule: &Schedule, subject: &dyn Subject) -> Result<Option<u32>, Ended> {
        let (result, ()) = try_case(schedule, subject, self.network, || ())?;
        Ok(question.number(&Score::of(&result)))
    }

    fn failure(&self, kind: FindingKind, case: u64, schedule: &Schedule, result: &CaseResult) -> Option<FailureFile> {
        let by = FoundBy { suite: self.suite, subject: self.candidate, network: self.network, seed: self.seed, case };
        let found = |finding: &Finding| FailureFile::found(by, schedule.clone(), finding.clone(), result.end.digest);
        result.first(kind).map(found)
    }
}

/// One case of a contrast that is to be shrunk.
#[derive(Clone, Copy)]
pub struct WorseCase<'a> {
    /// Between whom.
    pub contrast: Contrast<'a>,
    /// In what it is worse.
    pub question: Question,
    /// Which case.
    pub case: u64,
    /// The scores of the base and of the candidate.
    pub scores: (&'a Score, &'a Score),
}

/// Shrinks each, on so many threads; the results are in the order of the cases.
pub fn causes(cases: &[WorseCase<'_>], jobs: usize) -> Vec<Result<Option<Contrasted>, InternalError>> {
    let cause = |worse: &WorseCase<'_>| worse.contrast.cause(worse.question, worse.case, worse.scores);
    workers::pool_within(jobs).install(|| cases.par_iter().map(cause).collect())
}

/// The same schedule for another subject.
fn for_subject(schedule: &Schedule, subject: &dyn Subject) -> Schedule {
    Schedule { subject: subject.name().to_owned(), ..schedule.clone() }
}

/// What something came to, if this program made no mistake.
fn unrefused<T>(ended: Result<T, Ended>) -> Result<T, InternalError> {
    ended.map_err(|ended| match ended {
        Ended::Internal(error) => error,
        Ended::Refused(refusal) => refusal.raise(),
    })
}
