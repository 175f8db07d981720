//! `dupeproof man`: the manual, a page for dupeproof and one for each of its commands.

use std::fs;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::{Arguments, ManArguments};
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::output;
use crate::result_file;

/// Prints the first page, or writes all.
///
/// # Errors
/// When stdout or a file cannot be written.
pub fn man(arguments: &ManArguments) -> Result<ExitCode, CliError> {
    let pages = pages();
    let Some(dir) = &arguments.dir else {
        let main = pages.first().expect("dupeproof has a page");
        return output::data(main.1.trim_end()).map(|()| ExitCode::Safe);
    };
    fs::create_dir_all(dir).map_err(|error| {
        CliError::new(format!("`{}` cannot be made: {error}", escape::path(dir)))
            .hint("give a directory that you may write to")
    })?;
    for (name, page) in pages {
        result_file::write(&dir.join(name), &page, |there| there.contains(TITLE))?;
    }
    Ok(ExitCode::Safe)
}

/// What each page of ours has at its top.
const TITLE: &str = ".TH dupeproof";

/// Their names, such as `dupeproof-run.1`, and what is in them; the one of dupeproof itself first.
fn pages() -> Vec<(String, String)> {
    let mut all = Arguments::command().disable_help_subcommand(true);
    all.build();
    let commands = all.clone();
    [all].into_iter().chain(commands.get_subcommands().cloned()).map(page).collect()
}

fn page(command: clap::Command) -> (String, String) {
    let version = concat!("dupeproof ", env!("CARGO_PKG_VERSION"));
    let page = Man::new(command.version(env!("CARGO_PKG_VERSION"))).source(version).manual("dupeproof");
    let mut text = Vec::new();
    page.render(&mut text).expect("memory takes all");
    (page.get_filename(), String::from_utf8_lossy(&text).into_owned())
}
