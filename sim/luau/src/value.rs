//! Values that the host passes to scripts. Scripts pass `ScriptValue`s to the host.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::raw::Chunk;

/// A value for a script.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Luau's `nil`.
    Nil,
    /// `true` or `false`.
    Boolean(bool),
    /// A number; Luau has doubles only.
    Number(f64),
    /// A string made at run time.
    String(Arc<str>),
    /// A string that is part of the program, such as the name of an input.
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
    /// `nil` for `None`.
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

impl From<i32> for Answer {
    fn from(value: i32) -> Answer {
        Answer::Number(value.into())
    }
}

impl From<u8> for Answer {
    fn from(value: u8) -> Answer {
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
