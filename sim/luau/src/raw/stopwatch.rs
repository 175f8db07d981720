//! How slow the real machine is.

use std::time::Duration;

use super::watchdog::{Slowness, cpu_time};

/// What a unit of the work of starting a machine takes usually, in nanoseconds.
const USUAL_NS: u64 = 20;

/// Measures CPU time of the thread that started it.
pub(super) struct Stopwatch(Duration);

impl Stopwatch {
    /// From now on.
    pub(super) fn start() -> Stopwatch {
        Stopwatch(cpu_time())
    }

    /// If so much work has been done since.
    pub(super) fn slowness(&self, work: u64) -> Slowness {
        slowness(cpu_time().saturating_sub(self.0), work)
    }
}

fn slowness(took: Duration, work: u64) -> Slowness {
    let usual = u128::from(USUAL_NS * work.max(1));
    Slowness(u32::try_from(took.as_nanos().div_ceil(usual)).unwrap_or(u32::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_takes_longer_is_slower_and_none_is_faster_than_usual() {
        let millis = Duration::from_millis;
        let all = [(0, 1), (1, 1), (19, 1), (21, 2), (100, 5)];
        assert_eq!(all.map(|(took, _)| slowness(millis(took), 1_000_000).0), all.map(|(_, times)| times));
        assert_eq!(slowness(millis(1), 0).0, 50_000, "work that nobody counted");
    }
}
