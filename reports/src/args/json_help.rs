//! What the fields of JSON mean.

/// What the fields of --json mean, by command.
pub const JSON_HELP: [(&str, &str); 5] = [
    ("run", RUN_JSON_HELP),
    ("compare", COMPARE_JSON_HELP),
    ("sweep", SWEEP_JSON_HELP),
    ("prove", PROVE_JSON_HELP),
    ("list", LIST_JSON_HELP),
];

const RUN_JSON_HELP: &str = "\
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
and function), changes (of the game's data, if it is a write: field, before, after), other_side (where it takes what an earlier session relies on: \
at_seconds, what and calls of what that one's server had done; or null), mechanism (how it led to the finding, such as freed_by_another; or null); null if that is the finding itself), calls \
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

const COMPARE_JSON_HELP: &str = "\
With --json, stdout is one JSON object: format (1: a higher number means that fields have changed), version, base, candidate, \
network, seed, suites, schedules (that ran on both sides), at_most (that would have run if the answer had not been clear \
before), stopped (null, or that it ended before that, as of `run`), outcome (worse, better, both, nothing_changed, nothing_tried, broken), sentence, least_schedules (a finding that only \
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

const SWEEP_JSON_HELP: &str = "\
With --json, stdout is one JSON object: format (1: a higher number means that fields have changed), version, subject, suite, \
world, network, seed, schedules (at each setting), parameters (their names), question (a fingerprint of what was run), stopped \
(null, or that it ended before all settings were run, as of `run`), points, internal_errors.

Each point has setting (a number for each parameter), findings (schedules that showed each kind), broken_promises (the most \
schedules that showed one kind of finding that breaks a promise), broken_promises_low and broken_promises_high (where the true \
share of such schedules is, with 95 % confidence), start_p99_seconds, hand_over_p99_seconds, unsaved_p99_seconds (99 of 100 \
starts, of starts of sessions that another server had, and of the ages of the oldest change that a save stored, were at most \
this; null if there were none), requests_per_session_hour, unbeaten (no other setting is as good in broken promises, starts, \
unsaved changes and requests, and better in one), broken (null, or why the subject does not work with it).";

const PROVE_JSON_HELP: &str = "\
With --json, stdout is one JSON object: format (1: a higher number means that fields have changed), version, scripts. Each \
script has script (its name), about, bounds, violation.

Each bound is about all runs with at most so many deviations: deviations, states, transitions, depth (the length of the \
longest run before it meets a known state), wall_seconds, cpu_seconds, outcome (complete, stopped, violation). Only the \
last one of a script can be anything but complete.

`violation` is null, or the broken promise: kind (of the finding), text, fast (a bit for each server, from the lowest: its \
clock is fast), run (in words), file.";

const LIST_JSON_HELP: &str = "\
With --json, stdout is one JSON object: format (1: a higher number means that fields have changed), version, topics. Each topic \
has topic (as the command line calls it), title, entries. Each entry has name, about and detail (range and default, or what is known of \
it; or null). Of `host`, there is a topic for services, globals, classes and missing methods, and about is works, inert or \
missing. `list schema` is JSON already.";
