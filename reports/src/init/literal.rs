//! Values as Luau writes them.

use dupeproof_luau::look::PLAYERS;
use serde_json::Value as Json;

use crate::escape;

/// The words that cannot be the names of fields.
const KEYWORDS: [&str; 21] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or",
    "repeat", "return", "then", "true", "until", "while",
];

/// More than fits into a line.
const LINE_MAX: usize = 80;

/// A value, on lines that begin with this many tabs. Where it has a player's UserId, `user_id` stands. At the path
/// `hole`, if it is one, `data` stands.
pub(super) fn literal(json: &Json, tabs: usize, hole: Option<&[String]>) -> String {
    let deeper = |name: &str| hole.and_then(|hole| hole.split_first()).filter(|(first, _)| *first == name);
    match json {
        _ if hole.is_some_and(<[String]>::is_empty) => "data".to_owned(),
        Json::Null => "nil".to_owned(),
        Json::Bool(_) => json.to_string(),
        Json::Number(number) if PLAYERS.iter().any(|player| number.as_u64() == Some(player.0.into())) => {
            "user_id".to_owned()
        }
        Json::Number(_) => json.to_string(),
        Json::String(text) => quoted(text),
        Json::Array(list) => table(list.iter().map(|item| literal(item, tabs + 1, None)), tabs),
        Json::Object(fields) => {
            let field = |(name, inner): (&String, &Json)| {
                format!("{} = {}", key(name), literal(inner, tabs + 1, deeper(name).map(|(_, rest)| rest)))
            };
            table(fields.iter().map(field), tabs)
        }
    }
}

/// A path of names.
pub(super) fn path(names: &[String]) -> String {
    table(names.iter().map(|name| quoted(name)), 0)
}

/// A text.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            letter if letter == '\t' || escape::controls(letter) => {
                quoted.push_str(&format!("\\u{{{:x}}}", u32::from(letter)));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

fn table(entries: impl Iterator<Item = String>, tabs: usize) -> String {
    let entries: Vec<String> = entries.collect();
    let line = entries.join(", ");
    if entries.is_empty() {
        "{}".to_owned()
    } else if line.len() <= LINE_MAX && !line.contains('\n') {
        format!("{{ {line} }}")
    } else {
        let indent = "\t".repeat(tabs + 1);
        let lines: String = entries.iter().map(|entry| format!("{indent}{entry},\n")).collect();
        format!("{{\n{lines}{}}}", "\t".repeat(tabs))
    }
}

fn key(name: &str) -> String {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let plain = letters && !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && !KEYWORDS.contains(&name);
    if plain { name.to_owned() } else { format!("[{}]", quoted(name)) }
}
