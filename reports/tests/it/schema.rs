//! Whether a value is as a JSON Schema says: the words of JSON Schema (2020-12) that ours uses. Any other word is an error.

use serde_json::Value as Json;

/// Why it is not; nothing if it is.
pub(crate) fn violations(schema: &Json, value: &Json) -> Vec<String> {
    let mut checker = Checker { root: schema, out: Vec::new() };
    checker.check(schema, value, "");
    checker.out
}

struct Checker<'a> {
    root: &'a Json,
    out: Vec<String>,
}

impl Checker<'_> {
    fn check(&mut self, schema: &Json, value: &Json, at: &str) {
        for (word, rule) in schema.as_object().expect("a schema is an object") {
            match word.as_str() {
                "description" | "title" | "$schema" | "$defs" => {}
                "type" | "const" | "enum" | "minimum" | "pattern" => {
                    if !holds(word, rule, value) {
                        self.out.push(format!("{at}: {value} is not {word} {rule}"));
                    }
                }
                "required" => self.required(rule, value, at),
                "properties" => self.properties(rule, value, at),
                "additionalProperties" => self.others(schema, rule, value, at),
                "items" => {
                    for (place, value) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, value, &format!("{at}[{place}]"));
                    }
                }
                "$ref" => {
                    let name = text(rule).strip_prefix("#/$defs/").expect("a definition of its own");
                    self.check(&self.root["$defs"][name], value, at);
                }
                "anyOf" => self.any_of(rule, value, at),
                other => panic!("{at}: the schema has `{other}`, which is not checked here"),
            }
        }
    }

    fn required(&mut self, names: &Json, value: &Json, at: &str) {
        let missing = list(names).iter().filter(|name| value.is_object() && value.get(text(name)).is_none());
        self.out.extend(missing.map(|name| format!("{at}: {name} is missing")));
    }

    fn properties(&mut self, known: &Json, value: &Json, at: &str) {
        for (name, schema) in known.as_object().expect("an object") {
            if let Some(value) = value.get(name) {
                self.check(schema, value, &format!("{at}.{name}"));
            }
        }
    }

    fn others(&mut self, schema: &Json, rule: &Json, value: &Json, at: &str) {
        let is_known = |name: &str| schema.get("properties").is_some_and(|known| known.get(name).is_some());
        for (name, value) in value.as_object().into_iter().flatten().filter(|(name, _)| !is_known(name)) {
            match rule {
                Json::Bool(false) => self.out.push(format!("{at}: {name} is not in the schema")),
                rule => self.check(rule, value, &format!("{at}.{name}")),
            }
        }
    }

    fn any_of(&mut self, schemas: &Json, value: &Json, at: &str) {
        let mut first = None;
        for schema in list(schemas) {
            let mut one = Checker { root: self.root, out: Vec::new() };
            one.check(schema, value, at);
            if one.out.is_empty() {
                return;
            }
            first.get_or_insert(one.out);
        }
        self.out.extend(first.unwrap_or_default());
    }
}

/// Whether a rule about a value itself holds.
fn holds(word: &str, rule: &Json, value: &Json) -> bool {
    match word {
        "type" => rule
            .as_array()
            .map_or_else(|| has_type(value, text(rule)), |all| all.iter().any(|one| has_type(value, text(one)))),
        "const" => rule == value,
        "enum" => list(rule).contains(value),
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")),
        "pattern" => {
            assert_eq!(rule, "^[0-9a-f]{16}$", "no other pattern is checked here");
            let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            value.as_str().is_none_or(|text| text.len() == 16 && text.bytes().all(is_hex))
        }
        other => unreachable!("{other}"),
    }
}

fn has_type(value: &Json, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("no type of JSON Schema: {other}"),
    }
}

fn text(value: &Json) -> &str {
    value.as_str().expect("a text")
}

fn list(value: &Json) -> &[Json] {
    value.as_array().expect("a list")
}
