//! Simulated time, where `tracing` can ask for it.

use std::cell::Cell;
use std::fmt;

use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::clock::Global;

thread_local! {
    /// `None` while no run is watched on this thread.
    static NOW: Cell<Option<Global>> = const { Cell::new(None) };
}

/// The moment in the run that is watched on this thread.
pub(super) fn now() -> Option<Global> {
    NOW.get()
}

/// Simulated time goes on; nothing happens unless the run is watched.
pub(crate) fn advance(to: Global) {
    if NOW.get().is_some() {
        NOW.set(Some(to));
    }
}

/// For as long as it lives, this thread has a simulated time.
pub(super) struct Watched(());

impl Watched {
    /// At time zero.
    pub(super) fn begin() -> Watched {
        NOW.set(Some(Global(0)));
        Watched(())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        NOW.set(None);
    }
}

/// Prints seconds since the start of the run, with microseconds, right-aligned in a column.
pub(super) struct SimulatedTime {
    pub(super) width: usize,
}

impl FormatTime for SimulatedTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let micros = now().unwrap_or_default().0;
        let seconds = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        write!(writer, "{seconds:>width$}", width = self.width)
    }
}
