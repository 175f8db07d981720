//! Files that are part of the program.

/// The names and texts of TOML files in a folder of this crate.
macro_rules! embedded {
    ($folder:literal: $($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder, "/", $name, ".toml")))),*]
    };
}

pub(crate) use embedded;
