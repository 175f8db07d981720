//! The last guard: it ends a run that the count of work would let go on for minutes, because some of the work that Luau
//! does between two safepoints is in proportion to something that nobody counts.
//!
//! It is the only thing here that reads a clock of the machine, and a server that it stops says so: nothing else of such a
//! run depends on how fast the machine is.

use std::time::Duration;

/// CPU time of one input. Work that is counted ends long before.
const INPUT_MAX: Duration = if cfg!(any(debug_assertions, feature = "system-memory")) {
    Duration::from_secs(30)
} else {
    Duration::from_secs(2)
};

/// Watches one input.
#[derive(Default)]
pub(super) struct Watchdog {
    /// The thread's CPU time when it first looked.
    since: Option<Duration>,
}

impl Watchdog {
    /// Whether the input has taken too long. To be asked now and then: the first time starts the watch.
    pub(super) fn is_late(&mut self) -> bool {
        let now = cpu_time();
        let since = *self.since.get_or_insert(now);
        now.saturating_sub(since) > INPUT_MAX
    }
}

/// That of the running thread.
fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is this function's own.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0));
    Duration::new(seconds, nanoseconds)
}
