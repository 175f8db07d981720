//! A suite and its twin side by side: the same random schedules, with one thing done differently.

use std::collections::BTreeSet;
use std::fmt;

use dupeproof_scenarios::search::Found;
use dupeproof_scenarios::{SearchReport, Suite};
use dupeproof_sim::{Digest, FindingKind};
use serde::{Deserialize, Serialize};

use crate::failure_files::FailureFiles;
use crate::format;

/// The result of a suite's twin over the same seed and cases. It does not affect the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The twin.
    pub twin: String,
    /// The twin in one line.
    pub about: String,
    /// Schedules of the twin that ran.
    pub schedules: u64,
    /// The fingerprint of the twin's runs, in order.
    pub digest: Digest,
    /// Each kind that either showed, worst first.
    pub kinds: Vec<Compared>,
}

/// One kind of finding in a suite and in its twin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The kind.
    pub kind: FindingKind,
    /// In the suite.
    pub here: Rate,
    /// In its twin.
    pub twin: Rate,
    /// The first schedule of the twin that showed it, shrunk: a failure file. Null if none did.
    pub file: Option<String>,
}

/// How often a kind was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Schedules that showed it.
    pub count: u64,
    /// Of a thousand.
    pub per_thousand: f64,
}

impl Comparison {
    /// Puts two searches side by side, and keeps the failure file of each kind that the twin showed.
    pub fn of(report: &SearchReport, twin: &Suite, other: &SearchReport, failures: &mut FailureFiles) -> Comparison {
        let found = |report: &SearchReport| report.findings.iter().map(|found| found.kind).collect::<BTreeSet<_>>();
        let either = &found(report) | &found(other);
        let mut compared = |kind: FindingKind| {
            let of = |report: &SearchReport| Rate::of(report.findings.iter().find(|found| found.kind == kind), report);
            let shown = other.findings.iter().find(|found| found.kind == kind);
            Compared {
                kind,
                here: of(report),
                twin: of(other),
                file: shown.map(|found| failures.keep(found.causes[0].failure.clone())),
            }
        };
        Comparison {
            twin: twin.name.clone(),
            about: twin.about.clone(),
            schedules: other.cases,
            digest: other.digest,
            kinds: FindingKind::ALL.into_iter().filter(|kind| either.contains(kind)).map(&mut compared).collect(),
        }
    }

    /// Where the twin's failure files are, to be changed.
    pub fn files_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.kinds.iter_mut().filter_map(|compared| compared.file.as_mut())
    }
}

/// `312 schedules, 16 per 1,000`, or `none`.
impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            0 => formatter.write_str("none"),
            count => {
                write!(formatter, "{}, {}", format::counted(count, "schedule"), format::per_thousand(self.per_thousand))
            }
        }
    }
}

impl Rate {
    fn of(found: Option<&Found>, report: &SearchReport) -> Rate {
        let count = found.map_or(0, |found| found.cases);
        #[expect(clippy::cast_precision_loss, reason = "a rate, for people")]
        let per_thousand = count as f64 * 1e3 / report.cases.max(1) as f64;
        Rate { count, per_thousand }
    }
}
