use dupeproof_luau::{Limits, Options};
use dupeproof_sim::network::Network;

use crate::common::{run, schedule, script};

/// Limits that are hit soon.
fn limited(source: &str) -> Options {
    let limits = Limits { thread_work: 200_000, server_work: 1_000_000, regained_work: 100_000, memory: 16 << 20 };
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
