use std::panic::{AssertUnwindSafe, catch_unwind};

use dupeproof_sim::value::ScriptValue;

use super::{Echo, machine, run, text};

/// Shows everything that could differ between two runs.
#[cfg(not(feature = "system-memory"))]
const SHOW: &str = "local keys, names = {}, {}
    for n = 1, 200 do
        local key = if n % 3 == 0 then {} elseif n % 3 == 1 then function() return n end else coroutine.create(print or tostring)
        keys[key], names[key] = n, tostring(key)
        if n % 10 == 0 then for _ = 1, 100 do local _ = string.rep('x', 2000) .. n end end
    end
    local weak = setmetatable({}, {__mode = 'k'})
    for n = 1, 5000 do weak[{}] = string.rep('y', 1000) .. n end
    local shown = {}
    for key, n in keys do table.insert(shown, `{n}:{names[key]}:{string.format('%s', key)}`) end
    local left = 0
    for _ in weak do left += 1 end
    table.insert(shown, `{left} {math.random()} {math.random(1000)} {gcinfo()} {tostring(host)} {tostring(newproxy())}`)
    return table.concat(shown, ' ')";

#[cfg(not(feature = "system-memory"))]
#[test]
fn two_machines_at_once_and_two_threads_show_the_same() {
    let show = || {
        let (mut one, mut other) = (Echo::default(), Echo::default());
        let mut first = machine(SHOW, &mut one);
        let mut second = machine(SHOW, &mut other);
        let shown = text(first.dispatch(&mut one, &[]));
        assert_eq!(shown, text(second.dispatch(&mut other, &[])));
        shown
    };
    let here = show();
    assert!(here.len() > 1_000 && here.contains("table: 0x00000000"), "{here}");
    for _ in 0..2 {
        assert_eq!(std::thread::spawn(show).join().expect("it runs"), here);
    }
    assert_eq!(show(), here, "in memory that was used before");
}

#[test]
fn a_seed_decides_about_chance() {
    let random = |seed| {
        let mut host = Echo::default();
        let entry = super::Chunk::compile("test", "return function() return math.random(1000000) end");
        let mut state = super::State::new(super::LIMITS, &[], &entry, &mut host).expect("it starts");
        state.seed(seed);
        state.dispatch(&mut host, &[]).expect("it runs")
    };
    assert_eq!(random(1), random(1));
    assert_ne!(random(1), random(2));
}

#[test]
fn no_script_sees_the_machine_it_really_runs_on() {
    let absent = "return `{print} {io} {require} {loadstring} {os.clock} {os.getenv} {_G} {shared}`";
    assert_eq!(text(run(absent)), "nil nil nil nil nil nil nil nil");
    for ask in ["os.time()", "os.date('!%c')", "os.date('%c', 0)"] {
        assert!(run(&format!("return {ask}")).is_err(), "{ask}");
    }
    assert_eq!(text(run("return os.date('!%c', 0)")), "Thu Jan  1 00:00:00 1970");
}

#[test]
fn libraries_cannot_be_changed() {
    for change in ["string.format = nil", "math.x = 1", "table.insert = nil", "getmetatable('').__index = {}", "x = 1"]
    {
        let problem = run(change).expect_err("an error");
        assert!(problem.contains("readonly"), "{change}: {problem}");
    }
}

#[test]
fn a_panic_of_the_host_goes_on_when_luau_has_returned() {
    let mut host = Echo::default();
    let mut state = machine("if ... then pcall(host.panic) end return 7", &mut host);
    let caught = catch_unwind(AssertUnwindSafe(|| state.dispatch(&mut host, &[true.into()])));
    assert_eq!(caught.expect_err("a panic").downcast_ref(), Some(&"on purpose"));
    assert_eq!(state.dispatch(&mut host, &[]), Ok(ScriptValue::Number(7.0)), "the machine is as it was");
}

#[test]
fn a_machine_that_cannot_start_says_why() {
    for (source, why) in [("return 1", "function expected"), ("error('no')", "test:1: no"), ("return (", "Expected")] {
        let entry = super::Chunk::compile("test", source);
        let result = super::State::new(super::LIMITS, &[], &entry, &mut Echo::default());
        let problem = result.err().expect("an error");
        assert!(problem.contains(why), "{source}: {problem}");
    }
}
