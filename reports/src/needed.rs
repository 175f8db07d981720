//! What a cause needs, as it is stored and shown.

use dupeproof_scenarios::{Condition, Evidence, Size};
use serde::{Deserialize, Serialize};

use crate::format;

/// One condition of a cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Needed {
    /// Its factor; null for what Roblox leaves open.
    pub factor: Option<String>,
    /// The fault or the knob that it is; null for what players, a game or an admin do.
    pub name: Option<String>,
    /// How large it is; null for what has no size.
    pub value: Option<f64>,
    /// What that counts: seconds, ppm, percent, kilobytes.
    pub unit: Option<String>,
    /// How often it is there, if that is known.
    pub times: Option<u64>,
    /// How real it is at that size.
    pub evidence: Evidence,
    /// Where that is from.
    pub source: String,
    /// In words.
    pub words: String,
}

impl Needed {
    /// Those of a cause.
    pub fn all(conditions: &[Condition]) -> Vec<Needed> {
        conditions.iter().map(Needed::of).collect()
    }

    fn of(condition: &Condition) -> Needed {
        Needed {
            factor: condition.factor.map(|factor| factor.name().to_owned()),
            name: condition.name.map(str::to_owned),
            value: condition.size.map(Size::in_unit),
            unit: condition.size.map(|size| size.unit.name().to_owned()),
            times: condition.times,
            evidence: condition.evidence,
            source: condition.source.to_owned(),
            words: condition.words.clone(),
        }
    }
}

/// More conditions than this are only counted: they are those of a schedule that was not shrunk to the end.
const TOLD: usize = 8;

/// All together, in a few words.
pub fn words(all: &[Needed]) -> String {
    if all.is_empty() { "no fault".into() } else { joined(all.iter(), " + ") }
}

/// The first of them, and how many there are beside.
pub fn joined<'a>(all: impl Iterator<Item = &'a Needed>, between: &str) -> String {
    let mut words: Vec<&str> = all.map(|needed| &*needed.words).collect();
    let more = words.len().saturating_sub(TOLD);
    words.truncate(TOLD);
    let more =
        if more > 0 { format!("{between}{}", format::counted(more as u64, "other condition")) } else { String::new() };
    format!("{}{more}", words.join(between))
}
