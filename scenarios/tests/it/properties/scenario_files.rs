//! Scenario files, as they should be and damaged.

use std::fmt::Write;

use dupeproof_scenarios::file::{FileError, topology};
use dupeproof_scenarios::strategy::{Feature, Values, WorkloadRate};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Knob, Suite, World};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::cases;

/// What a file is to say.
#[derive(Clone, Debug)]
struct Written {
    name: String,
    world: &'static str,
    network: Option<&'static str>,
    /// Name, and from how many to how many.
    topology: Vec<(&'static str, i64, i64)>,
    workload: Vec<(usize, u8)>,
    odds: Vec<(Feature, u8)>,
    /// Index, and two values in its range, the lower one first.
    knobs: Vec<(usize, i64, i64)>,
    lease: Option<u64>,
    must_see_after: Option<u64>,
}

impl Written {
    /// One field a line.
    fn text(&self) -> String {
        let mut text = format!("name = \"{}\"\nabout = \"drawn\"\nworld = \"{}\"\n", self.name, self.world);
        let mut line = |line: String| writeln!(text, "{line}").expect("strings take everything");
        self.network.iter().for_each(|network| line(format!("network = \"{network}\"")));
        self.must_see_after.iter().for_each(|after| line(format!("must_see_after = {after}")));
        line("[topology]".into());
        self.topology.iter().for_each(|(name, min, max)| line(format!("{name} = [{min}, {max}]")));
        line("[workload]".into());
        self.workload.iter().for_each(|(rate, value)| line(format!("{} = {value}", WorkloadRate::all()[*rate].name)));
        line("[odds]".into());
        self.odds.iter().for_each(|(feature, value)| line(format!("{} = {value}", feature.name())));
        line("[knobs]".into());
        self.knobs.iter().for_each(|(knob, min, max)| line(knob_line(&Knob::all()[*knob], *min, *max)));
        line("[constants]".into());
        self.lease.iter().for_each(|lease| line(format!("LEASE = {lease}")));
        text
    }
}

fn knob_line(knob: &Knob, min: i64, max: i64) -> String {
    if knob.unit.choices().is_empty() {
        return format!("{} = [{min}, {max}]", knob.name);
    }
    format!("{} = [\"{}\", \"{}\"]", knob.name, knob.shown(min), knob.shown(max))
}

fn pair(min: i64, max: i64) -> impl Strategy<Value = (i64, i64)> {
    (min..=max, min..=max).prop_map(|(one, other)| (one.min(other), one.max(other)))
}

/// Some of so many, each with a value.
fn some<T: Strategy>(count: usize, value: fn(usize) -> T) -> impl Strategy<Value = Vec<(usize, T::Value)>>
where
    T::Value: Clone,
{
    subsequence((0..count).collect::<Vec<_>>(), 0..=count.min(6))
        .prop_flat_map(move |chosen| chosen.into_iter().map(|index| (Just(index), value(index))).collect::<Vec<_>>())
}

fn features() -> Vec<Feature> {
    Feature::all().collect()
}

fn written() -> impl Strategy<Value = Written> {
    let worlds: Vec<&str> = World::all().iter().map(|world| &*world.name).collect();
    let head = (
        "[a-z][a-z0-9_]{0,20}",
        select(worlds),
        proptest::option::of(select(vec!["event", "turmoil"])),
        proptest::option::of(1..=600_u64),
        proptest::option::of(1..=1_000_000_u64),
    );
    let tables = (
        some(topology().count(), |index| {
            // All at once may be too many steps: a tenth of the most never is.
            let (_, _, most) = topology().nth(index).expect("it is one of them");
            pair(1, (most / 10).max(1))
        }),
        some(WorkloadRate::all().len(), |_| 0..=100_u8),
        some(features().len(), |_| 0..=100_u8),
        some(Knob::all().len(), |index| pair(Knob::all()[index].min, Knob::all()[index].max)),
    );
    (head, tables).prop_map(|((name, world, network, lease, must_see_after), (sizes, workload, odds, knobs))| {
        let size = |(index, (min, max)): (usize, (i64, i64))| (topology().nth(index).expect("one of them").0, min, max);
        Written {
            name,
            world,
            network,
            topology: sizes.into_iter().map(size).collect(),
            workload,
            odds: odds.into_iter().map(|(index, value)| (features()[index], value)).collect(),
            knobs: knobs.into_iter().map(|(knob, (min, max))| (knob, min, max)).collect(),
            lease,
            must_see_after,
        }
    })
}

fn parse(text: &str) -> Result<Suite, FileError> {
    Suite::parse(text, &Subjects::default())
}

/// What a suite has of one size, whatever its type.
fn size(suite: &Suite, name: &str) -> (i64, i64) {
    let topology = suite.shape.topology;
    let seconds = |span: dupeproof_core::Span| i64::try_from(span.0 / 1_000_000).expect("hours");
    let between = match name {
        "servers" => topology.servers,
        "players" => topology.players,
        "gatherings" => topology.gatherings,
        "stays" => topology.stays,
        _ => return (seconds(topology.length.min), seconds(topology.length.max)),
    };
    (between.min.into(), between.max.into())
}

/// A line with an entry of a table, and its number from one.
fn entries(text: &str) -> Vec<(usize, String)> {
    let from = text.lines().position(|line| line == "[topology]").expect("every file has one");
    let numbered = text.lines().enumerate().skip(from).map(|(index, line)| (index + 1, line.to_owned()));
    numbered.filter(|(_, line)| line.contains(" = ")).collect()
}

fn with_line(text: &str, number: usize, line: &str) -> String {
    let changed = text.lines().enumerate().map(|(index, old)| if index + 1 == number { line } else { old });
    changed.map(|line| format!("{line}\n")).collect()
}

proptest! {
    // 800 files of about 25 lines have every knob and fault some twenty times. Under a second for all four.
    #![proptest_config(cases(800))]

    #[test]
    fn a_file_means_what_it_says_and_else_what_its_world_says(written in written()) {
        let suite = parse(&written.text()).expect("everything in it is allowed");
        let plain = parse(&format!("name = \"plain\"\nabout = \"\"\nworld = \"{}\"", written.world)).expect("so is this");
        prop_assert_eq!((&suite.name, &*suite.world.name), (&written.name, written.world));
        let network = suite.network.map(|network| serde_json::to_value(network).expect("it has a name"));
        prop_assert_eq!(network, written.network.map(Into::into));
        prop_assert_eq!(suite.must_see_after, written.must_see_after.unwrap_or(plain.must_see_after));
        prop_assert_eq!(suite.shape.constants.get("LEASE").copied(), written.lease);
        for (name, _, _) in topology() {
            let said = written.topology.iter().find(|said| said.0 == name).map(|(_, min, max)| (*min, *max));
            prop_assert_eq!(size(&suite, name), said.unwrap_or(size(&plain, name)), "{}", name);
        }
        for (index, rate) in WorkloadRate::all().iter().enumerate() {
            let said = written.workload.iter().find(|said| said.0 == index).map(|said| said.1);
            let expected = said.unwrap_or(rate.get(&plain.shape.workload));
            prop_assert_eq!(rate.get(&suite.shape.workload), expected, "{}", rate.name);
        }
        for feature in Feature::all() {
            let said = written.odds.iter().find(|said| said.0 == feature).map(|said| said.1);
            prop_assert_eq!(suite.shape.odds.of(feature), said.unwrap_or(plain.shape.odds.of(feature)), "{:?}", feature);
        }
        for (index, knob) in Knob::all().iter().enumerate() {
            let held = |suite: &Suite| {
                suite.shape.settings.iter().find(|setting| setting.knob.name == knob.name).map(|found| found.values.clone())
            };
            let said = written.knobs.iter().find(|said| said.0 == index).map(|(_, min, max)| {
                if knob.unit.choices().is_empty() { Values::Between(*min, *max) } else { Values::OneOf(vec![*min, *max]) }
            });
            prop_assert_eq!(held(&suite), said.or(held(&plain)), "{}", knob.name);
        }
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_its_line_and_its_name(written in written(), place in any::<Index>()) {
        let text = written.text();
        let entries = entries(&text);
        prop_assume!(!entries.is_empty());
        let (line, entry) = place.get(&entries);
        let (name, _) = entry.split_once(" = ").expect("an entry");
        for value in ["-99999999999999", "[1, 99999999999999]", "\"much\"", "[2, 1]", "true", "{}"] {
            let refused = parse(&with_line(&text, *line, &format!("{name} = {value}"))).expect_err(value);
            prop_assert_eq!(refused.line, *line, "{} = {}: {}", name, value, refused);
            prop_assert!(refused.what.contains(name), "{} = {}: {}", name, value, refused);
        }
    }

    #[test]
    fn a_name_with_one_letter_too_many_is_refused_with_its_line_and_itself(
        written in written(),
        place in any::<Index>(),
        letter in any::<Index>(),
    ) {
        let text = written.text();
        let entries = entries(&text);
        prop_assume!(!entries.is_empty());
        let (line, entry) = place.get(&entries);
        let (name, value) = entry.split_once(" = ").expect("an entry");
        let mut wrong = name.to_owned();
        wrong.insert(letter.index(name.len() + 1), 'q');
        let refused = parse(&with_line(&text, *line, &format!("{wrong} = {value}"))).expect_err("nothing has this name");
        prop_assert_eq!(refused.line, *line, "{}: {}", wrong, refused);
        prop_assert!(refused.what.contains(&format!("`{wrong}`")), "{}: {}", wrong, refused);
        prop_assert!(refused.what.contains(&format!("did you mean `{name}`?")) || refused.what.contains(name) || name == "LEASE", "{}", refused);
    }

    #[test]
    fn a_file_that_is_cut_off_or_scribbled_on_is_read_or_refused_with_a_line_of_its_own_and_a_reason(
        written in written(),
        place in any::<Index>(),
        scribble in prop_oneof![Just(None), "[\\[\\]=\"'#{},. \n\\\\a-z0-9\u{e9}-]{0,3}".prop_map(Some)],
    ) {
        let mut text = written.text();
        let place = place.index(text.len());
        match &scribble {
            None => text.truncate(place),
            Some(scribble) => text.replace_range(place..=place, scribble),
        }
        if let Err(refused) = parse(&text) {
            let lines = text.matches('\n').count() + 1;
            prop_assert!((1..=lines).contains(&refused.line), "{} of {} lines", refused, lines);
            prop_assert!(!refused.what.is_empty());
        }
    }
}
