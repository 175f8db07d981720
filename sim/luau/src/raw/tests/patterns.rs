//! The functions that replace Luau's own give what those give.

use std::ffi::CString;

use dupeproof_sim::value::ScriptValue;
use mlua_sys::luau as lua;

use super::Echo;
use crate::raw::stack::bytes_at;
use crate::raw::{Chunk, Limits, State};

/// What a script returns on a virtual machine of plain Luau.
fn natively(source: &str) -> String {
    // SAFETY: the virtual machine is this function's own, and closed at its end.
    unsafe {
        let state = lua::luaL_newstate();
        lua::luaL_openlibs(state);
        let mut options = lua::lua_CompileOptions::default();
        options.optimizationLevel = 1;
        options.debugLevel = 1;
        let bytecode = lua::luau_compile(source.as_bytes(), options);
        let name = CString::new("=test").expect("no zero");
        assert_eq!(lua::luau_load(state, name.as_ptr(), bytecode.as_ptr().cast(), bytecode.len(), 0), 0);
        let status = lua::lua_pcall(state, 0, 1, 0);
        let result = String::from_utf8_lossy(&bytes_at(state, -1).unwrap_or_default()).into_owned();
        assert_eq!(status, lua::LUA_OK, "{result}");
        lua::lua_close(state);
        result
    }
}

/// What it returns on ours.
fn here(source: &str) -> String {
    let mut host = Echo::default();
    let limits = Limits { server_work: 1 << 40, ..Limits::default() };
    let body = format!("local host = ...\nreturn function(...) local run = function(){source}\nend return run() end");
    let mut state =
        State::new(limits, &super::FUNCTIONS, &Chunk::compile("test", &body), &mut host).expect("it starts");
    match state.dispatch(&mut host, &[]) {
        Ok(ScriptValue::String(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        other => panic!("{other:?}"),
    }
}

/// Lines that are the same on both.
fn same(source: &str, least: usize) {
    let (ours, theirs) = (here(source), natively(&format!("local host = ...\n{source}")));
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.lines().count(), theirs.lines().count());
    assert!(ours.lines().count() >= least, "{} lines", ours.lines().count());
}

/// Shows the results of a call on one line.
const SHOW: &str = "
    local lines = {}
    local function show(name, call, ...)
        local results = table.pack(pcall(call, ...))
        for place = 1, results.n do
            results[place] = string.format('%q', tostring(results[place]))
        end
        table.insert(lines, name .. ' ' .. table.concat(results, ' ', 1, results.n))
    end
    local state = 1
    local function random(most)
        state = (state * 48271) % 2147483647
        return state % most + 1
    end
    local function some(signs, most)
        local text = ''
        for _ = 1, random(most) - 1 do
            text ..= signs[random(#signs)]
        end
        return text
    end
";

/// How many patterns are tried; under a memory checker everything takes a hundred times as long.
const TURNS: usize = if cfg!(feature = "system-memory") { 150 } else { 12_000 };

#[test]
fn patterns_match_as_luaus_own() {
    let script = "
    local signs = {'a', 'b', '.', '%', '*', '+', '-', '?', '(', ')', '()', '[', ']', '[^', '^', '$', '%b', '%f', '%1', '%2',
        '%a', '%W', '%s', '%d', '1', '-', 'a-b', '\\0', '%0', '%]', '[ab]', '(a)', '(.-)', '%b()', '%f[%w]', '.*', '[%a_]'}
    local texts = {'a', 'b', 'ab', '(', ')', ' ', '1', '-', '%', '\\0', '_', '\\n', 'A', '\\200'}
    for turn = 1, TURNS do
        local subject, pattern = some(texts, 12), some(signs, 7)
        local from = random(20) - 8
        local name = string.format('%q %q %d', subject, pattern, from)
        show('find ' .. name, string.find, subject, pattern, from)
        show('match ' .. name, string.match, subject, pattern, from)
        show('plain ' .. name, string.find, subject, pattern, from, true)
        show('gsub ' .. name, string.gsub, subject, pattern, '<%1%0>', random(4) - 1)
        show('gsub of ' .. name, string.gsub, subject, pattern, function(one, two)
            return if random(3) == 1 then nil else `{one}:{two}`
        end)
        show('gsub by ' .. name, string.gsub, subject, pattern, {a = 'x', ab = false, b = 1})
        show('gmatch ' .. name, function()
            local found = {}
            for one, two in string.gmatch(subject, pattern) do
                table.insert(found, `{one}:{two}`)
            end
            return table.concat(found, ',')
        end)
    end
    return table.concat(lines, '\\n')";
    same(&format!("{SHOW}{}", script.replace("TURNS", &TURNS.to_string())), 7 * TURNS);
}

#[test]
fn odd_arguments_are_the_same_errors() {
    let script = "
    local odd = {false, 1, -1, 0.5, 1e300, 0/0, '', 'a', '%', {}, type, 'aaaa'}
    for _, name in {'find', 'match', 'gmatch', 'gsub', 'sub', 'byte', 'split', 'rep', 'lower', 'len'} do
        for one = 1, #odd do
            for two = 1, #odd do
                if type(odd[two]) ~= 'number' or odd[two] < 10 then
                    show(`{name} {one} {two}`, string[name], odd[one], odd[two])
                    show(`{name} {one} {two} and more`, string[name], odd[one], odd[two], odd[two], odd[one])
                end
            end
        end
    end
    for _, call in {table.insert, table.remove, table.find, table.concat, table.unpack, table.move, unpack, tonumber, table.sort} do
        for one = 1, #odd do
            for two = 1, #odd do
                if type(odd[two]) ~= 'number' or odd[two] < 10 then
                    show(`{one} {two}`, call, {1, 2, 3}, odd[one], odd[two])
                    show(`{one} {two} alone`, call, odd[one], odd[two])
                end
            end
        end
    end
    for turn, line in lines do
        -- Addresses are not the same.
        lines[turn] = string.gsub(line, '0x%x+', '0x')
    end
    return table.concat(lines, '\\n')";
    same(&format!("{SHOW}{script}"), 2_000);
}

#[test]
fn nested_and_malformed_patterns_are_the_same_errors() {
    for script in [
        "string.rep('(', 40), 'a'",
        "string.rep('(a', 20) .. string.rep(')', 20), string.rep('a', 20)",
        "string.rep('a-', 250), ''",
        "string.rep('a?', 250), string.rep('a', 250)",
        "'[', 'a'",
        "'[^', 'a'",
        "'%', 'a'",
        "'%b', 'a'",
        "'%bx', 'a'",
        "'%f', 'a'",
        "'(a', 'a'",
        "'a)', 'a'",
    ] {
        let call = format!("local p, s = {script} return tostring(select(2, pcall(string.find, s, p)))");
        assert_eq!(here(&call), natively(&call), "{script}");
    }
}
