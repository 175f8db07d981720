//! Compiled scripts, shared by all virtual machines.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use mlua_sys::luau as lua;

use super::cost;

/// Globals that the host changes while scripts run: their members are looked up each time.
const MUTABLE_GLOBALS: [&CStr; 8] =
    [c"_G", c"game", c"Game", c"workspace", c"Workspace", c"script", c"shared", c"plugin"];

/// Globals that the host replaces: calls of them go to the replacement.
const REPLACED: [&CStr; 2] = [c"typeof", c"tostring"];

/// A script, compiled. One that does not compile is kept as well: loading it gives the error.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(super) name: CString,
    pub(super) bytecode: Vec<u8>,
}

impl Chunk {
    /// Compiles. The name is what tracebacks show.
    pub(crate) fn compile(name: &str, source: &str) -> Chunk {
        let mutable = null_terminated(&MUTABLE_GLOBALS);
        let replaced = null_terminated(&[&REPLACED[..], &cost::LOOKED_UP[..]].concat());
        let mut options = lua::lua_CompileOptions::default();
        options.optimizationLevel = 1;
        options.debugLevel = 1;
        options.mutableGlobals = mutable.as_ptr();
        options.disabledBuiltins = replaced.as_ptr();
        // SAFETY: the options point to null-terminated lists of C strings that outlive the call.
        let bytecode = unsafe { lua::luau_compile(source.as_bytes(), options) };
        let name = CString::new(format!("={}", name.replace('\0', "?"))).expect("it holds no zero");
        Chunk { name, bytecode }
    }
}

fn null_terminated(names: &[&CStr]) -> Vec<*const c_char> {
    names.iter().map(|name| name.as_ptr()).chain([ptr::null()]).collect()
}
