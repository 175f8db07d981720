//! The binary, in a directory of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value as Json;

/// A place to run in; it is gone when dropped.
pub(crate) struct Terminal {
    directory: tempfile::TempDir,
}

/// What a command left.
pub(crate) struct Answer {
    /// The exit code.
    pub(crate) code: i32,
    /// Data.
    pub(crate) stdout: String,
    /// Talk.
    pub(crate) stderr: String,
}

impl Terminal {
    /// In an empty directory.
    pub(crate) fn new() -> Terminal {
        Terminal { directory: tempfile::tempdir().expect("there is room for a directory") }
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file in it.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("it is in the directory")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    }

    /// What a file in it says.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs `dupeproof` with these words.
    pub(crate) fn dupeproof(&self, words: &str) -> Answer {
        let output = self.command(words).output().expect("the binary was built");
        Answer::of(&output)
    }

    /// Runs `dupeproof` with these arguments, which may hold anything.
    pub(crate) fn dupeproof_with(&self, arguments: &[&str]) -> Answer {
        Answer::of(&self.command("").args(arguments).output().expect("the binary was built"))
    }

    /// Runs lines of a shell, in which `dupeproof` is the binary, until one fails.
    #[cfg(unix)]
    pub(crate) fn shell(&self, lines: &str) -> Answer {
        let binary = Path::new(env!("CARGO_BIN_EXE_dupeproof"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = binary.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).expect("no folder has a colon in its name");
        let mut command = Command::new("sh");
        command.args(["-ec", lines]).current_dir(self.directory.path()).env("PATH", path);
        for variable in ["COLUMNS", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "DUPEPROOF_LOG"] {
            command.env_remove(variable);
        }
        let output = command.output().expect("there is a shell");
        Answer::of(&output)
    }

    /// Runs it with a filter in `DUPEPROOF_LOG`.
    pub(crate) fn dupeproof_with_log(&self, filter: &str, words: &str) -> Answer {
        let output = self.command(words).env("DUPEPROOF_LOG", filter).output().expect("the binary was built");
        Answer::of(&output)
    }

    /// Runs it with a stdout that nobody reads.
    pub(crate) fn unheard(&self, words: &str) -> Answer {
        let mut child = self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        Answer::of(&child.wait_with_output().expect("it ends"))
    }

    /// Starts it.
    pub(crate) fn start(&self, words: &str) -> Child {
        self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    /// Runs it, and reads the one JSON object on its stdout.
    pub(crate) fn json(&self, words: &str) -> Json {
        let answer = self.dupeproof(words);
        serde_json::from_str(&answer.stdout).unwrap_or_else(|error| panic!("{error}: {}", answer.stdout))
    }

    /// The one failure file of this kind that a run into `out` left, as seen from here.
    pub(crate) fn failure(&self, out: &str, kind: &str) -> String {
        let names = self.failures(out);
        let name = names.iter().find(|name| name.starts_with(kind)).expect("a failure of this kind");
        Path::new(out).join("failures").join(name).to_string_lossy().into_owned()
    }

    /// The names of all files among the failures in `out`.
    pub(crate) fn failures(&self, out: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(out).join("failures")).expect("the run wrote failures");
        entries.map(|entry| entry.expect("it is there").file_name().to_string_lossy().into_owned()).collect()
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dupeproof"));
        command
            .args(words.split_whitespace())
            .current_dir(self.directory.path())
            .env_remove("COLUMNS")
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_STEP_SUMMARY")
            .env_remove("DUPEPROOF_LOG");
        command
    }
}

/// Waits until a line on stderr holds these words.
pub(crate) fn wait_for_words(child: &mut Child, words: &str) {
    let mut lines = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert!(lines.read_line(&mut line).expect("it is text") > 0, "it ended without saying `{words}`");
    }
}

impl Answer {
    pub(crate) fn of(output: &Output) -> Answer {
        Answer {
            code: output.status.code().expect("it was not killed"),
            stdout: String::from_utf8(output.stdout.clone()).expect("it is text"),
            stderr: String::from_utf8(output.stderr.clone()).expect("it is text"),
        }
    }

    /// What is on stdout, in one line: what is printed for people is broken into lines anywhere.
    pub(crate) fn flowing(&self) -> String {
        self.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Exit code 2, nothing on stdout, and an error and a hint that say these words.
    pub(crate) fn refuses(&self, words: &[&str]) {
        assert_eq!((self.code, &*self.stdout), (2, ""), "{}", self.stderr);
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in: {}", self.stderr);
        }
    }
}

/// Without what depends on the machine.
pub(crate) fn timeless(mut json: Json) -> Json {
    for field in ["wall_seconds", "cpu_seconds"] {
        json.as_object_mut().expect("an object").remove(field);
    }
    json
}
