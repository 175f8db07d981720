//! What a server's scripts print: all of it, up to a length that a person reads.

/// Bytes of a line, or of an error with its traceback, that are kept.
const LINE_MAX: usize = 8_192;

/// Bytes of all lines of one server's life that are kept.
const LOG_MAX: usize = 1 << 20;

/// How much a server has printed.
#[derive(Default)]
pub(super) struct Log {
    bytes: usize,
}

impl Log {
    /// The line as it is kept, with what it begins with; `None` once too much has been printed, after a last line that says so.
    pub(super) fn line(&mut self, begin: &str, text: &[u8]) -> Option<String> {
        if self.bytes > LOG_MAX {
            return None;
        }
        let line = format!("{begin}{}", cut(text));
        self.bytes += line.len();
        Some(if self.bytes > LOG_MAX {
            format!("{line}\n(this server has printed {LOG_MAX} bytes: what it prints from here on is left out)")
        } else {
            line
        })
    }
}

/// A text, cut if it is too long, with how much was left out. What is no text has a sign of three bytes for each byte, so
/// that only what is kept is made.
pub(super) fn cut(text: &[u8]) -> String {
    // The last sign that fits may have some bytes behind the end of what is kept.
    let looked_at = &text[..text.len().min(LINE_MAX + 4)];
    let (mut line, mut taken) = (String::new(), 0);
    for chunk in looked_at.utf8_chunks() {
        let valid = chunk.valid();
        let fits = &valid[..valid.floor_char_boundary(LINE_MAX - line.len())];
        line.push_str(fits);
        taken += fits.len();
        if fits.len() < valid.len() {
            break;
        }
        let invalid = chunk.invalid();
        if !invalid.is_empty() && line.len() + REPLACEMENT.len_utf8() <= LINE_MAX {
            line.push(REPLACEMENT);
            taken += invalid.len();
        } else if !invalid.is_empty() {
            break;
        }
    }
    match text.len() - taken {
        0 => line,
        more => format!("{line}... ({more} bytes more)"),
    }
}

const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

#[cfg(test)]
mod tests {
    use super::{LINE_MAX, cut};

    #[test]
    fn a_line_is_cut_at_a_sign_and_what_is_no_text_is_not_made_longer_than_that() {
        assert_eq!(cut("a text ✗".as_bytes()), "a text ✗");
        assert_eq!(cut(b"a\xffb\xe2\x9c"), "a\u{fffd}b\u{fffd}");
        let long = "✗".repeat(10_000);
        assert_eq!(cut(long.as_bytes()), format!("{}... (21810 bytes more)", "✗".repeat(LINE_MAX / 3)));
        assert_eq!(cut(&[0xff; 10_000]), format!("{}... (7270 bytes more)", "\u{fffd}".repeat(LINE_MAX / 3)));
        let just = [&[b'x'; LINE_MAX - 1][..], "✗".as_bytes()].concat();
        assert_eq!(cut(&just), format!("{}... (3 bytes more)", "x".repeat(LINE_MAX - 1)));
        assert_eq!(cut(&[b'x'; LINE_MAX]), "x".repeat(LINE_MAX));
    }
}
