//! A Luau table, as `#` and `pairs` see it.

use super::ScriptValue;

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScriptTable {
    /// What stands at 1 to `#table`.
    pub array: Vec<ScriptValue>,
    /// Everything else, in the order of `pairs`.
    pub rest: Vec<(ScriptKey, ScriptValue)>,
}

/// A key outside the array part.
#[derive(Clone, Debug, PartialEq)]
pub enum ScriptKey {
    /// Any bytes.
    String(Vec<u8>),
    /// Any number but NaN.
    Number(f64),
    /// A boolean, a table, an Instance, or anything else.
    Other,
}

impl ScriptTable {
    /// A table with only an array part.
    pub fn array(array: impl IntoIterator<Item = ScriptValue>) -> ScriptTable {
        ScriptTable { array: array.into_iter().collect(), rest: Vec::new() }
    }

    /// A table with only other keys.
    pub fn map(rest: impl IntoIterator<Item = (ScriptKey, ScriptValue)>) -> ScriptTable {
        ScriptTable { array: Vec::new(), rest: rest.into_iter().collect() }
    }
}

impl From<&str> for ScriptKey {
    fn from(name: &str) -> ScriptKey {
        ScriptKey::String(name.into())
    }
}
