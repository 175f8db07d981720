//! The user's files as scripts see them.

mod games;
mod modules;
mod packages;
mod places;

use std::fs;
use std::path::Path;

use dupeproof_luau::{Files, MountError, Options};
use dupeproof_sim::network::Network;

use crate::common::{run, schedule};

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

/// What a script logs that sees these files, beside the scripts of the tree.
fn coverage(files: Files, source: &str) -> Vec<String> {
    let mut files = files;
    files.add(&["ServerScriptService", "Probe"], source);
    let script = Some(vec!["ServerScriptService".to_owned(), "Probe".to_owned()]);
    run(&Options { script, ..Options::new(files) }, &schedule(3), Network::Event).0
}

#[test]
fn files_are_laid_out_as_rojo_does() {
    let folder = folder(&[
        ("src/Shared/init.luau", "return require(script.Inner) .. script.ClassName"),
        ("src/Shared/Inner.lua", "return 'inner '"),
        ("src/Start.server.luau", ""),
        ("src/Settings.json", "{\"speed\": 3}"),
        ("src/notes.md", "no script"),
        ("src/package.json", "{}"),
        ("src/Empty/readme.txt", "no script"),
    ]);
    let mut files = Files::new();
    files.mount(&["Game"], &folder.path().join("src")).expect("it is there");
    let lines = coverage(
        files,
        "local Game = game.ReplicatedStorage.Game
        local names = {}
        for _, child in Game:GetChildren() do table.insert(names, child.Name .. ' ' .. child.ClassName) end
        table.sort(names)
        print(table.concat(names, ', '))
        print(require(Game.Shared), require(Game.Settings).speed)",
    );
    let children = "Empty Folder, Settings ModuleScript, Shared ModuleScript, Start Script";
    assert_eq!(lines, [children, "inner ModuleScript 3"]);
}

#[test]
fn a_project_file_says_where_folders_go() {
    let folder = folder(&[
        (
            "default.project.json",
            "{\"name\": \"Place\", \"tree\": {\"$className\": \"DataModel\",
              \"ServerStorage\": {\"Lib\": {\"$path\": \"lib\"}, \"None\": {\"$path\": {\"optional\": \"none\"}}}}}",
        ),
        ("lib/a.luau", "return 'a'"),
    ]);
    let mut files = Files::new();
    files.mount(&[], folder.path()).expect("it is there");
    assert_eq!(coverage(files, "print(require(game.ServerStorage.Lib.a))"), ["a"]);
}

#[test]
fn a_module_is_found_however_it_is_pointed_at() {
    let folder = folder(&[
        ("Store.luau", "return 1"),
        ("Sibling.luau", "return 2"),
        ("Folder/init.lua", "return 3"),
        ("node_modules/@rbxts/store/package.json", "{\"main\": \"src/init.lua\"}"),
        ("node_modules/@rbxts/store/src/init.luau", "return 4"),
        ("node_modules/@rbxts/other/init.lua", "return 5"),
        ("node_modules/typescript/lib/x.lua", "return 6"),
    ]);
    let located = |path: &str| {
        let mut files = Files::new();
        let names = files.mount_module(&folder.path().join(path)).unwrap_or_else(|problem| panic!("{problem}"));
        assert!(files.contains(&names), "{names:?}");
        (files, names)
    };
    let (files, names) = located("Store.luau");
    assert_eq!(names[1..], ["Store"]);
    assert!(files.contains(&[names[0].clone(), "Sibling".to_owned()]), "what stands beside a file can be required");
    assert_eq!(located("Folder").1[1..], ["Folder"]);
    assert_eq!(located("Folder/init.lua").1[1..], ["Folder"]);
    let (files, names) = located("node_modules/@rbxts/store");
    assert_eq!(names, ["node_modules", "@rbxts", "store", "src"]);
    assert!(files.contains(&["node_modules", "@rbxts", "other"].map(str::to_owned)));
    assert!(!files.contains(&["node_modules", "typescript"].map(str::to_owned)));
}

#[test]
fn aliases_are_read_from_luaurc() {
    let folder = folder(&[
        (".luaurc", "{\"aliases\": {\"lib\": \"./Packages\"}}"),
        ("Packages/Tool.luau", "return 'tool'"),
        ("Main.luau", "return require('@lib/Tool') .. require('./Packages/Tool')"),
    ]);
    let mut files = Files::new();
    files.mount(&["Game"], folder.path()).expect("it is there");
    assert_eq!(coverage(files, "print(require(game.ReplicatedStorage.Game.Main))"), ["tooltool"]);
}

#[test]
fn what_cannot_be_mounted_is_named() {
    let folder = folder(&[("empty/readme.md", ""), ("bad/x.json", "{")]);
    let mut files = Files::new();
    let missing = files.mount_module(&folder.path().join("nothing.luau")).expect_err("it is not there");
    assert!(missing.to_string().contains("nothing.luau") && matches!(missing, MountError::Read { .. }), "{missing}");
    let empty = files.mount_module(&folder.path().join("empty")).expect_err("no module");
    assert!(empty.to_string().contains("is no module"), "{empty}");
    let bad = files.mount(&["bad"], &folder.path().join("bad")).expect_err("no JSON");
    assert!(bad.to_string().contains("x.json"), "{bad}");
    let unknown = Options::module(Path::new("x"), "nobody").expect_err("no such module");
    assert!(unknown.to_string().contains('x'), "{unknown}");
    let adapter = dupeproof_luau::read_adapter("nobody").expect_err("no such adapter");
    assert!(adapter.to_string().contains("profile-store"), "{adapter}");
}

/// Prints a tree: a line for each instance, with its class and what is in a value object.
const DUMP: &str = r#"
local function dump(object, depth)
    local line = string.rep("  ", depth) .. object.Name .. ": " .. object.ClassName
    if string.find(object.ClassName, "Value$") then
        line ..= " = " .. tostring(object.Value)
    end
    for name, value in object:GetAttributes() do
        line ..= ` {name}={value}`
    end
    print(line)
    for _, child in object:GetChildren() do
        if child.Name ~= "Adapter" and child ~= script then
            dump(child, depth + 1)
        end
    end
end
for _, name in { "ReplicatedStorage", "ServerScriptService", "ServerStorage", "StarterPlayer", "Workspace" } do
    dump(game:GetService(name), 0)
end
"#;

/// The whole tree of files, as a script sees it.
fn dump(files: Files) -> Vec<String> {
    coverage(files, DUMP)
}

/// What a script and the scripts of the tree log.
fn running(mut files: Files, source: &str) -> Vec<String> {
    files.run_scripts();
    coverage(files, source)
}

/// The error of a mount, as people read it.
fn refusal<T>(mounted: Result<T, MountError>) -> String {
    match mounted {
        Ok(_) => panic!("it was mounted"),
        Err(problem) => problem.to_string(),
    }
}
