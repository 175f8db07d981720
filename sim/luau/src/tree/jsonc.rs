//! JSON as the tools of Roblox read it: with comments, and with commas after the last item.

use std::path::Path;

use serde::Deserialize;

use super::MountError;
use crate::host::room_of_json;

/// Bytes of memory that what a text says may take. The settings and the data of a game are far smaller.
const ROOM_MAX: usize = 256 << 20;

/// What a text says. Places in errors are those of the text as it was written.
///
/// # Errors
/// It is not JSON of this shape, or so much of it that nothing was made of it.
pub(super) fn parse<T: for<'de> Deserialize<'de>>(path: &Path, text: &str) -> Result<T, MountError> {
    let plain = plain(text.strip_prefix('\u{feff}').unwrap_or(text));
    let invalid = |problem: String| MountError::Invalid { path: path.into(), problem };
    if room_of_json(&plain) > ROOM_MAX {
        return Err(invalid(format!("it holds so many values that they would take more than {} MiB", ROOM_MAX >> 20)));
    }
    serde_json::from_str(&plain).map_err(|problem| invalid(problem.to_string()))
}

/// The same text with blanks in place of comments and of commas before a closing bracket.
fn plain(text: &str) -> String {
    let mut out: Vec<u8> = text.bytes().collect();
    let mut at = 0;
    // The last comma after which nothing but blanks and comments has come.
    let mut comma = None;
    while at < out.len() {
        let end = match (out[at], out.get(at + 1)) {
            (b'"', _) => string_end(&out, at),
            (b'/', Some(b'/')) => line_end(&out, at),
            (b'/', Some(b'*')) => comment_end(&out, at),
            _ => at + 1,
        };
        match out[at] {
            b'/' if end > at + 1 => blank(&mut out[at..end]),
            b',' => comma = Some(at),
            b']' | b'}' => comma.take().into_iter().for_each(|comma: usize| out[comma] = b' '),
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        at = end;
    }
    String::from_utf8(out).unwrap_or_else(|_| text.into())
}

fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    text.len().min(at + 1)
}

fn line_end(text: &[u8], start: usize) -> usize {
    text[start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| start + length)
}

fn comment_end(text: &[u8], start: usize) -> usize {
    text[start + 2..].windows(2).position(|pair| pair == b"*/").map_or(text.len(), |length| start + length + 4)
}

/// Lines stay lines, so that errors keep their place.
fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_values_than_there_is_room_for_are_not_made() {
        let many = format!("[{}0]", "0,".repeat(5_000_000));
        let problem = parse::<serde_json::Value>(Path::new("x.json"), &many).expect_err("they are too many");
        assert!(problem.to_string().contains("x.json") && problem.to_string().contains("256 MiB"), "{problem}");
    }

    #[test]
    fn comments_and_last_commas_are_blanks_and_strings_stay_as_they_are() {
        let text = "{ // a \"comment\"\n \"a\": [1, 2, /* , ] */ ], \"b\": \"// no, comment ,]\\\"\",\n}";
        let json: serde_json::Value = parse(Path::new("x"), text).expect("it is JSON with comments");
        assert_eq!(json, serde_json::json!({ "a": [1, 2], "b": "// no, comment ,]\"" }));
        let problem = parse::<serde_json::Value>(Path::new("x.json"), "{\n // one\n oops }").expect_err("no JSON");
        assert!(problem.to_string().contains("x.json") && problem.to_string().contains("line 3"), "{problem}");
        for cut in ["{ \"a", "/*", "/", "\"\\", "[1,", "// x"] {
            parse::<serde_json::Value>(Path::new("x"), cut).expect_err("cut off");
        }
    }
}
