//! What `dupeproof init` says of a game that it has looked at, in plain words.

use super::game::FoundGame;
use super::place::Form;
use crate::escape;

/// What was found, and what was not, a line each.
pub(super) fn report(game: &FoundGame) -> String {
    let mut lines = Vec::new();
    lines.extend(places(game));
    lines.extend(record(game));
    lines.extend(tree(game));
    if !game.errors.is_empty() {
        lines.push("scripts failed meanwhile:".to_owned());
        lines.extend(game.errors.iter().flat_map(|error| error.lines()).map(|line| format!("    {line}")));
    }
    lines.iter().map(|line| escape::name(line)).collect::<Vec<_>>().join("\n")
}

fn places(game: &FoundGame) -> Vec<String> {
    let mut lines = Vec::new();
    if !game.is_written() {
        let read = game.places.first().map_or_else(
            || "and nothing of a player was read either".to_owned(),
            |place| format!("only {} was read", place.name()),
        );
        lines.push(format!(
            "no write was seen: two players came, stayed for some minutes, left and came back, and nothing of theirs was \
             written to a data store; {read}. Of a module that does nothing until it is called, that is what to expect: say in the \
             adapter where it stores things"
        ));
    }
    for (place, number) in game.places.iter().filter(|place| !place.values.is_empty()).zip(0..) {
        let what = if number == 0 { "record:" } else { "also:" };
        lines.push(format!("{what:<9} {}, written {} times", place.name(), place.values.len()));
    }
    lines.extend(game.lock.iter().map(|place| format!("lock:     {}", place.name())));
    for address in &game.unfit {
        lines.push(format!(
            "not told: `{address}` has the UserId in its store or scope, or more than once in its key; `where` cannot say that"
        ));
    }
    lines.extend(
        game.others.iter().map(|address| format!("nobody's: `{address}`; see `shared` in `dupeproof list contract`")),
    );
    if game.memory {
        lines.push("memory stores are written, too; what is in them is not judged".to_owned());
    }
    lines
}

fn record(game: &FoundGame) -> Vec<String> {
    let Some(place) = game.places.first() else { return Vec::new() };
    let mut lines = Vec::new();
    match place.form() {
        Form::Plain => {}
        Form::Json => lines.push("form:     a text of JSON; `decode` and `encode` are filled in".to_owned()),
        Form::Opaque => {
            lines.push("form:     a text or buffer of the game's own; fill in `decode` and `encode`".to_owned());
        }
    }
    let Some(record) = &game.record else { return lines };
    let whole = || "the whole record".to_owned();
    lines.push(format!("data:     {}", if record.data.is_empty() { whole() } else { record.data.join(".") }));
    if record.is_profile {
        lines.push("shape:    that of ProfileStore's and ProfileService's records, with their lock".to_owned());
    } else if game.lock.is_none() {
        let lock = record.lock.as_ref().map(|path| path.join("."));
        lines.push(format!(
            "lock:     {}",
            lock.as_deref().unwrap_or("none: nothing was seen that changes with the server")
        ));
    }
    let mark = record.marks.first().map(|path| path.join("."));
    lines.push(format!("mark:     {}", mark.as_deref().unwrap_or("none: there is no number in the data")));
    let items = record.likely_items().map(|items| items.path.join("."));
    lines
        .push(format!("items:    {}", items.as_deref().unwrap_or("none: no list or table is named like one of items")));
    lines
}

fn tree(game: &FoundGame) -> Vec<String> {
    let mut lines = Vec::new();
    if !game.tree.remotes.is_empty() {
        lines.push(format!("remotes:  {}", game.tree.remotes.len()));
    }
    let receipts = if game.tree.receipts { "the game takes receipts" } else { "no ProcessReceipt is set" };
    lines.push(format!("receipts: {receipts}"));
    if !game.recognised.is_empty() {
        lines.push(format!("modules:  the game has {}", game.recognised.join(", ")));
    }
    lines
}
