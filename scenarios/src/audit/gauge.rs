//! What is measured of a run to tell how large the effect of a fault is.

use crate::catalogue::catalogue;

catalogue! {
    /// Something that is measured of a run in which [`super::Metronome`] runs on every server: a sum, unless it says that
    /// it is an average.
    pub enum Gauge {
        Strikes "strikes" "times that the fault showed, as its counters count it",
        Stored "stored" "changes of what the DataStore holds",
        StoredLate "stored_late" "changes of what the DataStore holds after the request had been answered",
        MemoryStored "memory_stored" "changes of what memory stores hold",
        Answers "answers" "answers without an error",
        Errors "errors" "answers that are an error",
        Unanswered "unanswered" "requests that were never answered",
        WaitingS "waiting_s" "seconds that requests waited for their answers",
        Received "received" "messages received",
        EmptyReads "empty_reads" "reads of the DataStore or a memory store that found nothing",
        Overtaken "overtaken" "requests answered before an earlier one of the same kind",
        LateS "late_s" "seconds that timers ended late",
        Stops "stops" "servers that crashed, or were killed because they had not closed in time",
        LastWords "last_words" "servers that stored something because they close",
        Goodbyes "goodbyes" "players of whose leaving the game on a closing server hears",
        Moves "moves" "players who joined or left",
        ScatterS "scatter_s" "seconds from a closing or a move until servers and players notice",
        Receipts "receipts" "receipts delivered",
        WallClockS "wall_clock_s" "seconds that os.time is wrong, on average",
        ClockRatePpm "clock_rate_ppm" "parts per million that os.clock runs too fast or too slow, on average",
        BackendClockS "backend_clock_s" "seconds between an answer and the time of the write in it, on average",
        EmptyJobIds "empty_job_ids" "servers whose JobId is empty",
    }
}

impl Gauge {
    /// How many there are.
    pub const COUNT: usize = Gauge::ALL.len();

    /// The one with this name.
    pub fn named(name: &str) -> Option<Gauge> {
        Gauge::ALL.iter().copied().find(|gauge| gauge.name() == name)
    }
}

/// What one run shows on each gauge.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Readings([f64; Gauge::COUNT]);

impl Readings {
    pub(super) fn of(&self, gauge: Gauge) -> f64 {
        self.0[gauge as usize]
    }

    pub(super) fn add(&mut self, gauge: Gauge, more: f64) {
        self.0[gauge as usize] += more;
    }
}
