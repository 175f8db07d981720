//! Which adapter is used, and for which module.

use dupeproof_luau::{ADAPTERS, DataModule, Files, captures, needs_module};
use dupeproof_scenarios::failure::Scripts;

use crate::error::CliError;
use crate::format;

/// The adapter's name if the data module is to be recognised.
pub(super) const AUTO: &str = "auto";

/// More scripts than anybody reads.
const CALLERS_MAX: usize = 10;

/// An adapter, and the modules that it is for.
pub(super) struct Chosen {
    /// What `--adapter` calls it.
    pub name: String,
    /// The names in the tree of the module that it requires; `None` if it needs none.
    pub module: Option<Vec<String>>,
    /// The modules that the game requires, and starts its sessions with; empty if the adapter starts them.
    pub captures: Vec<Vec<String>>,
}

impl Chosen {
    fn one(name: &str, module: Option<Vec<String>>) -> Chosen {
        Chosen { name: name.to_owned(), module, captures: Vec::new() }
    }
}

/// Takes what was given, and looks for the rest in the tree. `module` is the one that was given. There are several if only the
/// game itself shows which of its data modules it uses.
///
/// # Errors
/// What was looked for is not there, or several times.
pub(super) fn choose(scripts: &Scripts, files: &Files, module: Option<Vec<String>>) -> Result<Vec<Chosen>, CliError> {
    let found = files.data_modules();
    if module.is_some() || scripts.adapter != AUTO || found.is_empty() {
        return choose_one(scripts, files, module).map(|chosen| vec![chosen]);
    }
    let mut names: Vec<_> = found.iter().map(|module| module.adapter).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() > 1 && !names.iter().all(|name| captures(name)) {
        return Err(undecided(files));
    }
    let of = |name: &&str| found.iter().filter(|module| module.adapter == *name).cloned().collect();
    names.iter().map(|name| found_in_tree(of(name))).collect()
}

/// The game starts its sessions with none of its data modules, or with several.
pub(super) fn undecided(files: &Files) -> CliError {
    several(&files.data_modules())
        .hint("give the one that holds the players' data with --adapter NAME, or one alone with --module NAMES")
}

fn choose_one(scripts: &Scripts, files: &Files, module: Option<Vec<String>>) -> Result<Chosen, CliError> {
    let name = &*scripts.adapter;
    match module {
        // The game's own script runs, and its module is only wrapped.
        Some(names) if name == AUTO => match files.adapter_for(&names) {
            Some(adapter) => Ok(given(adapter, names, scripts)),
            None => Err(unknown_module(&names)),
        },
        Some(names) => Ok(given(name, names, scripts)),
        None if name == AUTO => Err(none(files, scripts)),
        None if !needs_module(name) => Ok(Chosen::one(name, None)),
        None => {
            let is_for_it = |found: &DataModule| found.adapter == name.replace('_', "-");
            let found: Vec<_> = files.data_modules().into_iter().filter(is_for_it).collect();
            if found.is_empty() {
                return Err(CliError::new(format!("the adapter `{name}` needs a module")).hint("add --module PATH"));
            }
            found_in_tree(found)
        }
    }
}

/// A module that was given: the game's own script may start the sessions.
fn given(adapter: &str, names: Vec<String>, scripts: &Scripts) -> Chosen {
    let captures = if captures(adapter) && scripts.game.is_some() { vec![names.clone()] } else { Vec::new() };
    Chosen { captures, ..Chosen::one(adapter, Some(names)) }
}

/// Modules for one adapter, at least one. The game requires the copy that it uses; of those that the adapter is to require,
/// there can be only one.
fn found_in_tree(found: Vec<DataModule>) -> Result<Chosen, CliError> {
    let name = found[0].adapter;
    let module = Some(found[0].names.clone());
    if captures(name) {
        let captures = found.into_iter().map(|module| module.names).collect();
        return Ok(Chosen { captures, ..Chosen::one(name, module) });
    } else if found.len() > 1 {
        return Err(several(&found).hint("give one of them with --module NAMES"));
    }
    Ok(Chosen::one(name, module))
}

fn several(found: &[DataModule]) -> CliError {
    let named: Vec<_> = found.iter().map(|module| format!("`{}` ({})", module.path(), module.adapter)).collect();
    CliError::new(format!("there are several data modules: {}", named.join(", ")))
}

fn unknown_module(names: &[String]) -> CliError {
    let error = format!("`{}` is none of the data modules that have an adapter: {}", names.join("."), known());
    CliError::new(error).hint("`dupeproof init` writes an adapter to start from")
}

/// No data module is there.
fn none(files: &Files, scripts: &Scripts) -> CliError {
    let callers = files.callers();
    let given = match (&scripts.project, &scripts.place) {
        (Some(path), _) => format!(" --project {}", format::quoted(path)),
        (None, Some(path)) => format!(" --place {}", format::quoted(path)),
        (None, None) => String::new(),
    };
    let (looked_for, init) = (known(), format!("`dupeproof init{given}` writes an adapter to start from"));
    if callers.is_empty() {
        return CliError::new(format!(
            "no data module was found in the tree (looked for {looked_for}), and no script names DataStoreService"
        ))
        .hint(format!("if it is a package, install it; if not, {init}"));
    }
    let more = callers.len().saturating_sub(CALLERS_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named: Vec<_> = callers.iter().take(CALLERS_MAX).map(|caller| format!("`{caller}`")).collect();
    CliError::new(format!(
        "no data module was found in the tree: looked for {looked_for}; scripts that name DataStoreService: {}{more}",
        named.join(", ")
    ))
    .hint(init)
}

/// The names of the adapters that are for a module.
fn known() -> String {
    let known = ADAPTERS.iter().filter(|adapter| adapter.needs_module).map(|adapter| adapter.name);
    known.collect::<Vec<_>>().join(", ")
}
