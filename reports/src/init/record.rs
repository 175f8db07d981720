//! What is in a record that a game was seen to store: where the data and the lock are, what could be the mark and items.

use dupeproof_luau::look::PLAYERS;
use serde_json::{Number, Value as Json};

use super::place::FoundPlace;

/// Names of tables, from the outside in.
pub(super) type Path = Vec<String>;

/// The record of a player, as far as it explains itself.
#[derive(Clone, Debug)]
pub(super) struct FoundRecord {
    /// A whole value, as it stands after its player has left, if one was written then.
    pub(super) whole: Json,
    /// The data when it was written first: that of a new player.
    pub(super) first: Json,
    /// It has the shape of ProfileStore's and ProfileService's records.
    pub(super) is_profile: bool,
    /// To the lock; `None` if nothing was seen that changes with the server.
    pub(super) lock: Option<Path>,
    /// To the game's data.
    pub(super) data: Path,
    /// To numbers in the data that could carry the mark, the likeliest first.
    pub(super) marks: Vec<Path>,
    /// Tables in the data that could hold items, the likeliest first.
    pub(super) items: Vec<Items>,
}

/// A table that could hold items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Items {
    /// Where in the data.
    pub(super) path: Path,
    /// In which form; `None` if only code can tell what in it is an item.
    pub(super) form: Option<&'static str>,
}

/// Parts of the names of what describes a record and is not in the game.
const ABOUT: [&str; 12] =
    ["lock", "session", "meta", "version", "update", "time", "job", "guid", "userid", "created", "schema", "stamp"];
/// Parts of the names of locks.
const LOCKS: [&str; 8] = ["lock", "session", "server", "job", "active", "owner", "lease", "use"];
/// Parts of the names of tables that hold all of a game's data.
const WHOLES: [&str; 6] = ["data", "profile", "save", "player", "value", "content"];
/// Parts of the names of numbers that a game counts up and down.
const COINS: [&str; 8] = ["coin", "cash", "gold", "money", "gem", "currency", "point", "diamond"];
/// Parts of the names of tables that hold items.
const ITEMS: [&str; 10] =
    ["inventory", "item", "backpack", "pet", "tool", "weapon", "owned", "skin", "unit", "storage"];

/// So deep is looked for fields.
const DEPTH_MAX: usize = 4;

/// Larger numbers are times.
const NUMBER_MAX: f64 = 1e9;

impl FoundRecord {
    /// Of a place whose values are tables.
    pub(super) fn of(place: &FoundPlace) -> Option<FoundRecord> {
        let (held, left) = place.held_and_left();
        let whole = left.map(|value| &value.json).filter(|json| is_table(json));
        let whole = whole.or_else(|| place.newest().map(|value| &value.json)).filter(|json| is_table(json))?;
        let is_profile = whole["MetaData"].is_object() && whole.get("Data").is_some();
        let lock = held.and_then(|held| lock(&held.json, left.map(|left| &left.json)));
        let data = if is_profile { vec!["Data".to_owned()] } else { data(whole, lock.as_deref()) };
        let lock = lock.filter(|_| !is_profile);
        let inner = at(whole, &data).cloned().unwrap_or_default();
        let values = place.values.iter().filter_map(|value| at(&value.json, &data));
        let values: Vec<&Json> = values.collect();
        let mut first = values.first().map_or_else(|| inner.clone(), |first| Json::clone(first));
        let mut fields = Fields::default();
        fields.add(&inner, &mut Path::new());
        if let Some(lock) = lock.as_ref().filter(|_| data.is_empty()) {
            fields.numbers.retain(|path| !path.starts_with(lock));
            fields.tables.retain(|items| !items.path.starts_with(lock));
            // A player who is new has no lock.
            remove(&mut first, lock);
        }
        fields.numbers.sort_by_key(|path| (changes(&values, path), !is_named(path, &COINS), path.len()));
        fields.tables.sort_by_key(|items| (!is_named(&items.path, &ITEMS), items.path.len()));
        fields.tables.retain(|items| is_named(&items.path, &ITEMS) || items.form.is_some());
        let whole = whole.clone();
        Some(FoundRecord { whole, first, is_profile, lock, data, marks: fields.numbers, items: fields.tables })
    }

    /// The game's data.
    pub(super) fn inner(&self) -> Json {
        at(&self.whole, &self.data).cloned().unwrap_or_default()
    }

    /// The items that are most likely to be some: those whose name says so.
    pub(super) fn likely_items(&self) -> Option<&Items> {
        self.items.iter().find(|items| items.form.is_some() && is_named(&items.path, &ITEMS))
    }
}

/// Whether a text is the id of a session or of a server.
fn is_id(text: &str) -> bool {
    let guid = text.trim_matches(['{', '}']);
    let parts: Vec<usize> = guid.split('-').map(str::len).collect();
    text.starts_with("job-") || parts == [8, 4, 4, 4, 12] && guid.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// Whether a value has the id of a session or server in it.
pub(super) fn has_id(json: &Json) -> bool {
    match json {
        Json::String(text) => is_id(text),
        Json::Array(list) => list.iter().any(has_id),
        Json::Object(fields) => fields.values().any(has_id),
        _ => false,
    }
}

/// Whether there is nothing in a value.
fn is_blank(json: Option<&Json>) -> bool {
    match json {
        None | Some(Json::Null) => true,
        Some(Json::Bool(there)) => !there,
        Some(Json::String(text)) => text.is_empty(),
        Some(Json::Number(number)) => number.as_f64() == Some(0.0),
        Some(Json::Array(list)) => list.is_empty(),
        Some(Json::Object(fields)) => fields.values().all(|value| is_blank(Some(value))),
    }
}

/// What is there while the player is, and gone afterwards; or what names the server, and says that it is a lock.
fn lock(held: &Json, left: Option<&Json>) -> Option<Path> {
    let mut rows = vec![(Path::new(), held)];
    while !rows.is_empty() {
        let mut below = Vec::new();
        for (path, value) in &rows {
            let Json::Object(fields) = value else { continue };
            for (name, inner) in fields {
                let path = [path.clone(), vec![name.clone()]].concat();
                let goes = left.is_some_and(|left| !is_blank(Some(inner)) && is_blank(at(left, &path)));
                let named = LOCKS.iter().any(|part| name.to_lowercase().contains(part));
                if (goes && (named || has_id(inner))) || (named && has_id(inner)) {
                    return Some(path);
                }
                below.push((path, inner));
            }
        }
        rows = if rows[0].0.len() < DEPTH_MAX { below } else { Vec::new() };
    }
    None
}

/// Down to where there is more than one thing, or one that does not look like the whole: what is alone beside the lock does,
/// whatever it is called, unless it is a table of items.
fn data(record: &Json, lock: Option<&[String]>) -> Path {
    let mut path = Path::new();
    let mut inner = record;
    while let Json::Object(fields) = inner {
        let lock = lock.and_then(|lock| lock.strip_prefix(&*path)).filter(|lock| lock.len() == 1);
        let is_lock = |name: &str| lock.is_some_and(|lock| lock[0] == name);
        let mut others = fields.iter().filter(|(name, _)| !is_like(name, &ABOUT) && !is_lock(name));
        let is_whole = |name: &str, value: &Json| {
            is_like(name, &WHOLES) || (lock.is_some() && !is_like(name, &ITEMS) && form(value).is_none())
        };
        match (others.next(), others.next()) {
            (Some((name, value)), None) if is_table(value) && is_whole(name, value) => {
                path.push(name.clone());
                inner = value;
            }
            _ => break,
        }
    }
    path
}

/// The numbers and tables of a value.
#[derive(Default)]
struct Fields {
    numbers: Vec<Path>,
    tables: Vec<Items>,
}

impl Fields {
    fn add(&mut self, json: &Json, path: &mut Path) {
        match json {
            Json::Number(number) if !path.is_empty() => self.add_number(number, path),
            Json::Object(fields) if path.len() < DEPTH_MAX => {
                let form = form(json);
                if form.is_some() && !path.is_empty() {
                    self.tables.push(Items { path: path.clone(), form });
                }
                for (name, inner) in fields {
                    path.push(name.clone());
                    self.add(inner, path);
                    path.pop();
                }
            }
            Json::Array(_) if !path.is_empty() => {
                self.tables.push(Items { path: path.clone(), form: form(json) });
            }
            _ => {}
        }
    }

    fn add_number(&mut self, number: &Number, path: &Path) {
        let is_player = PLAYERS.iter().any(|player| number.as_u64() == Some(player.0.into()));
        let is_time = number.as_f64().is_none_or(|number| number.abs() >= NUMBER_MAX);
        if !is_player && !is_time && !path.last().is_some_and(|name| is_like(name, &ABOUT)) {
            self.numbers.push(path.clone());
        }
    }
}

/// How items are kept in a table, if they are ids that a number can be put beside.
fn form(json: &Json) -> Option<&'static str> {
    match json {
        Json::Array(list) if list.iter().all(|item| item.is_number() || item.is_string()) => Some("list"),
        Json::Object(fields) if fields.values().all(Json::is_boolean) => Some("set"),
        Json::Object(fields) if fields.keys().all(|name| name.parse::<u32>().is_ok()) => {
            fields.values().all(Json::is_number).then_some("counts")
        }
        _ => None,
    }
}

/// Whether a number is another from one write of a player's to the next.
fn changes(values: &[&Json], path: &Path) -> bool {
    values.windows(2).any(|pair| at(pair[0], path) != at(pair[1], path))
}

fn is_like(name: &str, parts: &[&str]) -> bool {
    let name = name.to_lowercase();
    parts.iter().any(|part| name.contains(part))
}

fn is_named(path: &Path, parts: &[&str]) -> bool {
    path.last().is_some_and(|name| is_like(name, parts))
}

/// A table; an empty one is written as a list.
fn is_table(json: &Json) -> bool {
    json.is_object() || json.as_array().is_some_and(Vec::is_empty)
}

/// Takes away what is at a path.
fn remove(json: &mut Json, path: &[String]) {
    let Some((last, above)) = path.split_last() else { return };
    let above = above.iter().try_fold(json, |json, name| json.get_mut(name));
    if let Some(Json::Object(fields)) = above {
        fields.remove(last);
    }
}

fn at<'a>(json: &'a Json, path: &[String]) -> Option<&'a Json> {
    path.iter().try_fold(json, |json, name| json.get(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{data, remove};

    #[test]
    fn what_is_alone_beside_the_lock_is_the_data_unless_it_is_a_table_of_items() {
        let lock = ["lock".to_owned()];
        let of = |record| data(&record, Some(&lock)).join(".");
        assert_eq!(of(json!({ "farm": { "coins": 5, "name": "a" }, "lock": { "by": "job-1" } })), "farm");
        assert_eq!(of(json!({ "pets": { "1": 2 }, "lock": {} })), "");
        assert_eq!(of(json!({ "coins": { "a": "b" }, "level": 3, "lock": {} })), "");
        assert_eq!(data(&json!({ "farm": { "coins": 5 } }), None).join("."), "", "nothing says that it is all");
    }

    #[test]
    fn a_lock_is_taken_out_of_the_data_of_a_new_player() {
        let mut first = json!({ "coins": 5, "meta": { "lock": "job-1", "since": 3 } });
        remove(&mut first, &["meta".to_owned(), "lock".to_owned()]);
        assert_eq!(first, json!({ "coins": 5, "meta": { "since": 3 } }));
    }
}
