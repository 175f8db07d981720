//! `--module`: a module with what it needs.

use std::path::Path;

use dupeproof_luau::Files;

use super::{coverage, folder, refusal};

/// Mounts a module of a folder, and prints what it returns.
fn module_in(folder: &Path, path: &str) -> (Vec<String>, Vec<String>) {
    let mut files = Files::new();
    let names = files.mount_module(&folder.join(path)).unwrap_or_else(|problem| panic!("{path}: {problem}"));
    let walk: String = names.iter().map(|name| format!("[\"{name}\"]")).collect();
    let lines = coverage(files, &format!("print(require(game{walk}))"));
    (names, lines)
}

#[test]
fn a_module_of_a_game_has_the_whole_tree_of_the_project_above_it() {
    let folder = folder(&[
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ReplicatedStorage": {"Shared": {"$path": "src/shared"}},
            "ServerScriptService": {"Server": {"$path": "src/server"}}}}"#,
        ),
        ("src/shared/Config.luau", "return { store = 'Coins' }"),
        (
            "src/server/Data/init.luau",
            "return require(game:GetService('ReplicatedStorage'):WaitForChild('Shared').Config).store .. require(script.Parent.Other)",
        ),
        ("src/server/Other.luau", "return ' and other'"),
        ("src/server/Main.server.luau", "error('it does not run')"),
    ]);
    for path in ["src/server/Data", "src/server/Data/init.luau"] {
        let (names, lines) = module_in(folder.path(), path);
        assert_eq!(names, ["ServerScriptService", "Server", "Data"]);
        assert_eq!(lines, ["Coins and other"], "{path}");
    }
}

#[test]
fn the_project_that_mounts_the_module_counts_whatever_its_name() {
    let game = |path: &str| {
        format!(r#"{{"tree": {{"$className": "DataModel", "ServerStorage": {{"Lib": {{"$path": "{path}"}}}}}}}}"#)
    };
    let folder = folder(&[
        ("default.project.json", &game("other")),
        ("place.project.json", &game("lib")),
        ("broken.project.json", "{"),
        ("other/x.luau", ""),
        ("lib/Data.luau", "return script:GetFullName()"),
    ]);
    assert_eq!(module_in(folder.path(), "lib/Data.luau").1, ["ServerStorage.Lib.Data"]);
}

#[test]
fn a_package_that_is_installed_nowhere_stops_the_module_only_when_it_is_needed() {
    let folder = folder(&[
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ReplicatedStorage": {"Packages": {"$path": "Packages"}},
            "ServerStorage": {"Lib": {"$path": "lib"}}}}"#,
        ),
        ("lib/Data.luau", "return 'no package'"),
        ("lib/Needs.luau", "return require(game.ReplicatedStorage.Packages.Promise)"),
    ]);
    assert_eq!(module_in(folder.path(), "lib/Data.luau").1, ["no package"]);
    let lines = module_in(folder.path(), "lib/Needs.luau").1.join("\n");
    assert!(lines.contains("`Packages` is not there: run `wally install`"), "{lines}");
}

#[test]
fn a_project_that_is_one_module_is_a_module() {
    let folder = folder(&[
        ("Folder/default.project.json", r#"{"name": "Store", "tree": {"$path": "src"}}"#),
        ("Folder/src/init.luau", "return 'store ' .. require(script.Parent.Beside)"),
        ("File/default.project.json", r#"{"name": "Store2", "tree": {"$path": "Store.luau"}}"#),
        ("File/Store.luau", "return 'file'"),
        ("Beside.luau", "return 'beside'"),
        ("Game/default.project.json", r#"{"tree": {"$className": "DataModel"}}"#),
    ]);
    for path in ["Folder", "Folder/default.project.json", "Folder/src", "Folder/src/init.luau"] {
        assert_eq!(
            module_in(folder.path(), path),
            (["ReplicatedStorage", "Store"].map(str::to_owned).to_vec(), vec!["store beside".into()]),
            "{path}"
        );
    }
    for path in ["File", "File/Store.luau"] {
        assert_eq!(module_in(folder.path(), path).1, ["file"], "{path}");
    }
    for path in ["Game", "Game/default.project.json"] {
        let problem = refusal(Files::new().mount_module(&folder.path().join(path)));
        assert!(problem.contains("is a DataModel") && problem.contains("--project"), "{problem}");
    }
}

#[test]
fn without_a_project_what_is_beside_and_above_a_module_is_there() {
    let folder = folder(&[
        ("Packages/Store/init.luau", "return require(script.Parent.Promise) .. require(script.Deep)"),
        (
            "Packages/Store/Deep.luau",
            "return require(script.Parent.Parent.Parent.Shared.Config) .. require('../../Shared/Config')",
        ),
        ("Packages/Promise/init.luau", "return 'promise '"),
        ("Packages/broken.json", "{"),
        ("Shared/Config.luau", "return 'config '"),
    ]);
    let (names, lines) = module_in(folder.path(), "Packages/Store");
    assert_eq!(names, ["ReplicatedStorage", "Packages", "Store"]);
    assert_eq!(lines, ["promise config config "]);
    assert_eq!(module_in(folder.path(), "Packages/Promise").0, ["ReplicatedStorage", "Promise"]);
}

#[test]
fn aliases_of_any_folder_above_lead_to_files() {
    let folder = folder(&[
        (".git/config", ""),
        (".luaurc", "{ \"aliases\": { \"src\": \"src/\", \"Lib\": \"./src/lib\" }, } // ours"),
        (
            "src/init.luau",
            "return require('@src/inner') .. require('@lib/tool') .. require('@lib') .. require('@self/inner')",
        ),
        ("src/inner.luau", "return 'inner '"),
        ("src/lib/init.luau", "return 'lib '"),
        ("src/lib/tool.luau", "return 'tool '"),
        ("src/lib/.luaurc", "{ \"aliases\": { \"Lib\": \"..\" } }"),
        ("src/lib/near.luau", "return require('@lib/inner')"),
        ("src/wrong.luau", "return require('@src/nowhere')"),
        ("src/none.luau", "return require('@nobody/x')"),
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ServerStorage": {"Lib": {"$path": "src"}}}}"#,
        ),
    ]);
    assert_eq!(module_in(folder.path(), "src").1, ["inner tool lib inner "]);
    assert_eq!(module_in(folder.path(), "src/lib/near.luau").1, ["inner "]);
    let lines = module_in(folder.path(), "src/wrong.luau").1.join("\n");
    assert!(lines.contains("there is no \"nowhere\""), "{lines}");
    let lines = module_in(folder.path(), "src/none.luau").1.join("\n");
    assert!(lines.contains("no .luaurc has an alias \"nobody\""), "{lines}");
}

#[test]
fn a_module_of_what_is_mounted_is_found_by_its_file_or_its_names() {
    let folder = folder(&[
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ServerStorage": {"Lib": {"$path": "lib"}}}}"#,
        ),
        ("lib/Data/init.luau", ""),
        ("other/Data.luau", ""),
    ]);
    let mut files = Files::new();
    files.mount_project(folder.path()).expect("it is there");
    let path = |path: &str| folder.path().join(path).to_string_lossy().into_owned();
    for name in [&path("lib/Data"), "ServerStorage.Lib.Data", "game.ServerStorage.Lib.Data", "ServerStorage/Lib/Data"] {
        assert_eq!(files.find(name).expect("it is there"), ["ServerStorage", "Lib", "Data"]);
    }
    for name in [&path("other/Data.luau"), "ServerStorage.Lib", "ServerStorage.Data"] {
        assert!(refusal(files.find(name)).contains("is not in the tree"), "{name}");
    }
}
