//! The subscriber that prints it.

use tracing::Dispatch;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry, fmt};

use super::filter::LogFilter;
use super::moment::SimulatedTime;

/// How it is printed; one line for each event either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: time in seconds, level, spans, target, message, fields.
    #[default]
    Human,
    /// For programs: `timestamp` (seconds, as text), `level`, `fields` (with `message`) and `target`; inside of spans also
    /// `span` (the innermost) and `spans` (from the outside in), each with its `name` and fields.
    Json,
}

/// A subscriber that prints what the filter lets through.
pub fn dispatch<W>(filter: LogFilter, format: LogFormat, writer: W) -> Dispatch
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = fmt::layer().with_writer(writer).with_ansi(false).log_internal_errors(false);
    let layer = match format {
        // Wide enough for runs of three hours.
        LogFormat::Human => layer.with_timer(SimulatedTime { width: 12 }).boxed(),
        LogFormat::Json => layer.json().with_timer(SimulatedTime { width: 0 }).boxed(),
    };
    Dispatch::new(Registry::default().with(layer.with_filter(filter)))
}
