//! Threads with limits of their own.

use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mlua_sys::luau::{self as lua, lua_State};

use super::callers::{forget_start, note_start};
use super::calls::inner;
use super::meter::Trip;
use super::safepoint::{collect, note_places, raise};
use super::stack::{bytes_at, push_str};

/// Bytes still in use, after a thread was closed and all was collected, that are one unit of work.
const KEPT_BYTES: usize = 4;

/// `host.resume(thread, ...) -> true, ... | false, error, traceback, tripped`: `coroutine.resume` with a limit of its
/// own. A thread that hits it is closed.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
pub(super) unsafe extern "C-unwind" fn resume(state: *mut lua_State) -> c_int {
    // SAFETY: the thread is on the stack and so alive. Nothing here owns anything.
    unsafe {
        let thread = lua::lua_tothread(state, 1);
        if thread.is_null() {
            raise(state, "host.resume: a thread is expected");
        }
        let count = lua::lua_gettop(state) - 1;
        if lua::lua_costatus(state, thread) != lua::LUA_COSUS || lua::lua_checkstack(thread, count) == 0 {
            lua::lua_pushboolean(state, 0);
            push_str(state, "cannot resume a coroutine that is running or dead");
            return 2;
        }
        lua::lua_xmove(state, thread, count);
        note_start(state, thread);
        go_on(state, thread, count).0
    }
}

/// `host.transform(thread, ...)`: as `host.resume`, of a thread that runs the callback of an `UpdateAsync`; where that returns is
/// noted, if somebody reads calls.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
pub(super) unsafe extern "C-unwind" fn transform(state: *mut lua_State) -> c_int {
    // SAFETY: passed on. Nothing raises between the two but what ends the whole input, and then the next transform sets it
    // right.
    unsafe {
        if (*inner(state)).started_from.is_none() {
            return resume(state);
        }
        note_places(state, true);
        let results = resume(state);
        note_places(state, false);
        results
    }
}

/// Whether it is over without an error, and so could begin anew.
struct IsIdle(bool);

/// A thread that could begin anew, and where the registry holds it.
pub(super) struct Idle {
    thread: *mut lua_State,
    anchor: c_int,
}

/// `host.run(function, ...)`: as `host.resume` of a new thread with this function. A thread that has ended, that never
/// suspended itself and that no script has a hold of (see [`running`]) is used again: threads are most of what a handler
/// of `Heartbeat` costs.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
pub(super) unsafe extern "C-unwind" fn run(state: *mut lua_State) -> c_int {
    // SAFETY: the registry keeps the thread alive while it runs. If anything raises it stays there for good.
    unsafe {
        lua::luaL_checktype(state, 1, lua::LUA_TFUNCTION);
        let count = lua::lua_gettop(state);
        let Idle { thread, anchor } = (*inner(state)).idle.take().unwrap_or_else(|| {
            let thread = lua::lua_newthread(state);
            let anchor = lua::lua_ref(state, -1);
            lua::lua_settop(state, -2);
            Idle { thread, anchor }
        });
        lua::luaL_checkstack_(state, 1, std::ptr::null());
        if lua::lua_checkstack(thread, count + 1) == 0 {
            raise(state, "too many arguments");
        }
        // `setfenv(0)` may have changed them.
        lua::lua_pushvalue(state, lua::LUA_GLOBALSINDEX);
        lua::lua_xmove(state, thread, 1);
        lua::lua_replace(thread, lua::LUA_GLOBALSINDEX);
        lua::lua_xmove(state, thread, count);
        forget_start(thread);
        note_start(state, thread);
        let (results, IsIdle(is_idle)) = go_on(state, thread, count - 1);
        let idle = &mut (*inner(state)).idle;
        if is_idle && lua::lua_getthreaddata(thread).is_null() && idle.is_none() {
            *idle = Some(Idle { thread, anchor });
        } else {
            lua::lua_unref(state, anchor);
        }
        results
    }
}

/// `coroutine.running`, which also notes that a script has a hold of this thread.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
pub(super) unsafe extern "C-unwind" fn running(state: *mut lua_State) -> c_int {
    // SAFETY: what is noted is never followed.
    unsafe {
        lua::lua_setthreaddata(state, std::ptr::dangling_mut());
        if lua::lua_pushthread(state) != 0 {
            // The main thread is no coroutine.
            lua::lua_pushnil(state);
        }
        1
    }
}

/// Runs a thread with so many arguments, which it has. Pushes the results of `host.resume`; how many there are.
///
/// # Safety
/// Both are live threads of one virtual machine, and `state` is the one that runs. Something holds `thread`, which can
/// be resumed and has the arguments, and for a new thread the function, on its stack. The caller owns nothing.
unsafe fn go_on(state: *mut lua_State, thread: *mut lua_State, count: c_int) -> (c_int, IsIdle) {
    // SAFETY: the caller keeps the thread alive. Nothing here owns anything.
    unsafe {
        let inner = inner(state);
        let outer = (*inner).meter.enter();
        (*inner).returned_at = None;
        let status = lua::lua_resume_(thread, state, count);
        if let Some(trip) = (*inner).meter.trip() {
            tripped(state, thread, status, trip);
            (*inner).meter.leave(&outer);
            collect(state);
            // What is left is not garbage: going through it for one thread after another is what costs most.
            (*inner).meter.charge(((*inner).memory.used() / KEPT_BYTES) as u64);
            (*inner).meter.still_short((*inner).memory.used());
            return (4, IsIdle(false));
        }
        (*inner).meter.leave(&outer);
        if status == lua::LUA_OK || status == lua::LUA_YIELD {
            let count = lua::lua_gettop(thread);
            lua::luaL_checkstack_(state, count + 1, c"too many results to resume".as_ptr());
            lua::lua_pushboolean(state, 1);
            lua::lua_xmove(thread, state, count);
            return (count + 1, IsIdle(status == lua::LUA_OK));
        }
        lua::luaL_checkstack_(state, 4, std::ptr::null());
        lua::lua_pushboolean(state, 0);
        lua::lua_xmove(thread, state, 1);
        lua::luaL_traceback_(state, thread, std::ptr::null(), 0);
        (3, IsIdle(false))
    }
}

/// A thread hit a limit: tells the host, closes it, and pushes the four results.
///
/// # Safety
/// As for [`go_on`], after `lua_resume` of `thread` gave this status.
unsafe fn tripped(state: *mut lua_State, thread: *mut lua_State, status: c_int, trip: Trip) {
    // SAFETY: as in `resume`; the text is dropped if anything raises.
    unsafe {
        lua::luaL_checkstack_(state, 4, std::ptr::null());
        lua::lua_pushboolean(state, 0);
        if status != lua::LUA_OK && status != lua::LUA_YIELD && lua::lua_type(thread, -1) == lua::LUA_TSTRING {
            lua::lua_xmove(thread, state, 1);
        } else {
            push_str(state, trip.message());
        }
        lua::luaL_traceback_(state, thread, std::ptr::null(), 0);
        // Where it was when it hit the limit; what it has caught since is of no interest.
        let place = (*inner(state)).tripped_at.take();
        let place = place.unwrap_or_else(|| String::from_utf8_lossy(&bytes_at(state, -1).unwrap_or_default()).into());
        let text = (*inner(state)).with_place(&format!("{}\n{place}", trip.message()));
        if let Some(host) = (*inner(state)).host
            && let Err(panic) = catch_unwind(AssertUnwindSafe(|| (*host).crashed(&text)))
        {
            (*inner(state)).panic = Some(panic);
        }
        lua::lua_resetthread(thread);
        lua::lua_pushboolean(state, 1);
    }
}
