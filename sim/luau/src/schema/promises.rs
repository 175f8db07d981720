//! What an adapter says that its module promises: `promises = { auto_save = 30, start = 120, final_save = 60 }`, in seconds.

use dupeproof_core::Span;
use dupeproof_sim::Contract;
use serde_json::Value as Json;

use super::part::SchemaError;

/// A day.
const LONGEST_S: u64 = 86_400;

/// This contract, with what the adapter says instead.
///
/// # Errors
/// A name that there is not, or a number out of range.
pub(crate) fn promised(contract: Contract, said: &Json) -> Result<Contract, SchemaError> {
    let said = match said {
        Json::Null => return Ok(contract),
        Json::Object(said) => said,
        _ => return Err(SchemaError::new("promises", "is a table of seconds")),
    };
    let mut contract = contract;
    for (name, seconds) in said {
        let problem = |problem: &str| SchemaError::new(format!("promises.{name}"), problem);
        let span = seconds.as_u64().filter(|seconds| (1..=LONGEST_S).contains(seconds)).map(Span::secs);
        let span = span.ok_or_else(|| problem("is a whole number of seconds from 1 to 86,400"))?;
        match name.as_str() {
            "auto_save" => contract.auto_save = Some(span),
            "start" => contract.start_bound = span,
            "final_save" => contract.drain_bound = span,
            _ => return Err(problem("is no promise: there are auto_save, start and final_save")),
        }
    }
    Ok(contract)
}
