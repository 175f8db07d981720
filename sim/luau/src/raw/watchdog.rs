//! The last guard: it ends a run that the count of work would let go on for minutes, because some of the work that Luau
//! does between two safepoints is in proportion to something that nobody counts.
//!
//! It is the only thing here that reads a clock of the machine, and a server that it stops says so: nothing else of such a
//! run depends on how fast the machine is. How fast that is, it learns from how long starting the first server takes: scripts
//! in good order must not be stopped because a machine is slow.

#[cfg_attr(unix, path = "watchdog/unix.rs")]
#[cfg_attr(windows, path = "watchdog/windows.rs")]
mod clock;

use std::cell::Cell;
use std::time::Duration;

use self::clock::coarse_time;
pub(super) use self::clock::cpu_time;
use super::meter::Limits;

/// CPU time is asked for when so much time has passed: to ask takes longer than most of what scripts do.
const PAUSE: Duration = Duration::from_millis(20);

/// What is done between two glances does not usually take so long.
const LONG: Duration = Duration::from_millis(8);

/// Who has taken so long by the clock, all inputs together, is measured from then on.
const SUSPICIOUS: Duration = Duration::from_millis(50);

/// How many times slower than usual the real machine is, with this build: at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slowness(pub(super) u32);

impl Slowness {
    /// Nothing takes too long.
    #[cfg(not(feature = "system-memory"))]
    pub(super) const ENDLESS: Slowness = Slowness(1_000_000);

    /// Where nobody has measured it: a build that checks itself is far slower.
    pub(super) const UNKNOWN: Slowness =
        Slowness(if cfg!(any(debug_assertions, feature = "system-memory")) { 40 } else { 1 });
}

thread_local! {
    /// CPU time beyond what is explained, of all servers of the run on this thread.
    static UNEXPLAINED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The first server of a run begins.
pub(crate) fn begin_run() {
    UNEXPLAINED.set(Duration::ZERO);
}

/// What a glance at the clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glance {
    InTime,
    /// Much has been done since the last one.
    Long,
    /// The server stops.
    Late,
}

/// Watches one server.
pub(super) struct Watchdog {
    slowness: u32,
    /// By one unit of work, in nanoseconds.
    explained: u64,
    slack: Duration,
    /// When it last asked for the CPU time, or the input began, by the clock that costs least.
    asked: Duration,
    /// When it last glanced at that clock.
    glanced: Duration,
    /// The thread's CPU time then, and the work of this input; `None` before it is asked for.
    last: Option<(Duration, u64)>,
    /// What inputs took so far.
    took: Duration,
    /// Each of its inputs is measured from its beginning to its end.
    is_suspect: bool,
    /// What has been seen: CPU time, and work.
    seen: (Duration, u64),
    /// What the server has added to what is unexplained.
    unexplained: Duration,
}

impl Watchdog {
    pub(super) fn new(limits: Limits, Slowness(slowness): Slowness) -> Watchdog {
        Watchdog {
            slowness,
            explained: limits.explained_ns * u64::from(slowness),
            slack: Duration::from_millis(limits.unexplained_ms) * slowness,
            asked: coarse_time(),
            glanced: coarse_time(),
            last: None,
            took: Duration::ZERO,
            is_suspect: false,
            seen: (Duration::ZERO, 0),
            unexplained: Duration::ZERO,
        }
    }

    /// A new input: what happened since the last one is not the server's. Whether it has used too much already.
    pub(super) fn begin_input(&mut self) -> bool {
        self.asked = coarse_time();
        self.glanced = self.asked;
        self.last = self.is_suspect.then(|| (cpu_time(), 0));
        self.is_spent()
    }

    /// The input is over: what no safepoint has seen counts, too.
    pub(super) fn end_input(&mut self, work: u64) {
        if self.is_suspect {
            return self.measure(work);
        }
        self.took += coarse_time().saturating_sub(self.asked);
        self.is_suspect = self.took > SUSPICIOUS * self.slowness;
    }

    /// Looks at a clock that costs next to nothing, and mostly at nothing else: to be asked often.
    pub(super) fn glance(&mut self, work: u64) -> Glance {
        let now = coarse_time();
        let is_long = now.saturating_sub(std::mem::replace(&mut self.glanced, now)) >= LONG * self.slowness;
        if self.is_late(now, work) {
            Glance::Late
        } else if is_long {
            Glance::Long
        } else {
            Glance::InTime
        }
    }

    /// Whether the servers of the run have used far more than is counted, this one as well.
    fn is_late(&mut self, now: Duration, work: u64) -> bool {
        if now.saturating_sub(self.asked) < PAUSE * self.slowness {
            return false;
        }
        self.asked = now;
        self.is_suspect = true;
        self.measure(work);
        self.is_spent()
    }

    fn measure(&mut self, work: u64) {
        let now = cpu_time();
        if let Some((then, before)) = self.last.replace((now, work)) {
            self.seen.0 += now.saturating_sub(then);
            self.seen.1 += work.saturating_sub(before);
        }
        let explained = Duration::from_nanos(self.explained.saturating_mul(self.seen.1));
        let unexplained = self.seen.0.saturating_sub(explained);
        let more = unexplained.saturating_sub(self.unexplained);
        self.unexplained += more;
        UNEXPLAINED.set(UNEXPLAINED.get() + more);
    }

    /// Servers in good order go on, whatever others have used.
    fn is_spent(&self) -> bool {
        self.unexplained >= PAUSE * self.slowness && UNEXPLAINED.get() > self.slack
    }
}
