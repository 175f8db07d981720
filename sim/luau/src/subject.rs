//! A Luau module, or a whole server script, as a subject.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dupeproof_core::{Mono, Now, Span, Stored, Unix};
use dupeproof_sim::clock::epoch_unix_micros;
use dupeproof_sim::guest::Turn;
use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::schedule::{GamePlan, ServiceProfile, WorldClock};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::update::UpdateRules;
use dupeproof_sim::{Contract, Guest, Input, Output, Pace, Subject};
use serde_json::{Map, Value as Json, json};

use crate::fidelity::Fidelity;
use crate::guest::{LuauGuest, Program};
use crate::prelude::{self, Prelude};
use crate::raw::{Chunk, Limits};
use crate::tree::{Files, MountError, Tree};
use crate::value::Answer;

/// Why a module cannot be tested.
#[derive(Debug, thiserror::Error)]
pub enum SubjectError {
    /// Its files cannot be read or laid out.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// No built-in adapter has this name, and it is not the path of a script.
    #[error("there is no adapter `{name}`: give one of {known}, or the path of an adapter script")]
    NoAdapter {
        /// The name, as the user gave it.
        name: String,
        /// The names of the built-in adapters, separated by commas.
        known: String,
    },
    /// The scripts fail when they are started; the text is their error with its traceback.
    #[error("the scripts do not start:\n{0}")]
    Start(String),
}

/// The scripts to be tested, and how their servers run them.
#[derive(Debug)]
pub struct Options {
    /// The user's files.
    pub files: Files,
    /// The module's path in the tree, which the adapter requires; `None` for an adapter that needs no module.
    pub module: Option<Vec<String>>,
    /// The adapter's name and source.
    pub adapter: Option<(String, String)>,
    /// The path in the tree of the user's own server script, which runs unchanged beside the adapter.
    pub script: Option<Vec<String>>,
    /// The name and source of a script that returns what the game needs and is not there: services, globals, modules,
    /// remotes.
    pub fakes: Option<(String, String)>,
    /// How finely time is divided into frames.
    pub fidelity: Fidelity,
    /// The steps and bytes that scripts may use.
    pub limits: Limits,
    /// `Workspace.SignalBehavior` is Deferred.
    pub deferred: bool,
}

impl Options {
    /// These files on servers with default settings and coarse frames; no module, adapter or server script yet.
    pub fn new(files: Files) -> Options {
        Options {
            files,
            module: None,
            adapter: None,
            script: None,
            fakes: None,
            fidelity: Fidelity::default(),
            limits: Limits::default(),
            deferred: false,
        }
    }

    /// A module, through an adapter that is built in or a script of the user's.
    ///
    /// # Errors
    /// The module or the adapter cannot be read.
    pub fn module(path: &Path, adapter: &str) -> Result<Options, SubjectError> {
        let mut files = Files::new();
        let module = files.mount_module(path)?;
        Ok(Options { module: Some(module), adapter: Some(read_adapter(adapter)?), ..Options::new(files) })
    }
}

/// An adapter's name and source: built in, or a file.
///
/// # Errors
/// It is neither.
pub fn read_adapter(name: &str) -> Result<(String, String), SubjectError> {
    if let Some(source) = prelude::adapter(&name.replace('-', "_")) {
        return Ok((name.into(), source.into()));
    }
    let path = PathBuf::from(name);
    if !path.extension().is_some_and(|extension| extension == "luau" || extension == "lua") {
        let known: Vec<_> = prelude::adapters().map(|name| name.replace('_', "-")).collect();
        return Err(SubjectError::NoAdapter { name: name.into(), known: known.join(", ") });
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let source = fs::read_to_string(&path).map_err(|problem| MountError::Read { path, problem })?;
    Ok((name, source))
}

/// A Luau program that can run on virtual servers.
pub struct LuauSubject {
    program: Program,
    about: Json,
    contract: Contract,
    /// Records of players, which only a running script can make.
    records: Mutex<Records>,
}

/// The records made so far, by player and items.
type Records = std::collections::BTreeMap<(PlayerId, Vec<u32>), Stored>;

impl LuauSubject {
    /// Starts the scripts once, to see that they start and to read the adapter's description of itself.
    ///
    /// # Errors
    /// The scripts' own error.
    pub fn new(options: &Options, contract: Contract) -> Result<LuauSubject, SubjectError> {
        let mut program = program(options);
        let mut about = Json::Null;
        if options.adapter.is_some() {
            about = ask(&program, &[], vec!["describe".into()]).map_err(SubjectError::Start)?;
            record(&program, PlayerId(0), &[]).map_err(SubjectError::Start)?;
        }
        program.layout = layout(&about["where"]);
        Ok(LuauSubject { program, about, contract, records: Mutex::default() })
    }

    /// The adapter's description of itself: `name`, `about`, `where` (the store and path of the data), `can` (abilities).
    pub fn description(&self) -> &Json {
        &self.about
    }
}

impl Subject for LuauSubject {
    fn name(&self) -> &str {
        self.about["name"].as_str().unwrap_or("luau")
    }

    fn about(&self) -> &str {
        self.about["about"].as_str().unwrap_or("a server script")
    }

    fn contract(&self) -> &Contract {
        &self.contract
    }

    fn pace(&self) -> Pace {
        Pace::Slow
    }

    fn check_constant(&self, name: &str, value: u64) -> Result<(), String> {
        if self.program.tree.adapter().is_none() {
            return Err("a server script has no constants: it needs an adapter whose `setup` takes them".into());
        }
        // Only the module knows its constants: start it with this one and see whether it complains.
        ask(&self.program, &[(name, value)], vec!["describe".into()]).map(drop)
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        Box::new(LuauGuest::new(&self.program, boot))
    }

    fn layout(&self) -> RecordLayout {
        self.program.layout.clone()
    }

    fn record(&self, player: PlayerId, items: &[u32]) -> Stored {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let made = records.entry((player, items.into())).or_insert_with(|| {
            let record = record(&self.program, player, items);
            record.unwrap_or_else(|problem| panic!("the adapter's `record` failed: {problem}"))
        });
        made.clone()
    }
}

/// What all servers that run these scripts share.
pub(crate) fn program(options: &Options) -> Program {
    let adapter = options.adapter.as_ref().map(|(name, source)| (name.as_str(), source.as_str()));
    let compile = |(name, source): &(String, String)| Arc::new(Chunk::compile(name, source));
    Program {
        prelude: Prelude::built_in(),
        tree: Arc::new(Tree::new(&options.files, adapter)),
        fakes: options.fakes.as_ref().map(compile),
        fidelity: options.fidelity,
        limits: options.limits,
        layout: RecordLayout::default(),
        config: config(options),
    }
}

/// A record as the adapter makes it.
fn record(program: &Program, player: PlayerId, items: &[u32]) -> Result<Stored, String> {
    let items = Answer::List(items.iter().map(|item| Answer::from(*item)).collect());
    ask(program, &[], vec!["record".into(), player.0.into(), items]).map(Stored::from_json)
}

/// Asks a virtual machine that is started for this question alone.
pub(crate) fn ask(program: &Program, constants: &[(&str, u64)], question: Vec<Answer>) -> Result<Json, String> {
    let server = ServerId { slot: 0, life: 0 };
    let constants = constants.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let update = UpdateRules::of(&ServiceProfile::default());
    let (job_id, game) = (server.job_id(), GamePlan::default());
    let boot = Boot { server, job_id, constants, lease: Span::ZERO, game, seed: 0, update };
    // Monotonic clocks of real servers are well above zero.
    let now = Now { mono: Mono(3_600_000_000), unix: Unix(epoch_unix_micros(&WorldClock::default())) };
    let turn = Turn::new(now, &());
    let mut guest = LuauGuest::new(program, &boot);
    let mut out = Vec::new();
    guest.handle(&turn, Input::Wake, &mut out);
    let crash = out.iter().find_map(|output| match output {
        Output::Crashed(text) => Some(text.to_string()),
        _ => None,
    });
    match crash {
        Some(crash) => Err(crash),
        None => guest.ask(&turn, question),
    }
}

/// Where in a record the adapter says that the data and the lock are. Without either, the record is ProfileStore's.
fn layout(place: &Json) -> RecordLayout {
    let path = |name| {
        let names = place.get(name)?.as_array()?;
        names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
    };
    match (path("data"), path("lock")) {
        (None, None) => RecordLayout::Record,
        (data, lock) => RecordLayout::Paths { data: data.unwrap_or_default(), lock },
    }
}

fn config(options: &Options) -> Json {
    let mut config = Map::new();
    config.insert("place_id".into(), json!(1));
    config.insert("game_id".into(), json!(1));
    config.insert("place_version".into(), json!(1));
    config.insert("deferred".into(), options.deferred.into());
    if let Some(module) = &options.module {
        config.insert("module".into(), json!(module));
    }
    if let Some(script) = &options.script {
        config.insert("script".into(), json!(script));
        config.insert("game".into(), true.into());
    }
    Json::Object(config)
}
