//! `dupeproof list`: every name that can be used, by topic, as text or JSON.

mod host;
mod topic;

use serde::Serialize;

use crate::args::{ListArguments, Listed};
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::output;
use crate::summary::SCHEMA;
use topic::Topic;

/// What an adapter can have, and what is promised to it.
const CONTRACT: &str = include_str!("../../sim/luau/ADAPTER.md");

/// The format of what `--json` prints.
pub const FORMAT: u32 = 1;

/// What `--json` prints.
#[derive(Serialize)]
struct List {
    format: u32,
    version: &'static str,
    topics: Vec<Topic>,
}

/// Prints what was asked for.
///
/// # Errors
/// When stdout cannot be written.
pub fn list(arguments: ListArguments) -> Result<ExitCode, CliError> {
    let (topics, about) = match arguments.what {
        Some(Listed::Schema) => return output::data(SCHEMA.trim_end()).map(|()| ExitCode::Safe),
        Some(Listed::Contract) => return output::data(CONTRACT.trim_end()).map(|()| ExitCode::Safe),
        Some(Listed::Json) => (vec![Topic::json()], None),
        Some(Listed::Host) => (host::topics(), Some(host::ABOUT)),
        Some(one) => (topic::names().into_iter().filter(|topic| topic.topic == one).collect(), None),
        None => (topic::names(), None),
    };
    if arguments.json {
        output::json(&List { format: FORMAT, version: env!("CARGO_PKG_VERSION"), topics })?;
    } else {
        let blocks = about.map(str::to_owned).into_iter().chain(topics.iter().map(Topic::text));
        output::data(blocks.collect::<Vec<_>>().join("\n\n"))?;
    }
    Ok(ExitCode::Safe)
}
