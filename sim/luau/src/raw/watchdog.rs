//! The last guard: it ends a run that the count of work would let go on for minutes, because some of the work that Luau
//! does between two safepoints is in proportion to something that nobody counts.
//!
//! It is the only thing here that reads a clock of the machine, and a server that it stops says so: nothing else of such a
//! run depends on how fast the machine is.

use std::time::Duration;

/// CPU time that a server may use beyond what its counted work explains.
const SLACK: Duration = Duration::from_millis(800 * SLOWNESS);

/// CPU time that explains: several times what counted work takes on a slow machine.
const EXPLAINED: Duration = Duration::from_nanos(100 * SLOWNESS);

/// Of a build that checks itself.
const SLOWNESS: u64 = if cfg!(any(debug_assertions, feature = "system-memory")) { 40 } else { 1 };

/// Watches one server.
#[derive(Default)]
pub(super) struct Watchdog {
    /// The thread's CPU time, and the work of this input, when it last looked.
    last: Option<(Duration, u64)>,
    /// What has been seen between looks: CPU time, and work.
    seen: (Duration, u64),
}

impl Watchdog {
    /// A new input: what happened since the last one is not the server's.
    pub(super) fn begin_input(&mut self) {
        self.last = None;
    }

    /// Whether the server has used far more than is counted. To be asked now and then.
    pub(super) fn is_late(&mut self, work: u64) -> bool {
        let now = cpu_time();
        if let Some((then, before)) = self.last.replace((now, work)) {
            self.seen.0 += now.saturating_sub(then);
            self.seen.1 += work.saturating_sub(before);
        }
        let explained = EXPLAINED.as_nanos() * u128::from(self.seen.1);
        self.seen.0.as_nanos() > SLACK.as_nanos() + explained
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
