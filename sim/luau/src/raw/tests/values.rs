use std::sync::Arc;

use dupeproof_sim::value::{ScriptKey, ScriptTable, ScriptValue};
use serde_json::json;

use super::{Echo, machine, run, text};
use crate::value::Answer;

fn given(body: &str) -> Vec<ScriptValue> {
    let mut host = Echo::default();
    machine(body, &mut host).dispatch(&mut host, &[]).expect("it runs");
    host.given
}

#[test]
fn the_host_gets_copies_of_what_it_is_given() {
    let list = ScriptTable::array([ScriptValue::Number(1.5), ScriptValue::Boolean(true)]);
    let rest = [(ScriptKey::from("a"), ScriptValue::Table(list)), (ScriptKey::Other, ScriptValue::Number(2.0))];
    assert_eq!(
        given(
            "host.echo(nil, 'a\\0\\255', {a = {1.5, true}, [print or host] = 2}, buffer.fromstring('xy'), host.echo)"
        ),
        [
            ScriptValue::Nil,
            ScriptValue::String(b"a\0\xff".to_vec()),
            ScriptValue::Table(ScriptTable::map(rest)),
            ScriptValue::Buffer(b"xy".to_vec()),
            ScriptValue::Function,
        ]
    );
}

#[test]
fn an_array_is_one_however_luau_keeps_it() {
    let expected = ScriptTable::array([1.0, 2.0, 3.0].map(ScriptValue::Number));
    for table in [
        "{1, 2, 3}",
        "{[3] = 3, [2] = 2, [1] = 1}",
        "(function() local t = {} for i = 1, 3 do t[i] = i end return t end)()",
    ] {
        assert_eq!(given(&format!("host.echo({table})")), [ScriptValue::Table(expected.clone())], "{table}");
    }
    let mixed =
        ScriptTable { array: vec![ScriptValue::Number(1.0)], rest: vec![("x".into(), ScriptValue::Number(2.0))] };
    assert_eq!(given("host.echo({1, x = 2})"), [ScriptValue::Table(mixed)]);
}

#[test]
fn a_table_without_end_is_said_to_be_one() {
    for endless in ["local t = {} t.t = t host.echo(t)", "local t = {} for _ = 1, 1000 do t = {t} end host.echo(t)"] {
        assert_eq!(given(endless), [ScriptValue::Cycle], "{endless}");
    }
    assert_eq!(given("local t = {} for _ = 1, 30 do t = {t, t} end host.echo(t)"), [ScriptValue::TooLarge]);
}

#[test]
fn scripts_get_fresh_tables() {
    let json = Arc::new(
        json!({ "list": [1, "two", null], "map": { "x": 0.5 }, "buffer": { "m": null, "t": "buffer", "base64": "eHk=" } }),
    );
    let gives = vec![
        Answer::Json(json),
        Answer::List(vec![true.into(), 7_u32.into()]),
        Answer::Fields(vec![("a", "b".into())]),
    ];
    let mut host = Echo { gives, ..Echo::default() };
    let body = "local json, list, fields = host.echo()
        local again = host.echo()
        json.map.y = 1
        assert(again ~= json and again.map.y == nil)
        return `{#json.list} {json.list[2]} {json.map.x} {buffer.tostring(json.buffer)} {list[1]} {list[2]} {fields.a}`";
    let result = machine(body, &mut host).dispatch(&mut host, &[]);
    assert_eq!(text(result), "2 two 0.5 xy true 7 b");
}

#[test]
fn an_error_of_the_host_can_be_caught() {
    assert_eq!(text(run("local ok, problem = pcall(host.fail) return `{ok} {problem}`")), "false refused");
}

#[test]
fn an_error_of_a_script_comes_with_its_traceback() {
    let problem = run("local function inner() error('wrong') end inner()").expect_err("an error");
    assert!(problem.starts_with("test:3: wrong\n") && problem.contains("test:3 function inner"), "{problem}");
    let problem = run("error(setmetatable({}, {__tostring = function() return 'a table' end}))").expect_err("an error");
    assert!(problem.starts_with("a table\n"), "{problem}");
}

#[test]
fn an_object_is_a_userdata_with_a_type_of_its_own() {
    let body = "local object = host.object({__type = 'Instance', __index = function(_, key) return key end})
        return `{type(object)} {typeof(object)} {object.Name}`";
    assert_eq!(text(run(body)), "userdata Instance Name");
}

#[test]
fn a_script_is_loaded_into_its_own_globals() {
    let scripts = vec![("a", "shared_name = 1 return name, other"), ("b", "return 1 +")];
    let mut host = Echo { scripts, ..Echo::default() };
    let body = "local function globals(name) return setmetatable({name = name}, {__index = {other = 'o'}}) end
        local name, other = host.load('a', globals('n'))()
        local missing, why = host.load('b', {})
        local nothing, reason = host.load('c', {})
        return `{name} {other} {missing} {why} {nothing} {reason} {shared_name}`";
    let result = machine(body, &mut host).dispatch(&mut host, &[]);
    assert_eq!(text(result), "n o nil b:1: Expected identifier when parsing expression, got <eof> nil no `c` nil");
}
