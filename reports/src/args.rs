//! The command line.

mod extent;
mod help;

use std::path::{Path, PathBuf};

use clap::builder::FalseyValueParser;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use dupeproof_luau::Fidelity;
use dupeproof_scenarios::failure::Scripts;
use dupeproof_scenarios::{Belief, Suite};
use dupeproof_sim::network::Network;
use dupeproof_sim::trace::log::LogFormat;

pub use self::extent::{ExtentArguments, Shard};
use self::help::{
    AUDIT_CODES, BAKEOFF_CODES, COMPARE_CODES, COMPARE_JSON_HELP, EXIT_CODES, EXPLAIN_CODES, JSON_HELP, MERGE_CODES,
    PROVE_CODES, PROVE_JSON_HELP, REPLAY_CODES, REPORT_CODES, RUN_CODES, SWEEP_CODES, SWEEP_JSON_HELP, TEST_CODES, WATCH_CODES,
};

/// Finds out, before players do, whether a game's player data can be duplicated or lost
///
/// Without a command, does what `dupeproof run` does.
#[derive(Debug, Parser)]
#[command(name = "dupeproof", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
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
    #[command(after_help = RUN_CODES, after_long_help = format!("{JSON_HELP}\n\n{RUN_CODES}"))]
    Run(RunArguments),
    /// Put the shards of a search together, and write the report that one run of all its schedules would have written
    ///
    /// Each shard is a directory that `dupeproof run --shard I/N` wrote, on any machine; a directory of such directories is all of
    /// them. What is searched, and with which scripts, is what the shards were told: run this where they ran. A shard that is
    /// there twice counts once, and one that is missing is named.
    #[command(after_help = MERGE_CODES)]
    Merge(MergeArguments),
    /// Run a failure file, or one case of a seed, again, bit for bit
    #[command(after_help = REPLAY_CODES)]
    Replay(ReplayArguments),
    /// Say in words what a failure file shows: what it means for players, which line did it, how real it is, what to change
    #[command(after_help = EXPLAIN_CODES)]
    Explain(ExplainArguments),
    /// Step through the run of a failure file in the terminal: servers and locks, what happens, and the records
    ///
    /// Left and right (or h and l) go from event to event, up and down (or p and n) from line to line of the story; s to the step
    /// at fault, f to the next fault, / to what you look for, home and end. i says what it means and what to change. q ends it.
    #[command(after_help = WATCH_CODES)]
    Watch(WatchArguments),
    /// Run the tests of a repository: the failures that it keeps, then searches; one line each
    ///
    /// The file is TOML: `corpus` (folders and files of failures), `[[test]]` tables with a `name` and what `run` is told (suite,
    /// scenario, world, believe, subject, project, place, module, adapter, game, fake, roots, fidelity, cases, seed, network,
    /// causes), and `[defaults]` for all of them. A kept failure passes when it is fixed, a search when it is safe.
    #[command(after_help = TEST_CODES)]
    Test(TestArguments),
    /// Run several subjects over the same seeds and write one table of their findings and costs
    #[command(after_help = BAKEOFF_CODES)]
    Bakeoff(BakeoffArguments),
    /// Say whether one subject is worse than another over the same schedules: what got worse, what got better, and why
    ///
    /// BASE and CANDIDATE are each a built-in subject (core, embed, naive), a Luau module with its adapter (PATH:ADAPTER, or PATH
    /// with --adapter), an adapter file that stands alone, a game (.rbxl, .rbxm, .project.json), or a file of results: `compare`
    /// writes base.json and candidate.json, and `run --save-cases` writes cases.json. With a file of results, its seed and its
    /// suites are taken. A path that is called like a built-in subject is written ./core.
    #[command(after_help = COMPARE_CODES, after_long_help = format!("{COMPARE_JSON_HELP}\n\n{COMPARE_CODES}"))]
    Compare(CompareArguments),
    /// Run many settings of constants and knobs over the same schedules, and show what it costs to be safer
    ///
    /// A parameter is a constant of the subject, such as AUTO_SAVE_PERIOD, or a knob of the world: `dupeproof list` shows both. If
    /// there are few combinations, each is run; if there are more than --points, that many are, spread evenly. Each setting has
    /// its findings, waits, unsaved changes and requests; those that no other beats are marked.
    #[command(after_help = SWEEP_CODES, after_long_help = format!("{SWEEP_JSON_HELP}\n\n{SWEEP_CODES}"))]
    Sweep(SweepArguments),
    /// Write a scenario file and an adapter to start from, with comments, filled in with what is seen of your game
    ///
    /// With --project, --place or --module, the game is started once in a calm world. Two players come, stay for some minutes,
    /// leave and come back on another server, and all reads and writes are watched: the adapter says in which store, scope
    /// and key the record of a player stands, where in it the data and the lock are, and what could be the mark and the
    /// items. How to get the data of a player from the game is left to you, at the top of the adapter.
    Init(InitArguments),
    /// Write report.html again from the summary and the failure files of a directory
    #[command(after_help = REPORT_CODES)]
    Report(ReportArguments),
    /// Check that each kind of fault has an effect, and one as large as recorded, by running schedules with and without it
    ///
    /// First, whether it has any effect on what runs: the schedules of the suite are run again without one kind of fault at a
    /// time. Runs every built-in subject, because a fault may be harmless to one of them by design; --subject, --adapter, or a
    /// scenario file with a subject or constants choose one.
    ///
    /// Then, how large its effect is. In schedules of their own nothing but that kind of fault goes wrong, and the servers make
    /// one request after another whatever happens. Counts and times with the fault, less those without it, are compared with
    /// those that were recorded when this version was made: less than three quarters, or more than four thirds, is not as
    /// recorded, unless chance explains it. Seed 1 with 100 cases or more runs the recorded schedules, where chance explains
    /// little. With fewer than 20 cases, or on the network turmoil, effects are not measured.
    #[command(after_help = AUDIT_CODES, mut_arg("subject", |arg| arg.help("What runs on the virtual servers [default: the \
        scenario's own subject, else each built-in one]")))]
    Audit(AuditArguments),
    /// Explore every run of small scripts: every order of everything, and every placement of a few deviations
    ///
    /// A script says what players do on a few servers that run the subject `core`. A deviation is something that goes wrong
    /// once: a request that is refused, held, half done or applied late, a message that is lost, doubled or held, a server
    /// that freezes or cannot reach the data store. No deviation is explored first, then one, and so on, so that a run that
    /// breaks a promise has as few as can be.
    #[command(after_help = PROVE_CODES, after_long_help = format!("{PROVE_JSON_HELP}\n\n{PROVE_CODES}"),
        mut_arg("jobs", |arg| arg.help("How many threads to use [default: one per core]")))]
    Prove(ProveArguments),
    /// List suites, worlds, subjects, adapters, scripts of `prove`, faults, causes, knobs, constants, probes, findings, and all else that a
    /// scenario file can use
    List(ListArguments),
    /// Print what completes the commands and options of dupeproof in a shell
    ///
    /// bash: `dupeproof completions bash > ~/.local/share/bash-completion/completions/dupeproof`. zsh: into a file `_dupeproof` in a
    /// folder of `fpath`. fish: `dupeproof completions fish > ~/.config/fish/completions/dupeproof.fish`. PowerShell: at the end of
    /// the file `$PROFILE`.
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

/// What is listed.
#[derive(Clone, Copy, Debug, Args)]
pub struct ListArguments {
    /// List this instead [default: everything that a command line or a scenario file can name]
    #[arg(value_name = "WHAT", value_enum)]
    pub what: Option<Listed>,
}

/// What can be listed apart from names for a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// For each service, class and global of Roblox: whether it works, is inert or is missing
    Host,
    /// The JSON Schema of what `run --json` prints and summary.json holds
    Schema,
}

/// Which schedules.
#[derive(Clone, Debug, Default, Args)]
pub struct SuiteArguments {
    /// The suite whose schedules are run [default: the first that `dupeproof list` shows]
    #[arg(long, value_name = "SUITE")]
    pub suite: Option<String>,
    /// A scenario file whose schedules are run instead
    #[arg(long, value_name = "FILE", conflicts_with = "suite")]
    pub scenario: Option<PathBuf>,
    /// Run the same suite in this world: its faults and knobs replace the suite's
    #[arg(long, value_name = "WORLD")]
    pub world: Option<String>,
    /// Draw only what is so real, and let only such causes break a promise [default: the scenario's own, else all; for a module
    /// or game of your own without --suite, --scenario and --world: reported]
    #[arg(long, value_name = "HOW", value_enum)]
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
    /// What runs on the virtual servers [default: the scenario's own subject, else core]
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
    /// Run the game of this Rojo project: a project file, a folder with one, or a sourcemap.json
    ///
    /// All its server scripts run, as on a server of Roblox. With --module or --game, only that module or script does; it is
    /// named by its file, or by its names in the tree, such as ServerScriptService.Data.
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "place")]
    pub project: Option<String>,
    /// Run the game in this file as Studio saves it: .rbxl, .rbxlx, .rbxm or .rbxmx; otherwise as --project
    #[arg(long, value_name = "FILE")]
    pub place: Option<String>,
    /// Run this Luau module: a file, a folder, or a package under node_modules
    ///
    /// If a Rojo project in a folder above mounts it, the whole tree of that project is there; otherwise what is beside the
    /// module, and above it as far as its scripts look.
    #[arg(long, value_name = "PATH", requires = "scripts")]
    pub module: Option<String>,
    /// Use this adapter: one that `dupeproof list` shows, or a .luau file of your own (`dupeproof init` writes one)
    ///
    /// `auto`, which is the default with --project and --place, recognises the data module. With `profile-store` and
    /// `profile-service`, the game's own scripts start the sessions, and the adapter judges those.
    #[arg(long, value_name = "NAME|PATH")]
    pub adapter: Option<String>,
    /// Run this server script of your game unchanged, with the Rojo project it belongs to; the adapter then only reads the items
    #[arg(long, value_name = "SCRIPT", requires = "scripts")]
    pub game: Option<String>,
    /// Let this Luau file supply what the game needs and is not there: it returns a table with the tables `services` and
    /// `globals` by name, `modules` and `objects` (such as remotes, with their class) by path
    #[arg(long, value_name = "FILE", requires = "scripts")]
    pub fake: Option<String>,
    /// Let links, the paths of projects and the `main` of a package lead into this folder, too; may be repeated
    ///
    /// Otherwise only what is in the folder of the project or the module is read, since scripts could read anything else.
    #[arg(long = "root", value_name = "DIR", requires = "scripts")]
    pub roots: Vec<String>,
    /// How precisely Luau servers keep time: coarse is for searching, 60hz for confirming
    #[arg(long, value_name = "FIDELITY", requires = "scripts", value_enum)]
    pub fidelity: Option<FidelityName>,
}

/// What is printed of what happens in the runs.
#[derive(Clone, Debug, Default, Args)]
pub struct LogArguments {
    /// Print what happens in the runs to stderr, such as `info` or `warn,dupeproof::request=debug`
    ///
    /// The syntax is that of tracing's EnvFilter. The targets are dupeproof::timeline, server, session, request, message,
    /// fault and script, and turmoil; the spans are `case{seed,case}` (in a search), `server{slot,life}` and
    /// `session{no,player}`, so that `[case{case=17}]=debug` prints one case. Times are seconds of simulated time. What
    /// is run again to shrink a schedule is not printed.
    #[arg(long, value_name = "FILTER", env = "DUPEPROOF_LOG", hide_env_values = true)]
    pub log: Option<String>,
    /// How --log prints it
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "human")]
    pub log_format: LogFormatName,
}

/// A format of the log, as it is called on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormatName {
    /// A line for people
    #[default]
    Human,
    /// A line of JSON: time_s (seconds of simulated time), level, fields, target, span, spans
    Json,
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
    /// The network that carries the runs [default: the scenario's own, else event]
    #[arg(long, value_name = "NETWORK", value_enum)]
    pub network: Option<NetworkName>,
}

impl RunsArguments {
    /// The network for this suite.
    pub fn network(self, suite: &Suite) -> Network {
        self.network.map(Network::from).or(suite.network).unwrap_or_default()
    }
}

/// What machines are told.
#[derive(Clone, Debug, Default, Args)]
pub struct MachineArguments {
    /// Write the results as JUnit XML, too
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write the findings as SARIF 2.1.0, too, for code scanning
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Add a summary in Markdown to the end of this file
    #[arg(long, value_name = "FILE", env = "GITHUB_STEP_SUMMARY", hide_env_values = true)]
    pub markdown: Option<PathBuf>,
    /// Print GitHub's annotations on stderr: broken promises at the line of the script that did it
    #[arg(long, env = "GITHUB_ACTIONS", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub annotations: bool,
}

/// How many threads a search has.
#[derive(Clone, Copy, Debug, Args)]
pub struct ThreadsArguments {
    /// How many threads to use; the result does not depend on it [default: one per core]
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
    /// At most this many causes for each kind of finding [default: 6, or 3 for Luau modules; always 1 on turmoil]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=20))]
    pub causes: Option<u16>,
    /// Where to write report.html, summary.json and failures/
    #[arg(long, value_name = "DIR", default_value = "dupeproof-out")]
    pub out: PathBuf,
    /// Keep the results of each case in cases.json beside the report, for `dupeproof compare`
    #[arg(long)]
    pub save_cases: bool,
    /// Keep the shrunk failure of each cause that breaks a promise in this folder, for `dupeproof replay DIR` and `dupeproof test`
    #[arg(long, value_name = "DIR")]
    pub save_failing: Option<PathBuf>,
    /// Go on from where a run of the same search into the same directory was stopped or killed, if one was
    #[arg(long)]
    pub resume: bool,
    /// What machines are told.
    #[command(flatten)]
    pub machine: MachineArguments,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
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
    /// At most this many causes for each kind of finding [default: 6, or 3 for Luau modules; always 1 on turmoil]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=20))]
    pub causes: Option<u16>,
    /// Where to write report.html, summary.json and failures/
    #[arg(long, value_name = "DIR", default_value = "dupeproof-out")]
    pub out: PathBuf,
    /// Keep the shrunk failure of each cause that breaks a promise in this folder, for `dupeproof replay DIR` and `dupeproof test`
    #[arg(long, value_name = "DIR")]
    pub save_failing: Option<PathBuf>,
    /// What machines are told.
    #[command(flatten)]
    pub machine: MachineArguments,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
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
    /// The network that carries the run [default: the one in the file, else the scenario's own, else event]
    #[arg(long, value_name = "NETWORK", value_enum)]
    pub network: Option<NetworkName>,
    /// Write every event of the run to this file, one JSON object per line
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Write the run to this file as a trace that ui.perfetto.dev opens
    #[arg(long, value_name = "FILE")]
    pub perfetto: Option<PathBuf>,
    /// Let --trace overwrite an existing file
    #[arg(long, requires = "trace")]
    pub force: bool,
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

/// What `explain` is told.
#[derive(Clone, Debug, Args)]
pub struct ExplainArguments {
    /// A failure file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// What `watch` is told.
#[derive(Clone, Debug, Args)]
pub struct WatchArguments {
    /// A failure file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// What `test` is told.
#[derive(Clone, Debug, Args)]
pub struct TestArguments {
    /// The file that says what is tested; its paths are relative to its folder
    #[arg(value_name = "FILE", default_value = "dupeproof.toml")]
    pub file: PathBuf,
    /// Run only tests whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Print the names of the tests, and run none
    #[arg(long)]
    pub list: bool,
    /// What machines are told.
    #[command(flatten)]
    pub machine: MachineArguments,
    /// Where to write a report of each search, in a folder of its name
    #[arg(long, value_name = "DIR", default_value = "dupeproof-test")]
    pub out: PathBuf,
    /// The threads.
    #[command(flatten)]
    pub threads: ThreadsArguments,
    /// What is printed of each case.
    #[command(flatten)]
    pub log: LogArguments,
}

/// What goes for each of several modules and games.
#[derive(Clone, Debug, Default, Args)]
pub struct EachArguments {
    /// Let what these modules and games name lead into this folder, too; may be repeated
    #[arg(long = "root", value_name = "DIR")]
    pub roots: Vec<String>,
    /// How precisely Luau servers keep time
    #[arg(long, value_name = "FIDELITY", value_enum)]
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
    /// Built-in subjects to compare, separated by commas [default: core,naive]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub subjects: Vec<String>,
    /// A Luau module to compare with them; may be repeated. Leave the path empty for an adapter alone: NAME=:ADAPTER
    #[arg(long = "module", value_name = "NAME=PATH:ADAPTER")]
    pub modules: Vec<String>,
    /// A game to compare with them, from a Rojo project; may be repeated
    #[arg(long = "project", value_name = "NAME=PATH:ADAPTER")]
    pub projects: Vec<String>,
    /// A game to compare with them, from a place or model file; may be repeated
    #[arg(long = "place", value_name = "NAME=PATH:ADAPTER")]
    pub places: Vec<String>,
    /// Which schedules.
    #[command(flatten)]
    pub drawn: SuiteArguments,
    /// How many schedules each subject runs
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
    /// Where to write bakeoff.html, bakeoff.json, and for a README bakeoff.md and bakeoff.svg
    #[arg(long, value_name = "DIR", default_value = "dupeproof-bakeoff")]
    pub out: PathBuf,
    /// Go on from where the same command into the same directory was stopped or killed, if it was
    #[arg(long)]
    pub resume: bool,
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
    /// A suite whose schedules are run; may be repeated [default: swarm, calm, hand_over, crash,
    /// cut_off and market]
    #[arg(long = "suite", value_name = "SUITE")]
    pub suites: Vec<String>,
    /// A scenario file whose schedules are run instead
    #[arg(long, value_name = "FILE", conflicts_with = "suites")]
    pub scenario: Option<PathBuf>,
    /// Run the same suites in this world: its faults and knobs replace the suites'
    #[arg(long, value_name = "WORLD")]
    pub world: Option<String>,
    /// Draw only what is so real [default: all]
    #[arg(long, value_name = "HOW", value_enum)]
    pub believe: Option<BeliefName>,
    /// How many schedules of each suite to run at most [default: 2,048, or 384 with Luau modules; those of a file of results]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = at_least_one)]
    pub cases: Option<u64>,
    /// The root of all randomness [default: 1, or that of a file of results]
    #[arg(long, value_name = "SEED", allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// The threads.
    #[command(flatten)]
    pub threads: ThreadsArguments,
    /// The modules and games.
    #[command(flatten)]
    pub each: EachArguments,
    /// Where to write compare.html, compare.json, base.json, candidate.json and failures/
    #[arg(long, value_name = "DIR", default_value = "dupeproof-compare")]
    pub out: PathBuf,
    /// Go on from where the same command into the same directory was stopped or killed, if it was
    #[arg(long)]
    pub resume: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
    /// What is printed of each case.
    #[command(flatten)]
    pub log: LogArguments,
}

/// What `sweep` is told.
#[derive(Clone, Debug, Args)]
pub struct SweepArguments {
    /// A constant or a knob, its range in whole numbers, and how many numbers of it make a grid [default: 5]; may be repeated
    #[arg(long = "param", value_name = "NAME=LO..HI[:STEPS]", required = true)]
    pub params: Vec<String>,
    /// At most so many settings
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub points: u16,
    /// Which schedules, and which subject runs them.
    #[command(flatten)]
    pub which: WhichArguments,
    /// How many schedules to run at each setting [default: 1,000, or 50 with Luau modules]
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
    /// Go on from where the same command into the same directory was stopped or killed, if it was
    #[arg(long)]
    pub resume: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
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
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
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
    /// Let links, the paths of projects and the `main` of a package lead into this folder, too; may be repeated
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

impl From<LogFormatName> for LogFormat {
    fn from(name: LogFormatName) -> LogFormat {
        match name {
            LogFormatName::Human => LogFormat::Human,
            LogFormatName::Json => LogFormat::Json,
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
