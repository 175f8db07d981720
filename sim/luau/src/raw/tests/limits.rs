use dupeproof_sim::value::ScriptValue;

use super::{Echo, machine, run, text};

/// Runs a script in a thread that has limits of its own: what became of it, and of the server.
fn thread(script: &str) -> (String, Vec<String>) {
    let mut host = Echo::default();
    let body = format!(
        "local thread = coroutine.create(function()\n{script}\nend)
        local ok, problem, _, tripped = host.resume(thread)
        return `{{ok}} {{if ok then '' else problem}} {{tripped}} {{coroutine.status(thread)}}`"
    );
    let mut state = machine(&body, &mut host);
    let first = text(state.dispatch(&mut host, &[]));
    let again = text(state.dispatch(&mut host, &[]));
    assert_eq!(first, again, "the server goes on, and is as it was: {script}");
    (first, host.crashes)
}

const LATE: &str = "Script timeout: exhausted allowed execution time";

#[test]
fn what_never_ends_costs_its_thread() {
    for script in [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "pcall(pcall, pcall, function() while true do end end) while true do end",
        "xpcall(function() while true do end end, function() while true do end end) while true do end",
        "coroutine.wrap(function() pcall(function() while true do end end) coroutine.yield() end)() while true do end",
        "string.find(string.rep('a', 40), string.rep('a?', 40) .. string.rep('a', 40))",
        "table.sort(table.create(100, 1), function() while true do end end)",
        "local t = setmetatable({}, {__index = function() while true do end end}) return t.x",
    ] {
        let (result, crashes) = thread(script);
        assert!(
            result.starts_with("false ") && result.contains(LATE) && result.ends_with(" true dead"),
            "{script}: {result}"
        );
        assert!(crashes[0].starts_with(LATE) && crashes[0].contains("test:"), "{script}: {crashes:?}");
    }
}

#[test]
fn a_thread_that_caught_the_limit_is_closed_all_the_same() {
    let mut host = Echo::default();
    let body = "local thread = coroutine.create(pcall)
        local ok, problem, _, tripped = host.resume(thread, function() while true do end end)
        return `{ok} {problem} {tripped}`";
    let result = machine(body, &mut host).dispatch(&mut host, &[]);
    assert_eq!(text(result), format!("false {LATE} true"));
    assert!(host.crashes[0].contains("test:4"), "{:?}", host.crashes);
}

#[test]
fn runaway_memory_costs_its_thread_and_is_given_back() {
    for script in [
        "local t = {} while true do t[#t + 1] = string.rep('x', 10000) .. #t end",
        "local t = {} while true do pcall(function() t[#t + 1] = string.rep('x', 10000) .. #t end) end",
        "local t = {} while true do t = {t, table.create(100, 1)} end",
        "buffer.create(100000000)",
        "local s = 'x' while true do s = s .. s end",
        "table.create(10000000, 1)",
        "return string.rep('x', 1000000000)",
    ] {
        let (result, crashes) = thread(script);
        assert!(result.starts_with("false ") && result.contains("not enough memory"), "{script}: {result}");
        assert!(result.ends_with(" true dead") && crashes.len() == 2, "{script}: {result} {crashes:?}");
    }
}

#[test]
fn recursion_is_an_error_like_any_other() {
    for (script, problem) in [
        ("local function f() return 1 + f() end f()", "stack overflow"),
        ("local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return t.x", "C stack overflow"),
        ("local function f() coroutine.wrap(f)() end f()", "C stack overflow"),
        ("string.find(string.rep('a', 300), string.rep('(', 100))", "too many captures"),
        (
            "local t = {} for _ = 1, 1000 do t = setmetatable({}, {__index = t}) end return t.x",
            "'__index' chain too long",
        ),
    ] {
        let (result, crashes) = thread(script);
        assert!(result.starts_with("false ") && result.contains(problem), "{script}: {result}");
        assert!(result.ends_with(" nil dead") && crashes.is_empty(), "{script}: {result} {crashes:?}");
        assert!(text(run(&format!("return tostring((pcall(function() {script} end)))"))).contains("false"));
    }
}

#[test]
fn a_thread_does_not_pay_for_those_it_starts() {
    let body = "local function forever() while true do end end
        local thread = coroutine.create(function()
            local ok, _, _, tripped = host.resume(coroutine.create(forever))
            return `{ok} {tripped}`
        end)
        local ok, inner = host.resume(thread)
        return `{ok} {inner}`";
    assert_eq!(text(run(body)), "true false true");
}

#[test]
fn threads_that_start_threads_without_end_cost_the_server() {
    let body = "local function spawn(depth)
            host.resume(coroutine.create(function()
                if depth > 0 then spawn(depth - 1) spawn(depth - 1) end
                while true do end
            end))
        end
        spawn(100)";
    assert!(run(body).expect_err("it hangs").contains(LATE));
}

#[test]
fn a_server_that_never_rests_has_crashed() {
    let problem = run("while true do host.resume(coroutine.create(function() end)) end").expect_err("it hangs");
    assert!(problem.contains(LATE) && problem.contains("test:3"), "{problem}");
    let problem = run("while true do pcall(host.fail) end").expect_err("it hangs");
    assert!(problem.contains(LATE), "{problem}");
}

#[test]
fn a_limit_is_hit_at_the_same_place_in_every_run() {
    let count = || {
        let mut host = Echo::default();
        let body = "local turns = 0
            host.resume(coroutine.create(function() while true do turns += 1 end end))
            local bytes = 0
            host.resume(coroutine.create(function()
                local t = {}
                while true do t[#t + 1] = string.rep('x', 1000) .. #t bytes += 1 end
            end))
            return `{turns} {bytes}`";
        text(machine(body, &mut host).dispatch(&mut host, &[]))
    };
    assert_eq!(count(), count());
}

#[test]
fn garbage_is_collected_and_costs_nothing() {
    let mut host = Echo::default();
    let body = "local kept = {}
        for turn = 1, 20000 do kept[turn % 100] = {string.rep('x', 5000) .. turn} end
        return string.sub(kept[7][1], -5)";
    let mut state = machine(body, &mut host);
    for turn in 0..3 {
        host.moment = turn * 1_000_000_000;
        assert_eq!(state.dispatch(&mut host, &[]), Ok(ScriptValue::String(b"19907".to_vec())));
        assert!(state.memory() < 8 << 20, "{} bytes", state.memory());
    }
}

/// Calls that look at much between two safepoints, each for ever.
const HEAVY: [&str; 33] = [
    "while true do string.find(big, string.rep('a', 1000) .. 'b', 1, true) end",
    "while true do string.find(string.rep('(', 500000), '%b()') end",
    "while true do string.find(big, '.-b') end",
    "while true do string.match(big, '.*.*b') end",
    "while true do string.gsub(big, 'a', 'a') end",
    "while true do for _ in string.gmatch(big, 'a*b') do end end",
    "while true do string.split(big, 'aaab') end",
    "while true do string.split(big, '') end",
    "while true do string.rep('a', 500000) end",
    "while true do string.upper(big) end",
    "while true do string.reverse(big) end",
    "while true do string.sub(big, 2, -2) end",
    "while true do string.byte(big, 1, 5000) end",
    "while true do tonumber(string.rep('1', 500000)) end",
    "while true do utf8.len(big) end",
    "while true do string.format('%s', big) end",
    "while true do local s = big .. big end",
    "while true do table.insert(list, 1, 1) table.remove(list) end",
    "while true do table.remove(list, 1) table.insert(list, 1) end",
    "while true do table.find(list, 2) end",
    "while true do table.concat(list) end",
    "while true do table.sort(list) end",
    "while true do table.move(list, 1, 50000, 2) table.remove(list) end",
    "while true do table.clone(list) end",
    "while true do table.unpack(list, 1, 5000) end",
    "while true do buffer.fill(bytes, 0, 1) end",
    "while true do buffer.tostring(bytes) end",
    "while true do host.echo(list) end",
    // Numbers as texts are numbers.
    "table.move({}, '1', '2e9', 3, {})",
    // The first entry is the shortest; and a function of the library that compares.
    "local texts = {'', big .. 1, big .. 2} while true do table.sort(texts) end",
    "local digits = string.rep('1', 100000) table.sort(table.create(1000, digits), bit32.btest)",
    "while true do buffer.copy(bytes, 0, bytes, 0) end",
    "local marks = string.rep('\\128', 500000) while true do utf8.offset('a' .. marks, 2) end",
];

#[test]
fn what_library_functions_look_at_is_work() {
    for script in HEAVY {
        let script = format!(
            "local big, list, bytes = string.rep('a', 500000), table.create(50000, 1), buffer.create(500000)\n{script}"
        );
        let (result, crashes) = thread(&script);
        let stopped = result.contains(LATE) || result.contains("not enough memory");
        assert!(result.starts_with("false ") && stopped, "{script}: {result}");
        assert!(crashes[0].contains("test:"), "{script}: {crashes:?}");
    }
}

#[test]
fn what_replaces_a_text_is_memory_at_every_level() {
    let body = "local text = string.rep('a', 3000000)
        local function deeper() return string.gsub(text .. 'b', 'b', deeper) end
        local ok, problem = pcall(deeper)
        return `{ok} {problem}`";
    let result = run(body);
    let problem = result.map_or_else(|problem| problem, |value| format!("{value:?}"));
    assert!(problem.contains("not enough memory"), "{problem}");
}

#[test]
fn what_reads_a_part_is_charged_for_that_part() {
    // Each goes through a large text or buffer in small steps.
    let body = "local text, bytes = string.rep('abcd', 50000), buffer.create(1000000)
        local thread = coroutine.create(function()
            for place = 1, 100000, 4 do
                string.unpack('<I4', text, place)
                buffer.readstring(bytes, place, 4) buffer.writestring(bytes, place, text, 4)
                buffer.copy(bytes, place, bytes, 0, 4) buffer.fill(bytes, place, 1, 4)
                utf8.len(text, place, place) utf8.offset(text, 1, place) utf8.offset(text, -1, place + 1)
            end
        end)
        return tostring((host.resume(thread)))";
    assert_eq!(text(run(body)), "true");
    let joined = "local thread = coroutine.create(function()
            local all = '' for line = 1, 3000 do all ..= `line {line}\\n` end
        end)
        return tostring((host.resume(thread)))";
    assert_eq!(text(run(joined)), "true", "a text that grows line by line");
}

#[test]
fn a_text_is_split_as_luau_does() {
    let split = |arguments: &str| {
        text(run(&format!("return table.concat(string.split({arguments}), '|') .. #string.split({arguments})")))
    };
    for (arguments, pieces) in [
        ("'a,b,,c'", "a|b||c4"),
        ("',', nil", "|2"),
        ("'', ','", "1"),
        ("'', ''", "0"),
        ("'abc', ''", "a|b|c3"),
        ("'aXYbXYXYc', 'XY'", "a|b||c4"),
        ("'aaa', 'aa'", "|a2"),
        ("'a', 'abc'", "a1"),
        ("'a\\0b', '\\0'", "a|b2"),
        ("121, 2", "1|12"),
    ] {
        assert_eq!(split(arguments), pieces, "{arguments}");
    }
    assert!(run("return string.split()").is_err() && run("return string.split({})").is_err());
}

#[test]
fn small_calls_cost_what_they_did() {
    // What scripts in good order do all the time costs a few units a call.
    let body = "local list, text = {1, 2, 3}, 'Player_123'
        local thread = coroutine.create(function()
            for _ = 1, 2000 do
                table.insert(list, 1) table.remove(list)
                table.find(list, 3) string.find(text, '_', 1, true) string.match(text, '%d+')
                string.sub(text, 1, 6) tonumber('12') string.format('%d', 4) table.concat(list, ',')
            end
        end)
        return tostring((host.resume(thread)))";
    assert_eq!(text(run(body)), "true");
}

#[test]
fn a_server_that_is_always_busy_has_crashed_and_one_that_rests_has_not() {
    let mut host = Echo::default();
    let body = "host.resume(coroutine.create(function() while true do end end)) return 'on'";
    let mut state = machine(body, &mut host);
    let turns = (0..1_000).take_while(|_| state.dispatch(&mut host, &[]).is_ok()).count();
    assert!((5..50).contains(&turns), "{turns} turns");
    let mut host = Echo::default();
    let mut state = machine("for _ = 1, 90000 do end return 'on'", &mut host);
    for second in 0..1_000 {
        host.moment = second * 1_000_000;
        assert_eq!(text(state.dispatch(&mut host, &[])), "on", "second {second}");
    }
}

#[test]
fn what_is_too_large_is_never_copied() {
    let mut host = Echo::default();
    let body = "local ok = pcall(host.echo, table.create(10000, string.rep('x', 1000000))) return tostring(ok)";
    let mut state = machine(body, &mut host);
    let result = state.dispatch(&mut host, &[]);
    assert!(host.given.is_empty() || host.given == [ScriptValue::TooLarge], "{result:?}");
}
