//! Failure files, whole, cut off and damaged.

use dupeproof_scenarios::failure::FailureFileError;
use dupeproof_scenarios::subjects::naive::NaiveSubject;
use dupeproof_scenarios::{FailureFile, Suite, run_case, schedules};
use dupeproof_sim::network::Network;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value as Json, json};

use super::cases;

/// A file of the corpus, with a schedule of any suite.
fn file() -> impl Strategy<Value = FailureFile> {
    let kept = FailureFile::parse(include_str!("../../../corpus/naive-lost-update.json")).expect("it is in the corpus");
    // The largest suite's files are half a megabyte.
    let suites: Vec<&Suite> = Suite::all().iter().filter(|suite| suite.name != "fleet").collect();
    let schedule = select(suites).prop_flat_map(|suite| schedules(suite, &NaiveSubject));
    (schedule, any::<u64>(), any::<u64>()).prop_map(move |(schedule, seed, case)| FailureFile {
        schedule,
        seed,
        case,
        ..kept.clone()
    })
}

/// One field or element of a file.
#[derive(Clone, Debug)]
struct Place {
    /// As JSON names it.
    pointer: String,
    /// As errors name it.
    path: String,
}

/// Everything in a file but the number of its format, from the outside in.
fn places(json: &Json) -> Vec<Place> {
    let mut places = vec![Place { pointer: String::new(), path: String::new() }];
    let mut next = 0;
    while let Some(Place { pointer, path }) = places.get(next).cloned() {
        let dot = if path.is_empty() { "" } else { "." };
        match json.pointer(&pointer).expect("it was found there") {
            Json::Object(fields) => places.extend(
                fields
                    .keys()
                    .filter(|name| *name != "format")
                    .map(|name| Place { pointer: format!("{pointer}/{name}"), path: format!("{path}{dot}{name}") }),
            ),
            Json::Array(items) => places.extend(
                (0..items.len())
                    .map(|index| Place { pointer: format!("{pointer}/{index}"), path: format!("{path}[{index}]") }),
            ),
            _ => {}
        }
        next += 1;
    }
    places.remove(0);
    places
}

/// What may stand where something else should: of every type, with numbers beyond every bound.
fn anything() -> impl Strategy<Value = Json> {
    let numbers = prop_oneof![Just(0), Just(-1), Just(i64::MAX), Just(i64::MIN), any::<i64>()];
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        numbers.prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,4}".prop_map(Json::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[]])),
    ]
}

/// What a refusal says: the path, and why.
fn refusal(text: &str) -> Option<String> {
    match FailureFile::parse(text) {
        Ok(file) => {
            // What is accepted can be run, whoever wrote it.
            run_case(&file.schedule, &NaiveSubject, Network::Event, &mut ());
            None
        }
        Err(FailureFileError::Senseless(why)) => Some(why),
        Err(FailureFileError::Malformed { path, error }) => Some(format!("{path}: {error}")),
        Err(error) => panic!("the format is not touched: {error}"),
    }
}

/// Whether a refusal names this place, something in it, what it is in, or what it makes wrong: the other bound of a span,
/// or a step that refers to it.
fn names(refusal: &str, place: &str) -> bool {
    let path = refusal.split(": ").next().unwrap_or_default();
    let bound = place.strip_suffix(".max").map(|span| format!("{span}.min"));
    let referred_to = ["schedule.servers", "schedule.players", "schedule.length", "schedule.timeline"];
    let refers = path.starts_with("schedule.timeline[") && referred_to.iter().any(|prefix| place.starts_with(prefix));
    path == "." || place.starts_with(path) || path.starts_with(place) || bound.as_deref() == Some(path) || refers
}

proptest! {
    // 400 of each: half of them damage one of the few dozen fields that are not steps of the timeline. Reading and running
    // one takes half a millisecond, so that all five take a second.
    #![proptest_config(cases(400))]

    #[test]
    fn a_file_is_read_as_it_was_written(file in file()) {
        prop_assert_eq!(FailureFile::parse(&file.to_json()).expect("it was just written"), file);
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused_with_the_place_where_it_ends(file in file(), cut in any::<Index>()) {
        let text = file.to_json();
        let cut = cut.index(text.len() - 2);
        let refused = refusal(text.get(..cut).unwrap_or_default()).expect("its end is missing");
        let line = text[..cut].matches('\n').count() + 1;
        prop_assert!(refused.contains(&format!("line {line} ")) || cut == 0, "{} at line {}", refused, line);
        let (path, _) = refused.split_once(": ").expect("a path and why");
        prop_assert!(path == "." || path.split(['.', '[']).next().is_some_and(|field| text.contains(field)), "{}", path);
    }

    #[test]
    fn a_field_that_is_gone_or_anything_else_is_refused_by_its_path_or_makes_a_file_that_runs(
        file in file(),
        place in any::<Index>(),
        value in proptest::option::weighted(0.8, anything()),
    ) {
        let mut json = serde_json::to_value(&file).expect("it is JSON");
        let places = places(&json);
        let place = &places[place.index(places.len())];
        let what = match value {
            Some(value) => {
                *json.pointer_mut(&place.pointer).expect("it was found there") = value.clone();
                value.to_string()
            }
            None => remove(&mut json, &place.pointer),
        };
        if let Some(refused) = refusal(&json.to_string()) {
            prop_assert!(names(&refused, &place.path), "{} = {}: {}", place.path, what, refused);
        }
    }

    #[test]
    fn a_field_that_is_not_known_is_refused_by_its_name_and_path(file in file(), place in any::<Index>()) {
        let mut json = serde_json::to_value(&file).expect("it is JSON");
        // A subject's constants may have any name.
        let objects: Vec<Place> = places(&json)
            .into_iter()
            .filter(|place| json.pointer(&place.pointer).is_some_and(Json::is_object) && place.path != "schedule.constants")
            .collect();
        let place = &objects[place.index(objects.len())];
        json.pointer_mut(&place.pointer).expect("it was found there")["wether"] = json!("rain");
        let refused = refusal(&json.to_string());
        prop_assert!(refused.is_some(), "{} may hold anything", place.path);
        let refused = refused.unwrap_or_default();
        // An action is one name with its fields; of a second name only the place is said.
        prop_assert!(refused.contains("wether") || refused.contains(": expected value at line"), "{}", refused);
        prop_assert!(names(&refused, &place.path), "{}: {}", place.path, refused);
    }

    #[test]
    fn a_text_with_a_few_bytes_changed_is_refused_with_a_reason_or_runs(
        file in file(),
        changes in proptest::collection::vec((any::<Index>(), select(b"{}[],:\"\\0-9.etn \n".to_vec())), 1..4),
    ) {
        let mut text = file.to_json().into_bytes();
        // The first line says which format it is.
        let from = text.iter().position(|byte| *byte == b',').expect("it has many fields") + 1;
        for (place, byte) in changes {
            let place = from + place.index(text.len() - from);
            text[place] = byte;
        }
        if let Some(refused) = String::from_utf8(text).ok().and_then(|text| refusal(&text)) {
            prop_assert!(refused.split_once(": ").is_some_and(|(path, why)| !path.is_empty() && !why.is_empty()), "{}", refused);
        }
    }
}

/// Takes a field or an element out.
fn remove(json: &mut Json, pointer: &str) -> String {
    let (parent, name) = pointer.rsplit_once('/').expect("pointers begin with a slash");
    match json.pointer_mut(parent).expect("it was found there") {
        Json::Object(fields) => drop(fields.remove(name)),
        Json::Array(items) => drop(items.remove(name.parse().expect("elements are numbered"))),
        _ => unreachable!("only objects and arrays have places in them"),
    }
    "nothing".into()
}
