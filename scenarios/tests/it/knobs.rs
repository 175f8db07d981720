//! Every number of a world is a knob, and every knob is a number of a world.

use std::collections::BTreeMap;

use dupeproof_scenarios::Knob;
use dupeproof_scenarios::failure::sanity;
use dupeproof_sim::schedule::{Schedule, ServerPlan};
use serde_json::Value as Json;

fn calm() -> Schedule {
    Schedule { servers: vec![ServerPlan::default(); 2], ..Schedule::default() }
}

/// Every field that holds no other fields, by its path.
fn leaves(json: &Json, path: &str, into: &mut BTreeMap<String, Json>) {
    match json {
        Json::Object(fields) => fields.iter().for_each(|(name, field)| leaves(field, &format!("{path}/{name}"), into)),
        Json::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(place, item)| leaves(item, &format!("{path}/{place}"), into));
        }
        _ => drop(into.insert(path.to_owned(), json.clone())),
    }
}

fn fields(schedule: &Schedule) -> BTreeMap<String, Json> {
    let mut into = BTreeMap::new();
    let mut json = serde_json::to_value(schedule).unwrap();
    // Where it is ordinary, files do not speak of it.
    json["services"]["memory_store"] = serde_json::to_value(schedule.services.memory_store).unwrap();
    leaves(&json, "", &mut into);
    into
}

/// A value that is not the default.
fn other_value(knob: &Knob) -> i64 {
    if knob.default_value() == knob.max { knob.min } else { knob.default_value() + 1 }
}

#[test]
fn every_knob_turns_one_field_and_every_field_has_its_knob() {
    let before = fields(&calm());
    let mut turned: BTreeMap<String, &str> = BTreeMap::new();
    for knob in Knob::all() {
        let mut schedule = calm();
        let place = knob.places(&schedule) - 1;
        knob.set(&mut schedule, place, other_value(knob));
        assert_eq!(knob.get(&schedule, place), other_value(knob), "{}", knob.name);
        let after = fields(&schedule);
        let changed: Vec<_> = after.iter().filter(|(path, value)| before[*path] != **value).collect();
        assert_eq!(changed.len(), 1, "{}: {changed:?}", knob.name);
        let other = turned.insert(changed[0].0.clone(), knob.name);
        assert_eq!(other, None, "{} turns the same field", knob.name);
        knob.reset(&mut schedule);
        assert_eq!(schedule, calm(), "{}", knob.name);
    }
    // The rest is no number of the world: who plays where, what happens, and the subject's own constants.
    let others = ["/seed", "/subject", "/players", "/constants", "/timeline", "/length"];
    let missing: Vec<_> = before
        .keys()
        .filter(|path| {
            !turned.contains_key(*path) && !path.starts_with("/servers/0") && !others.contains(&path.as_str())
        })
        .collect();
    assert!(missing.is_empty(), "no knob turns {missing:?}");
}

#[test]
fn knobs_have_their_own_names_that_end_with_their_units() {
    let mut names: Vec<_> = Knob::all().iter().map(|knob| knob.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Knob::all().len());
    for knob in Knob::all() {
        let suffix = match format!("{:?}", knob.unit).as_str() {
            "Ms" => "_ms",
            "S" => "_s",
            "Ppm" => "_ppm",
            "Percent" => "_percent",
            "Kb" => "_kb",
            _ => "",
        };
        assert!(knob.name.ends_with(suffix), "{}", knob.name);
        assert!(knob.min <= knob.default_value() && knob.default_value() <= knob.max, "{}", knob.name);
    }
}

#[test]
fn a_schedule_with_a_knob_out_of_range_makes_no_sense_and_the_knob_is_named() {
    assert_eq!(sanity::check(&calm()), Ok(()));
    for knob in Knob::all() {
        let most = |value| {
            let mut schedule = calm();
            knob.set(&mut schedule, 0, value);
            if let Some(other) = knob.partner().filter(|_| knob.is_least()) {
                other.set(&mut schedule, 0, other.max);
            }
            (knob.get(&schedule, 0), sanity::check(&schedule))
        };
        let (held, checked) = most(knob.max + 1);
        // A switch and a choice can hold nothing else.
        assert_eq!(checked.is_err(), held > knob.max, "{}: {checked:?}", knob.name);
        assert!(checked.is_ok() || checked.unwrap_err().contains(knob.name));
        if !knob.is_least() && knob.partner().is_none() {
            assert_eq!(most(knob.min).1, Ok(()), "{}", knob.name);
        }
        assert_eq!(most(knob.max).1, Ok(()), "{}", knob.name);
    }
}

#[test]
fn the_bounds_of_a_span_know_each_other_and_their_order() {
    let least: Vec<_> = Knob::all().iter().filter(|knob| knob.is_least()).collect();
    assert!(least.len() >= 5);
    for knob in least {
        let most = knob.partner().unwrap();
        assert_eq!(most.partner().map(|least| least.name), Some(knob.name));
        let mut schedule = calm();
        knob.set(&mut schedule, 0, 9);
        most.set(&mut schedule, 0, 8);
        assert!(sanity::check(&schedule).unwrap_err().contains(knob.name));
    }
}
