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
    /// The work of making it: what is read from JSON is walked and copied more than once.
    pub(crate) fn work(&self) -> u64 {
        match self {
            Answer::Json(json) => json_work(json),
            Answer::String(text) => (text.len() / BYTES_PER_WORK) as u64,
            Answer::List(list) => list.iter().map(Answer::work).sum(),
            Answer::Fields(fields) => fields.iter().map(|(_, field)| field.work()).sum(),
            Answer::Nil | Answer::Boolean(_) | Answer::Number(_) | Answer::Name(_) | Answer::Chunk(_) => 0,
        }
    }

    /// `nil` for `None`.
    pub(crate) fn option(answer: Option<impl Into<Answer>>) -> Answer {
        answer.map_or(Answer::Nil, Into::into)
    }
}

/// Bytes of text for one unit of work.
const BYTES_PER_WORK: usize = 16;

/// Work of one value in JSON, beside that of its text.
const NODE_WORK: u64 = 4;

fn json_work(json: &Json) -> u64 {
    NODE_WORK
        + match json {
            Json::String(text) => (text.len() / BYTES_PER_WORK) as u64,
            Json::Array(list) => list.iter().map(json_work).sum(),
            Json::Object(fields) => {
                fields.iter().map(|(name, field)| (name.len() / BYTES_PER_WORK) as u64 + json_work(field)).sum()
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => 0,
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
