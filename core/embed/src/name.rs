//! What stores, profiles and trades may be called.

/// A name that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is empty.
    #[error("the {what} is empty")]
    Empty {
        /// Which name.
        what: &'static str,
    },
    /// It is too long.
    #[error("the {what} has {length} bytes, and at most {most} are allowed")]
    TooLong {
        /// Which name.
        what: &'static str,
        /// In bytes.
        length: usize,
        /// In bytes.
        most: usize,
    },
    /// It is the name of a trade's own record.
    #[error("keys that begin with `Trade_` are kept for trades")]
    Reserved,
}

/// The longest name, in bytes. Origin: DataStore names and keys have at most 50 characters.
const NAME_MAX: usize = 50;

/// What the core puts before a trade's id to make a key of it.
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
