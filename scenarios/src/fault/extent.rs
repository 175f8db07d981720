//! How large a fault is, where it has a size: what that is called, and how real it is.

use dupeproof_core::Span;
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault, Schedule};

use super::Fault;
use super::evidence::Evidence;
use crate::factor::Factor;
use crate::knob::Knob;
use crate::size::{Size, SizeUnit};

/// A second, in microseconds.
pub(super) const SECOND: i64 = 1_000_000;

/// One size of a fault; or a part of it that has a name and no size.
pub(crate) struct Extent {
    /// What a finding is said to need, with `{}` for the size: `a freeze of {}`.
    pub(crate) words: &'static str,
    /// The same where the size is below what is calm; empty if it never is.
    pub(crate) below: &'static str,
    /// What stands before a size below which the finding does not occur; empty where less is not milder.
    pub(crate) least: &'static str,
    pub(crate) of: ExtentOf,
    /// From which sizes on less is known than of the fault in general, the smallest first.
    pub(crate) beyond: &'static [Beyond],
}

/// What is known of a fault whose size is above this.
pub(crate) struct Beyond {
    /// In microseconds, parts per million, percent or kilobytes from what is calm, either way.
    pub(crate) above: i64,
    pub(crate) evidence: Evidence,
    /// As the source of a fault.
    pub(crate) source: &'static str,
}

/// Where a size stands in a schedule.
#[derive(Clone, Copy)]
pub(crate) enum ExtentOf {
    /// In steps of the timeline that have this field; none is calm.
    Steps(fn(&mut Action) -> Option<Field<'_>>),
    /// In a knob; its default is calm.
    Knob(&'static str),
    /// How late late requests of these classes are that meet this throughout.
    Lateness(&'static [RequestClass], RequestFault),
    /// These steps of the timeline, which have no size.
    Struck(fn(&Action) -> bool),
}

/// A field of a step that is a size.
pub(crate) enum Field<'a> {
    /// Microseconds.
    Span(&'a mut Span),
    /// Microseconds, either way.
    Offset(&'a mut i64),
}

impl Extent {
    /// One that does nothing, to be filled in.
    pub(super) const BLANK: Extent =
        Extent { words: "", below: "", least: "at least ", of: ExtentOf::Struck(|_| false), beyond: &[] };

    /// What is known of this size, if it is less than of the fault in general.
    pub(crate) fn beyond(&self, size: i64) -> Option<&'static Beyond> {
        let far = i64::try_from(size.unsigned_abs()).unwrap_or(i64::MAX);
        self.beyond.iter().rev().find(|beyond| far > beyond.above)
    }

    /// The largest size, either way, of which so much is known; `None` if that goes for every size.
    pub(crate) fn most(&self, evidence: Evidence) -> Option<i64> {
        self.beyond.iter().find(|beyond| beyond.evidence > evidence).map(|beyond| beyond.above)
    }

    /// A size in words: `a freeze of at least 46 s`, if less of it is known not to do.
    pub(crate) fn in_words(&self, value: i64, is_least: bool) -> String {
        let words = if value < 0 && !self.below.is_empty() { self.below } else { self.words };
        let least = if is_least { self.least } else { "" };
        let value = i64::try_from(value.unsigned_abs()).unwrap_or(i64::MAX);
        match self.size(value) {
            // However little is enough.
            Some(size) if size.value == 0 && !words.contains("up to {}") => words.replace(" {}", ""),
            Some(size) => words.replace("{}", &format!("{least}{size}")),
            None => words.to_owned(),
        }
    }

    /// A size with its unit; `None` for what has none.
    pub(crate) fn size(&self, value: i64) -> Option<Size> {
        let unit = match self.of {
            ExtentOf::Steps(_) | ExtentOf::Lateness(..) => SizeUnit::Seconds,
            ExtentOf::Knob(name) => knob(name).unit.of_size(),
            ExtentOf::Struck(_) => return None,
        };
        Some(Size { value, unit })
    }

    /// The smallest size beyond which less is known, and what is known of those.
    pub(crate) fn bounds(&self) -> impl Iterator<Item = (Size, &'static Beyond)> {
        self.beyond.iter().filter_map(|beyond| Some((self.size(beyond.above)?, beyond)))
    }

    /// The knob that it is.
    pub(crate) fn knob(&self) -> Option<&'static Knob> {
        match self.of {
            ExtentOf::Knob(name) => Some(knob(name)),
            _ => None,
        }
    }

    /// Whether it is that of steps of the timeline, which are factors by themselves.
    pub(crate) fn is_of_steps(&self) -> bool {
        matches!(self.of, ExtentOf::Steps(_) | ExtentOf::Struck(_))
    }

    /// What it counts as among the causes of a finding, where it is not that of steps.
    pub(crate) fn factor(&self, fault: Fault) -> Factor {
        let factors = Factor::all_of(fault);
        match self.of {
            // Requests that read come first.
            ExtentOf::Lateness(classes, _) if classes[0] != RequestClass::Read => factors[factors.len() - 1],
            _ => factors[0],
        }
    }

    /// Each place in a schedule where it stands, and how large it is there.
    pub(crate) fn sizes(&self, schedule: &Schedule) -> Vec<(usize, i64)> {
        let places = match self.of {
            ExtentOf::Steps(_) | ExtentOf::Struck(_) => schedule.timeline.len(),
            ExtentOf::Knob(name) => knob(name).places(schedule),
            ExtentOf::Lateness(..) => 1,
        };
        (0..places).filter_map(|place| Some((place, self.at(schedule, place)?))).collect()
    }

    /// How large it is in one place; `None` if it is calm there.
    fn at(&self, schedule: &Schedule, place: usize) -> Option<i64> {
        match self.of {
            ExtentOf::Steps(field) => {
                let mut action = schedule.timeline[place].action;
                field(&mut action).map(Field::get)
            }
            ExtentOf::Struck(is) => is(&schedule.timeline[place].action).then_some(0),
            ExtentOf::Lateness(classes, fault) => {
                let meets = |class: &RequestClass| schedule.services.faults.of(*class).of(fault) > 0;
                classes.iter().any(meets).then(|| micros(schedule.services.lateness.max))
            }
            ExtentOf::Knob(name) => {
                let (value, calm) = (knob(name).get(schedule, place), knob(name).default_value());
                (value != calm).then(|| value.saturating_mul(knob(name).unit.scale()))
            }
        }
    }

    /// Makes it so large in one place where it stands.
    pub(crate) fn set(&self, schedule: &mut Schedule, place: usize, value: i64) {
        match self.of {
            ExtentOf::Steps(field) => {
                if let Some(field) = field(&mut schedule.timeline[place].action) {
                    field.set(value);
                }
            }
            ExtentOf::Knob(name) => knob(name).set_with_partner(schedule, place, value / knob(name).unit.scale()),
            ExtentOf::Lateness(..) => {
                let lateness = &mut schedule.services.lateness;
                lateness.max = Span(value.unsigned_abs());
                lateness.min = lateness.min.min(lateness.max);
            }
            ExtentOf::Struck(_) => {}
        }
    }
}

impl Field<'_> {
    /// How large it is.
    pub(crate) fn get(self) -> i64 {
        match self {
            Field::Span(span) => micros(*span),
            Field::Offset(offset) => *offset,
        }
    }

    /// Makes it so large; a span has no sign.
    pub(crate) fn set(self, value: i64) {
        match self {
            Field::Span(span) => span.0 = value.unsigned_abs(),
            Field::Offset(offset) => *offset = value,
        }
    }
}

fn micros(span: Span) -> i64 {
    i64::try_from(span.0).unwrap_or(i64::MAX)
}

fn knob(name: &str) -> &'static Knob {
    Knob::named(name).unwrap_or_else(|| panic!("there is no knob `{name}`"))
}
