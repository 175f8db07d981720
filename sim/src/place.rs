//! Where a subject keeps the records of players: a store, a scope, and the pattern of their keys.

use std::sync::Arc;

use crate::guest::PLAYER_PREFIX;
use crate::id::PlayerId;
use crate::request::{Address, GLOBAL_SCOPE, HOUSE_STORE, Key};

/// The keys of a store that hold a player's UserId, with the same text before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPattern {
    before: Arc<str>,
    after: Arc<str>,
}

/// Why a text is no pattern of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Every player would have the same key.
    #[error("it has no %d, which stands for the player's UserId")]
    NoPlayer,
    /// Which of the two the UserId is cannot be told.
    #[error("it has more than one %d")]
    TwoPlayers,
    /// Something else than the UserId is to be put in.
    #[error("after a % it has something other than d (the player's UserId) or % (a percent sign)")]
    Unknown,
}

impl KeyPattern {
    /// Reads one: `%d` stands for the UserId (`%i` and `%s` do the same), `%%` for a percent sign.
    ///
    /// # Errors
    /// It does not have the UserId exactly once.
    pub fn parse(text: &str) -> Result<KeyPattern, PatternError> {
        let (mut before, mut rest) = (None, String::new());
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '%' => match letters.next() {
                    Some('%') => rest.push('%'),
                    Some('d' | 'i' | 's') if before.is_some() => return Err(PatternError::TwoPlayers),
                    Some('d' | 'i' | 's') => before = Some(std::mem::take(&mut rest)),
                    _ => return Err(PatternError::Unknown),
                },
                letter => rest.push(letter),
            }
        }
        let before = before.ok_or(PatternError::NoPlayer)?;
        Ok(KeyPattern { before: before.into(), after: rest.into() })
    }

    /// The key of a player.
    pub fn key_of(&self, player: PlayerId) -> String {
        format!("{}{}{}", self.before, player.0, self.after)
    }

    /// Whose key it is; `None` for a key that is nobody's.
    pub fn player_of(&self, key: &str) -> Option<PlayerId> {
        let id = key.strip_prefix(&*self.before)?.strip_suffix(&*self.after)?;
        // `+5` and `05` are numbers, and the keys of other things.
        let plain = id.bytes().all(|digit| digit.is_ascii_digit()) && (id == "0" || !id.starts_with('0'));
        plain.then(|| id.parse().ok().map(PlayerId))?
    }
}

/// The keys of players in one store and scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whether the store is an `OrderedDataStore`.
    pub ordered: bool,
    /// The store's name.
    pub store: Arc<str>,
    /// The scope.
    pub scope: Arc<str>,
    /// The keys.
    pub key: KeyPattern,
}

impl Place {
    /// Where the subjects that are built in keep their records.
    pub fn built_in() -> Place {
        let key = KeyPattern { before: PLAYER_PREFIX.into(), after: "".into() };
        Place { ordered: false, store: HOUSE_STORE.into(), scope: GLOBAL_SCOPE.into(), key }
    }

    /// The address of a player's record.
    pub fn address_of(&self, player: PlayerId) -> Key {
        let Place { ordered, store, scope, key } = self;
        let (store, scope) = (Arc::clone(store), Arc::clone(scope));
        Address { ordered: *ordered, store, scope, key: key.key_of(player).into() }.to_key()
    }

    /// Whose record an address is; `None` for an address that is nobody's.
    pub fn player_of(&self, address: &str) -> Option<PlayerId> {
        let Address { ordered, store, scope, key } = Address::parse(address);
        let here = ordered == self.ordered && store == self.store && scope == self.scope;
        if here { self.key.player_of(&key) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::key_of;

    #[test]
    fn every_pattern_finds_the_player_in_the_key_that_it_makes() {
        for (pattern, key) in [
            ("%d", "51"),
            ("Player_%d", "Player_51"),
            ("Player_%d1", "Player_511"),
            ("%d_slot2", "51_slot2"),
            ("user/%s/data", "user/51/data"),
            ("100%%_%i", "100%_51"),
        ] {
            let pattern = KeyPattern::parse(pattern).expect("it is one");
            assert_eq!(pattern.key_of(PlayerId(51)), key);
            assert_eq!(pattern.player_of(key), Some(PlayerId(51)), "{key}");
        }
    }

    #[test]
    fn the_keys_of_other_things_are_nobodys() {
        for (pattern, key) in [
            ("%d", ""),
            ("%d", "05"),
            ("%d", "+5"),
            ("%d", "5_slot2"),
            ("%d_slot2", "5"),
            ("%d_slot2", "5_slot21"),
            ("Player_%d1", "Player_1"),
            ("Player_%d", "Player_70000"),
            ("ab%dbc", "abc"),
        ] {
            assert_eq!(KeyPattern::parse(pattern).expect("it is one").player_of(key), None, "{pattern}: {key}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_said() {
        for (text, problem) in [
            ("Player_", PatternError::NoPlayer),
            ("100%%", PatternError::NoPlayer),
            ("%d_%d", PatternError::TwoPlayers),
            ("%x", PatternError::Unknown),
            ("%d%", PatternError::Unknown),
        ] {
            assert_eq!(KeyPattern::parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn a_place_is_a_store_and_a_scope_too() {
        let key = KeyPattern::parse("a/%d").expect("it is one");
        let place = Place { store: "Saves:2".into(), key, ..Place::built_in() };
        let address = place.address_of(PlayerId(3));
        assert_eq!((&*address, place.player_of(&address)), ("Saves%3A2/global/a%2F3", Some(PlayerId(3))));
        assert_eq!(place.player_of("a%2F3"), None, "of another store");
        assert_eq!(Place { scope: "old".into(), ..place.clone() }.player_of(&address), None);
        assert_eq!(Place { ordered: true, ..place }.player_of(&address), None);
        assert_eq!(Place::built_in().address_of(PlayerId(3)), key_of(PlayerId(3)));
    }
}
