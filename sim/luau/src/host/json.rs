//! JSON for scripts, measured before it is made.

use std::fmt::Write;
use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_sim::ServiceError;
use dupeproof_sim::value::ScriptValue;

use super::kept::NOT_ENOUGH;

/// Bytes of the longest text that is made: four times what can be stored. In it, a sign that controls a terminal is six.
const TEXT_MAX: u64 = 16 << 20;

/// `HttpService:JSONEncode`.
///
/// # Errors
/// What the script is told: it is no JSON, or too much of it.
pub(super) fn encode(value: &ScriptValue) -> Result<String, String> {
    let json = value.to_json().map_err(|problem| match problem {
        ServiceError::ValueTooLarge => NOT_ENOUGH.to_owned(),
        _ => "Can't convert to JSON".to_owned(),
    })?;
    let json = Arc::new(json);
    let length = Stored::Other(Arc::clone(&json)).json_bytes();
    if length > TEXT_MAX {
        return Err(NOT_ENOUGH.to_owned());
    }
    let mut text = String::with_capacity(usize::try_from(length).unwrap_or_default());
    write!(text, "{json}").map_err(|_| NOT_ENOUGH.to_owned())?;
    Ok(text)
}
