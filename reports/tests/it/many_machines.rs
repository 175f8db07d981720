//! The files of the book for many machines: what they run on each machine is run here by processes, one of which is killed and
//! run again. What is merged is the report of one run.

use serde_json::Value as Json;

use crate::documents::{document, root};
use crate::terminal::{Answer, Terminal, timeless};

/// Where the files are, from the root of the repository.
const FILES: &str = "reports/book/src/machines";

/// What is searched: of a calm suite, more schedules than must be seen for a verdict.
const SEARCH: &str = "export SEARCH='--suite calm' CASES=600 SHARDS=3 OUT=shards REPORT=report\n";

fn file(name: &str) -> String {
    document(&format!("{FILES}/{name}"))
}

/// The lines of the first block of text in YAML, which begins after `- |`.
fn block(yaml: &str) -> String {
    let (_, rest) = yaml.split_once("- |\n").expect("it has a block of text");
    let indent = |line: &str| line.len() - line.trim_start().len();
    let inside = rest.lines().take_while(|line| indent(line) >= indent(rest));
    inside.map(|line| format!("{}\n", line.trim_start())).collect()
}

/// The only line that begins so, without that.
fn after<'a>(text: &'a str, beginning: &str) -> &'a str {
    let mut lines = text.lines().filter_map(|line| line.trim_start().strip_prefix(beginning));
    let line = lines.next().unwrap_or_else(|| panic!("no line begins with `{beginning}`"));
    assert_eq!(lines.next(), None, "one line begins with `{beginning}`");
    line
}

/// Lines of a shell that end well.
fn done(terminal: &Terminal, lines: &str) -> Answer {
    let answer = terminal.shell(lines);
    assert_eq!(answer.code, 0, "{lines}{}{}", answer.stdout, answer.stderr);
    answer
}

/// A summary, without what depends on the machine.
fn summary(terminal: &Terminal, out: &str) -> Json {
    timeless(serde_json::from_str(&terminal.read(&format!("{out}/summary.json"))).expect("it is JSON"))
}

/// What was merged is what one process finds in one go.
fn assert_is_one_run(terminal: &Terminal, merged: &str) {
    done(terminal, "dupeproof run --suite calm --cases 600 --out whole");
    let (merged, whole) = (summary(terminal, merged), summary(terminal, "whole"));
    assert_eq!(merged["digest"], whole["digest"]);
    assert_eq!(merged, whole);
}

/// What a scheduler runs on each machine, and the variables that tell it which part is meant.
struct Array<'a> {
    command: &'a str,
    /// Its number, if the first machine has the number that is given beside.
    index: (&'a str, u32),
    /// Others.
    variables: &'a str,
}

impl Array<'_> {
    /// A line that runs a shard, from 1, in the background.
    fn start(&self, shard: u32) -> String {
        let (name, first) = self.index;
        format!("{name}={} {} sh -eu command.sh & started=$!\n", shard - 1 + first, self.variables)
    }

    /// Runs the first and the last shard, sees that the other one is missed, kills it, runs it again, and merges all.
    fn is_one_run(&self, merge: &str) {
        let terminal = Terminal::new();
        terminal.write("command.sh", self.command);
        let (first, last) = (self.start(1), self.start(3));
        done(&terminal, &format!("{SEARCH}{first}first=$started\n{last}wait $first\nwait $started\n"));
        let merged = terminal.shell(&format!("{SEARCH}{merge}"));
        assert_eq!(merged.code, 3, "{}{}", merged.stdout, merged.stderr);
        assert!(merged.stderr.contains("shard 2 of 3 is missing"), "{}", merged.stderr);
        let shard = self.start(2);
        done(&terminal, &format!("{SEARCH}{shard}{KILL}{shard}wait $started\n"));
        done(&terminal, &format!("{SEARCH}{merge}"));
        assert_is_one_run(&terminal, "report");
    }
}

/// Kills the second shard as soon as it has begun, most likely before it is done.
const KILL: &str = "\
    tries=0
    while [ ! -e shards/2/.dupeproof-lock ] && [ ! -e shards/2/shard.json ] && [ $tries -lt 1000 ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
    kill -KILL $started || true
    wait $started || true
";

#[test]
fn pods_of_an_indexed_job_are_one_run() {
    let (job, merge) = (block(&file("job.yaml")), block(&file("merge.yaml")));
    Array { command: &job, index: ("JOB_COMPLETION_INDEX", 0), variables: "" }.is_one_run(&merge);
}

#[test]
fn tasks_of_an_array_of_slurm_are_one_run() {
    let script = file("slurm.sh");
    let (_, merge) = script.split_once("--wrap '").expect("its head says how to merge");
    let (merge, _) = merge.split_once('\'').expect("it ends");
    Array { command: &script, index: ("SLURM_ARRAY_TASK_ID", 1), variables: "SLURM_CPUS_PER_TASK=2" }.is_one_run(merge);
}

#[test]
fn children_of_an_array_of_aws_batch_are_one_run() {
    let definition: Json = serde_json::from_str(&file("batch.json")).expect("it is JSON");
    let command = definition["containerProperties"]["command"].as_array().expect("a list");
    let [Json::String(shell), Json::String(options), Json::String(lines)] = &command[..] else {
        panic!("a shell and its lines: {command:?}");
    };
    assert_eq!((&**shell, &**options), ("sh", "-euc"));
    let array =
        Array { command: lines, index: ("AWS_BATCH_JOB_ARRAY_INDEX", 0), variables: "AWS_BATCH_JOB_ARRAY_SIZE=3" };
    array.is_one_run("dupeproof merge shards --out report");
}

/// As GitHub does it: each job has a folder of its own, and its artifact comes into a folder of the artifact's name.
#[test]
fn jobs_of_a_workflow_are_one_run() {
    let workflow = file("workflow.yml").replace("npx --yes \"$DUPEPROOF\"", "dupeproof");
    let (shard, merge) = workflow.split_once("\n  report:").expect("it has a job that merges");
    let [shard, merge] = [shard, merge].map(|job| after(job, "- run: "));
    let terminal = Terminal::new();
    for number in 1..=3 {
        let artifact =
            format!("mkdir -p shards/shard-{number}\nmv shard/shard.json shards/shard-{number}\nrm -r shard\n");
        done(&terminal, &format!("{SEARCH}export NUMBER={number}\n{shard}\n{artifact}"));
    }
    done(&terminal, merge);
    assert_is_one_run(&terminal, "report");
}

/// Runs the script for hosts; the second shard cannot be written at first.
fn hosts_are_one_run(hosts: &str) {
    let terminal = Terminal::new();
    terminal.write("hosts.sh", &file("hosts.sh"));
    terminal.write("shards/2/mine.txt", "my own words");
    let lines = format!("{SEARCH}export HOSTS={hosts} AT_ONCE=2\nsh hosts.sh");
    let lost = terminal.shell(&lines);
    assert_eq!(lost.code, 3, "{}{}", lost.stdout, lost.stderr);
    assert!(lost.stderr.contains("shard 2 of 3 is missing"), "{}", lost.stderr);
    std::fs::remove_file(terminal.path("shards/2/mine.txt")).expect("it is there");
    let again = done(&terminal, &lines);
    let ran: Vec<&str> = again.stdout.lines().filter(|line| line.starts_with("Shard ")).collect();
    assert!(ran.len() == 1 && ran[0].starts_with("Shard 2 of 3: 200 schedules"), "only what is missing: {ran:?}");
    assert_is_one_run(&terminal, "report");
}

#[test]
fn processes_of_one_machine_are_one_run() {
    hosts_are_one_run("");
}

#[test]
fn hosts_of_gnu_parallel_are_one_run() {
    if Terminal::new().shell("parallel --version | grep -q '^GNU parallel'").code == 0 {
        hosts_are_one_run(":");
    } else {
        eprintln!("skipped: there is no GNU parallel here; `apt-get install parallel` brings it");
    }
}

#[test]
fn each_file_runs_as_many_shards_as_it_names() {
    let job = file("job.yaml");
    let (_, value) = job.split_once("- name: SHARDS\n").expect("it names them");
    let (shards, _) = value.trim_start().split_once('\n').expect("a line follows");
    assert_eq!(shards, format!("value: '{}'", after(&job, "completions: ")));
    let slurm = file("slurm.sh");
    let tasks = after(&slurm, "#SBATCH --array=1-");
    assert!(slurm.contains(&format!("\"${{SHARDS:={tasks}}}\"")), "{tasks}");
    let workflow = file("workflow.yml");
    let shards: usize = after(&workflow, "SHARDS: ").parse().expect("a number");
    let numbers: Vec<String> = (1..=shards).map(|number| number.to_string()).collect();
    assert_eq!(after(&workflow, "number: "), format!("[{}]", numbers.join(", ")));
}

#[test]
fn the_book_leads_to_each_file() {
    let page = document("reports/book/src/guide/machines.md");
    let files = std::fs::read_dir(root().join(FILES)).expect("there are files").map(|file| file.expect("it is there"));
    for name in files.map(|file| file.file_name().to_string_lossy().into_owned()) {
        assert!(page.contains(&format!("[`{name}`](../machines/{name})")), "{name}");
    }
    for (_, rest) in page.match_indices("{{#include ").map(|(place, words)| page.split_at(place + words.len())) {
        let (path, _) = rest.split_once("}}").expect("it ends");
        assert!(root().join("reports/book/src/guide").join(path).exists(), "{path}");
    }
}

#[test]
fn a_block_of_yaml_ends_where_its_lines_end() {
    assert_eq!(block("a:\n  - sh\n  - |\n    one\n    two\nb: c\n"), "one\ntwo\n");
    assert_eq!(after("- run: one\n  run: two\n", "- run: "), "one");
}
