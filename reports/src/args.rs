//! The command line.

mod extent;
mod help;
mod json_help;
mod list;
mod log;
mod loudness;
mod machine;
mod test;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use dupeproof_luau::Fidelity;
use dupeproof_scenarios::failure::Scripts;
use dupeproof_scenarios::{Belief, Suite};
use dupeproof_sim::network::Network;

pub use self::extent::{ExtentArguments, Shard};
use self::help::{
    AUDIT_ABOUT, AUDIT_CODES, BAKEOFF_CODES, COMPARE_ABOUT, COMPARE_CODES, COMPLETIONS_ABOUT, EXIT_CODES,
    EXPLAIN_CODES, INIT_ABOUT, LIST_ABOUT, MERGE_ABOUT, MERGE_CODES, PROVE_ABOUT, PROVE_CODES, REPLAY_CODES,
    REPORT_CODES, RUN_CODES, SWEEP_ABOUT, SWEEP_CODES, TEST_ABOUT, TEST_CODES, WATCH_ABOUT, WATCH_CODES,
};
pub use self::json_help::JSON_HELP;
pub use self::list::{ListArguments, Listed};
pub use self::log::{LogArguments, LogFormatName};
pub use self::loudness::LoudnessArguments;
pub use self::machine::MachineArguments;
pub use self::test::TestArguments;

/// Finds out, before players do, whether a game's player data can be duplicated or lost
///
/// Without a command, does what `dupeproof run` does.
#[derive(Debug, Parser)]
#[command(
    name = "dupeproof",
    version,
    args_conflicts_with_subcommands = true,
    about = "Finds out, before players do, whether a game's player data can be duplicated or lost",
    long_about = None,
    after_help = EXIT_CODES,
    max_term_width = 80,
    mut_args(|argument| argument.hide(true))
)]
pub struct Arguments {
    /// What to do; `run` if none is given.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The arguments of `run`, for when no command is given.
    #[command(flatten)]
    pub run: RunArguments,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Search a suite for schedules that break a promise of the suite, and write a report
    #[command(after_help = RUN_CODES)]
    Run(RunArguments),
    /// Put the shards of a search together, and write the report that one run of all its schedules would have written
    #[command(after_help = format!("{MERGE_ABOUT}\n\n{MERGE_CODES}"))]
    Merge(MergeArguments),
    /// Run a failure file, or one case of a seed, again, bit for bit
    #[command(after_help = REPLAY_CODES)]
    Replay(ReplayArguments),
    /// Say in words what a failure file shows: what it means for players, which line did it, how real it is, what to change
    #[command(after_help = EXPLAIN_CODES)]
    Explain(ShownArguments),
    /// Step through the run of a failure file in the terminal: servers and locks, what happens, and the records
    #[command(after_help = format!("{WATCH_ABOUT}\n\n{WATCH_CODES}"))]
    Watch(ShownArguments),
    /// Run the tests of a repository: the failures that it keeps, then searches; one line each
    #[command(after_help = format!("{TEST_ABOUT}\n\n{TEST_CODES}"))]
    Test(TestArguments),
    /// Run several subjects over the same seeds and write one table of their findings and costs
    #[command(after_help = BAKEOFF_CODES)]
    Bakeoff(BakeoffArguments),
    /// Say whether one subject is worse than another over the same schedules: what got worse, what got better, and why
    #[command(after_help = format!("{COMPARE_ABOUT}\n\n{COMPARE_CODES}"))]
    Compare(CompareArguments),
    /// Run many settings of constants and knobs over the same schedules, and show what it costs to be safer
    #[command(after_help = format!("{SWEEP_ABOUT}\n\n{SWEEP_CODES}"))]
    Sweep(SweepArguments),
    /// Write a scenario file and an adapter to start from, with comments, filled in with what is seen of your game
    #[command(after_help = INIT_ABOUT)]
    Init(InitArguments),
    /// Write report.html again from the summary and the failure files of a directory
    #[command(after_help = REPORT_CODES)]
    Report(ReportArguments),
    /// Check that each kind of fault has an effect, and one as large as recorded, by running schedules with and without it
    #[command(after_help = format!("{AUDIT_ABOUT}\n\n{AUDIT_CODES}"), mut_arg("subject", |arg| arg.help("What runs on the virtual servers [default: the \
        scenario's own subject, else each built-in one]")))]
    Audit(AuditArguments),
    /// Explore every run of small scripts: every order of everything, and every placement of a few deviations; of a module or a
    /// game, every placement of one fault
    #[command(after_help = format!("{PROVE_ABOUT}\n\n{PROVE_CODES}"),
        mut_arg("jobs", |arg| arg.help("How many threads to use [default: one per core]")))]
    Prove(ProveArguments),
    /// List every name that a command line or a scenario file can use, by topic
    #[command(after_help = LIST_ABOUT)]
    List(ListArguments),
    /// Print what completes the commands and options of dupeproof in a shell
    #[command(after_help = COMPLETIONS_ABOUT)]
    Completions(CompletionsArguments),
    /// Print the manual page, or write one for dupeproof and each of its commands
    Man(ManArguments),
}

/// What `completions` is told.
#[derive(Clone, Copy, Debug, Args)]
pub struct CompletionsArguments {
    /// For this shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// What `man` is told.
#[derive(Clone, Debug, Args)]
pub struct ManArguments {
    /// Write dupeproof.1, dupeproof-run.1 and so on into this folder, instead of printing dupeproof.1
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Which schedules.
#[derive(Clone, Debug, Default, Args)]
pub struct SuiteArguments {
    /// The suite [default: the first of `dupeproof list`]
    #[arg(long, value_name = "SUITE")]
    pub suite: Option<String>,
    /// A scenario file instead of suites
    #[arg(long, value_name = "FILE", conflicts_with = "suite")]
    pub scenario: Option<PathBuf>,
    /// Its faults and knobs replace those of the suite
    #[arg(long, value_name = "WORLD")]
    pub world: Option<String>,
    /// What counts: documented, reported, inferred, all
    #[arg(long, value_name = "HOW", value_enum, hide_possible_values = true)]
    pub believe: Option<BeliefName>,
}

/// How real something must be to count, as it is called on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BeliefName {
    /// What Roblox documents
    Documented,
    /// What is documented, or was reported in public
    Reported,
    /// Also what is inferred from that
    Inferred,
    /// Also Studio, and what nobody has ever seen
    All,
}

impl From<BeliefName> for Belief {
    fn from(name: BeliefName) -> Belief {
        match name {
            BeliefName::Documented => Belief::Documented,
            BeliefName::Reported => Belief::Reported,
            BeliefName::Inferred => Belief::Inferred,
            BeliefName::All => Belief::All,
        }
    }
}

/// Which schedules, and which subject runs them.
#[derive(Clone, Debug, Default, Args)]
pub struct WhichArguments {
    /// Which schedules.
    #[command(flatten)]
    pub drawn: SuiteArguments,
    /// Built-in [default: the scenario's, else core]
    #[arg(long, value_name = "SUBJECT", conflicts_with = "adapter")]
    pub subject: Option<String>,
    /// Your own module.
    #[command(flatten)]
    pub scripts: ScriptArguments,
}

/// A Luau module or game to put on the servers instead of a subject that is built in.
#[derive(Clone, Debug, Default, Args)]
#[command(group = ArgGroup::new("scripts").args(["project", "place", "adapter"]).multiple(true))]
pub struct ScriptArguments {
    /// A Rojo project: its file, folder, or sourcemap.json
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "place")]
    pub project: Option<String>,
    /// A place file: .rbxl, .rbxlx, .rbxm or .rbxmx
    #[arg(long, value_name = "FILE")]
    pub place: Option<String>,
    /// A Luau module: a file, a folder, or a package
    #[arg(long, value_name = "PATH", requires = "scripts")]
    pub module: Option<String>,
    /// One of `dupeproof list adapters`, or a .luau file
    #[arg(long, value_name = "NAME|PATH")]
    pub adapter: Option<String>,
    /// Run only this server script of the game
    #[arg(long, value_name = "SCRIPT", requires = "scripts")]
    pub game: Option<String>,
    /// A Luau file that supplies what the game lacks
    #[arg(long, value_name = "FILE", requires = "scripts")]
    pub fake: Option<String>,
    /// Let paths lead into this folder, too; repeatable
    #[arg(long = "root", value_name = "DIR", requires = "scripts")]
    pub roots: Vec<String>,
    /// coarse for searching, 60hz for confirming
    #[arg(long, value_name = "FIDELITY", requires = "scripts", value_enum, hide_possible_values = true)]
    pub fidelity: Option<FidelityName>,
}

/// A fidelity, as it is called on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FidelityName {
    /// Waits end in steps of 0.1 s; Heartbeat fires every 0.25 s
    #[default]
    #[value(name = "coarse")]
    Coarse,
    /// The pace of a real server
    #[value(name = "60hz")]
    Sixty,
}

/// What every run of a search has in common.
#[derive(Clone, Copy, Debug, Args)]
pub struct RunsArguments {
    /// The root of all randomness
    #[arg(long, value_name = "SEED", allow_negative_numbers = true, default_value_t = 1)]
    pub seed: u64,
    /// event, or turmoil [default: the scenario's]
    #[arg(long, value_name = "NETWORK", value_enum, hide_possible_values = true)]
    pub network: Option<NetworkName>,
}

impl RunsArguments {
    /// The network for this suite.
    pub fn network(self, suite: &Suite) -> Network {
        self.network.map(Network::from).or(suite.network).unwrap_or_default()
    }
}

/// How many threads a search has.
#[derive(Clone, Copy, Debug, Args)]
pub struct ThreadsArguments {
    /// Threads; results are the same [default: all cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
}

impl ThreadsArguments {
    /// As many threads as were asked for, or as there are cores.
    pub fn jobs(self) -> usize {
        self.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
    }
}

/// What `audit` is told.
#[derive(Clone, Debug, Args)]
pub struct AuditArguments {
    /// Which schedules, and which subject runs them.
    #[command(flatten)]
    pub which: WhichArguments,
    /// How many schedules to run
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 200, value_parser = at_least_one)]
    pub cases: u64,
    /// The seed and the network.
    #[command(flatten)]
    pub runs: RunsArguments,
}

/// What `run` is told.
#[derive(Clone, Debug, Args)]
pub struct RunArguments {
    /// Which schedules, and which subject runs them.
    #[command(flatten)]
    pub which: WhichArguments,
    /// Which schedules of the seed, and when that is enough.
    #[command(flatten)]
    pub extent: ExtentArguments,
    /// The seed and the network.
    #[command(flatten)]
    pub runs: RunsArguments,
    /// The threads.
    #[command(flatten)]
    pub threads: ThreadsArguments,
    /// Causes of each finding [default: 6; modules: 3]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=20))]
    pub causes: Option<u16>,
    /// Where to write the report
    #[arg(long, value_name = "DIR", default_value = "dupeproof-out")]
    pub out: PathBuf,
    /// Write cases.json, for `dupeproof compare`
    #[arg(long)]
    pub save_cases: bool,
    /// Keep failures there, for `replay` and `test`
    #[arg(long, value_name = "DIR")]
    pub save_failing: Option<PathBuf>,
    /// Go on where the same run into --out was stopped
    #[arg(long)]
    pub resume: bool,
    /// What machines are told.
    #[command(flatten)]
    pub machine: MachineArguments,
    /// Print the result as JSON: see `dupeproof list json`
    #[arg(long)]
    pub json: bool,
    /// Name each probe that was seen, too
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// How much is said.
    #[command(flatten)]
    pub loudness: LoudnessArguments,
    /// What is printed of each case.
    #[command(flatten)]
    pub log: LogArguments,
}

/// What `merge` is told.
#[derive(Clone, Debug, Args)]
pub struct MergeArguments {
    /// The directories of the shards
    #[arg(value_name = "DIR", required = true)]
    pub shards: Vec<PathBuf>,
    /// The threads.
    #[command(flatten)]
    pub threads: ThreadsArguments,
    /// Causes of each finding [default: 6; modules: 3]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=20))]
    pub causes: Option<u16>,
    /// Where to write the report
    #[arg(long, value_name = "DIR", default_value = "dupeproof-out")]
    pub out: PathBuf,
    /// Keep failures there, for `replay` and `test`
    #[arg(long, value_name = "DIR")]
    pub save_failing: Option<PathBuf>,
    /// What machines are told.
    #[command(flatten)]
    pub machine: MachineArguments,
    /// Print the result as JSON: see `dupeproof list json`
    #[arg(long)]
    pub json: bool,
    /// Name each probe that was seen, too
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// How much is said.
    #[command(flatten)]
    pub loudness: LoudnessArguments,
    /// What is printed of each case.
    #[command(flatten)]
    pub log: LogArguments,
}

/// What `replay` is told.
#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("what").args(["files", "seed"]).required(true))]
pub struct ReplayArguments {
    /// A failure file, told in detail; or several of them, or a folder, one line each: *still there*, *fixed* or *changed*
    #[arg(value_name = "FILE|DIR", conflicts_with_all = ["suite", "scenario", "world", "believe", "subject"])]
    pub files: Vec<PathBuf>,
    /// Replay a case of this seed instead of a file
    #[arg(long, value_name = "SEED", allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Which case of the seed
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 0, conflicts_with = "files")]
    pub case: u64,
    /// Which schedules, and which subject runs them.
    #[command(flatten)]
    pub which: WhichArguments,
    /// event or turmoil [default: the file's, else event]
    #[arg(long, value_name = "NETWORK", value_enum, hide_possible_values = true)]
    pub network: Option<NetworkName>,
    /// Write every event of the run to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Write a trace for ui.perfetto.dev to this file
    #[arg(long, value_name = "FILE")]
    pub perfetto: Option<PathBuf>,
    /// Let --trace overwrite an existing file
    #[arg(long, requires = "trace")]
    pub force: bool,
    /// How much is said.
    #[command(flatten)]
    pub loudness: LoudnessArguments,
    /// What is printed of the run.
    #[command(flatten)]
    pub log: LogArguments,
}

impl ReplayArguments {
    /// The one file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.files[..] {
            [file] if !file.is_dir() => Some(file),
            _ => None,
        }
    }
}

/// Which failure file `explain` and `watch` show, and with which scripts.
#[derive(Clone, Debug, Args)]
pub struct ShownArguments {
    /// A failure file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Scripts that take the place of those that the file names.
    #[command(flatten)]
    pub scripts: ScriptArguments,
}

/// What goes for each of several modules and games.
#[derive(Clone, Debug, Default, Args)]
pub struct EachArguments {
    /// Let paths lead into this folder, too; repeatable
    #[arg(long = "root", value_name = "DIR")]
    pub roots: Vec<String>,
    /// coarse for searching, 60hz for confirming
    #[arg(long, value_name = "FIDELITY", value_enum, hide_possible_values = true)]
    pub fidelity: Option<FidelityName>,
}

impl EachArguments {
    /// The scripts of one of them.
    pub fn with(&self, scripts: ScriptArguments) -> ScriptArguments {
        ScriptArguments { roots: self.roots.clone(), fidelity: self.fidelity, ..scripts }
    }
}

/// What `bakeoff` is told.
#[derive(Clone, Debug, Args)]
pub struct BakeoffArguments {
    /// Built-in subjects [default: core,naive]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub subjects: Vec<String>,
    /// A Luau module; NAME=:ADAPTER is an adapter alone
    #[arg(long = "module", value_name = "NAME=PATH:ADAPTER")]
    pub modules: Vec<String>,
    /// A game, from a Rojo project; may be repeated
    #[arg(long = "project", value_name = "NAME=PATH:ADAPTER")]
    pub projects: Vec<String>,
    /// A game, from a place or model file; may be repeated
    #[arg(long = "place", value_name = "NAME=PATH:ADAPTER")]
    pub places: Vec<String>,
    /// Which schedules.
    #[command(flatten)]
    pub drawn: SuiteArguments,
    /// Schedules of each subject
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 1_000, value_parser = at_least_one)]
    pub cases: u64,
    /// The seed and the network.
    #[command(flatten)]
    pub runs: RunsArguments,
    /// The threads.
    #[command(flatten)]
    pub threads: ThreadsArguments,
    /// The modules and games.
    #[command(flatten)]
    pub each: EachArguments,
    /// Where to write bakeoff.html, .json, .md and .svg
    #[arg(long, value_name = "DIR", default_value = "dupeproof-bakeoff")]
    pub out: PathBuf,
    /// Go on where the same command into --out was stopped
    #[arg(long)]
    pub resume: bool,
    /// How much is said.
    #[command(flatten)]
    pub loudness: LoudnessArguments,
    /// What is printed of each case.
    #[command(flatten)]
    pub log: LogArguments,
}

/// What `compare` is told.
#[derive(Clone, Debug, Args)]
pub struct CompareArguments {
    /// What to compare with
    #[arg(value_name = "BASE")]
    pub base: String,
    /// What may be worse
    #[arg(value_name = "CANDIDATE")]
    pub candidate: String,
    /// The adapter of each module that has none of its own
    #[arg(long, value_name = "NAME|PATH")]
    pub adapter: Option<String>,
    /// A suite; may be repeated [default: six of them]
    #[arg(long = "suite", value_name = "SUITE")]
    pub suites: Vec<String>,
    /// A scenario file instead of suites
    #[arg(long, value_name = "FILE", conflicts_with = "suites")]
    pub scenario: Option<PathBuf>,
    /// Its faults and knobs replace those of the suites
    #[arg(long, value_name = "WORLD")]
    pub world: Option<String>,
    /// documented, reported, inferred or all [default: all]
    #[arg(long, value_name = "HOW", value_enum, hide_possible_values = true)]
    pub believe: Option<BeliefName>,
    /// Schedules of each suite [default: 2,048; modules 384]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = at_least_one)]
    pub cases: Option<u64>,
    /// The root of all randomness [default: 1]
    #[arg(long, value_name = "SEED", allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// The threads.
    #[command(flatten)]
    pub threads: ThreadsArguments,
    /// The modules and games.
    #[command(flatten)]
    pub each: EachArguments,
    /// Where to write compare.html and its files
    #[arg(long, value_name = "DIR", default_value = "dupeproof-compare")]
    pub out: PathBuf,
    /// Go on where the same command into --out was stopped
    #[arg(long)]
    pub resume: bool,
    /// Print the result as JSON: see `dupeproof list json`
    #[arg(long)]
    pub json: bool,
    /// How much is said.
    #[command(flatten)]
    pub loudness: LoudnessArguments,
    /// What is printed of each case.
    #[command(flatten)]
    pub log: LogArguments,
}

/// What `sweep` is told.
#[derive(Clone, Debug, Args)]
pub struct SweepArguments {
    /// NAME=LO..HI or NAME=LO..HI:STEPS: a constant or knob; repeatable
    #[arg(long = "param", value_name = "RANGE", required = true)]
    pub params: Vec<String>,
    /// At most so many settings
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub points: u16,
    /// Which schedules, and which subject runs them.
    #[command(flatten)]
    pub which: WhichArguments,
    /// Schedules of each setting [default: 1,000; modules 50]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = at_least_one)]
    pub cases: Option<u64>,
    /// The seed and the network.
    #[command(flatten)]
    pub runs: RunsArguments,
    /// The threads.
    #[command(flatten)]
    pub threads: ThreadsArguments,
    /// Where to write sweep.html and sweep.json
    #[arg(long, value_name = "DIR", default_value = "dupeproof-sweep")]
    pub out: PathBuf,
    /// Go on where the same command into --out was stopped
    #[arg(long)]
    pub resume: bool,
    /// Print the result as JSON: see `dupeproof list json`
    #[arg(long)]
    pub json: bool,
    /// How much is said.
    #[command(flatten)]
    pub loudness: LoudnessArguments,
    /// What is printed of each case.
    #[command(flatten)]
    pub log: LogArguments,
}

/// What `prove` is told.
#[derive(Clone, Debug, Args)]
pub struct ProveArguments {
    /// A script of those that `dupeproof list` shows [default: each of them]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Your own module or game, or a subject that is built in.
    #[command(flatten)]
    pub which: WhichArguments,
    /// Of a module, a game or --subject: how long everything takes
    #[arg(long, value_name = "SEED", allow_negative_numbers = true, default_value_t = 1)]
    pub seed: u64,
    /// Explore a script of your own instead: a TOML file
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub script: Option<PathBuf>,
    /// Explore runs with up to this many deviations [default: the script's own number]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub deviations: Option<u8>,
    /// Stop each script after this many seconds of wall time [default: when it is complete]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = at_least_one)]
    pub seconds: Option<u64>,
    /// Stop each script when its states take more than about this many GiB of memory; what servers do is remembered beside
    /// them, in up to 4 GiB [default: no limit]
    #[arg(long, value_name = "GIB", allow_negative_numbers = true, value_parser = at_least_one)]
    pub memory: Option<u64>,
    /// Write into this file where the exploration stands, every 5 minutes and at the end; go on from there if the file is
    /// there already. One script only
    #[arg(long, value_name = "FILE")]
    pub resume: Option<PathBuf>,
    /// The threads.
    #[command(flatten)]
    pub threads: ThreadsArguments,
    /// Where to write failures/
    #[arg(long, value_name = "DIR", default_value = "dupeproof-prove")]
    pub out: PathBuf,
    /// Print the result as JSON: see `dupeproof list json`
    #[arg(long)]
    pub json: bool,
    /// How much is said.
    #[command(flatten)]
    pub loudness: LoudnessArguments,
}

impl ProveArguments {
    /// Whether a subject is to be run, not the core explored.
    pub fn is_of_a_subject(&self) -> bool {
        self.which.subject.is_some() || self.which.scripts.named().is_some() || self.which.drawn.scenario.is_some()
    }
}

/// What `init` is told.
#[derive(Clone, Debug, Args)]
pub struct InitArguments {
    /// Look at the game of this Rojo project: a project file, a folder with one, or a sourcemap.json
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "place")]
    pub project: Option<String>,
    /// Look at the game in this file as Studio saves it: .rbxl, .rbxlx, .rbxm or .rbxmx
    #[arg(long, value_name = "FILE")]
    pub place: Option<String>,
    /// Look at this Luau module
    #[arg(long, value_name = "PATH")]
    pub module: Option<String>,
    /// Let this Luau file supply what the game needs and is not there
    #[arg(long, value_name = "FILE")]
    pub fake: Option<String>,
    /// Let paths lead into this folder, too; repeatable
    #[arg(long = "root", value_name = "DIR")]
    pub roots: Vec<String>,
    /// Where to write the files
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
}

impl InitArguments {
    /// The game to look at, if one was given.
    pub fn scripts(&self) -> Option<Scripts> {
        let InitArguments { project, place, module, fake, roots, .. } = self.clone();
        let given = project.is_some() || place.is_some() || module.is_some();
        let (adapter, fidelity) = (String::new(), String::new());
        given.then_some(Scripts { project, place, module, adapter, game: None, fake, roots, fidelity })
    }
}

/// What `report` is told.
#[derive(Clone, Debug, Args)]
pub struct ReportArguments {
    /// A directory that `dupeproof run` wrote
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// A network, as it is called on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum NetworkName {
    /// A discrete-event loop, for searching
    #[default]
    Event,
    /// turmoil hosts with tokio tasks and TCP, for confirming
    Turmoil,
}

impl From<NetworkName> for Network {
    fn from(name: NetworkName) -> Network {
        match name {
            NetworkName::Event => Network::Event,
            NetworkName::Turmoil => Network::Turmoil,
        }
    }
}

impl From<FidelityName> for Fidelity {
    fn from(name: FidelityName) -> Fidelity {
        match name {
            FidelityName::Coarse => Fidelity::Coarse,
            FidelityName::Sixty => Fidelity::Sixty,
        }
    }
}

/// A number of cases.
fn at_least_one(text: &str) -> Result<u64, String> {
    match text.parse::<i128>() {
        Ok(number) if number < 1 => Err("must be at least 1".into()),
        Ok(number) => u64::try_from(number).map_err(|_| format!("must be at most {}", u64::MAX)),
        Err(_) => Err("must be a whole number".into()),
    }
}

/// How a network is called on the command line.
pub fn network_name(network: Network) -> &'static str {
    match network {
        Network::Event => "event",
        Network::Turmoil => "turmoil",
    }
}
