//! What scripts must not get a hold of: the host's own functions, which trust their callers.
//!
//! Luau's `debug.info` gives away each function of a thread, also of one that has failed, and `setfenv` changes what a
//! function that is running takes for `pcall`.

use std::ffi::{CStr, c_int};

use mlua_sys::luau::{self as lua, lua_CFunction, lua_State};

use super::library::{original, replace};
use super::safepoint::{charge, is_own_chunk, raise};
use super::state::BUILT_IN;
use super::{calls, state};

/// The functions, in place of Luau's own, which become their upvalues: the library, the name, the function.
const FUNCTIONS: [(Option<&CStr>, &CStr, lua_CFunction); 3] =
    [(Some(c"debug"), c"info", info), (Some(c"debug"), c"traceback", traceback), (None, c"setfenv", set_environment)];

/// Puts them in place.
///
/// # Safety
/// The libraries are open and can be changed; the state is at its main thread, under protection.
pub(super) unsafe fn close(state: *mut lua_State) {
    // SAFETY: passed on.
    unsafe { FUNCTIONS.into_iter().for_each(|(library, name, function)| replace(state, library, name, function, &[])) };
}

/// Whether the function on top of the stack is one of the host's.
///
/// # Safety
/// The state is live, and the value on top of its stack is a function.
unsafe fn is_hosts(state: *mut lua_State) -> bool {
    // SAFETY: the source is a C string that lives as long as the function.
    unsafe {
        if let Some(function) = lua::lua_tocfunction(state, -1) {
            let is = |other: lua_CFunction| std::ptr::fn_addr_eq(function, other);
            return is(calls::host)
                || is(calls::explain)
                || is(state::call)
                || BUILT_IN.iter().any(|entry| is(entry.1));
        }
        let mut frame = std::mem::zeroed::<lua::lua_Debug>();
        lua::lua_getinfo(state, -1, c"s".as_ptr(), &raw mut frame) != 0 && is_own_chunk(&frame)
    }
}

/// `debug.info`, which gives nil instead of a function of the host, unless the script has it already.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. Its upvalue is Luau's own `debug.info`.
unsafe extern "C-unwind" fn info(state: *mut lua_State) -> c_int {
    // SAFETY: as the original, on the same frame; results are replaced in place.
    unsafe {
        let has_it = lua::lua_type(state, 1) == lua::LUA_TFUNCTION;
        let count = original(state);
        let top = lua::lua_gettop(state);
        for index in (top - count + 1)..=top {
            if has_it || lua::lua_type(state, index) != lua::LUA_TFUNCTION {
                continue;
            }
            lua::luaL_checkstack_(state, 2, std::ptr::null());
            lua::lua_pushvalue(state, index);
            let hidden = is_hosts(state);
            lua::lua_settop(state, -2);
            if hidden {
                lua::lua_pushnil(state);
                lua::lua_replace(state, index);
            }
        }
        count
    }
}

/// `debug.traceback`, charged for the frames that it goes through.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. Its upvalue is Luau's own `debug.traceback`.
unsafe extern "C-unwind" fn traceback(state: *mut lua_State) -> c_int {
    // SAFETY: as the original, on the same frame.
    unsafe {
        let count = original(state);
        charge(state, lua::lua_objlen_(state, -1).unsigned_abs().into());
        count
    }
}

/// `setfenv`, which leaves the host's functions alone.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. Its upvalue is Luau's own `setfenv`.
unsafe extern "C-unwind" fn set_environment(state: *mut lua_State) -> c_int {
    // SAFETY: what is pushed to be looked at is popped.
    unsafe {
        let top = lua::lua_gettop(state);
        match lua::lua_type(state, 1) {
            lua::LUA_TFUNCTION => lua::lua_pushvalue(state, 1),
            lua::LUA_TNUMBER => {
                let mut frame = std::mem::zeroed::<lua::lua_Debug>();
                let level = lua::lua_tointeger_(state, 1);
                if level > 0 {
                    lua::lua_getinfo(state, level, c"f".as_ptr(), &raw mut frame);
                }
            }
            _ => {}
        }
        if lua::lua_gettop(state) > top && is_hosts(state) {
            raise(state, "'setfenv' cannot change environment of given object");
        }
        lua::lua_settop(state, top);
        original(state)
    }
}
