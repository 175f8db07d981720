//! A game with stores, keys and fields of its own is judged as the same game with the names of the built-in subjects.

use std::ops::ControlFlow;

use dupeproof_core::Stored;
use dupeproof_luau::{Files, LuauSubject, Options};
use dupeproof_scenarios::Suite;
use dupeproof_scenarios::search::Search;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::{Event, FindingKind, Subject};
use serde_json::json;

use crate::common::contract;

/// A save script without a lock; what is in capitals is put in.
const GAME: &str = r#"
local store = game:GetService("DataStoreService"):GetDataStore("STORE", "SCOPE")
local HttpService = game:GetService("HttpService")
local adapter = {
    name = "game",
    where = WHERE,
    WORDS
}
local function pack(data) PACK end
local function unpack(stored) UNPACK end
function adapter.save(session)
    store:SetAsync(session.key, pack(session.data))
    session.game.saved(session.data)
end
function adapter.load(visit)
    local stored = store:GetAsync(visit.key)
    local session = { key = visit.key, user_id = visit.user_id, data = if stored then unpack(stored) else FRESH, live = true }
    task.delay(60, function()
        while session.live do
            pcall(adapter.save, session)
            task.wait(60)
        end
    end)
    return session
end
function adapter.listen(session, game) session.game = game end
function adapter.leave(session)
    session.live = false
    adapter.save(session)
end
function adapter.read(session) return session.data end
function adapter.is_live(session) return session.live end
MORE
return adapter
"#;

/// What the game is called by.
struct Names<'a> {
    store: &'a str,
    scope: &'a str,
    place: &'a str,
    words: &'a str,
    pack: &'a str,
    unpack: &'a str,
    fresh: &'a str,
    more: &'a str,
}

/// As the built-in subjects have them.
const USUAL: Names<'_> = Names {
    store: "PlayerData",
    scope: "global",
    place: r#"{ store = "PlayerData", key = "Player_%d", data = {}, lock = false }"#,
    words: "",
    pack: "return data",
    unpack: "return stored",
    fresh: "{ Items = {}, Stamp = 0 }",
    more: "",
};

/// Data whose items are a list among others, and whose mark is an amount of money.
const OWN: Names<'_> = Names {
    place: r#"{ store = "PlayerData", key = "Player_%d", data = { "save", "data" }, lock = false }"#,
    words: r#"items = { "Bag", "Pets" }, mark = { "Money" }, bought = { "Receipts" },"#,
    pack: "return { version = 2, save = { data = data } }",
    unpack: "return stored.save.data",
    fresh: "{ Bag = { Pets = {} }, Money = 100 }",
    ..USUAL
};

impl Names<'_> {
    fn subject(&self) -> LuauSubject {
        let Names { store, scope, place, words, pack, unpack, fresh, more } = *self;
        let parts = [("WHERE", place), ("WORDS", words), ("UNPACK", unpack), ("PACK", pack), ("FRESH", fresh)];
        let parts = [("STORE", store), ("SCOPE", scope), ("MORE", more)].into_iter().chain(parts);
        let source = parts.fold(GAME.to_owned(), |source, (part, by)| source.replace(part, by));
        let adapter = Some(("game".to_owned(), source));
        let options = Options { adapter, ..Options::new(Files::new()) };
        LuauSubject::new(&options, contract(&FindingKind::ALL)).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Each kind of finding, and in how many of so many cases it came up.
    fn found(&self, suite: &str, cases: u64) -> Vec<(FindingKind, u64)> {
        let (suite, subject) = (Suite::named(suite).expect("it is there"), self.subject());
        let search = Search { suite, subject: &subject, network: Network::Event, seed: 1, first: 0, cases, jobs: 1 };
        let survey = search.survey(&mut |_| ControlFlow::Continue(()));
        survey.kinds.iter().map(|counted| (counted.kind, counted.cases)).collect()
    }
}

#[test]
fn other_stores_scopes_and_keys_change_nothing() {
    let usual = USUAL.found("swarm", 30);
    assert!(usual.iter().any(|(kind, _)| *kind == FindingKind::ItemDuplicated), "{usual:?}");
    for (scope, key) in [("global", "%d"), ("global", "Player_%d1"), ("v2", "%d_slot2"), ("v2", "save/%d")] {
        let place = format!(r#"{{ store = "Saves:2", scope = "{scope}", key = "{key}", data = {{}}, lock = false }}"#);
        let names = Names { store: "Saves:2", scope, place: &place, ..USUAL };
        assert_eq!(names.found("swarm", 30), usual, "{scope} {key}");
    }
}

#[test]
fn other_fields_change_nothing() {
    let usual = USUAL.found("swarm", 30);
    let more = "function adapter.fresh() return { Coins = 100 } end";
    let rich = Names { fresh: "{ Items = {}, Stamp = 0, Coins = 100 }", more, ..USUAL };
    assert_eq!(rich.found("swarm", 30), usual, "a field that nobody has asked for");
    assert_eq!(OWN.found("swarm", 30), usual, "by paths");
    let words = r#"items = { path = { "Bag", "Pets" }, as = "set" }, mark = { "Money" },"#;
    assert_eq!(Names { words, ..OWN }.found("swarm", 30).len(), usual.len(), "a table of ids");
    let words = r#"items = { path = { "Bag", "Pets" }, as = "counts" }, mark = { "Money" },"#;
    assert_eq!(Names { words, ..OWN }.found("swarm", 30).len(), usual.len(), "how many of each");
    let more = r#"
        function adapter.items(data) return data.Pets or {} end
        function adapter.give(data, id) data.Pets = data.Pets or {} table.insert(data.Pets, id) end
        function adapter.take(data, id) table.remove(data.Pets, table.find(data.Pets, id)) end
        function adapter.mark(data, n) data.Level = n end
        function adapter.marked(data) return data.Level end
        function adapter.decode(stored) return HttpService:JSONDecode(stored) end
        function adapter.encode(record) return HttpService:JSONEncode(record) end
    "#;
    let place = USUAL.place;
    let (pack, unpack) = ("return HttpService:JSONEncode(data)", "return HttpService:JSONDecode(stored)");
    let coded = Names { place, words: "", pack, unpack, fresh: "{ Level = 0.5 }", more, ..USUAL };
    assert_eq!(coded.found("swarm", 30), usual, "by functions, in a text");
}

#[test]
fn a_calm_world_is_clean_under_any_names() {
    let calm = Suite::parse(
        "name = \"one\"
about = \"one device\"
world = \"calm\"
[topology]
servers = 1
players = [1, 3]
stays = 1
[workload]
swaps = 0
two_devices = 0
rejoins = 0",
        &Subjects::default(),
    );
    let suite = calm.unwrap_or_else(|problem| panic!("{problem}"));
    let text = Names {
        pack: "return HttpService:JSONEncode(data)",
        unpack: "return HttpService:JSONDecode(stored)",
        more: "adapter.decode = unpack adapter.encode = pack",
        ..USUAL
    };
    for (names, what) in [(USUAL, "usual"), (OWN, "own"), (text, "text"), (BESIDE, "beside"), (COINS, "coins")] {
        let subject = names.subject();
        let search =
            Search { suite: &suite, subject: &subject, network: Network::Event, seed: 1, first: 0, cases: 10, jobs: 1 };
        let survey = search.survey(&mut |_| ControlFlow::Continue(()));
        let found: Vec<_> = survey.kinds.iter().map(|counted| counted.kind).collect();
        assert_eq!(found, [] as [FindingKind; 0], "{what}");
    }
}

/// Items under a key of their own, in a store of their own.
const BESIDE: Names<'_> = Names {
    place: r#"{
        { store = "PlayerData", key = "Player_%d", data = {}, lock = false, items = false },
        { store = "Bags", key = "%d_bag", data = {}, items = { "Pets" } },
    }"#,
    more: r#"
        local bags = game:GetService("DataStoreService"):GetDataStore("Bags")
        local load, save = adapter.load, adapter.save
        function adapter.load(visit)
            local session = load(visit)
            session.bag = visit.keys[2]
            session.data.Items = (bags:GetAsync(session.bag) or { Pets = {} }).Pets
            return session
        end
        function adapter.save(session)
            store:SetAsync(session.key, { Stamp = session.data.Stamp })
            bags:SetAsync(session.bag, { Pets = session.data.Items })
            session.game.saved(session.data)
        end
        function adapter.record(data, user_id, number)
            return if number == 1 then { Stamp = 0 } else { Pets = data.Items }
        end
    "#,
    ..USUAL
};

/// Items that are only counted.
const COINS: Names<'_> = Names {
    words: r#"items = { path = { "Coins" }, as = "coins" },"#,
    fresh: "{ Coins = 50, Stamp = 0 }",
    more: "function adapter.fresh() return { Coins = 50 } end",
    ..USUAL
};

#[test]
fn items_under_a_key_of_their_own_are_counted() {
    let subject = BESIDE.subject();
    let keys: Vec<_> = subject.records(PlayerId(3), &[7], 0);
    let expected = [("Player_3", json!({ "Stamp": 0 })), ("Bags/global/3_bag", json!({ "Pets": [7] }))];
    assert_eq!(keys.len(), 2);
    for ((key, value), (expected_key, expected)) in keys.iter().zip(&expected) {
        assert_eq!((&**key, value.to_json()), (*expected_key, expected.clone()));
    }
    let found = BESIDE.found("swarm", 30);
    assert!(found.iter().any(|(kind, _)| *kind == FindingKind::ItemDuplicated), "{found:?}");
}

#[test]
fn records_of_nobody_are_told_with_what_is_in_them() {
    let words = r#"shared = {
        { store = "Guilds", key = "guild_*", data = { "save" }, items = { "Chest" } },
        { store = "Items", scope = "live", key = "*", items = "key" },
    },"#;
    let subject = Names { words, ..USUAL }.subject();
    let mut reader = subject.reader().expect("it has names of its own");
    let stored = [
        ("Guilds/global/guild_red", json!({ "save": { "Chest": [7] } })),
        ("Guilds/global/other", json!({ "save": { "Chest": [8] } })),
        ("Items/live/9", json!({ "owner": 3 })),
        ("Player_1", json!({ "Items": [1], "Stamp": 0 })),
        ("Trade_5", json!(true)),
    ];
    let store = stored.iter().map(|(key, value)| ((*key).into(), Stored::from_json(value.clone()))).collect();
    let told = reader.read(&Event::Ended { store }).into_owned();
    let Event::Ended { store } = told else { panic!("{told:?}") };
    let told: Vec<_> = store.iter().map(|(key, value)| (&**key, value.to_json()["data"]["Items"].clone())).collect();
    let expected = [
        ("Guilds/global/other", json!(null)),
        ("Player_1", json!([1])),
        ("Shared:Guilds/global/guild_red", json!([7])),
        ("Shared:Items/live/9", json!([9])),
        ("other/Trade_5", json!(null)),
    ];
    assert_eq!(told, expected);
}

#[test]
fn coins_are_conserved_or_it_is_said() {
    let found = COINS.found("swarm", 30);
    let has = |kind| found.iter().any(|(other, _)| *other == kind);
    assert!(has(FindingKind::ItemDuplicated) || has(FindingKind::ItemLost), "{found:?}");
}

#[test]
fn what_a_game_does_not_have_is_not_tried() {
    // A record that shows no items, whatever it is made with.
    let bare = Names { more: "function adapter.record(data) return { Stamp = data.Stamp } end", ..USUAL };
    let subject = bare.subject();
    let not_tried = |kind| subject.not_tried(kind).is_some();
    assert!(
        not_tried(FindingKind::ItemLost) && not_tried(FindingKind::PurchaseLost) && not_tried(FindingKind::MessageLost)
    );
    assert!(!not_tried(FindingKind::LostUpdate) && !not_tried(FindingKind::LockStuck));
    let found = bare.found("swarm", 20);
    assert!(!found.iter().any(|(kind, _)| *kind == FindingKind::ItemLost), "{found:?}");
    let suite = Suite::named("no_swap").expect("it is there");
    assert!(!suite.forbids(FindingKind::ItemLost, &subject));
    assert!(suite.not_tried(&subject).iter().any(|(kind, _)| *kind == FindingKind::ItemLost));
    // Purchases that a `ProcessReceipt` of the module's own grants can be judged where somebody says how they are noted.
    assert!(OWN.subject().not_tried(FindingKind::PurchaseLost).is_none());
    let unmarked = Names { words: "mark = false,", ..USUAL }.subject();
    assert!(
        unmarked.not_tried(FindingKind::LostUpdate).is_some() && unmarked.not_tried(FindingKind::ItemLost).is_none()
    );
}

#[test]
fn a_name_that_cannot_be_is_refused() {
    for (place, why) in [
        (
            r#"{ store = "PlayerData", key = "Player_", data = {} }"#,
            "the adapter's `where.key` cannot be the key of a player",
        ),
        (r#"{ key = "Player_%d", data = {} }"#, "the adapter's `where.store` is missing"),
        (r#"{ store = "PlayerData", key = "%d", data = "Data" }"#, "the adapter's `where.data` is no list of names"),
    ] {
        let source = GAME.replace("WHERE", place).replace("WORDS", "").replace("UNPACK", "").replace("PACK", "");
        let source =
            source.replace("FRESH", "{}").replace("STORE", "PlayerData").replace("SCOPE", "global").replace("MORE", "");
        let options = Options { adapter: Some(("game".into(), source)), ..Options::new(Files::new()) };
        let problem = LuauSubject::new(&options, contract(&[])).err().unwrap_or_else(|| panic!("{place} is taken"));
        assert!(problem.to_string().starts_with(why), "{problem}");
    }
}

#[test]
fn a_lock_that_is_elsewhere_is_judged_like_one_that_nothing_is_said_of() {
    let place = |lock: &str| format!(r#"{{ store = "PlayerData", key = "Player_%d", data = {{}}{lock} }}"#);
    let (unsaid, elsewhere) = (place(""), place(r#", lock = "elsewhere""#));
    let names = Names { place: &elsewhere, ..USUAL };
    assert!(!names.subject().knows_lock() && USUAL.subject().knows_lock());
    assert_eq!(names.found("swarm", 30), Names { place: &unsaid, ..USUAL }.found("swarm", 30));
    // Where the adapter's own code reads the records, too.
    let more = "function adapter.decode(stored) return stored end";
    let coded = |place| Names { place, more, ..USUAL }.found("swarm", 10);
    assert_eq!(coded(&elsewhere), coded(&unsaid));
}
