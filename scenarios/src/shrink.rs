//! Makes a failing schedule short.

mod chosen;

use std::sync::Arc;

use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, FindingKind, Pace, Schedule, Subject};
use proptest::strategy::ValueTree;

use crate::case::{try_case, try_shows};
use crate::coverage::Coverage;
use crate::factor::Factor;
use crate::finding::Finding;
use crate::guard::{Ended, InternalError};
use crate::stop;
use crate::strategy::{ScheduleTree, Shape};
use crate::suite::Suite;

/// A schedule that shows a finding of the same kind and is as short as could be made in `tries` runs.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The short schedule.
    pub schedule: Schedule,
    /// The first finding of that kind in it.
    pub finding: Finding,
    /// The fingerprint of its run.
    pub digest: Digest,
    /// What its run saw.
    pub coverage: Coverage,
    /// Whether no number in it can be smaller: with any of them less, to two digits, it does not show the finding.
    pub is_least: bool,
    /// Runs spent.
    pub tries: u32,
    /// A run that came to no end by a mistake of this program, if one did: it counts as one without the finding.
    pub error: Option<InternalError>,
}

/// Shrinks by re-running candidates, along the same tree that proptest would: they stay schedules of the suite. `None` if the schedule itself does not
/// show such a finding.
pub fn shrink(
    schedule: &Schedule,
    suite: &Suite,
    kind: FindingKind,
    subject: &dyn Subject,
    network: Network,
    tries: u32,
) -> Option<Shrunk> {
    shrink_watched(schedule, suite, kind, subject, network, tries, &|| ())
}

/// The same, and tells of each run before it is made.
pub(crate) fn shrink_watched(
    schedule: &Schedule,
    suite: &Suite,
    kind: FindingKind,
    subject: &dyn Subject,
    network: Network,
    tries: u32,
    running: &dyn Fn(),
) -> Option<Shrunk> {
    let mut error = None;
    let mut shows = |schedule: &Schedule| {
        running();
        sure(try_shows(schedule, kind, subject, network), &mut error).unwrap_or(false)
    };
    if !shows(schedule) {
        return None;
    }
    let mut search = Shortening::of(schedule, &suite.shape, tries, subject.pace());
    let mut is_least = search.shorten(&mut shows);
    // What requests meet by chance becomes what single requests meet, so that it can be said which.
    if !search.is_over()
        && let Some(chosen) = chosen::chosen(&search.short, subject, network)
    {
        search.spent += 2;
        if shows(&chosen) {
            search.short = chosen;
            is_least = search.shorten(&mut shows);
        }
    }
    is_least &= !suite.shape.is_held(&search.short);
    let Shortening { short, spent, .. } = search;
    // What was looked at so far may have ended with the finding; if the rest of the run fails, the first schedule is kept.
    let whole = |schedule: &Schedule| try_case(schedule, subject, network, || ()).map(|(result, ())| result);
    let (schedule, result, is_least) = match sure(whole(&short), &mut error) {
        Some(result) => (short, result, is_least),
        None => (schedule.clone(), sure(whole(schedule), &mut error)?, false),
    };
    let finding = result.first(kind).expect("it has just shown one").clone();
    let (digest, coverage) = (result.end.digest, result.coverage);
    Some(Shrunk { schedule, finding, digest, coverage, is_least, tries: spent, error })
}

/// A schedule of which `holds` is true and that is as short as could be made in `tries` looks, and whether that was the end of
/// it; `None` if it does not hold of the schedule itself.
pub(crate) fn shortened(
    schedule: &Schedule,
    suite: &Suite,
    tries: u32,
    pace: Pace,
    mut holds: impl FnMut(&Schedule) -> bool,
) -> Option<(Schedule, bool)> {
    if !holds(schedule) {
        return None;
    }
    let mut search = Shortening::of(schedule, &suite.shape, tries, pace);
    let is_least = search.shorten(&mut holds);
    Some((search.short, is_least))
}

/// When somebody asks to stop, a schedule may still be shrunk by so many runs, where thousands take a second: nobody reads one that
/// was not shrunk at all.
const GRACE_QUICK: u32 = 1_000;

/// The same for virtual machines.
const GRACE_SLOW: u32 = 20;

/// A schedule that is made short.
struct Shortening {
    /// The shortest that shows the finding so far.
    short: Schedule,
    /// Runs spent, of so many.
    spent: u32,
    tries: u32,
    /// How many more there may be from the moment at which somebody asks to stop.
    grace: u32,
    shape: Arc<Shape>,
}

impl Shortening {
    fn of(schedule: &Schedule, shape: &Arc<Shape>, tries: u32, pace: Pace) -> Shortening {
        let grace = match pace {
            Pace::Quick => GRACE_QUICK,
            Pace::Slow => GRACE_SLOW,
        };
        Shortening { short: schedule.clone(), spent: 1, tries, grace, shape: Arc::clone(shape) }
    }

    /// Whether no run is left.
    fn is_over(&mut self) -> bool {
        if self.grace > 0 && stop::is_asked() {
            self.tries = self.tries.min(self.spent + self.grace);
            self.grace = 0;
        }
        self.spent >= self.tries
    }

    /// Takes out one factor that is not needed; whether there was one. The tree keeps what it cannot take out without bringing
    /// about something else that players do.
    fn does_without(&mut self, shows: &mut impl FnMut(&Schedule) -> bool) -> bool {
        for factor in Factor::all_in(&self.short) {
            let mut without = self.short.clone();
            factor.take_out(&mut without);
            self.shape.hold(&mut without, &self.short);
            if without == self.short {
                continue;
            }
            if self.is_over() {
                return false;
            }
            self.spent += 1;
            if shows(&without) {
                self.short = without;
                return true;
            }
        }
        false
    }

    /// Makes it as short as it gets without anything that is not needed, and says whether that was the end of it, or there were
    /// too few tries.
    fn shorten(&mut self, shows: &mut impl FnMut(&Schedule) -> bool) -> bool {
        let mut is_least = self.simplify(shows);
        while self.does_without(shows) {
            is_least = self.simplify(shows);
        }
        is_least
    }

    /// Follows the tree to its end, if there are tries enough.
    fn simplify(&mut self, shows: &mut impl FnMut(&Schedule) -> bool) -> bool {
        let mut tree = ScheduleTree::of(self.short.clone(), Arc::clone(&self.shape));
        let mut more = tree.simplify();
        while more && !self.is_over() {
            let candidate = tree.current();
            self.spent += 1;
            more = if shows(&candidate) {
                self.short = candidate;
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
        !more
    }
}

/// What a run came to; the first mistake of this program is kept.
fn sure<T>(ended: Result<T, Ended>, error: &mut Option<InternalError>) -> Option<T> {
    match ended {
        Ok(result) => Some(result),
        Err(Ended::Refused(refusal)) => refusal.raise(),
        Err(Ended::Internal(found)) => {
            error.get_or_insert(found);
            None
        }
    }
}
