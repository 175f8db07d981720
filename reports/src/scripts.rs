//! A subject made of the user's own Luau scripts.

mod chosen;

use std::path::Path;

use dupeproof_luau::input_file;
use dupeproof_luau::{
    Fidelity, Files, Limits, LuauSubject, MountError, Options, SubjectError, contract_of, needs_module, read_adapter,
};
use dupeproof_scenarios::failure::Scripts;
use dupeproof_sim::{Digest, Subject};

use crate::args::{FidelityName, ScriptArguments};
use crate::error::CliError;
use crate::escape;
use crate::format;
use chosen::{AUTO, Chosen};

impl ScriptArguments {
    /// The scripts that were given, if any were.
    pub fn named(&self) -> Option<Scripts> {
        let fidelity = self.fidelity.unwrap_or_default();
        let ScriptArguments { project, place, module, adapter, game, fake, roots, .. } = self.clone();
        let fidelity = fidelity_name(fidelity).into();
        let is_whole = project.is_some() || place.is_some();
        let adapter = adapter.or_else(|| is_whole.then(|| AUTO.to_owned()))?;
        Some(Scripts { project, place, module, adapter, game, fake, roots, fidelity })
    }
}

/// How a fidelity is called on the command line.
pub fn fidelity_name(name: FidelityName) -> &'static str {
    match name {
        FidelityName::Coarse => "coarse",
        FidelityName::Sixty => "60hz",
    }
}

/// The words that give these scripts on a command line.
pub fn arguments(scripts: &Scripts) -> String {
    let flag = |name: &str, value: &str| format!("--{name} {}", format::quoted(value));
    let paths = [("project", &scripts.project), ("place", &scripts.place), ("module", &scripts.module)];
    let given = paths.into_iter().filter_map(|(name, path)| Some(flag(name, path.as_ref()?)));
    let mut words: Vec<String> = given.collect();
    words.push(flag("adapter", &scripts.adapter));
    words.extend(scripts.game.iter().map(|game| flag("game", game)));
    words.extend(scripts.fake.iter().map(|fake| flag("fake", fake)));
    words.extend(scripts.roots.iter().map(|root| flag("root", root)));
    if scripts.fidelity != fidelity_name(FidelityName::default()) {
        words.push(flag("fidelity", &scripts.fidelity));
    }
    words.join(" ")
}

/// The scripts as they were read at the start of a run: they may change on disk while it goes on.
pub struct Loaded {
    /// What `--adapter` calls the adapter.
    name: String,
    options: Options,
}

impl Loaded {
    /// Reads the scripts.
    ///
    /// # Errors
    /// When one is missing, or may not be read.
    pub fn read(scripts: &Scripts, from: PathsFrom) -> Result<Loaded, CliError> {
        let mounted = mount(scripts, from)?;
        let mut choices = chosen::choose(scripts, &mounted.files, mounted.module.clone())?;
        if choices.len() == 1 {
            return Loaded::with(scripts, from, mounted, choices.remove(0));
        }
        // Of several data modules, the one with which the game starts sessions.
        let mut starting = Vec::new();
        for chosen in choices {
            let loaded = Loaded::with(scripts, from, mounted.clone(), chosen).ok();
            starting.extend(loaded.filter(|loaded| loaded.subject().is_ok_and(|subject| subject.starts_sessions())));
        }
        match starting.len() {
            1 => Ok(starting.remove(0)),
            _ => Err(chosen::undecided(&mounted.files)),
        }
    }

    fn with(scripts: &Scripts, from: PathsFrom, mounted: Mounted, chosen: Chosen) -> Result<Loaded, CliError> {
        let Mounted { mut files, script, .. } = mounted;
        let Chosen { name, module, captures } = chosen;
        if is_game(scripts) && !captures.is_empty() && !files.has_server_scripts() {
            let error = format!("the game has `{name}`, and no server script that runs and could load players with it");
            return Err(CliError::new(error).hint(
                "see that ServerScriptService or Workspace has the game's scripts, or give the module alone with --module NAMES",
            ));
        }
        // The scripts of the game run if they load the players, or if the adapter finds what they have loaded.
        if is_game(scripts) && (!captures.is_empty() || !needs_module(&name)) {
            files.run_scripts();
        }
        let adapter = read_adapter(&name).map_err(|error| match error {
            SubjectError::Mount(problem) => unread("adapter", &name, &problem, from),
            other => CliError::new(other.to_string()).hint("`dupeproof init` writes an adapter to start from"),
        })?;
        let fidelity = Fidelity::named(&scripts.fidelity).ok_or_else(|| {
            CliError::new(format!("unknown fidelity `{}`", scripts.fidelity)).hint("use coarse or 60hz")
        })?;
        let fakes = scripts.fake.as_deref().map(fakes).transpose()?;
        let adapter = Some(adapter);
        let limits = if is_game(scripts) { Limits::of_a_game() } else { Limits::default() };
        let options = Options { module, adapter, script, captures, fakes, fidelity, limits, ..Options::new(files) };
        Ok(Loaded { name, options })
    }

    /// Starts the scripts once.
    ///
    /// # Errors
    /// When they do not start: with the traceback.
    pub fn subject(&self) -> Result<LuauSubject, CliError> {
        let name = &self.name;
        let subject = LuauSubject::new(&self.options, contract_of(name)).map_err(|error| {
            CliError::new(format!("`{name}` could not be started: {error}"))
                .hint("check that the adapter is made for this module, or fix what the traceback shows")
        })?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if !(1..=NAME_MAX).contains(&subject.name().len()) || !subject.name().chars().all(plain) {
            return Err(CliError::new(format!("`{name}` names itself `{}`", subject.name())).hint(format!(
                "give the adapter a `name` of up to {NAME_MAX} letters, digits, dots and dashes: it is part of file names"
            )));
        }
        Ok(subject)
    }

    /// The fingerprint of all that was read.
    pub fn digest(&self) -> Digest {
        Digest::of_text(&format!("{:?}", self.options))
    }

    /// Whether the servers keep the pace of a real one.
    pub fn is_fine(&self) -> bool {
        self.options.fidelity == Fidelity::Sixty
    }

    /// The same scripts at the pace of a real server.
    pub fn fine(&self) -> Loaded {
        Loaded { name: self.name.clone(), options: Options { fidelity: Fidelity::Sixty, ..self.options.clone() } }
    }

    /// The file of a script, as it is named where calls are shown: of the adapter, or by the path in the tree. As seen from the
    /// current directory if it is there.
    pub fn file_of(&self, script: &str) -> Option<String> {
        if script.ends_with(" (adapter)") {
            return Path::new(&self.name).is_file().then(|| self.name.replace('\\', "/"));
        }
        let file = self.options.files.file_of(script)?;
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        let file =
            here.ok().and_then(|here| file.strip_prefix(here).ok().map(Path::to_path_buf)).unwrap_or(file.into());
        Some(file.display().to_string().replace('\\', "/"))
    }

    /// Where an adapter of the user's says where records are: `adapter.luau, line 18`.
    pub fn where_line(&self) -> Option<String> {
        let (_, source) = self.options.adapter.as_ref().filter(|_| Path::new(&self.name).extension().is_some())?;
        let line = source.lines().position(|line| line.trim_start().starts_with("where"))?;
        Some(format!("{}, line {}", self.name, line + 1))
    }
}

/// The longest name of a subject: with the others it makes the name of a failure file.
const NAME_MAX: usize = 60;

/// Whether a whole project or place is the game, and no part of it was named.
pub fn is_game(scripts: &Scripts) -> bool {
    let whole = scripts.project.is_some() || scripts.place.is_some();
    whole && scripts.module.is_none() && scripts.game.is_none()
}

/// What a subject is made of, beside its adapter.
#[derive(Clone)]
pub struct Mounted {
    /// The tree.
    pub files: Files,
    /// The names of the module in the tree.
    pub module: Option<Vec<String>>,
    /// The names of the server script that runs.
    pub script: Option<Vec<String>>,
}

/// Lays out the project, the place, the module and the server script that were given.
///
/// # Errors
/// When one of them cannot be read.
pub fn mount(scripts: &Scripts, from: PathsFrom) -> Result<Mounted, CliError> {
    let mut files = Files::new();
    for root in &scripts.roots {
        files.allow_root(Path::new(root)).map_err(|problem| unread("root", root, &problem, from))?;
    }
    let (module, game) = (scripts.module.as_deref(), scripts.game.as_deref());
    let whole = match (&scripts.project, &scripts.place) {
        (Some(path), _) => Some(("project", path, files.mount_project(Path::new(path)))),
        (None, Some(path)) => Some(("place", path, files.mount_place(Path::new(path)))),
        (None, None) => None,
    };
    let is_whole = whole.is_some();
    // A project or a model may be a single module.
    let mut single = None;
    if let Some((what, path, mounted)) = whole {
        single = mounted.map_err(|problem| unread(what, path, &problem, from))?;
    }
    let module = match module {
        Some(path) if is_whole => Some(files.find(path).map_err(|problem| unread("module", path, &problem, from))?),
        Some(path) => {
            Some(files.mount_module(Path::new(path)).map_err(|problem| unread("module", path, &problem, from))?)
        }
        None => single,
    };
    let script = match game {
        Some(path) if is_whole => Some(files.find(path).map_err(|problem| unread("game", path, &problem, from))?),
        Some(path) => {
            Some(files.mount_script(Path::new(path)).map_err(|problem| unread("game", path, &problem, from))?)
        }
        None => None,
    };
    files.mount_aliases().map_err(|problem| CliError::new(format!("an alias of a .luaurc: {problem}")))?;
    Ok(Mounted { files, module, script })
}

/// A path that cannot be mounted. What to do is in the problem itself, unless the path leads nowhere.
fn unread(what: &str, path: &str, problem: &MountError, from: PathsFrom) -> CliError {
    let error = CliError::new(format!("the {what} `{}`: {problem}", escape::name(path)));
    if Path::new(path).exists() { error } else { error.hint(from.hint(what)) }
}

/// The name and source of the file that supplies what is not simulated.
///
/// # Errors
/// When it cannot be read.
pub fn fakes(path: &str) -> Result<(String, String), CliError> {
    let source = input_file::source(Path::new(path)).map_err(|problem| {
        CliError::new(format!("the file of fakes `{path}`: {problem}"))
            .hint("give --fake a Luau file; paths are relative to the current directory")
    })?;
    Ok((path.to_owned(), source))
}

/// Where the paths of scripts stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathsFrom {
    /// Somebody has just typed them.
    CommandLine,
    /// An earlier run has written them down, as they were typed then.
    File,
}

impl PathsFrom {
    /// What to do about a path that leads nowhere.
    fn hint(self, what: &str) -> String {
        match self {
            PathsFrom::CommandLine => "paths are relative to the current directory".into(),
            PathsFrom::File => format!(
                "the path is relative to the directory in which `dupeproof run` ran: go there, or give the {what} to \
                 `dupeproof replay` with --{what}"
            ),
        }
    }
}
