//! The trace as text: a header line, then one JSON line for each event.

use std::io::{self, Write};

use serde::Serialize;

use super::{Event, Observer};
use crate::clock::Global;
use crate::network::Network;
use crate::schedule::Schedule;

/// The version of the format this writes.
pub const FORMAT: u32 = 1;

/// Writes a trace. An error of the writer ends the writing and is kept for [`TraceWriter::finish`].
pub struct TraceWriter<W: Write> {
    writer: W,
    result: io::Result<()>,
}

#[derive(Serialize)]
struct Header<'a> {
    /// [`FORMAT`].
    dupeproof_trace: u32,
    network: Network,
    schedule: &'a Schedule,
}

#[derive(Serialize)]
struct Line<'a> {
    /// In microseconds since the start.
    at: Global,
    event: &'a Event,
}

impl<W: Write> TraceWriter<W> {
    /// Writes the header. The writer is written to line by line: buffer it.
    pub fn new(writer: W, schedule: &Schedule, network: Network) -> TraceWriter<W> {
        let mut trace = TraceWriter { writer, result: Ok(()) };
        trace.write(&Header { dupeproof_trace: FORMAT, network, schedule });
        trace
    }

    /// Flushes, and gives the writer back.
    ///
    /// # Errors
    /// The first error the writer gave.
    pub fn finish(mut self) -> io::Result<W> {
        self.result?;
        self.writer.flush()?;
        Ok(self.writer)
    }

    fn write(&mut self, line: &impl Serialize) {
        if self.result.is_ok() {
            self.result = serde_json::to_writer(&mut self.writer, line)
                .map_err(io::Error::from)
                .and_then(|()| self.writer.write_all(b"\n"));
        }
    }
}

impl<W: Write> Observer for TraceWriter<W> {
    fn observe(&mut self, at: Global, event: &Event) {
        self.write(&Line { at, event });
    }
}
