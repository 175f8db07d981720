//! `dupeproof watch`: the run of a failure file, event by event, in the terminal.

pub mod entry;
pub mod lanes;
pub mod record;
pub mod screen;
mod terminal;
pub mod view;

use std::io::{self, IsTerminal};
use std::time::Duration;

use dupeproof_scenarios::stop;
use ratatui::crossterm::event::{self, Event as Input, KeyEventKind};

use self::screen::Screen;
use self::terminal::Terminal;
use self::view::{Next, View};
use crate::args::ShownArguments;
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::explain::Told;
use crate::shown_again::ShownAgain;
use crate::signals;

/// How long a signal may wait for the screen to be given back.
const LOOK: Duration = Duration::from_millis(100);

/// Runs the file's schedule again, and shows it until a key or a signal ends that.
///
/// # Errors
/// When there is no terminal, or the file makes no sense, or its scripts cannot be read or do not start.
pub fn watch(arguments: &ShownArguments) -> Result<ExitCode, CliError> {
    let file = escape::path(&arguments.file);
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let instead = format!("`watch` needs a terminal; `dupeproof explain {file}` tells the same as text");
        return Err(CliError::new(instead));
    }
    let Some(shown) = ShownAgain::of(arguments)? else { return Ok(ExitCode::Unknown) };
    let illustration = shown.illustration();
    let told = Told::of(&shown, &illustration);
    let mut view = View::of(&shown.recording.events, &illustration, told.headline(), told.answers());
    signals::note();
    match step_through(&mut view) {
        Ok(()) if stop::is_asked() => Ok(ExitCode::Stopped),
        Ok(()) => Ok(ExitCode::Safe),
        Err(error) => Err(CliError::new(format!("the terminal could not be used: {error}"))
            .hint(format!("`dupeproof explain {file}` tells the same as text"))),
    }
}

fn step_through(view: &mut View<'_>) -> io::Result<()> {
    let mut terminal = Terminal::enter()?;
    let screen = Screen { colours: has_colours(std::env::var_os("NO_COLOR").as_deref()) };
    while !stop::is_asked() {
        terminal.draw(|frame| screen.draw(frame, view))?;
        if !event::poll(LOOK)? {
            continue;
        }
        if let Input::Key(key) = event::read()?
            && key.kind != KeyEventKind::Release
            && view.press(key) == Next::End
        {
            break;
        }
    }
    Ok(())
}

/// no-color.org: any text but an empty one takes the colours away.
fn has_colours(no_color: Option<&std::ffi::OsStr>) -> bool {
    no_color.is_none_or(std::ffi::OsStr::is_empty)
}
