//! Names in files, of things that are known elsewhere.

use dupeproof_sim::FindingKind;
use serde::de::{Deserialize, Deserializer, Error};

use crate::belief::Belief;
use crate::coverage::Probe;
use crate::suggest;

/// A probe's name: something that must be seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProbeName(pub(super) Probe);

/// How real something must be to count.
#[derive(Clone, Copy, Debug)]
pub(super) struct BeliefName(pub(super) Belief);

/// A finding's name, or `all`.
#[derive(Clone, Debug)]
pub(super) struct FindingNames(pub(super) Vec<FindingKind>);

/// A name that can be part of a file's.
#[derive(Clone, Debug)]
pub(super) struct OwnName(pub(super) String);

impl<'de> Deserialize<'de> for ProbeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ProbeName, D::Error> {
        let name = String::deserialize(deserializer)?;
        let names = Probe::ALL.iter().map(|probe| probe.name());
        Probe::named(&name).map(ProbeName).ok_or_else(|| Error::custom(suggest::unknown("probe", &name, names)))
    }
}

impl<'de> Deserialize<'de> for BeliefName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BeliefName, D::Error> {
        let name = String::deserialize(deserializer)?;
        let names = Belief::ALL.iter().map(|belief| belief.name());
        Belief::named(&name).map(BeliefName).ok_or_else(|| Error::custom(suggest::unknown("belief", &name, names)))
    }
}

impl<'de> Deserialize<'de> for FindingNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FindingNames, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == "all" {
            return Ok(FindingNames(FindingKind::ALL.to_vec()));
        }
        let found = FindingKind::ALL.into_iter().find(|kind| kind.name() == name);
        let names = FindingKind::ALL.map(FindingKind::name).into_iter().chain(["all"]);
        found
            .map(|kind| FindingNames(vec![kind]))
            .ok_or_else(|| Error::custom(suggest::unknown("finding", &name, names)))
    }
}

impl<'de> Deserialize<'de> for OwnName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OwnName, D::Error> {
        let name = String::deserialize(deserializer)?;
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if name.is_empty() || name.len() > 60 || !name.chars().all(plain) {
            return Err(Error::custom(format!(
                "name: `{}` is not 1 to 60 lower-case letters, digits and underscores",
                suggest::shown(&name)
            )));
        }
        Ok(OwnName(name))
    }
}
