//! The one place that reads real clocks: wall time and CPU time of a search.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// Measures from its start.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: Option<ProcessTime>,
}

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "a person waits for the search; nothing simulated sees this clock")]
    pub fn start() -> Stopwatch {
        Stopwatch { wall: Instant::now(), cpu: ProcessTime::try_now().ok() }
    }

    /// Wall time since the start.
    pub fn wall(&self) -> Duration {
        self.wall.elapsed()
    }

    /// CPU time of all threads of this process since the start; zero where the system does not report it.
    pub fn cpu(&self) -> Duration {
        self.cpu.and_then(|cpu| cpu.try_elapsed().ok()).unwrap_or_default()
    }
}
