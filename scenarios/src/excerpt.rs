//! The beginning of a value, for people.

use serde_json::Value as Json;

/// A value as JSON in one line, cut after so many characters.
pub fn excerpt(value: &Json, characters: usize) -> String {
    let mut text = value.to_string();
    if let Some((end, _)) = text.char_indices().nth(characters) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::excerpt;

    #[test]
    fn long_values_are_cut_between_characters() {
        assert_eq!(excerpt(&json!({ "a": "é" }), 9), r#"{"a":"é"}"#);
        assert_eq!(excerpt(&json!({ "a": "é" }), 7), r#"{"a":"é…"#);
    }
}
