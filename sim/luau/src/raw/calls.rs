//! What Luau calls.

use std::ffi::{CStr, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use dupeproof_sim::value::ScriptValue;
use mlua_sys::luau::{self as lua, lua_State};

use super::bytecode::Chunk;
use super::meter::Trip;
use super::stack::{bytes_at, push, push_str, read};
use super::state::{Host, Inner};
use crate::value::Answer;

/// Chunks of the host's own scripts have names that begin with this: they are stopped only when everything hangs.
pub(crate) const OWN: &str = "@host/";

/// The virtual machine's own data.
///
/// # Safety
/// The state is one that `State` created. The reference into it must be short: Luau's allocations use it too.
unsafe fn inner(state: *mut lua_State) -> *mut Inner {
    // SAFETY: `State::new` puts it there before anything runs.
    unsafe { (*lua::lua_callbacks(state)).userdata.cast() }
}

/// At each safepoint: collects garbage at deterministic moments, and stops what runs for too long.
pub(super) unsafe extern "C-unwind" fn interrupt(state: *mut lua_State, collecting: c_int) {
    // SAFETY: no reference into the data is held while Luau is called.
    unsafe {
        if collecting >= 0 || !(*inner(state)).meter.step() {
            return;
        }
        let inner = inner(state);
        if (*inner).meter.wants_collection((*inner).memory.used()) {
            collect(state);
        }
        let Some(trip) = (*inner).meter.verdict() else { return };
        if (*inner).meter.is_hung() || !is_own(state) {
            if (*inner).tripped_at.is_none() {
                (*inner).tripped_at = Some(trace(state));
            }
            raise(state, trip.message());
        }
    }
}

/// Collects all garbage, and leaves the collector stopped: its own pacing reads a clock.
pub(super) unsafe fn collect(state: *mut lua_State) {
    // SAFETY: at a safepoint or between calls; a collection may move stacks, which Luau reloads then.
    unsafe {
        lua::lua_gc(state, lua::LUA_GCCOLLECT, 0);
        lua::lua_gc(state, lua::LUA_GCSTOP, 0);
        let inner = inner(state);
        (*inner).meter.collected((*inner).memory.used());
    }
}

/// The traceback of a running thread.
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

/// Raises a message, with the place of the script that runs.
unsafe fn raise(state: *mut lua_State, message: &str) -> ! {
    // SAFETY: nothing here owns anything.
    unsafe {
        lua::lua_rawcheckstack(state, 4);
        lua::luaL_where(state, 0);
        push_str(state, message);
        lua::lua_concat(state, 2);
        lua::lua_error(state)
    }
}

/// Whether the innermost script that runs is one of the host's.
unsafe fn is_own(state: *mut lua_State) -> bool {
    // SAFETY: the source is a C string that lives as long as its function, which is running.
    unsafe {
        let mut frame = std::mem::zeroed::<lua::lua_Debug>();
        for level in 0.. {
            if lua::lua_getinfo(state, level, c"s".as_ptr(), &raw mut frame) == 0 {
                return false;
            }
            let source = CStr::from_ptr(frame.source).to_bytes();
            if source != b"=[C]" {
                return source.get(1..).is_some_and(|source| source.starts_with(OWN.as_bytes()));
            }
        }
        false
    }
}

/// `host.NAME(...)`: the function's number is its upvalue.
pub(super) unsafe extern "C-unwind" fn host(state: *mut lua_State) -> c_int {
    // SAFETY: arguments are copied before the host is called and answers pushed after, so that it never meets Luau.
    // Everything owned is dropped at the end of the block, before an error is raised.
    unsafe {
        let count = {
            let number = lua::lua_tonumber(state, lua::lua_upvalueindex(1));
            let arguments: Vec<ScriptValue> = (1..=lua::lua_gettop(state)).map(|index| read(state, index)).collect();
            match ask(inner(state), number, &arguments) {
                Ok(answers) => {
                    answers.iter().for_each(|answer| push(state, answer));
                    c_int::try_from(answers.len()).ok()
                }
                Err(message) => {
                    push_str(state, &message);
                    None
                }
            }
        };
        match count {
            Some(count) => count,
            None => lua::lua_error(state),
        }
    }
}

/// Calls the host. A panic of it is kept until Luau has returned.
unsafe fn ask(inner: *mut Inner, number: f64, arguments: &[ScriptValue]) -> Result<Vec<Answer>, String> {
    // SAFETY: the host is there while Luau runs, and the only one that uses it is the innermost call, which is this.
    let (host, steps) = unsafe {
        let inner = &mut *inner;
        let Some(host) = inner.host else { return Err("the host is away".into()) };
        (&mut *host, inner.meter.steps())
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was pushed as a small number")]
    let number = number as usize;
    catch_unwind(AssertUnwindSafe(|| host.call(number, arguments, steps))).unwrap_or_else(|panic| {
        // SAFETY: as above.
        unsafe { (*inner).panic = Some(panic) };
        Err("the host panicked".into())
    })
}

/// `host.load(path, environment) -> function | nil, message`. The environment is a table of globals that does not change
/// while scripts run, as Luau may look at it once.
pub(super) unsafe extern "C-unwind" fn load(state: *mut lua_State) -> c_int {
    // SAFETY: what is owned is dropped if anything raises.
    unsafe {
        lua::luaL_checktype(state, 1, lua::LUA_TSTRING);
        let path = bytes_at(state, 1).unwrap_or_default();
        lua::lua_remove(state, 1);
        load_chunk(state, |host| host.chunk(&String::from_utf8_lossy(&path)).map(Some))
    }
}

/// `host.adapter(environment) -> function | nil, message`: the adapter's chunk; just nil if there is none.
pub(super) unsafe extern "C-unwind" fn adapter(state: *mut lua_State) -> c_int {
    // SAFETY: passed on.
    unsafe { load_chunk(state, |host| Ok(host.adapter())) }
}

/// Pushes the function of a chunk, with the environment that is the first argument.
unsafe fn load_chunk(
    state: *mut lua_State,
    find: impl FnOnce(&mut dyn Host) -> Result<Option<Arc<Chunk>>, String>,
) -> c_int {
    // SAFETY: as in `host`. What is owned is dropped if anything raises.
    unsafe {
        lua::luaL_checktype(state, 1, lua::LUA_TTABLE);
        lua::lua_settop(state, 1);
        let Some(host) = (*inner(state)).host else { return 0 };
        let found = catch_unwind(AssertUnwindSafe(|| find(&mut *host))).unwrap_or_else(|panic| {
            (*inner(state)).panic = Some(panic);
            Err("the host panicked".into())
        });
        match found {
            Ok(Some(chunk)) => {
                lua::lua_setsafeenv(state, 1, 1);
                // Luau looks up what a script imports in the globals of the thread that loads it.
                lua::lua_pushvalue(state, lua::LUA_GLOBALSINDEX);
                lua::lua_insert(state, 1);
                lua::lua_replace(state, lua::LUA_GLOBALSINDEX);
                let compiles = push_chunk(state, &chunk);
                lua::lua_insert(state, 1);
                lua::lua_replace(state, lua::LUA_GLOBALSINDEX);
                if compiles {
                    return 1;
                }
                lua::lua_pushnil(state);
                lua::lua_insert(state, -2);
                2
            }
            Ok(None) => 0,
            Err(message) => {
                lua::lua_pushnil(state);
                push_str(state, &message);
                2
            }
        }
    }
}

/// Pushes a chunk's function, or the message that says why it does not compile.
pub(super) unsafe fn push_chunk(state: *mut lua_State, chunk: &Chunk) -> bool {
    // SAFETY: the bytecode is the compiler's, and is only read.
    unsafe {
        let (name, code) = (chunk.name.as_ptr(), &chunk.bytecode);
        lua::luau_load(state, name, code.as_ptr().cast(), code.len(), 0) == 0
    }
}

/// `host.resume(thread, ...) -> true, ... | false, error, traceback, tripped`: `coroutine.resume` with a limit of its
/// own. A thread that hits it is closed.
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
        let inner = inner(state);
        let outer = (*inner).meter.enter();
        let status = lua::lua_resume_(thread, state, count);
        if let Some(trip) = (*inner).meter.trip() {
            tripped(state, thread, status, trip);
            (*inner).meter.leave(&outer);
            collect(state);
            (*inner).meter.still_short((*inner).memory.used());
            return 4;
        }
        (*inner).meter.leave(&outer);
        if status == lua::LUA_OK || status == lua::LUA_YIELD {
            let count = lua::lua_gettop(thread);
            lua::luaL_checkstack_(state, count + 1, c"too many results to resume".as_ptr());
            lua::lua_pushboolean(state, 1);
            lua::lua_xmove(thread, state, count);
            return count + 1;
        }
        lua::luaL_checkstack_(state, 4, std::ptr::null());
        lua::lua_pushboolean(state, 0);
        lua::lua_xmove(thread, state, 1);
        lua::luaL_traceback_(state, thread, std::ptr::null(), 0);
        3
    }
}

/// A thread hit a limit: tells the host, closes it, and pushes the four results.
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
        let text = format!("{}\n{place}", trip.message());
        if let Some(host) = (*inner(state)).host
            && let Err(panic) = catch_unwind(AssertUnwindSafe(|| (*host).crashed(&text)))
        {
            (*inner(state)).panic = Some(panic);
        }
        lua::lua_resetthread(thread);
        lua::lua_pushboolean(state, 1);
    }
}

/// `host.object(metatable) -> userdata`: a value whose type is "userdata", and whose `typeof` is the metatable's
/// `__type`, as Instances are.
pub(super) unsafe extern "C-unwind" fn object(state: *mut lua_State) -> c_int {
    // SAFETY: a userdata of no bytes needs no destructor.
    unsafe {
        lua::luaL_checktype(state, 1, lua::LUA_TTABLE);
        lua::lua_settop(state, 1);
        lua::lua_newuserdatatagged(state, 0, 0);
        lua::lua_insert(state, 1);
        lua::lua_setmetatable(state, 1);
        1
    }
}

/// Whether a value would be shown as its address.
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
unsafe fn push_address(state: *mut lua_State, index: c_int) {
    // SAFETY: the type's name is copied.
    unsafe {
        let address = lua::lua_topointer(state, index).addr() & 0xffff_ffff;
        let kind = CStr::from_ptr(lua::luaL_typename(state, index)).to_string_lossy();
        push_str(state, &format!("{kind}: 0x{address:016x}"));
    }
}

/// `tostring`, without the part of an address that differs between runs.
pub(super) unsafe extern "C-unwind" fn to_string(state: *mut lua_State) -> c_int {
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
pub(super) unsafe extern "C-unwind" fn format(state: *mut lua_State) -> c_int {
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
pub(super) unsafe extern "C-unwind" fn date(state: *mut lua_State) -> c_int {
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
pub(super) unsafe extern "C-unwind" fn time(state: *mut lua_State) -> c_int {
    // SAFETY: as in `format`.
    unsafe {
        lua::luaL_checktype(state, 1, lua::LUA_TTABLE);
        original(state)
    }
}

/// Calls the function that is the upvalue, with this frame's arguments.
unsafe fn original(state: *mut lua_State) -> c_int {
    // SAFETY: it is a C function, and the frame is as it would find its own.
    unsafe { lua::lua_tocfunction(state, lua::lua_upvalueindex(1)).map_or(0, |original| original(state)) }
}

/// Turns an error value into text with a traceback.
pub(super) unsafe extern "C-unwind" fn explain(state: *mut lua_State) -> c_int {
    // SAFETY: there is one argument, the error value.
    unsafe {
        lua::luaL_tolstring_(state, 1, std::ptr::null_mut());
        push_str(state, "\n");
        lua::luaL_traceback_(state, state, std::ptr::null(), 1);
        lua::lua_concat(state, 3);
        1
    }
}
