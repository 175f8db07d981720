//! `string.find`, `match`, `gmatch`, `gsub` and `split`, in counted work.

use std::ffi::{CStr, c_int};
use std::slice;

use mlua_sys::luau::{self as lua, lua_CFunction, lua_State};

use super::calls::inner;
use super::meter::Trip;
use super::pattern::{Capture, Fault, Matcher};
use super::safepoint::{charge, raise};
use super::stack::{count, place_at};
use super::state::Inner;

/// The functions, in place of Luau's own.
pub(super) const FUNCTIONS: [(&CStr, lua_CFunction); 5] =
    [(c"find", find), (c"match", matched), (c"gmatch", gmatch), (c"gsub", gsub), (c"split", split)];

/// Signs that make a text a pattern.
const SPECIALS: &[u8] = b"^$*+?.([%-";

/// Bytes that a plain search looks at for one unit of work.
const BYTES_PER_WORK: usize = 32;

/// Work of making a string of a capture.
const CAPTURE_WORK: u64 = 8;

/// The string at an index, as Luau's own functions take it: a number becomes one.
///
/// # Safety
/// Luau runs the caller as a C function. The bytes are used only while the argument stays on the stack.
unsafe fn text<'a>(state: *mut lua_State, index: c_int) -> &'a [u8] {
    // SAFETY: Luau's strings do not move, and the stack holds this one.
    unsafe {
        let mut length = 0;
        let start = lua::luaL_checklstring(state, index, &raw mut length);
        slice::from_raw_parts(start.cast::<u8>(), length)
    }
}

/// Pushes bytes. May raise for lack of memory.
///
/// # Safety
/// The state is live, with room for one value, under protection.
unsafe fn push_bytes(state: *mut lua_State, bytes: &[u8]) {
    // SAFETY: Luau copies them.
    unsafe { lua::lua_pushlstring_(state, bytes.as_ptr().cast(), bytes.len()) };
}

/// Pushes a place in a string, counted from one.
///
/// # Safety
/// As for [`push_bytes`].
unsafe fn push_place(state: *mut lua_State, place: usize) {
    // SAFETY: passed on.
    unsafe { lua::lua_pushinteger_(state, count(place)) };
}

/// Runs a matcher, with all the work that the running thread may still do; what it does is charged.
///
/// # Safety
/// Luau runs the caller as a C function, and the caller owns nothing that an error may not drop.
unsafe fn run<'a, T>(
    state: *mut lua_State,
    (subject, pattern): (&'a [u8], &'a [u8]),
    mut body: impl FnMut(&mut Matcher<'a>) -> Result<T, Fault>,
) -> (Matcher<'a>, T) {
    // SAFETY: what is owned is dropped if anything raises.
    unsafe {
        let mut allowance = (*inner(state)).meter.left();
        loop {
            let mut matcher = Matcher::new(subject, pattern, allowance);
            let result = body(&mut matcher);
            // A match of nothing is work, too.
            charge(state, 2 + matcher.work());
            match result {
                Ok(found) => return (matcher, found),
                Err(Fault::Error(message)) => {
                    drop(matcher);
                    fail(state, message);
                }
                // It was the host's own script that called, which stops only with the server: it begins anew.
                Err(Fault::Exhausted) => allowance = (*inner(state)).meter.left_of_input(),
            }
        }
    }
}

/// Raises a message that is owned.
///
/// # Safety
/// As for [`raise`].
unsafe fn fail(state: *mut lua_State, message: String) -> ! {
    // SAFETY: the message is copied to the stack and dropped before the error is raised.
    unsafe {
        lua::lua_rawcheckstack(state, 4);
        lua::luaL_where(state, 1);
        push_bytes(state, message.as_bytes());
        drop(message);
        lua::lua_concat(state, 2);
        lua::lua_error(state)
    }
}

/// Pushes one capture of the last match, which went from one place to another.
///
/// # Safety
/// As for [`run`].
unsafe fn push_capture(state: *mut lua_State, subject: &[u8], capture: Capture) {
    // SAFETY: passed on.
    unsafe {
        match capture {
            Capture::Text(start, end) => push_bytes(state, &subject[start..end]),
            Capture::Position(place) => push_place(state, place + 1),
            Capture::Open(_) => fail(state, "unfinished capture".to_owned()),
        }
    }
}

/// Pushes captures; how many.
///
/// # Safety
/// As for [`run`].
unsafe fn push_captures(state: *mut lua_State, subject: &[u8], captures: &[Capture]) -> c_int {
    // SAFETY: passed on.
    unsafe {
        lua::luaL_checkstack_(state, count(captures.len()), c"too many captures".as_ptr());
        charge(state, CAPTURE_WORK * captures.len() as u64);
        captures.iter().for_each(|capture| push_capture(state, subject, *capture));
    }
    count(captures.len())
}

/// Where the search begins that `string.find` is asked for; `None` behind the end.
///
/// # Safety
/// As for [`text`].
unsafe fn begin(state: *mut lua_State, length: usize) -> Option<usize> {
    // SAFETY: as a C function may.
    let from = i64::from(unsafe { lua::luaL_optinteger_(state, 3, 1) });
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from = if from < 0 { from + length + 1 } else { from }.max(1) - 1;
    usize::try_from(from).ok().filter(|_| from <= length)
}

/// `string.find(text, pattern, init, plain)`.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
unsafe extern "C-unwind" fn find(state: *mut lua_State) -> c_int {
    // SAFETY: the arguments stay on the stack.
    unsafe {
        let (subject, pattern) = (text(state, 1), text(state, 2));
        let Some(from) = begin(state, subject.len()) else {
            lua::lua_pushnil(state);
            return 1;
        };
        charge(state, (pattern.len() / BYTES_PER_WORK) as u64);
        if lua::lua_toboolean(state, 4) == 0 && pattern.iter().any(|sign| SPECIALS.contains(sign)) {
            return search(state, subject, pattern, from, true);
        }
        let found = memchr::memmem::find(&subject[from..], pattern);
        let looked = found.map_or(subject.len() - from, |at| at + pattern.len());
        charge(state, (looked / BYTES_PER_WORK) as u64);
        let Some(at) = found else {
            lua::lua_pushnil(state);
            return 1;
        };
        push_place(state, from + at + 1);
        push_place(state, from + at + pattern.len());
        2
    }
}

/// `string.match(text, pattern, init)`.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
unsafe extern "C-unwind" fn matched(state: *mut lua_State) -> c_int {
    // SAFETY: the arguments stay on the stack.
    unsafe {
        let (subject, pattern) = (text(state, 1), text(state, 2));
        match begin(state, subject.len()) {
            Some(from) => search(state, subject, pattern, from, false),
            None => {
                lua::lua_pushnil(state);
                1
            }
        }
    }
}

/// Pushes the first match, with its place if that is asked for.
///
/// # Safety
/// As for [`run`].
unsafe fn search(state: *mut lua_State, subject: &[u8], pattern: &[u8], from: usize, places: bool) -> c_int {
    // SAFETY: as in `find`.
    unsafe {
        let (anchored, pattern) = split_anchor(pattern);
        let (matcher, found) = run(state, (subject, pattern), |matcher| matcher.search(from, anchored));
        let Some((start, end)) = found else {
            lua::lua_pushnil(state);
            return 1;
        };
        if !places {
            return push_captures(state, subject, &matcher.captured(start, end));
        }
        push_place(state, start + 1);
        push_place(state, end);
        2 + push_captures(state, subject, matcher.captures())
    }
}

/// Whether a pattern is anchored at the beginning, and the rest of it.
fn split_anchor(pattern: &[u8]) -> (bool, &[u8]) {
    match pattern {
        [b'^', rest @ ..] => (true, rest),
        _ => (false, pattern),
    }
}

/// `string.gmatch(text, pattern)`.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
unsafe extern "C-unwind" fn gmatch(state: *mut lua_State) -> c_int {
    // SAFETY: the arguments become upvalues.
    unsafe {
        text(state, 1);
        text(state, 2);
        lua::lua_settop(state, 2);
        lua::lua_pushinteger_(state, 0);
        lua::lua_pushcclosurek(state, next_match, std::ptr::null(), 3, None);
        1
    }
}

/// The iterator of [`gmatch`]: its upvalues are the text, the pattern, and where to go on.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made, with these upvalues.
unsafe extern "C-unwind" fn next_match(state: *mut lua_State) -> c_int {
    // SAFETY: the upvalues hold the strings.
    unsafe {
        let upvalue = lua::lua_upvalueindex;
        let (subject, pattern) = (text(state, upvalue(1)), text(state, upvalue(2)));
        let from = place_at(state, upvalue(3));
        let (matcher, found) = run(state, (subject, pattern), |matcher| matcher.search(from, false));
        let Some((start, end)) = found else { return 0 };
        // An empty match goes on by one at least.
        let next = if end == start { end + 1 } else { end };
        push_place(state, next);
        lua::lua_replace(state, upvalue(3));
        push_captures(state, subject, &matcher.captured(start, end))
    }
}

/// Work of a piece of what is split.
const PIECE_WORK: u64 = 5;

/// `string.split(text, separator)`.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
unsafe extern "C-unwind" fn split(state: *mut lua_State) -> c_int {
    // SAFETY: the arguments stay on the stack.
    unsafe {
        let subject = text(state, 1);
        let separator = if lua::lua_type(state, 2) <= lua::LUA_TNIL { b"," } else { text(state, 2) };
        charge(state, ((subject.len() + separator.len()) / BYTES_PER_WORK) as u64);
        lua::lua_createtable(state, 0, 0);
        let (mut from, mut pieces) = (0, 0);
        let mut piece = |from: usize, to: usize| {
            // Charged one by one: to find a string among those that there are may take long.
            charge(state, PIECE_WORK);
            push_bytes(state, &subject[from..to]);
            pieces += 1;
            lua::lua_rawseti(state, -2, pieces);
        };
        if separator.is_empty() {
            (0..subject.len()).for_each(|at| piece(at, at + 1));
            return 1;
        }
        for at in memchr::memmem::find_iter(subject, separator) {
            piece(from, at);
            from = at + separator.len();
        }
        piece(from, subject.len());
        1
    }
}

/// `string.gsub(text, pattern, replacement, count)`.
///
/// # Safety
/// Luau calls it as a C function of a virtual machine that `State` made.
unsafe extern "C-unwind" fn gsub(state: *mut lua_State) -> c_int {
    // SAFETY: the arguments stay on the stack; what is owned is dropped if anything raises.
    unsafe {
        let (subject, pattern) = (text(state, 1), text(state, 2));
        let kind = lua::lua_type(state, 3);
        if ![lua::LUA_TNUMBER, lua::LUA_TSTRING, lua::LUA_TFUNCTION, lua::LUA_TTABLE].contains(&kind) {
            lua::luaL_typeerror(state, 3, c"string/function/table".as_ptr());
        }
        let whole = c_int::try_from(subject.len()).unwrap_or(c_int::MAX - 1) + 1;
        let most = lua::luaL_optinteger_(state, 4, whole);
        let (anchored, pattern) = split_anchor(pattern);
        let (mut result, mut at, mut count) = (Growing::new(state), 0, 0);
        while count < most {
            let (matcher, end) = run(state, (subject, pattern), |matcher| matcher.match_at(at));
            if let Some(end) = end {
                count += 1;
                charge(state, CAPTURE_WORK);
                replace(state, kind, subject, &matcher, (at, end), &mut result);
            }
            match end {
                Some(end) if end > at => at = end,
                _ if at < subject.len() => {
                    result.append(state, &subject[at..=at]);
                    at += 1;
                }
                _ => break,
            }
            if anchored {
                break;
            }
        }
        result.append(state, &subject[at..]);
        push_bytes(state, &result.text);
        lua::lua_pushinteger_(state, count);
        2
    }
}

/// Appends what replaces a match.
///
/// # Safety
/// As for [`run`]; the replacement is the third argument, and of this kind.
unsafe fn replace(
    state: *mut lua_State,
    kind: c_int,
    subject: &[u8],
    matcher: &Matcher<'_>,
    (start, end): (usize, usize),
    result: &mut Growing,
) {
    // SAFETY: passed on; what is pushed is popped.
    unsafe {
        let captures = matcher.captured(start, end);
        let top = lua::lua_gettop(state);
        match kind {
            lua::LUA_TFUNCTION => {
                lua::lua_pushvalue(state, 3);
                let count = push_captures(state, subject, &captures);
                lua::lua_call(state, count, 1);
            }
            lua::LUA_TTABLE => {
                push_capture(state, subject, captures[0]);
                lua::lua_gettable(state, 3);
            }
            _ => return fill_in(state, text(state, 3), subject, &captures, (start, end), result),
        }
        if lua::lua_toboolean(state, -1) == 0 {
            result.append(state, &subject[start..end]);
        } else if lua::lua_isstring(state, -1) == 0 {
            let kind = CStr::from_ptr(lua::luaL_typename(state, -1)).to_string_lossy();
            fail(state, format!("invalid replacement value (a {kind})"));
        } else {
            result.append(state, text(state, -1));
        }
        lua::lua_settop(state, top);
    }
}

/// Appends a replacement with `%0` to `%9` filled in.
///
/// # Safety
/// As for [`run`].
unsafe fn fill_in(
    state: *mut lua_State,
    replacement: &[u8],
    subject: &[u8],
    captures: &[Capture],
    (start, end): (usize, usize),
    result: &mut Growing,
) {
    // SAFETY: passed on; what is pushed is popped.
    unsafe {
        let mut signs = replacement.iter().copied();
        while let Some(sign) = signs.next() {
            if sign != b'%' {
                result.append(state, &[sign]);
                continue;
            }
            match signs.next() {
                Some(b'%') => result.append(state, b"%"),
                Some(b'0') => result.append(state, &subject[start..end]),
                Some(digit) if digit.is_ascii_digit() => match captures.get(usize::from(digit - b'1')) {
                    Some(Capture::Text(start, end)) => result.append(state, &subject[*start..*end]),
                    Some(Capture::Position(place)) => result.append(state, (place + 1).to_string().as_bytes()),
                    Some(Capture::Open(_)) => fail(state, "unfinished capture".to_owned()),
                    None => fail(state, "invalid capture index".to_owned()),
                },
                _ => fail(state, "invalid use of '%' in replacement string".to_owned()),
            }
        }
    }
}

/// A text that Luau does not know of yet: it counts as memory of the script.
struct Growing {
    text: Vec<u8>,
    inner: *mut Inner,
}

impl Growing {
    /// # Safety
    /// The state is live, and its data outlives this.
    unsafe fn new(state: *mut lua_State) -> Growing {
        // SAFETY: passed on.
        Growing { text: Vec::new(), inner: unsafe { inner(state) } }
    }

    /// # Safety
    /// As for [`run`].
    unsafe fn append(&mut self, state: *mut lua_State, bytes: &[u8]) {
        // SAFETY: no reference into the data is held while anything raises.
        unsafe {
            let (needed, has) = (self.text.len() + bytes.len(), self.text.capacity());
            if needed > has {
                let room = needed.max(2 * has);
                (*self.inner).meter.resized_elsewhere(has, room);
                self.text.reserve_exact(room - self.text.len());
                // What Luau copies it to, besides.
                if !(*self.inner).meter.allows((*self.inner).memory.used() + room) {
                    charge(state, 0);
                    raise(state, Trip::Memory.message());
                }
            }
            self.text.extend_from_slice(bytes);
        }
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        // SAFETY: no reference into the data is held.
        unsafe { (*self.inner).meter.resized_elsewhere(self.text.capacity(), 0) };
    }
}
