//! What a finding needs: factors, at the size that they have in a schedule, each with what is known of it.

use dupeproof_core::Span;
use dupeproof_sim::schedule::Schedule;

use crate::coverage::{Coverage, Probe};
use crate::factor::{Factor, Intervention};
use crate::fault::{Evidence, Extent, Fault};
use crate::left_open;
use crate::size::{Size, SizeUnit};

/// One thing that a schedule needs to show its finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The factor; `None` for what Roblox leaves open.
    pub factor: Option<Factor>,
    /// The fault, or the knob, that it is; `None` for what players, a game or an admin do.
    pub name: Option<&'static str>,
    /// How large it is, if it has a size; the largest of several.
    pub size: Option<Size>,
    /// How often it is in the schedule, or struck, if that is known.
    pub times: Option<u64>,
    /// How much is known of it at that size.
    pub evidence: Evidence,
    /// Where that is from.
    pub source: &'static str,
    /// It in words: `a freeze of at least 46 s`.
    pub words: String,
}

impl Condition {
    /// Those of a schedule; `coverage` is of its run. `is_least`: with any size smaller, to two digits, the finding is known
    /// not to occur.
    pub fn all_in(schedule: &Schedule, coverage: &Coverage, is_least: bool) -> Vec<Condition> {
        let there = Fault::ALL.iter().copied().filter(|fault| fault.without(schedule).is_some());
        let mut all: Vec<Condition> = there.flat_map(|fault| of_fault(fault, schedule, coverage, is_least)).collect();
        let done = Intervention::ALL.iter().filter(|done| Factor::Intervention(**done).is_in(schedule));
        all.extend(done.map(|done| of_intervention(*done, schedule, is_least)));
        all.extend(left_open::all_in(schedule).map(|(knob, value)| Condition {
            factor: None,
            name: Some(knob.name),
            size: None,
            times: None,
            evidence: left_open::evidence(knob),
            source: knob.about,
            words: knob.in_words(value),
        }));
        all
    }

    /// Of all together: as real as the least real of them.
    pub fn evidence(all: &[Condition]) -> Evidence {
        all.iter().map(|condition| condition.evidence).max().unwrap_or(Evidence::Ordinary)
    }
}

/// A fault, by each of its sizes and parts that the schedule has.
fn of_fault(fault: Fault, schedule: &Schedule, coverage: &Coverage, is_least: bool) -> Vec<Condition> {
    let sized = fault.extents().iter().filter_map(|extent| of_extent(fault, extent, schedule, is_least));
    let mut all: Vec<Condition> = sized.collect();
    for factor in Factor::all_of(fault) {
        let is_said = all.iter().any(|condition| condition.factor == Some(factor));
        if !is_said && factor.is_met_by_requests(fault, schedule) {
            all.push(plain(fault, factor, None));
        }
    }
    // Beside single requests, others that meet it by chance.
    let is_of_steps = all.iter().all(|condition| condition.times.is_some());
    if all.is_empty() || (is_of_steps && fault.strikes_by_chance(schedule)) {
        let factor = Factor::all_of(fault)[0];
        let steps = schedule.timeline.iter().filter(|step| Fault::of_action(&step.action) == Some(fault)).count();
        let struck = Probe::of_fault(fault).next().filter(|_| fault.is_by_chance()).map(|probe| coverage.of(probe));
        all.push(plain(fault, factor, struck.or((steps > 0).then_some(steps as u64))));
    }
    all
}

/// Without a size.
fn plain(fault: Fault, factor: Factor, times: Option<u64>) -> Condition {
    Condition {
        factor: Some(factor),
        name: Some(fault.name()),
        size: None,
        times,
        evidence: fault.evidence(),
        source: fault.source(),
        words: repeated(fault.words().to_owned(), times),
    }
}

fn of_extent(fault: Fault, extent: &Extent, schedule: &Schedule, is_least: bool) -> Option<Condition> {
    let sizes = extent.sizes(schedule);
    let value = largest(&sizes)?;
    let times = extent.is_of_steps().then_some(sizes.len() as u64);
    let factor = match times {
        Some(_) => Factor::of_action(&schedule.timeline[sizes[0].0].action)?,
        None => extent.factor(fault),
    };
    let (evidence, source) = match extent.beyond(value) {
        Some(beyond) => (beyond.evidence, beyond.source),
        None => (fault.evidence(), fault.source()),
    };
    Some(Condition {
        factor: Some(factor),
        name: Some(fault.name()),
        size: extent.size(value),
        times,
        evidence,
        source,
        words: repeated(extent.in_words(value, is_least), times),
    })
}

/// The largest, either way; of clocks that are off both ways, how far they are apart.
fn largest(sizes: &[(usize, i64)]) -> Option<i64> {
    let values = || sizes.iter().map(|(_, value)| *value);
    let (least, most) = (values().min()?, values().max()?);
    Some(if least < 0 && most > 0 {
        most.saturating_sub(least)
    } else if most > 0 {
        most
    } else {
        least
    })
}

/// What players, a game or an admin do.
fn of_intervention(done: Intervention, schedule: &Schedule, is_least: bool) -> Condition {
    let factor = Factor::Intervention(done);
    let size = factor
        .longest_stay(schedule)
        .map(|Span(micros)| Size { value: i64::try_from(micros).unwrap_or(i64::MAX), unit: SizeUnit::Seconds });
    let words = match size {
        Some(size) => format!("a stay of {}{size}", if is_least { "at least " } else { "" }),
        None => factor.about().to_owned(),
    };
    let (evidence, source) = (done.evidence(), done.source());
    Condition { factor: Some(factor), name: None, size, times: None, evidence, source, words }
}

/// `a crash`, `a crash, 2 times`.
fn repeated(words: String, times: Option<u64>) -> String {
    match times {
        Some(times) if times > 1 => format!("{words}, {times} times"),
        _ => words,
    }
}
