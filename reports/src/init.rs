//! `dupeproof init`: files to start from, filled in with what was seen of a game.

mod game;
mod literal;
mod place;
mod record;
mod report;
mod script;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use dupeproof_luau::{Options, look::look};
use dupeproof_scenarios::failure::Scripts;

use self::game::FoundGame;
use self::script::Kind;
use crate::args::InitArguments;
use crate::atomic_file::AtomicFile;
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::scripts::{self, Mounted, PathsFrom};
use crate::{format, output};

const SCENARIO: (&str, &str) = ("dupeproof_scenario.toml", include_str!("init/scenario.toml"));
const ADAPTER: (&str, &str) = ("dupeproof_adapter.luau", include_str!("init/adapter.luau"));

/// Writes a scenario file and an adapter, and says what to do with them. If a game or a module is given, looks at it first.
///
/// # Errors
/// When one of them is there already, and then neither is written, when the directory cannot be written to, or when the
/// game does not start.
pub fn init(arguments: &InitArguments) -> Result<ExitCode, CliError> {
    let directory = &arguments.dir;
    for (name, _) in [SCENARIO, ADAPTER] {
        let path = directory.join(name);
        if path.symlink_metadata().is_ok() {
            return Err(CliError::new(format!("`{}` exists; nothing was written", escape::path(&path)))
                .hint("move it away, or give another directory: dupeproof init DIR"));
        }
    }
    let given = arguments.scripts();
    let Some(given) = given else {
        write(directory, ADAPTER.1)?;
        output::data(starter(directory))?;
        return Ok(ExitCode::Safe);
    };
    let mounted = scripts::mount(&given, PathsFrom::CommandLine)?;
    let game = seen(&given, mounted)?;
    let kind = if given.module.is_some() && !game.is_written() { Kind::Module } else { Kind::Game };
    let flags = flags(&given);
    let auto = format!("dupeproof run {flags} --adapter auto");
    let first = (!game.recognised.is_empty() && kind == Kind::Game).then_some(auto.as_str());
    write(directory, &script::script(&game, kind, first))?;
    output::data(format!("{}\n\n{}", report::report(&game), next(directory, &flags, kind, first)))?;
    Ok(ExitCode::Safe)
}

/// Looks at a game.
fn seen(given: &Scripts, mounted: Mounted) -> Result<FoundGame, CliError> {
    let Mounted { mut files, module, script } = mounted;
    if scripts::is_game(given) {
        files.run_scripts();
    }
    let fakes = given.fake.as_deref().map(scripts::fakes).transpose()?;
    let options = Options { module, script, fakes, ..Options::new(files) };
    let recognised = options.files.data_modules();
    let unseen = |why: String| {
        CliError::new(format!("the game could not be looked at: {why}"))
            .hint("mend what the traceback shows; what is not there can be supplied with --fake FILE")
    };
    let looked = look(&options).map_err(|error| unseen(error.to_string()))?;
    // What fails beside scripts that save is told with what they save.
    if !looked.errors.is_empty() && looked.writes.is_empty() {
        return Err(unseen(format!("nothing was written, and scripts failed:\n{}", looked.errors.join("\n"))));
    }
    Ok(FoundGame::of(looked, &recognised))
}

/// The words that give a game on a command line.
fn flags(given: &Scripts) -> String {
    let paths =
        [("project", &given.project), ("place", &given.place), ("module", &given.module), ("fake", &given.fake)];
    let flag = |(name, path): (&str, &Option<String>)| Some(format!("--{name} {}", format::quoted(path.as_deref()?)));
    let roots = given.roots.iter().map(|root| format!("--root {}", format::quoted(root)));
    paths.into_iter().filter_map(flag).chain(roots).collect::<Vec<_>>().join(" ")
}

fn write(directory: &Path, adapter: &str) -> Result<(), CliError> {
    let unwritable = |error: io::Error| {
        CliError::new(format!("`{}` cannot be written to: {error}", escape::path(directory)))
            .hint("give a directory you may write to: dupeproof init DIR")
    };
    fs::create_dir_all(directory).map_err(unwritable)?;
    for (name, text) in [SCENARIO, (ADAPTER.0, adapter)] {
        let file = AtomicFile::at(&directory.join(name));
        let file = file.and_then(|mut file| file.write_all(text.as_bytes()).map(|()| file));
        file.and_then(AtomicFile::create).map_err(unwritable)?;
    }
    Ok(())
}

/// The paths of both files, as words of a command line.
fn paths(directory: &Path) -> [String; 2] {
    [SCENARIO.0, ADAPTER.0].map(|name| format::quoted(&directory.join(name).display().to_string()))
}

/// What to do with the starter.
fn starter(directory: &Path) -> String {
    let [scenario, adapter] = paths(directory);
    format!(
        "wrote {scenario} and {adapter}\n\nThe adapter is a complete save script, so this works at once:\n\n  dupeproof run \
         --scenario {scenario} --adapter {adapter}\n\nThen make the adapter call your module, and run:\n\n  dupeproof run \
         --scenario {scenario} --adapter {adapter} --module PATH\n\nOr let it be filled in by a look at your game:\n\n  \
         dupeproof init --project PATH DIR\n\nEvery function of an adapter is explained by `dupeproof list contract`."
    )
}

/// What to do next with the adapter of a game.
fn next(directory: &Path, flags: &str, kind: Kind, first: Option<&str>) -> String {
    let [scenario, adapter] = paths(directory);
    let yours = match kind {
        Kind::Game => "`data_of`",
        Kind::Module => "`load_data` and `leave_data`",
    };
    let first = first.map_or_else(String::new, |first| format!("Try first, without the adapter:\n\n  {first}\n\n"));
    format!(
        "wrote {scenario} and {adapter}\n\n{first}Fill in {yours} at the top of the adapter: only you know that. Then see \
         that all goes well where nothing goes wrong, and search:\n\n  dupeproof run --scenario {scenario} --adapter \
         {adapter} {flags} --world calm\n  dupeproof run --scenario {scenario} --adapter {adapter} {flags}\n\nEvery \
         function of an adapter is explained by `dupeproof list contract`."
    )
}
