//! `dupeproof init` looks at a game: what it says of stores, keys and fields is what the game does.

use crate::terminal::{Answer, Terminal};

const PROJECT: &str =
    r#"{"name": "own", "tree": {"$className": "DataModel", "ServerScriptService": {"$path": "src"}}}"#;

/// A game that keeps a table by player and saves it when the player leaves; `LOAD(id)` and `SAVE(id, data)` are its own.
fn game(load_and_save: &str) -> String {
    format!(
        r#"
local Players = game:GetService("Players")
local DataStoreService = game:GetService("DataStoreService")
local HttpService = game:GetService("HttpService")
local Data = {{ profiles = {{}} }}
{load_and_save}
Players.PlayerAdded:Connect(function(player)
    Data.profiles[player] = load(player.UserId)
end)
Players.PlayerRemoving:Connect(function(player)
    local data = Data.profiles[player]
    Data.profiles[player] = nil
    save(player.UserId, data)
end)
return Data
"#
    )
}

/// A project of this module, and what `init` says and writes of it.
fn looked_at(module: &str) -> (Terminal, Answer, String) {
    let terminal = Terminal::new();
    terminal.write("default.project.json", PROJECT);
    terminal.write("src/Data.luau", module);
    terminal.write("src/Main.server.luau", "require(script.Parent.Data)");
    let answer = terminal.dupeproof("init --project . out");
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    let adapter = terminal.read("out/dupeproof_adapter.luau");
    (terminal, answer, adapter)
}

fn says(text: &str, words: &[&str]) {
    for words in words {
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// What only the author of the game can write.
const DATA_OF: &str = r#"error("the adapter is not finished: `data_of` must return the table that holds the player's data in the game", 0)"#;

/// Fills in `data_of`, and runs the adapter in a calm world.
fn run(terminal: &Terminal, adapter: &str) -> Answer {
    assert!(adapter.contains(DATA_OF), "{adapter}");
    let data_of = "return require(game:GetService(\"ServerScriptService\").Data).profiles[player]";
    terminal.write("out/dupeproof_adapter.luau", &adapter.replace(DATA_OF, data_of));
    terminal.dupeproof(
        "run --scenario out/dupeproof_scenario.toml --adapter out/dupeproof_adapter.luau --project . --world calm --cases 5",
    )
}

#[test]
fn a_key_with_digits_after_the_user_id_is_found_and_the_adapter_runs() {
    let module = game(
        r#"
local store = DataStoreService:GetDataStore("Saves")
local function load(id)
    return store:GetAsync(`Player_{id}1`) or { Coins = 5, Inventory = {}, Settings = { Music = true }, Joined = os.time() }
end
local function save(id, data)
    store:SetAsync(`Player_{id}1`, data)
end"#,
    );
    let (terminal, answer, adapter) = looked_at(&module);
    says(&answer.stdout, &["DataStore \"Saves\", key \"Player_%d1\"", "mark:     Coins", "items:    Inventory"]);
    says(
        &adapter,
        &[
            "store = \"Saves\", scope = \"global\", key = \"Player_%d1\", data = {}, lock = false",
            "items = { \"Inventory\" }",
            "mark = { \"Coins\" }",
        ],
    );
    let answer = terminal.dupeproof("run --adapter out/dupeproof_adapter.luau --project . --world calm --cases 5");
    assert_eq!(answer.code, 2, "{}", answer.stdout);
    says(&answer.stdout, &["the adapter is not finished: `data_of` must return"]);
    let answer = run(&terminal, &adapter);
    assert!(answer.code < 2, "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn a_lock_in_the_record_and_a_scope_are_found() {
    let module = game(
        r#"
local store = DataStoreService:GetDataStore("Saves", "v2")
local function load(id)
    local data
    store:UpdateAsync(id, function(record)
        record = record or { Profile = { Gems = 0, Level = 1, Pets = {} } }
        record.Server = { JobId = game.JobId, Time = os.time() }
        data = record.Profile
        return record
    end)
    return data
end
local function save(id, data)
    store:UpdateAsync(id, function(record)
        return { Profile = data, Server = nil }
    end)
end"#,
    );
    let (terminal, answer, adapter) = looked_at(&module);
    says(&answer.stdout, &["lock:     Server", "data:     Profile"]);
    says(
        &adapter,
        &[
            "scope = \"v2\", key = \"%d\", data = { \"Profile\" }, lock = { \"Server\" }",
            "items = { \"Pets\" }",
            "mark = { \"Gems\" }",
            "return { Profile = data }",
        ],
    );
    let answer = run(&terminal, &adapter);
    assert!(answer.code < 2, "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn a_text_of_json_is_decoded() {
    let module = game(
        r#"
local store = DataStoreService:GetDataStore("Slots")
local function load(id)
    local stored = store:GetAsync(`{id}_slot2`)
    return if stored then HttpService:JSONDecode(stored) else { Cash = 0, Owned = { ["3"] = true } }
end
local function save(id, data)
    store:SetAsync(`{id}_slot2`, HttpService:JSONEncode(data))
end"#,
    );
    let (terminal, _, adapter) = looked_at(&module);
    says(
        &adapter,
        &[
            "key = \"%d_slot2\"",
            "function adapter.decode",
            "{ path = { \"Owned\" }, as = \"set\" }",
            "mark = { \"Cash\" }",
        ],
    );
    let answer = run(&terminal, &adapter);
    assert!(answer.code < 2, "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn several_keys_and_a_lock_with_a_key_of_its_own_are_found() {
    let module = game(
        r#"
local main = DataStoreService:GetDataStore("Main")
local pets = DataStoreService:GetDataStore("Pets")
local locks = DataStoreService:GetDataStore("Locks")
local function load(id)
    locks:SetAsync(`lock_{id}`, game.JobId)
    return main:GetAsync(`data-{id}`) or { Money = 0, Backpack = {}, Rank = "new" }
end
local function save(id, data)
    main:SetAsync(`data-{id}`, data)
    pets:SetAsync(`pets-{id}`, { "cat" })
    locks:RemoveAsync(`lock_{id}`)
end"#,
    );
    let (terminal, answer, adapter) = looked_at(&module);
    says(
        &answer.stdout,
        &["record:   DataStore \"Main\"", "also:     DataStore \"Pets\"", "lock:     DataStore \"Locks\""],
    );
    says(
        &adapter,
        &[
            "store = \"Main\", scope = \"global\", key = \"data-%d\"",
            "lock = { store = \"Locks\", scope = \"global\", key = \"lock_%d\" }",
            "{ store = \"Pets\", scope = \"global\", key = \"pets-%d\", data = {}, items = false }",
        ],
    );
    let answer = run(&terminal, &adapter);
    assert!(answer.code < 2, "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn remotes_receipts_and_known_modules_are_named_and_no_write_is_said() {
    let terminal = Terminal::new();
    terminal.write("default.project.json", PROJECT);
    terminal
        .write("src/Vault.luau", "return { LockAttempts = 5, SaveOnClose = true } -- AttemptsRemaining, GetSortedMap");
    terminal.write(
        "src/Main.server.luau",
        "Instance.new('RemoteEvent', game.ReplicatedStorage).Name = 'Buy'
        game:GetService('MarketplaceService').ProcessReceipt = function() end",
    );
    let answer = terminal.dupeproof("init --project . out");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    says(&answer.stdout, &["no write was seen", "remotes:  1", "the game takes receipts", "the game has suphi"]);
    let adapter = terminal.read("out/dupeproof_adapter.luau");
    says(&adapter, &["dupeproof run --project . --adapter auto", "ReplicatedStorage.Buy (RemoteEvent)"]);
}

#[test]
fn the_functions_of_a_module_are_listed_and_one_that_saves_by_itself_is_looked_at_as_a_game() {
    let terminal = Terminal::new();
    terminal.write(
        "Data.luau",
        "local Data = {}\nfunction Data.Load(player) end\nfunction Data.Save(player, now) end\nreturn Data",
    );
    let answer = terminal.dupeproof("init --module Data.luau out");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let adapter = terminal.read("out/dupeproof_adapter.luau");
    says(&adapter, &["--   Load: 1 argument", "--   Save: 2 arguments", "local function load_data"]);
    let saves = game(
        r#"
local store = DataStoreService:GetDataStore("Own")
local function load(id)
    return store:GetAsync(`{id}`) or { Points = 0 }
end
local function save(id, data)
    store:SetAsync(`{id}`, data)
end"#,
    );
    terminal.write("Saves.luau", &saves);
    let answer = terminal.dupeproof("init --module Saves.luau other");
    says(&answer.stdout, &["DataStore \"Own\", key \"%d\""]);
    says(&terminal.read("other/dupeproof_adapter.luau"), &["local function data_of", "mark = { \"Points\" }"]);
}

#[test]
fn a_game_that_does_not_start_is_refused_with_its_line() {
    let terminal = Terminal::new();
    terminal.write("default.project.json", PROJECT);
    terminal.write("src/Main.server.luau", "local x = nil\nprint(x.y)");
    let answer = terminal.dupeproof("init --project . out");
    answer.refuses(&["the game could not be looked at", "ServerScriptService/Main:2", "hint: "]);
    assert!(!terminal.path("out").exists(), "nothing is written");
    // Another script's failure is no reason to see nothing.
    terminal.write(
        "src/Saves.server.luau",
        &game(
            "local store = DataStoreService:GetDataStore(\"Own\")
local function load(id)
    return store:GetAsync(`{id}`) or { Points = 0 }
end
local function save(id, data)
    store:SetAsync(`{id}`, data)
end",
        ),
    );
    let answer = terminal.dupeproof("init --project . out");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    says(&answer.stdout, &["DataStore \"Own\", key \"%d\"", "scripts failed meanwhile", "ServerScriptService/Main:2"]);
}
