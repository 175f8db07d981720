//! The arguments that a script passed to a function of the host.

use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, SessionNo, Stamp, SubscriptionId, TradeId};
use dupeproof_sim::value::ScriptValue;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// The arguments of one call. An error names the function and the place of what is wrong.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'a> {
    function: &'a str,
    values: &'a [ScriptValue],
}

impl<'a> Arguments<'a> {
    pub(super) fn new(function: &'a str, values: &'a [ScriptValue]) -> Arguments<'a> {
        Arguments { function, values }
    }

    /// The arguments after the first, which names the operation.
    pub(super) fn rest(self) -> Arguments<'a> {
        Arguments { function: self.function, values: self.values.get(1..).unwrap_or_default() }
    }

    pub(super) fn get(self, place: usize) -> &'a ScriptValue {
        self.values.get(place).unwrap_or(&ScriptValue::Nil)
    }

    pub(super) fn wrong(self, place: usize, expected: &str) -> String {
        format!("host.{}: argument {} is not {expected}: {}", self.function, place + 1, shown(self.get(place)))
    }

    pub(super) fn text(self, place: usize) -> Result<&'a str, String> {
        match self.get(place) {
            ScriptValue::String(bytes) => std::str::from_utf8(bytes).map_err(|_| self.wrong(place, "valid UTF-8")),
            _ => Err(self.wrong(place, "a string")),
        }
    }

    pub(super) fn optional_text(self, place: usize) -> Result<Option<&'a str>, String> {
        if *self.get(place) == ScriptValue::Nil { Ok(None) } else { self.text(place).map(Some) }
    }

    pub(super) fn flag(self, place: usize) -> bool {
        !matches!(self.get(place), ScriptValue::Nil | ScriptValue::Boolean(false))
    }

    pub(super) fn number(self, place: usize) -> Result<f64, String> {
        match self.get(place) {
            ScriptValue::Number(number) => Ok(*number),
            _ => Err(self.wrong(place, "a number")),
        }
    }

    /// An integer that a script can hold exactly.
    pub(super) fn integer(self, place: usize) -> Result<i64, String> {
        let number = self.number(place)?;
        if number.fract() != 0.0 || number.abs() > 9_007_199_254_740_992.0 {
            return Err(self.wrong(place, "an integer"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer that fits")]
        Ok(number as i64)
    }

    pub(super) fn optional_integer(self, place: usize) -> Result<Option<i64>, String> {
        if *self.get(place) == ScriptValue::Nil { Ok(None) } else { self.integer(place).map(Some) }
    }

    /// A number that is small enough.
    pub(super) fn small<T: TryFrom<i64>>(self, place: usize) -> Result<T, String> {
        T::try_from(self.integer(place)?).map_err(|_| self.wrong(place, "in range"))
    }

    /// One of a list of names.
    pub(super) fn name<T: DeserializeOwned>(self, place: usize) -> Result<T, String> {
        let name = Json::from(self.text(place)?);
        serde_json::from_value(name).map_err(|problem| format!("host.{}: {problem}", self.function))
    }

    pub(super) fn session(self, place: usize) -> Result<SessionNo, String> {
        self.small(place).map(SessionNo)
    }

    pub(super) fn player(self, place: usize) -> Result<PlayerId, String> {
        self.small(place).map(PlayerId)
    }

    pub(super) fn item(self, place: usize) -> Result<ItemId, String> {
        self.small(place).map(ItemId)
    }

    pub(super) fn trade(self, place: usize) -> Result<TradeId, String> {
        self.small(place).map(TradeId)
    }

    pub(super) fn message(self, place: usize) -> Result<MessageId, String> {
        self.small(place).map(MessageId)
    }

    pub(super) fn receipt(self, place: usize) -> Result<ReceiptId, String> {
        self.small(place).map(ReceiptId)
    }

    pub(super) fn stamp(self, place: usize) -> Result<Stamp, String> {
        self.small(place).map(Stamp)
    }

    pub(super) fn subscription(self, place: usize) -> Result<SubscriptionId, String> {
        self.small(place).map(SubscriptionId)
    }
}

/// A value as an error of a script names it.
fn shown(value: &ScriptValue) -> String {
    const TEXT_MAX: usize = 64;
    match value {
        ScriptValue::Nil => "nil".into(),
        ScriptValue::Boolean(value) => value.to_string(),
        ScriptValue::Number(value) => value.to_string(),
        ScriptValue::String(text) if text.len() <= TEXT_MAX => format!("\"{}\"", String::from_utf8_lossy(text)),
        ScriptValue::String(text) => format!("a string of {} bytes", text.len()),
        ScriptValue::Table(_) | ScriptValue::Cycle => "a table".into(),
        ScriptValue::TooLarge => "a value that is too large".into(),
        ScriptValue::Buffer(_) => "a buffer".into(),
        ScriptValue::Function => "a function".into(),
        ScriptValue::Thread => "a thread".into(),
        ScriptValue::Userdata => "a userdata".into(),
    }
}
