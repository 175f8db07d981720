//! Values to and from a thread's stack.

use std::ffi::{c_char, c_int};
use std::slice;

use dupeproof_sim::value::{ScriptKey, ScriptTable, ScriptValue};
use mlua_sys::luau::{self as lua, lua_State};
use serde_json::Value as Json;

use super::calls;
use crate::value::Answer;

/// Deeper tables cannot be stored. Not documented; it also ends cycles.
const DEPTH_MAX: u32 = 100;

/// More values than this are longer, as JSON, than anything that can be stored.
const VALUES_MAX: usize = 4_194_304 / 2;

/// What the host's copies of the arguments of one call may take, in bytes, with the JSON that is made of them.
const BYTES_MAX: usize = 96 << 20;

/// Of that, a value by itself (its copy, and its JSON in a list that grows by doubling), a table, one that has other keys
/// than an array's, and each of those keys.
const VALUE_BYTES: usize = 112;
const TABLE_BYTES: usize = 64;
const MAP_BYTES: usize = 640;
const KEY_BYTES: usize = 160;

/// How often a text is there: its copy, and its JSON.
const TEXTS: usize = 2;

/// What is kept of a value by itself, when only its JSON is left.
const KEPT_BYTES: usize = 64;

/// Units of work of copying a value, and bytes of text that are one unit.
const VALUE_WORK: usize = 10;
const BYTES_PER_WORK: usize = 8;

/// Pushes a string. May raise for lack of memory.
///
/// # Safety
/// The state is live, with room for one value, under protection.
pub(super) unsafe fn push_str(state: *mut lua_State, text: &str) {
    // SAFETY: the pointer and the length are one string's, which Luau copies.
    unsafe { lua::lua_pushlstring_(state, text.as_ptr().cast::<c_char>(), text.len()) };
}

/// A copy of the bytes of the string at an index, if it is one.
///
/// # Safety
/// The state is live, and `index` is one that its stack may be asked for.
pub(super) unsafe fn bytes_at(state: *mut lua_State, index: c_int) -> Option<Vec<u8>> {
    // SAFETY: the type is looked at first, so that nothing is converted in place; the bytes are copied at once.
    unsafe {
        if lua::lua_type(state, index) != lua::LUA_TSTRING {
            return None;
        }
        let mut length = 0;
        let start = lua::lua_tolstring(state, index, &raw mut length);
        Some(slice::from_raw_parts(start.cast::<u8>(), length).to_vec())
    }
}

/// Copies the value at an absolute index. May raise for lack of memory.
///
/// # Safety
/// The state is live, under protection, and `index` is absolute.
pub(super) unsafe fn read(state: *mut lua_State, index: c_int) -> ScriptValue {
    // SAFETY: passed on.
    unsafe { Reader::new(state).read(index, 0) }
}

/// Copies of everything on a stack.
pub(super) struct Copies {
    pub(super) values: Vec<ScriptValue>,
    /// How many bytes what is made of them takes.
    pub(super) bytes: usize,
    /// The work of copying them.
    pub(super) work: u64,
}

/// Copies everything on the stack.
///
/// # Safety
/// As for [`read`].
pub(super) unsafe fn read_all(state: *mut lua_State) -> Copies {
    let mut reader = Reader::new(state);
    // SAFETY: passed on.
    let values = unsafe { (1..=lua::lua_gettop(state)).map(|index| reader.read(index, 0)).collect() };
    let work = (VALUES_MAX - reader.left) * VALUE_WORK + reader.text / BYTES_PER_WORK;
    Copies { values, bytes: reader.kept, work: work as u64 }
}

struct Reader {
    state: *mut lua_State,
    /// How many values it may still copy.
    left: usize,
    /// And how many bytes.
    bytes: usize,
    /// How many bytes what is made of the copies takes.
    kept: usize,
    /// Bytes of text that it has copied.
    text: usize,
}

impl Reader {
    fn new(state: *mut lua_State) -> Reader {
        Reader { state, left: VALUES_MAX, bytes: BYTES_MAX, kept: 0, text: 0 }
    }

    /// Whether there is room for so many bytes more, of which so many are kept. Looked at before anything is copied.
    fn takes(&mut self, bytes: usize, kept: usize) -> bool {
        self.kept += kept;
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.unwrap_or(0);
        left.is_some()
    }

    /// Whether there is room for so many values more.
    fn has_room(&self, values: usize) -> bool {
        values <= self.left && values <= self.bytes / VALUE_BYTES
    }

    /// Copies the bytes of the string at an index.
    ///
    /// # Safety
    /// As for the function [`read`], for the reader's state; the value is a string.
    unsafe fn bytes(&mut self, index: c_int) -> Option<Vec<u8>> {
        // SAFETY: passed on.
        unsafe {
            let length = usize::try_from(lua::lua_objlen_(self.state, index)).unwrap_or(usize::MAX);
            self.text += length;
            self.takes(TEXTS * length, length).then(|| bytes_at(self.state, index).unwrap_or_default())
        }
    }

    /// Copies the value at an absolute index, which lies so many tables deep.
    ///
    /// # Safety
    /// As for the function [`read`], for the reader's state.
    unsafe fn read(&mut self, index: c_int, depth: u32) -> ScriptValue {
        let state = self.state;
        if self.left == 0 || !self.takes(VALUE_BYTES, KEPT_BYTES) {
            return ScriptValue::TooLarge;
        }
        self.left -= 1;
        // SAFETY: each accessor is used for a value of its own type; bytes are copied before anything else happens.
        unsafe {
            match lua::lua_type(state, index) {
                lua::LUA_TNONE | lua::LUA_TNIL => ScriptValue::Nil,
                lua::LUA_TBOOLEAN => ScriptValue::Boolean(lua::lua_toboolean(state, index) != 0),
                lua::LUA_TNUMBER => ScriptValue::Number(lua::lua_tonumber(state, index)),
                lua::LUA_TSTRING => self.bytes(index).map_or(ScriptValue::TooLarge, ScriptValue::String),
                lua::LUA_TBUFFER => {
                    let mut length = 0;
                    let start = lua::lua_tobuffer(state, index, &raw mut length);
                    // In base64 it is longer.
                    if !self.takes(2 * TEXTS * length, length) {
                        return ScriptValue::TooLarge;
                    }
                    ScriptValue::Buffer(slice::from_raw_parts(start.cast::<u8>(), length).to_vec())
                }
                lua::LUA_TTABLE if depth < DEPTH_MAX => self.table(index, depth),
                lua::LUA_TTABLE => ScriptValue::Cycle,
                lua::LUA_TFUNCTION => ScriptValue::Function,
                lua::LUA_TTHREAD => ScriptValue::Thread,
                _ => ScriptValue::Userdata,
            }
        }
    }

    /// Copies the key at an absolute index; `None` if it is too large.
    ///
    /// # Safety
    /// As for the function [`read`], for the reader's state.
    unsafe fn key(&mut self, index: c_int) -> Option<ScriptKey> {
        let state = self.state;
        // SAFETY: as in `read`.
        unsafe {
            match lua::lua_type(state, index) {
                lua::LUA_TNUMBER => Some(ScriptKey::Number(lua::lua_tonumber(state, index))),
                lua::LUA_TSTRING => self.bytes(index).map(ScriptKey::String),
                _ => Some(ScriptKey::Other),
            }
        }
    }

    /// Copies the table at an absolute index, with all that it holds.
    ///
    /// # Safety
    /// As for the function [`read`], for the reader's state; the value is a table.
    unsafe fn table(&mut self, index: c_int, depth: u32) -> ScriptValue {
        let state = self.state;
        let mut table = ScriptTable::default();
        // SAFETY: there is room for a key and a value; each turn leaves the stack as it found it.
        unsafe {
            let length = lua::lua_objlen_(state, index);
            let count = usize::try_from(length).unwrap_or(0);
            if !self.takes(TABLE_BYTES, TABLE_BYTES) || !self.has_room(count) || lua::lua_checkstack(state, 3) == 0 {
                return ScriptValue::TooLarge;
            }
            table.array.reserve_exact(count);
            for place in 1..=length {
                lua::lua_rawgeti_(state, index, place);
                let value = self.read(lua::lua_gettop(state), depth + 1);
                lua::lua_settop(state, -2);
                if matches!(value, ScriptValue::Cycle | ScriptValue::TooLarge) {
                    return value;
                }
                table.array.push(value);
            }
            let mut next = 0;
            loop {
                next = lua::lua_rawiter(state, index, next);
                if next < 0 {
                    break;
                }
                let top = lua::lua_gettop(state);
                let key = self.key(top - 1);
                let in_array = matches!(key, Some(ScriptKey::Number(key)) if in_array(key, length));
                let value = if in_array { ScriptValue::Nil } else { self.read(top, depth + 1) };
                lua::lua_settop(state, top - 2);
                if in_array {
                    continue;
                }
                let first = if table.rest.is_empty() { MAP_BYTES } else { 0 };
                let has_room = self.takes(KEY_BYTES + first, first);
                match (key, value) {
                    (_, value @ (ScriptValue::Cycle | ScriptValue::TooLarge)) => return value,
                    (Some(key), value) if has_room => table.rest.push((key, value)),
                    _ => return ScriptValue::TooLarge,
                }
            }
        }
        ScriptValue::Table(table)
    }
}

fn in_array(key: f64, length: c_int) -> bool {
    key >= 1.0 && key <= f64::from(length) && key.fract() == 0.0
}

/// Pushes a value. May raise for lack of memory.
///
/// # Safety
/// The state is live, under protection. The answer may be dropped or leaked by an error: it is only borrowed.
pub(super) unsafe fn push(state: *mut lua_State, answer: &Answer) {
    // SAFETY: room is made for what is pushed; strings are copied.
    unsafe {
        lua::luaL_checkstack_(state, 4, c"values are nested too deep".as_ptr());
        match answer {
            Answer::Nil => lua::lua_pushnil(state),
            Answer::Boolean(value) => lua::lua_pushboolean(state, (*value).into()),
            Answer::Number(value) => lua::lua_pushnumber(state, *value),
            Answer::String(value) => push_str(state, value),
            Answer::Name(value) => push_str(state, value),
            Answer::Json(json) => push_json(state, json),
            Answer::List(items) => {
                lua::lua_createtable(state, count(items.len()), 0);
                for (place, item) in (1..).zip(items) {
                    push(state, item);
                    lua::lua_rawseti_(state, -2, place);
                }
            }
            Answer::Fields(fields) => {
                lua::lua_createtable(state, 0, count(fields.len()));
                for (name, field) in fields {
                    push_str(state, name);
                    push(state, field);
                    lua::lua_rawset(state, -3);
                }
            }
            Answer::Chunk(chunk) => {
                calls::push_own(state, chunk);
            }
        }
    }
}

/// Pushes a stored value. May raise for lack of memory.
///
/// # Safety
/// As for [`push`].
unsafe fn push_json(state: *mut lua_State, json: &Json) {
    // SAFETY: as in `push`.
    unsafe {
        lua::luaL_checkstack_(state, 4, c"values are nested too deep".as_ptr());
        match json {
            Json::Null => lua::lua_pushnil(state),
            Json::Bool(value) => lua::lua_pushboolean(state, (*value).into()),
            Json::Number(value) => lua::lua_pushnumber(state, value.as_f64().unwrap_or(f64::NAN)),
            Json::String(value) => push_str(state, value),
            Json::Array(items) => {
                lua::lua_createtable(state, count(items.len()), 0);
                for (place, item) in (1..).zip(items) {
                    push_json(state, item);
                    lua::lua_rawseti_(state, -2, place);
                }
            }
            Json::Object(fields) => {
                if fields.contains_key("base64")
                    && let ScriptValue::Buffer(bytes) = ScriptValue::from_json(json)
                {
                    let start = lua::lua_newbuffer(state, bytes.len());
                    std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.cast::<u8>(), bytes.len());
                    return;
                }
                lua::lua_createtable(state, 0, count(fields.len()));
                for (name, field) in fields {
                    push_str(state, name);
                    push_json(state, field);
                    lua::lua_rawset(state, -3);
                }
            }
        }
    }
}

/// A number that was pushed as one that is not negative.
///
/// # Safety
/// The state is live, and `index` is one that its stack may be asked for.
pub(super) unsafe fn place_at(state: *mut lua_State, index: c_int) -> usize {
    // SAFETY: anything else is zero.
    usize::try_from(unsafe { lua::lua_tointeger_(state, index) }).unwrap_or(0)
}

/// A length, as Luau takes it.
pub(super) fn count(length: usize) -> c_int {
    c_int::try_from(length).unwrap_or(c_int::MAX)
}
