//! Setting constants by ProfileStore's names.

use crate::config::Config;
use crate::time::Span;

/// Why a constant was not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConstantError {
    /// There is no constant of this name.
    #[error("there is no constant `{name}`; see the fields of `Config`")]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// ProfileStore has this constant; here it cannot be changed.
    #[error("`{name}` is fixed here: {why}")]
    Fixed {
        /// The name that was asked for.
        name: String,
        /// The reason, for people to read.
        why: &'static str,
    },
    /// The value is outside the allowed range.
    #[error("`{name}` must be from {least} to {most}, and {value} was given")]
    OutOfRange {
        /// The name that was asked for.
        name: String,
        /// The value that was asked for, in seconds or as a count.
        value: u64,
        /// The smallest allowed value.
        least: u64,
        /// The largest allowed value.
        most: u64,
    },
}

/// No span is longer than a day.
const SECONDS_MAX: u64 = 86_400;

/// No count is greater.
const COUNT_MAX: u64 = 100_000;

impl Config {
    /// `SetConstant`, with ProfileStore's name and a value in whole seconds, or a count. `LEASE` is the lease.
    ///
    /// # Errors
    /// [`ConstantError`] for an unknown name and for a value out of range; nothing was changed then.
    pub fn set_constant(&mut self, name: &str, value: u64) -> Result<(), ConstantError> {
        set(self, name, value)
    }
}

fn set(config: &mut Config, name: &str, value: u64) -> Result<(), ConstantError> {
    let span = match name {
        "AUTO_SAVE_PERIOD" => &mut config.auto_save_period,
        "LOAD_REPEAT_PERIOD" => &mut config.load_repeat_period,
        "SESSION_STEAL" => &mut config.session_steal,
        "ASSUME_DEAD" => &mut config.assume_dead,
        "START_SESSION_TIMEOUT" => &mut config.start_session_timeout,
        "CRITICAL_STATE_ERROR_EXPIRE" => &mut config.critical_state_error_expire,
        "CRITICAL_STATE_EXPIRE" => &mut config.critical_state_expire,
        "LEASE" => &mut config.lease,
        _ => return set_count(config, name, value),
    };
    check(name, value, SECONDS_MAX)?;
    *span = Span::secs(value);
    Ok(())
}

fn set_count(config: &mut Config, name: &str, value: u64) -> Result<(), ConstantError> {
    let count = match name {
        "CRITICAL_STATE_ERROR_COUNT" => &mut config.critical_state_error_count,
        "MAX_MESSAGE_QUEUE" => &mut config.max_message_queue,
        "FIRST_LOAD_REPEAT" => {
            let why = "a waiting start looks after 1, 2, 4 and 8 s, then every LOAD_REPEAT_PERIOD";
            return Err(ConstantError::Fixed { name: name.into(), why });
        }
        _ => return Err(ConstantError::Unknown { name: name.into() }),
    };
    check(name, value, COUNT_MAX)?;
    *count = usize::try_from(value).unwrap_or(usize::MAX);
    Ok(())
}

fn check(name: &str, value: u64, most: u64) -> Result<(), ConstantError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(ConstantError::OutOfRange { name: name.into(), value, least: 1, most })
}
