//! The names that stores, profiles and trades may have.

/// A name that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is empty.
    #[error("the {what} is empty")]
    Empty {
        /// The kind of name: `key`, for example.
        what: &'static str,
    },
    /// It is too long.
    #[error("the {what} has {length} bytes, and at most {most} are allowed")]
    TooLong {
        /// The kind of name: `key`, for example.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The longest allowed, in bytes.
        most: usize,
    },
    /// It is the name of a trade's own record.
    #[error("keys that begin with `Trade_` are reserved for trades")]
    Reserved,
}

/// The longest name, in bytes. Origin: DataStore names and keys have at most 50 characters.
const NAME_MAX: usize = 50;

/// The core makes a trade's key of this and the trade's id.
const TRADE_PREFIX: &str = "Trade_";

pub(crate) fn check_store(name: &str) -> Result<(), NameError> {
    check("store's name", name, NAME_MAX)
}

pub(crate) fn check_key(key: &str) -> Result<(), NameError> {
    check("key", key, NAME_MAX)?;
    if key.starts_with(TRADE_PREFIX) { Err(NameError::Reserved) } else { Ok(()) }
}

pub(crate) fn check_trade(id: &str) -> Result<(), NameError> {
    check("id of the trade", id, NAME_MAX - TRADE_PREFIX.len())
}

pub(crate) fn check_gift(id: &str) -> Result<(), NameError> {
    check("id of the gift", id, NAME_MAX)
}

pub(crate) fn check_receipt(id: &str) -> Result<(), NameError> {
    check("receipt", id, NAME_MAX)
}

fn check(what: &'static str, name: &str, most: usize) -> Result<(), NameError> {
    match name.len() {
        0 => Err(NameError::Empty { what }),
        length if length > most => Err(NameError::TooLong { what, length, most }),
        _ => Ok(()),
    }
}
