//! What of Roblox the virtual servers have: asked of the very tables that scripts meet.

use serde::Deserialize;

use crate::subject::{Options, ask, program};
use crate::tree::Files;

/// How much of something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does what data modules and server scripts need of it.
    Works,
    /// It is there, and does nothing: properties can be read and set, methods return as little as possible.
    Inert,
    /// A script that uses it stops with its name.
    Missing,
}

/// A part of Roblox.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Part {
    /// As scripts call it.
    pub name: String,
    /// How much of it is there.
    pub state: State,
}

/// All parts, each list in the order of the names.
#[derive(Clone, Debug, Deserialize)]
pub struct Survey {
    /// What `game:GetService` finds.
    pub services: Vec<Part>,
    /// Other classes: those that `Instance.new` makes, and those whose objects do something.
    pub classes: Vec<Part>,
    /// Globals.
    pub globals: Vec<Part>,
    /// Methods that are missing of what works.
    pub methods: Vec<Part>,
}

/// Asks a virtual server without scripts.
///
/// # Panics
/// When the server has an error of its own.
pub fn survey() -> Survey {
    let program = program(&Options::new(Files::new()));
    let answer =
        ask(&program, &[], vec!["survey".into()]).unwrap_or_else(|problem| panic!("the survey failed: {problem}"));
    serde_json::from_value(answer).unwrap_or_else(|problem| panic!("the survey is not of this form: {problem}"))
}
