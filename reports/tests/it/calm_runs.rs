//! The calm run before a search: what does not work is broken, with exit code 2, and never safe or unsafe.

use crate::terminal::{Answer, Terminal};

/// A simple save script that works.
const WORKS: &str = include_str!("../../../sim/luau/src/adapter/naive.luau");

/// The save script, changed.
fn run_with(changes: &[(&str, &str)]) -> (Terminal, Answer) {
    let mut source = WORKS.replace("naive-luau", "own");
    for (before, after) in changes {
        assert!(source.contains(before), "{before}");
        source = source.replace(before, after);
    }
    let terminal = Terminal::new();
    terminal.write("adapter.luau", &source);
    let answer = terminal.dupeproof("run --adapter adapter.luau --world calm --suite no_swap --cases 5");
    (terminal, answer)
}

fn broken(changes: &[(&str, &str)], says: &[&str]) {
    let (terminal, answer) = run_with(changes);
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.starts_with("Broken: "), "{}", answer.stdout);
    let page = terminal.read("dupeproof-out/report.html");
    for words in says {
        assert!(answer.flowing().contains(words), "{words}: {}", answer.stdout);
    }
    assert!(page.contains("What went wrong in a calm world"), "{page}");
    let json = terminal.json("run --adapter adapter.luau --world calm --suite no_swap --cases 5 --json --out other");
    assert_eq!((&json["verdict"], &json["schedules"]), (&"broken".into(), &0.into()), "{json}");
    assert_eq!(terminal.dupeproof("report dupeproof-out").code, 0, "it can be written again");
}

#[test]
fn a_simple_save_script_works() {
    let (_, answer) = run_with(&[]);
    assert!(answer.code < 2, "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn a_record_that_is_written_elsewhere_is_named_with_the_line_to_change() {
    let changes = [("store:SetAsync(session.key,", "store:SetAsync(\"slot_\" .. session.key,")];
    broken(&changes, &["nothing was ever written to `Player_0`", "`slot_Player_0`", "adapter.luau, line "]);
}

#[test]
fn data_that_is_not_where_the_adapter_says_is_shown() {
    broken(
        &[("data = {},", "data = { \"Profile\" },")],
        &["has nothing where `where.data` points", "\"Stamp\":", "`data`"],
    );
}

#[test]
fn a_record_in_another_store_is_named_with_both_stores() {
    broken(
        &[("where = { store = \"PlayerData\",", "where = { store = \"Other\",")],
        &["`Player_0` in the store `Other`", "`Player_0` in the store `PlayerData`", "`where`"],
    );
}

#[test]
fn another_place_that_the_module_never_touches_is_named() {
    let one = "where = { store = \"PlayerData\", scope = \"global\", key = \"Player_%d\", data = {}, lock = false },";
    let place = &one["where = ".len()..];
    let two = |store: &str| {
        format!(
            "where = {{ {place} {{ store = \"{store}\", scope = \"global\", key = \"bag_%d\", items = {{ \"Bag\" }} }} }},"
        )
    };
    broken(
        &[(one, &two("Bags"))],
        &["`bag_0` in the store `Bags`, which is place 2 of `where`", "`Player_0` in the store"],
    );
    let reads = (
        "local session = { key",
        "game:GetService(\"DataStoreService\"):GetDataStore(\"Bags\"):GetAsync(\"bag_\" .. visit.user_id)\n\tlocal session = { key",
    );
    let (_, answer) = run_with(&[(one, &two("Bags")), reads]);
    assert!(answer.code < 2, "a module that reads there may write later: {}{}", answer.stdout, answer.stderr);
}

/// The module wraps what it stores, so that a mark is never seen where the adapter looks, and comes back all the same.
#[test]
fn data_that_comes_back_and_is_not_where_the_adapter_says_is_shown() {
    let wraps = [
        ("store:SetAsync(session.key, session.data)", "store:SetAsync(session.key, { Data = session.data })"),
        ("local data = store:GetAsync(visit.key) or", "local data = (store:GetAsync(visit.key) or {}).Data or"),
        ("\treturn data\nend\n\nreturn adapter", "\treturn { Data = data }\nend\n\nreturn adapter"),
    ];
    broken(&wraps, &["came back with the data of mark", "points (the whole value)", "{\"Data\":{", "`data`"]);
    let said = [wraps[0], wraps[1], wraps[2], ("data = {},", "data = { \"Data\" },")];
    let (_, answer) = run_with(&said);
    assert!(answer.code < 2, "where the adapter says it, all is well: {}{}", answer.stdout, answer.stderr);
}

#[test]
fn what_a_games_own_callback_for_receipts_fails_with_is_shown_and_breaks_nothing() {
    let sells = |body: &str| {
        let own = format!(
            "game:GetService(\"MarketplaceService\").ProcessReceipt = function(info)\n\t{body}\nend\n\nfunction adapter.save("
        );
        run_with(&[("function adapter.save(", &own)]).1
    };
    let fails = sells("task.wait(1) error('no such product')");
    assert!(fails.code < 2, "{}{}", fails.stdout, fails.stderr);
    assert!(fails.stdout.contains("even in a calm world, 1 script error"), "{}", fails.stdout);
    assert!(
        fails.stdout.contains("ProcessReceipt failed: ") && fails.stdout.contains("no such product"),
        "{}",
        fails.stdout
    );
    let works = sells("return Enum.ProductPurchaseDecision.NotProcessedYet");
    assert!(!works.stdout.contains("script error"), "{}", works.stdout);
}

/// A `record` that does not do what it must, for players that only a search asks for.
#[test]
fn a_record_that_fails_for_some_players_is_refused_with_its_line() {
    let record = |body: &str| {
        format!(
            "function adapter.record(data, user_id)\n\tif user_id > 1 then\n\t\t{body}\n\tend\n\treturn data\nend\n\nreturn adapter\n"
        )
    };
    for (body, says) in [
        ("while true do end", "Script timeout"),
        ("error(\"boom\")", "boom"),
        ("return { f = function() end }", "`record` returned what cannot be stored"),
        ("return nil", "`record` returned nil"),
        ("task.wait(1)", "record"),
    ] {
        broken(
            &[("return adapter\n", &record(body))],
            &["the adapter's `record` failed for player 2: ", "adapter (adapter):", says],
        );
    }
    let (_, answer) = run_with(&[("return adapter\n", &record("data.Coins = 5"))]);
    assert!(answer.code < 2, "{}{}", answer.stdout, answer.stderr);
}

/// What an adapter says or makes that has no end, or is no data: it is named with its function.
#[test]
fn what_an_adapter_returns_that_cannot_be_is_named() {
    let ring = "local t = {} for _ = 1, 40 do t = { t, t } end";
    let own = "local t = {} t.t = t";
    for (text, says) in [
        (
            format!("function adapter.record() {ring} return t end"),
            "`record` returned a table that holds itself, or more",
        ),
        (
            format!("function adapter.record() {own} return t end"),
            "`record` returned a table that holds itself, or more",
        ),
        ("function adapter.fresh() return 0 / 0 end".into(), "`fresh` returned number, and no table"),
        (format!("do {ring} adapter.where.junk = t end"), "the adapter own: `where` holds itself, or more"),
        (format!("do {own} adapter.where.junk = t end"), "the adapter own: `where` holds itself, or more"),
        ("adapter.where.junk = string.rep('x', 10000000)".into(), "the adapter own: `where` holds itself, or more"),
    ] {
        let (_, answer) = run_with(&[("return adapter\n", &format!("{text}\nreturn adapter\n"))]);
        assert_eq!(answer.code, 2, "{text}: {}{}", answer.stdout, answer.stderr);
        assert!(answer.stderr.contains(says) && !answer.stderr.contains("timeout"), "{text}: {}", answer.stderr);
    }
}

#[test]
fn nothing_stored_is_no_safety() {
    broken(&[("store:SetAsync(session.key, session.data)", "")], &["nothing was written to any data store"]);
}

#[test]
fn an_error_comes_with_its_script_line_and_traceback() {
    let changes = [("\tsession.game = game", "\tsession.game = game.nothing.here")];
    broken(&changes, &["adapter (adapter):", "attempt to index nil with 'here'", "function listen"]);
}

#[test]
fn an_error_of_a_server_that_closes_is_shown_and_what_it_has_not_saved_is_judged() {
    let closes =
        ("local adapter = {", "local closing\ngame:BindToClose(function() closing = true end)\nlocal adapter = {");
    let leave = "function adapter.leave(session)\n";
    let (_, answer) = run_with(&[closes, (leave, &format!("{leave}\tassert(not closing, \"it is late\")\n"))]);
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("it is late"), "{}", answer.stdout);
}

#[test]
fn an_error_that_the_script_has_caught_is_named_where_it_is_the_reason() {
    let yields = "pcall(store.UpdateAsync, store, session.key, function() task.wait(1) return session.data end)";
    let changes = [("store:SetAsync(session.key, session.data)", yields)];
    broken(&changes, &["UpdateAsync was refused before it was sent: Callbacks cannot yield", "adapter (adapter):"]);
    let long = "pcall(store.SetAsync, store, string.rep(\"k\", 51), session.data)";
    broken(&[("store:SetAsync(session.key, session.data)", long)], &["102: Key name exceeds the 50 character limit."]);
    let unsaved = "session.data.Self = print pcall(store.SetAsync, store, session.key, session.data)";
    broken(&[("store:SetAsync(session.key, session.data)", unsaved)], &["refused before it was sent: "]);
}

#[test]
fn a_load_that_never_ends_or_gives_nothing_is_named() {
    let endless =
        [("\tlocal data = store:GetAsync(visit.key)", "\tcoroutine.yield()\n\tlocal data = store:GetAsync(visit.key)")];
    broken(&endless, &["`load` never came to an end"]);
    broken(&[("\treturn session\nend", "\treturn nil\nend")], &["each start failed"]);
}

#[test]
fn a_session_that_is_never_live_is_named() {
    broken(&[("\treturn session.live\n", "\treturn false\n")], &["`is_live` never answered true"]);
}

#[test]
fn what_is_stored_and_does_not_come_back_is_a_finding() {
    let changes = [("store:GetAsync(visit.key) or { Items = {}, Stamp = 0 }", "{ Items = {}, Stamp = 0 }")];
    let (_, answer) = run_with(&changes);
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("StaleStart"), "{}", answer.stdout);
}
