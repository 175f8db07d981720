//! The sessions that a game starts by itself, found and judged; and the data modules that are recognised.

use dupeproof_luau::{DataModule, Files, LuauSubject, Options, contract_of, read_adapter};
use dupeproof_sim::{Subject, id::PlayerId};
use serde_json::json;

use crate::common::fixture;

/// The game of the fixtures, as its project file has it.
fn game() -> Files {
    let mut files = Files::new();
    files.mount_project(&fixture("captured")).unwrap_or_else(|problem| panic!("{problem}"));
    files
}

fn subject(mut files: Files) -> LuauSubject {
    files.run_scripts();
    let found = files.data_modules();
    let captures: Vec<_> = found.into_iter().map(|module| module.names).collect();
    let adapter = Some(read_adapter("profile-store").unwrap_or_else(|problem| panic!("{problem}")));
    let options = Options { module: captures.first().cloned(), captures, adapter, ..Options::new(files) };
    LuauSubject::new(&options, contract_of("profile-store")).unwrap_or_else(|problem| panic!("{problem}"))
}

#[test]
fn the_store_the_keys_and_the_data_of_a_game_are_found_by_starting_it() {
    let subject = subject(game());
    let about = &subject.description()["where"];
    assert_eq!((&about["store"], &about["key"]), (&json!("Save_v3"), &json!("u/%d/1")));
    assert_eq!(subject.place().address_of(PlayerId(7)).to_string(), "Save_v3/global/u%2F7%2F1");
    let record = subject.record(PlayerId(7), &[3]).to_json();
    assert_eq!(record["Data"], json!({ "Coins": 0, "Stamp": "gold", "Stamp_": 0, "Items": [3] }));
}

#[test]
fn only_errors_that_go_through_the_data_module_concern_the_data() {
    let subject = subject(game());
    assert!(subject.concerns_data("error: x\nServerScriptService/Sessions:30\nServerScriptService/Main:9"));
    assert!(subject.concerns_data("error: x\nprofile-store (adapter):3"));
    assert!(!subject.concerns_data("error: ShopCounter is missing\nServerScriptService/Shop:2"));
}

#[test]
fn a_game_that_starts_no_session_keeps_the_names_of_the_adapter() {
    let mut files = Files::new();
    files.add(&["ServerScriptService", "Sessions"], include_str!("../fixtures/captured/server/Sessions.luau"));
    assert_eq!(subject(files).description()["where"]["store"], "PlayerData");
}

/// What is recognised among modules with these names and sources.
fn recognised(modules: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let mut files = Files::new();
    modules.iter().for_each(|(name, source)| files.add(&["ServerStorage", name], source));
    files.data_modules().iter().map(|module: &DataModule| (module.adapter, module.path())).collect()
}

#[test]
fn a_data_module_is_recognised_by_what_it_does_under_any_name() {
    let service =
        "function P.GetProfileStore() end function S:LoadProfileAsync() x.SessionLoadCount = 1 y:UpdateAsync() end";
    assert_eq!(recognised(&[("Vault", service)]), [("profile-service", "ServerStorage.Vault".to_owned())]);
    let own = include_str!("../fixtures/captured/server/Sessions.luau");
    assert_eq!(recognised(&[("Sessions", own)]), [("profile-store", "ServerStorage.Sessions".to_owned())]);
}

#[test]
fn a_wrapper_of_a_data_module_is_not_one_itself() {
    let wrapper = "local P = require(script.Parent.ProfileStore) P.New('x'):StartSessionAsync('1') P:MessageAsync('1')";
    assert!(recognised(&[("ProfileStore", wrapper)]).is_empty());
}

#[test]
fn scripts_that_name_the_service_of_data_stores_are_named() {
    let mut files = Files::new();
    files.add(&["ServerStorage", "Own"], "game:GetService('DataStoreService')");
    files.add(&["ServerStorage", "Other"], "return 1");
    assert_eq!(files.callers(), ["ServerStorage.Own"]);
}
