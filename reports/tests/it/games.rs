//! A game of the user's own, from its project or its place to a failure that replays.

use crate::terminal::Terminal;

/// Where `dupeproof-luau` has a small game that dupes, as a Rojo project, and its adapter.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/luau/tests/fixtures");

pub(crate) const DATA: &str = include_str!("../../../sim/luau/tests/fixtures/game_adapter.luau");

/// A place of one module, as Studio saves it as XML.
pub(crate) fn place(source: &str) -> String {
    format!(
        "<roblox version=\"4\"><Item class=\"ServerScriptService\" referent=\"0\"><Properties><string name=\"Name\">\
         ServerScriptService</string></Properties><Item class=\"ModuleScript\" referent=\"1\"><Properties>\
         <string name=\"Name\">Data</string><ProtectedString name=\"Source\"><![CDATA[{source}]]></ProtectedString>\
         </Properties></Item></Item></roblox>"
    )
}

/// A data module that saves without a lock.
pub(crate) const MODULE: &str = r#"
local store = game:GetService("DataStoreService"):GetDataStore("PlayerData")
local Data = { profiles = {} }
function Data.load(player)
    Data.profiles[player] = store:GetAsync("Player_" .. player.UserId) or { Items = {}, Stamp = 0 }
    return Data.profiles[player]
end
function Data.save(player)
    store:SetAsync("Player_" .. player.UserId, Data.profiles[player])
end
function Data.leave(player)
    Data.save(player)
    Data.profiles[player] = nil
end
return Data
"#;

#[test]
fn a_module_of_a_project_dupes_and_replays_from_its_file_alone() {
    let terminal = Terminal::new();
    let module = format!("{FIXTURES}/game/src/server/Data.luau");
    for (project, module) in [
        (String::new(), module.clone()),
        (format!("--project {FIXTURES}/game "), module),
        (format!("--project {FIXTURES}/game "), "ServerScriptService.Server.Data".into()),
    ] {
        let scripts = format!("{project}--module {module} --adapter {FIXTURES}/game_adapter.luau");
        let answer = terminal.dupeproof(&format!("run --suite brief --cases 20 {scripts}"));
        assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
        assert!(answer.stdout.contains(&scripts), "the commands name what was given: {}", answer.stdout);
        let failure = terminal.failure("dupeproof-out", "LostUpdate");
        assert_eq!(terminal.read(&failure).contains("\"project\": null"), project.is_empty());
        let answer = terminal.dupeproof(&format!("replay {failure}"));
        assert!(answer.stdout.contains("the same finding (LostUpdate), the same digest"), "{}", answer.stdout);
    }
}

#[test]
fn a_place_gives_what_the_same_module_in_a_file_gives() {
    let terminal = Terminal::new();
    terminal.write("Data.luau", MODULE);
    terminal.write("game.rbxlx", &place(MODULE));
    terminal.write("adapter.luau", DATA);
    let findings = |words: &str| {
        let json = terminal.json(&format!("run --suite brief --cases 20 --json --adapter adapter.luau {words}"));
        assert_eq!(json["verdict"], "unsafe", "{json}");
        json["findings"].as_array().expect("a list").iter().map(|found| found["count"].clone()).collect::<Vec<_>>()
    };
    let from_file = findings("--module Data.luau");
    assert_eq!(findings("--place game.rbxlx --module ServerScriptService.Data"), from_file);
    let failure = terminal.failure("dupeproof-out", "LostUpdate");
    assert!(terminal.read(&failure).contains("\"place\": \"game.rbxlx\""));
    assert_eq!(terminal.dupeproof(&format!("replay {failure}")).code, 1);
    std::fs::rename(terminal.path("game.rbxlx"), terminal.path("moved.rbxlx")).expect("it can be moved");
    terminal.dupeproof(&format!("replay {failure}")).refuses(&["the place `game.rbxlx`", "--place"]);
    let moved = "--place moved.rbxlx --module ServerScriptService.Data --adapter adapter.luau";
    assert_eq!(terminal.dupeproof(&format!("replay {failure} {moved}")).code, 1);
}

#[test]
fn the_scripts_of_a_project_run_beside_the_adapter() {
    let terminal = Terminal::new();
    let run = |project: &str| {
        terminal.dupeproof(&format!(
            "run --project {project} --adapter naive --suite brief --cases 1 --log info,dupeproof::script=info"
        ))
    };
    let answer = run(&format!("{FIXTURES}/game"));
    assert!(answer.stderr.contains("the game starts with 100 coins and 2 upgrades"), "{}", answer.stderr);
    terminal.write(
        "default.project.json",
        r#"{"tree": {"$className": "DataModel", "ServerScriptService": {"$path": "src"}}}"#,
    );
    terminal.write("src/Main.server.luau", "require(script.Parent.Data)");
    terminal.write("src/Data.luau", "\nlocal x = nil\nprint(x.y)");
    run(".").refuses(&["the server script ServerScriptService.Main failed", "because: ServerScriptService/Data:3"]);
}

#[test]
fn what_is_not_there_is_named_with_what_to_install() {
    let terminal = Terminal::new();
    terminal.write(
        "default.project.json",
        r#"{"tree": {"$className": "DataModel", "ReplicatedStorage": {"Packages": {"$path": "Packages"}}}}"#,
    );
    let words = ["the project `default.project.json`", "tree.ReplicatedStorage.Packages", "run `wally install`"];
    terminal.dupeproof("run --project default.project.json --adapter naive").refuses(&words);
    terminal.dupeproof("run --project gone --adapter naive").refuses(&["the project `gone`", "hint: paths are"]);
    terminal.dupeproof("run --place gone.rbxl --adapter naive").refuses(&["the place `gone.rbxl`", "hint: paths are"]);
    terminal.write("cut.rbxl", "<roblox!");
    terminal.dupeproof("run --place cut.rbxl --adapter naive").refuses(&["`cut.rbxl` is not valid"]);
    terminal.dupeproof("run --project . --place cut.rbxl --adapter naive").refuses(&["--project", "--place"]);
    terminal.dupeproof("run --project .").refuses(&words[1..]);
    terminal.write("default.project.json", "{\"tree\": {\"$className\": \"DataModel\"}}");
    terminal.dupeproof("run --module . --adapter naive").refuses(&["is a DataModel", "--project"]);
    terminal.dupeproof("run --project . --adapter lapis").refuses(&["the adapter `lapis` needs a module"]);
    terminal
        .dupeproof("run --project . --module Server.Data --adapter naive")
        .refuses(&["`Server.Data` is not in the tree"]);
    assert!(!terminal.path("dupeproof-out").exists(), "a refused run leaves nothing");
}

#[test]
fn a_bake_off_takes_games() {
    let terminal = Terminal::new();
    terminal.write("store.project.json", r#"{"name": "Data", "tree": {"$path": "Data.luau"}}"#);
    terminal.write("Data.luau", MODULE);
    terminal.write("game.rbxlx", &place(MODULE));
    terminal.write("adapter.luau", DATA);
    let answer = terminal.dupeproof(
        "bakeoff --suite brief --cases 2 --project game=store.project.json:adapter.luau --place place=game.rbxlx:naive",
    );
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let table = terminal.read("dupeproof-bakeoff/bakeoff.json");
    assert!(table.contains("--project store.project.json") && table.contains("--place game.rbxlx"), "{table}");
    terminal.dupeproof("bakeoff --project x=y").refuses(&["--project `x=y`", "NAME=PATH:ADAPTER"]);
}

/// A game that starts its sessions with a module of its own.
fn captured() -> String {
    format!("{FIXTURES}/captured")
}

#[test]
fn a_game_is_judged_by_the_sessions_that_it_starts_without_an_adapter() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof(&format!("run --project {} --suite brief --cases 20", captured()));
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("`profile-store` broke"), "{}", answer.stdout);
    assert!(answer.stdout.contains("DoubleLive"), "nobody waits for its lock: {}", answer.stdout);
    let warned = "even in a calm world, 1 script error (";
    assert!(
        answer.stdout.contains(warned) && answer.stdout.contains("ServerScriptService/Shop:2"),
        "{}",
        answer.stdout
    );
    assert!(terminal.read("dupeproof-out/report.html").contains("ServerScriptService/Shop:2"));
    let failure = terminal.failure("dupeproof-out", "DoubleLive");
    let answer = terminal.dupeproof(&format!("replay {failure}"));
    assert!(answer.stdout.contains("the same finding (DoubleLive), the same digest"), "{}", answer.stdout);
}

#[test]
fn a_game_without_a_known_data_module_is_told_what_was_looked_for() {
    let terminal = Terminal::new();
    terminal.write("game.rbxlx", &place(MODULE));
    terminal.dupeproof("run --place game.rbxlx").refuses(&[
        "no data module was found",
        "profile-store, profile-service, lapis, lyra",
        "`ServerScriptService.Data`",
        "dupeproof init --place game.rbxlx",
    ]);
    terminal.write("game.rbxlx", &place("return 1"));
    terminal.dupeproof("run --place game.rbxlx").refuses(&["no script names DataStoreService", "install it"]);
}

#[test]
fn several_data_modules_are_named() {
    let terminal = Terminal::new();
    let service =
        "function P.GetProfileStore() end function S:LoadProfileAsync() x.SessionLoadCount = 1 y:UpdateAsync() end";
    std::fs::create_dir(terminal.path("src")).expect("a new directory");
    terminal.write("src/Old.luau", service);
    terminal.write("src/New.luau", include_str!("../../../sim/luau/tests/fixtures/captured/server/Sessions.luau"));
    let project = r#"{"name": "Two", "tree": {"$className": "DataModel", "ServerStorage": {"$path": "src"}}}"#;
    terminal.write("default.project.json", project);
    terminal.dupeproof("run --project .").refuses(&[
        "several data modules",
        "`ServerStorage.New` (profile-store)",
        "`ServerStorage.Old` (profile-service)",
        "--adapter NAME",
    ]);
    // One of them is only there; the game starts its sessions with the other.
    let project = r#"{"name": "Two", "tree": {"$className": "DataModel", "ServerStorage": {"$path": "src"},
        "ServerScriptService": {"$path": "server"}}}"#;
    terminal.write("default.project.json", project);
    let main = include_str!("../../../sim/luau/tests/fixtures/captured/server/Main.server.luau");
    std::fs::create_dir(terminal.path("server")).expect("a new directory");
    terminal.write("server/Main.server.luau", &main.replace("script.Parent.Sessions", "game.ServerStorage.New"));
    let answer = terminal.dupeproof("run --project . --suite brief --cases 2");
    assert!(answer.stdout.contains("`profile-store`"), "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn a_module_that_is_given_is_recognised_too() {
    let terminal = Terminal::new();
    let module = format!("{}/server/Sessions.luau", captured());
    let answer = terminal.dupeproof(&format!("run --module {module} --adapter auto --suite brief --cases 3"));
    assert!(answer.stdout.contains("`profile-store`"), "{}{}", answer.stdout, answer.stderr);
    let module = format!("{FIXTURES}/fenced.luau");
    terminal.dupeproof(&format!("run --module {module} --adapter auto")).refuses(&["none of the data modules"]);
}
