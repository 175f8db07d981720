//! Times become round and plausible: steps follow one another at a second's distance, or at as many as the finding needs.

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::schedule::{Action, Schedule, Step};

use super::number::{TRIES, smaller};
use super::{Attempt, changed};
use crate::factor::TRAVEL;

/// What people leave between other things that they do.
const PAUSE: Span = Span::secs(1);

/// With one step, and all after it, at a plausible distance from the step before; else at half the distance, and so on.
pub(super) fn gap(schedule: &Schedule, index: usize) -> Attempt {
    let (place, attempt) = (index / (TRIES + 1), index % (TRIES + 1));
    if place >= schedule.timeline.len() {
        return Attempt::Over;
    }
    let gap = distance(&schedule.timeline, place).0;
    let plausible = plausible(&schedule.timeline[..=place]).0;
    let other = match attempt.checked_sub(1) {
        None => Some(plausible),
        Some(attempt) if gap > plausible => {
            let more = i64::try_from(gap - plausible).unwrap_or(i64::MAX);
            smaller(more, attempt).map(|less| plausible + less.unsigned_abs())
        }
        Some(0) => Some(super::number::round_up(gap)),
        Some(_) => None,
    };
    match other {
        Some(other) => changed(schedule, |simpler| move_from(simpler, place, gap, other)),
        None => Attempt::Skip,
    }
}

/// How long after the step before it a step comes.
fn distance(timeline: &[Step], place: usize) -> Span {
    let before = place.checked_sub(1).map_or(Span::ZERO, |before| timeline[before].at);
    Span(timeline[place].at.0 - before.0)
}

/// How long after the steps before it the last of these steps is to come.
fn plausible(timeline: &[Step]) -> Span {
    let Some((last, before)) = timeline.split_last() else { return PAUSE };
    let Action::Command { server, command: Command::Join(player) | Command::Steal(player) } = last.action else {
        return PAUSE;
    };
    // Not from where: two devices are two servers at once.
    let left = before.iter().rev().find_map(|step| match step.action {
        Action::Command { server: from, command: Command::Leave(who) } if who == player => Some((from, step.at)),
        _ => None,
    });
    let Some((_, left)) = left.filter(|(from, _)| *from != server) else { return PAUSE };
    let since = before.last().map_or(Span::ZERO, |step| Span(step.at.0 - left.0));
    Span(TRAVEL.0.saturating_sub(since.0).max(PAUSE.0))
}

/// A step, and all after it, at another distance from the step before.
fn move_from(schedule: &mut Schedule, place: usize, gap: u64, other: u64) {
    let at = |at: Span| Span((at.0 + other).saturating_sub(gap));
    for later in &mut schedule.timeline[place..] {
        later.at = at(later.at);
    }
    schedule.length = at(schedule.length);
}
