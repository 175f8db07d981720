//! `host.run`: a thread is used again only if nobody can tell.

use super::{run, text};

fn shows(body: &str, expected: &str) {
    assert_eq!(text(run(body)), expected, "{body}");
}

#[test]
fn a_thread_that_nobody_has_a_hold_of_is_used_again() {
    let grown = |function: &str| {
        format!(
            "local function handler(...) {function} end
            host.run(handler, 1, 2)
            local before = gcinfo()
            for _ = 1, 1000 do host.run(handler, 1, 2) end
            return `{{gcinfo() - before > 100}}`"
        )
    };
    shows(&grown("return ..."), "false");
    shows(&grown("local _ = coroutine.running()"), "true");
    shows(&grown("coroutine.yield()"), "true");
}

#[test]
fn a_script_that_keeps_its_thread_keeps_it_for_itself() {
    shows(
        "local kept, seen = {}, {}
        local function keep() table.insert(kept, coroutine.running()) end
        host.run(keep) host.run(keep) host.run(function() host.run(keep) keep() end)
        for _, thread in kept do seen[thread] = coroutine.status(thread) end
        local count = 0
        for _, status in seen do count += if status == 'dead' then 1 else 0 end
        return `{#kept} {count} {coroutine.running()}`",
        "4 4 nil",
    );
}

#[test]
fn a_thread_that_suspended_itself_goes_on_where_it_was() {
    shows(
        "local waiting
        local function wait() waiting = coroutine.running() return 'woken with ' .. coroutine.yield() end
        local began = host.run(wait)
        local _, other = host.run(function(...) return select('#', ...) end, nil, nil)
        local _, went_on = coroutine.resume(waiting, 'this')
        return `{began} {other} {went_on}`",
        "true 2 woken with this",
    );
}

#[test]
fn what_one_handler_did_to_its_globals_the_next_does_not_see() {
    shows(
        "local function look() return getfenv(0).marked end
        local _, before = host.run(function() setfenv(0, { marked = 'mine' }) return getfenv(0).marked end)
        local _, after = host.run(look)
        return `{before} {after}`",
        "mine nil",
    );
}

#[test]
fn an_error_comes_back_with_a_traceback_and_the_next_runs() {
    shows(
        "local function deep() error({ code = 7 }) end
        local ok, problem, traceback = host.run(function() deep() end)
        local again, result = host.run(function(...) return ... end, 'fine')
        return `{ok} {problem.code} {traceback:find('deep') ~= nil} {again} {result}`",
        "false 7 true true fine",
    );
    assert!(run("host.run(7)").is_err());
}
