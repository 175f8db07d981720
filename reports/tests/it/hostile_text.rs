//! Names, errors and logs come from outside: they stay text wherever they are shown.

use crate::terminal::Terminal;

/// The example of an adapter.
const ADAPTER: &str = include_str!("../../../sim/luau/src/adapter/naive.luau");

/// What turns a terminal's colours, titles and lines, as Luau writes it: ESC, BEL, CSI as one character, and a turn of the
/// direction of text.
const HOSTILE: &str = "\\27[2J\\27]0;owned\\7\\r\\u{9b}1m\\u{202e}</pre><script>alert(1)</script>|`";

fn assert_harmless(what: &str, text: &str) {
    let control =
        text.chars().find(|letter| letter.is_control() && !['\n', '\t'].contains(letter) || *letter == '\u{202e}');
    assert_eq!(control, None, "{what}: {text:?}");
}

/// That a page or a picture has no script that only a hostile name can have brought.
fn assert_no_script(what: &str, text: &str) {
    let foreign = text.replacen("<script type=\"module\">", "", 1);
    assert!(!foreign.contains("<script"), "{what}: {text}");
}

#[test]
fn errors_and_logs_of_scripts_and_names_of_adapters_are_shown_and_do_nothing() {
    let error = format!("function adapter.load(visit)\n\terror(\"{HOSTILE}\")\nend\nfunction adapter.unused(visit)");
    let print = format!("function adapter.load(visit)\n\tprint(\"{HOSTILE}\")");
    for (change, words) in [
        (("function adapter.load(visit)", error.as_str()), ""),
        (("function adapter.load(visit)", print.as_str()), "--log dupeproof::script=info"),
        (("function adapter.load(visit)", print.as_str()), "--log dupeproof::script=info --log-format json"),
        (("name = \"naive-luau\"", &*format!("name = \"{HOSTILE}\"")), ""),
        (("about = \"", &*format!("about = \"{HOSTILE}")), ""),
        (("key = \"Player_%d\"", "key = \"\\27[2Jowned\\7%d\""), ""),
        (("local adapter = {", &*format!("error(\"{HOSTILE}\")\nlocal adapter = {{")), ""),
    ] {
        let terminal = Terminal::new();
        assert!(ADAPTER.contains(change.0), "{}", change.0);
        terminal.write("adapter.luau", &ADAPTER.replace(change.0, change.1));
        for json in ["", " --json"] {
            let answer =
                terminal.dupeproof(&format!("run --suite calm --cases 1 --adapter adapter.luau {words}{json}"));
            assert_harmless(change.1, &answer.stdout);
            assert_harmless(change.1, &answer.stderr);
            let page = std::fs::read_to_string(terminal.path("dupeproof-out/report.html")).unwrap_or_default();
            let shown = [&answer.stdout, &answer.stderr, &page].iter().any(|text| text.contains("owned"));
            assert!(shown, "{}: {}{}", change.1, answer.stdout, answer.stderr);
            if words.ends_with("json") {
                let mut lines = answer.stderr.lines().filter(|line| line.starts_with("{\"time_s"));
                assert!(lines.all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{}", answer.stderr);
            }
        }
        if let Ok(page) = std::fs::read_to_string(terminal.path("dupeproof-out/report.html")) {
            assert_harmless(change.1, &page);
            assert_no_script(change.1, &page);
        }
    }
}

#[test]
fn a_hostile_name_of_a_bake_off_stays_a_name_in_all_its_files() {
    for name in [
        "</text><script>alert(1)</script>",
        "a|b",
        "a`b",
        "`",
        "\u{1b}[31mred",
        "a\u{9b}b",
        "a\nb",
        "\u{202e}x",
        "&amp;",
    ] {
        let terminal = Terminal::new();
        let module = format!("{name}=:naive");
        let words = ["bakeoff", "--cases", "2", "--suite", "calm", "--subjects", "naive", "--module", &module];
        let answer = terminal.dupeproof_with(&words);
        assert_eq!(answer.code, 0, "{name:?}: {}", answer.stderr);
        assert_harmless(name, &answer.stdout);
        assert_harmless(name, &answer.stderr);
        let svg = terminal.read("dupeproof-bakeoff/bakeoff.svg");
        let read = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{name:?}: {error}: {svg}"));
        assert!(read.descendants().all(|node| node.tag_name().name() != "script"), "{svg}");
        let page = terminal.read("dupeproof-bakeoff/bakeoff.html");
        assert_harmless(name, &page);
        assert_no_script(name, &page);
        let markdown = terminal.read("dupeproof-bakeoff/bakeoff.md");
        assert_harmless(name, &markdown);
        for line in markdown.lines() {
            assert_eq!(line.replace("\\|", "").matches('|').count(), 4, "{name:?}: three cells: {line}");
        }
        assert!(answer.stdout.lines().all(|line| line.trim() != "b"), "no line of its own: {}", answer.stdout);
    }
}

#[test]
fn names_of_files_are_shown_and_do_nothing() {
    let terminal = Terminal::new();
    let name = "a\u{1b}[2J\u{9b}b";
    for words in [
        vec!["replay", name],
        vec!["run", "--scenario", name],
        vec!["run", "--adapter", &format!("{name}.luau")],
        vec!["run", "--suite", name],
        vec!["report", name],
        vec!["bakeoff", "--subjects", name],
    ] {
        let answer = terminal.dupeproof_with(&words);
        assert_eq!(answer.code, 2, "{words:?}: {}", answer.stderr);
        assert_harmless(&words.join(" "), &answer.stderr);
        assert!(answer.stderr.contains("\\x1b[2J"), "{words:?}: {}", answer.stderr);
    } // What the parser of the command line quotes it may leave out.
    for words in [vec![name], vec!["run", "--cases", name], vec!["dance", name]] {
        let answer = terminal.dupeproof_with(&words);
        assert_eq!(answer.code, 2, "{words:?}: {}", answer.stderr);
        assert_harmless(&words.join(" "), &answer.stderr);
    }
}

#[test]
fn a_name_is_one_line_however_it_is_written_and_a_long_one_is_cut() {
    let terminal = Terminal::new();
    terminal.write("lines.toml", "name = \"a\\nhint: do it\"\n");
    terminal.write("long.toml", &format!("name = \"{}\"\n", "N".repeat(100_000)));
    terminal.write("suite.toml", "name = \"a\"\nabout = \"a\"\nworld = \"a\\nhint: do it\"\n");
    for words in [
        &["run", "--scenario", "lines.toml"][..],
        &["run", "--scenario", "suite.toml"],
        &["run", "--scenario", "a\nhint: do it"],
        &["run", "--suite", "a\nhint: do it"],
        &["replay", "a\nhint: do it"],
        &["report", "a\nhint: do it"],
        &["run", "--adapter", "a\nhint: do it.luau"],
        &["run", "--adapter", "naive", "--module", "a\nhint: do it"],
    ] {
        let answer = terminal.dupeproof_with(words);
        assert_eq!(answer.code, 2, "{words:?}: {}", answer.stderr);
        assert!(!answer.stderr.lines().any(|line| line.starts_with("hint: do it")), "{words:?}: {}", answer.stderr);
        assert!(answer.stderr.contains("a\\x0ahint: do it"), "{words:?}: {}", answer.stderr);
    }
    let answer = terminal.dupeproof("run --scenario long.toml");
    assert_eq!(answer.code, 2, "{}", answer.stderr);
    assert!(answer.stderr.contains("... (99940 characters more)"), "{}", answer.stderr);
}

#[test]
fn a_name_in_a_game_stays_in_its_comment_in_the_adapter_that_init_writes() {
    let terminal = Terminal::new();
    let tree = r#"{"$className": "DataModel", "ReplicatedStorage": {"Buy\nescaped()": {"$className": "RemoteEvent"}}}"#;
    terminal.write("default.project.json", &format!("{{\"name\": \"game\", \"tree\": {tree}}}"));
    let answer = terminal.dupeproof("init --project . starter");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let adapter = terminal.read("starter/dupeproof_adapter.luau");
    assert!(adapter.contains(r"Buy\x0aescaped()"), "{adapter}");
    assert!(adapter.lines().all(|line| !line.starts_with("escaped()")), "{adapter}");
}
