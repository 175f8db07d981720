//! Whether somebody wants this process to end early, with what it has.
//!
//! A signal is for the whole process, and so is this. Searches look between two cases, and shrinking between two tries, of
//! which it then makes a few more: what they return is complete as far as it goes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// What a handler of signals sets.
pub fn flag() -> Arc<AtomicBool> {
    Arc::clone(&ASKED)
}

/// Asks everybody to stop.
pub fn ask() {
    ASKED.store(true, Ordering::Relaxed);
}

/// Whether somebody has asked.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
