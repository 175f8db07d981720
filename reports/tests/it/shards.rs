//! Parts of a search that run anywhere, what they are together, and when a search has run enough.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::terminal::{Terminal, timeless};

/// What is searched, by as many processes as there are shards, or by one.
const NAIVE: &str = "--subject naive --cases 500 --first-case 40";

fn shard(terminal: &Terminal, words: &str, shard: &str, out: &str) {
    let answer = terminal.dupeproof(&format!("run {words} --shard {shard} --out {out}"));
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.starts_with("Shard "), "{}", answer.stdout);
}

/// A report, without what depends on the machine.
struct Written {
    summary: Json,
    page: String,
    failures: BTreeMap<String, String>,
}

fn written(terminal: &Terminal, out: &str) -> Written {
    let summary = serde_json::from_str(&terminal.read(&format!("{out}/summary.json"))).expect("it is JSON");
    Written { summary: timeless(summary), page: timeless_page(terminal, out), failures: failures(terminal, out) }
}

/// All failure files of a report, by name.
fn failures(terminal: &Terminal, out: &str) -> BTreeMap<String, String> {
    let folder = terminal.path(&format!("{out}/failures"));
    let files = std::fs::read_dir(folder).expect("there are some").map(|entry| entry.expect("it can be read").path());
    let name = |path: &std::path::Path| path.file_name().expect("a file").to_string_lossy().into_owned();
    files.map(|path| (name(&path), std::fs::read_to_string(&path).expect("it can be read"))).collect()
}

/// A page without the times of its search.
fn timeless_page(terminal: &Terminal, out: &str) -> String {
    let page = terminal.read(&format!("{out}/report.html"));
    let mut kept = String::new();
    let mut rest = page.as_str();
    for term in ["<dt>Wall time</dt>", "<dt>CPU time</dt>"] {
        let (before, after) = rest.split_once(term).expect("it is told");
        kept.push_str(before);
        rest = after.split_once("</dd>").expect("it ends").1;
    }
    kept + rest
}

#[test]
fn shards_that_are_merged_are_the_run_of_all_of_them() {
    let terminal = Terminal::new();
    let one = terminal.dupeproof(&format!("run {NAIVE} --out out"));
    let of_one = written(&terminal, "out");
    for number in [3, 1, 2] {
        shard(&terminal, NAIVE, &format!("{number}/3"), &format!("shards/{number}"));
    }
    let merged = terminal.dupeproof("merge shards --out out --jobs 1");
    assert_eq!((one.code, merged.code), (1, 1), "{}", merged.stderr);
    let of_shards = written(&terminal, "out");
    assert_eq!(of_shards.summary, of_one.summary);
    let (first, schedules) = (&of_one.summary["first_case"], &of_one.summary["schedules"]);
    assert_eq!((first.as_u64(), schedules.as_u64()), (Some(40), Some(500)));
    assert!(of_shards.failures == of_one.failures, "the same failure files");
    assert!(of_shards.page == of_one.page, "the same page");
}

#[test]
fn a_shard_that_is_missing_is_named_and_one_that_ran_twice_counts_once() {
    let terminal = Terminal::new();
    let words = "--suite calm --cases 900";
    for (number, out) in [(1, "a"), (1, "b"), (3, "c")] {
        shard(&terminal, words, &format!("{number}/4"), out);
    }
    let merged = terminal.dupeproof("merge a b c/shard.json --out merged");
    assert_eq!(merged.code, 3, "{}", merged.stdout);
    assert!(merged.stderr.contains("shards 2, 4 of 4 are missing"), "{}", merged.stderr);
    assert!(
        merged.stdout.starts_with("Unknown: stopped after 450 of 900 schedules, since shards are missing"),
        "{}",
        merged.stdout
    );
    let summary: Json = serde_json::from_str(&terminal.read("merged/summary.json")).expect("JSON");
    assert_eq!((&summary["missing_shards"], &summary["schedules"]), (&serde_json::json!([2, 4]), &Json::from(450)));
    // Nobody can go on after cases that do not follow each other.
    assert!(
        !terminal.path("merged/resume.json").exists() && !merged.stdout.contains("go on with"),
        "{}",
        merged.stdout
    );
    assert!(merged.stdout.contains("--cases 900 ") && merged.stderr.contains(" --shard 2/4"), "{}", merged.stderr);
    shard(&terminal, words, "2/4", "d");
    shard(&terminal, words, "4/4", "e");
    assert_eq!(terminal.dupeproof("merge a b c d e --out merged").code, 0);
}

#[test]
fn what_is_not_of_one_search_is_not_merged() {
    let terminal = Terminal::new();
    let refused = |words: &str, why: &str| {
        let answer = terminal.dupeproof(words);
        assert_eq!(answer.code, 2, "{}", answer.stdout);
        assert!(answer.stderr.contains(why), "{}", answer.stderr);
        assert!(!terminal.path("out").exists(), "nothing was written");
    };
    shard(&terminal, NAIVE, "1/2", "one");
    shard(&terminal, NAIVE, "1/3", "third");
    shard(&terminal, "--subject core --cases 500", "2/2", "core");
    refused("merge one third --out out", "one is of 2 shards, the other of 3");
    refused("merge one core --out out", "one is of `dupeproof run");
    std::fs::create_dir(terminal.path("empty")).expect("there is room");
    refused("merge empty --out out", "there is no shard.json in `empty`");
    let text = terminal.read("one/shard.json");
    let survey = text.find("\"survey\"").expect("it has one");
    let other =
        format!("{}{}", &text[..survey], text[survey..].replacen("\"with_findings\":", "\"with_findings\":1", 1));
    terminal.write("other/shard.json", &other);
    refused("merge one other --out out", "shard 1/2 in `one/shard.json` is not as it is in `other/shard.json`");
    terminal.write("cut/shard.json", &text[..text.len() / 2]);
    refused("merge cut --out out", "cut off");
    refused("run --cases 10 --shard 3/2", "from 1 to the second");
    refused("run --shard 1/2", "--cases");
}

/// A shard that was resumed in a folder of other numbers would count other cases.
#[test]
fn a_shard_counts_its_own_cases() {
    let terminal = Terminal::new();
    shard(&terminal, NAIVE, "1/2", "one");
    shard(&terminal, NAIVE, "2/2", "two");
    let other = terminal.read("two/shard.json").replace("\"number\":2", "\"number\":1");
    terminal.write("moved/shard.json", &other);
    let refused = terminal.dupeproof("merge moved two --out out");
    assert_eq!(refused.code, 2, "{}", refused.stdout);
    assert!(
        refused.stderr.contains("shard 1/2 has the schedules 40 to 289, and counted 290 to 539"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_search_begins_where_it_is_told_and_ends_when_it_has_run_enough() {
    let terminal = Terminal::new();
    let summary = |words: &str| terminal.json(&format!("run --json --causes 1 {words}"));
    let broken = summary("--subject naive --fail-fast --cases 100000");
    assert!(
        broken["schedules"].as_u64().expect("a number") < 1_000,
        "it ends with the first chunk that breaks a promise"
    );
    assert_eq!((&broken["verdict"], &broken["stopped"]), (&Json::from("unsafe"), &Json::Null));
    let first = broken["findings"][0]["first_case"].as_u64().expect("a number");
    let later = summary(&format!("--subject naive --cases 1 --first-case {first}"));
    assert_eq!(later["findings"][0]["first_case"].as_u64(), Some(first), "the numbers are those of the seed");
    let timed = summary("--suite calm --for 1s");
    assert!(timed["wall_seconds"].as_f64().expect("a number") < 15.0 && timed["stopped"].is_null());
    let quiet = [1, 2].map(|jobs| summary(&format!("--suite calm --until-quiet --jobs {jobs}")));
    assert_eq!(timeless(quiet[0].clone()), timeless(quiet[1].clone()), "by any number of threads");
    let curve = quiet[0]["behaviour"]["curve"].as_array().expect("a list");
    let [half, whole] = [curve.len() - 2, curve.len() - 1].map(|place| curve[place][1].as_u64());
    assert!(half <= whole && quiet[0]["schedules"].as_u64() > Some(100), "{curve:?}");
}
