//! The results of each case, kept in a file, so that something else can be compared with them later.

use std::path::Path;

use dupeproof_luau::input_file::{self, RECORD_MAX};
use dupeproof_scenarios::measure::CASE_MEASURES;
use dupeproof_scenarios::{JsonHeader, Score, Suite};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, FindingKind};
use indexmap::IndexMap;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::escape;
use crate::fingerprint::Code;
use crate::replay::CUT_OFF;

/// The format this version reads and writes.
pub const FORMAT: u32 = 1;

/// The cases of one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedCases {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of dupeproof that ran them.
    pub version: String,
    /// What ran on the servers.
    pub subject: String,
    /// The fingerprint of what ran them.
    #[serde(default)]
    pub code: Code,
    /// The network that carried the runs.
    pub network: Network,
    /// The root seed.
    pub seed: u64,
    /// One for each suite, in order.
    pub suites: Vec<SavedSuite>,
}

/// The cases of one suite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedSuite {
    /// The suite.
    pub suite: String,
    /// The scenario file it was read from, if it is not built in.
    pub scenario: Option<String>,
    /// The world.
    pub world: String,
    /// Whether that world took the place of the suite's own.
    pub world_given: bool,
    /// A digest of the first schedules.
    pub drawn: Digest,
    /// Cases that ran: 0 to this one less one.
    pub cases: u64,
    /// Those without a result.
    pub failed: Vec<u64>,
    /// The cases that showed each kind of finding.
    pub findings: IndexMap<FindingKind, Vec<u64>>,
    /// By measure, a number for each case; null if nothing of the kind happened in it.
    pub measures: IndexMap<String, Vec<Option<u32>>>,
}

impl SavedCases {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is not one that this version understands.
    pub fn read(path: &Path) -> Result<SavedCases, CliError> {
        let shown = escape::path(path);
        let hint = "give a file that `dupeproof compare` or `dupeproof run --save-cases` has written";
        let text = input_file::text(path, RECORD_MAX)
            .map_err(|error| CliError::new(format!("`{shown}` could not be read: {error}")).hint(hint))?;
        let header = JsonHeader::read(&text).map_err(|error| {
            let error_text = format!("`{shown}` is not a file of results: {error}");
            CliError::new(error_text).hint(if error.is_eof() { CUT_OFF } else { hint })
        })?;
        match header.number("format") {
            Some(format) if format == u64::from(FORMAT) && is_saved(&header, &text) => {}
            Some(format) if is_saved(&header, &text) => {
                return Err(CliError::new(format!("`{shown}` has format {format}, and this version reads {FORMAT}"))
                    .hint("run the base again with this version"));
            }
            _ => return Err(CliError::new(format!("`{shown}` is not a file of results")).hint(hint)),
        }
        let saved: SavedCases = serde_json::from_str(&text)
            .map_err(|error| CliError::new(format!("`{shown}` is not a file of results: {error}")).hint(hint))?;
        match saved.suites.iter().find(|suite| !suite.is_whole()) {
            Some(suite) => Err(CliError::new(format!("`{shown}`: the cases of `{}` are not complete", suite.suite))
                .hint("run the base again")),
            None => Ok(saved),
        }
    }

    /// As a file's text.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string(self).expect("results are plain data");
        format!("{json}\n")
    }
}

/// Whether a file is one of these.
pub fn is_ours(text: &str) -> bool {
    JsonHeader::read(text).is_ok_and(|header| is_saved(&header, text))
}

fn is_saved(header: &JsonHeader, text: &str) -> bool {
    /// What no other file of ours has, in any version.
    #[derive(Deserialize)]
    struct Suites {
        suites: Vec<Drawn>,
    }
    #[derive(Deserialize)]
    struct Drawn {
        #[serde(rename = "drawn")]
        _drawn: IgnoredAny,
    }
    let in_suite = || serde_json::from_str::<Suites>(text).is_ok_and(|file| !file.suites.is_empty());
    ["format", "version", "subject", "seed"].iter().all(|field| header.has(field)) && in_suite()
}

impl SavedSuite {
    /// Writes down what the cases of a suite showed, from case 0 on.
    pub fn of(
        suite: &Suite,
        scenario: Option<&Path>,
        world_given: bool,
        seed: u64,
        scores: &[Option<Score>],
    ) -> SavedSuite {
        let numbered = || (0..).zip(scores);
        let showing = |kind: FindingKind| {
            let shows = |(case, score): (u64, &Option<Score>)| score.as_ref()?.shows(kind).then_some(case);
            (kind, numbered().filter_map(shows).collect::<Vec<u64>>())
        };
        let measured = |place: usize| {
            let of_case = |score: &Option<Score>| score.as_ref().and_then(|score| score.measured(place));
            (CASE_MEASURES[place].name.to_owned(), scores.iter().map(of_case).collect())
        };
        SavedSuite {
            suite: suite.name.clone(),
            scenario: scenario.map(|file| file.display().to_string()),
            world: suite.world.name.clone(),
            world_given,
            drawn: suite.drawn(seed),
            cases: scores.len() as u64,
            failed: numbered().filter(|(_, score)| score.is_none()).map(|(case, _)| case).collect(),
            findings: FindingKind::ALL.into_iter().map(showing).filter(|(_, cases)| !cases.is_empty()).collect(),
            measures: (0..CASE_MEASURES.len()).map(measured).collect(),
        }
    }

    /// The scores of its cases, in order. A measure that the file does not have was not measured.
    pub fn scores(&self) -> Vec<Option<Score>> {
        let cases = self.measures.values().next().map_or(0, Vec::len);
        let mut scores = vec![Score::default(); cases];
        for (kind, showing) in &self.findings {
            let places = showing.iter().filter_map(|case| usize::try_from(*case).ok());
            places.for_each(|case| scores[case].show(*kind));
        }
        for (place, measure) in CASE_MEASURES.iter().enumerate() {
            let numbers = self.measures.get(measure.name).into_iter().flatten();
            scores.iter_mut().zip(numbers).for_each(|(score, number)| score.measure(place, *number));
        }
        let kept = |(score, case): (Score, u64)| (!self.failed.contains(&case)).then_some(score);
        scores.into_iter().zip(0..).map(kept).collect()
    }

    /// Whether each measure has a number for each case, and each finding is of one of them.
    fn is_whole(&self) -> bool {
        let all = |numbers: &Vec<Option<u32>>| numbers.len() as u64 == self.cases;
        let within = |cases: &Vec<u64>| cases.iter().all(|case| *case < self.cases);
        !self.measures.is_empty() && self.measures.values().all(all) && self.findings.values().all(within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_read_again() {
        let suite = &Suite::all()[0];
        let mut score = Score::default();
        score.show(FindingKind::LostUpdate);
        score.measure(0, Some(7));
        let scores = [Some(score), None, Some(Score::default())];
        let saved = SavedSuite::of(suite, None, false, 1, &scores);
        assert!(saved.is_whole());
        assert_eq!(saved.scores(), scores);
        assert_ne!(saved.drawn, SavedSuite::of(suite, None, false, 2, &scores).drawn);
    }
}
