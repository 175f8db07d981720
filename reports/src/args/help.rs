//! What the help of a command says at its end: what it does in more than a sentence, and its exit codes.

pub(super) const MERGE_ABOUT: &str = "\
Each shard is a directory that `dupeproof run --shard I/N` wrote, on any machine; a directory of such directories is \
all of them. What is searched, and with which scripts, is what the shards were told: run this where they ran. A shard \
that is there twice counts once, and one that is missing is named.";

pub(super) const WATCH_ABOUT: &str = "\
Left and right (or h and l) go from event to event, up and down (or p and n) from line to line of the story; s to the \
step at fault, f to the next fault, / to what you look for, home and end. i says what it means and what to change. q \
ends it.";

pub(super) const TEST_ABOUT: &str = "\
The file is TOML: `corpus` (folders and files of failures), `[[test]]` tables with a `name` and what `run` is told \
(suite, scenario, world, believe, subject, project, place, module, adapter, game, fake, roots, fidelity, cases, seed, \
network, causes), and `[defaults]` for all of them. A kept failure passes when it is fixed, a search when it is safe.";

pub(super) const COMPARE_ABOUT: &str = "\
BASE and CANDIDATE are each a built-in subject (core, embed, naive), a Luau module with its adapter (PATH:ADAPTER, or \
PATH with --adapter), an adapter file that stands alone, a game (.rbxl, .rbxm, .project.json), or a file of results: \
`compare` writes base.json and candidate.json, and `run --save-cases` writes cases.json. With a file of results, its \
seed and its suites are taken. A path that is called like a built-in subject is written ./core.";

pub(super) const SWEEP_ABOUT: &str = "\
A parameter is a constant of the subject, such as AUTO_SAVE_PERIOD, or a knob of the world: `dupeproof list` shows \
both. If there are few combinations, each is run; if there are more than --points, that many are, spread evenly. Each \
setting has its findings, waits, unsaved changes and requests; those that no other beats are marked.";

pub(super) const INIT_ABOUT: &str = "\
With --project, --place or --module, the game is started once in a calm world. Two players come, stay for some \
minutes, leave and come back on another server, and all reads and writes are watched: the adapter says in which store, \
scope and key the record of a player stands, where in it the data and the lock are, and what could be the mark and the \
items. How to get the data of a player from the game is left to you, at the top of the adapter.";

pub(super) const AUDIT_ABOUT: &str = "\
First, whether it has any effect on what runs: the schedules of the suite are run again without one kind of fault at a \
time. Runs every built-in subject, because a fault may be harmless to one of them by design; --subject, --adapter, or \
a scenario file with a subject or constants choose one.

Then, how large its effect is. In schedules of their own nothing but that kind of fault goes wrong, and the servers \
make one request after another whatever happens. Counts and times with the fault, less those without it, are compared \
with those that were recorded when this version was made: less than three quarters, or more than four thirds, is not \
as recorded, unless chance explains it. Seed 1 with 100 cases or more runs the recorded schedules, where chance \
explains little. With fewer than 20 cases, or on the network turmoil, effects are not measured.";

pub(super) const PROVE_ABOUT: &str = "\
A script says what players do on a few servers that run the subject `core`. A deviation is something that goes wrong \
once: a request that is refused, held, half done or applied late, a message that is lost, doubled or held, a server \
that freezes or cannot reach the data store. No deviation is explored first, then one, and so on, so that a run that \
breaks a promise has as few as can be.

With a module, a game, --subject or --scenario it does something else: each of a few short scripts (`dupeproof list short-scripts`) is run \
once without a fault, and then once more for each fault at each point of it: each request that fails in some way, and each \
moment before and after something a server does, at which it crashes, closes, freezes or loses a link. All this with the \
latencies of one seed. What it finds is kept in failures/ for `replay`, `explain` and `watch`.";

pub(super) const COMPLETIONS_ABOUT: &str = "\
bash: dupeproof completions bash > ~/.local/share/bash-completion/completions/dupeproof
zsh: into a file `_dupeproof` in a folder of fpath
fish: dupeproof completions fish > ~/.config/fish/completions/dupeproof.fish
PowerShell: at the end of the file $PROFILE";

pub(super) const LIST_ABOUT: &str = "`dupeproof list json` defines the fields of what --json prints.";

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  safe, or done: no promise was broken, or what was asked for was written
  1  unsafe: a promise was broken, or a finding occurred again; `audit`: a fault has too little effect, or too much
  2  wrong usage, or a file could not be read or written
  3  unknown: too little was seen for a verdict, `prove` was stopped, a run differed from its recording, or an internal error
  130  stopped: a signal ended it before it was done, and no promise was broken until then

Without a command, dupeproof does what `dupeproof run` does. `dupeproof help COMMAND` shows the options of a command, and what its \
exit codes mean.";

pub(super) const RUN_CODES: &str = "\
Exit codes:
  0  safe: no promise of the suite was broken, and everything was seen that must be seen
  1  unsafe: a promise of the suite was broken
  2  broken: the subject does not work even in a calm world; or wrong usage, or a file could not be read or written
  3  unknown: too little was seen for a verdict, or the suite and its world forbid no finding;
     or an internal error of dupeproof in a case, whatever else was found
  130  stopped: a signal ended the search, and no promise was broken until then; --resume goes on

A signal (Ctrl+C) ends the search with what it has, as a report that says so; a second one ends it at once. Where the search \
stands is kept in resume.json until it is done.";

pub(super) const MERGE_CODES: &str = "\
Exit codes: as of `dupeproof run`, and
  2  also: what was given are not shards of one search, or a shard is there twice with different results
  3  also: shards are missing, and no promise was broken in the others";

pub(super) const REPLAY_CODES: &str = "\
Exit codes:
  0  no promise was broken; of files: each finding is *fixed*: its schedule was carried out, and does not show it
  1  a promise was broken; of files: a finding is *still there*
  2  wrong usage, or a file could not be read or written
  3  of files, if none is still there: one has *changed*, so that its schedule does not apply any more and proves nothing (the \
scripts do not start, no player gets a session, a request that must fail is not made any more); or the run is not \
deterministic, or an internal error of dupeproof
  130  a signal ended it";

pub(super) const EXPLAIN_CODES: &str = "\
Exit codes:
  0  it was explained
  2  wrong usage, the file could not be read, or its schedule does not show the finding any more
  3  an internal error of dupeproof";

pub(super) const WATCH_CODES: &str = "\
Exit codes:
  0  it was watched, and ended with q
  2  wrong usage, not a terminal, the file could not be read, or its schedule does not show the finding any more
  3  an internal error of dupeproof
  130  a signal ended it";

pub(super) const TEST_CODES: &str = "\
Exit codes:
  0  every test passed
  1  a test failed: a promise was broken, or a kept failure is still there
  2  none failed, and one could not be run: its subject is broken, or a file makes no sense
  3  none of these, and one has no verdict: too little was seen, or a kept failure does not apply any more
  130  a signal ended it, and no test failed until then";

pub(super) const REPORT_CODES: &str = "\
Exit codes:
  0  the report was written, whatever its verdict
  2  wrong usage, or a file could not be read or written
  3  the report was written, and a run in it differed from its recording";

pub(super) const AUDIT_CODES: &str = "\
Exit codes:
  0  every kind of fault that can occur changed what programs received or what was stored, as much as recorded
  1  a kind of fault never changed anything in 20 schedules or more, or its effect is not as large as recorded
  2  wrong usage, or a file could not be read or written
  3  a kind of fault never occurred, or had no effect in fewer than 20 schedules: run more cases";

pub(super) const PROVE_CODES: &str = "\
Exit codes:
  0  complete: every run was explored, and none breaks a promise
  1  a run breaks a promise
  2  wrong usage, a file could not be read or written, or the module does not work even in a calm world
  3  no run that was explored breaks a promise, and --seconds ended before all were; or an internal error of dupeproof in a run
  130  the same, and a signal ended it";

pub(super) const BAKEOFF_CODES: &str = "\
Exit codes:
  0  the table was written, whatever it shows: a bake-off compares and does not judge
  2  wrong usage, or a file could not be read or written
  3  the table was written without some cases, by an internal error of dupeproof
  130  a signal ended it: the table has the subjects that were run to the end; --resume runs the others";

pub(super) const COMPARE_CODES: &str = "\
Exit codes:
  0  not worse: nothing changed, or the candidate is better
  1  worse in something, whatever it is better in
  2  broken: a side does not work even in a calm world; or wrong usage, or a file could not be read or written
  3  no schedule ran on both sides, or an internal error of dupeproof in a case, whatever else was found
  130  a signal ended it, and nothing was worse until then; --resume goes on";

pub(super) const SWEEP_CODES: &str = "\
Exit codes:
  0  the settings were tried, whatever they show: a sweep compares and does not judge
  2  the subject works with none of them even in a calm world; or wrong usage, or a file could not be read or written
  3  the settings were tried without some cases, by an internal error of dupeproof
  130  a signal ended it: the settings that were run to the end are shown; --resume runs the others";
