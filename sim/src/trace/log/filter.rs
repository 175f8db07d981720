//! What of it is printed.

use std::str::FromStr;

use thiserror::Error;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;
use tracing_subscriber::layer::{Context, Filter};

use super::{CASE, FAULT, MESSAGE, REQUEST, SCRIPT, SERVER, SESSION, TIMELINE, TURMOIL, moment};

/// Every target there is.
const TARGETS: [&str; 9] = [TIMELINE, SERVER, SESSION, REQUEST, MESSAGE, FAULT, SCRIPT, CASE, TURMOIL];

/// Which events are printed, in the syntax of [`EnvFilter`]: directives with commas between them, each
/// `target[span{field=value}]=level`, any part of which may be left out.
///
/// Nothing is printed but what happens in a run that is watched. Spans are always known, whatever the filter says of
/// their targets, so that an event's line says which server and session it is about.
#[derive(Debug)]
pub struct LogFilter(EnvFilter);

/// Why a filter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the log directive `{directive}` makes no sense: {reason}")]
pub struct BadFilter {
    /// The directive, as it was given.
    pub directive: String,
    /// What is wrong with it.
    pub reason: String,
}

impl FromStr for LogFilter {
    type Err = BadFilter;
    fn from_str(text: &str) -> Result<LogFilter, BadFilter> {
        // By default an `EnvFilter` lets errors of any target through, asked for or not.
        let silent = EnvFilter::builder().with_default_directive(LevelFilter::OFF.into()).parse_lossy("");
        let directives = split(text).filter(|directive| !directive.is_empty()).map(parse);
        directives
            .collect::<Result<Vec<Directive>, BadFilter>>()
            .map(|directives| LogFilter(directives.into_iter().fold(silent, EnvFilter::add_directive)))
    }
}

/// At the commas between directives: those inside of brackets part the fields of a span.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    let between = move |letter: char| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    };
    text.split(between).map(str::trim)
}

fn parse(text: &str) -> Result<Directive, BadFilter> {
    let bad = |reason: String| BadFilter { directive: text.to_owned(), reason };
    let directive = text.parse().map_err(|error: tracing_subscriber::filter::ParseError| bad(error.to_string()))?;
    let target = text.split(['=', '[']).next().unwrap_or_default();
    // A level alone, such as `debug`, is a directive for every target.
    let is_level = !text.contains(['=', '[']) && target.parse::<LevelFilter>().is_ok();
    if is_level || target.starts_with(TURMOIL) || TARGETS.iter().any(|known| known.starts_with(target)) {
        return Ok(directive);
    }
    Err(bad(format!("`{target}` is neither a level nor one of the targets {}", TARGETS.join(", "))))
}

impl LogFilter {
    /// What is known whatever the filter says.
    fn is_our_span(metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && TARGETS.contains(&metadata.target())
    }
}

impl<S: Subscriber> Filter<S> for LogFilter {
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        moment::now().is_some() && (LogFilter::is_our_span(metadata) || Filter::enabled(&self.0, metadata, context))
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        let own = Filter::<S>::callsite_enabled(&self.0, metadata);
        // Never "always": what is enabled in one run is not in another that nobody watches.
        if own.is_never() && !LogFilter::is_our_span(metadata) { Interest::never() } else { Interest::sometimes() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // Our spans have the level of information.
        self.0
            .max_level_hint()
            .map(|level| if level == LevelFilter::OFF { level } else { level.max(LevelFilter::INFO) })
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        Filter::on_new_span(&self.0, attributes, id, context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        Filter::on_record(&self.0, id, values, context);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        Filter::on_enter(&self.0, id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        Filter::on_exit(&self.0, id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        Filter::on_close(&self.0, id, context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_end_at_commas_but_not_at_those_between_the_fields_of_a_span() {
        let text = "warn, [case{seed=1,case=17}]=debug,dupeproof::request=trace";
        let directives: Vec<&str> = split(text).collect();
        assert_eq!(directives, ["warn", "[case{seed=1,case=17}]=debug", "dupeproof::request=trace"]);
        text.parse::<LogFilter>().unwrap();
    }

    #[test]
    fn a_directive_that_makes_no_sense_is_named() {
        for (text, directive) in [
            ("info,dupeproof::request=loud", "dupeproof::request=loud"),
            ("[case{case=1]=debug,info", "[case{case=1]=debug"),
            ("debgu", "debgu"),
            ("dupeproof::requests=debug", "dupeproof::requests=debug"),
        ] {
            assert_eq!(text.parse::<LogFilter>().unwrap_err().directive, directive);
        }
    }

    #[test]
    fn levels_and_every_target_or_the_beginning_of_one_make_sense() {
        for text in
            ["", "off", "trace", "dupeproof", "dupeproof=debug", "turmoil=trace", "turmoil::sim=info", "[server]"]
        {
            text.parse::<LogFilter>().unwrap_or_else(|error| panic!("{error}"));
        }
        TARGETS.iter().for_each(|target| drop(target.parse::<LogFilter>().unwrap()));
    }
}
