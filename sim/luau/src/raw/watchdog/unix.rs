//! Clocks of Unix.

use std::time::Duration;

/// Time by the clock that is asked fastest, in steps of some milliseconds.
pub(in crate::raw) fn coarse_time() -> Duration {
    #[cfg(target_os = "linux")]
    return clock(libc::CLOCK_MONOTONIC_COARSE);
    #[cfg(not(target_os = "linux"))]
    return clock(libc::CLOCK_MONOTONIC);
}

/// CPU time of the running thread.
pub(in crate::raw) fn cpu_time() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn clock(which: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is this function's own.
    unsafe { libc::clock_gettime(which, &raw mut time) };
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0));
    Duration::new(seconds, nanoseconds)
}
