//! What can be named, by topic.

use clap::ValueEnum;
use dupeproof_core::Constant;
use dupeproof_luau::{ADAPTERS, BuiltIn};
use dupeproof_scenarios::bound::BOUNDS;
use dupeproof_scenarios::everywhere::ShortScript;
use dupeproof_scenarios::file::{scenario_fields, topology};
use dupeproof_scenarios::prove::Script;
use dupeproof_scenarios::strategy::{Pattern, WORKLOAD_UNIT, WorkloadRate};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Belief, Evidence, Factor, Fault, Knob, Probe, Suite, World, suggest};
use dupeproof_sim::FindingKind;
use serde::{Serialize, Serializer};

use crate::args::{JSON_HELP, Listed};

/// Names of one kind.
#[derive(Serialize)]
pub(super) struct Topic {
    /// Which.
    #[serde(serialize_with = "as_word")]
    pub(super) topic: Listed,
    /// What they are for.
    pub(super) title: String,
    /// Each of them.
    pub(super) entries: Vec<Entry>,
}

/// One name.
#[derive(Serialize)]
pub(super) struct Entry {
    /// As it is written.
    pub(super) name: String,
    /// What it is.
    pub(super) about: String,
    /// Its range and default, or what is known of it; null where there is nothing of the kind.
    pub(super) detail: Option<String>,
}

/// As the command line calls it.
fn as_word<S: Serializer>(topic: &Listed, serializer: S) -> Result<S::Ok, S::Error> {
    let value = topic.to_possible_value();
    serializer.serialize_str(value.as_ref().map_or("", |value| value.get_name()))
}

impl Topic {
    fn of(topic: Listed, title: &str, entries: impl IntoIterator<Item = Entry>) -> Topic {
        Topic { topic, title: title.to_owned(), entries: entries.into_iter().collect() }
    }

    /// What the fields of --json mean.
    pub(super) fn json() -> Topic {
        Topic::of(Listed::Json, "fields of --json", JSON_HELP.map(|(command, text)| plain(command, text)))
    }

    /// A line each, below the title; a block each, if one has more lines.
    pub(super) fn text(&self) -> String {
        if self.entries.iter().any(|entry| entry.about.contains('\n')) {
            let block = |Entry { name, about, .. }: &Entry| format!("{name}:\n\n{about}");
            return self.entries.iter().map(block).collect::<Vec<_>>().join("\n\n");
        }
        let width = self.entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
        let line = |Entry { name, about, detail }: &Entry| {
            let detail = detail.as_ref().map_or_else(String::new, |detail| format!(" ({detail})"));
            format!("  {name:width$}  {about}{detail}")
        };
        format!("{}:\n{}", self.title, self.entries.iter().map(line).collect::<Vec<_>>().join("\n"))
    }
}

/// A name without a detail.
fn plain(name: &str, about: &str) -> Entry {
    Entry { name: name.to_owned(), about: about.to_owned(), detail: None }
}

fn detailed(name: &str, about: &str, detail: String) -> Entry {
    Entry { detail: Some(detail), ..plain(name, about) }
}

/// Everything that can be named on the command line or in a scenario file.
pub(super) fn names() -> Vec<Topic> {
    of_command_line().into_iter().chain(of_faults()).chain(of_scenario_files()).collect()
}

fn of_command_line() -> [Topic; 7] {
    let subjects = Subjects::default();
    [
        Topic::of(
            Listed::Suites,
            "suites (the first is the default)",
            Suite::all().iter().map(|suite| plain(&suite.name, &suite.about)),
        ),
        Topic::of(Listed::Worlds, "worlds", World::all().iter().map(|world| plain(&world.name, &world.about))),
        Topic::of(Listed::Subjects, "subjects", subjects.all().map(|subject| plain(subject.name(), subject.about()))),
        Topic::of(Listed::Adapters, "adapters, for --adapter", ADAPTERS.iter().map(adapter)),
        Topic::of(
            Listed::Scripts,
            "scripts of `dupeproof prove`",
            Script::built_in().iter().map(|script| plain(&script.name, &script.about)),
        ),
        Topic::of(
            Listed::ShortScripts,
            "short scripts of `dupeproof prove` for a module, a game or --subject",
            ShortScript::all().iter().map(|script| plain(script.name, script.about)),
        ),
        Topic::of(
            Listed::Fields,
            "fields of a scenario file",
            scenario_fields().map(|(name, about)| plain(name, about)),
        ),
    ]
}

fn of_faults() -> [Topic; 5] {
    let factors = Factor::all().iter().filter(|factor| !factor.is_fault());
    [
        Topic::of(
            Listed::Faults,
            "faults, for [odds] in percent of the schedules, with what is known of them",
            Fault::ALL.iter().map(|fault| detailed(fault.name(), fault.about(), known_of(*fault))),
        ),
        Topic::of(
            Listed::Evidence,
            "what is known, the most real first",
            Evidence::ALL.iter().map(|evidence| plain(evidence.name(), evidence.about())),
        ),
        Topic::of(
            Listed::Beliefs,
            "what counts, for --believe",
            Belief::ALL.iter().map(|belief| plain(belief.name(), belief.about())),
        ),
        Topic::of(
            Listed::Causes,
            "causes that stand for several faults or a part of one, or for what players, games and admins do",
            factors.map(|factor| plain(factor.name(), factor.about())),
        ),
        Topic::of(
            Listed::Patterns,
            "patterns made of several faults, for [odds] as well",
            Pattern::ALL.iter().map(|pattern| plain(pattern.name(), pattern.about())),
        ),
    ]
}

fn of_scenario_files() -> [Topic; 7] {
    [
        Topic::of(
            Listed::Topology,
            "[topology], each a number or [least, most]",
            topology().map(|(name, about, most)| detailed(name, about, format!("1 to {most}"))),
        ),
        Topic::of(
            Listed::Workload,
            &format!("[workload], {WORKLOAD_UNIT}"),
            WorkloadRate::all().iter().map(|rate| plain(rate.name, rate.about)),
        ),
        Topic::of(
            Listed::Knobs,
            "[knobs], each a number or [least, most]; _ppm is parts per million, and 1000000 is always",
            Knob::all().iter().map(|knob| detailed(knob.name, knob.about, knob.range())),
        ),
        Topic::of(
            Listed::Constants,
            "[constants], of `core` and `embed`; a Luau module has its own",
            Constant::ALL.iter().map(|constant| detailed(constant.name, constant.about, constant.range())),
        ),
        Topic::of(
            Listed::Bounds,
            "[bounds], each the greatest number that may be measured",
            BOUNDS.iter().map(|bound| plain(bound.name, bound.about)),
        ),
        Topic::of(
            Listed::Probes,
            "probes, for must_see",
            Probe::ALL.iter().map(|probe| plain(probe.name(), probe.about())),
        ),
        Topic::of(
            Listed::Findings,
            "findings, for never and allows, worst first",
            FindingKind::ALL.iter().map(|kind| plain(kind.name(), kind.about())),
        ),
    ]
}

/// What it is for, and what output calls it if not by its name.
fn adapter(adapter: &BuiltIn) -> Entry {
    if adapter.subject == adapter.name {
        return plain(adapter.name, adapter.about);
    }
    plain(adapter.name, &format!("{}; output calls it `{}`", adapter.about, adapter.subject))
}

/// How real it is, and what causes call it if not by its name.
fn known_of(fault: Fault) -> String {
    let beyond: Vec<String> =
        fault.bounds().iter().map(|(size, evidence, _)| format!(", above {size} {}", evidence.name())).collect();
    let evidence = format!("{}{}", fault.evidence().name(), beyond.concat());
    let names: Vec<&str> = Factor::all_of(fault).into_iter().map(Factor::name).collect();
    match &names[..] {
        [name] if *name == fault.name() => evidence,
        [name] => format!("{evidence}; as a cause `{name}`"),
        names => format!("{evidence}; as a cause, by what it strikes, {}", suggest::quoted(names)),
    }
}
