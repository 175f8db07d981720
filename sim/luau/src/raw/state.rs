//! One virtual machine.

use std::any::Any;
use std::cell::UnsafeCell;
use std::collections::BTreeMap;
use std::ffi::{CStr, c_int};
use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use dupeproof_sim::value::ScriptValue;
use mlua_sys::luau::{self as lua, lua_CFunction, lua_State};

use super::bytecode::Chunk;
use super::callers::{Origin, Place};
use super::calls;
#[cfg(not(feature = "system-memory"))]
use super::image::{Image, Original};
use super::library;
use super::memory::{self, Memory};
use super::meter::{Limits, Meter};
use super::safepoint::{self, OWN};
use super::stack::{bytes_at, push, push_str, read};
#[cfg(not(feature = "system-memory"))]
use super::stopwatch::Stopwatch;
use super::thread::{self, Idle};
use super::watchdog::{Slowness, Watchdog};
use crate::value::Answer;

/// What scripts have used when they call the host.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Use {
    /// Safepoints since the input.
    pub(crate) steps: u64,
    /// Bytes of the arguments of this call, with what is made of them.
    pub(crate) bytes: usize,
}

/// What scripts can ask of the host while they run.
pub(crate) trait Host {
    /// The time of the input on the server's own clock, in microseconds.
    fn moment(&self) -> u64;

    /// The work of a call of the function with this number, if copying its arguments is so much.
    fn work(&self, number: usize, copying: u64) -> u64;

    /// Whether somebody reads where in the scripts things come from.
    fn reads_calls(&self) -> bool {
        false
    }

    /// Whether the function with this number wants to know who calls it.
    fn wants_calls(&self, _number: usize) -> bool {
        false
    }

    /// Where the function which is called next is called from.
    fn called_from(&mut self, _origin: Origin) {}

    /// Calls the function with this number; an error is raised in the script.
    fn call(&mut self, number: usize, arguments: &[ScriptValue], used: Use) -> Result<Vec<Answer>, String>;

    /// A script's chunk, by its path.
    fn chunk(&mut self, path: &str) -> Result<Arc<Chunk>, String>;

    /// The adapter's chunk, if there is one.
    fn adapter(&mut self) -> Option<Arc<Chunk>>;

    /// The chunk of the user's fakes, if there are any.
    fn fakes(&mut self) -> Option<Arc<Chunk>>;

    /// A thread hit a limit and was closed.
    fn crashed(&mut self, text: &str);
}

/// What the virtual machine's callbacks use.
pub(super) struct Inner {
    pub(super) memory: Memory,
    pub(super) meter: Meter,
    /// While scripts run.
    pub(super) host: Option<*mut (dyn Host + 'static)>,
    /// Where the registry holds what is the host's.
    pub(super) registered: Registered,
    /// How many chunks are being loaded, one for the sake of another: their functions are not rooted yet.
    pub(super) loading: u32,
    /// For the next `host.run`.
    pub(super) idle: Option<Idle>,
    /// In case that work is done which nobody counts.
    pub(super) watchdog: Watchdog,
    /// Where a script of the user's was when somebody last looked.
    pub(super) seen_at: Option<String>,
    /// Where the function that a thread began with last was: where it returned, once it has. Only if somebody reads calls.
    pub(super) returned_at: Option<Place>,
    /// At how many safepoints it is still noted.
    pub(super) noted_at_most: u32,
    /// By their addresses: the calls that threads were started from. Only if somebody reads calls.
    pub(super) started_from: Option<BTreeMap<usize, String>>,
    /// Where the running thread was when it hit a limit.
    pub(super) tripped_at: Option<String>,
    /// The host's, to go on when Luau has returned.
    pub(super) panic: Option<Box<dyn Any + Send>>,
}

impl Inner {
    fn new(memory: Memory, meter: Meter, watchdog: Watchdog) -> Inner {
        Inner {
            memory,
            meter,
            host: None,
            registered: Registered::default(),
            loading: 0,
            idle: None,
            watchdog,
            seen_at: None,
            returned_at: None,
            noted_at_most: 0,
            started_from: None,
            tripped_at: None,
            panic: None,
        }
    }

    /// The text of an error, with the place of a script of the user's if it says only where the host's own were.
    pub(super) fn with_place(&self, text: &str) -> String {
        let is_own = |line: &str| line.is_empty() || line.starts_with(OWN);
        match &self.seen_at {
            Some(place) if text.lines().skip(1).all(is_own) => {
                format!("{}\n{place} (where a script was last seen)", text.trim_end())
            }
            _ => text.to_owned(),
        }
    }
}

/// A virtual machine that has loaded the host's own scripts and waits for input.
pub(crate) struct State {
    lua: NonNull<lua_State>,
    inner: Box<UnsafeCell<Inner>>,
    /// Luau is for one thread at a time, and pools its memory by thread.
    _here: PhantomData<*mut ()>,
}

/// Functions of the table `host` that are not the [`Host`]'s.
pub(super) const BUILT_IN: [(&CStr, lua_CFunction); 8] = [
    (c"adapter", calls::adapter),
    (c"fakes", calls::fakes),
    (c"load", calls::load),
    (c"object", calls::object),
    (c"resume", thread::resume),
    (c"run", thread::run),
    (c"transform", thread::transform),
    (c"vector_metatable", calls::vector_metatable),
];

impl State {
    /// Runs the first of the host's own scripts with the table `host` (of these functions, by number) and keeps the
    /// function it returns.
    ///
    /// # Errors
    /// The script's error with its traceback.
    pub(crate) fn new(
        limits: Limits,
        functions: &[&'static str],
        entry: &Chunk,
        host: &mut dyn Host,
    ) -> Result<State, String> {
        State::new_in((Memory::new(), Slowness::UNKNOWN), limits, functions, entry, host)
    }

    fn new_in(
        (memory, slowness): (Memory, Slowness),
        limits: Limits,
        functions: &[&'static str],
        entry: &Chunk,
        host: &mut dyn Host,
    ) -> Result<State, String> {
        let inner = Inner::new(memory, Meter::new(limits), Watchdog::new(limits, slowness));
        let inner = Box::new(UnsafeCell::new(inner));
        // SAFETY: the data outlives the virtual machine, and has a fixed address.
        let lua = unsafe { lua::lua_newstate(memory::reallocate, inner.get().cast()) };
        let lua = NonNull::new(lua).expect("a new region has room for a virtual machine");
        // SAFETY: the callbacks are set before anything runs.
        unsafe {
            let callbacks = lua::lua_callbacks(lua.as_ptr());
            (*callbacks).userdata = inner.get().cast();
            (*callbacks).interrupt = Some(safepoint::interrupt);
            (*callbacks).userthread = Some(safepoint::made_thread);
            (*callbacks).debugprotectederror = Some(safepoint::caught);
            lua::lua_gc(lua.as_ptr(), lua::LUA_GCSTOP, 0);
        }
        // SAFETY: nothing runs yet.
        unsafe { (*inner.get()).registered.protection = Protection::new(lua.as_ptr()) };
        let mut state = State { lua, inner, _here: PhantomData };
        let own = state.inner.get();
        state.run(host, &mut |lua| {
            // SAFETY: protected; the stack is balanced. Nothing else uses the data meanwhile.
            unsafe {
                library::open(lua);
                lua::lua_pushvalue(lua, lua::LUA_GLOBALSINDEX);
                (*own).registered.globals = lua::lua_ref(lua, -1);
                lua::lua_settop(lua, -2);
                // Before anything is loaded: what scripts import of globals is looked up then.
                lua::lua_setreadonly(lua, lua::LUA_GLOBALSINDEX, 1);
                lua::lua_setsafeenv(lua, lua::LUA_GLOBALSINDEX, 1);
                if !calls::push_chunk(lua, entry) {
                    lua::lua_error(lua);
                }
                push_host(lua, functions);
                lua::lua_call(lua, 1, 1);
                lua::luaL_checktype(lua, -1, lua::LUA_TFUNCTION);
                (*own).registered.dispatch = lua::lua_ref(lua, -1);
            }
        })?;
        Ok(state)
    }

    /// What [`State::new`] makes, after one dispatch with these arguments and a collection, to begin others with; `None` if
    /// machines cannot be copied here.
    ///
    /// # Errors
    /// The script's error with its traceback.
    #[cfg(not(feature = "system-memory"))]
    pub(crate) fn image(
        limits: Limits,
        functions: &[&'static str],
        entry: &Chunk,
        host: &mut dyn Host,
        arguments: &[Answer],
    ) -> Result<Option<Image>, String> {
        let (mut originals, mut slowness) = (Vec::new(), Slowness::UNKNOWN);
        for _ in 0..2 {
            let stopwatch = Stopwatch::start();
            // No script of the user's runs yet that could take too long.
            let mut state = State::new_in((Memory::cleared(), Slowness::ENDLESS), limits, functions, entry, host)?;
            let mut work = state.work();
            state.dispatch(host, arguments)?;
            // SAFETY: no script runs.
            unsafe { safepoint::collect(state.lua.as_ptr()) };
            work += state.work();
            // Luau remembers where it last found something in a table: after this, in both machines at the same place.
            state.seed(0);
            originals.push(state);
            // The second time, nothing has to be read or compiled.
            slowness = stopwatch.slowness(work);
        }
        // SAFETY: no script runs, so nothing else uses the data.
        let [one, other] = [&originals[0], &originals[1]].map(|state| unsafe { state.original() });
        // SAFETY: as before.
        let Inner { meter, registered, .. } = unsafe { &*originals[0].inner.get() };
        Ok(Image::of(&one, &other, meter, *registered, slowness))
    }

    /// # Safety
    /// No script runs while what this returns is used.
    #[cfg(not(feature = "system-memory"))]
    unsafe fn original(&self) -> Original<'_> {
        // SAFETY: passed on.
        let Inner { memory, .. } = unsafe { &*self.inner.get() };
        Original { memory, owner: self.inner.get().addr(), main: self.lua.as_ptr().addr() }
    }

    /// A machine that is as another was when the image was made.
    #[cfg(not(feature = "system-memory"))]
    pub(crate) fn of(image: &Image, limits: Limits) -> State {
        let watchdog = Watchdog::new(limits, image.slowness());
        let inner = Inner::new(Memory::copied(image.blocks()), image.meter(limits), watchdog);
        let inner = Box::new(UnsafeCell::new(Inner { registered: image.registered(), ..inner }));
        // SAFETY: nothing else uses the data yet.
        let main = unsafe { image.unfold(&(*inner.get()).memory, inner.get().addr()) };
        State { lua: main.cast(), inner, _here: PhantomData }
    }

    /// Begins the sequence of its random numbers anew.
    pub(crate) fn seed(&mut self, seed: i32) {
        // SAFETY: no script runs; what `library::seed` raises, it raises under protection.
        let done = unsafe {
            let protection = (*self.inner.get()).registered.protection;
            protection.run(self.lua.as_ptr(), &mut |lua| library::seed(lua, seed))
        };
        done.expect("Luau's own library can be seeded");
    }

    /// Calls the function with these arguments; its first result.
    ///
    /// # Errors
    /// The script's error with its traceback.
    pub(crate) fn dispatch(&mut self, host: &mut dyn Host, arguments: &[Answer]) -> Result<ScriptValue, String> {
        // SAFETY: no script runs, so nothing else uses the data.
        let reference = unsafe { (*self.inner.get()).registered.dispatch };
        let mut result = ScriptValue::Nil;
        self.run(host, &mut |lua| {
            // SAFETY: protected; the reference is the function's.
            unsafe {
                lua::lua_rawgeti_(lua, lua::LUA_REGISTRYINDEX, reference);
                safepoint::charge(lua, arguments.iter().map(Answer::work).sum());
                arguments.iter().for_each(|argument| push(lua, argument));
                lua::lua_call(lua, c_int::try_from(arguments.len()).unwrap_or(c_int::MAX), 1);
                result = read(lua, lua::lua_gettop(lua));
            }
        })?;
        Ok(result)
    }

    /// As if it had done nothing for long: it may do as much as ever.
    pub(crate) fn rest(&mut self) {
        // SAFETY: no script runs, so nothing else uses the data.
        unsafe { (*self.inner.get()).meter.rest() };
    }

    /// Since the last input.
    #[cfg(not(feature = "system-memory"))]
    fn work(&self) -> u64 {
        // SAFETY: as in `rest`.
        unsafe { (*self.inner.get()).meter.work() }
    }

    /// Bytes in use.
    pub(crate) fn memory(&self) -> usize {
        // SAFETY: no script runs, so nothing else uses the data.
        unsafe { (*self.inner.get()).memory.used() }
    }

    /// Runs a function of ours under protection, with the host at hand.
    fn run(&mut self, host: &mut dyn Host, body: &mut dyn FnMut(*mut lua_State)) -> Result<(), String> {
        let inner = self.inner.get();
        let moment = host.moment();
        let reads_calls = host.reads_calls();
        // SAFETY: the host is taken away again before this returns, and so never outlives its borrow. No reference into
        // the data is held while Luau runs.
        unsafe {
            let host: *mut (dyn Host + '_) = host;
            let host: *mut (dyn Host + 'static) = std::mem::transmute(host);
            (*inner).host = Some(host);
            if reads_calls && (*inner).started_from.is_none() {
                (*inner).started_from = Some(BTreeMap::new());
            }
            (*inner).meter.begin_input(moment);
            if (*inner).watchdog.begin_input() {
                (*inner).meter.give_up();
            }
            (*inner).tripped_at = None;
            let result = (*inner).registered.protection.run(self.lua.as_ptr(), body);
            let work = (*inner).meter.work();
            (*inner).watchdog.end_input(work);
            let tripped = (*inner).tripped_at.take().is_some() || (*inner).meter.trip().is_some();
            let result = result.map_err(|text| if tripped { (*inner).with_place(&text) } else { text });
            (*inner).host = None;
            if let Some(panic) = (*inner).panic.take() {
                resume_unwind(panic);
            }
            result
        }
    }
}

#[cfg(feature = "system-memory")]
impl Drop for State {
    fn drop(&mut self) {
        // SAFETY: nobody uses it any more. (In an arena it is just forgotten.)
        unsafe { lua::lua_close(self.lua.as_ptr()) };
    }
}

/// Where the registry holds what is the host's; zero until it is there.
#[derive(Clone, Copy, Default)]
pub(super) struct Registered {
    /// The globals of the host's own scripts.
    pub(super) globals: c_int,
    /// The function to call.
    dispatch: c_int,
    protection: Protection,
}

/// Where it holds what every protected call needs, so that making one raises nothing.
#[derive(Clone, Copy, Default)]
struct Protection {
    explain: c_int,
    call: c_int,
}

impl Protection {
    /// Puts the two functions into the registry.
    ///
    /// # Safety
    /// The state is a new one in which nothing runs yet.
    unsafe fn new(lua: *mut lua_State) -> Protection {
        let mut protection = Protection::default();
        // SAFETY: what is passed outlives the call.
        let status = unsafe { lua::lua_cpcall(lua, prepare, (&raw mut protection).cast()) };
        assert_eq!(status, lua::LUA_OK, "a new region has room for two functions");
        protection
    }

    /// Runs a function of ours; an error it raises comes back as text with a traceback.
    ///
    /// # Safety
    /// The state is the one that the protection was made for, and between calls: its stack is empty, and no reference
    /// into its data is held.
    unsafe fn run(self, lua: *mut lua_State, mut body: &mut dyn FnMut(*mut lua_State)) -> Result<(), String> {
        // SAFETY: the body outlives the call; what is pushed allocates nothing, and a new stack has room for it.
        unsafe {
            lua::lua_rawgeti_(lua, lua::LUA_REGISTRYINDEX, self.explain);
            lua::lua_rawgeti_(lua, lua::LUA_REGISTRYINDEX, self.call);
            lua::lua_pushlightuserdata(lua, (&raw mut body).cast());
            let status = lua::lua_pcall(lua, 1, 0, 1);
            let text = (status != lua::LUA_OK).then(|| bytes_at(lua, -1));
            lua::lua_settop(lua, 0);
            match text {
                None => Ok(()),
                Some(text) => Err(String::from_utf8_lossy(&text.unwrap_or_default()).into_owned()),
            }
        }
    }
}

/// Fills in the [`Protection`] that is the argument.
///
/// # Safety
/// Luau calls it. Its argument points to a `Protection` that nothing else uses meanwhile.
unsafe extern "C-unwind" fn prepare(lua: *mut lua_State) -> c_int {
    // SAFETY: the first argument is the protection that `Protection::new` makes.
    unsafe {
        let protection: *mut Protection = lua::lua_tolightuserdata(lua, 1).cast();
        lua::lua_pushcclosurek(lua, calls::explain, c"explain".as_ptr(), 0, None);
        (*protection).explain = lua::lua_ref(lua, -1);
        lua::lua_pushcclosurek(lua, call, c"host".as_ptr(), 0, None);
        (*protection).call = lua::lua_ref(lua, -1);
        0
    }
}

/// Calls the body that is the argument.
///
/// # Safety
/// Luau calls it. Its argument points to a body that nothing else uses meanwhile, and that may raise.
pub(super) unsafe extern "C-unwind" fn call(lua: *mut lua_State) -> c_int {
    // SAFETY: the first argument is the body that `Protection::run` was given, which is still waiting.
    unsafe {
        let body: *mut &mut dyn FnMut(*mut lua_State) = lua::lua_tolightuserdata(lua, 1).cast();
        lua::lua_settop(lua, 0);
        (*body)(lua);
        0
    }
}

/// Pushes the table `host`.
///
/// # Safety
/// The state is live, with room for three values, under protection.
unsafe fn push_host(lua: *mut lua_State, functions: &[&'static str]) {
    // SAFETY: as in `open`.
    unsafe {
        lua::lua_createtable(lua, 0, 32);
        for (number, name) in (0..).zip(functions) {
            push_str(lua, name);
            lua::lua_pushinteger_(lua, number);
            lua::lua_pushcclosurek(lua, calls::host, ptr::null(), 1, None);
            lua::lua_rawset(lua, -3);
        }
        for (name, function) in BUILT_IN {
            lua::lua_pushcclosurek(lua, function, name.as_ptr(), 0, None);
            lua::lua_rawsetfield(lua, -2, name.as_ptr());
        }
    }
}
