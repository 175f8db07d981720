//! Where a value stands: a store, a scope, a key.

use std::fmt;
use std::sync::Arc;

/// The address of a value: the key alone for the game's own store ([`HOUSE_STORE`], scope [`GLOBAL_SCOPE`]), else
/// `store/scope/key`, with `ordered:` before it for an ordered store. `/`, `%` and `:` within a part are written `%2F`,
/// `%25` and `%3A`.
pub type Key = Arc<str>;

/// The store that the built-in subjects keep profiles in.
pub const HOUSE_STORE: &str = "PlayerData";

/// The scope of `GetDataStore` without a scope (class reference, `DataStoreService:GetDataStore`).
pub const GLOBAL_SCOPE: &str = "global";

/// Store names, scopes and keys have at most this many characters (error-codes-and-limits, "Data limits").
pub const NAME_MAX: usize = 50;

/// An address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Whether the store is an `OrderedDataStore`.
    pub ordered: bool,
    /// The store's name.
    pub store: Arc<str>,
    /// The scope.
    pub scope: Arc<str>,
    /// The key.
    pub key: Arc<str>,
}

impl Address {
    /// Reads one; a string without slashes is a key of the game's own store.
    pub fn parse(key: &str) -> Address {
        let (ordered, path) = match key.strip_prefix("ordered:") {
            Some(path) => (true, path),
            None => (false, key),
        };
        let mut parts = path.splitn(3, '/').map(unescaped);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(store), Some(scope), Some(key)) => Address { ordered, store, scope, key },
            _ => Address { ordered, store: HOUSE_STORE.into(), scope: GLOBAL_SCOPE.into(), key: unescaped(path) },
        }
    }

    /// The address of another key in the same store and scope.
    pub fn with_key(&self, key: &str) -> Address {
        Address { key: key.into(), ..self.clone() }
    }

    /// Written out.
    pub fn to_key(&self) -> Key {
        self.to_string().into()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let house = !self.ordered && *self.store == *HOUSE_STORE && *self.scope == *GLOBAL_SCOPE;
        if self.ordered {
            formatter.write_str("ordered:")?;
        }
        if !house {
            write!(formatter, "{}/{}/", escaped(&self.store), escaped(&self.scope))?;
        }
        formatter.write_str(&escaped(&self.key))
    }
}

/// Whether a value belongs to an ordered store.
pub fn is_ordered(key: &str) -> bool {
    key.starts_with("ordered:")
}

fn escaped(part: &str) -> String {
    part.replace('%', "%25").replace('/', "%2F").replace(':', "%3A")
}

fn unescaped(part: &str) -> Arc<str> {
    if part.contains('%') {
        part.replace("%3A", ":").replace("%2F", "/").replace("%25", "%").into()
    } else {
        part.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_back_as_it_was_written() {
        for (ordered, store, scope, key) in [
            (false, HOUSE_STORE, GLOBAL_SCOPE, "Player_1"),
            (false, HOUSE_STORE, GLOBAL_SCOPE, "a/b%2F:c"),
            (false, "Coins", "u/1", "50%"),
            (true, "Coins", GLOBAL_SCOPE, ""),
            (true, HOUSE_STORE, GLOBAL_SCOPE, "ordered:x"),
        ] {
            let address = Address { ordered, store: store.into(), scope: scope.into(), key: key.into() };
            assert_eq!(Address::parse(&address.to_key()), address);
        }
    }

    #[test]
    fn the_games_own_keys_are_written_as_they_are() {
        assert_eq!(Address::parse("Player_1").to_string(), "Player_1");
        assert_eq!(&*Address::parse("Player_1").store, HOUSE_STORE);
    }
}
