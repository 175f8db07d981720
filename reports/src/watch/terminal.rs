//! The terminal as a screen of its own, which is given back however this ends.

use std::io::{self, Stdout, Write};

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::crossterm::{ExecutableCommand, QueueableCommand};
use ratatui::{CompletedFrame, Frame};

/// The terminal, until it is dropped: by a panic, too.
pub(super) struct Terminal {
    // Dropped last: what was drawn comes before what gives the screen back.
    screen: ratatui::Terminal<CrosstermBackend<Stdout>>,
    _lent: Lent<Stdout>,
}

impl Terminal {
    /// Keys come one by one and are not shown; what stood on the screen comes back afterwards.
    pub(super) fn enter() -> io::Result<Terminal> {
        enable_raw_mode()?;
        let lent = Lent::from(io::stdout())?;
        Ok(Terminal { screen: ratatui::Terminal::new(CrosstermBackend::new(io::stdout()))?, _lent: lent })
    }

    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<CompletedFrame<'_>> {
        self.screen.draw(draw)
    }
}

/// Another screen than that of the shell.
struct Lent<W: Write>(W);

impl<W: Write> Lent<W> {
    fn from(out: W) -> io::Result<Lent<W>> {
        // What fails half way is given back, too.
        let mut lent = Lent(out);
        lent.0.execute(EnterAlternateScreen)?;
        Ok(lent)
    }
}

impl<W: Write> Drop for Lent<W> {
    /// A terminal that is gone needs nothing.
    fn drop(&mut self) {
        drop(disable_raw_mode());
        let given = self.0.queue(LeaveAlternateScreen).and_then(|out| out.queue(Show).map(drop));
        drop(given.and_then(|()| self.0.flush()));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    struct Kept<'a>(&'a RefCell<Vec<u8>>);

    impl Write for Kept<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_gives_the_screen_back() {
        let written = RefCell::new(Vec::new());
        let ended = dupeproof_scenarios::guard::guarded(|| {
            let _lent = Lent::from(Kept(&written)).expect("it takes all");
            panic!("planted");
        });
        assert!(ended.is_err());
        let written = String::from_utf8(written.into_inner()).expect("it is text");
        assert_eq!(written, "\x1b[?1049h\x1b[?1049l\x1b[?25h");
    }
}
