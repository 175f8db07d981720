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
    /// The line as it is kept; `None` once too much has been printed, after a last line that says so.
    pub(super) fn line(&mut self, text: &str) -> Option<String> {
        if self.bytes > LOG_MAX {
            return None;
        }
        let line = cut(text);
        self.bytes += line.len();
        Some(if self.bytes > LOG_MAX {
            format!("{line}\n(this server has printed {LOG_MAX} bytes: what it prints from here on is left out)")
        } else {
            line
        })
    }
}

/// A text, cut if it is too long, with how much was left out.
pub(super) fn cut(text: &str) -> String {
    if text.len() <= LINE_MAX {
        return text.to_owned();
    }
    let (head, rest) = text.split_at(text.floor_char_boundary(LINE_MAX));
    format!("{head}... ({} bytes more)", rest.len())
}
