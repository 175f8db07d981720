//! What machines are told: JUnit, SARIF, annotations, Markdown, the schema of the JSON, and traces for Perfetto.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::schema::violations;
use crate::terminal::Terminal;

/// An adapter whose file has a name that would end an annotation.
const HOSTILE: &str = "my,adapter::x%0A.luau";
const ADAPTER: &str = include_str!("../../../sim/luau/src/adapter/naive.luau");

/// A run of an adapter without a lock, with everything that machines are told.
fn told() -> (Terminal, String) {
    let terminal = Terminal::new();
    terminal.write(HOSTILE, ADAPTER);
    let words = "run --believe all --cases 60 --causes 1 --json --annotations --junit run.xml --sarif run.sarif --markdown run.md";
    let answer = terminal.dupeproof_with(&[words.split(' ').collect::<Vec<_>>(), vec!["--adapter", HOSTILE]].concat());
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    serde_json::from_str::<Json>(&answer.stdout).expect("stdout stays JSON");
    (terminal, answer.stderr)
}

fn json(terminal: &Terminal, file: &str) -> Json {
    serde_json::from_str(&terminal.read(file)).expect("it is JSON")
}

#[test]
fn findings_are_told_to_github_code_scanning_and_ci_services() {
    let (terminal, stderr) = told();
    let annotations: Vec<&str> = stderr.lines().filter(|line| line.starts_with("::")).collect();
    assert!(!annotations.is_empty(), "{stderr}");
    let lines = annotations.iter().map(|annotation| {
        let rest = annotation.strip_prefix("::error file=my%2Cadapter%3A%3Ax%250A.luau,line=")?;
        rest.split_once(",title=dupeproof%3A ")?.0.parse().ok()
    });
    let lines: Option<Vec<u64>> = lines.collect();
    let lines = lines.unwrap_or_else(|| panic!("{annotations:?}"));
    let saves = |line: &u64| {
        ADAPTER.lines().zip(1..).find(|(_, number)| number == line).is_some_and(|(text, _)| text.contains("Async("))
    };
    assert!(lines.iter().any(saves), "the lines that did it: {lines:?}");

    // What GitHub requires: docs.github.com, "SARIF support for code scanning".
    let sarif = json(&terminal, "run.sarif");
    assert_eq!(sarif["version"], "2.1.0");
    assert!(sarif["$schema"].as_str().is_some_and(|schema| schema.contains("sarif-2.1.0")));
    let run = &sarif["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "dupeproof");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for rule in rules {
        let texts = ["shortDescription", "fullDescription", "help"].map(|field| &rule[field]["text"]);
        assert!(rule["id"].is_string() && texts.iter().all(|text| text.is_string()), "{rule}");
    }
    let results = run["results"].as_array().expect("results");
    let errors = results.iter().filter(|result| result["level"] == "error").count();
    assert_eq!(errors, annotations.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("it is small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().is_some_and(|text| text.contains("dupeproof replay ")), "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%2Cadapter%3A%3Ax%250A.luau");
        assert!(
            place["region"]["startLine"]
                .as_u64()
                .is_some_and(|line| result["level"] != "error" || lines.contains(&line))
        );
        assert!(result["partialFingerprints"]["cause/v1"].is_string());
    }

    let xml = terminal.read("run.xml");
    let document = roxmltree::Document::parse(&xml).expect("it is XML");
    let of = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count();
    let summary = json(&terminal, "dupeproof-out/summary.json");
    let never = summary["contract"]["never"].as_array().expect("promises").len();
    assert_eq!(of("testcase"), never + 1, "the promises and the verdict");
    let broken =
        summary["findings"].as_array().expect("findings").iter().filter(|found| found["in_contract"] == false).count();
    assert_eq!(of("failure"), broken + 1);

    let markdown = terminal.read("run.md");
    assert!(markdown.starts_with("## dupeproof: unsafe\n\nUnsafe: in 60 schedules"), "{markdown}");
    assert_eq!(markdown.matches("| **broken** |").count(), annotations.len());
    assert!(markdown.contains("| `my,adapter::x%0A.luau:59` |"), "{markdown}");
    // It is added to, and files of others are not written over.
    terminal.write("others.xml", "<not-ours/>");
    let again = terminal.dupeproof("run --suite calm --cases 250 --markdown run.md --junit others.xml");
    assert_eq!(again.code, 2, "{}", again.stderr);
    assert!(again.stderr.contains("`others.xml` exists and was not written by dupeproof"), "{}", again.stderr);
    assert!(terminal.dupeproof("run --suite calm --cases 250 --markdown run.md --junit run.xml").code == 0);
    assert!(
        terminal.read("run.md").starts_with(&markdown) && terminal.read("run.md").contains("\n## dupeproof: safe\n")
    );
}

#[test]
fn what_is_printed_is_as_the_published_schema_says() {
    let terminal = Terminal::new();
    let schema: Json = serde_json::from_str(&terminal.dupeproof("list schema").stdout).expect("it is JSON");
    let check = |value: &Json| violations(&schema, value);
    terminal.write("adapter.luau", ADAPTER);
    terminal.write(
        "broken.luau",
        &ADAPTER.replace("function adapter.load(visit)\n", "function adapter.load(visit)\n\terror(\"boom\")\n"),
    );
    for words in [
        "run --subject naive --cases 200 --causes 1 --json",
        "run --suite market --cases 250 --causes 1 --json --out market",
        "run --adapter adapter.luau --cases 10 --causes 1 --json --out luau",
        "run --adapter broken.luau --json --out broken",
        "run --suite calm --cases 250 --believe documented --world stormy --json --out believed",
    ] {
        let printed = terminal.json(words);
        assert_eq!(check(&printed), Vec::<String>::new(), "{words}");
        let out = words.split_once("--out ").map_or("dupeproof-out", |(_, out)| out);
        assert_eq!(check(&json(&terminal, &format!("{out}/summary.json"))), Vec::<String>::new(), "{words}");
    }
    // What is not as it says is seen.
    let mut other = json(&terminal, "dupeproof-out/summary.json");
    other["verdict"] = "maybe".into();
    other["findings"][0]["causes"][0]["new"] = 1.into();
    other.as_object_mut().expect("an object").remove("seed");
    other["schedules"] = Json::from(-1);
    assert_eq!(check(&other).len(), 4, "{:?}", check(&other));
}

#[test]
fn a_trace_for_perfetto_has_servers_sessions_requests_and_faults_and_what_begins_ends() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("replay --seed 3 --case 11 --subject naive --perfetto run.json");
    assert!(matches!(answer.code, 0 | 1), "{}", answer.stderr);
    let trace = json(&terminal, "run.json");
    let events = trace["traceEvents"].as_array().expect("events");
    let mut open: BTreeMap<String, i64> = BTreeMap::new();
    let mut last = 0;
    let mut names = 0;
    for event in events {
        let phase = event["ph"].as_str().expect("a phase");
        assert!(event["pid"].is_u64() && event["tid"].is_u64() && event["name"].is_string(), "{event}");
        let at = event["ts"].as_u64().expect("a time");
        let key = match phase {
            "b" | "e" => format!("{} {}", event["cat"], event["id"]),
            _ => format!("{} {}", event["pid"], event["tid"]),
        };
        match phase {
            "b" | "B" => *open.entry(key).or_default() += 1,
            "e" | "E" => {
                let count = open.get_mut(&key).expect("it has begun");
                *count -= 1;
                assert!(*count >= 0, "{event}");
            }
            "i" => {}
            "M" => names += 1,
            other => panic!("{other}"),
        }
        // Names are of no time, and findings come last.
        if !["M", "i"].contains(&phase) {
            assert!(at >= last, "{event}");
            last = at;
        }
    }
    assert!(open.values().all(|count| *count == 0), "{open:?}");
    assert!(names > 2, "the world and two servers");
    for cat in ["session", "request", "fault"] {
        assert!(events.iter().any(|event| event["cat"] == cat), "{cat}");
    }
    terminal.write("mine.json", "{}");
    let refused = terminal.dupeproof("replay --seed 3 --subject naive --perfetto mine.json");
    assert_eq!((refused.code, &*terminal.read("mine.json")), (2, "{}"));
}
