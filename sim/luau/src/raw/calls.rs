//! What scripts call of the host.

use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mlua_sys::luau::{self as lua, lua_State};

use super::bytecode::Chunk;
use super::callers::{Origin, callers};
use super::safepoint::{ERROR_WORK, charge};
use super::stack::{Copies, bytes_at, push, push_str, read_all};
use super::state::{Host, Inner, Use};
use crate::value::Answer;

/// The virtual machine's own data.
///
/// # Safety
/// The state is one that `State` created. The reference into it must be short: Luau's allocations use it too.
pub(super) unsafe fn inner(state: *mut lua_State) -> *mut Inner {
    // SAFETY: `State::new` puts it there before anything runs.
    unsafe { (*lua::lua_callbacks(state)).userdata.cast() }
}

/// `host.NAME(...)`: the function's number is its upvalue.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. Its upvalue is the number of one of the host's
/// functions.
pub(super) unsafe extern "C-unwind" fn host(state: *mut lua_State) -> c_int {
    // SAFETY: arguments are copied before the host is called and answers pushed after, so that it never meets Luau.
    // Everything owned is dropped at the end of the block, before an error is raised.
    unsafe {
        let count = {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it was pushed as a small number"
            )]
            let number = lua::lua_tonumber(state, lua::lua_upvalueindex(1)) as usize;
            let copies = read_all(state);
            charge(state, (*inner(state)).host.map_or(0, |host| (*host).work(number, copies.work)));
            if let Some(host) = (*inner(state)).host
                && (*host).wants_calls(number)
            {
                let returned = (*inner(state)).returned_at.take().map(|place| place.to_string());
                (*host).called_from(Origin { calls: callers(state), returned });
            }
            match ask(inner(state), number, &copies) {
                Ok(answers) => {
                    answers.iter().for_each(|answer| push(state, answer));
                    c_int::try_from(answers.len()).ok()
                }
                Err(message) => {
                    (*inner(state)).meter.charge(ERROR_WORK);
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
///
/// # Safety
/// `inner` is the data of a virtual machine whose Luau code is calling the host right now. No reference into it is
/// held.
unsafe fn ask(inner: *mut Inner, number: usize, copies: &Copies) -> Result<Vec<Answer>, String> {
    // SAFETY: the host is there while Luau runs, and the only one that uses it is the innermost call, which is this.
    let (host, used) = unsafe {
        let inner = &mut *inner;
        let Some(host) = inner.host else { return Err("the host is away".into()) };
        (&mut *host, Use { steps: inner.meter.steps(), bytes: copies.bytes })
    };
    catch_unwind(AssertUnwindSafe(|| host.call(number, &copies.values, used))).unwrap_or_else(|panic| {
        // SAFETY: as above.
        unsafe { (*inner).panic = Some(panic) };
        Err("the host panicked".into())
    })
}

/// `host.load(path, environment) -> function | nil, message`. The environment is a table of globals that does not change
/// while scripts run, as Luau may look at it once.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
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
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
pub(super) unsafe extern "C-unwind" fn adapter(state: *mut lua_State) -> c_int {
    // SAFETY: passed on.
    unsafe { load_chunk(state, |host| Ok(host.adapter())) }
}

/// `host.fakes(environment) -> function | nil, message`: the chunk of the user's fakes; just nil if there are none.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
pub(super) unsafe extern "C-unwind" fn fakes(state: *mut lua_State) -> c_int {
    // SAFETY: passed on.
    unsafe { load_chunk(state, |host| Ok(host.fakes())) }
}

/// Pushes the function of a chunk, with the environment that is the first argument.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. The caller owns nothing that an error may not
/// drop.
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
                if push_chunk_with(state, &chunk) {
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

/// Pushes the function of one of the host's own chunks. The thread that asks for it may be loading a script, and then has
/// the script's globals.
///
/// # Safety
/// As for [`push_chunk`], with room for three values.
pub(super) unsafe fn push_own(state: *mut lua_State, chunk: &Chunk) {
    // SAFETY: the reference is that of the globals.
    unsafe {
        lua::lua_rawgeti_(state, lua::LUA_REGISTRYINDEX, (*inner(state)).registered.globals);
        push_chunk_with(state, chunk);
    }
}

/// Pops the table of globals that is on top, and pushes a chunk's function that has it, or the message that says why it
/// does not compile.
///
/// # Safety
/// As for [`push_chunk`], with room for two values.
unsafe fn push_chunk_with(state: *mut lua_State, chunk: &Chunk) -> bool {
    // SAFETY: Luau looks up what a script imports in the globals of the thread that loads it; they are put back.
    unsafe {
        lua::lua_pushvalue(state, lua::LUA_GLOBALSINDEX);
        lua::lua_insert(state, -2);
        lua::lua_replace(state, lua::LUA_GLOBALSINDEX);
        let loading = Loading::new(inner(state));
        let compiles = push_chunk(state, chunk);
        drop(loading);
        lua::lua_insert(state, -2);
        lua::lua_replace(state, lua::LUA_GLOBALSINDEX);
        compiles
    }
}

/// While a chunk is being loaded. Looking up what it imports may run other scripts.
struct Loading(*mut Inner);

impl Loading {
    /// # Safety
    /// The data outlives this.
    unsafe fn new(inner: *mut Inner) -> Loading {
        // SAFETY: no reference into the data is held.
        unsafe { (*inner).loading += 1 };
        Loading(inner)
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        // SAFETY: as in `new`.
        unsafe { (*self.0).loading -= 1 };
    }
}

/// Pushes a chunk's function, or the message that says why it does not compile.
///
/// # Safety
/// The state is live, has room for one value, and runs under protection: this raises when memory is short.
pub(super) unsafe fn push_chunk(state: *mut lua_State, chunk: &Chunk) -> bool {
    // SAFETY: the bytecode is the compiler's, and is only read.
    unsafe {
        let (name, code) = (chunk.name.as_ptr(), &chunk.bytecode);
        lua::luau_load(state, name, code.as_ptr().cast(), code.len(), 0) == 0
    }
}

/// `host.object(metatable) -> userdata`: a value whose type is "userdata", and whose `typeof` is the metatable's
/// `__type`, as Instances are.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
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

/// `host.vector_metatable(metatable)`: gives all of Luau's vectors this metatable, as Roblox does for `Vector3`.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
pub(super) unsafe extern "C-unwind" fn vector_metatable(state: *mut lua_State) -> c_int {
    // SAFETY: the metatable of a value that is no table or userdata is its whole type's.
    unsafe {
        lua::luaL_checktype(state, 1, lua::LUA_TTABLE);
        lua::lua_settop(state, 1);
        lua::lua_pushvector(state, 0.0, 0.0, 0.0);
        lua::lua_insert(state, 1);
        lua::lua_setmetatable(state, 1);
        0
    }
}

/// Turns an error value into text with a traceback.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. The one argument is an error value.
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
