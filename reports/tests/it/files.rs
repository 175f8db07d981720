//! What is read and what is written over: nothing outside of the folders that are named, nothing but regular files.

use std::os::unix::fs::{FileTypeExt, symlink};
use std::process::Command;

use crate::terminal::{Answer, Terminal, wait_for_words};

/// The example of an adapter, which needs no module.
const ADAPTER: &str = include_str!("../../../sim/luau/src/adapter/naive.luau");

const RUN: &str = "run --suite calm --cases 1 --adapter adapter.luau";

/// A directory with an adapter, and a secret beside the folder `own`.
fn with_secret() -> Terminal {
    let terminal = Terminal::new();
    terminal.write("adapter.luau", ADAPTER);
    terminal.write("outside/Secret.luau", "return 'secret'");
    terminal.write("own/Data.luau", "return 1");
    terminal
}

/// The end of an adapter that requires the module.
const REQUIRES: &str = "function adapter.setup(module) require(module) end\nreturn adapter\n";

fn game(path: &str) -> String {
    format!(
        "{{\"name\": \"game\", \"tree\": {{\"$className\": \"DataModel\", \"ServerStorage\": {{\"X\": {{\"$path\": \"{path}\"}}}}}}}}"
    )
}

/// Makes a FIFO: whoever opens it to read waits for ever.
fn fifo(terminal: &Terminal, name: &str) {
    let made = Command::new("mkfifo").arg(terminal.path(name)).status().expect("mkfifo is there");
    assert!(made.success());
}

#[test]
fn what_leads_out_of_a_named_folder_is_refused_by_name_unless_the_user_allows_it() {
    let absolute = |terminal: &Terminal| game(&terminal.path("own").to_string_lossy());
    type Plant = fn(&Terminal);
    let plants: [(&str, Plant, &str); 7] = [
        ("--project own", |terminal| terminal.write("own/default.project.json", &game("../outside")), "../outside"),
        (
            "--project own",
            |terminal| {
                terminal.write("own/default.project.json", &game("sub"));
                terminal.write("own/sub/default.project.json", &game("../../outside"));
            },
            "../outside",
        ),
        (
            "--project own",
            |terminal| {
                terminal.write("own/default.project.json", &game("."));
                symlink("../outside", terminal.path("own/link")).expect("a link");
            },
            "own/./link",
        ),
        (
            "--module own",
            |terminal| {
                terminal.write("own/init.luau", "return 1");
                symlink("../outside/Secret.luau", terminal.path("own/Secret.luau")).expect("a link");
            },
            "own/Secret.luau",
        ),
        (
            "--module own",
            |terminal| {
                terminal.write("own/init.luau", "return 1");
                terminal.write("own/Text.txt", "a text");
                symlink("../outside/Secret.luau", terminal.path("own/Text.meta.json")).expect("a link");
            },
            "own/Text.meta.json",
        ),
        (
            "--module own/init.luau",
            |terminal| {
                terminal.write("own/init.luau", "return 1");
                symlink("../outside", terminal.path("own/Folder")).expect("a link");
            },
            "own/Folder",
        ),
        (
            "--module own",
            |terminal| terminal.write("own/package.json", "{\"main\": \"../outside/Secret.luau\"}"),
            "../outside/Secret.luau",
        ),
    ];
    for (words, plant, named) in plants {
        let terminal = with_secret();
        plant(&terminal);
        let answer = terminal.dupeproof(&format!("{RUN} {words}"));
        answer.refuses(&[named, "outside of", "--root "]);
        // What is allowed is read, whatever the scripts then do with it.
        let allowed = terminal.dupeproof(&format!("{RUN} {words} --root outside"));
        assert!(!allowed.stderr.contains("outside of"), "{words}: {}", allowed.stderr);
    }
    let terminal = with_secret();
    terminal.write("own/default.project.json", &absolute(&terminal));
    terminal.dupeproof(&format!("{RUN} --project own")).refuses(&["$path", "is absolute", "--root "]);
    let allowed = terminal.dupeproof(&format!("{RUN} --project own --root own"));
    assert!(!allowed.stderr.contains("is absolute"), "{}", allowed.stderr);
}

#[test]
fn what_stays_in_a_named_folder_is_read_however_it_is_written() {
    let terminal = with_secret();
    terminal.write("own/default.project.json", &game("sub/../Data.luau"));
    terminal.write("own/sub/Other.luau", "return 1");
    symlink("Data.luau", terminal.path("own/Link.luau")).expect("a link");
    symlink("own", terminal.path("named")).expect("a link");
    for words in ["--project own", "--project named", "--module own/Data.luau", "--module named/Link.luau"] {
        let answer = terminal.dupeproof(&format!("{RUN} {words}"));
        assert_ne!(answer.code, 2, "{words}: {}{}", answer.stdout, answer.stderr);
    }
}

#[test]
fn a_link_beside_a_module_is_refused_by_name_when_a_script_reads_it() {
    let terminal = with_secret();
    symlink("../outside/Secret.luau", terminal.path("own/Secret.luau")).expect("a link");
    let answer = terminal.dupeproof(&format!("{RUN} --module own/Data.luau"));
    assert_ne!(answer.code, 2, "nobody needs it: {}{}", answer.stdout, answer.stderr);
    terminal.write("own/Data.luau", "return require(script.Parent.Secret)");
    terminal.write("adapter.luau", &ADAPTER.replace("return adapter\n", REQUIRES));
    let answer = terminal.dupeproof(&format!("{RUN} --module own/Data.luau"));
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("own/Secret.luau") && answer.stderr.contains("outside of"), "{}", answer.stderr);
}

#[test]
fn an_alias_that_leads_out_is_refused_by_name_unless_the_user_allows_it() {
    let terminal = with_secret();
    // A repository, so that nothing above is looked at.
    terminal.write("own/.git/config", "");
    terminal.write("own/.luaurc", "{\"aliases\": {\"far\": \"../outside\"}}");
    terminal.write("own/Data.luau", "return require('@far/Secret')");
    terminal.write("adapter.luau", &ADAPTER.replace("return adapter\n", REQUIRES));
    let answer = terminal.dupeproof(&format!("{RUN} --module own/Data.luau"));
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("alias \"far\"") && answer.stderr.contains("--root"), "{}", answer.stderr);
    let answer = terminal.dupeproof(&format!("{RUN} --module own/Data.luau --root outside"));
    assert_ne!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn projects_in_a_ring_are_an_error_and_no_overflow() {
    for (files, words) in [
        (&[("own/default.project.json", "default.project.json")][..], "--project own"),
        (
            &[("own/a.project.json", "b.project.json"), ("own/b.project.json", "a.project.json")],
            "--project own/a.project.json",
        ),
        (
            &[("own/a.project.json", "b.project.json"), ("own/b.project.json", "a.project.json")],
            "--module own/a.project.json",
        ),
        (
            &[("own/a/default.project.json", "../b"), ("own/b/default.project.json", "../a")],
            "--project own/a --root own",
        ),
    ] {
        let terminal = with_secret();
        for (file, path) in files {
            terminal.write(file, &format!("{{\"name\": \"ring\", \"tree\": {{\"$path\": \"{path}\"}}}}"));
        }
        terminal.dupeproof(&format!("{RUN} {words}")).refuses(&[".project.json", "leads back into itself"]);
    }
}

#[test]
fn only_regular_files_of_a_sane_size_are_read() {
    let terminal = with_secret();
    for name in ["pipe.luau", "pipe.rbxl", "pipe.project.json", "pipe.toml", "pipe.json"] {
        fifo(&terminal, name);
    }
    std::fs::create_dir(terminal.path("folder.luau")).expect("a folder");
    std::fs::create_dir(terminal.path("piped")).expect("a folder");
    terminal.write("piped/init.luau", "return 1");
    fifo(&terminal, "piped/Pipe.luau");
    symlink("/dev/zero", terminal.path("zero.luau")).expect("a link");
    // It has no blocks: only its length is there.
    let huge = std::fs::File::create(terminal.path("huge.luau")).expect("a file");
    huge.set_len(3 << 30).expect("a length");
    for (words, named) in [
        ("run --cases 1 --adapter pipe.luau", "`pipe.luau`: it is a FIFO"),
        ("run --cases 1 --adapter zero.luau", "`zero.luau`: it is a device"),
        ("run --cases 1 --adapter folder.luau", "`folder.luau`: it is a folder"),
        ("run --cases 1 --adapter huge.luau", "`huge.luau`: it has more than 1 MiB"),
        ("run --cases 1 --adapter adapter.luau --module pipe.luau", "pipe.luau`: it is a FIFO"),
        ("run --cases 1 --adapter adapter.luau --module /dev/zero", "`/dev/zero`: it is a device"),
        ("run --cases 1 --adapter adapter.luau --module piped", "piped/Pipe.luau`: it is a FIFO"),
        ("run --cases 1 --adapter adapter.luau --module huge.luau", "huge.luau`: it has more than 1 MiB"),
        ("run --cases 1 --adapter adapter.luau --game pipe.luau", "pipe.luau`: it is a FIFO"),
        ("run --cases 1 --adapter adapter.luau --fake pipe.luau", "`pipe.luau`: it is a FIFO"),
        ("run --cases 1 --adapter adapter.luau --place pipe.rbxl", "`pipe.rbxl`: it is a FIFO"),
        ("run --cases 1 --adapter adapter.luau --project pipe.project.json", "pipe.project.json`: it is a FIFO"),
        ("run --cases 1 --scenario pipe.toml", "`pipe.toml` could not be read: it is a FIFO"),
        ("audit --cases 1 --scenario pipe.toml", "`pipe.toml` could not be read: it is a FIFO"),
        ("prove --script pipe.toml", "`pipe.toml` could not be read: it is a FIFO"),
        ("prove trade --resume pipe.json", "it is a FIFO"),
        ("replay pipe.json", "`pipe.json` could not be read: it is a FIFO"),
        ("init --module pipe.luau starter", "pipe.luau`: it is a FIFO"),
        ("bakeoff --cases 1 --module mine=:pipe.luau", "`pipe.luau`: it is a FIFO"),
    ] {
        terminal.dupeproof(words).refuses(&[named]);
    }
}

#[test]
fn what_is_no_regular_file_is_never_replaced() {
    let terminal = Terminal::new();
    fifo(&terminal, "pipe");
    symlink("/dev/null", terminal.path("null")).expect("a link");
    for name in ["pipe", "null"] {
        for force in ["", " --force"] {
            let words = format!("replay --seed 1 --subject naive --trace {name}{force}");
            terminal.dupeproof(&words).refuses(&[&format!("`{name}` cannot be written"), "only regular files"]);
        }
    }
    for name in ["report.html", "summary.json", "failures", "failures/LostUpdate.json"] {
        let out = format!("out-{}", name.replace('/', "-"));
        terminal.dupeproof(&format!("run --subject naive --cases 50 --out {out}"));
        let path = terminal.path(&out).join(name);
        drop(std::fs::remove_dir_all(&path));
        drop(std::fs::remove_file(&path));
        fifo(&terminal, &format!("{out}/{name}"));
        // It is refused before the search, which would never end.
        let words = format!("run --subject naive --cases 18446744073709551615 --out {out}");
        terminal.dupeproof(&words).refuses(&[&out]);
        assert!(path.symlink_metadata().expect("it is still there").file_type().is_fifo());
    }
    // A link to a file of ours is none of ours.
    terminal.dupeproof("run --subject naive --cases 50 --out linked");
    std::fs::rename(terminal.path("linked/summary.json"), terminal.path("summary.json")).expect("it was written");
    symlink("../summary.json", terminal.path("linked/summary.json")).expect("a link");
    terminal.dupeproof("run --subject naive --cases 18446744073709551615 --out linked").refuses(&["a symbolic link"]);
    assert!(terminal.path("pipe").symlink_metadata().expect("it is still there").file_type().is_fifo());
}

#[test]
fn what_a_run_reads_is_not_written_over_by_its_trace() {
    let terminal = Terminal::new();
    terminal.write("adapter.luau", ADAPTER);
    terminal.write("scenario.toml", "name = \"small\"\nabout = \"a small one\"\n");
    terminal.dupeproof("run --subject naive --cases 50");
    let failure = terminal.failure("dupeproof-out", "LostUpdate");
    symlink(".", terminal.path("here")).expect("a link");
    for (words, input) in [
        ("replay --seed 1 --scenario scenario.toml --subject naive --trace scenario.toml", "scenario.toml"),
        ("replay --seed 1 --adapter adapter.luau --trace here/adapter.luau", "adapter.luau"),
        (&format!("replay {failure} --trace ./{failure}"), failure.as_str()),
    ] {
        let before = terminal.read(input);
        terminal.dupeproof(&format!("{words} --force")).refuses(&["is read by this run", "--trace"]);
        assert_eq!(terminal.read(input), before);
    }
}

#[test]
fn the_adapter_is_read_once() {
    let terminal = Terminal::new();
    terminal.write("adapter.luau", ADAPTER);
    let mut child = terminal.start("run --suite swarm --cases 6 --adapter adapter.luau");
    wait_for_words(&mut child, "grouping findings");
    terminal.write("adapter.luau", "error('somebody edits it')");
    let answer = Answer::of(&child.wait_with_output().expect("it ends"));
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn names_that_failure_files_are_made_of_are_checked_before_the_search() {
    let terminal = Terminal::new();
    let endless = "run --cases 18446744073709551615 --adapter adapter.luau";
    for name in ["../up", "a/b", "", &"n".repeat(61)] {
        let named = ADAPTER.replace("name = \"naive-luau\"", &format!("name = \"{name}\""));
        assert!(named != ADAPTER, "the example has a name");
        terminal.write("adapter.luau", &named);
        terminal.dupeproof(endless).refuses(&["names itself", "part of file names"]);
    }
    let long = format!("{}.toml", "n".repeat(200));
    terminal.write(&long, include_str!("../../../scenarios/proofs/two_starts.toml"));
    terminal.dupeproof(&format!("prove --script {long}")).refuses(&[&long, "name of a failure file"]);
}

#[test]
fn a_report_that_was_not_written_to_the_end_is_told_as_such() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --subject naive --cases 200");
    let failure = terminal.failure("dupeproof-out", "LostUpdate");
    for name in [failure.as_str(), "dupeproof-out/summary.json"] {
        let whole = terminal.read(name);
        terminal.write(name, &whole[..whole.len() / 2]);
        terminal.dupeproof("report dupeproof-out").refuses(&[name, "is cut off", "the disk was full"]);
        terminal.write(name, &whole);
    }
    std::fs::remove_file(terminal.path(&failure)).expect("it was there");
    terminal.dupeproof("report dupeproof-out").refuses(&[&failure, "could not be read", "not written to the end"]);
    let summary = terminal.read("dupeproof-out/summary.json");
    terminal
        .write("dupeproof-out/summary.json", &summary.replace(&failure["dupeproof-out/".len()..], "../secret.json"));
    terminal.dupeproof("report dupeproof-out").refuses(&["`../secret.json`", "no file of"]);
}
