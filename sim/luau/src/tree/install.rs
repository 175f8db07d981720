//! Which command brings a folder that is not there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::luaurc::is_repository;
use crate::input_file::{self, TEXT_MAX};

/// By the name of a folder of packages, the command that fills it.
pub(super) type Installs = BTreeMap<String, String>;

/// The commands for a project in this folder, as its manifests and lock files say; without any, the usual ones.
pub(super) fn installs(folder: &Path) -> Installs {
    let there = |file: &str| is_above(folder, file);
    let wally = match (there("wally.toml"), there("pesde.toml"), there("rotriever.toml")) {
        (false, true, _) => "pesde install",
        (false, false, true) => "rotrieve install",
        _ => "wally install",
    };
    let node = match (there("pnpm-lock.yaml"), there("yarn.lock"), there("bun.lock") || there("bun.lockb")) {
        (true, _, _) => "pnpm install",
        (_, true, _) => "yarn install",
        (_, _, true) => "bun install",
        _ => "npm install",
    };
    let mut commands = Installs::new();
    for (names, command) in [
        (&["Packages", "ServerPackages", "DevPackages"][..], wally),
        (&["roblox_packages", "roblox_server_packages", "luau_packages", "lune_packages"], "pesde install"),
        (&["node_modules", "@rbxts"], node),
        (&["rbxts_include"], "npx rbxtsc"),
    ] {
        commands.extend(names.iter().map(|name| ((*name).to_owned(), command.to_owned())));
    }
    if there("tsconfig.json") {
        commands.extend(["out", "include"].map(|name| (name.to_owned(), "npx rbxtsc".to_owned())));
    }
    commands
}

/// The command that brings what a path of a project leads to.
pub(super) fn command(folder: &Path, path: &Path) -> Option<String> {
    let commands = installs(folder);
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let submodules = || is_submodule(folder, path).then(|| "git submodule update --init --recursive".to_owned());
    parts.rev().find_map(|part| commands.get(&part).cloned()).or_else(submodules)
}

/// What to do about a path of a project that leads nowhere.
pub(super) fn advice(command: Option<String>) -> String {
    command.map_or_else(
        || {
            "correct the path, make the folder (git does not keep empty ones), give it a `$className`, or let it be optional: \
             \"$path\": { \"optional\": .. }"
                .into()
        },
        |command| format!("run `{command}`"),
    )
}

/// Whether a folder or one above it, up to that of the repository, has this file.
fn is_above(folder: &Path, file: &str) -> bool {
    let Ok(folder) = fs::canonicalize(folder) else { return false };
    for above in folder.ancestors() {
        if above.join(file).is_file() {
            return true;
        }
        if is_repository(above) {
            return false;
        }
    }
    false
}

/// Whether version control has another repository at this path, or above it.
fn is_submodule(folder: &Path, path: &Path) -> bool {
    let Ok(folder) = fs::canonicalize(folder) else { return false };
    let Some(top) = folder.ancestors().find(|above| is_repository(above)) else { return false };
    let modules = input_file::text(&top.join(".gitmodules"), TEXT_MAX).unwrap_or_default();
    let paths = modules.lines().filter_map(|line| line.trim().strip_prefix("path")?.trim().strip_prefix('='));
    let wanted = super::luaurc::normal(&folder.join(path));
    paths.into_iter().any(|module| wanted.starts_with(top.join(module.trim())))
}
