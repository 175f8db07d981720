use dupeproof_luau::{Limits, Options};
use dupeproof_sim::network::Network;

use crate::common::{run, schedule, script};

/// Limits that are hit soon.
fn limited(source: &str) -> Options {
    let limits = Limits {
        thread_work: 2_000_000,
        server_work: 10_000_000,
        regained_work: 1_000_000,
        memory: 16 << 20,
        ..Limits::default()
    };
    Options { limits, ..script(source) }
}

fn lines(source: &str) -> Vec<String> {
    run(&limited(source), &schedule(10), Network::Event).0
}

#[test]
fn a_hostile_thread_is_closed_and_its_server_goes_on() {
    for hostile in [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local t = {} while true do pcall(function() t[#t + 1] = string.rep('x', 10000) .. #t end) end",
    ] {
        let lines = lines(&format!("task.spawn(function() {hostile} end) task.wait(2) print('alive')"));
        let crash = lines.iter().find(|line| line.starts_with("crashed: ")).unwrap_or_else(|| panic!("{lines:?}"));
        assert!(crash.contains("ServerScriptService/Main:1"), "where it was: {crash}");
        assert!(lines.iter().any(|line| line == "alive"), "{hostile}: {lines:?}");
    }
}

#[test]
fn a_server_that_never_rests_is_dead_from_then_on() {
    for restless in [
        "local function again() task.defer(again) end again()",
        "while true do pcall(task.spawn, function() while true do end end) end",
    ] {
        let lines = lines(&format!("task.delay(5, print, 'alive') {restless}"));
        let crash = lines.iter().find(|line| line.starts_with("crashed: server: "));
        let crash = crash.unwrap_or_else(|| panic!("{restless}: {lines:?}"));
        assert!(crash.contains("Script timeout"), "{crash}");
        assert!(!lines.iter().any(|line| line == "alive"), "{lines:?}");
    }
}

#[test]
fn memory_that_is_kept_costs_the_server_in_the_end() {
    let lines = lines(
        "kept = {} while true do task.wait(0.1) pcall(function() kept[#kept + 1] = string.rep('x', 1000000) .. #kept end) end",
    );
    assert!(lines.iter().any(|line| line.starts_with("crashed: ") && line.contains("not enough memory")), "{lines:?}");
}

#[test]
fn scripts_cannot_reach_what_is_not_theirs() {
    let lines = lines(
        "local outer = getfenv(0)
        print(tostring(outer.io), tostring(outer.os and outer.os.getenv), pcall(function() outer.os.clock() end) and 1 or 2)
        print(pcall(function() getfenv(task.wait).task = nil end))
        print(pcall(function() string.rep = nil end))
        print(pcall(require, '/etc/passwd'))
        print(pcall(require, '../../../etc/passwd'))",
    );
    assert_eq!(lines[0], "nil nil 2");
    assert!(lines[1..].iter().all(|line| line.starts_with("false ")), "{lines:?}");
}

#[test]
fn a_script_that_waits_in_a_loop_sees_its_clock_go_on() {
    let lines = lines("local from = os.clock() repeat until os.clock() - from > 0.001 print('done', os.time() > 0)");
    assert_eq!(lines, ["done true"]);
}

#[test]
fn no_script_holds_a_function_of_the_host() {
    let lines = lines(
        "local held = 0
        local function look(thread)
            for level = 0, 8 do
                local ok, source, name, found = pcall(debug.info, thread, level, 'snf')
                if ok and found and (source == '[C]' and not name or string.find(source, '@host', 1, true)) then held += 1 end
            end
        end
        local http, store = game:GetService('HttpService'), game:GetService('DataStoreService'):GetDataStore('s')
        for _, call in {
            function() http:JSONEncode(print) end,
            function() http:JSONDecode('{') end,
            function() store:SetAsync('key', print) end,
            function() store:GetAsync('\\255') end,
            function() store:UpdateAsync('key', function() error('x') end) end,
            function() game:GetService('MemoryStoreService'):GetHashMap('h'):GetAsync('\\255') end,
            function() task.wait(-1e300) end,
            function() Instance.new('Nothing') end,
        } do
            local thread = coroutine.create(call)
            coroutine.resume(thread)
            look(thread)
        end
        local me = coroutine.running()
        task.spawn(function() look(me) end)
        print(setmetatable({}, {__tostring = function() look(coroutine.running()) return 'shown' end}))
        local spy = {}
        local function spied(...)
            if ... ~= setfenv and debug.info(..., 's') ~= debug.info(1, 's') then spy[#spy + 1] = ... end
            return pcall(...)
        end
        local options = setmetatable({}, {__index = function(_, name)
            look(coroutine.running())
            for level = 1, 6 do
                pcall(setfenv, level, setmetatable({pcall = spied}, {__index = getfenv(0)}))
            end
        end})
        pcall(function() store:SetAsync('key', 1, nil, options) end)
        pcall(function() store:GetAsync('key', options) end)
        print(held, #spy)",
    );
    assert_eq!(lines.last().map(String::as_str), Some("0 0"), "{lines:?}");
}

#[test]
fn a_function_of_its_own_is_still_shown() {
    let lines = lines(
        "local function own() return debug.info(1, 'f') end
        print(own() == own, debug.info(print, 'f') == print, debug.info(1, 's'))",
    );
    assert_eq!(lines, ["true true ServerScriptService/Main"]);
}

#[test]
fn what_is_encoded_is_measured_before_it_is_made() {
    let source = "local http = game:GetService('HttpService')
        local function encoded(value)
            local ok, text = pcall(http.JSONEncode, http, value)
            return if ok then #text else text
        end
        local sign = string.char(1)
        print(encoded(string.rep(sign, 2000000)), encoded(string.rep(sign, 3000000)))
        print(encoded({ [string.rep(sign, 3000000)] = 1 }), encoded(table.create(1000000, 1)))
        task.wait(1)
        print(pcall(http.JSONDecode, http, {}))";
    let lines = run(&script(source), &schedule(10), Network::Event).0;
    // Such a sign is six characters of JSON, and 16 MiB are made at most.
    assert_eq!(lines[0], "12000002 not enough memory");
    assert_eq!(lines[1], "not enough memory not enough memory");
    assert_eq!(lines[2], "false JSONDecode: a string expected, got table");
}
