//! Luau's own libraries, without what would let a script see or touch the machine it really runs on.

use std::ffi::{CStr, c_int};

use mlua_sys::luau::{self as lua, lua_CFunction, lua_State};

use super::safepoint::raise;
use super::stack::{bytes_at, count, push_str};
use super::{border, cost, text, thread};

/// Opens them.
///
/// # Safety
/// The state is a new one, at its main thread, under protection; nothing has been loaded into it yet.
pub(super) unsafe fn open(lua: *mut lua_State) {
    // SAFETY: protected by the caller; the stack is balanced.
    unsafe {
        lua::luaL_openlibs(lua);
        seed(lua, 0);
        replace(lua, Some(c"string"), c"format", format, &[]);
        for (name, function) in text::FUNCTIONS {
            replace(lua, Some(c"string"), name, function, &[]);
        }
        cost::wrap(lua);
        border::close(lua);
        replace(lua, Some(c"coroutine"), c"running", thread::running, &[]);
        replace(lua, None, c"tostring", to_string, &[]);
        close_clocks(lua);
        freeze_libraries(lua);
        // The standard output is the machine's; the host's scripts give another in its place.
        lua::lua_pushnil(lua);
        lua::lua_rawsetfield(lua, lua::LUA_GLOBALSINDEX, c"print".as_ptr());
    }
}

/// Begins the sequence of random numbers anew: Luau begins it by the machine's clock.
///
/// # Safety
/// The libraries are open; the state is at its main thread, under protection.
pub(super) unsafe fn seed(lua: *mut lua_State, seed: i32) {
    // SAFETY: scripts cannot change the libraries; the stack is balanced.
    unsafe {
        lua::lua_getfield(lua, lua::LUA_GLOBALSINDEX, c"math".as_ptr());
        lua::lua_getfield(lua, -1, c"randomseed".as_ptr());
        lua::lua_pushinteger_(lua, seed);
        lua::lua_call(lua, 1, 0);
        lua::lua_settop(lua, -2);
    }
}

/// Takes the machine's clocks and its time zone out of `os`: what is left converts a given time.
///
/// # Safety
/// As for [`open`], after the libraries have been opened.
unsafe fn close_clocks(lua: *mut lua_State) {
    // SAFETY: as in `open`.
    unsafe {
        lua::lua_getfield(lua, lua::LUA_GLOBALSINDEX, c"os".as_ptr());
        lua::lua_pushnil(lua);
        lua::lua_rawsetfield(lua, -2, c"clock".as_ptr());
        lua::lua_settop(lua, -2);
        replace(lua, Some(c"os"), c"date", date, &[]);
        replace(lua, Some(c"os"), c"time", time, &[]);
    }
}

/// Puts a function in place of one of a library, or of the globals. Its upvalues are that one, and these numbers.
///
/// # Safety
/// As for [`open`], after the libraries have been opened, and before they are frozen.
pub(super) unsafe fn replace(
    lua: *mut lua_State,
    library: Option<&CStr>,
    name: &CStr,
    function: lua_CFunction,
    numbers: &[c_int],
) {
    // SAFETY: as in `open`; the stack is balanced.
    unsafe {
        match library {
            Some(library) => drop(lua::lua_getfield(lua, lua::LUA_GLOBALSINDEX, library.as_ptr())),
            None => lua::lua_pushvalue(lua, lua::LUA_GLOBALSINDEX),
        }
        lua::lua_getfield(lua, -1, name.as_ptr());
        numbers.iter().for_each(|number| lua::lua_pushinteger_(lua, *number));
        lua::lua_pushcclosurek(lua, function, name.as_ptr(), 1 + count(numbers.len()), None);
        lua::lua_rawsetfield(lua, -2, name.as_ptr());
        lua::lua_settop(lua, -2);
    }
}

/// Makes every library, and the metatable of strings, read-only; but not the table of globals itself.
///
/// # Safety
/// As for [`open`], after the libraries have been opened.
unsafe fn freeze_libraries(lua: *mut lua_State) {
    // SAFETY: as in `open`; freezing a value does not disturb the iteration.
    unsafe {
        lua::lua_pushnil(lua);
        lua::lua_rawsetfield(lua, lua::LUA_GLOBALSINDEX, c"_G".as_ptr());
        lua::lua_pushnil(lua);
        while lua::lua_next(lua, lua::LUA_GLOBALSINDEX) != 0 {
            if lua::lua_type(lua, -1) == lua::LUA_TTABLE {
                lua::lua_setreadonly(lua, -1, 1);
            }
            lua::lua_settop(lua, -2);
        }
        push_str(lua, "");
        if lua::lua_getmetatable(lua, -1) != 0 {
            lua::lua_setreadonly(lua, -1, 1);
            lua::lua_settop(lua, -2);
        }
        lua::lua_settop(lua, -2);
    }
}

/// Whether a value would be shown as its address.
///
/// # Safety
/// The state is live, with room for one value, and `index` is absolute and holds a value.
unsafe fn shows_address(state: *mut lua_State, index: c_int) -> bool {
    // SAFETY: what `luaL_getmetafield` pushes is popped.
    unsafe {
        if lua::lua_type(state, index) <= lua::LUA_TSTRING {
            return lua::lua_type(state, index) == lua::LUA_TLIGHTUSERDATA;
        }
        let has = lua::luaL_getmetafield_(state, index, c"__tostring".as_ptr()) != 0;
        if has {
            lua::lua_settop(state, -2);
        }
        !has
    }
}

/// Pushes a value's type and the part of its address that is the same in every run.
///
/// # Safety
/// As for [`shows_address`], under protection: this raises when memory is short.
unsafe fn push_address(state: *mut lua_State, index: c_int) {
    // SAFETY: the type's name is copied.
    unsafe {
        let address = lua::lua_topointer(state, index).addr() & 0xffff_ffff;
        let kind = CStr::from_ptr(lua::luaL_typename(state, index)).to_string_lossy();
        push_str(state, &format!("{kind}: 0x{address:016x}"));
    }
}

/// `tostring`, without the part of an address that differs between runs.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
unsafe extern "C-unwind" fn to_string(state: *mut lua_State) -> c_int {
    // SAFETY: there is an argument; what `push_address` owns is dropped if it raises.
    unsafe {
        lua::luaL_checkany(state, 1);
        if shows_address(state, 1) {
            push_address(state, 1);
        } else {
            lua::luaL_tolstring_(state, 1, std::ptr::null_mut());
        }
        1
    }
}

/// `string.format`, which also serves interpolated strings, with the same addresses. The original is the upvalue.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. Its upvalue is Luau's own `string.format`.
unsafe extern "C-unwind" fn format(state: *mut lua_State) -> c_int {
    // SAFETY: the original is called on this frame's stack, as Luau would.
    unsafe {
        lua::luaL_checkstack_(state, 3, std::ptr::null());
        for index in 2..=lua::lua_gettop(state) {
            if shows_address(state, index) {
                push_address(state, index);
                lua::lua_replace(state, index);
            }
        }
        original(state)
    }
}

/// Luau's `os.date`, of a given time in UTC: the upvalue.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. Its upvalue is Luau's own `os.date`.
unsafe extern "C-unwind" fn date(state: *mut lua_State) -> c_int {
    // SAFETY: as in `format`.
    unsafe {
        lua::luaL_checktype(state, 2, lua::LUA_TNUMBER);
        if bytes_at(state, 1).is_none_or(|text| text.first() != Some(&b'!')) {
            raise(state, "os.date: a format for UTC is expected");
        }
        original(state)
    }
}

/// Luau's `os.time`, of a given date: the upvalue.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. Its upvalue is Luau's own `os.time`.
unsafe extern "C-unwind" fn time(state: *mut lua_State) -> c_int {
    // SAFETY: as in `format`.
    unsafe {
        lua::luaL_checktype(state, 1, lua::LUA_TTABLE);
        original(state)
    }
}

/// Calls the function that is the upvalue, with this frame's arguments.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. Its upvalue is a C function that needs no
/// upvalues of its own. The caller owns nothing: the original may raise.
pub(super) unsafe fn original(state: *mut lua_State) -> c_int {
    // SAFETY: it is a C function, and the frame is as it would find its own.
    unsafe { lua::lua_tocfunction(state, lua::lua_upvalueindex(1)).map_or(0, |original| original(state)) }
}
