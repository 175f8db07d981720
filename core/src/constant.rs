//! Setting constants by ProfileStore's names: one table, by which they are set and listed.

use crate::config::Config;
use crate::time::Span;

/// Why a constant was not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConstantError {
    /// There is no constant of this name.
    #[error("there is no constant `{name}`")]
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

/// A constant that can be set: a row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    /// ProfileStore's name; `LEASE`, `MAX_RECEIPTS` and `MAX_MESSAGE_SENDERS` are this project's own.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    access: Access,
}

/// Where a constant stands.
#[derive(Clone, Copy, Debug)]
enum Access {
    /// And the most that it may be, in seconds.
    Seconds(fn(&mut Config) -> &mut Span, u64),
    Count(fn(&mut Config) -> &mut usize),
}

/// No span is longer than a day.
const SECONDS_MAX: u64 = 86_400;

/// No count is greater.
const COUNT_MAX: u64 = 100_000;

impl Constant {
    /// All that can be set.
    pub const ALL: [Constant; 12] = [
        seconds("AUTO_SAVE_PERIOD", "every live profile is saved once in this time", |config| {
            &mut config.auto_save_period
        }),
        seconds("LOAD_REPEAT_PERIOD", "how often a waiting start tries again, after its first quick tries", |config| {
            &mut config.load_repeat_period
        }),
        seconds("SESSION_STEAL", "how long a start waits for a holder without a lease", |config| {
            &mut config.session_steal
        }),
        seconds("ASSUME_DEAD", "a holder without a lease that has not written for this long is dead", |config| {
            &mut config.assume_dead
        }),
        seconds(
            "START_SESSION_TIMEOUT",
            "a start that has no session after this gives up, if it has no longer lease to wait out",
            |config| &mut config.start_session_timeout,
        ),
        Constant {
            name: "LEASE",
            about: "how long a confirming request keeps a session live that acquires the lock from then on",
            access: Access::Seconds(|config| &mut config.lease, Config::LEASE_MAX.as_secs()),
        },
        seconds("CRITICAL_STATE_ERROR_EXPIRE", "how long a failed request counts", |config| {
            &mut config.critical_state_error_expire
        }),
        seconds("CRITICAL_STATE_EXPIRE", "how long after enough failed requests the critical state ends", |config| {
            &mut config.critical_state_expire
        }),
        count("CRITICAL_STATE_ERROR_COUNT", "how many failed requests are the critical state", |config| {
            &mut config.critical_state_error_count
        }),
        count("MAX_MESSAGE_QUEUE", "messages that can wait in one record; the next is refused", |config| {
            &mut config.max_message_queue
        }),
        count("MAX_RECEIPTS", "receipts of purchases that a record remembers", |config| &mut config.max_receipts),
        count("MAX_MESSAGE_SENDERS", "senders of messages that a record remembers", |config| {
            &mut config.max_message_senders
        }),
    ];

    /// `1 to 86400 s, default 300`: what it may be, with its unit, and what it is unless it is set.
    pub fn range(&self) -> String {
        let mut config = Config::default();
        match self.access {
            Access::Seconds(field, most) => format!("1 to {most} s, default {}", field(&mut config).as_secs()),
            Access::Count(field) => format!("1 to {COUNT_MAX}, default {}", field(&mut config)),
        }
    }
}

const fn seconds(name: &'static str, about: &'static str, field: fn(&mut Config) -> &mut Span) -> Constant {
    Constant { name, about, access: Access::Seconds(field, SECONDS_MAX) }
}

const fn count(name: &'static str, about: &'static str, field: fn(&mut Config) -> &mut usize) -> Constant {
    Constant { name, about, access: Access::Count(field) }
}

impl Config {
    /// `SetConstant`, with ProfileStore's name and a value in whole seconds, or a count. `LEASE` is the lease.
    ///
    /// # Errors
    /// [`ConstantError`] for an unknown name and for a value out of range; nothing was changed then.
    pub fn set_constant(&mut self, name: &str, value: u64) -> Result<(), ConstantError> {
        let Some(constant) = Constant::ALL.iter().find(|constant| constant.name == name) else {
            return Err(match name {
                "FIRST_LOAD_REPEAT" => {
                    let why = "a waiting start looks after 1, 2, 4 and 8 s, then every LOAD_REPEAT_PERIOD";
                    ConstantError::Fixed { name: name.into(), why }
                }
                _ => ConstantError::Unknown { name: name.into() },
            });
        };
        match constant.access {
            Access::Seconds(field, most) => {
                check(name, value, most)?;
                *field(self) = Span::secs(value);
            }
            Access::Count(field) => {
                check(name, value, COUNT_MAX)?;
                *field(self) = usize::try_from(value).unwrap_or(usize::MAX);
            }
        }
        Ok(())
    }
}

fn check(name: &str, value: u64, most: u64) -> Result<(), ConstantError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(ConstantError::OutOfRange { name: name.into(), value, least: 1, most })
}
