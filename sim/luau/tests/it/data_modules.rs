//! Modules that people use, as far as their adapters know them: here in a few lines of our own with the same calls.

use dupeproof_core::Span;
use dupeproof_luau::{ADAPTERS, Files, LuauSubject, Options, contract_of, read_adapter};
use dupeproof_sim::id::{PlayerId, Stamp};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::{
    Action, Command, EndReason, Event, Global, GuestEvent, Observer, Schedule, ServerPlan, Step, Subject,
};
use serde_json::json;

use crate::common::fixture;

const PLAYER: PlayerId = PlayerId(0);

/// The modules of the fixtures, by the names of their adapters.
const MODULES: [&str; 5] = ["lyra", "document-service", "data-keep", "suphi", "datastore2"];

/// What a player's sessions began with, what was changed and reported as stored, and why they ended.
#[derive(Debug, Default)]
struct Sessions {
    began: Vec<Stamp>,
    changed: Vec<Stamp>,
    saved: Vec<Stamp>,
    ended: Vec<EndReason>,
    errors: Vec<String>,
}

impl Observer for Sessions {
    fn observe(&mut self, _: Global, event: &Event) {
        match event {
            Event::Guest { event: GuestEvent::SessionStarted { stamp, .. }, .. } => self.began.push(*stamp),
            Event::Guest { event: GuestEvent::Edited { stamp, .. }, .. } => self.changed.push(*stamp),
            Event::Guest { event: GuestEvent::Saved { stamp, .. }, .. } => self.saved.push(*stamp),
            Event::Guest { event: GuestEvent::SessionEnded { reason, .. }, .. } => self.ended.push(*reason),
            Event::ScriptCrashed { text, .. } => self.errors.push(text.to_string()),
            Event::Logged { line, .. } if line.starts_with("error") => self.errors.push(line.to_string()),
            _ => {}
        }
    }
}

/// A player who has played before comes, changes the data, leaves, and comes back on another server.
fn schedule() -> Schedule {
    let command = |at, server, command| Step { at: Span::secs(at), action: Action::Command { server, command } };
    let timeline = vec![
        command(1, 0, Command::Join(PLAYER)),
        command(20, 0, Command::Edit(PLAYER)),
        command(25, 0, Command::Save(PLAYER)),
        command(40, 0, Command::Leave(PLAYER)),
        command(80, 1, Command::Join(PLAYER)),
        command(120, 1, Command::Leave(PLAYER)),
    ];
    Schedule {
        seed: 1,
        servers: vec![ServerPlan::default(); 2],
        players: vec![PlayerPlan { items: Some(2) }],
        timeline,
        length: Span::secs(160),
        ..Schedule::default()
    }
}

fn run(subject: &dyn Subject) -> Sessions {
    let mut sessions = Sessions::default();
    Network::Event.run(&schedule(), subject, &mut sessions);
    assert_eq!(sessions.errors, [""; 0]);
    sessions
}

fn file(adapter: &str) -> String {
    format!("modules/{}.luau", adapter.replace('-', "_"))
}

#[test]
fn what_a_player_has_changed_and_left_is_there_on_the_next_server() {
    for adapter in MODULES {
        let options = Options::module(&fixture(&file(adapter)), adapter).unwrap_or_else(|problem| panic!("{problem}"));
        let subject = LuauSubject::new(&options, contract_of(adapter)).unwrap_or_else(|problem| panic!("{problem}"));
        let sessions = run(&subject);
        let changed = sessions.changed[0];
        assert_eq!(sessions.began[..2], [Stamp(0), changed], "{adapter}: {sessions:?}");
        assert!(sessions.saved.contains(&changed), "{adapter}: {sessions:?}");
        assert_eq!(sessions.ended[..2], [EndReason::Manual; 2], "{adapter}: {sessions:?}");
    }
}

/// A game whose script starts the sessions of `Data` by `start`, in which `player` is the player, and ends them by `stop`.
fn game(adapter: &str, start: &str, stop: &str) -> LuauSubject {
    let mut files = Files::new();
    let source = std::fs::read_to_string(fixture(&file(adapter))).expect("it is a fixture");
    files.add(&["ServerStorage", "Vault"], &source);
    files.add(&["ServerStorage", "Promise"], include_str!("../fixtures/modules/Promise.luau"));
    let main = format!(
        "local Players = game:GetService('Players')\nlocal Data = require(game.ServerStorage.Vault)\nlocal open = {{}}\n\
         local template = {{ Coins = 0 }}\nlocal function check(data)\n\tfor name in data do\n\t\tif name ~= 'Coins' then\n\
         \t\t\treturn false\n\t\tend\n\tend\n\treturn true\nend\nlocal store\n\
         Players.PlayerAdded:Connect(function(player)\n{start}\nend)\n\
         Players.PlayerRemoving:Connect(function(player)\n{stop}\nend)"
    );
    files.add(&["ServerScriptService", "Main"], &main);
    let found = files.data_modules();
    assert_eq!(found.iter().map(|module| module.adapter).collect::<Vec<_>>(), [adapter]);
    let names = found[0].names.clone();
    let script = Some(vec!["ServerScriptService".into(), "Main".into()]);
    let adapter_source = Some(read_adapter(adapter).expect("it is built in"));
    let options = Options {
        module: Some(names.clone()),
        captures: vec![names],
        adapter: adapter_source,
        script,
        ..Options::new(files)
    };
    LuauSubject::new(&options, contract_of(adapter)).unwrap_or_else(|problem| panic!("{problem}"))
}

/// The store, the key and the data of a new player are those of the game; what it checks are its own fields.
fn is_judged(subject: &LuauSubject, store: &str, key: &str) {
    let about = &subject.description()["where"];
    assert_eq!((&about["store"], &about["key"]), (&json!(store), &json!(key)));
    let sessions = run(subject);
    let changed = sessions.changed[0];
    assert_eq!(sessions.began[..2], [Stamp(0), changed], "{store}: {sessions:?}");
    assert_eq!(sessions.ended[..2], [EndReason::Manual; 2], "{store}: {sessions:?}");
}

#[test]
fn the_sessions_that_a_game_starts_with_lyra_are_judged() {
    let start = "store = store or Data.createPlayerStore({ name = 'Save', template = template, schema = check })\n\
                 store:load(player):expect()";
    is_judged(&game("lyra", start, "store:unload(player)"), "lyra/records/Save", "%d");
}

#[test]
fn the_sessions_that_a_game_starts_with_document_service_are_judged() {
    let start = "store = store or Data.DocumentStore.new({\n\
                 dataStore = game:GetService('DataStoreService'):GetDataStore('Save'), check = check, default = template })\n\
                 open[player] = store:GetDocument(`u{player.UserId}`)\nopen[player]:OpenAsync()";
    is_judged(&game("document-service", start, "open[player]:CloseAsync()"), "Save", "u%d");
}

#[test]
fn the_sessions_that_a_game_starts_with_data_keep_are_judged() {
    let start = "store = store or Data.GetStore('Save', template):expect()\n\
                 open[player] = store:LoadKeep(`u{player.UserId}`):expect()";
    is_judged(&game("data-keep", start, "open[player]:Release()"), "Save", "u%d");
}

#[test]
fn the_sessions_that_a_game_starts_with_suphis_module_are_judged() {
    let start = "open[player] = Data.new('Save', `u{player.UserId}`)\n\
                 while open[player]:Open(template) ~= 'Success' do task.wait(6) end";
    is_judged(&game("suphi", start, "open[player]:Destroy()"), "Save", "u%d");
}

#[test]
fn no_module_is_taken_for_another_and_a_script_that_uses_one_is_none() {
    for adapter in MODULES {
        let source = std::fs::read_to_string(fixture(&file(adapter))).expect("it is a fixture");
        let mut files = Files::new();
        files.add(&["ServerStorage", "Vault"], &source);
        let found: Vec<_> = files.data_modules().iter().map(|module| module.adapter).collect();
        assert_eq!(found, [adapter]);
        // Only what it offers, as a script that calls it has it.
        let known = ADAPTERS.iter().find(|known| known.name == adapter).expect("it is built in");
        files = Files::new();
        files.add(&["ServerStorage", "Uses"], &format!("-- {}", known.about));
        assert!(files.data_modules().is_empty(), "{adapter}");
    }
}
