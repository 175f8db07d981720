//! What Luau's own library functions cost: those that may do more than a few steps' work between two safepoints.
//!
//! Each is wrapped in a function that charges for what is about to be looked at. What a function allocates is charged where
//! it is allocated (`memory`), and so functions whose work is in proportion to that are not here.

use std::ffi::{CStr, c_int};

use mlua_sys::luau::{self as lua, lua_State};

use super::library::{original, replace};
use super::safepoint::{ERROR_WORK, charge};
use super::stack::place_at;

/// Bytes that are one unit of work where they are copied or compared many at once, and where one is looked at by one.
const COPIED: u64 = 32;
const READ: u64 = 4;

/// Units of a call.
const CALL: u64 = 2;

/// Units of an entry that is made a text and joined to others, and of a character that a loop goes through.
const JOINED: u64 = 5;
const CHARACTER: u64 = 6;

/// Entries of a table that are one unit where they are moved, and where something is made of each.
const MOVED: u64 = 8;
const USED: u64 = 2;

/// Units of an entry that may have to be looked for, and made.
const HASHED: u64 = 3;

/// Units of a value that is put on the stack.
const PUSHED: u64 = 3;

/// Values that a stack can hold.
const STACK_MAX: u64 = 1_000_000;

/// What the work of a function is in proportion to.
#[derive(Clone, Copy)]
enum Cost {
    /// The bytes of all strings and buffers among its arguments: so many are one unit.
    Bytes(u64),
    /// The bytes of the first string, each by itself in a loop. What a format has read is charged where it is made.
    Characters,
    /// So many bytes as the argument at this place says, and without it all of the string or buffer at the other place.
    Count { count: c_int, whole: c_int },
    /// The bytes of the first string from the place in the third argument, or one of its ends, to the one that is found.
    Walk,
    /// The bytes of the first string from the place in the second argument to the one in the third; without a third, this
    /// place alone, or all that is behind it.
    Slice { alone: bool, unit: u64 },
    /// The entries of the table that is the first argument.
    Entries,
    /// The entries of that table behind the place that is the second argument, if there are so many arguments.
    Behind { of: c_int },
    /// The entries of that table from the place in the second argument to that in the third, however many are nil.
    Move,
    /// The same, if they fit on the stack: if not, it is an error at once.
    Unpack,
    /// The entries of that table from the place in the third argument to that in the fourth, or to the first nil.
    Concat,
    /// Sorting that table.
    Sort,
    /// Raising an error.
    Error,
}

/// The name of a library, and its functions.
type Library = (Option<&'static CStr>, &'static [(&'static CStr, Cost)]);

/// By library (the first has the globals): each function, and what its work is in proportion to.
const COSTS: [Library; 5] = [
    (None, &[(c"error", Cost::Error), (c"tonumber", Cost::Bytes(READ)), (c"unpack", Cost::Unpack)]),
    (
        Some(c"string"),
        &[
            (c"byte", Cost::Slice { alone: true, unit: 1 }),
            (c"pack", Cost::Bytes(READ)),
            (c"packsize", Cost::Bytes(READ)),
            (c"sub", Cost::Slice { alone: false, unit: COPIED }),
            (c"unpack", Cost::Characters),
        ],
    ),
    (
        Some(c"table"),
        &[
            (c"clear", Cost::Entries),
            (c"concat", Cost::Concat),
            (c"find", Cost::Entries),
            (c"insert", Cost::Behind { of: 3 }),
            (c"maxn", Cost::Entries),
            (c"move", Cost::Move),
            (c"remove", Cost::Behind { of: 2 }),
            (c"sort", Cost::Sort),
            (c"unpack", Cost::Unpack),
        ],
    ),
    (
        Some(c"buffer"),
        &[
            (c"copy", Cost::Count { count: 5, whole: 3 }),
            (c"fill", Cost::Count { count: 4, whole: 1 }),
            (c"fromstring", Cost::Bytes(COPIED)),
            (c"readstring", Cost::Count { count: 3, whole: 1 }),
            (c"tostring", Cost::Bytes(COPIED)),
            (c"writestring", Cost::Count { count: 4, whole: 3 }),
        ],
    ),
    (
        Some(c"utf8"),
        &[
            (c"codes", Cost::Characters),
            (c"codepoint", Cost::Slice { alone: true, unit: READ }),
            (c"len", Cost::Slice { alone: false, unit: READ }),
            (c"offset", Cost::Walk),
        ],
    ),
];

/// Functions that Luau would call without looking them up, and that are wrapped: scripts are compiled to look them up.
pub(super) const LOOKED_UP: [&CStr; 4] = [c"string.sub", c"table.unpack", c"tonumber", c"unpack"];

/// Wraps the functions.
///
/// # Safety
/// The libraries are open and can be changed; the state is at its main thread, under protection.
pub(super) unsafe fn wrap(state: *mut lua_State) {
    // SAFETY: the originals are C functions without upvalues.
    unsafe {
        for (group, (library, functions)) in (0..).zip(COSTS) {
            for (place, (name, _)) in (0..).zip(functions) {
                replace(state, library, name, charged, &[group, place]);
            }
        }
    }
}

/// Charges for a call, and makes it.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made. Its upvalues are Luau's own function, and the
/// place of its cost in [`COSTS`].
unsafe extern "C-unwind" fn charged(state: *mut lua_State) -> c_int {
    // SAFETY: nothing here owns anything.
    unsafe {
        let number = |upvalue| place_at(state, lua::lua_upvalueindex(upvalue));
        let (_, cost) = COSTS[number(2)].1[number(3)];
        charge(state, CALL + work(state, cost));
        let count = original(state);
        if matches!(cost, Cost::Walk) {
            charge(state, walked(state) / READ);
        }
        count
    }
}

/// Units of work of a call with the arguments that are on the stack. Wrong ones cost nothing: they are an error at once.
///
/// # Safety
/// Luau calls the caller as a C function.
unsafe fn work(state: *mut lua_State, cost: Cost) -> u64 {
    // SAFETY: each accessor is used for a value of its own type.
    unsafe {
        match cost {
            Cost::Bytes(unit) => (1..=lua::lua_gettop(state)).map(|index| bytes(state, index)).sum::<u64>() / unit,
            Cost::Characters => bytes(state, 1) * CHARACTER,
            Cost::Count { count, whole } => {
                let whole = bytes(state, whole);
                number(state, count).map_or(whole, |count| whole.min(u64::try_from(count).unwrap_or(0))) / COPIED
            }
            // Only then is it known.
            Cost::Walk => 0,
            Cost::Slice { alone, unit } => {
                let length = signed(bytes(state, 1));
                let place = |index, or: i64| match number(state, index).unwrap_or(or) {
                    place if place < 0 => place + length + 1,
                    place => place,
                };
                let from = place(2, 1);
                let to = place(3, if alone { from } else { length });
                // Each is a value on the stack.
                span(from.max(1), to.min(length)) * if alone { PUSHED } else { 1 } / unit
            }
            Cost::Entries => entries(state) / USED,
            // Fewer: a new last entry, or the last one taken away.
            Cost::Behind { of } => match number(state, 2).filter(|_| lua::lua_gettop(state) >= of) {
                None => 0,
                Some(place) => span(place.max(1), signed(entries(state))) / MOVED,
            },
            // More than there are numbers of entries is an error at once.
            Cost::Move => Some(range(state, 2)).filter(|count| *count <= c_int::MAX as u64).unwrap_or(0) * HASHED,
            Cost::Unpack => Some(range(state, 2)).filter(|count| *count <= STACK_MAX).unwrap_or(0) / MOVED,
            Cost::Concat => {
                let begins_within = number(state, 3).is_none_or(|from| from <= signed(entries(state)));
                range(state, 3).min(if begins_within { entries(state) } else { STACK_MAX }) * JOINED
            }
            Cost::Sort => sorting(state),
            Cost::Error => ERROR_WORK,
        }
    }
}

/// How many entries there are from the place in one argument to that in the next.
///
/// # Safety
/// As for [`work`].
unsafe fn range(state: *mut lua_State, first: c_int) -> u64 {
    // SAFETY: passed on.
    unsafe {
        let to = number(state, first + 1).unwrap_or_else(|| signed(entries(state)));
        span(number(state, first).unwrap_or(1), to)
    }
}

fn span(from: i64, to: i64) -> u64 {
    u64::try_from(to.saturating_sub(from).saturating_add(1)).unwrap_or(0)
}

/// How many bytes `utf8.offset` has gone through: its result is on top.
///
/// # Safety
/// As for [`work`].
unsafe fn walked(state: *mut lua_State) -> u64 {
    // SAFETY: passed on.
    unsafe {
        let length = signed(bytes(state, 1));
        let to = (lua::lua_type(state, -1) == lua::LUA_TNUMBER).then(|| i64::from(lua::lua_tointeger_(state, -1)));
        let from = match number(state, 3).filter(|_| lua::lua_gettop(state) > 3) {
            Some(from) if from < 0 => from + length + 1,
            Some(from) => from,
            None if number(state, 2).is_some_and(|count| count < 0) => length + 1,
            None => 1,
        };
        to.map_or(length.unsigned_abs(), |to| to.abs_diff(from))
    }
}

/// Units of work of sorting the table that is the first argument. Scripts that compare are charged as they run.
///
/// # Safety
/// As for [`work`].
unsafe fn sorting(state: *mut lua_State) -> u64 {
    // SAFETY: what is pushed is popped.
    unsafe {
        let count = entries(state);
        let comparisons = count * u64::from(count.max(1).ilog2() + 1);
        if count == 0 {
            return 0;
        }
        let has_script = lua::lua_type(state, 2) == lua::LUA_TFUNCTION && lua::lua_tocfunction(state, 2).is_none();
        if has_script {
            return comparisons / 2;
        }
        // Strings may be alike for as long as they are, and a function of the library may read them as numbers.
        let mut longest = 0;
        for place in 1..=c_int::try_from(count).unwrap_or(c_int::MAX) {
            lua::lua_rawgeti_(state, 1, place);
            longest = longest.max(bytes(state, lua::lua_gettop(state)));
            lua::lua_settop(state, -2);
        }
        let unit = if lua::lua_type(state, 2) == lua::LUA_TFUNCTION { 1 } else { COPIED };
        comparisons / 2 * (1 + longest / unit)
    }
}

/// Bytes of a string or buffer; zero for anything else.
///
/// # Safety
/// As for [`work`].
unsafe fn bytes(state: *mut lua_State, index: c_int) -> u64 {
    // SAFETY: the type is looked at first, so that nothing is converted.
    unsafe {
        match lua::lua_type(state, index) {
            lua::LUA_TSTRING | lua::LUA_TBUFFER => lua::lua_objlen_(state, index).unsigned_abs().into(),
            _ => 0,
        }
    }
}

/// Entries of the table that is the first argument; zero for anything else.
///
/// # Safety
/// As for [`work`].
unsafe fn entries(state: *mut lua_State) -> u64 {
    // SAFETY: the type is looked at first.
    unsafe {
        match lua::lua_type(state, 1) {
            lua::LUA_TTABLE => lua::lua_objlen_(state, 1).unsigned_abs().into(),
            _ => 0,
        }
    }
}

/// An argument that is a number, or a text of one, as Luau's library takes it: one that is no C `int` is the least. Reading a
/// text is charged.
///
/// # Safety
/// As for [`work`].
unsafe fn number(state: *mut lua_State, index: c_int) -> Option<i64> {
    // SAFETY: what is on the stack stays as it is.
    let number = unsafe {
        if lua::lua_type(state, index) == lua::LUA_TSTRING {
            charge(state, bytes(state, index) / READ);
        }
        let mut is_number = 0;
        let number = lua::lua_tonumberx(state, index, &raw mut is_number);
        (is_number != 0).then_some(number)
    };
    let least = f64::from(c_int::MIN);
    #[expect(clippy::cast_possible_truncation, reason = "it is in range")]
    number.map(|number| if (least..=f64::from(c_int::MAX)).contains(&number) { number as i64 } else { least as i64 })
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
