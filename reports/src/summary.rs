//! What a search found, as it is stored and printed: a format of its own, apart from the types of the search.

use std::path::Path;

use dupeproof_core::Span;
use dupeproof_scenarios::behaviour::BehaviourSeen;
use dupeproof_scenarios::bound::Exceeded;
use dupeproof_scenarios::failure::Scripts;
use dupeproof_scenarios::measure::{Share, Trades};
use dupeproof_scenarios::search::{Cause, Found};
use dupeproof_scenarios::{Belief, Evidence, SearchReport, Suite, Verdict};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, FindingKind, Global, Subject};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::args::{WhichArguments, network_name};
use crate::calm_run::CalmRun;
use crate::comparison::Comparison;
use crate::distribution::{self, Distribution};
use crate::exit::ExitCode;
use crate::failure_files::FailureFiles;
use crate::names::Names;
use crate::needed::{self, Needed};
use crate::record_diff::FieldChange;
use crate::step_at_fault::{Mechanism, StepAtFault};
use crate::stopped::{During, Stopped};
use crate::{calls, format, internal, reality, scripts, wording};

/// The format this version reads and writes.
pub const FORMAT: u32 = 9;

/// The JSON Schema of a [`Summary`].
pub const SCHEMA: &str = include_str!("summary/schema.json");

/// A search and its result: `summary.json`, and what `--json` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of dupeproof that searched.
    pub version: String,
    /// The suite.
    pub suite: String,
    /// The scenario file it was read from, if it is not built in.
    pub scenario: Option<String>,
    /// The world.
    pub world: String,
    /// Whether that world took the place of the suite's own.
    pub world_given: bool,
    /// What ran on the servers.
    pub subject: String,
    /// Its scripts, if it is not built in.
    #[serde(default)]
    pub scripts: Option<Scripts>,
    /// The network that carried the runs.
    pub network: Network,
    /// What was drawn, and can break a promise.
    pub believe: Belief,
    /// Whether that is not what the suite says.
    pub believe_given: bool,
    /// Faults that were left out because they are not believed.
    pub left_out: Vec<String>,
    /// Faults of which only believed sizes were drawn.
    pub limited: Vec<String>,
    /// The root seed.
    pub seed: u64,
    /// The first case that was run.
    pub first_case: u64,
    /// Schedules run: so many cases from that one on.
    pub schedules: u64,
    /// Simulated time of all schedules together.
    pub simulated_seconds: f64,
    /// Wall time of the search.
    pub wall_seconds: f64,
    /// CPU time over all cores.
    pub cpu_seconds: f64,
    /// The fingerprint of all runs, in order.
    pub digest: Digest,
    /// That it ended before it was done; null if it did not.
    #[serde(default)]
    pub stopped: Option<Stopped>,
    /// The numbers of its shards that were missing when it was merged.
    #[serde(default)]
    pub missing_shards: Vec<u32>,
    /// The verdict on the subject.
    pub verdict: Verdict,
    /// The calm run before the search.
    pub calm_run: CalmRun,
    /// Each kind found: those with the most real causes first, of these the worst.
    pub findings: Vec<FoundKind>,
    /// How often interesting things happened.
    pub coverage: IndexMap<String, u64>,
    /// How much of what happens together was seen, and how much may not have been.
    pub behaviour: BehaviourSeen,
    /// Mistakes of dupeproof itself, in sentences. All else is about the other schedules.
    #[serde(default)]
    pub internal_errors: Vec<String>,
    /// Bounds of the scenario file beyond which something was measured, in sentences.
    #[serde(default)]
    pub exceeded: Vec<String>,
    /// Probes that had to be seen and were not.
    pub unseen: Vec<String>,
    /// Promises that nothing in these runs could have broken.
    pub not_tried: Vec<NotTried>,
    /// Probes that had to be seen.
    #[serde(default)]
    pub must_see: Vec<String>,
    /// How many schedules are enough to see it all.
    #[serde(default)]
    pub must_see_after: u64,
    /// Waiting times of starts and costs of sessions, by name.
    #[serde(default)]
    pub measures: IndexMap<String, Distribution>,
    /// What became of the trades.
    #[serde(default)]
    pub trades: Trades,
    /// Of the starts of players who waited for the outcome, those that failed.
    #[serde(default)]
    pub refused_starts: Share,
    /// Of the sessions, those that ended for another server while their players were there.
    #[serde(default)]
    pub ended_by_others: Share,
    /// The subject's promises.
    pub contract: Promises,
    /// The suite's twin over the same cases, if it has one. It does not affect the verdict.
    #[serde(default)]
    pub comparison: Option<Comparison>,
}

/// `lost_s: 412 were measured, and the scenario file allows 330 (seconds of play that a crash cost)`.
fn exceeded(exceeded: &Exceeded) -> String {
    let [measured, allowed] = [exceeded.measured, exceeded.allowed].map(format::count);
    let (name, about) = (exceeded.bound.name, exceeded.bound.about);
    format!("{name}: {measured} measured, at most {allowed} allowed by the scenario file ({about})")
}

/// `12 of 1,204: 10 per 1,000`; `None` of none.
fn share_of(share: Share) -> Option<String> {
    let rate = share.rate()? * 1_000.0;
    Some(format!("{} of {}: {}", format::count(share.some), format::count(share.all), format::per_thousand(rate)))
}

/// A promise that was not tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotTried {
    /// The finding that could not come up.
    pub kind: FindingKind,
    /// Why.
    pub why: String,
}

/// One kind of finding over a whole search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundKind {
    /// The kind.
    pub kind: FindingKind,
    /// Schedules that showed it.
    pub count: u64,
    /// True: it breaks no promise of the suite, a known exposure. False: it breaks one.
    pub in_contract: bool,
    /// How real its most real cause is.
    pub evidence: Evidence,
    /// The root seed of the first schedule that showed it.
    pub first_seed: u64,
    /// The case of that schedule.
    pub first_case: u64,
    /// The longest it lasted; null for kinds that do not last.
    pub worst_seconds: Option<f64>,
    /// Of the schedules that showed it, how many were examined for causes.
    pub looked_at: u64,
    /// Its causes, at least one; the most real first, of these those with the fewest factors.
    pub causes: Vec<FoundCause>,
}

/// One cause of a kind of finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundCause {
    /// The names of the factors that it is made of; none if joining and leaving players are enough.
    pub needs: Vec<String>,
    /// The same, as large as they have to be, and what Roblox leaves open.
    pub conditions: Vec<Needed>,
    /// How real it is: as the least real of these.
    pub evidence: Evidence,
    /// Examined schedules that have this cause. A schedule can have several.
    pub count: u64,
    /// Steps of the schedule that was shrunk.
    pub steps: u64,
    /// Whether it also shows the finding at 60 Hz; null if this was not tried.
    pub at_60hz: Option<bool>,
    /// The shrunk schedule: a failure file. In `summary.json` relative to its directory.
    pub file: String,
    /// The step of that schedule after which the finding could not be helped; null if that is the finding itself.
    #[serde(default)]
    pub step_at_fault: Option<AtFault>,
    /// Where no step came before: the calls of the user's scripts that made what was found, the innermost first
    /// (`SCRIPT:LINE`, and the name of the function if it has one); none if they did nothing at that moment.
    #[serde(default)]
    pub calls: Vec<String>,
}

/// A step at fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtFault {
    /// When, in seconds since the start of the run.
    pub at_seconds: f64,
    /// What, in a sentence without a full stop.
    pub what: String,
    /// The JobId of the server that did it.
    pub server: String,
    /// The key that it wrote; null if it is no write.
    pub key: Option<String>,
    /// The calls of the user's scripts that did it, the innermost first: `SCRIPT:LINE`, and the name of the function if it has
    /// one; none if no script did.
    pub calls: Vec<String>,
    /// What it changed in the game's data, at most twelve fields; none if it is no write.
    pub changes: Vec<FieldChange>,
    /// Where one server takes what another relies on: what that one had done; null elsewhere.
    pub other_side: Option<OtherSide>,
    /// How it led to the finding, if the run shows that; null elsewhere.
    pub mechanism: Option<Mechanism>,
}

/// What the other server had done before a step at fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherSide {
    /// When, in seconds since the start of the run.
    pub at_seconds: f64,
    /// What, in a sentence without a full stop.
    pub what: String,
    /// The calls of the user's scripts that did it, the innermost first.
    pub calls: Vec<String>,
}

/// The promises of a suite: what its run holds a subject to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Promises {
    /// The subject in one line.
    pub about: String,
    /// Findings it must never show: its own promises, and what the suite forbids to every subject.
    pub never: Vec<FindingKind>,
    /// After everything is healed: the longest a start may take.
    pub start_bound_seconds: f64,
    /// After everything is healed and the players have left: how long final saves may take.
    pub drain_bound_seconds: f64,
}

/// What a search cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Wall time of the search.
    pub wall_seconds: f64,
    /// CPU time over all cores.
    pub cpu_seconds: f64,
}

/// What was searched.
#[derive(Clone, Copy)]
pub struct Searched<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// How it was asked for.
    pub which: &'a WhichArguments,
    /// What ran on the servers.
    pub subject: &'a dyn Subject,
    /// The network that carried the runs.
    pub network: Network,
    /// The root seed.
    pub seed: u64,
    /// The first case.
    pub first: u64,
}

impl Summary {
    /// Sums up, and keeps the failure file of each cause.
    pub fn of(
        searched: Searched<'_>,
        calm_run: CalmRun,
        report: &SearchReport,
        cost: Cost,
        failures: &mut FailureFiles,
    ) -> Summary {
        let left_out = searched.suite.left_out(searched.subject);
        Summary {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            suite: searched.suite.name.clone(),
            scenario: searched.which.drawn.scenario.as_ref().map(|file| file.display().to_string()),
            world: searched.suite.world.name.clone(),
            world_given: searched.which.drawn.world.is_some(),
            subject: searched.subject.name().into(),
            scripts: searched.which.scripts.named(),
            network: searched.network,
            believe: searched.suite.believe(),
            believe_given: searched.suite.believe() != searched.suite.own_belief(),
            left_out: left_out.faults.iter().map(|fault| fault.name().to_owned()).collect(),
            limited: left_out.sizes.iter().map(|fault| fault.name().to_owned()).collect(),
            seed: searched.seed,
            first_case: searched.first,
            schedules: report.cases,
            simulated_seconds: report.simulated.as_secs_f64(),
            wall_seconds: cost.wall_seconds,
            cpu_seconds: cost.cpu_seconds,
            digest: report.digest,
            stopped: None,
            missing_shards: Vec::new(),
            verdict: report.verdict,
            calm_run,
            findings: report.findings.iter().map(|found| FoundKind::of(found, searched.seed, failures)).collect(),
            coverage: report.coverage.iter().map(|(name, count)| (name.to_owned(), count)).collect(),
            behaviour: report.behaviour.clone(),
            internal_errors: internal::in_cases(&report.failed, &searched.suite.name, searched.seed),
            exceeded: report.exceeded.iter().map(exceeded).collect(),
            unseen: report.unseen.iter().map(|name| (*name).to_owned()).collect(),
            not_tried: report
                .not_tried
                .iter()
                .map(|(kind, why)| NotTried { kind: *kind, why: (*why).to_owned() })
                .collect(),
            must_see: searched
                .suite
                .must_see_of(searched.subject)
                .iter()
                .map(|probe| probe.name().to_owned())
                .collect(),
            must_see_after: searched.suite.must_see_after,
            measures: distribution::distributions(&report.measures),
            trades: report.measures.trades(),
            refused_starts: report.measures.refused(),
            ended_by_others: report.measures.ended_by_others(),
            contract: Promises::of(searched.suite, searched.subject),
            comparison: None,
        }
    }

    /// The same of a search that ended before it was done: what was not broken until then is not known to be safe.
    #[must_use]
    pub fn stopped(mut self, stopped: Option<Stopped>) -> Summary {
        if stopped.as_ref().is_some_and(|stopped| stopped.during == During::Running) && self.verdict == Verdict::Safe {
            self.verdict = Verdict::Unknown;
        }
        self.stopped = stopped;
        self
    }

    /// The exit code of the run: whatever was found, a mistake of dupeproof itself comes first.
    pub fn exit_code(&self) -> ExitCode {
        match self.verdict {
            _ if !self.internal_errors.is_empty() => ExitCode::Unknown,
            Verdict::Safe | Verdict::Unknown if !self.missing_shards.is_empty() => ExitCode::Unknown,
            Verdict::Safe | Verdict::Unknown if self.stopped.is_some() => ExitCode::Stopped,
            verdict => verdict.into(),
        }
    }

    /// With the failure files' paths as seen from where the process runs.
    #[must_use]
    pub fn located(mut self, directory: &Path) -> Summary {
        for cause in self.findings.iter_mut().flat_map(|found| &mut found.causes) {
            cause.file = directory.join(&cause.file).display().to_string();
        }
        for file in self.comparison.iter_mut().flat_map(Comparison::files_mut) {
            *file = directory.join(&*file).display().to_string();
        }
        self
    }

    /// The promises that something in the run could have broken.
    pub fn promises_tried(&self) -> u64 {
        let idle = |kind: &FindingKind| self.not_tried.iter().any(|not_tried| not_tried.kind == *kind);
        self.contract.never.iter().filter(|kind| !idle(kind)).count() as u64
    }

    /// The verdict in one sentence.
    pub fn sentence(&self) -> String {
        match &self.stopped {
            Some(stopped) if stopped.during == During::Running && self.verdict == Verdict::Unknown => format!(
                "Unknown: {} ({} of simulated time); until then, `{}` broke no promise",
                stopped.words("schedule"),
                format::span(self.simulated_seconds),
                self.subject
            ),
            Some(stopped) => format!("{}; {}", self.verdict_sentence(), stopped.words("schedule")),
            None => self.verdict_sentence(),
        }
    }

    fn verdict_sentence(&self) -> String {
        let tried = format!(
            "{} ({} of simulated time)",
            format::counted(self.schedules, "schedule"),
            format::span(self.simulated_seconds)
        );
        let promises = self.promises_tried();
        let tried = if self.not_tried.is_empty() {
            tried
        } else {
            format!("{tried}, with {} not tried", format::counted(self.not_tried.len() as u64, "promise"))
        };
        match self.verdict {
            Verdict::Safe => {
                let promises = format::counted(promises, "promise");
                format!("Safe: in {tried}, `{}` broke none of the {promises} of this suite", self.subject)
            }
            Verdict::Unsafe => {
                let broken: Vec<&FoundKind> = self.findings.iter().filter(|found| !found.in_contract).collect();
                let bounds = format::counted(self.exceeded.len() as u64, "bound");
                let bounds = format!("exceeded {bounds} of its scenario file");
                let broken = match (broken.len(), self.exceeded.len()) {
                    (0, _) => bounds,
                    (count, exceeded) => {
                        let promises = format::counted(promises, "promise");
                        let more = if exceeded > 0 { format!(", and {bounds}") } else { String::new() };
                        let kinds = reality::of_all(broken.into_iter());
                        format!("broke {count} of the {promises} of this suite: {kinds}{more}")
                    }
                };
                format!("Unsafe: in {tried}, `{}` {broken}", self.subject)
            }
            Verdict::Broken => format!(
                "Broken: `{}` does not work even in a calm world, so nothing was judged: {}",
                self.subject,
                self.calm_run.headline()
            ),
            Verdict::Unknown if promises == 0 => format!(
                "Unknown: {tried} give no verdict on `{}`: in world `{}`, suite `{}` forbids no finding, so there is no promise to \
                 break",
                self.subject, self.world, self.suite
            ),
            Verdict::Unknown if self.is_short() => format!(
                "Unknown: in {tried}, `{}` broke no promise, but these are too few schedules for a verdict: {} of {} {} not seen; \
                 run at least {}",
                self.subject,
                self.unseen.len(),
                format::counted(self.must_see.len() as u64, "probe"),
                if self.unseen.len() == 1 { "was" } else { "were" },
                format::count(self.must_see_after)
            ),
            Verdict::Unknown => format!(
                "Unknown: in {tried}, `{}` broke no promise, but too little happened to call it safe; never seen: {}",
                self.subject,
                self.unseen.join(", ")
            ),
        }
    }

    /// The probes that were not seen, and whether so many schedules should have shown them; `None` if all were seen.
    pub fn unseen_words(&self) -> Option<String> {
        let why =
            if self.is_short() { "not seen in so few schedules" } else { "never seen, though it should have been" };
        (!self.unseen.is_empty()).then(|| format!("{why}: {}", self.unseen.join(", ")))
    }

    /// The same, with their number instead of their names if so few schedules are no wonder.
    pub fn unseen_in_short(&self) -> Option<String> {
        if !self.is_short() {
            return self.unseen_words();
        }
        let probes = format::counted(self.unseen.len() as u64, "probe");
        (!self.unseen.is_empty()).then(|| format!("not seen in so few schedules: {probes} (--verbose names them)"))
    }

    /// What share of starts and of sessions players would complain of, in words: what is counted, and how often it was.
    pub fn share_words(&self) -> impl Iterator<Item = (&'static str, String)> {
        let shares = [
            ("starts that failed while the player waited", self.refused_starts),
            ("sessions that ended for another server", self.ended_by_others),
        ];
        shares.into_iter().filter_map(|(about, share)| Some((about, share_of(share)?)))
    }

    /// The promises that were not tried, by reason: `not tried, since no purchase was granted: PurchaseLost, ...`.
    pub fn not_tried_words(&self) -> Vec<String> {
        let mut reasons: IndexMap<&str, Vec<&str>> = IndexMap::new();
        for NotTried { kind, why } in &self.not_tried {
            reasons.entry(why).or_default().push(kind.name());
        }
        reasons.iter().map(|(why, kinds)| format!("not tried: {} ({why})", kinds.join(", "))).collect()
    }

    /// The findings that would break a promise if their causes were believed; `None` if there are none.
    pub fn disbelieved_words(&self) -> Option<String> {
        let disbelieved = || self.findings.iter().filter(|found| self.is_disbelieved(found));
        disbelieved().next()?;
        let believe = self.believe.name();
        Some(format!("no promise is broken with --believe {believe} by {}", reality::of_all(disbelieved())))
    }

    /// Whether a finding would break a promise if its causes were believed.
    pub fn is_disbelieved(&self, found: &FoundKind) -> bool {
        found.in_contract && self.contract.never.contains(&found.kind)
    }

    /// What the schedules lack because it is not believed; `None` if nothing.
    pub fn left_out_words(&self) -> Option<String> {
        let mut parts = Vec::new();
        if !self.left_out.is_empty() {
            parts.push(self.left_out.join(", "));
        }
        if !self.limited.is_empty() {
            parts.push(format!("larger sizes of {}", self.limited.join(", ")));
        }
        let (name, about) = (self.believe.name(), self.believe.about());
        (!parts.is_empty()).then(|| {
            format!(
                "left out, since only {about} counts (--believe {name}; `all` leaves nothing out): {}",
                parts.join("; ")
            )
        })
    }

    /// Why items may be duplicated or lost here without a broken promise; `None` unless they were, and were swapped in memory.
    pub fn exposure_words(&self) -> Option<String> {
        let of_items = |found: &&FoundKind| {
            found.in_contract && matches!(found.kind, FindingKind::ItemDuplicated | FindingKind::ItemLost)
        };
        let kinds: Vec<&str> = self.findings.iter().filter(of_items).map(|found| found.kind.name()).collect();
        let swapped = self.coverage.get("items_moved").is_some_and(|count| *count > 0);
        // Where nothing is forbidden, the world is the reason.
        (swapped && !kinds.is_empty() && !self.contract.never.is_empty()).then(|| {
            format!(
                "{}: this suite swaps items in memory between two profiles, which are saved one after the other; no lock on \
                 single profiles can make that safe",
                kinds.join(" and ")
            )
        })
    }

    /// Whether fewer schedules ran than it takes to see everything.
    fn is_short(&self) -> bool {
        self.schedules < self.must_see_after
    }

    /// The failure file of the worst finding that breaks a promise.
    pub fn worst_file(&self) -> Option<&Path> {
        let worst = self.findings.iter().find(|found| !found.in_contract)?;
        worst.causes.first().map(|cause| Path::new(&cause.file))
    }

    /// Each cause of each finding, in order.
    pub fn causes(&self) -> impl Iterator<Item = (&FoundKind, &FoundCause)> {
        self.findings.iter().flat_map(|found| found.causes.iter().map(move |cause| (found, cause)))
    }

    /// The command that runs this search again and gives the same digest.
    pub fn again(&self) -> String {
        // Where shards are missing, those that ran do not follow each other.
        let whole = self.stopped.filter(|_| !self.missing_shards.is_empty()).and_then(|stopped| stopped.of);
        self.command(whole.or(Some(self.schedules)).filter(|cases| *cases > 0))
    }

    /// `seed 1, cases 0 to 999`.
    pub fn cases_words(&self) -> String {
        let last = (self.first_case + self.schedules).saturating_sub(1);
        format!("seed {}, cases {} to {last}", self.seed, self.first_case)
    }

    /// The command that runs so many cases of this search, or as many as fit into its time.
    pub fn command(&self, cases: Option<u64>) -> String {
        let world = self.world_given.then_some(&*self.world);
        let from = format::schedules_words(self.scenario.as_deref(), &self.suite, world);
        let believe = format::believe_words(self.believe, !self.believe_given);
        let subject = self.scripts.as_ref().map_or_else(|| format!("--subject {}", self.subject), scripts::arguments);
        format!(
            "dupeproof run {from} {subject}{believe}{}{} --seed {} --network {}",
            if self.first_case > 0 { format!(" --first-case {}", self.first_case) } else { String::new() },
            cases.map_or_else(String::new, |cases| format!(" --cases {cases}")),
            self.seed,
            network_name(self.network)
        )
    }
}

impl FoundKind {
    fn of(found: &Found, seed: u64, failures: &mut FailureFiles) -> FoundKind {
        FoundKind {
            kind: found.kind,
            count: found.cases,
            in_contract: !found.breaks_contract,
            evidence: found.evidence(),
            first_seed: seed,
            first_case: found.first_case,
            worst_seconds: found.worst.map(Span::as_secs_f64),
            looked_at: found.looked_at,
            causes: found.causes.iter().map(|cause| FoundCause::of(cause, failures)).collect(),
        }
    }
}

impl FoundCause {
    fn of(cause: &Cause, failures: &mut FailureFiles) -> FoundCause {
        FoundCause {
            needs: cause.needs.iter().map(|need| need.name().to_owned()).collect(),
            conditions: Needed::all(&cause.conditions),
            evidence: cause.evidence(),
            count: cause.cases,
            steps: cause.failure.schedule.timeline.len() as u64,
            at_60hz: None,
            file: failures.keep(cause.failure.clone()),
            step_at_fault: None,
            calls: Vec::new(),
        }
    }

    /// What it needs, in a few words.
    pub fn words(&self) -> String {
        needed::words(&self.conditions)
    }
}

impl AtFault {
    /// A step of a run whose records have these names.
    pub fn of(step: &StepAtFault, names: &Names) -> AtFault {
        AtFault {
            at_seconds: step.at.since(Global(0)).as_secs_f64(),
            what: names.in_text(step.text.clone()),
            server: wording::job(step.server),
            key: step.key.as_ref().map(|key| names.in_text(key.to_string())),
            calls: calls::listed(step.calls.as_deref()),
            changes: step.changes.clone(),
            other_side: step.other_side.as_ref().map(|side| OtherSide {
                at_seconds: side.at.since(Global(0)).as_secs_f64(),
                what: names.in_text(side.text.clone()),
                calls: calls::listed(side.calls.as_deref()),
            }),
            mechanism: step.mechanism,
        }
    }
}

impl Promises {
    fn of(suite: &Suite, subject: &dyn Subject) -> Promises {
        let contract = subject.contract();
        Promises {
            about: subject.about().into(),
            never: suite.forbidden(subject),
            start_bound_seconds: contract.start_bound.as_secs_f64(),
            drain_bound_seconds: contract.drain_bound.as_secs_f64(),
        }
    }
}
