//! Safepoints: where a running script can be looked at, and stopped.

use std::ffi::{CStr, c_int};

use mlua_sys::luau::{self as lua, lua_State};

use super::callers::{forget_start, in_first_function, note_start};
use super::calls::inner;
use super::stack::{bytes_at, push_str};
use super::watchdog::Glance;

/// Chunks of the host's own scripts have names that begin with this: they are stopped only when everything hangs.
pub(crate) const OWN: &str = "@host/";

/// Work of raising an error, and as much again of catching it.
pub(super) const ERROR_WORK: u64 = 400;

/// Work of making a thread and of collecting it.
const THREAD_WORK: u64 = 60;

/// At each safepoint: counts it, and nearly always does no more.
///
/// # Safety
/// Luau calls it, for a virtual machine that `State` made, at a safepoint or (with `collecting` at least 0) in the
/// collector.
pub(super) unsafe extern "C-unwind" fn interrupt(state: *mut lua_State, collecting: c_int) {
    // SAFETY: no reference into the data is held while Luau is called.
    unsafe {
        if collecting < 0 && (*inner(state)).meter.step() {
            stop(state);
        }
    }
}

/// Safepoints of a transform at which is noted where it is. One that does more comes from no line.
const NOTED: u32 = 100_000;

/// The same, and notes where the function is that the thread began with: the last of that is where it returned, as there is
/// a safepoint before each return.
///
/// # Safety
/// As for [`interrupt`].
unsafe extern "C-unwind" fn noting_interrupt(state: *mut lua_State, collecting: c_int) {
    // SAFETY: passed on; the references into the data end before Luau goes on.
    unsafe {
        interrupt(state, collecting);
        if collecting >= 0 {
            return;
        }
        let left = &mut (*inner(state)).noted_at_most;
        if *left == 0 {
            (*inner(state)).returned_at = None;
            return;
        }
        *left -= 1;
        if let Some(here) = in_first_function(state) {
            (*inner(state)).returned_at = Some(here);
        }
    }
}

/// Notes from here on where threads are, or no longer, and forgets what was noted.
///
/// # Safety
/// The state is live. No reference into its data is held.
pub(super) unsafe fn note_places(state: *mut lua_State, notes: bool) {
    // SAFETY: both functions are for any virtual machine that `State` made.
    unsafe {
        (*inner(state)).noted_at_most = NOTED;
        let interrupt = if notes { noting_interrupt } else { interrupt };
        (*lua::lua_callbacks(state)).interrupt = Some(interrupt);
    }
}

/// A script has caught an error.
///
/// # Safety
/// Luau calls it, for a virtual machine that `State` made.
pub(super) unsafe extern "C-unwind" fn caught(state: *mut lua_State) {
    // SAFETY: no reference into the data is held; nothing is raised.
    unsafe { (*inner(state)).meter.charge(ERROR_WORK) };
}

/// A thread is made, or (without a parent) collected.
///
/// # Safety
/// Luau calls it, for a virtual machine that `State` made.
pub(super) unsafe extern "C-unwind" fn made_thread(parent: *mut lua_State, state: *mut lua_State) {
    // SAFETY: as in `caught`. A parent is the thread that runs.
    unsafe {
        (*inner(state)).meter.charge(THREAD_WORK);
        if parent.is_null() {
            forget_start(state);
        } else {
            note_start(parent, state);
        }
    }
}

/// Counts work that is done between two safepoints, before it is done; stops the script if that is too much.
///
/// # Safety
/// As for [`look`]: this may raise.
pub(super) unsafe fn charge(state: *mut lua_State, work: u64) {
    // SAFETY: no reference into the data is held while Luau is called.
    unsafe {
        let inner = inner(state);
        let left = (*inner).meter.left();
        // What is too much for its thread is not done, and so is no loss of the server's.
        let work = if work > left && !is_own(state) { left } else { work };
        if (*inner).meter.charge(work) {
            stop(state);
        }
    }
}

/// Looks closer if it is time for that, and else only at the clock.
///
/// # Safety
/// As for [`look`].
unsafe fn stop(state: *mut lua_State) {
    // SAFETY: no reference into the data is held while Luau is called.
    unsafe {
        let inner = inner(state);
        let (is_due, work) = ((*inner).meter.is_due(), (*inner).meter.work());
        let glance = (*inner).watchdog.glance(work);
        match glance {
            Glance::InTime => {}
            Glance::Long => (*inner).meter.glance_always(),
            Glance::Late => (*inner).meter.give_up(),
        }
        if is_due || glance == Glance::Late {
            look(state);
        }
    }
}

/// Collects garbage at deterministic moments, and stops what runs for too long. Apart from `interrupt`, which then needs
/// next to nothing of the stack.
///
/// # Safety
/// The state is live and at a safepoint, under protection. No reference into its data is held: this may raise.
#[cold]
#[inline(never)]
unsafe fn look(state: *mut lua_State) {
    // SAFETY: as in `interrupt`.
    unsafe {
        let inner = inner(state);
        // What has hit a limit is closed, and then all is collected: once is enough.
        if (*inner).meter.trip().is_none() && (*inner).meter.wants_collection((*inner).memory.used()) {
            collect(state);
        }
        let frame = innermost(state);
        let is_own = frame.as_ref().is_some_and(|frame| is_own_chunk(frame));
        if let Some(frame) = frame.filter(|_| !is_own) {
            (*inner).seen_at = Some(format!("{}:{}", String::from_utf8_lossy(name_of(&frame)), frame.currentline));
        }
        let Some(trip) = (*inner).meter.verdict() else { return };
        if (*inner).meter.is_hung() || !is_own {
            if (*inner).tripped_at.is_none() {
                (*inner).tripped_at = Some(trace(state));
            }
            raise(state, trip.message());
        }
        (*inner).meter.look_later();
    }
}

/// Collects all garbage, and leaves the collector stopped: its own pacing reads a clock.
///
/// # Safety
/// The state is live, and either at a safepoint or between calls. No pointer into one of its stacks is held: they may
/// move.
pub(super) unsafe fn collect(state: *mut lua_State) {
    // SAFETY: at a safepoint or between calls; a collection may move stacks, which Luau reloads then.
    unsafe {
        let inner = inner(state);
        // What is being loaded is not reachable yet: it would be collected, too.
        if (*inner).loading > 0 {
            return;
        }
        let work = (*inner).meter.collection();
        (*inner).meter.charge(work);
        lua::lua_gc(state, lua::LUA_GCCOLLECT, 0);
        lua::lua_gc(state, lua::LUA_GCSTOP, 0);
        (*inner).meter.collected((*inner).memory.used());
    }
}

/// Raises a message, with the place of the script that runs.
///
/// # Safety
/// The state is live and under protection, and no frame up to that protection owns anything that an error may not drop.
pub(super) unsafe fn raise(state: *mut lua_State, message: &str) -> ! {
    // SAFETY: nothing here owns anything.
    unsafe {
        lua::lua_rawcheckstack(state, 4);
        lua::luaL_where(state, 0);
        push_str(state, message);
        lua::lua_concat(state, 2);
        lua::lua_error(state)
    }
}

/// The traceback of a running thread.
///
/// # Safety
/// The state is live and under protection: this raises when memory is short.
unsafe fn trace(state: *mut lua_State) -> String {
    // SAFETY: the stack is balanced; this may raise for lack of memory, and then owns nothing.
    unsafe {
        lua::lua_rawcheckstack(state, lua::LUA_MINSTACK);
        lua::luaL_traceback_(state, state, std::ptr::null(), 0);
        let text = bytes_at(state, -1).unwrap_or_default();
        lua::lua_settop(state, -2);
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// Whether the innermost script that runs is one of the host's.
///
/// # Safety
/// The state is live, and is the thread that runs.
unsafe fn is_own(state: *mut lua_State) -> bool {
    // SAFETY: passed on.
    unsafe { innermost(state).is_some_and(|frame| is_own_chunk(&frame)) }
}

/// The innermost script that runs; `None` in a thread that runs a function of Luau's library for one.
///
/// # Safety
/// The state is live, and is the thread that runs. The frame is used only while it runs on.
unsafe fn innermost(state: *mut lua_State) -> Option<lua::lua_Debug> {
    // SAFETY: the source is a C string that lives as long as its function, which is running.
    unsafe {
        let mut frame = std::mem::zeroed::<lua::lua_Debug>();
        for level in 0.. {
            if lua::lua_getinfo(state, level, c"sl".as_ptr(), &raw mut frame) == 0 {
                break;
            }
            if CStr::from_ptr(frame.source).to_bytes() != b"=[C]" {
                return Some(frame);
            }
        }
        None
    }
}

/// The name of a script, without the sign that Luau keeps before it.
///
/// # Safety
/// `lua_getinfo` has filled in the source of the frame, whose function lives.
pub(super) unsafe fn name_of(frame: &lua::lua_Debug) -> &[u8] {
    // SAFETY: the source is a C string.
    unsafe { CStr::from_ptr(frame.source) }.to_bytes().get(1..).unwrap_or_default()
}

/// Whether a function is of one of the host's own scripts.
///
/// # Safety
/// As for [`name_of`].
pub(super) unsafe fn is_own_chunk(frame: &lua::lua_Debug) -> bool {
    // SAFETY: passed on.
    unsafe { name_of(frame) }.starts_with(OWN.as_bytes())
}
