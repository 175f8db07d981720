use dupeproof_core::Span;
use dupeproof_luau::{LuauSubject, Options, SubjectError};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::{Contract, Schedule, Subject};

use crate::common::{contract, fenced, schedule, script};

/// The fenced module through an adapter of which a part is replaced.
fn with(part: &str, by: &str) -> Result<LuauSubject, SubjectError> {
    let options = fenced();
    let (name, source) = options.adapter.clone().expect("it has one");
    assert!(source.contains(part), "{part}");
    LuauSubject::new(&Options { adapter: Some((name, source.replace(part, by))), ..options }, contract(&[]))
}

#[test]
fn an_adapter_says_who_it_is_and_makes_records() {
    let subject = with("", "").unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(subject.name(), "fenced");
    assert_eq!(subject.description()["where"]["store"], "PlayerData");
    let record = subject.record(PlayerId(3), &[7, 8]).to_json();
    assert_eq!(record["Data"]["Items"], serde_json::json!([7, 8]));
}

#[test]
fn a_constant_says_how_often_sessions_are_saved_if_the_module_says_so_at_all() {
    let promised = |auto_save: Option<Span>, constant: Option<u64>| {
        let subject = LuauSubject::new(&fenced(), Contract { auto_save, ..contract(&[]) });
        let constants = constant.map(|seconds| ("AUTO_SAVE_PERIOD".to_owned(), seconds)).into_iter().collect();
        let schedule = Schedule { constants, ..schedule(60) };
        subject.unwrap_or_else(|problem| panic!("{problem}")).auto_save(&schedule)
    };
    let [own, other] = [300, 900].map(Span::secs);
    assert_eq!([promised(Some(own), None), promised(Some(own), Some(900))], [Some(own), Some(other)]);
    assert_eq!([promised(None, None), promised(None, Some(900))], [None, None]);
}

#[test]
fn an_adapter_that_does_not_work_is_refused_with_its_own_words() {
    for (part, by, why) in [
        ("local Fenced: any", "local Fenced: any =", "fenced_adapter"),
        ("Fenced = require(module)", "error('no module')", "no module"),
        ("function adapter.load", "function adapter.unload", "needs a function `load`"),
        ("return { Data = data }", "error('no record')", "no record"),
    ] {
        let problem = with(part, by).err().unwrap_or_else(|| panic!("{by} is taken"));
        assert!(problem.to_string().contains(why), "{by}: {problem}");
    }
}

#[test]
fn the_module_knows_its_constants() {
    let check = "function adapter.setup(module, constants)
        for name in constants do assert(name == 'PERIOD', `there is no {name}`) end";
    let subject = with("function adapter.setup(module)", check).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(subject.check_constant("PERIOD", 3), Ok(()));
    assert!(subject.check_constant("OTHER", 3).expect_err("no such constant").contains("there is no OTHER"));
    let game = LuauSubject::new(&script(""), contract(&[])).unwrap_or_else(|problem| panic!("{problem}"));
    assert!(game.check_constant("PERIOD", 3).is_err());
}

#[test]
fn each_built_in_adapter_says_of_itself_what_is_said_of_it() {
    for adapter in dupeproof_luau::ADAPTERS {
        let (_, source) = dupeproof_luau::read_adapter(adapter.name).expect("it is built in");
        assert!(source.contains(&format!("about = \"{}\"", adapter.about)), "{}", adapter.name);
        assert!(source.contains(&format!("name = \"{}\"", adapter.subject)), "{}", adapter.name);
    }
    let known = dupeproof_luau::read_adapter("nobody").expect_err("it is not").to_string();
    assert!(dupeproof_luau::ADAPTERS.iter().all(|adapter| known.contains(adapter.name)), "{known}");
    assert_eq!(known.matches(", ").count(), dupeproof_luau::ADAPTERS.len(), "{known}");
}
