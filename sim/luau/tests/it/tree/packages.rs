//! Folders of packages, as their tools lay them out.

use dupeproof_luau::Files;

use super::{coverage, folder};

fn mounted(files: &[(&str, &str)]) -> Files {
    let folder = folder(files);
    let mut mounted = Files::new();
    mounted.mount_project(folder.path()).unwrap_or_else(|problem| panic!("{problem}"));
    mounted
}

#[test]
fn wally_links_packages_by_an_index() {
    let files = mounted(&[
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ReplicatedStorage": {"Packages": {"$path": "Packages"}}}}"#,
        ),
        ("Packages/Promise.lua", "return require(script.Parent._Index[\"own_promise@4.0.0\"][\"promise\"])"),
        (
            "Packages/_Index/own_promise@4.0.0/promise/default.project.json",
            r#"{"name": "promise", "tree": {"$path": "lib"}}"#,
        ),
        (
            "Packages/_Index/own_promise@4.0.0/promise/lib/init.lua",
            "return 'promise, ' .. require(script.Parent.Signal)",
        ),
        ("Packages/_Index/own_promise@4.0.0/promise/wally.toml", "[package]\nname = \"own/promise\""),
        (
            "Packages/_Index/own_promise@4.0.0/Signal.lua",
            "return require(script.Parent.Parent[\"own_signal@1.0.0\"][\"signal\"])",
        ),
        ("Packages/_Index/own_signal@1.0.0/signal/src/init.luau", "return 'signal'"),
        (
            "Packages/_Index/own_signal@1.0.0/signal/default.project.json",
            r#"{"name": "signal", "tree": {"$path": "src"}}"#,
        ),
    ]);
    let source = "local Packages = game.ReplicatedStorage.Packages
        local ok, problem = pcall(function() return require(Packages.Promise) end)
        print(ok, problem)
        print(select(2, pcall(function() return Packages.Trove end)))
        print(select(2, pcall(function() return require('@game/ReplicatedStorage/Packages/Trove') end)))
        print(select(2, pcall(function() return game.ReplicatedStorage.Packages._Index['a_b@1'] end)))
        print(select(2, pcall(function() return Packages.promise end)))";
    let lines = coverage(files, source);
    assert_eq!(lines[0], "true promise, signal");
    assert!(lines[1].contains("`Packages/Trove` is not there: run `wally install`"), "{lines:?}");
    assert!(lines[2].contains("`Packages/Trove` is not there: run `wally install`"), "{lines:?}");
    assert!(lines[3].contains("`Packages/_Index/a_b@1` is not there"), "{lines:?}");
    assert!(lines[4].contains("there is \"Promise\"") && !lines[4].contains("install"), "{lines:?}");
}

#[test]
fn pesde_has_folders_of_its_own() {
    let files = mounted(&[
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ReplicatedStorage": {"roblox_packages": {"$path": "roblox_packages"},
            "luau_packages": {"$path": {"optional": "luau_packages"}}}}}"#,
        ),
        ("pesde.toml", "name = \"own/game\""),
        ("roblox_packages/signal.luau", "return require(\"./.pesde/own+signal/1.0.0/signal\")"),
        ("roblox_packages/other.luau", "return require(script.Parent[\".pesde\"][\"own+signal\"][\"1.0.0\"].signal)"),
        ("roblox_packages/.pesde/own+signal/1.0.0/signal/init.luau", "return 'signal'"),
    ]);
    let source = "local packages = game.ReplicatedStorage.roblox_packages
        print(require(packages.signal), require(packages.other))
        print(select(2, pcall(function() return game.ReplicatedStorage.luau_packages end)))";
    let lines = coverage(files, source);
    assert_eq!(lines[0], "signal signal");
    assert!(lines[1].contains("`luau_packages` is not there: run `pesde install`"), "{lines:?}");
}

#[test]
fn roblox_ts_has_its_runtime_and_its_modules() {
    let runtime = "local TS = {}
        function TS.import(context, parent, ...)
            for _, name in { ... } do parent = parent:WaitForChild(name) end
            return require(parent)
        end
        function TS.getModule(context, scope, name)
            return script.Parent.node_modules[scope][name or '']
        end
        return TS";
    let files = mounted(&[
        (
            "default.project.json",
            r#"{"name": "game", "globIgnorePaths": ["**/package.json", "**/tsconfig.json"],
            "tree": {"$className": "DataModel", "ServerScriptService": {"TS": {"$path": "out/server"}},
            "ReplicatedStorage": {"rbxts_include": {"$path": "include", "node_modules": {"$className": "Folder",
                "@rbxts": {"$path": "node_modules/@rbxts"}}}, "TS": {"$path": "out/shared"}}}}"#,
        ),
        ("include/RuntimeLib.lua", runtime),
        ("include/Promise.lua", "return {}"),
        ("out/shared/config.luau", "return { coins = 5 }"),
        (
            "out/server/main.server.luau",
            "local TS = require(game:GetService('ReplicatedStorage'):WaitForChild('rbxts_include'):WaitForChild('RuntimeLib'))
            local config = TS.import(script, game:GetService('ReplicatedStorage'), 'TS', 'config')
            local store = TS.import(script, TS.getModule(script, '@rbxts', 'store').out)
            print(config.coins, store)",
        ),
        ("node_modules/@rbxts/store/package.json", "{\"main\": \"out/init.lua\"}"),
        ("node_modules/@rbxts/store/out/init.lua", "return 'store'"),
    ]);
    assert_eq!(super::running(files, ""), ["5 store"]);
}

#[test]
fn a_loader_is_a_module_like_any_other() {
    let loader = "local Loader = {}
        function Loader.load(from)
            return function(name)
                return require(from.Parent:FindFirstChild(name) or script.Parent.Shared[name])
            end
        end
        return Loader";
    let files = mounted(&[
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ServerScriptService": {"game": {"$path": "src"}}}}"#,
        ),
        ("src/loader.luau", loader),
        ("src/Shared/Maid.luau", "return 'maid'"),
        ("src/Data.luau", "local require = require(script.Parent.loader).load(script)\nreturn require('Maid')"),
    ]);
    assert_eq!(coverage(files, "print(require(game.ServerScriptService.game.Data))"), ["maid"]);
}

#[test]
fn modules_that_ask_a_loader_by_name_get_one_where_no_script_sets_it_up() {
    let folder = folder(&[
        (
            "node_modules/@own/store/src/Server/Store.lua",
            "local require = require(script.Parent.loader).load(script)\nreturn require('Maid') .. require(script.Parent.Near)",
        ),
        ("node_modules/@own/store/src/Server/Near.lua", "return ' near'"),
        ("node_modules/@own/maid/src/Shared/Maid.lua", "return 'maid'"),
        (
            "node_modules/@own/maid/src/Shared/Asks.lua",
            "local require = require(script.Parent.loader).load(script)\nreturn require('Nobody')",
        ),
    ]);
    for (path, expected) in [
        ("node_modules/@own/store/src/Server/Store.lua", "maid near"),
        ("node_modules/@own/maid/src/Shared/Asks.lua", "there is no module \"Nobody\" in the tree: run `npm install`"),
    ] {
        let mut files = Files::new();
        let names = files.mount_module(&folder.path().join(path)).unwrap_or_else(|problem| panic!("{problem}"));
        let walk: String = names.iter().map(|name| format!("[\"{name}\"]")).collect();
        let lines = coverage(files, &format!("print(require(game.ReplicatedStorage{walk}))")).join("\n");
        assert!(lines.contains(expected), "{lines}");
    }
}
