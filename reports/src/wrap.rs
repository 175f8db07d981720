//! Lines of at most so many columns.

use ratatui::text::Span;

/// Columns that a terminal has at least, and an issue shows without scrolling. What is printed has no more, terminal or not, so
/// that it can be pasted anywhere.
pub const WIDTH: usize = 80;

/// By how much a line that goes on is indented.
const HANG: usize = 2;

/// How many columns a text takes.
pub fn width_of(text: &str) -> usize {
    Span::raw(text).width()
}

/// A text, each line of it broken between words so that it takes at most `width` columns, if its words do. A line that goes on
/// is indented by two more than its beginning.
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        broken(line, width, indent + HANG, &mut lines);
    }
    lines
}

/// A text in as many lines as it takes.
pub fn wrapped(text: &str) -> String {
    let mut lines = lines(text, WIDTH).join("\n");
    if text.ends_with('\n') {
        lines.push('\n');
    }
    lines
}

fn broken(line: &str, width: usize, hang: usize, lines: &mut Vec<String>) {
    if width_of(line) <= width {
        lines.push(line.to_owned());
        return;
    }
    let mut shown = line[..line.len() - line.trim_start().len()].to_owned();
    let mut is_empty = true;
    for word in line.split_whitespace() {
        if !is_empty && width_of(&shown) + 1 + width_of(word) > width {
            lines.push(std::mem::replace(&mut shown, " ".repeat(hang)));
            is_empty = true;
        }
        if !is_empty {
            shown.push(' ');
        }
        shown.push_str(word);
        is_empty = false;
    }
    lines.push(shown);
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_line_is_broken_between_words_and_goes_on_two_columns_further_in() {
        assert_eq!(lines("one two three four", 9), ["one two", "  three", "  four"]);
        assert_eq!(lines("  one two", 6), ["  one", "    two"]);
        assert_eq!(lines("one  two\n\nthree", 9), ["one  two", "", "three"]);
    }

    #[test]
    fn a_word_that_is_too_long_has_a_line_of_its_own() {
        assert_eq!(lines("a dupeproof-out b", 8), ["a", "  dupeproof-out", "  b"]);
        assert_eq!(lines("日本語 日本語", 8), ["日本語", "  日本語"]);
    }
}
