//! The adapter of a game that was looked at.

use dupeproof_luau::look::Function;
use dupeproof_sim::request::GLOBAL_SCOPE;

use super::game::FoundGame;
use super::literal::{literal, path, quoted};
use super::place::{Form, FoundPlace};
use super::record::{FoundRecord, Path};
use crate::escape;
use crate::format;

/// How the adapter calls the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The game's own scripts load and save, when players come and go.
    Game,
    /// Somebody has to call the module's functions.
    Module,
}

/// So many marks and lists are named.
const NAMED_MAX: usize = 8;

/// The text of the adapter. `first` is the command to try first, if a known module is in the game.
pub(super) fn script(game: &FoundGame, kind: Kind, first: Option<&str>) -> String {
    let record = game.record.as_ref();
    let parts = [
        header(game, kind, first),
        match kind {
            Kind::Game => include_str!("your_game.luau").replace("--DATA\n", &shown(record)),
            Kind::Module => include_str!("your_module.luau").replace("--FUNCTIONS\n", &functions(&game.tree.functions)),
        },
        format!("local adapter = {{\n\tname = \"my-game\",\n\tabout = \"our own game\",\n\n{}}}\n\n", words(game)),
        decoding(game),
        fresh(record),
        stored(game),
        match kind {
            Kind::Game => include_str!("calls_of_game.luau").to_owned(),
            Kind::Module => include_str!("calls_of_module.luau").to_owned(),
        },
        purchases(game),
        "return adapter\n".to_owned(),
    ];
    parts.concat()
}

fn header(game: &FoundGame, kind: Kind, first: Option<&str>) -> String {
    let seen = if game.is_written() {
        "what it says of stores, keys and fields is what was seen"
    } else {
        "no write was seen, so what it says of stores, keys and fields is a guess: correct it"
    };
    let first = first.map_or_else(String::new, |first| format!("--\n-- Try first, without this file:\n--   {first}\n"));
    let yours = match kind {
        Kind::Game => "`data_of`",
        Kind::Module => "`load_data` and `leave_data`",
    };
    format!(
        "-- How dupeproof reads your game. `dupeproof init` has written this after a look at it:\n-- {seen}.\n-- Only you can \
         write {yours}, right below. Every function of an adapter is explained by `dupeproof list contract`.\n{first}\n"
    )
}

/// A value, as a comment.
fn shown(record: Option<&FoundRecord>) -> String {
    let Some(record) = record else { return String::new() };
    let text = literal(&record.inner(), 0, None);
    let lines: String = text.lines().map(|line| format!("--   {line}\n")).collect();
    format!("-- The game stored of a player:\n{lines}")
}

fn functions(functions: &[Function]) -> String {
    if functions.is_empty() {
        return "-- What your module returns has no functions.\n".to_owned();
    }
    let line = |function: &Function| {
        let more = if function.more { " or more" } else { "" };
        let name = if function.name.is_empty() { "(itself)" } else { &function.name };
        let arguments = format::counted(function.arguments.into(), "argument");
        format!("--   {}: {arguments}{more}\n", escape::name(name))
    };
    format!("-- What your module returns has these functions:\n{}", functions.iter().map(line).collect::<String>())
}

/// `where`, `items` and `mark`.
fn words(game: &FoundGame) -> String {
    let record = game.record.as_ref();
    let lock = match (&game.lock, record) {
        (Some(place), _) => Some(format!("lock = {{ {} }}", address(place))),
        (None, Some(record)) if record.is_profile => None,
        (None, record) => Some(
            record
                .and_then(|record| record.lock.as_ref())
                .map_or_else(|| "lock = false".to_owned(), |lock| format!("lock = {}", path(lock))),
        ),
    };
    let data = format!("data = {}", path(record.map_or(&[], |record| &record.data)));
    let first = game
        .places
        .first()
        .map_or_else(|| "store = \"PlayerData\", scope = \"global\", key = \"Player_%d\"".to_owned(), address);
    let first = [Some(first), Some(data), lock].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let others: Vec<&FoundPlace> = game.places.iter().skip(1).filter(|place| !place.values.is_empty()).collect();
    let mut text = String::from("\t-- Where a player's record stands; the paths of the data and of the lock in it.\n");
    if others.is_empty() {
        text.push_str(&format!("\twhere = {{ {first} }},\n\n"));
    } else {
        let others = others.iter().map(|place| format!("\t\t{{ {}, data = {{}}, items = false }},\n", address(place)));
        text.push_str(&format!("\twhere = {{\n\t\t{{ {first} }},\n{}\t}},\n\n", others.collect::<String>()));
    }
    text + &items(record) + &mark(record)
}

/// Names of the game's own, which must not end the comment that they stand in.
fn in_comment(path: &Path) -> String {
    escape::name(&path.join(".")).into_owned()
}

fn address(place: &FoundPlace) -> String {
    let scope = if place.scope.is_empty() { GLOBAL_SCOPE } else { &place.scope };
    let ordered = if place.ordered { ", ordered = true" } else { "" };
    format!("store = {}, scope = {}, key = {}{ordered}", quoted(&place.store), quoted(scope), quoted(&place.key))
}

fn items(record: Option<&FoundRecord>) -> String {
    let all = record.map_or(&[][..], |record| &record.items);
    let mut text = String::from("\t-- Where in the data the items are; false: what needs items is not tried.\n");
    if !all.is_empty() {
        let named = all.iter().take(NAMED_MAX).map(|items| match items.form {
            Some(form) => format!("{} ({form})", in_comment(&items.path)),
            None => format!("{} (tables: give functions `items`, `give` and `take`)", in_comment(&items.path)),
        });
        text.push_str(&format!("\t-- Seen: {}.\n", named.collect::<Vec<_>>().join(", ")));
    }
    let likely = record.and_then(FoundRecord::likely_items);
    let said = likely.map_or_else(
        || "false".to_owned(),
        |items| match items.form {
            Some(form) if form != "list" => format!("{{ path = {}, as = \"{form}\" }}", path(&items.path)),
            _ => path(&items.path),
        },
    );
    text + &format!("\titems = {said},\n\n")
}

fn mark(record: Option<&FoundRecord>) -> String {
    let all: &[Path] = record.map_or(&[], |record| &record.marks);
    let mut text = String::from(
        "\t-- A number in the data that dupeproof may change, to tell one state from another; the game should not change \
         it\n\t-- meanwhile. false: what needs a mark is not tried.\n",
    );
    if all.len() > 1 {
        let named: Vec<String> = all.iter().take(NAMED_MAX).map(in_comment).collect();
        text.push_str(&format!("\t-- Seen: {}.\n", named.join(", ")));
    }
    text + &format!("\tmark = {},\n", all.first().map_or_else(|| "false".to_owned(), |names| path(names)))
}

fn decoding(game: &FoundGame) -> String {
    match game.places.first().map(FoundPlace::form) {
        Some(Form::Json) => include_str!("decodes_json.luau").to_owned(),
        Some(Form::Opaque) => include_str!("decodes.luau").to_owned(),
        Some(Form::Plain) | None => String::new(),
    }
}

/// The data of a new player.
fn fresh(record: Option<&FoundRecord>) -> String {
    let Some(record) = record else { return String::new() };
    let text = literal(&record.first, 1, None).replace("user_id", "0");
    format!(
        "-- The data of a player who is new, as the game stored it.\nfunction adapter.fresh()\n\treturn {text}\nend\n\n"
    )
}

/// The stored value of a player who has played before.
fn stored(game: &FoundGame) -> String {
    let Some(record) = &game.record else { return String::new() };
    let text = literal(&record.whole, 1, Some(&record.data));
    let value = match game.places.first().map(FoundPlace::form) {
        Some(Form::Json | Form::Opaque) => format!("adapter.encode({text})"),
        Some(Form::Plain) | None => text,
    };
    format!(
        "-- What is stored of a player who has played before and has this data: no lock, nothing under way.\nfunction \
         adapter.record(data, user_id, place)\n\tif place > 1 then\n\t\treturn nil\n\tend\n\treturn {value}\nend\n\n"
    )
}

fn purchases(game: &FoundGame) -> String {
    let remotes: String = game
        .tree
        .remotes
        .iter()
        .take(NAMED_MAX)
        .map(|remote| format!("--   {} ({})\n", escape::name(&remote.path), remote.class))
        .collect();
    let remotes = if remotes.is_empty() { remotes } else { format!("-- Remotes of the game:\n{remotes}\n") };
    let receipts = if game.tree.receipts {
        "-- The game takes receipts (ProcessReceipt): the workload delivers them to it, so there is no `buy` here.\n\n"
    } else {
        ""
    };
    remotes + receipts
}
