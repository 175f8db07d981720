//! Who calls: the scripts on the stack of a thread.

use std::ffi::CStr;

use mlua_sys::luau::{self as lua, lua_State};

use super::safepoint::{is_own_chunk, name_of};

/// Calls that are shown.
const SHOWN: usize = 6;

/// The calls of users' scripts that a thread is in, the innermost first: `SCRIPT:LINE`, and the name of the function if it
/// has one, a line each. Nothing of Luau's is allocated, so that a run is the same whether somebody asks or not.
///
/// # Safety
/// The state is live, and is the thread that runs.
pub(super) unsafe fn callers(state: *mut lua_State) -> String {
    let mut calls = Vec::new();
    // SAFETY: names are C strings that live as long as their functions, which are running.
    unsafe {
        let mut frame = std::mem::zeroed::<lua::lua_Debug>();
        for level in 0.. {
            if calls.len() == SHOWN || lua::lua_getinfo(state, level, c"sln".as_ptr(), &raw mut frame) == 0 {
                break;
            }
            if is_own_chunk(&frame) || CStr::from_ptr(frame.source).to_bytes() == b"=[C]" {
                continue;
            }
            let script = String::from_utf8_lossy(name_of(&frame)).replace('\n', " ");
            let place = format!("{script}:{}", frame.currentline);
            calls.push(if frame.name.is_null() {
                place
            } else {
                format!("{place} {}", String::from_utf8_lossy(CStr::from_ptr(frame.name).to_bytes()))
            });
        }
    }
    calls.join("\n")
}
