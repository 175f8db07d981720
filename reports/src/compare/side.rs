//! The two sides of a comparison, and the schedules that both run.

use std::path::{Path, PathBuf};

use dupeproof_scenarios::belief::Belief;
use dupeproof_scenarios::failure::Scripts;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Score, Suite};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Pace, Subject};

use crate::args::{BeliefName, CompareArguments, ScriptArguments, SuiteArguments, WhichArguments, network_name};
use crate::by_name::{self, Available};
use crate::error::CliError;
use crate::fingerprint::Code;
use crate::format;
use crate::saved_cases::{self, SavedCases, SavedSuite};
use crate::scripts::{self, Loaded};

/// The suites where none is named: what usually happens, what rarely does, and what happens between profiles.
const SUITES: [&str; 6] = ["swarm", "calm", "hand_over", "crash", "cut_off", "market"];

/// Schedules of each suite where no number is given, where thousands run in a second.
const CASES_QUICK: u64 = 2_048;

/// The same for virtual machines, of which a run takes tens of milliseconds.
const CASES_SLOW: u64 = 384;

/// The root seed where none is given.
const SEED: u64 = 1;

/// Both sides, and what they run.
pub(super) struct Sides {
    pub(super) base: Side,
    pub(super) candidate: Side,
    /// The schedules, in order of the command line.
    pub(super) suites: Vec<Drawn>,
    pub(super) network: Network,
    pub(super) seed: u64,
    /// The command that compares the same again.
    pub(super) again: String,
}

/// One suite, and how much of it is run.
pub(super) struct Drawn {
    pub(super) suite: Suite,
    pub(super) drawn: SuiteArguments,
    /// At most so many cases.
    pub(super) cases: u64,
}

impl Drawn {
    /// The words that give these schedules, in this world if it was given, to a command.
    fn words(&self, world: Option<&str>) -> String {
        let scenario = self.drawn.scenario.as_ref().map(|file| file.display().to_string());
        format::schedules_words(scenario.as_deref(), &self.suite.name, world)
    }

    /// The command that replays a case of them, but for its number; `None` of a side that has run before.
    pub(super) fn replay(&self, side: &Side, network: Network, seed: u64) -> Option<String> {
        let (from, subject) = (self.words(self.drawn.world.as_deref()), side.words()?);
        let believe = self.suite.believe();
        let believe = format::believe_words(believe, believe == self.suite.own_belief());
        Some(format!("dupeproof replay {from} {subject}{believe} --network {} --seed {seed}", network_name(network)))
    }
}

/// One side.
pub(super) struct Side {
    /// As it was given.
    pub(super) name: String,
    pub(super) runner: Runner,
}

/// Where the results of a side come from.
pub(super) enum Runner {
    /// It runs.
    Runs(Box<Runs>),
    /// It has run before.
    Saved(SavedCases),
}

/// A subject that can run.
pub(super) struct Runs {
    available: Available,
    subject: String,
    /// Its scripts, if it is not built in.
    pub(super) scripts: Option<Scripts>,
}

impl Runs {
    /// What runs on the servers.
    pub(super) fn subject(&self) -> &dyn Subject {
        self.available.subjects.named(&self.subject).expect("it was chosen from these")
    }

    /// The fingerprint of what runs them.
    fn code(&self) -> Code {
        Code::of(self.available.loaded.as_ref())
    }

    /// Where an adapter says where records are.
    pub(super) fn where_line(&self) -> Option<String> {
        self.available.loaded.as_ref().and_then(Loaded::where_line)
    }
}

impl Side {
    /// What runs, if it runs.
    pub(super) fn subject(&self) -> Option<&dyn Subject> {
        if let Runner::Runs(runs) = &self.runner { Some(runs.subject()) } else { None }
    }

    /// The scripts that run, if any do.
    pub(super) fn scripts(&self) -> Option<&Scripts> {
        if let Runner::Runs(runs) = &self.runner { runs.scripts.as_ref() } else { None }
    }

    /// The words that give it to `run` and `replay`.
    pub(super) fn words(&self) -> Option<String> {
        let subject = || self.subject().map(|subject| format!("--subject {}", subject.name()));
        self.scripts().map(scripts::arguments).or_else(subject)
    }

    fn saved(&self) -> Option<&SavedCases> {
        if let Runner::Saved(saved) = &self.runner { Some(saved) } else { None }
    }
}

impl Sides {
    /// Reads both sides, and chooses the schedules.
    ///
    /// # Errors
    /// When a side makes no sense, or a saved file is about other schedules.
    pub(super) fn of(arguments: &CompareArguments) -> Result<Sides, CliError> {
        let [base, candidate] = [&arguments.base, &arguments.candidate].map(|text| side(text, arguments));
        let (base, candidate) = (base?, candidate?);
        let known = [(&arguments.base, base.saved()), (&arguments.candidate, candidate.saved())];
        let known: Vec<(&String, &SavedCases)> =
            known.into_iter().filter_map(|(text, saved)| Some((text, saved?))).collect();
        let first = known.first().map(|(_, saved)| *saved);
        let seed = arguments.seed.or(first.map(|saved| saved.seed)).unwrap_or(SEED);
        let slow = [&base, &candidate].into_iter().any(|side| side.subject().is_some_and(|it| it.pace() == Pace::Slow));
        let cases = arguments.cases.unwrap_or(if slow { CASES_SLOW } else { CASES_QUICK });
        let mut suites = Vec::new();
        for (place, drawn) in drawn(arguments, first).into_iter().enumerate() {
            let suite = suite(&drawn, [&base, &candidate])?;
            let saved = first.and_then(|saved| saved.suites.get(place)).map(|suite| suite.cases);
            let cases = if arguments.cases.is_some() { cases } else { saved.unwrap_or(cases) };
            suites.push(Drawn { suite, drawn, cases });
        }
        let network = first.map(|saved| saved.network).or(suites[0].suite.network).unwrap_or_default();
        for (text, saved) in known {
            check(text, saved, &suites, seed, network)?;
        }
        let again = again(arguments, &suites, seed);
        Ok(Sides { base, candidate, suites, network, seed, again })
    }

    /// The results of a side that has run now, to be kept.
    pub(super) fn saved(&self, side: &Side, scores: &[Vec<Option<Score>>]) -> Option<SavedCases> {
        let Runner::Runs(runs) = &side.runner else { return None };
        let (subject, code) = (runs.subject().name().to_owned(), runs.code());
        let suite = |(drawn, scores): (&Drawn, &Vec<Option<Score>>)| {
            let SuiteArguments { scenario, world, .. } = &drawn.drawn;
            SavedSuite::of(&drawn.suite, scenario.as_deref(), world.is_some(), self.seed, scores)
        };
        Some(SavedCases {
            format: saved_cases::FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            subject,
            code,
            network: self.network,
            seed: self.seed,
            suites: self.suites.iter().zip(scores).map(suite).collect(),
        })
    }
}

impl Sides {
    /// The results that an earlier run of the same comparison has kept of a side, by suite; `None` if they are of anything else.
    pub(super) fn kept(&self, side: &Side, saved: &SavedCases) -> Option<Vec<Vec<Option<Score>>>> {
        let none = vec![Vec::new(); self.suites.len()];
        let now = self.saved(side, &none)?;
        let key = |saved: &SavedCases| (saved.subject.clone(), saved.code, saved.network, saved.seed);
        let suites = |saved: &SavedCases| {
            saved.suites.iter().map(|suite| (suite.suite.clone(), suite.drawn)).collect::<Vec<_>>()
        };
        let same = key(&now) == key(saved) && suites(&now) == suites(saved);
        same.then(|| saved.suites.iter().map(SavedSuite::scores).collect())
    }
}

/// What a side is: a saved file, a built-in subject, a game, a module with its adapter, or an adapter alone.
fn side(text: &str, arguments: &CompareArguments) -> Result<Side, CliError> {
    let name = text.to_owned();
    if text.ends_with(".json") && !is_project(text) {
        return Ok(Side { name, runner: Runner::Saved(SavedCases::read(Path::new(text))?) });
    }
    let built_in = Subjects::default().named(text).is_some();
    let which = WhichArguments {
        drawn: SuiteArguments::default(),
        subject: built_in.then(|| text.to_owned()),
        scripts: if built_in { ScriptArguments::default() } else { scripts_of(text, arguments)? },
    };
    let scripts = which.scripts.named();
    let available = by_name::available(scripts.as_ref())?;
    let subject = available.chosen(&which)?.1.name().to_owned();
    Ok(Side { name, runner: Runner::Runs(Box::new(Runs { available, subject, scripts })) })
}

/// The scripts of `PATH`, `PATH:ADAPTER` or `:ADAPTER`.
fn scripts_of(text: &str, arguments: &CompareArguments) -> Result<ScriptArguments, CliError> {
    let (path, adapter) = match text.rsplit_once(':') {
        Some((path, adapter)) if !Path::new(text).exists() && !adapter.is_empty() => (path, Some(adapter.to_owned())),
        _ => (text, arguments.adapter.clone()),
    };
    let given = arguments.each.with(ScriptArguments::default());
    let path_of = |path: &str| Some(path.to_owned()).filter(|path| !path.is_empty());
    if !path.is_empty() && !Path::new(path).exists() {
        return Err(CliError::new(format!("there is no subject, module or file of results `{path}`")).hint(
            "give core, embed, naive, the path of a module or an adapter, or a file that `dupeproof compare` saved",
        ));
    }
    if is_project(path) {
        return Ok(ScriptArguments { project: path_of(path), adapter, ..given });
    }
    if ["rbxl", "rbxlx", "rbxm", "rbxmx"].iter().any(|kind| Path::new(path).extension().is_some_and(|it| it == *kind)) {
        return Ok(ScriptArguments { place: path_of(path), adapter, ..given });
    }
    match adapter {
        Some(adapter) => Ok(ScriptArguments { module: path_of(path), adapter: Some(adapter), ..given }),
        None if Path::new(path).is_file() => Ok(ScriptArguments { adapter: path_of(path), ..given }),
        None => Err(CliError::new(format!("the module `{path}` needs an adapter"))
            .hint("add --adapter NAME or FILE, or write PATH:ADAPTER; `dupeproof list` shows the adapters")),
    }
}

fn is_project(path: &str) -> bool {
    path.ends_with(".project.json") || Path::new(path).file_name().is_some_and(|name| name == "sourcemap.json")
}

/// The schedules that were asked for; those of a saved file if none were.
fn drawn(arguments: &CompareArguments, saved: Option<&SavedCases>) -> Vec<SuiteArguments> {
    let world = arguments.world.clone();
    // The same for both sides, whatever they are; the more is drawn, the more can differ.
    let believe = Some(arguments.believe.unwrap_or(BeliefName::All));
    let of_suite =
        |suite: &str| SuiteArguments { suite: Some(suite.into()), scenario: None, world: world.clone(), believe };
    if arguments.scenario.is_some() {
        return vec![SuiteArguments { suite: None, scenario: arguments.scenario.clone(), world, believe }];
    }
    if !arguments.suites.is_empty() {
        return arguments.suites.iter().map(|suite| of_suite(suite)).collect();
    }
    let again = |suite: &SavedSuite| SuiteArguments {
        suite: suite.scenario.is_none().then(|| suite.suite.clone()),
        scenario: suite.scenario.as_ref().map(PathBuf::from),
        world: world.clone().or_else(|| suite.world_given.then(|| suite.world.clone())),
        believe,
    };
    match saved {
        Some(saved) => saved.suites.iter().map(again).collect(),
        None => SUITES.map(of_suite).to_vec(),
    }
}

/// The suite, which has to be for both sides.
fn suite(drawn: &SuiteArguments, sides: [&Side; 2]) -> Result<Suite, CliError> {
    let which = |subject| WhichArguments { drawn: drawn.clone(), subject, scripts: ScriptArguments::default() };
    let mut suite = None;
    for side in sides {
        if let Runner::Runs(runs) = &side.runner {
            suite = Some(runs.available.chosen(&which(Some(runs.subject.clone())))?.0);
        }
    }
    match suite {
        Some(suite) => Ok(suite),
        None => Ok(by_name::available(None)?.chosen(&which(None))?.0),
    }
}

/// Whether a saved file is about these schedules.
fn check(text: &str, saved: &SavedCases, suites: &[Drawn], seed: u64, network: Network) -> Result<(), CliError> {
    let refuse = |what: &str, has: &str, asked: &str| {
        Err(CliError::new(format!("`{text}` has {what} {has}, and {asked} was asked for"))
            .hint("leave it out to compare with the file, or run the base again"))
    };
    let names = |names: Vec<&str>| names.join(", ");
    let own = names(saved.suites.iter().map(|suite| suite.suite.as_str()).collect());
    let asked = names(suites.iter().map(|drawn| drawn.suite.name.as_str()).collect());
    if own != asked {
        return refuse("the suites", &own, &asked);
    }
    if saved.seed != seed {
        return refuse("seed", &saved.seed.to_string(), &seed.to_string());
    }
    if saved.network != network {
        return refuse("network", network_name(saved.network), network_name(network));
    }
    for (own, asked) in saved.suites.iter().zip(suites) {
        let (world, name) = (&asked.suite.world.name, &asked.suite.name);
        if own.world != *world {
            return refuse("the world", &own.world, world);
        }
        if own.cases < asked.cases {
            let (has, asked) = (format::count(own.cases), format::count(asked.cases));
            return refuse(&format!("of suite `{name}` the cases"), &has, &asked);
        }
        if own.drawn != asked.suite.drawn(seed) {
            return Err(CliError::new(format!(
                "`{text}` is about other schedules of `{name}`: they are drawn in another way now"
            ))
            .hint(
                "run the base again: the scenario file has changed, or the file is from another version of dupeproof",
            ));
        }
    }
    Ok(())
}

/// The command that compares the same again.
fn again(arguments: &CompareArguments, suites: &[Drawn], seed: u64) -> String {
    let mut words =
        vec![format!("dupeproof compare {} {}", format::quoted(&arguments.base), format::quoted(&arguments.candidate))];
    words.extend(arguments.adapter.iter().map(|adapter| format!("--adapter {}", format::quoted(adapter))));
    words.extend(suites.iter().map(|drawn| drawn.words(None)));
    words.extend(arguments.world.iter().map(|world| format!("--world {world}")));
    words.extend(arguments.believe.iter().map(|believe| format!("--believe {}", Belief::from(*believe).name())));
    words.push(format!("--cases {} --seed {seed}", suites[0].cases));
    words.join(" ")
}
