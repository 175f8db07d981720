//! Machines that are copies of others.

use dupeproof_sim::value::ScriptValue;

use super::{Echo, FUNCTIONS, LIMITS, text};
use crate::raw::{Chunk, Image, State};

/// Counts in all that may be alive when an image is made: tables by address, weak ones, closures, waiting threads.
const COUNTER: &str = "
    local host = ...
    local count, keyed, weak = 0, {}, setmetatable({}, { __mode = 'k' })
    local waits = coroutine.wrap(function()
        local mine = 'since ' .. count
        while true do coroutine.yield(mine .. count) end
    end)
    return function(kind)
        if kind == 'mount' then
            for n = 1, 2000 do
                local key = { n }
                keyed[key], weak[key] = n, string.rep('x', n)
            end
            host.echo()
            waits()
        end
        count += 1
        keyed[{}], weak[{}] = count, buffer.create(100)
        local sum, texts = 0, {}
        for key, value in keyed do
            sum += value
            if #texts < 50 then table.insert(texts, tostring(key)) end
        end
        return `{count} {sum} {waits()} {math.random(1e9)} {table.concat(texts, ',')}`
    end";

fn image(source: &str, host: &mut Echo) -> Option<Image> {
    State::image(LIMITS, &FUNCTIONS, &Chunk::compile("test", source), host, &["mount".into()]).expect("it mounts")
}

fn said(state: &mut State, host: &mut Echo) -> String {
    text(state.dispatch(host, &[]))
}

#[test]
fn copies_go_on_from_where_the_image_was_made_and_each_for_itself() {
    let mut host = Echo::default();
    let image = image(COUNTER, &mut host).expect("both machines did the same");
    let mut first = State::of(&image, LIMITS);
    let mut second = State::of(&image, LIMITS);
    first.seed(5);
    second.seed(5);
    let said_first: Vec<_> = (0..50).map(|_| said(&mut first, &mut host)).collect();
    let said_second: Vec<_> = (0..50).map(|_| said(&mut second, &mut host)).collect();
    assert_eq!(said_first, said_second);
    assert!(said_first[0].starts_with("2 2001003 since 02 "), "{}", said_first[0]);
    assert!(said_first[49].starts_with("51 2002326 since 051 "), "{}", said_first[49]);
    assert!(said_first[0].contains("table: 0x00000000"), "{}", said_first[0]);
    drop(first);
    assert_eq!(
        said(&mut State::of(&image, LIMITS), &mut host)[..10],
        said_first[0][..10],
        "in memory that was used before"
    );
}

#[test]
fn a_copy_counts_its_memory_and_can_be_stopped_as_the_original() {
    let mut host = Echo::default();
    let source = "local kept = {} return function(kind)
        if kind == 'mount' then for n = 1, 10000 do kept[n] = {} end return 1 end
        while true do table.insert(kept, string.rep('x', 100000) .. #kept) end
    end";
    let image = image(source, &mut host).expect("both did the same");
    let mut copy = State::of(&image, LIMITS);
    assert!(copy.memory() > 10_000 * 64, "{}", copy.memory());
    let problem = copy.dispatch(&mut host, &[]).expect_err("memory is bounded");
    assert!(problem.contains("not enough memory"), "{problem}");
    let mut other = State::of(&image, LIMITS);
    assert_eq!(other.dispatch(&mut host, &["mount".into()]), Ok(ScriptValue::Number(1.0)));
}

#[test]
fn machines_that_have_done_different_things_make_no_image() {
    let source = "local host = ... local kept return function() kept = { host.echo() } end";
    for (grows, alike) in [(false, true), (true, false)] {
        let mut host = Echo { gives: vec!["a".into()], grows, ..Echo::default() };
        assert_eq!(image(source, &mut host).is_some(), alike, "answers that grow: {grows}");
    }
}
