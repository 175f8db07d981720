//! A Luau module, or a whole server script, as a subject.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dupeproof_core::{Span, Stored};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, FindingKind, Guest, Key, Pace, Place, Reader, Refusal, Schedule, Subject};
use serde_json::{Map, Value as Json, json};

use crate::capture::{self, Starts};
use crate::fidelity::Fidelity;
use crate::guest::{LuauGuest, Program};
use crate::input_file;
use crate::interpreter::Interpreter;
use crate::prelude::{self, Prelude};
use crate::raw::{Chunk, Limits};
use crate::reader::{self, LuauReader};
use crate::schema::{Schema, SchemaError, promised};
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
    /// The adapter says something of its game's stores, keys or fields that cannot be.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// The scripts to be tested, and how their servers run them.
#[derive(Clone, Debug)]
pub struct Options {
    /// The user's files.
    pub files: Files,
    /// The module's path in the tree, which the adapter requires; `None` for an adapter that needs no module.
    pub module: Option<Vec<String>>,
    /// The adapter's name and source.
    pub adapter: Option<(String, String)>,
    /// The path in the tree of the user's own server script, which runs unchanged beside the adapter.
    pub script: Option<Vec<String>>,
    /// The game starts its sessions itself: the adapter wraps these modules, copies of one, and judges the game's own sessions.
    /// Empty: the adapter starts the sessions.
    pub captures: Vec<Vec<String>>,
    /// The name and source of a script that returns what the game needs and is not there: services, globals, modules,
    /// remotes.
    pub fakes: Option<(String, String)>,
    /// How finely time is divided into frames.
    pub fidelity: Fidelity,
    /// The work and bytes that scripts may use.
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
            captures: Vec::new(),
            fakes: None,
            fidelity: Fidelity::default(),
            limits: Limits::default(),
            deferred: false,
        }
    }

    /// Whether scripts of the game load its players, and the adapter only finds what they have loaded.
    fn loads_players(&self) -> bool {
        self.script.is_some() || (self.files.scripts_run() && self.captures.is_empty())
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
    let source = input_file::source(&path).map_err(|problem| MountError::Read { path, problem })?;
    Ok((name, source))
}

/// A Luau program that can run on virtual servers.
pub struct LuauSubject {
    program: Program,
    about: Json,
    contract: Contract,
    /// The names of the adapter's game; `None` without an adapter.
    schema: Option<Arc<Schema>>,
    /// The modules whose sessions the game starts: their paths in the tree, as tracebacks have them.
    captured: Vec<String>,
    /// The coins of a player who owns nothing yet.
    purse: i64,
    /// Records of players, which only a running script can make.
    records: Mutex<Records>,
}

/// The records made so far, by player and items: the value of each place, where there is one.
type Records = std::collections::BTreeMap<(PlayerId, Vec<u32>), Vec<Option<Stored>>>;

/// An item that is looked for in a record that is made with it.
const PROBE: u32 = 7;

impl LuauSubject {
    /// Starts the scripts once, to see that they start and to read the adapter's description of itself.
    ///
    /// # Errors
    /// The scripts' own error.
    pub fn new(options: &Options, contract: Contract) -> Result<LuauSubject, SubjectError> {
        let mut subject = LuauSubject {
            about: Json::Null,
            contract,
            schema: None,
            captured: options.captures.iter().map(|names| names.join("/")).collect(),
            purse: 0,
            records: Mutex::default(),
            program: program(options),
        };
        if options.adapter.is_some() {
            let game = options.loads_players();
            subject.describe(game)?;
            if !options.captures.is_empty() {
                subject.find(game)?;
            }
        }
        Ok(subject)
    }

    /// Takes in what the adapter says of itself.
    fn describe(&mut self, game: bool) -> Result<(), SubjectError> {
        self.about = ask(&self.program, &[], vec!["describe".into()]).map_err(SubjectError::Start)?;
        let schema = Schema::of(&self.about, game)?;
        self.contract = promised(self.contract.clone(), &self.about["promises"])?;
        self.program.layout = schema.stored_layout();
        self.program.lock = schema.lock_place();
        self.probe(schema)
    }

    /// Finds out which sessions the game starts. If it starts none, the calm run before a search says why.
    fn find(&mut self, game: bool) -> Result<(), SubjectError> {
        let starts = Starts::default();
        self.program.starts = Some(starts.clone());
        let found = capture::find(self, &starts);
        self.program.starts = None;
        let Some(found) = found else { return Ok(()) };
        self.program.config["found"] = found;
        self.records = Mutex::default();
        self.describe(game)
    }

    /// Takes the names in: makes records, to see what of them can be read back.
    fn probe(&mut self, mut schema: Schema) -> Result<(), SubjectError> {
        let read = |items: &[u32]| {
            let made = records(&self.program, schema.parts.len(), PlayerId(0), items)?;
            let mut reader = LuauReader::new(&self.program, &Arc::new(schema.clone()), 0);
            let stored = made.iter().enumerate().filter_map(|(number, value)| Some((number, value.as_ref()?)));
            let contents = stored.map(|(number, value)| reader.contents(number, value));
            Ok::<_, String>(contents.fold((0, false), |(coins, there), contents| {
                (coins + contents.coins.unwrap_or(0), there || contents.items.contains(&PROBE))
            }))
        };
        let ((purse, _), (coins, there)) =
            (read(&[]).map_err(SubjectError::Start)?, read(&[PROBE]).map_err(SubjectError::Start)?);
        if !there && coins == purse {
            schema.without_items();
        }
        self.purse = purse;
        self.schema = Some(Arc::new(schema));
        Ok(())
    }

    /// Whether the game starts sessions of players by itself, as its first start has shown.
    pub fn starts_sessions(&self) -> bool {
        self.program.config["found"].is_object()
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

    fn auto_save(&self, schedule: &Schedule) -> Option<Span> {
        // ProfileStore's name for it; a module without such a constant refuses it.
        let set = schedule.constants.get("AUTO_SAVE_PERIOD").map(|seconds| Span::secs(*seconds));
        self.contract.auto_save.map(|own| set.unwrap_or(own))
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        Box::new(LuauGuest::new(&self.program, boot))
    }

    fn layout(&self) -> RecordLayout {
        match &self.schema {
            Some(schema) if !schema.is_plain() => reader::layout(),
            _ => self.program.layout.clone(),
        }
    }

    fn place(&self) -> Place {
        self.schema.as_ref().map_or_else(Place::built_in, |schema| schema.parts[0].place.clone())
    }

    fn places(&self) -> Vec<Place> {
        let parts = self.schema.iter().flat_map(|schema| &schema.parts).map(|part| part.place.clone());
        let places: Vec<Place> = parts.collect();
        if places.is_empty() { vec![self.place()] } else { places }
    }

    fn has_data(&self, stored: &Stored) -> bool {
        self.schema.as_ref().is_some_and(|schema| schema.decodes) || self.program.layout.data(stored).is_some()
    }

    fn data_path(&self) -> Vec<String> {
        self.program.layout.data_path()
    }

    fn reader(&self) -> Option<Box<dyn Reader>> {
        let schema = self.schema.as_ref()?;
        let known = schema.is_plain() && schema.parts[0].place == Place::built_in();
        (!known).then(|| Box::new(LuauReader::new(&self.program, schema, self.purse)) as Box<dyn Reader>)
    }

    fn knows_lock(&self) -> bool {
        self.schema.as_ref().is_none_or(|schema| schema.knows_lock())
    }

    fn not_tried(&self, kind: FindingKind) -> Option<&'static str> {
        self.schema.as_ref()?.not_tried(kind)
    }

    fn concerns_data(&self, error: &str) -> bool {
        let modules = &self.captured;
        modules.is_empty() || error.contains("(adapter)") || modules.iter().any(|module| error.contains(&**module))
    }

    fn check_records(&self, players: u16) -> Result<(), (PlayerId, String)> {
        let Some(schema) = &self.schema else { return Ok(()) };
        let mut interpreter = Interpreter::start(&self.program, &[]).map_err(|problem| (PlayerId(0), problem))?;
        (0..players).map(PlayerId).try_for_each(|player| {
            let made = records_by(&mut interpreter, schema.parts.len(), player, &[PROBE]);
            made.map(drop).map_err(|problem| (player, problem))
        })
    }

    fn record(&self, player: PlayerId, items: &[u32]) -> Stored {
        self.made(player, items).swap_remove(0).expect("an adapter that makes no record is refused")
    }

    fn records(&self, player: PlayerId, items: &[u32], _remembered: u32) -> Vec<(Key, Stored)> {
        let Some(schema) = &self.schema else {
            return vec![(self.place().address_of(player), self.record(player, items))];
        };
        let values = schema.parts.iter().zip(self.made(player, items));
        values.filter_map(|(part, value)| Some((part.place.address_of(player), value?))).collect()
    }
}

impl LuauSubject {
    /// What is stored of a player, by place.
    fn made(&self, player: PlayerId, items: &[u32]) -> Vec<Option<Stored>> {
        let mut made = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let places = self.schema.as_ref().map_or(1, |schema| schema.parts.len());
        let values = made.entry((player, items.into())).or_insert_with(|| {
            let values = records(&self.program, places, player, items);
            values
                .unwrap_or_else(|problem| Refusal::Subject(format!("the adapter's `record` failed: {problem}")).raise())
        });
        values.clone()
    }
}

/// What all servers that run these scripts share.
pub(crate) fn program(options: &Options) -> Program {
    let adapter = options.adapter.as_ref().map(|(name, source)| (name.as_str(), source.as_str()));
    let compile = |(name, source): &(String, String)| Arc::new(Chunk::compile(name, source));
    Program {
        prelude: Prelude::built_in(),
        start: Arc::default(),
        tree: Arc::new(Tree::new(&options.files, adapter)),
        fakes: options.fakes.as_ref().map(compile),
        starts: None,
        fidelity: options.fidelity,
        limits: options.limits,
        layout: RecordLayout::default(),
        lock: None,
        config: config(options),
    }
}

/// What is stored of a player, by place, as the adapter makes it.
fn records(program: &Program, places: usize, player: PlayerId, items: &[u32]) -> Result<Vec<Option<Stored>>, String> {
    records_by(&mut Interpreter::start(program, &[])?, places, player, items)
}

fn records_by(
    interpreter: &mut Interpreter,
    places: usize,
    player: PlayerId,
    items: &[u32],
) -> Result<Vec<Option<Stored>>, String> {
    let mut value = |place: u32| {
        let items = Answer::List(items.iter().map(|item| Answer::from(*item)).collect());
        let value = interpreter.ask(vec!["record".into(), player.0.into(), items, place.into()])?;
        // In the first place there must be something; what it is, is the adapter's affair.
        Ok((place == 1 || value != false).then(|| Stored::from_json(value)))
    };
    (1..).take(places).map(&mut value).collect()
}

/// Asks a virtual machine that is started for this question alone.
pub(crate) fn ask(program: &Program, constants: &[(&str, u64)], question: Vec<Answer>) -> Result<Json, String> {
    Interpreter::start(program, constants)?.ask(question)
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
    if !options.captures.is_empty() {
        config.insert("captures".into(), json!(options.captures));
    }
    if let Some(script) = &options.script {
        config.insert("script".into(), json!(script));
    }
    config.insert("loads_players".into(), options.loads_players().into());
    Json::Object(config)
}
