//! Why a subject cannot be judged.

use std::fmt;

use dupeproof_core::{Span, StartFailure};
use dupeproof_sim::id::{PlayerId, ServerId, Stamp};
use dupeproof_sim::request::{Address, GLOBAL_SCOPE, Key};

/// A line in a server's log that says what failed, with its traceback; also a call that was refused where the script
/// caught the error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// When it came up first.
    pub at: Span,
    /// Where it came up first.
    pub server: ServerId,
    /// The message, the script and its line, and the traceback.
    pub text: String,
    /// How often it came up.
    pub count: u64,
}

/// What a calm run showed that makes every verdict worthless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Scripts failed: [`super::Preflight::errors`] says how.
    ScriptFailed,
    /// The subject cannot say what is stored of a player who has played before.
    NoRecord {
        /// Of which player.
        player: PlayerId,
        /// Why not, with script and line.
        error: String,
    },
    /// A script waits for something that never comes.
    WaitsForEver,
    /// No player ever got a session.
    NeverLoaded {
        /// What the game was told last; `None` if the load never came to an end.
        failure: Option<StartFailure>,
    },
    /// Sessions started, and none was ever live when the game wanted to change its data.
    NeverLive,
    /// The data was changed, and nothing was written to any data store.
    NothingStored,
    /// Nothing was written to the key of a player, and something to others.
    StoredElsewhere {
        /// The player's key, as the subject states it.
        expected: Key,
        /// Keys that were written, in order; a few of them.
        seen: Vec<Key>,
    },
    /// Something of a player is said to be in another place too, and nothing was ever read or written there.
    PlaceUnused {
        /// Which place of several, from 1.
        number: usize,
        /// A player's key there, as the subject states it.
        expected: Key,
        /// Keys that were read or written, in order; a few of them.
        seen: Vec<Key>,
    },
    /// What is stored under the player's key has nothing where the subject says that the data is.
    DataElsewhere {
        /// The player's key.
        key: Key,
        /// The names that should lead to it; none of the whole value.
        path: Vec<String>,
        /// The stored value, cut off.
        seen: String,
    },
    /// A change came back with its player, and was never seen where the subject says that the data is.
    ChangeUnseen {
        /// Whose.
        player: PlayerId,
        /// The mark of the change.
        changed: Stamp,
        /// The player's key.
        key: Key,
        /// The names that should lead to the data; none of the whole value.
        path: Vec<String>,
        /// What is stored there, cut off.
        seen: String,
    },
    /// Data is stored, and never the one with the change in it.
    ChangeNotStored {
        /// Whose.
        player: PlayerId,
        /// The mark of the change.
        changed: Stamp,
        /// The mark of what was stored last.
        stored: Stamp,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NoRecord { player, error } => {
                write!(formatter, "the adapter's `record` failed for player {}: {error}", player.0)
            }
            Problem::ScriptFailed => formatter.write_str("a script failed"),
            Problem::WaitsForEver => formatter.write_str("a script waits for something that never comes"),
            Problem::NeverLoaded { failure: None } => {
                formatter.write_str("no player was ever loaded: `load` never came to an end")
            }
            Problem::NeverLoaded { failure: Some(failure) } => {
                write!(formatter, "no player was ever loaded: each start failed, the last as {failure:?}")
            }
            Problem::NeverLive => formatter
                .write_str("no session was ever live when its data was to be changed: `is_live` never answered true"),
            Problem::NothingStored => {
                formatter.write_str("data was changed, players left, and nothing was written to any data store")
            }
            Problem::StoredElsewhere { expected, seen } => {
                let place_of = |key: &Key| {
                    let Address { ordered, store, scope, .. } = Address::parse(key);
                    (ordered, store, scope)
                };
                let is_elsewhere = seen.iter().any(|key| place_of(key) != place_of(expected));
                let told = |key: &Key| if is_elsewhere { in_full(key) } else { format!("`{key}`") };
                let seen: Vec<String> = seen.iter().map(told).collect();
                write!(
                    formatter,
                    "nothing was ever written to {}, where `where` says that a player's record is; written were {}",
                    told(expected),
                    seen.join(", ")
                )
            }
            Problem::PlaceUnused { number, expected, seen } => write!(
                formatter,
                "nothing was ever read from or written to {}, which is place {number} of `where`; used were {}",
                in_full(expected),
                seen.iter().map(in_full).collect::<Vec<_>>().join(", ")
            ),
            Problem::DataElsewhere { key, path, seen } => {
                let path = path_words(path);
                write!(
                    formatter,
                    "what is stored under `{key}` has nothing where `where.data` points ({path}): it is {seen}"
                )
            }
            Problem::ChangeUnseen { player, changed, key, path, seen } => write!(
                formatter,
                "player {} came back with the data of mark {}, and no such mark was ever seen under `{key}` where `where.data` \
                 points ({}): what is stored is {seen}",
                player.0,
                changed.0,
                path_words(path)
            ),
            Problem::ChangeNotStored { player, changed, stored } => write!(
                formatter,
                "player {} changed the data to mark {} and left, and what is stored has mark {}",
                player.0, changed.0, stored.0
            ),
        }
    }
}

/// `` `Player_0` in the store `Other` ``, with the scope if it is not the usual one.
fn in_full(key: &Key) -> String {
    let Address { ordered, store, scope, key } = Address::parse(key);
    let kind = if ordered { "ordered store" } else { "store" };
    let scope = if &*scope == GLOBAL_SCOPE { String::new() } else { format!(", scope `{scope}`") };
    format!("`{key}` in the {kind} `{store}`{scope}")
}

/// `` `Profile`.`Data` ``, or that it is the whole value.
fn path_words(path: &[String]) -> String {
    if path.is_empty() { "the whole value".into() } else { format!("`{}`", path.join("`.`")) }
}
