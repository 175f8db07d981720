//! The catalogue of mistakes: every edit can be made, and what it makes still starts. And what `compare` shows of it, at its
//! default settings: writes the table beside it.
//!
//! That takes hours, and goes on where it was stopped: what was compared is kept under `target/catalogue`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use dupeproof_core::Span;
use dupeproof_luau::{LuauSubject, Options};
use dupeproof_sim::Contract;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

#[derive(Deserialize)]
struct Catalogue {
    mistake: Vec<Edit>,
    same: Vec<Edit>,
}

#[derive(Deserialize)]
struct Edit {
    module: String,
    name: String,
    #[serde(default)]
    about: String,
    from: String,
    to: String,
    /// Why it does no harm, if it does none.
    harmless: Option<String>,
}

/// What is edited of modules from npm.
#[derive(Deserialize)]
struct Packages {
    file: Vec<PackageFile>,
}

#[derive(Deserialize)]
struct PackageFile {
    package: String,
    path: String,
    bytes: usize,
    adapter: String,
    edit: Vec<PlacedEdit>,
}

/// An edit of what stands at a place.
#[derive(Deserialize)]
struct PlacedEdit {
    name: String,
    about: String,
    /// Both from 1.
    line: usize,
    columns: [usize; 2],
    to: String,
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let text = std::fs::read_to_string(folder().join(name)).expect("it is there");
    toml::from_str(&text).expect("it is TOML")
}

impl PackageFile {
    /// Where `sim/luau/tests/upstream.sh` puts it.
    fn folder(&self) -> PathBuf {
        Path::new(ROOT).join("target/upstream/node_modules/@rbxts").join(&self.package)
    }

    /// Makes an edit in a copy of the package; the path of the copy.
    fn made_in(&self, edit: &PlacedEdit, directory: &Path) -> PathBuf {
        let copy = directory.join(&self.package);
        copy_all(&self.folder(), &copy);
        let path = copy.join(&self.path);
        let source = std::fs::read_to_string(&path).expect("sim/luau/tests/upstream.sh gets the packages");
        assert_eq!(source.len(), self.bytes, "{}: another version has other places", self.package);
        let mut lines: Vec<String> = source.split('\n').map(str::to_owned).collect();
        let [first, last] = edit.columns;
        lines[edit.line - 1].replace_range(first - 1..last, &edit.to);
        std::fs::write(&path, lines.join("\n")).expect("there is room");
        copy
    }
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("there is room");
    for entry in std::fs::read_dir(from).expect("sim/luau/tests/upstream.sh gets the packages") {
        let entry = entry.expect("it can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("there is room");
        }
    }
}

impl Edit {
    /// Makes the edit in a copy of the module in a directory; the path of the copy.
    fn made_in(&self, directory: &Path) -> PathBuf {
        let Edit { module, name, from, to, .. } = self;
        let source = std::fs::read_to_string(folder().join(format!("{module}.luau"))).expect("it is there");
        assert_eq!(source.matches(from.as_str()).count(), 1, "{module}, {name}: {from}");
        assert_ne!(from, to, "{module}, {name}");
        std::fs::create_dir_all(directory).expect("there is room");
        let path = directory.join(format!("{module}.luau"));
        std::fs::write(&path, source.replace(from.as_str(), to)).expect("there is room");
        path
    }
}

/// The adapter of a module.
fn adapter_of(module: &str) -> String {
    folder().join(format!("{module}_adapter.luau")).display().to_string()
}

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn folder() -> PathBuf {
    Path::new(ROOT).join("sim/luau/tests/mistakes")
}

/// Where a comparison is kept.
fn kept(name: &str) -> PathBuf {
    Path::new(ROOT).join("target/catalogue").join(name)
}

/// Compares two sides, unless that was done before.
fn compared(base: &Path, candidate: &Path, adapter: &str, name: &str) -> Json {
    let out = kept(name);
    let result = out.join("compare.json");
    if let Ok(text) = std::fs::read_to_string(&result) {
        return serde_json::from_str(&text).expect("it is whole");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_dupeproof"));
    command.arg("compare").args([base, candidate]).arg("--adapter").arg(adapter).arg("--out").arg(&out);
    let answer = command.arg("--json").output().expect("it starts");
    // Also of a module that does not even work in a calm world, of which nothing is kept.
    serde_json::from_slice(&answer.stdout)
        .unwrap_or_else(|_| panic!("{name}: {}", String::from_utf8_lossy(&answer.stderr)))
}

/// The results of a sound module, which every edit of it is compared with.
fn base_of(sound: &Path, adapter: &str, name: &str) -> PathBuf {
    let json = compared(sound, sound, adapter, name);
    assert_eq!(json["outcome"], "nothing_changed", "{name} with itself: {json}");
    kept(name).join("base.json")
}

fn edited(edit: &Edit) -> Json {
    let Edit { module, name, .. } = edit;
    let (sound, adapter) = (folder().join(format!("{module}.luau")), adapter_of(module));
    let name = format!("{module}.{name}");
    let path = edit.made_in(&kept("edited").join(&name));
    compared(&base_of(&sound, &adapter, module), &path, &adapter, &name)
}

fn edited_package(file: &PackageFile, edit: &PlacedEdit) -> Json {
    let name = format!("{}.{}", file.package, edit.name);
    let path = file.made_in(edit, &kept("edited").join(&name));
    compared(&base_of(&file.folder(), &file.adapter, &file.package), &path, &file.adapter, &name)
}

/// The rows that are worse, in a line each: question, base, candidate, p, cause.
fn worse(json: &Json) -> Vec<String> {
    if json["outcome"] == "broken" {
        let run = &json["broken"]["calm_run"];
        let why = [&run["problems"][0], &run["errors"][0]["text"]].into_iter().find_map(Json::as_str);
        return vec![format!("does not work in a calm world: {}", why.unwrap_or_default())];
    }
    let rows = json["rows"].as_array().expect("a list").iter().filter(|row| row["change"] == "worse");
    let mut lines: Vec<String> = rows.map(told).collect();
    lines.truncate(4);
    lines
}

fn told(row: &Json) -> String {
    let number = |name: &str| {
        let number = row[name].as_f64().unwrap_or_default();
        if row["unit"] == "ms" { format!("{:.3} s", number / 1_000.0) } else { format!("{number:.0}") }
    };
    let cause = row["cause"]["conditions"].as_array().map_or(String::new(), |conditions| {
        let words: Vec<&str> = conditions.iter().filter_map(|condition| condition["words"].as_str()).collect();
        let words = if words.is_empty() { "no fault".to_owned() } else { words.join(" + ") };
        format!("; {words}, {} steps", row["cause"]["steps"])
    });
    let question = row["question"].as_str().unwrap_or_default();
    format!(
        "`{question}` {} → {} (p {:.0e}{cause})",
        number("base"),
        number("candidate"),
        row["p"].as_f64().unwrap_or(1.0)
    )
}

/// The sections of the table, and how many mistakes are in it, and are shown.
#[derive(Default)]
struct Shown {
    text: String,
    all: usize,
    found: usize,
}

impl Shown {
    fn section(&mut self, module: &str) {
        let head = "| mistake | mechanism | what is worse | schedules |\n| --- | --- | --- | --- |";
        let _ = writeln!(self.text, "\n## `{module}`\n\n{head}");
    }

    fn add(&mut self, name: &str, about: &str, json: &Json) {
        let worse = worse(json);
        self.all += 1;
        self.found += usize::from(!worse.is_empty());
        let shown = if worse.is_empty() { "nothing".to_owned() } else { worse.join("<br>") };
        let _ = writeln!(self.text, "| {name} | {about} | {shown} | {} |", json["schedules"]);
    }
}

/// Of modules of our own, and of those from npm.
fn shown_of(mistakes: &[&Edit], packages: &[PackageFile]) -> Shown {
    let mut all = Shown::default();
    let mut modules: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    mistakes.iter().for_each(|edit| modules.entry(&edit.module).or_default().push(edit));
    for (module, edits) in modules {
        all.section(module);
        edits.into_iter().for_each(|edit| all.add(&edit.name, &edit.about, &edited(edit)));
    }
    for file in packages {
        all.section(&format!("@rbxts/{}", file.package));
        file.edit.iter().for_each(|edit| all.add(&edit.name, &edit.about, &edited_package(file, edit)));
    }
    all
}

#[test]
fn every_edit_of_the_catalogue_can_be_made_and_the_module_still_starts() {
    let Catalogue { mistake, same } = read("mistakes.toml");
    assert!(mistake.len() >= 60 && same.len() >= 12, "{} mistakes, {} equivalent edits", mistake.len(), same.len());
    let edited = tempfile::tempdir().expect("there is room");
    for edit in mistake.iter().chain(&same) {
        let (module, name) = (&edit.module, &edit.name);
        let options = Options::module(&edit.made_in(edited.path()), &adapter_of(module))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let contract = Contract::none(Span::secs(600), Span::secs(60));
        LuauSubject::new(&options, contract).unwrap_or_else(|error| panic!("{module}, {name}: {error}"));
    }
}

#[test]
#[ignore = "takes hours; writes sim/luau/tests/mistakes/RESULTS.md"]
fn compare_shows_the_mistakes_of_the_catalogue() {
    let Catalogue { mistake, same } = read("mistakes.toml");
    let Packages { file } = read("npm.toml");
    let (harmless, harmful): (Vec<&Edit>, Vec<&Edit>) = mistake.iter().partition(|edit| edit.harmless.is_some());
    let Shown { text, all, found } = shown_of(&harmful, &file);
    let mut page = format!(
        "# What `compare` shows of the mistakes\n\nEach module of this directory is compared with itself after one edit of \
         [`mistakes.toml`](mistakes.toml), at the default\nsettings of `dupeproof compare`: written by\n\n```sh\ncargo test --release \
         -p dupeproof --test it catalogue -- --ignored\n```\n\nafter `bash sim/luau/tests/upstream.sh`, which gets the packages \
         that [`npm.toml`](npm.toml) edits. Of {all} mistakes, {found} are shown. Below\nstand the questions that got worse (at \
         most four), with the number of schedules or the mean before and after, how probable\nthat is by chance, and the first \
         cause.\n{text}"
    );
    let _ = writeln!(
        page,
        "\n## Edits that do no harm\n\n| module | edit | what compare says | schedules |\n| --- | --- | --- | --- |"
    );
    for edit in harmless.into_iter().chain(&same) {
        let json = edited(edit);
        let why = edit.harmless.as_deref().map_or(String::new(), |why| format!(" ({why})"));
        let said = json["outcome"].as_str().unwrap_or_default().replace('_', " ");
        let _ = writeln!(page, "| {} | {}{why} | {said} | {} |", edit.module, edit.name, json["schedules"]);
    }
    std::fs::write(folder().join("RESULTS.md"), page).expect("there is room");
    assert!(found * 100 >= all * 95, "{found} of {all}");
}

#[test]
#[ignore = "takes a quarter of an hour"]
fn edits_that_change_nothing_are_never_told_as_a_change() {
    let Catalogue { same, .. } = read("mistakes.toml");
    let edited = tempfile::tempdir().expect("there is room");
    let mut pairs = 0;
    for edit in &same {
        let sound = folder().join(format!("{}.luau", edit.module));
        let path = edit.made_in(&edited.path().join(&edit.name));
        for (seed, candidate) in (1..=9).map(|seed| (seed, if seed % 5 == 0 { &sound } else { &path })) {
            let mut command = Command::new(env!("CARGO_BIN_EXE_dupeproof"));
            command.arg("compare").args([&sound, candidate]).arg("--adapter").arg(adapter_of(&edit.module));
            command.args(["--cases", "24", "--seed", &seed.to_string()]).arg("--out").arg(edited.path().join("out"));
            let answer = command.output().expect("it starts");
            let said = String::from_utf8_lossy(&answer.stdout);
            assert!(said.starts_with("Nothing changed"), "{} with seed {seed}: {said}", edit.name);
            pairs += 1;
        }
    }
    assert!(pairs >= 100, "{pairs}");
}
