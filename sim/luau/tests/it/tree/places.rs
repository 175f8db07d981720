//! Places and models, as Studio saves them.

use std::fs;

use dupeproof_luau::Files;
use rbx_dom_weak::types::{Attributes, Enum, Tags, Variant};
use rbx_dom_weak::{InstanceBuilder, WeakDom};

use super::{coverage, dump, folder, refusal, running};

fn script(class: &str, name: &str, source: &str) -> InstanceBuilder {
    InstanceBuilder::new(class).with_name(name).with_property("Source", source)
}

/// A small game.
fn place() -> WeakDom {
    let data = script("ModuleScript", "Data", "return { Start = script.Start.Value }")
        .with_child(InstanceBuilder::new("IntValue").with_name("Start").with_property("Value", Variant::Int64(7)));
    let main = script("Script", "Main", "print(require(script.Parent.Data).Start, script:GetAttribute('Mode'))")
        .with_property("Attributes", Attributes::new().with("Mode", "calm"));
    let idle = script("Script", "Idle", "print('idle')").with_property("Disabled", true);
    let shared = script("Script", "Shared", "print('shared')").with_property("RunContext", Enum::from_u32(1));
    let map = InstanceBuilder::new("Model").with_name("Map").with_children([
        InstanceBuilder::new("Part").with_name("Floor").with_property("Tags", Tags::from(vec!["Lava".to_owned()])),
        InstanceBuilder::new("Part").with_name("Floor"),
        script("Script", "Door", "print('door')"),
    ]);
    let services = [
        InstanceBuilder::new("Workspace").with_child(map),
        InstanceBuilder::new("ReplicatedStorage")
            .with_children([shared, InstanceBuilder::new("RemoteEvent").with_name("Buy")]),
        InstanceBuilder::new("ServerScriptService").with_children([data, main, idle]),
        InstanceBuilder::new("Chat"),
    ];
    WeakDom::new(InstanceBuilder::new("DataModel").with_children(services))
}

/// The bytes of a place in both formats, under names as Studio gives them.
fn saved(dom: &WeakDom) -> [(&'static str, Vec<u8>); 2] {
    let (mut binary, mut xml) = (Vec::new(), Vec::new());
    rbx_binary::to_writer(&mut binary, dom, dom.root().children()).expect("it can be written");
    rbx_xml::to_writer_default(&mut xml, dom, dom.root().children()).expect("it can be written");
    [("rbxl", binary), ("rbxlx", xml)]
}

fn mounted(bytes: &[u8], name: &str) -> (Files, Option<Vec<String>>) {
    let folder = folder(&[]);
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a file");
    let mut files = Files::new();
    let names = files.mount_place(&path).unwrap_or_else(|problem| panic!("{problem}"));
    (files, names)
}

#[test]
fn the_scripts_of_a_place_run_with_their_values_and_attributes() {
    for (kind, bytes) in saved(&place()) {
        let files = mounted(&bytes, &format!("game.{kind}")).0;
        assert_eq!(running(files, ""), ["door", "shared", "7 calm"], "{kind}");
        let source = "local floors = 0
            for _, child in workspace.Map:GetChildren() do
                if child.Name == 'Floor' and child.ClassName == 'Part' then floors += 1 end
            end
            print(floors, game.ReplicatedStorage.Buy.ClassName, game:FindService('Chat').ClassName)";
        assert_eq!(coverage(mounted(&bytes, "game").0, source), ["2 RemoteEvent Chat"], "{kind}");
    }
}

#[test]
fn a_place_that_was_built_from_a_project_is_the_same_tree() {
    let project = folder(&[
        (
            "default.project.json",
            r#"{"tree": {"$className": "DataModel", "ReplicatedStorage": {"Shared": {"$path": "shared"}},
            "ServerScriptService": {"Server": {"$path": "server"}}}}"#,
        ),
        ("shared/Config.luau", "return { Speed = 4 }"),
        ("shared/Name.txt", "a name"),
        ("server/Main.server.luau", "print(require(game.ReplicatedStorage.Shared.Config).Speed)"),
        ("server/Data/init.luau", "return 1"),
        ("server/Data/Inner.luau", "return 2"),
    ]);
    let mut from_project = Files::new();
    from_project.mount_project(project.path()).expect("it is there");
    let built = WeakDom::new(InstanceBuilder::new("DataModel").with_children([
        InstanceBuilder::new("ReplicatedStorage").with_child(
            InstanceBuilder::new("Folder").with_name("Shared").with_children([
                script("ModuleScript", "Config", "return { Speed = 4 }"),
                InstanceBuilder::new("StringValue").with_name("Name").with_property("Value", "a name"),
            ]),
        ),
        InstanceBuilder::new("ServerScriptService").with_child(
            InstanceBuilder::new("Folder").with_name("Server").with_children([
                script("ModuleScript", "Data", "return 1").with_child(script("ModuleScript", "Inner", "return 2")),
                script("Script", "Main", "print(require(game.ReplicatedStorage.Shared.Config).Speed)"),
            ]),
        ),
    ]));
    let expected = dump(from_project);
    for (kind, bytes) in saved(&built) {
        assert_eq!(dump(mounted(&bytes, "x").0), expected, "{kind}");
        assert_eq!(running(mounted(&bytes, "x").0, ""), ["4"], "{kind}");
    }
}

#[test]
fn an_object_value_means_its_instance_wherever_that_is() {
    let target = InstanceBuilder::new("Part").with_name("Target");
    let value = InstanceBuilder::new("ObjectValue").with_name("Pointer").with_property("Value", target.referent());
    let many = (0..100).map(|_| InstanceBuilder::new("Part"));
    let map = InstanceBuilder::new("Model").with_name("Map").with_children(many).with_child(target);
    let dom = WeakDom::new(InstanceBuilder::new("DataModel").with_children([
        InstanceBuilder::new("Workspace").with_child(map),
        InstanceBuilder::new("ReplicatedStorage").with_child(value),
    ]));
    for (kind, bytes) in saved(&dom) {
        let source = "print(game.ReplicatedStorage.Pointer.Value == workspace.Map.Target)";
        assert_eq!(coverage(mounted(&bytes, "x").0, source), ["true"], "{kind}");
    }
}

#[test]
fn a_model_goes_into_server_script_service_and_may_be_one_module() {
    let one =
        WeakDom::new(InstanceBuilder::new("DataModel").with_child(script("ModuleScript", "Store", "return 'store'")));
    for (kind, bytes) in saved(&one) {
        let (files, names) = mounted(&bytes, &format!("store.{}", kind.replace("rbxl", "rbxm")));
        assert_eq!(names.expect("one module"), ["ServerScriptService", "Store"]);
        assert_eq!(coverage(files, "print(require(game.ServerScriptService.Store))"), ["store"]);
    }
    let two = WeakDom::new(
        InstanceBuilder::new("DataModel")
            .with_children([script("Script", "One", "print('one')"), script("Script", "One", "print('two')")]),
    );
    let (files, names) = mounted(&saved(&two)[0].1, "two.rbxm");
    assert_eq!(names, None);
    assert_eq!(running(files, ""), ["one", "two"], "two instances of one name are two");
}

#[test]
fn a_model_in_a_project_has_the_name_of_its_file() {
    let model =
        WeakDom::new(InstanceBuilder::new("DataModel").with_child(script("ModuleScript", "Old", "return 'model'")));
    let [(_, binary), (_, xml)] = saved(&model);
    let project = folder(&[
        ("default.project.json", r#"{"tree": {"$className": "DataModel", "ReplicatedStorage": {"$path": "src"}}}"#),
        ("src/x.luau", ""),
    ]);
    fs::write(project.path().join("src/A.rbxm"), binary).expect("a file");
    fs::write(project.path().join("src/B.rbxmx"), xml).expect("a file");
    let mut files = Files::new();
    files.mount_project(project.path()).expect("it is there");
    let source = "local s = game.ReplicatedStorage print(require(s.A), require(s.B))";
    assert_eq!(coverage(files, source), ["model model"]);
    let two = WeakDom::new(
        InstanceBuilder::new("DataModel")
            .with_children([InstanceBuilder::new("Folder"), InstanceBuilder::new("Folder")]),
    );
    fs::write(project.path().join("src/A.rbxm"), &saved(&two)[0].1).expect("a file");
    let problem = refusal(Files::new().mount_project(project.path()));
    assert!(problem.contains("A.rbxm") && problem.contains("this one has 2"), "{problem}");
}

/// Numbers that are the same in every run.
fn draws() -> impl FnMut(usize) -> usize {
    let mut state = 1_u64;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap_or_default() % below
    }
}

#[test]
fn a_file_that_is_cut_off_or_damaged_is_refused_or_read_and_nothing_worse() {
    let folder = folder(&[]);
    let mut draw = draws();
    let mut refused = 0;
    for (kind, bytes) in saved(&place()) {
        let path = folder.path().join(format!("x.{kind}"));
        let mut attempt = |bytes: &[u8]| {
            fs::write(&path, bytes).expect("a file");
            if let Err(problem) = Files::new().mount_place(&path) {
                assert!(problem.to_string().contains("x.rbxl"), "{problem}");
                refused += 1;
            }
        };
        for _ in 0..150 {
            attempt(&bytes[..draw(bytes.len())]);
            let mut damaged = bytes.clone();
            for _ in 0..=draw(4) {
                let place = draw(damaged.len());
                damaged[place] = u8::try_from(draw(256)).unwrap_or_default();
            }
            attempt(&damaged);
        }
    }
    assert!(refused > 300, "all that are cut off: {refused}");
}

#[test]
fn what_is_no_place_is_refused() {
    let folder = folder(&[
        ("empty.rbxl", ""),
        ("text.rbxl", "hello"),
        ("page.rbxlx", "<html></html>"),
        ("deep.rbxmx", &format!("<roblox version=\"4\">{}", "<Item class=\"Folder\" referent=\"x\">".repeat(100_000))),
    ]);
    for (name, word) in [
        ("empty.rbxl", "no place and no model"),
        ("text.rbxl", "no place and no model"),
        ("page.rbxlx", "no place and no model"),
        ("deep.rbxmx", "in each other"),
        ("nothing.rbxl", "cannot read"),
    ] {
        let problem = refusal(Files::new().mount_place(&folder.path().join(name)));
        assert!(problem.contains(name) && problem.contains(word), "{problem}");
    }
    let mut huge = b"<roblox!\x89\xff\x0d\x0a\x1a\x0a\0\0".to_vec();
    huge.extend([0xff; 16]);
    huge.extend(*b"INST\x10\0\0\0\xff\xff\xff\xff\0\0\0\0");
    huge.extend([0; 16]);
    fs::write(folder.path().join("huge.rbxl"), huge).expect("a file");
    assert!(refusal(Files::new().mount_place(&folder.path().join("huge.rbxl"))).contains("announces more"));
}

/// A count that no file keeps.
const MANY: [u8; 4] = [0xff; 4];

fn text(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).expect("a short text");
    [&length.to_le_bytes(), text].concat()
}

/// A binary file with one instance of a class, and then these chunks; none of them packed.
fn with_chunks(class: &str, chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let one = [1, 0, 0, 0];
    let instances = [&[0; 4][..], &text(class.as_bytes()), &[0], &one, &[0; 4]].concat();
    let mut bytes = [b"<roblox!\x89\xff\x0d\x0a\x1a\x0a\0\0", &one[..], &one, &[0; 8]].concat();
    let all = [(b"INST", instances)].into_iter().chain(chunks.iter().map(|(name, data)| (*name, data.clone())));
    for (name, data) in all.chain([(b"END\0", Vec::new())]) {
        let length = u32::try_from(data.len()).expect("a short chunk");
        bytes.extend([&name[..], &[0; 4], &length.to_le_bytes(), &[0; 4], &data].concat());
    }
    bytes
}

/// Values of a property of the first class.
fn property(name: &str, kind: u8, values: &[u8]) -> (&'static [u8; 4], Vec<u8>) {
    (b"PROP", [&[0; 4], &text(name.as_bytes())[..], &[kind], values].concat())
}

/// An attribute that announces a NumberSequence of four thousand million keys.
fn endless_attribute() -> Vec<u8> {
    [&[1, 0, 0, 0][..], &text(b"a"), &[0x17], &MANY].concat()
}

#[test]
fn what_a_place_announces_and_does_not_hold_is_refused_before_room_is_made_for_it() {
    let folder = folder(&[]);
    let path = folder.path().join("x.rbxl");
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("a file");
        refusal(Files::new().mount_place(&path))
    };
    for (class, chunk, word) in [
        ("Folder", (b"META", MANY.to_vec()), "`META` announces more"),
        ("Folder", (b"INST", [&[1, 0, 0, 0][..], &text(b"Part"), &[0], &MANY].concat()), "`INST` announces more"),
        ("Folder", (b"PRNT", [&[0][..], &MANY].concat()), "`PRNT` announces more"),
        ("Folder", (b"SSTR", [&[0; 4][..], &[1, 0, 0, 0], &[0; 16], &MANY].concat()), "`SSTR` announces more"),
        ("Folder", property("Name", 0x01, &MANY), "`Name` announces more"),
        ("Trail", property("Transparency", 0x15, &MANY), "`Transparency` announces more"),
        ("Trail", property("Color", 0x16, &MANY), "`Color` announces more"),
        ("TextLabel", property("FontFace", 0x20, &MANY), "`FontFace` announces more"),
        ("ImageLabel", property("ImageContent", 0x22, &[&[0; 4][..], &MANY].concat()), "`ImageContent` announces more"),
        (
            "ImageLabel",
            property("ImageContent", 0x22, &[&[0; 12][..], &MANY].concat()),
            "`ImageContent` announces more",
        ),
    ] {
        let problem = refused(&with_chunks(class, &[chunk]));
        assert!(problem.contains("x.rbxl") && problem.contains(word), "{problem}");
    }
    let parents = (b"PRNT", [&[0, 1, 0, 0, 0][..], &[0; 4], &[0, 0, 0, 1]].concat());
    let attributes = property("AttributesSerialize", 0x01, &text(&endless_attribute()));
    let problem = refused(&with_chunks("Folder", &[property("Name", 0x01, &text(b"Odd")), attributes, parents]));
    assert!(problem.contains("attributes of `Odd` announce more"), "{problem}");
    let written = |attributes: &str| {
        format!(
            "<roblox version=\"4\"><Item class=\"Folder\" referent=\"R\"><Properties><string name=\"Name\">Odd</string>\
             <BinaryString name=\"AttributesSerialize\">{attributes}</BinaryString></Properties></Item></roblox>"
        )
    };
    // The same attribute in base64.
    let problem = refused(written("AQAAAAEAAABhF/////8=").as_bytes());
    assert!(problem.contains("attributes of `Odd` announce more"), "{problem}");
}

#[test]
fn tags_in_each_other_without_end_are_refused_whatever_they_are_called() {
    let odd = "<odd name=\"x\">".repeat(50_000);
    let item = format!("<roblox version=\"4\"><Item class=\"Folder\" referent=\"R\"><Properties>{odd}");
    let folder = folder(&[("odd.rbxlx", &item)]);
    let problem = refusal(Files::new().mount_place(&folder.path().join("odd.rbxlx")));
    assert!(problem.contains("odd.rbxlx") && problem.contains("its tags are in each other"), "{problem}");
}

#[test]
fn a_script_that_no_studio_saves_is_refused_by_name_wherever_it_is() {
    let long = "x = x ".repeat(200_000);
    let model = format!("{{\"ClassName\": \"ModuleScript\", \"Properties\": {{\"Source\": \"{long}\"}}}}");
    for (file, content) in [("src/Long.luau", &long), ("src/Long.model.json", &model)] {
        let project = r#"{"tree": {"$className": "DataModel", "ReplicatedStorage": {"$path": "src"}}}"#;
        let folder = folder(&[("default.project.json", project), (file, content)]);
        let problem = refusal(Files::new().mount_project(folder.path()));
        assert!(problem.contains(file) && problem.contains("more than 1 MiB"), "{problem}");
    }
    let services = InstanceBuilder::new("ServerScriptService")
        .with_child(InstanceBuilder::new("Folder").with_name("Deep").with_child(script("Script", "Long", &long)));
    let folder = folder(&[]);
    for (kind, bytes) in saved(&WeakDom::new(InstanceBuilder::new("DataModel").with_child(services))) {
        let path = folder.path().join(format!("x.{kind}"));
        fs::write(&path, bytes).expect("a file");
        let problem = refusal(Files::new().mount_place(&path));
        assert!(problem.contains("`ServerScriptService.Deep.Long` has more than 1 MiB"), "{problem}");
    }
}
