//! Fingerprints of the machine's state, for explorers of all its runs (feature `explore`).
//!
//! Two states are the same if they go on in the same way. So the machine is hashed with its times relative to the
//! present, and with the numbers of its requests in the order in which they occur: a session that has made its 100th
//! check is the same as one that has made its first. Only equality of those numbers ever matters.

use std::cell::RefCell;
use std::hash::Hasher;

/// What hashes are relative to.
struct Frame {
    now: u64,
    far: u64,
    ops: Vec<u32>,
}

thread_local! {
    static FRAME: RefCell<Option<Frame>> = const { RefCell::new(None) };
}

/// Runs `hash` with times relative to `now`, a reading of the monotonic clock. Times further in the past than `far` are all
/// the same: the caller knows that no span of the machine is as long. Both in microseconds. Within it,
/// [`crate::ProfileStore`] and everything else of this crate that has a time or the number of a request in it may be
/// hashed for a fingerprint.
pub fn relative_to<T>(now: u64, far: u64, hash: impl FnOnce() -> T) -> T {
    FRAME.with_borrow_mut(|frame| *frame = Some(Frame { now, far, ops: Vec::new() }));
    let hashed = hash();
    FRAME.with_borrow_mut(|frame| *frame = None);
    hashed
}

/// Hashes a time.
pub(crate) fn time(micros: u64, state: &mut impl Hasher) {
    let relative = FRAME.with_borrow(|frame| match frame {
        Some(Frame { now, far, .. }) => micros - now.saturating_sub(*far).min(micros),
        None => micros,
    });
    state.write_u64(relative);
}

/// Hashes a time of which only matters how far away it is while it is to come.
pub(crate) fn due(micros: u64, state: &mut impl Hasher) {
    let relative = FRAME.with_borrow(|frame| match frame {
        Some(Frame { now, .. }) => micros.saturating_sub(*now),
        None => micros,
    });
    state.write_u64(relative);
}

/// Hashes the number of a request.
pub(crate) fn op(no: u32, state: &mut impl Hasher) {
    let index = FRAME.with_borrow_mut(|frame| match frame {
        Some(Frame { ops, .. }) => ops.iter().position(|other| *other == no).unwrap_or_else(|| {
            ops.push(no);
            ops.len() - 1
        }),
        None => no as usize,
    });
    state.write_usize(index);
}
