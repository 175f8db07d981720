//! Reading worlds and scenario files: TOML in, fields that were checked out, or an error with its line and the nearest
//! name. What a suite or a world is made of them is not known here.

mod error;
mod field;
mod name;
mod scenario;
mod table;
mod world;

use serde::Deserialize;

pub use self::error::FileError;
pub use self::field::topology;
pub(crate) use self::scenario::ScenarioFile;
pub use self::scenario::scenario_fields;
pub(crate) use self::world::WorldFile;

/// Reads a world or a scenario file.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, FileError> {
    let deserializer = toml::Deserializer::parse(text).map_err(|error| FileError::of(text, None, &error))?;
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| FileError::of(text, Some(error.path()), error.inner()))
}
