//! What happens in the runs, printed to stderr: `--log` and `DUPEPROOF_LOG`.

use dupeproof_sim::trace::log::{LogFilter, LogFormat, dispatch};
use tracing::dispatcher;

use crate::args::LogArguments;
use crate::error::CliError;
use crate::escape;
use crate::output::Log;

/// Prints what the filter lets through from here on; without a filter there is no subscriber, and runs cost nothing more.
///
/// # Errors
/// When the filter makes no sense, or the process has a subscriber already.
pub fn install(arguments: &LogArguments) -> Result<(), CliError> {
    let Some(filter) = arguments.log.as_deref().filter(|filter| !filter.is_empty()) else { return Ok(()) };
    let filter: LogFilter = filter.parse().map_err(|error| {
        CliError::new(format!("{error}"))
            .hint("give a filter such as `info` or `warn,dupeproof::request=debug` with --log or in DUPEPROOF_LOG")
    })?;
    let format = LogFormat::from(arguments.log_format);
    let escape = match format {
        LogFormat::Human => escape::text,
        LogFormat::Json => escape::json,
    };
    dispatcher::set_global_default(dispatch(filter, format, move || Log { escape }))
        .map_err(|error| CliError::new(format!("the log cannot be printed: {error}")))
}
