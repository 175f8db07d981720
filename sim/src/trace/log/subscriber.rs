//! The subscriber that prints it.

use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry, fmt};

use super::filter::LogFilter;
use super::moment::SimulatedTime;

/// How it is printed; one line for each event either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: time in seconds, level, spans, target, message, fields.
    #[default]
    Human,
    /// For programs: `time_s` (seconds of simulated time), `level`, `fields` (with `message`) and `target`; inside of spans also
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
        LogFormat::Json => {
            let format = fmt::format().json().with_timer(SimulatedTime { width: 0 });
            layer.fmt_fields(JsonFields::new()).event_format(SecondsFirst(format)).boxed()
        }
    };
    Dispatch::new(Registry::default().with(layer.with_filter(filter)))
}

/// JSON lines that begin with the time as a number of seconds, under a name with its unit. The format that it passes on to
/// always calls it `timestamp`, a text.
struct SecondsFirst(Format<Json, SimulatedTime>);

impl<S, N> FormatEvent<S, N> for SecondsFirst
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let parts = line.strip_prefix("{\"timestamp\":\"").and_then(|rest| rest.split_once('"'));
        let (seconds, rest) = parts.expect("a line begins with its time");
        write!(writer, "{{\"time_s\":{seconds}{rest}")
    }
}
