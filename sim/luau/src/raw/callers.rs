//! Who calls: the scripts on the stack of a thread.

use std::ffi::{CStr, c_int};
use std::fmt;

use mlua_sys::luau::{self as lua, lua_State};

use super::calls::inner;
use super::safepoint::{is_own_chunk, name_of};

/// Calls that are shown.
const SHOWN: usize = 6;

/// Where in the users' scripts a call of the host comes from.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    /// The calls, the innermost first, a line each; empty if there are none.
    pub(crate) calls: String,
    /// Where the function returned that a thread, which has just ended, had begun with.
    pub(crate) returned: Option<String>,
}

/// What stands behind the call that started a thread.
const STARTED: &str = " (thread)";

/// Notes that a thread is started, or goes on, from where another is, if that is in users' scripts and somebody reads it.
///
/// # Safety
/// Both are live threads of one virtual machine, and `from` is the one that runs.
pub(super) unsafe fn note_start(from: *mut lua_State, thread: *mut lua_State) {
    // SAFETY: passed on; no reference into the data is held while Luau is asked.
    unsafe {
        if (*inner(from)).started_from.is_none() {
            return;
        }
        let calls = callers(from);
        if !calls.is_empty()
            && let Some(started) = &mut (*inner(from)).started_from
        {
            started.insert(thread.addr(), calls);
        }
    }
}

/// A thread is no more.
///
/// # Safety
/// It was one of a virtual machine that lives.
pub(super) unsafe fn forget_start(thread: *mut lua_State) {
    // SAFETY: only the data is used.
    if let Some(started) = unsafe { &mut (*inner(thread)).started_from } {
        started.remove(&thread.addr());
    }
}

/// The calls of users' scripts that a thread is in, the innermost first: `SCRIPT:LINE`, and the name of the function if it
/// has one, a line each; then those that it was started from. Nothing of Luau's is allocated, so that a run is the same whether somebody asks or not.
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
            let place = Place::of(&frame);
            calls.push(if frame.name.is_null() {
                place.to_string()
            } else {
                format!("{place} {}", String::from_utf8_lossy(CStr::from_ptr(frame.name).to_bytes()))
            });
        }
    }
    // SAFETY: the reference ends before Luau goes on.
    let started = unsafe { (*inner(state)).started_from.as_ref().and_then(|started| started.get(&state.addr())) };
    if let Some(started) = started {
        let room = SHOWN.saturating_sub(calls.len());
        let marked =
            |(place, line): (usize, &str)| if place == 0 { format!("{line}{STARTED}") } else { line.to_owned() };
        calls.extend(started.lines().take(room).enumerate().map(marked));
    }
    calls.join("\n")
}

/// A line of a script.
#[derive(Debug)]
pub(super) struct Place {
    script: [u8; Place::LONGEST],
    length: usize,
    line: c_int,
}

impl Place {
    /// Bytes of a script's name that are kept.
    const LONGEST: usize = 120;

    /// # Safety
    /// `lua_getinfo` has filled in source and line of the frame, whose function lives.
    unsafe fn of(frame: &lua::lua_Debug) -> Place {
        // SAFETY: passed on.
        let name = unsafe { name_of(frame) };
        let length = name.len().min(Place::LONGEST);
        let mut script = [0; Place::LONGEST];
        script[..length].copy_from_slice(&name[..length]);
        Place { script, length, line: frame.currentline }
    }
}

/// `SCRIPT:LINE`.
impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let script = String::from_utf8_lossy(&self.script[..self.length]).replace('\n', " ");
        write!(formatter, "{script}:{}", self.line)
    }
}

/// Where a thread is, if that is in the user's function that it began with. Allocates nothing.
///
/// # Safety
/// As for [`callers`].
pub(super) unsafe fn in_first_function(state: *mut lua_State) -> Option<Place> {
    // SAFETY: as in `callers`.
    unsafe {
        let mut frame = std::mem::zeroed::<lua::lua_Debug>();
        if lua::lua_getinfo(state, 0, c"sl".as_ptr(), &raw mut frame) == 0 || is_own_chunk(&frame) {
            return None;
        }
        let here = Place::of(&frame);
        // Some callbacks are wrapped in a function of the host's.
        let mut outer = 1;
        while lua::lua_getinfo(state, outer, c"s".as_ptr(), &raw mut frame) != 0 {
            if !is_own_chunk(&frame) {
                return None;
            }
            outer += 1;
        }
        Some(here)
    }
}
