//! Rojo projects.

use dupeproof_luau::Files;

use super::{coverage, dump, folder, refusal, running};
use crate::common::fixture;

/// A project with these files is mounted.
fn project(files: &[(&str, &str)]) -> Files {
    let folder = folder(files);
    let mut mounted = Files::new();
    mounted.mount_project(folder.path()).unwrap_or_else(|problem| panic!("{problem}"));
    mounted
}

/// Why a project with these files is refused.
fn refused(files: &[(&str, &str)]) -> String {
    refusal(Files::new().mount_project(folder(files).path()))
}

const STORAGE: &str = r#"{"name": "Game", "tree": {"$className": "DataModel", "ReplicatedStorage": {"$path": "src"}}}"#;

#[test]
fn every_kind_of_file_becomes_what_rojo_makes_of_it() {
    let lines = dump(project(&[
        ("default.project.json", STORAGE),
        ("src/a.luau", "return 1"),
        ("src/b.server.lua", ""),
        ("src/c.client.luau", ""),
        ("src/d/init.server.luau", ""),
        ("src/d/inner.lua", ""),
        ("src/e/init.client.lua", ""),
        ("src/f.json", "{ \"x\": [1, 2,], } // settings"),
        ("src/g.toml", "x = 1"),
        ("src/h.txt", "some text"),
        ("src/i.csv", "Key,Source\n"),
        (
            "src/j.model.json",
            r#"{"ClassName": "Folder", "Children": [{"Name": "Speed", "ClassName": "NumberValue",
            "Properties": {"Value": 4}}, {"className": "RemoteEvent"}]}"#,
        ),
        ("src/k/init.meta.json", r#"{"className": "Configuration", "attributes": {"Level": 3}}"#),
        ("src/l.model.json", ""),
        ("src/m.yaml", "x: 1"),
        ("src/n.project.json", r#"{"name": "Nested", "tree": {"$className": "Model"}}"#),
        ("src/readme.md", "no instance"),
        ("src/.hidden.luau", "return 1"),
        ("src/.git/x.luau", "no instance"),
    ]));
    let storage: Vec<&str> = lines.iter().map(String::as_str).take_while(|line| !line.starts_with("Server")).collect();
    assert_eq!(
        storage,
        [
            "ReplicatedStorage: ReplicatedStorage",
            "  .hidden: ModuleScript",
            "  a: ModuleScript",
            "  b: Script",
            "  c: LocalScript",
            "  d: Script",
            "    inner: ModuleScript",
            "  e: LocalScript",
            "  f: ModuleScript",
            "  g: ModuleScript",
            "  h: StringValue = some text",
            "  i: LocalizationTable",
            "  j: Folder",
            "    Speed: NumberValue = 4",
            "    RemoteEvent: RemoteEvent",
            "  k: Configuration Level=3",
            "  m: ModuleScript",
            "  Nested: Model",
        ]
    );
}

#[test]
fn modules_of_data_hold_the_data_and_yaml_says_that_it_is_not_read() {
    let files = project(&[
        ("default.project.json", STORAGE),
        ("src/f.json", "{ /* one */ \"x\": [1, 2,], }"),
        ("src/g.toml", "[y]\nz = \"w\""),
        ("src/m.yml", "x: 1"),
    ]);
    let source = "local s = game.ReplicatedStorage
        print(#require(s.f).x, require(s.g).y.z)
        print(pcall(require, s.m))";
    let lines = coverage(files, source);
    assert_eq!(lines[0], "2 w");
    assert!(lines.iter().any(|line| line.contains("m.yml`: dupeproof does not read YAML")), "{lines:?}");
}

#[test]
fn server_scripts_run_in_order_of_the_tree_where_they_would_on_roblox() {
    let files = project(&[
        (
            "default.project.json",
            r#"{"name": "Game", "tree": {"$className": "DataModel",
            "ServerScriptService": {"$path": "server"}, "Workspace": {"$path": "world"},
            "ReplicatedStorage": {"$path": "shared"}, "ServerStorage": {"$path": "stored"},
            "StarterPlayer": {"StarterPlayerScripts": {"$path": "client"}}}}"#,
        ),
        ("server/b.server.luau", "print('b')"),
        ("server/a/init.server.luau", "print('a', require(script.inner))"),
        ("server/a/inner.luau", "return 'inner'"),
        ("server/a/z.server.luau", "print('z')"),
        ("server/off.server.luau", "print('off')"),
        ("server/off.meta.json", r#"{"properties": {"Enabled": false}}"#),
        ("server/also_off.server.luau", "print('off')"),
        ("server/also_off.meta.json", r#"{"properties": {"Disabled": true}}"#),
        ("server/c.client.luau", "print('client')"),
        ("world/door.server.luau", "print('door')"),
        ("shared/lib.server.luau", "print('not here')"),
        ("shared/any.server.luau", "print('any')"),
        ("shared/any.meta.json", r#"{"properties": {"RunContext": "Server"}}"#),
        ("shared/tool.plugin.luau", "print('plugin')"),
        ("stored/later.server.luau", "print('not yet')"),
        ("client/x.server.luau", "print('not here either')"),
    ]);
    let lines = running(files, "print(game.ServerScriptService.off.Disabled, game.ServerScriptService.b.Enabled)");
    assert_eq!(lines, ["true true", "any", "a inner", "z", "b", "door"]);
}

#[test]
fn scripts_do_not_run_by_themselves_beside_a_module() {
    let files = project(&[
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ServerScriptService": {"$path": "server"}}}"#,
        ),
        ("server/b.server.luau", "print('b')"),
    ]);
    assert_eq!(coverage(files, "print('main')"), ["main"]);
}

#[test]
fn a_server_script_that_fails_is_named_with_its_line() {
    let files = project(&[
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ServerScriptService": {"$path": "server"}}}"#,
        ),
        ("server/b.server.luau", "local x = nil\nprint(x.y)"),
    ]);
    let lines = running(files, "");
    let crash = lines.iter().find(|line| line.starts_with("crashed")).unwrap_or_else(|| panic!("{lines:?}"));
    assert!(crash.contains("the server script ServerScriptService.b failed"), "{crash}");
    assert!(crash.contains("ServerScriptService/b:2"), "{crash}");
}

#[test]
fn a_project_says_what_is_left_out_and_what_files_are() {
    let lines = dump(project(&[
        (
            "default.project.json",
            r#"{"name": "Game", "globIgnorePaths": ["**/*.spec.luau", "src/old"],
            "syncRules": [{"pattern": "*.job.luau", "use": "serverScript", "suffix": ".job.luau"},
                          {"pattern": "*.data", "use": "json", "exclude": "**/raw.data"}],
            "emitLegacyScripts": false,
            "tree": {"$className": "DataModel", "ReplicatedStorage": {"$path": "src",
                "Extra": {"$className": "Folder", "$attributes": {"On": true}, "Deep": {"$className": "StringValue",
                    "$properties": {"Value": "text"}}},
                "None": {"$path": {"optional": "none"}}}}}"#,
        ),
        ("src/a.luau", ""),
        ("src/a.spec.luau", ""),
        ("src/old/b.luau", ""),
        ("src/c.job.luau", ""),
        ("src/d.data", "{}"),
        ("src/raw.data", "no JSON"),
        ("src/e.client.luau", ""),
        ("src/f/default.project.json", r#"{"name": "inner", "tree": {"$path": "lib"}}"#),
        ("src/f/lib/init.luau", ""),
        ("src/f/lib/part.spec.luau", ""),
        ("src/f/tests.luau", ""),
    ]));
    let storage: Vec<&str> = lines.iter().map(String::as_str).take_while(|line| !line.starts_with("Server")).collect();
    assert_eq!(
        storage,
        [
            "ReplicatedStorage: ReplicatedStorage",
            "  a: ModuleScript",
            "  c: Script",
            "  d: ModuleScript",
            "  e: Script",
            "  inner: ModuleScript",
            "  Extra: Folder On=true",
            "    Deep: StringValue = text",
        ]
    );
}

#[test]
fn a_project_that_is_one_module_is_that_module() {
    let folder = folder(&[
        ("default.project.json", r#"{"name": "Store", "tree": {"$path": "src"}}"#),
        ("src/init.luau", "return require(script.inner)"),
        ("src/inner.luau", "return 'inner'"),
    ]);
    let mut files = Files::new();
    let names = files.mount_project(folder.path()).expect("it is there").expect("it is one module");
    assert_eq!(names, ["ReplicatedStorage", "Store"]);
    assert_eq!(coverage(files, "print(require(game.ReplicatedStorage.Store))"), ["inner"]);
}

#[test]
fn a_project_is_found_in_its_folder_or_by_its_file() {
    let inner = r#"{"tree": {"$className": "DataModel"}}"#;
    let one = folder(&[("game.project.json", inner)]);
    Files::new().mount_project(one.path()).expect("the only one");
    let two = folder(&[("b.project.json", inner), ("a.project.json", inner)]);
    let problem = refusal(Files::new().mount_project(two.path()));
    assert!(problem.contains("several projects") && problem.contains("a.project.json`, `"), "{problem}");
    Files::new().mount_project(&two.path().join("b.project.json")).expect("it was named");
    let none = folder(&[("x.luau", "")]);
    assert!(refusal(Files::new().mount_project(none.path())).contains("is no project"));
    assert!(refusal(Files::new().mount_project(&none.path().join("x.luau"))).contains("is no project"));
    assert!(refusal(Files::new().mount_project(&none.path().join("nothing"))).contains("cannot read"));
}

#[test]
fn a_sourcemap_is_a_tree_as_well() {
    let folder = folder(&[
        (
            "sourcemap.json",
            r#"{"name": "Game", "className": "DataModel", "filePaths": ["default.project.json"], "children": [
            {"name": "ServerScriptService", "className": "ServerScriptService", "children": [
              {"name": "Main", "className": "Script", "filePaths": ["src/Main.server.luau"]},
              {"name": "Data", "className": "ModuleScript", "filePaths": ["src/Data/init.luau", "src/Data/init.meta.json"],
               "children": [{"name": "Rules", "className": "ModuleScript", "filePaths": ["src/Data/Rules.json"]}]}]}]}"#,
        ),
        ("src/Main.server.luau", "print(require(script.Parent.Data).Speed)"),
        ("src/Data/init.luau", "return require(script.Rules)"),
        ("src/Data/Rules.json", "{\"Speed\": 5}"),
    ]);
    let mut files = Files::new();
    files.mount_project(&folder.path().join("sourcemap.json")).expect("it is there");
    assert_eq!(running(files, ""), ["5"]);
    std::fs::remove_file(folder.path().join("src/Main.server.luau")).expect("it was there");
    let problem = refusal(Files::new().mount_project(&folder.path().join("sourcemap.json")));
    assert!(problem.contains("Main.server.luau") && problem.contains("write the sourcemap again"), "{problem}");
}

#[test]
fn what_makes_no_sense_is_named_with_its_place() {
    let tree = |tree: &str| format!("{{\"name\": \"Game\",\n \"tree\": {{\"$className\": \"DataModel\",\n {tree}}}}}");
    for (file, text, words) in [
        ("default.project.json", "{\n \"tree\": oops }".to_owned(), &["default.project.json", "line 2"][..]),
        ("default.project.json", "{}".to_owned(), &["missing field `tree`"]),
        ("default.project.json", tree("\"Workspace\": 3"), &["`tree.Workspace`: an object expected"]),
        ("default.project.json", tree("\"Thing\": {}"), &["`tree.Thing`", "`$className`"]),
        ("default.project.json", tree("\"Workspace\": {\"$path\": 3}"), &["`tree.Workspace.$path`"]),
        (
            "default.project.json",
            tree("\"X\": {\"$className\": \"NumberValue\", \"$properties\": {\"Value\": \"fast\"}}"),
            &["`tree.X.$properties.Value`: a Float64 expected, got `\"fast\"`"],
        ),
        (
            "default.project.json",
            tree("\"X\": {\"$className\": \"Script\", \"$properties\": {\"RunContext\": \"Servant\"}}"),
            &["`tree.X.$properties.RunContext`: an item of Enum.RunContext expected", "Server"],
        ),
        (
            "default.project.json",
            tree("\"X\": {\"$className\": \"Folder\", \"$attributes\": {\"Level\": [1, 2]}}"),
            &["`tree.X.$attributes.Level`"],
        ),
        ("src/x.meta.json", "{".to_owned(), &["x.meta.json", "line 1"]),
        ("src/x.model.json", "{}".to_owned(), &["x.model.json", "className"]),
        ("src/x.toml", "x = ".to_owned(), &["x.toml"]),
        ("src/x.rbxm", "no model".to_owned(), &["x.rbxm", "no model of Roblox"]),
        ("src/.luaurc", "[".to_owned(), &[".luaurc"]),
    ] {
        let mut files = vec![("default.project.json", STORAGE), ("src/x.luau", "")];
        files.retain(|(name, _)| *name != file);
        files.push((file, &text));
        let problem = refused(&files);
        for word in words {
            assert!(problem.contains(word), "`{word}` is not in: {problem}");
        }
    }
}

#[test]
fn a_path_that_is_not_there_comes_with_what_to_do() {
    let tree = |path: &str| {
        format!(r#"{{"tree": {{"$className": "DataModel", "ReplicatedStorage": {{"Lib": {{"$path": "{path}"}}}}}}}}"#)
    };
    for (path, beside, advice) in [
        ("Packages", "wally.toml", "`Packages` is not there: run `wally install`"),
        ("Packages", "pesde.toml", "run `pesde install`"),
        ("roblox_packages", "pesde.toml", "run `pesde install`"),
        ("node_modules/@rbxts", "package.json", "run `npm install`"),
        ("node_modules/@rbxts", "pnpm-lock.yaml", "run `pnpm install`"),
        ("out/server", "tsconfig.json", "run `npx rbxtsc`"),
        ("lib", "x.md", "git does not keep empty ones"),
    ] {
        let problem = refused(&[("default.project.json", &tree(path)), (beside, "")]);
        assert!(problem.contains("`tree.ReplicatedStorage.Lib`") && problem.contains(advice), "{problem}");
    }
    let modules = "[submodule \"lib\"]\n\tpath = lib\n\turl = https://example.com/lib\n";
    let problem = refused(&[("default.project.json", &tree("lib/src")), (".gitmodules", modules), (".git/config", "")]);
    assert!(problem.contains("git submodule update"), "{problem}");
}

#[test]
fn an_object_of_a_known_class_is_empty_where_its_folder_was_not_kept_and_packages_are_asked_for_all_the_same() {
    let tree = |object: &str| format!(r#"{{"tree": {{"$className": "DataModel", {object}}}}}"#);
    let lines = dump(project(&[(
        "default.project.json",
        &tree(r#""ReplicatedStorage": {"$path": "src", "X": {"$className": "Folder", "$path": "src/x"}}"#),
    )]));
    assert_eq!(lines[..2], ["ReplicatedStorage: ReplicatedStorage", "  X: Folder"]);
    let problem = refused(&[("default.project.json", &tree(r#""X": {"$path": "src/x"}"#))]);
    assert!(problem.contains("`tree.X`: `src/x` is not there"), "{problem}");
    let optional = r#"{"name": "X", "tree": {"$path": {"optional": "../gone"}}}"#;
    let lines =
        dump(project(&[("default.project.json", STORAGE), ("src/x.project.json", optional), ("src/y.luau", "")]));
    assert_eq!(lines[..2], ["ReplicatedStorage: ReplicatedStorage", "  y: ModuleScript"]);
    assert!(refused(&[("default.project.json", optional)]).contains("what it is made of is not there"));
    let packages = tree(r#""X": {"$className": "Folder", "$path": "Packages"}"#);
    let problem = refused(&[("default.project.json", &packages)]);
    assert!(problem.contains("run `wally install`"), "{problem}");
}

#[cfg(unix)]
#[test]
fn folders_in_themselves_are_refused() {
    let own = folder(&[("default.project.json", r#"{"tree": {"$path": "."}}"#), ("a.luau", "return 1")]);
    Files::new().mount_project(own.path()).expect("a project that mounts its own folder");
    let twice = folder(&[
        ("default.project.json", r#"{"tree": {"$className": "Folder", "A": {"$path": "b.project.json"}}}"#),
        ("b.project.json", r#"{"tree": {"$className": "Folder", "B": {"$path": "default.project.json"}}}"#),
    ]);
    assert!(refusal(Files::new().mount_project(twice.path())).contains("leads back into itself"));
    let linked = folder(&[("default.project.json", STORAGE), ("src/a/b.luau", "")]);
    std::os::unix::fs::symlink(linked.path().join("src"), linked.path().join("src/a/up")).expect("a link");
    let problem = refusal(Files::new().mount_project(linked.path()));
    assert!(problem.contains("up") && problem.contains("globIgnorePaths"), "{problem}");
}

#[test]
fn folders_that_are_deep_are_said_to_be_deep() {
    let path = format!("src/{}a.luau", "d/".repeat(80));
    let deep = folder(&[("default.project.json", STORAGE), (&path, "return 1")]);
    let problem = refusal(Files::new().mount_project(deep.path()));
    assert!(problem.contains("folders in each other more than 64 times") && !problem.contains("link"), "{problem}");
}

#[test]
fn a_model_with_many_instances_at_its_top_is_mounted() {
    let items = "<Item class=\"Folder\" referent=\"R\"></Item>".repeat(60_000);
    let model = folder(&[("many.rbxmx", &format!("<roblox version=\"4\">{items}</roblox>"))]);
    let mut files = Files::new();
    // Each looked for among all those before it would be 2,000 million looks.
    assert_eq!(files.mount_place(&model.path().join("many.rbxmx")).expect("it is a model"), None);
    assert!(files.contains(&["ServerScriptService".into(), "Folder".into()]));
}

/// Looking for each among all that are there would be 8 million looks, and many times the work that a server may do.
#[test]
fn a_service_with_thousands_of_children_starts() {
    let folders: String = (0..4_000).map(|number| format!("\"a{number}\": {{\"$className\": \"Folder\"}},")).collect();
    let tree = format!(
        "{{\"tree\": {{\"$className\": \"DataModel\", \"ReplicatedStorage\": {{{folders}
         \"b\": {{\"$className\": \"Folder\", \"c\": {{\"$className\": \"Folder\"}}}}}}}}}}"
    );
    let files = project(&[("default.project.json", &tree)]);
    let source = "print(#game.ReplicatedStorage:GetChildren(), game.ReplicatedStorage.b.c.ClassName)";
    assert_eq!(coverage(files, source), ["4001 Folder"]);
}

#[test]
fn a_large_part_of_the_tree_is_made_when_a_script_looks_into_it() {
    let models: String =
        (0..400).map(|number| format!("{{\"name\": \"Part{number}\", \"className\": \"Part\"}},")).collect();
    let map = format!("{{\"className\": \"Model\", \"children\": [{models}]}}");
    let files = project(&[
        ("default.project.json", r#"{"tree": {"$className": "DataModel", "Workspace": {"Map": {"$path": "map"}}}}"#),
        ("map/Town.model.json", &map),
    ]);
    let source = "local added = 0
        workspace.DescendantAdded:Connect(function() added += 1 end)
        local town = workspace.Map.Town
        print(#town:GetChildren(), town.Part7.ClassName, town.Part7.Parent == town, #workspace:GetDescendants() >= 402)
        Instance.new('Folder').Parent = town
        print(#town:GetChildren(), added, town.Part399:GetFullName())";
    assert_eq!(coverage(files, source), ["400 Part true true", "401 1 Workspace.Map.Town.Part399"]);
}

#[test]
fn a_whole_game_runs_with_its_packages_and_its_settings() {
    let mut files = Files::new();
    files.mount_project(&fixture("game")).unwrap_or_else(|problem| panic!("{problem}"));
    let lines = running(files, "");
    assert_eq!(lines, ["the game starts with 100 coins and 2 upgrades, the signal fired"]);
}
