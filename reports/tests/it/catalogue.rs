//! What `compare` shows of the catalogue of mistakes, at its default settings: writes the table beside it.
//!
//! It takes hours, and goes on where it was stopped: what was compared is kept under `target/catalogue`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    let adapter = folder().join(format!("{module}_adapter.luau"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_dupeproof"));
    command.arg("compare").args([base, candidate]).arg("--adapter").arg(adapter).arg("--out").arg(&out);
    let answer = command.output().expect("it starts");
    let text = std::fs::read_to_string(&result);
    serde_json::from_str(&text.unwrap_or_else(|_| panic!("{name}: {}", String::from_utf8_lossy(&answer.stderr))))
        .expect("it is JSON")
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
    let source = std::fs::read_to_string(folder().join(format!("{}.luau", edit.module))).expect("it is there");
    let path = kept("edited").join(&name).join(format!("{}.luau", edit.module));
    std::fs::create_dir_all(path.parent().expect("it has one")).expect("there is room");
    std::fs::write(&path, source.replace(edit.from.as_str(), &edit.to)).expect("there is room");
    compared(&base_of(&edit.module), &path, &edit.module, &name)
}

/// The rows that are worse, in a line each: question, base, candidate, p, cause.
fn worse(json: &Json) -> Vec<String> {
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
#[ignore = "takes hours; writes sim/luau/tests/mistakes/RESULTS.md"]
fn compare_shows_the_mistakes_of_the_catalogue() {
    let text = std::fs::read_to_string(folder().join("mistakes.toml")).expect("it is there");
    let Catalogue { mistake, same } = toml::from_str(&text).expect("it is TOML");
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
