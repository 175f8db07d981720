//! What passes between scripts and the host.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::raw::Chunk;

/// From a script: a copy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Nothing.
    Nil,
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A string: any bytes.
    String(Vec<u8>),
    /// A table, without its metatable.
    Table(Box<Table>),
    /// A buffer's bytes.
    Buffer(Vec<u8>),
    /// A function.
    Function,
    /// A coroutine.
    Thread,
    /// An Instance or another type of the host.
    Userdata,
    /// A table that contains itself, or is nested too deep or too large for any service.
    Endless,
}

/// A table's contents.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    /// Values at 1, 2, 3 and so on.
    pub array: Vec<Value>,
    /// Everything else, in the order in which Luau iterates.
    pub entries: Vec<(Value, Value)>,
}

/// To a script.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Nothing.
    Nil,
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A string.
    String(Arc<str>),
    /// A fresh table (or other value) made from JSON; nulls are left out.
    Json(Arc<Json>),
    /// An array.
    List(Vec<Answer>),
    /// A table with these fields.
    Fields(Vec<(&'static str, Answer)>),
    /// A script's function, not yet called, with the globals of all.
    Chunk(Arc<Chunk>),
}

impl Answer {
    /// Nil for nothing.
    pub(crate) fn option(answer: Option<impl Into<Answer>>) -> Answer {
        answer.map_or(Answer::Nil, Into::into)
    }
}

impl From<bool> for Answer {
    fn from(value: bool) -> Answer {
        Answer::Boolean(value)
    }
}

impl From<f64> for Answer {
    fn from(value: f64) -> Answer {
        Answer::Number(value)
    }
}

impl From<u32> for Answer {
    fn from(value: u32) -> Answer {
        Answer::Number(value.into())
    }
}

impl From<u16> for Answer {
    fn from(value: u16) -> Answer {
        Answer::Number(value.into())
    }
}

impl From<&str> for Answer {
    fn from(value: &str) -> Answer {
        Answer::String(value.into())
    }
}

impl From<String> for Answer {
    fn from(value: String) -> Answer {
        Answer::String(value.into())
    }
}

impl From<Arc<str>> for Answer {
    fn from(value: Arc<str>) -> Answer {
        Answer::String(value)
    }
}

impl From<Arc<Json>> for Answer {
    fn from(value: Arc<Json>) -> Answer {
        Answer::Json(value)
    }
}
