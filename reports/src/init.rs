//! `dupeproof init`: files to start from.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};

use crate::args::InitArguments;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::{format, output};

const SCENARIO: (&str, &str) = ("dupeproof.toml", include_str!("init/scenario.toml"));
const ADAPTER: (&str, &str) = ("dupeproof_adapter.luau", include_str!("init/adapter.luau"));

/// Writes a scenario file and an adapter, and says what to do with them.
///
/// # Errors
/// When one of them is there already, and then neither is written, or the directory cannot be written to.
pub fn init(arguments: &InitArguments) -> Result<ExitCode, CliError> {
    let directory = &arguments.dir;
    for (name, _) in [SCENARIO, ADAPTER] {
        let path = directory.join(name);
        if path.symlink_metadata().is_ok() {
            return Err(CliError::new(format!("`{}` exists; nothing was written", path.display()))
                .hint("move it away, or give another directory: dupeproof init DIR"));
        }
    }
    let unwritable = |error: io::Error| {
        CliError::new(format!("`{}` cannot be written to: {error}", directory.display()))
            .hint("give a directory you may write to: dupeproof init DIR")
    };
    fs::create_dir_all(directory).map_err(unwritable)?;
    for (name, text) in [SCENARIO, ADAPTER] {
        let file = OpenOptions::new().write(true).create_new(true).open(directory.join(name));
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(unwritable)?;
    }
    let path = |name: &str| format::quoted(&directory.join(name).display().to_string());
    output::data(format!(
        "wrote {scenario} and {adapter}\n\nThe adapter is a complete save script, so this works at once:\n\n  \
         dupeproof run --scenario {scenario} --adapter {adapter}\n\nThen make the adapter call your module, and run:\n\n  \
         dupeproof run --scenario {scenario} --adapter {adapter} --module PATH",
        scenario = path(SCENARIO.0),
        adapter = path(ADAPTER.0),
    ))?;
    Ok(ExitCode::Safe)
}
