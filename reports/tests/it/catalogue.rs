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

impl Catalogue {
    fn read() -> Catalogue {
        let text = std::fs::read_to_string(folder().join("mistakes.toml")).expect("it is there");
        toml::from_str(&text).expect("it is TOML")
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
fn adapter_of(module: &str) -> PathBuf {
    folder().join(format!("{module}_adapter.luau"))
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
fn compared(base: &Path, candidate: &Path, module: &str, name: &str) -> Json {
    let out = kept(name);
    let result = out.join("compare.json");
    if let Ok(text) = std::fs::read_to_string(&result) {
        return serde_json::from_str(&text).expect("it is whole");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_dupeproof"));
    command.arg("compare").args([base, candidate]).arg("--adapter").arg(adapter_of(module)).arg("--out").arg(&out);
    let answer = command.arg("--json").output().expect("it starts");
    // Also of a module that does not even work in a calm world, of which nothing is kept.
    serde_json::from_slice(&answer.stdout)
        .unwrap_or_else(|_| panic!("{name}: {}", String::from_utf8_lossy(&answer.stderr)))
}

/// The results of a sound module, which every edit of it is compared with.
fn base_of(module: &str) -> PathBuf {
    let sound = folder().join(format!("{module}.luau"));
    let json = compared(&sound, &sound, module, module);
    assert_eq!(json["outcome"], "nothing_changed", "{module} with itself: {json}");
    kept(module).join("base.json")
}

fn edited(edit: &Edit) -> Json {
    let name = format!("{}.{}", edit.module, edit.name);
    let path = edit.made_in(&kept("edited").join(&name));
    compared(&base_of(&edit.module), &path, &edit.module, &name)
}

/// The rows that are worse, in a line each: question, base, candidate, p, cause.
fn worse(json: &Json) -> Vec<String> {
    if json["outcome"] == "broken" {
        let run = &json["broken"]["calm_run"];
        let why = [&run["problems"][0], &run["errors"][0]["text"]].into_iter().find_map(Json::as_str);
        return vec![format!("does not work in a calm world: {}", why.unwrap_or_default())];
    }
    let rows = json["rows"].as_array().expect("a list").iter().filter(|row| row["change"] == "worse");
    let mut lines: Vec<String> = rows.map(shown).collect();
    lines.truncate(4);
    lines
}

fn shown(row: &Json) -> String {
    let number = |name: &str| {
        let number = row[name].as_f64().unwrap_or_default();
        if row["unit"] == "ms" { format!("{:.3} s", number / 1_000.0) } else { format!("{number:.0}") }
    };
    let cause = row["cause"]["needs"].as_array().map_or(String::new(), |needs| {
        let needs: Vec<&str> = needs.iter().filter_map(Json::as_str).collect();
        let needs = if needs.is_empty() { "no fault".to_owned() } else { needs.join(", ") };
        format!("; {needs}, {} steps", row["cause"]["steps"])
    });
    let question = row["question"].as_str().unwrap_or_default();
    format!(
        "`{question}` {} → {} (p {:.0e}{cause})",
        number("base"),
        number("candidate"),
        row["p"].as_f64().unwrap_or(1.0)
    )
}

/// The sections of the table, and how many are shown of how many.
fn table(mistakes: &[&Edit]) -> (String, usize) {
    let (mut text, mut found) = (String::new(), 0);
    let mut modules: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    mistakes.iter().for_each(|edit| modules.entry(&edit.module).or_default().push(edit));
    for (module, edits) in modules {
        let _ = writeln!(
            text,
            "\n## `{module}`\n\n| mistake | mechanism | what is worse | schedules |\n| --- | --- | --- | --- |"
        );
        for edit in edits {
            let json = edited(edit);
            let worse = worse(&json);
            found += usize::from(!worse.is_empty());
            let shown = if worse.is_empty() { "nothing".to_owned() } else { worse.join("<br>") };
            let _ = writeln!(text, "| {} | {} | {shown} | {} |", edit.name, edit.about, json["schedules"]);
        }
    }
    (text, found)
}

#[test]
fn every_edit_of_the_catalogue_can_be_made_and_the_module_still_starts() {
    let Catalogue { mistake, same } = Catalogue::read();
    assert!(mistake.len() >= 60 && same.len() >= 12, "{} mistakes, {} equivalent edits", mistake.len(), same.len());
    let edited = tempfile::tempdir().expect("there is room");
    for edit in mistake.iter().chain(&same) {
        let (module, name) = (&edit.module, &edit.name);
        let options = Options::module(&edit.made_in(edited.path()), &adapter_of(module).to_string_lossy())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let contract = Contract::none(Span::secs(600), Span::secs(60));
        LuauSubject::new(&options, contract).unwrap_or_else(|error| panic!("{module}, {name}: {error}"));
    }
}

#[test]
#[ignore = "takes hours; writes sim/luau/tests/mistakes/RESULTS.md"]
fn compare_shows_the_mistakes_of_the_catalogue() {
    let Catalogue { mistake, same } = Catalogue::read();
    let (harmless, harmful): (Vec<&Edit>, Vec<&Edit>) = mistake.iter().partition(|edit| edit.harmless.is_some());
    let (sections, found) = table(&harmful);
    let mut page = format!(
        "# What `compare` shows of the mistakes\n\nEach module of this directory is compared with itself after one edit of \
         [`mistakes.toml`](mistakes.toml), at the default\nsettings of `dupeproof compare`: written by\n\n```sh\ncargo test --release \
         -p dupeproof --test it catalogue -- --ignored\n```\n\nOf {} mistakes, {found} are shown. Below stand the questions that got \
         worse (at most four), with the number of schedules or\nthe mean before and after, how probable that is by chance, and the \
         first cause.\n{sections}",
        harmful.len()
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
    assert!(found * 100 >= harmful.len() * 95, "{found} of {}", harmful.len());
}
