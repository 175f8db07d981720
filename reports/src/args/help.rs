//! What the help says at its end: exit codes, and the fields of JSON.

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  safe, or done: no promise was broken, or what was asked for was written
  1  unsafe: a promise was broken, or a finding occurred again; `audit`: a fault has too little effect, or too much
  2  wrong usage, or a file could not be read or written
  3  unknown: too little was seen for a verdict, `prove` was stopped, a run differed from its recording, or an internal error
  130  stopped: a signal ended it before it was done, and no promise was broken until then
`dupeproof help COMMAND` says what they mean for each command.";

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
  2  wrong usage, or a file could not be read or written
  3  no run that was explored breaks a promise, and --seconds ended before all were
  130  the same, and a signal ended it";

pub(super) const PROVE_JSON_HELP: &str = "\
With --json, stdout is one JSON object: format (1: a higher number means that fields have changed), version, scripts. Each \
script has script (its name), about, bounds, violation.

Each bound is about all runs with at most so many deviations: deviations, states, transitions, depth (the length of the \
longest run before it meets a known state), wall_seconds, cpu_seconds, outcome (complete, stopped, violation). Only the \
last one of a script can be anything but complete.

`violation` is null, or the broken promise: kind (of the finding), text, fast (a bit for each server, from the lowest: its \
clock is fast), run (in words), file.";

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

pub(super) const COMPARE_JSON_HELP: &str = "\
With --json, stdout is one JSON object: format (1: a higher number means that fields have changed), version, base, candidate, \
network, seed, suites, schedules (that ran on both sides), at_most (that would have run if the answer had not been clear \
before), stopped (null, or that it ended before that, as `run --help` says it), outcome (worse, better, both, nothing_changed, nothing_tried, broken), sentence, least_schedules (a finding that only \
one side shows in fewer schedules could not be told from chance), rows, broken (null, or side, name and calm_run), \
internal_errors, again.

Each suite has suite, world, cases, replay_base and replay_candidate (a command that lacks `--case N`; null for a saved file).

Each row is a question: question (a kind of finding, or a measure), about, unit (null for a finding, or ms, per_hour, count, \
percent), more_is_worse, base and candidate (schedules that show the finding, or the mean of the measure), pairs, worse_cases \
and better_cases (of a finding, those that only the candidate or only the base shows), p, change (same, not_shown, slight, \
worse, better), worse_places and better_places (each with suite and case), cause (null, or needs, steps, case, file).

`p` is how probable it is that chance alone makes so much of a difference: the exact test of McNemar for findings, Wilcoxon's \
signed-rank test for measures (counted out up to 50 pairs that differ, then approximated), corrected for the number of \
questions (Holm) and of looks. The results are looked at after 1/16, 1/8, 1/4, 1/2 and all of the schedules, and no more run \
once a finding is worse. Something is worse or better if p is at most 0.001 and, of a measure, the \
mean of the schedules in which it differs by a hundredth or more moves by at least 5 %.";

pub(super) const SWEEP_CODES: &str = "\
Exit codes:
  0  the settings were tried, whatever they show: a sweep compares and does not judge
  2  the subject works with none of them even in a calm world; or wrong usage, or a file could not be read or written
  3  the settings were tried without some cases, by an internal error of dupeproof
  130  a signal ended it: the settings that were run to the end are shown; --resume runs the others";

pub(super) const SWEEP_JSON_HELP: &str = "\
With --json, stdout is one JSON object: format (1: a higher number means that fields have changed), version, subject, suite, \
world, network, seed, schedules (at each setting), parameters (their names), question (a fingerprint of what was run), stopped \
(null, or that it ended before all settings were run, as `run --help` says it), points, internal_errors.

Each point has setting (a number for each parameter), findings (schedules that showed each kind), broken_promises (the most \
schedules that showed one kind of finding that breaks a promise), broken_promises_low and broken_promises_high (where the true \
share of such schedules is, with 95 % confidence), start_p99_seconds, hand_over_p99_seconds, unsaved_p99_seconds (99 of 100 \
starts, of starts of sessions that another server had, and of the ages of the oldest change that a save stored, were at most \
this; null if there were none), requests_per_session_hour, unbeaten (no other setting is as good in broken promises, starts, \
unsaved changes and requests, and better in one), broken (null, or why the subject does not work with it).";

pub(super) const JSON_HELP: &str = "\
With --json, stdout is one JSON object: schedules, simulated_seconds, wall_seconds, cpu_seconds, digest, verdict \
(safe, unknown, unsafe, broken), calm_run, findings, coverage, internal_errors, unseen, not_tried, must_see, must_see_after, exceeded, measures, behaviour, trades, refused_starts, ended_by_others, format (9: a higher number \
means that fields have changed), version, suite, scenario (the file, or null), world, world_given (true if --world was given), \
subject, scripts (null for a built-in subject, or project, place, module, adapter, game, fake and roots if given, and fidelity), network, seed, first_case, contract, comparison, \
stopped, missing_shards, believe (documented, reported, inferred or all), believe_given (true if that is not what the suite says), left_out (faults that \
were not drawn, since they are not believed), limited (faults of which only believed sizes were drawn).

`stopped` is null, or says that the search ended before it was done: after (so many schedules), of (of so many; null if it was \
to end after a time), why (signal, unwritable: what was found could not be written, unfinished: it still runs, or was killed), during \
(running; shrinking: all schedules had run, but causes may be missing and schedules be longer than they need to be; twin: the \
suite was not compared with its twin). Of shards that were merged, why is also missing: missing_shards are not there.

`behaviour` counts pairs of probes that were seen in one schedule: seen, alone (schedules that showed one that no other did), once and twice (in so many schedules only), curve (how many \
had been seen after 1, 2, 4 ... and all schedules).

`contract` holds the promises of this suite: about (the subject in one line), never (the kinds of finding that break a \
promise), start_bound_seconds (after all faults have ended, a start takes at most this long) and drain_bound_seconds (after \
that and after the players have left, final saves finish within this time).

Each finding has kind, count (the schedules that showed it), in_contract (true: it breaks no promise of this suite, so it is \
a known exposure, which is measured and does not affect the verdict; false: it breaks a promise), evidence (how real its most \
real cause is: ordinary, documented, reported, inferred, developing, never_seen), first_seed, first_case, \
worst_seconds (null for kinds that do not last), looked_at (the schedules that were examined for causes), causes.

Each cause has needs (the factors without which the finding does not occur; `dupeproof list` explains their names), conditions (the \
same, as large as they have to be: factor, name of the fault or knob, value and unit of its size or null, times, evidence, source, words), \
evidence (that of the least real condition), count (the \
examined schedules that have this cause), steps and file (one of them, shrunk), at_60hz (true if it also shows the \
finding at the pace of a real server; null if this was not tried), step_at_fault (in the shrunk schedule, the step after which the \
finding could not be helped: at_seconds, what, server, key or null, calls (of the user's scripts, the innermost first: script, line \
and function), changes (of the game's data, if it is a write: field, before, after); null if that is the finding itself), calls \
(of the scripts, if they made what was found and no step came before).

`calm_run` is the run before the search: problems (why the subject is broken, in sentences; empty if it is not), errors (of \
scripts: place, text, count) and hint. `internal_errors` are mistakes of dupeproof itself, in sentences, and the cases that are \
missing from all else. `not_tried` lists the promises that nothing in these runs could have broken: kind, why.

`must_see` lists the probes that must be seen before a subject is called safe, `unseen` those that were not, and \
`must_see_after` the number of schedules that is enough to see them all. `measures` holds, by name, how long players \
waited for their sessions, how old changes were when they were saved, and how many requests and subscriptions sessions, \
messages and servers cost: about, unit (seconds, per_hour or count), each (what each number is of), count, median, p99, max, \
overall, bins (from, to, count). `exceeded` has a sentence for each bound of the scenario file beyond which something was measured. `refused_starts` \
counts starts of players who waited for the outcome (all), and those that failed (some); `ended_by_others` sessions, and \
those that ended for another server while their players were there. `trades` counts trades between profiles: asked, of these committed, aborted \
and open (no side was ever told), and healthy_committed and healthy_aborted in schedules in which nothing went wrong. `comparison` is null, or the result of the suite's twin over the same \
cases, which does not affect the verdict: twin, about, schedules, digest, and kinds, each with kind, here and twin (each \
with count and per_thousand), file.";
