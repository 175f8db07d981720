//! Text from outside is text: names, errors and logs come from files and scripts, and do nothing to who shows them.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

/// A text for a terminal, a page, a picture or Markdown: what controls them is shown as `\x1b`. Lines and tabs stay.
pub fn text(text: &str) -> Cow<'_, str> {
    escaped(text, &controls, &|letter| match u32::from(letter) {
        code @ ..=0xff => format!("\\x{code:02x}"),
        code => format!("\\u{{{code:x}}}"),
    })
}

/// The same of a name, which is one line.
pub fn name(name: &str) -> Cow<'_, str> {
    match text(name) {
        shown if shown.contains('\n') => Cow::Owned(shown.replace('\n', "\\x0a")),
        shown => shown,
    }
}

/// The path of a file, which is one line, too.
pub fn path(path: &Path) -> String {
    name(&path.display().to_string()).into_owned()
}

/// JSON for a terminal: the same, and it stays the same JSON.
pub fn json(json: &str) -> Cow<'_, str> {
    escaped(json, &controls, &|letter| format!("\\u{:04x}", u32::from(letter)))
}

/// A sentence in Markdown, also in a cell of a table: nothing in it makes a link, a tag or another line. Code stays code.
pub fn markdown(text: &str) -> String {
    let mut shown = String::new();
    for letter in name(text).chars() {
        match letter {
            '|' | '[' | ']' | '\\' | '*' | '_' | '#' => shown.extend(['\\', letter]),
            '<' => shown.push_str("&lt;"),
            '&' => shown.push_str("&amp;"),
            other => shown.push(other),
        }
    }
    shown
}

/// A name as code in Markdown, also in a cell of a table.
pub fn markdown_code(text: &str) -> String {
    let text = name(text).replace('|', "\\|");
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // Markdown takes one blank on each side away.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn escaped<'a>(text: &'a str, hits: &dyn Fn(char) -> bool, shown: &dyn Fn(char) -> String) -> Cow<'a, str> {
    if !text.contains(hits) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match hits(letter) {
            true => drop(out.write_str(&shown(letter))),
            false => out.push(letter),
        }
    }
    Cow::Owned(out)
}

/// What moves a cursor at will, turns the direction of text, or is no character of XML.
pub fn controls(letter: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'];
    letter.is_control() && !['\n', '\t'].contains(&letter)
        || turns.contains(&letter)
        || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{json, markdown, markdown_code, name, text};

    #[test]
    fn what_controls_a_terminal_is_shown_and_all_else_stays() {
        assert_eq!(
            text("a\x1b[2J\u{9b}1m\r\x07\0 \u{202e}b\nc"),
            r"a\x1b[2J\x9b1m\x0d\x07\x00 \u{202e}b".to_owned() + "\nc"
        );
        assert_eq!(text("Grüße, 世界 ✗ — |`<&"), "Grüße, 世界 ✗ — |`<&");
        assert_eq!(name("a\nb"), r"a\x0ab");
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({ "a\u{9b}": "\x1b[0m\u{202e}\u{7f}" });
        let shown = json(&value.to_string()).into_owned();
        assert!(!shown.contains(|letter: char| letter.is_control() || letter == '\u{202e}'), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("it is JSON"), value);
    }

    #[test]
    fn a_sentence_in_markdown_is_text() {
        assert_eq!(markdown("a|b\n[x](y) <img> A & b"), r"a\|b\\x0a\[x\](y) &lt;img> A &amp; b");
    }

    #[test]
    fn a_name_is_code_in_markdown_whatever_is_in_it() {
        assert_eq!(markdown_code("core"), "`core`");
        assert_eq!(markdown_code("a|b"), r"`a\|b`");
        assert_eq!(markdown_code("a`b``c"), "```a`b``c```");
        assert_eq!(markdown_code("`a"), "`` `a ``");
        assert_eq!(markdown_code("a\n| b |"), r"`a\x0a\| b \|`");
    }
}
