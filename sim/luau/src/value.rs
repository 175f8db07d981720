//! What passes from the host to scripts; what they pass to the host are `ScriptValue`s.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::raw::Chunk;

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
    /// A string that is part of the program.
    Name(&'static str),
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

impl From<&'static str> for Answer {
    fn from(value: &'static str) -> Answer {
        Answer::Name(value)
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
