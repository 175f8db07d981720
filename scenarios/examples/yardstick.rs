//! How long the search takes to find each deliberate mistake of the core: the table in `scenarios/proofs/YARDSTICK.md`.
//!
//! `cargo run --release -p dupeproof-scenarios --example yardstick [-- SEEDS SCHEDULES [MISTAKE...]]` searches with so many
//! seeds (20), each for at most so many schedules (20,000), and prints for each mistake with how many seeds it was found, by which
//! findings, after how many schedules and milliseconds of CPU (median and 95th percentile of the seeds; *more than* where it was
//! not found), and how long the schedule is that was made short.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cpu_time::ThreadTime;
use dupeproof_core::{Config, Sabotage};
use dupeproof_scenarios::shrink::shrink;
use dupeproof_scenarios::subjects::core::CoreSubject;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::network::Network;
use dupeproof_sim::{FindingKind, Schedule, Subject};
use rayon::prelude::*;

/// The binary's allocator, so that figures are the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Which mistake shows itself in which suites.
const FOUND: &str = include_str!("../tests/it/sabotage_found.txt");

/// How often the shortest schedule is tried for.
const TRIES: u32 = 2_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, else_: u64| arguments.get(index).map_or(else_, |text| text.parse().expect("a number"));
    let (seeds, most) = (number(0, 20), number(1, 20_000));
    let wanted = arguments.get(2..).unwrap_or_default();
    let mistakes = mistakes().into_iter().filter(|mistake| wanted.is_empty() || wanted.contains(&mistake.name()));
    let rows: Vec<Row> = mistakes.collect::<Vec<_>>().par_iter().map(|mistake| mistake.row(seeds, most)).collect();
    println!("| mistake | suite | found | by | schedules, median | p95 | CPU ms, median | p95 | steps |");
    println!("|---|---|---|---|---|---|---|---|---|");
    rows.iter().for_each(|row| println!("{}", row.line));
    let mut medians: Vec<f64> = rows.iter().map(|row| row.median_ms).collect();
    medians.sort_by(f64::total_cmp);
    let at = |percent: usize| medians[(medians.len() - 1) * percent / 100];
    println!(
        "\nOf {} mistakes, CPU ms at the median: {:.0}, at the 90th percentile: {:.0}.",
        rows.len(),
        at(50),
        at(90)
    );
}

/// A mistake, and the suites that are searched for it in turn.
struct Mistake {
    sabotage: Sabotage,
    suites: Vec<&'static Suite>,
}

struct Row {
    line: String,
    median_ms: f64,
}

/// What one seed came to.
struct Search {
    /// The first finding that the core promises never to show.
    found: Option<(FindingKind, Schedule)>,
    schedules: u64,
    took: Duration,
}

/// Those of the core that single suites of ours show.
fn mistakes() -> Vec<Mistake> {
    let named: BTreeMap<String, Sabotage> =
        Sabotage::ALL.iter().map(|mistake| (format!("{mistake:?}"), *mistake)).collect();
    let lines = FOUND.lines().filter(|line| !line.starts_with('#'));
    let parsed = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        let sabotage = *named.get(words.next()?)?;
        let suites: Option<Vec<_>> = words.next()?.split('+').map(Suite::named).collect();
        Some(Mistake { sabotage, suites: suites? })
    });
    parsed.collect()
}

impl Mistake {
    fn name(&self) -> String {
        format!("{:?}", self.sabotage)
    }

    fn row(&self, seeds: u64, most: u64) -> Row {
        let subject = self.subject();
        let searches: Vec<Search> = (1..=seeds).map(|seed| self.search(&subject, seed, most)).collect();
        let found = || searches.iter().filter_map(|search| search.found.as_ref());
        let kinds: BTreeSet<&str> = found().map(|(kind, _)| kind.name()).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let shrunk = |(kind, schedule): &(FindingKind, Schedule)| {
            shrink(schedule, self.suites[0], *kind, &subject, Network::Event, TRIES)
        };
        let steps = found().next().and_then(shrunk);
        let steps = steps.map_or_else(String::new, |shrunk| shrunk.schedule.timeline.len().to_string());
        let suites: Vec<&str> = self.suites.iter().map(|suite| &*suite.name).collect();
        let mut order: Vec<&Search> = searches.iter().collect();
        order.sort_by_key(|search| (search.found.is_none(), search.schedules));
        let at = |percent: usize| order[(order.len() - 1) * percent / 100];
        let told = |search: &Search, number: String| {
            if search.found.is_none() { format!("more than {number}") } else { number }
        };
        let schedules = |percent| told(at(percent), at(percent).schedules.to_string());
        let milliseconds = |percent| told(at(percent), format!("{:.0}", at(percent).took.as_secs_f64() * 1e3));
        let line = format!(
            "| {} | {} | {} of {seeds} | {} | {} | {} | {} | {} | {steps} |",
            self.name(),
            suites.join(", "),
            found().count(),
            kinds.join(", "),
            schedules(50),
            schedules(95),
            milliseconds(50),
            milliseconds(95),
        );
        Row { line, median_ms: at(50).took.as_secs_f64() * 1e3 }
    }

    /// What a full queue does shows only where queues are short.
    fn subject(&self) -> CoreSubject {
        let mut config = Config { sabotage: Some(self.sabotage), ..Config::default() };
        if matches!(self.sabotage, Sabotage::FullQueueIsDone | Sabotage::RefusedGiftHasArrived) {
            config.max_message_queue = 5;
        }
        CoreSubject::with_config(config)
    }

    fn search(&self, subject: &dyn Subject, seed: u64, most: u64) -> Search {
        let began = ThreadTime::now();
        let turns = self.suites.len() as u64;
        for number in 0..most {
            let suite = self.suites[usize::try_from(number % turns).expect("it is small")];
            let schedule = suite.schedule(seed, number / turns, subject.name());
            let result = run_case(&schedule, subject, Network::Event, &mut ());
            let kind = result.findings.iter().map(|finding| finding.kind()).find(|kind| suite.forbids(*kind, subject));
            if let Some(kind) = kind {
                return Search { found: Some((kind, schedule)), schedules: number + 1, took: began.elapsed() };
            }
        }
        Search { found: None, schedules: most, took: began.elapsed() }
    }
}
