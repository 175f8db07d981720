//! A violation that `dupeproof prove` found, kept: the script and the run that breaks a promise.

use std::path::Path;

use dupeproof_luau::input_file::{self, RECORD_MAX};
use dupeproof_scenarios::JsonHeader;
use dupeproof_scenarios::prove::Choice;
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::escape;

/// The format this version reads and writes.
pub const FORMAT: u32 = 1;

/// A failure file of a proof. JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofFile {
    /// [`FORMAT`].
    pub format: u32,
    /// What sets it apart from the failure files of `dupeproof run`.
    pub kind: Kind,
    /// The name of the script.
    pub script: String,
    /// The script's TOML text.
    pub text: String,
    /// Deviations in the run.
    pub deviations: u8,
    /// A bit for each server, from the lowest: its clock is fast.
    pub fast: u32,
    /// The run.
    pub choices: Vec<Choice>,
    /// The broken promise, in words.
    pub violation: String,
}

/// Whether a text is one of these, of any version.
pub fn is_ours(text: &str) -> bool {
    JsonHeader::read(text).is_ok_and(|header| header.text("kind") == Some("proof"))
}

/// The one kind of file that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A run of a proof's script.
    Proof,
}

impl ProofFile {
    /// Reads one; `None` if it is no file of this kind, which may be a failure file of `dupeproof run`.
    ///
    /// # Errors
    /// When it is of this kind, and of another format or malformed.
    pub fn read(path: &Path) -> Result<Option<ProofFile>, CliError> {
        let text = input_file::text(path, RECORD_MAX).unwrap_or_default();
        let header = JsonHeader::read(&text).unwrap_or_default();
        if header.text("kind") != Some("proof") {
            return Ok(None);
        }
        let wrong = |what: String| CliError::new(format!("`{}` could not be read: {what}", escape::path(path)));
        match header.number("format") {
            Some(format) if format == u64::from(FORMAT) => {}
            format => {
                let found = format.map_or_else(|| "none".into(), |format| format.to_string());
                return Err(wrong(format!("its format is {found}, and this version reads {FORMAT}"))
                    .hint("use the dupeproof that wrote it"));
            }
        }
        serde_json::from_str(&text).map(Some).map_err(|error| {
            wrong(format!("not a failure file of a proof: {error}"))
                .hint("give a file that `dupeproof prove` wrote under failures/")
        })
    }

    /// Writes one, for people to read too. Ends with a newline.
    ///
    /// # Panics
    /// Never: it is plain data.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("a failure file has string keys only");
        json.push('\n');
        json
    }
}
