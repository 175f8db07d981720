//! Where in the user's files a finding is told.

use std::path::Path;

use dupeproof_scenarios::failure::Scripts;

use crate::page::FindingSection;
use crate::scripts::Loaded;
use crate::summary::Summary;

/// A line of a file, as CI services link it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Its path, as it was given: relative to where dupeproof ran.
    pub file: String,
    /// The line, from 1 on.
    pub line: u32,
}

impl Location {
    /// Of a cause: the innermost line of the user's scripts that did it, before that of an adapter; or else the file of the
    /// module, the game or the adapter, or the scenario, or the failure file itself.
    pub fn of(summary: &Summary, section: &FindingSection, loaded: Option<&Loaded>, failure: &Path) -> Location {
        let calls = section.at_fault.as_ref().map_or(&*section.calls, |step| &*step.calls);
        if let Some(line) = loaded.and_then(|loaded| Location::of_calls(calls, loaded)) {
            return line;
        }
        let scripts = summary.scripts.as_ref().and_then(file_of);
        let file = scripts.or_else(|| summary.scenario.clone()).unwrap_or_else(|| failure.display().to_string());
        Location { file, line: 1 }
    }

    /// Of calls that are written as `SCRIPT:LINE FUNCTION`, the innermost first.
    pub fn of_calls(calls: &[String], loaded: &Loaded) -> Option<Location> {
        let place = |call: &String| {
            let (script, rest) = call.rsplit_once(':')?;
            let line = rest.split(' ').next()?.parse().ok()?;
            Some((script.ends_with(" (adapter)"), Location { file: loaded.file_of(script)?, line }))
        };
        let mut places: Vec<_> = calls.iter().filter_map(place).collect();
        places.sort_by_key(|(is_adapter, _)| *is_adapter);
        places.into_iter().next().map(|(_, place)| place)
    }
}

/// The file that is under test.
fn file_of(scripts: &Scripts) -> Option<String> {
    let adapter = Some(&scripts.adapter).filter(|adapter| Path::new(adapter).extension().is_some());
    let parts =
        [scripts.module.as_ref(), scripts.game.as_ref(), scripts.project.as_ref(), scripts.place.as_ref(), adapter];
    parts.into_iter().flatten().find_map(|path| inside(Path::new(path)))
}

/// A file; of a folder, the one that stands for it.
fn inside(path: &Path) -> Option<String> {
    const STANDS_FOR: [&str; 5] = ["init.luau", "init.lua", "default.project.json", "package.json", "sourcemap.json"];
    if path.is_dir() {
        return STANDS_FOR
            .iter()
            .map(|name| path.join(name))
            .find(|file| file.is_file())
            .and_then(|file| inside(&file));
    }
    // In a place, a module is named by its names in the tree.
    path.is_file().then(|| path.display().to_string().replace('\\', "/"))
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn a_folder_is_told_by_the_file_that_stands_for_it() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        assert_eq!(inside(folder.path()), None);
        std::fs::write(folder.path().join("init.luau"), "").expect("it can be written");
        assert!(inside(folder.path()).is_some_and(|file| file.ends_with("/init.luau")));
        assert_eq!(inside(&folder.path().join("ServerStorage.Data")), None);
    }
}
