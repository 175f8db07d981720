//! The trace as `tracing` events and spans, and what is printed of it.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use dupeproof_core::Span as Time;
use dupeproof_sim::id::ServerId;
use dupeproof_sim::network::{Network, RunEnd};
use dupeproof_sim::trace::log::{LogFormat, LogObserver, dispatch};
use dupeproof_sim::{Action, Event, Schedule};
use tracing::dispatcher::with_default;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::determinism::busy;
use crate::scripted::{Closing, Script, ScriptStep, Scripted, Tape, at, schedule};

const NETWORKS: [Network; 2] = [Network::Event, Network::Turmoil];

/// Name and fields of a span, outermost first.
type Path = Vec<String>;

/// What a layer has seen: spans as they open and close, and the path of each event.
#[derive(Default)]
struct Seen {
    opened: Vec<Path>,
    closed: Vec<Path>,
    events: Vec<(String, Path)>,
}

#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Seen>>);

/// A span's own words, kept beside it.
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

fn path<S: Subscriber + for<'a> LookupSpan<'a>>(context: &Context<'_, S>, id: &Id) -> Path {
    let scope = context.span(id).unwrap().scope().from_root();
    scope.map(|span| span.extensions().get::<Words>().unwrap().0.clone()).collect()
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut words = Words(attributes.metadata().name().to_owned());
        attributes.record(&mut words);
        context.span(id).unwrap().extensions_mut().insert(words);
        if attributes.metadata().target().starts_with("dupeproof") {
            self.0.lock().unwrap().opened.push(path(&context, id));
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let target = event.metadata().target();
        if target.starts_with("dupeproof") {
            let around = context.lookup_current().map(|span| path(&context, &span.id())).unwrap_or_default();
            self.0.lock().unwrap().events.push((target.to_owned(), around));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if context.metadata(&id).unwrap().target().starts_with("dupeproof") {
            self.0.lock().unwrap().closed.push(path(&context, &id));
        }
    }
}

/// Runs a schedule as one case; a tape beside the log.
fn logged(to: &Dispatch, network: Network, (schedule, scripts): &(Schedule, Vec<Script>), case: u64) -> (Tape, RunEnd) {
    with_default(to, || {
        let mut observer = (LogObserver::of_case(1, case), Tape::default());
        let end = network.run(schedule, &Scripted { scripts: scripts.clone() }, &mut observer);
        (observer.1, end)
    })
}

fn captured(network: Network, run: &(Schedule, Vec<Script>)) -> (Seen, Tape, RunEnd) {
    let capture = Capture::default();
    let to = Dispatch::new(Registry::default().with(capture.clone()));
    let (tape, end) = logged(&to, network, run, 17);
    let seen = std::mem::take(&mut *capture.0.lock().unwrap());
    (seen, tape, end)
}

/// Two sessions on a server that crashes and starts again, one of them in its second life, and one on a server that
/// closes.
fn sessions() -> (Schedule, Vec<Script>) {
    let live = |seconds| (Time::secs(seconds), ScriptStep::Live(Time::secs(60)));
    let crashing = Script { lines: vec![live(1), live(40)], ..Script::default() };
    let closing = Script { lines: vec![live(2)], closing: Closing::AtOnce, ..Script::default() };
    let scripts = vec![crashing, closing];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![
        at(50_000, Action::Crash { server: 0 }),
        at(55_000, Action::Restart { server: 0 }),
        at(60_000, Action::Close { server: 1 }),
    ];
    (schedule, scripts)
}

#[test]
fn a_span_stands_for_each_life_of_a_server_and_each_session_in_it_and_all_are_closed_in_the_end() {
    for network in NETWORKS {
        let (seen, tape, _) = captured(network, &sessions());
        let case = "case seed=1 case=17";
        let server = |slot: u16, life: u16| vec![case.to_owned(), format!("server slot={slot} life={life}")];
        let session = |slot, life, no: u32| [server(slot, life), vec![format!("session no={no} player=0")]].concat();
        let opened: Vec<Path> = seen.opened.iter().filter(|path| path.len() < 3).cloned().collect();
        let lives = tape.events.iter().filter_map(|(_, event)| match event {
            Event::ServerStarted { server: ServerId { slot, life } } => Some(server(*slot, *life)),
            _ => None,
        });
        let lives: Vec<Path> = [vec![case.to_owned()]].into_iter().chain(lives).collect();
        assert_eq!(opened, lives, "{network:?}");
        let inner: Vec<Path> = seen.opened.iter().filter(|path| path.len() == 3).cloned().collect();
        let inner_wanted = [session(0, 0, 0), session(1, 0, 0), session(0, 0, 1), session(0, 1, 0)];
        assert_eq!(inner[..4], inner_wanted, "{network:?}");
        // From the inside out: a crash ends the sessions of its life before the life.
        let place = |path: &Path| seen.closed.iter().position(|closed| closed == path).unwrap();
        assert!(place(&session(0, 0, 0)) < place(&server(0, 0)) && place(&session(0, 0, 1)) < place(&server(0, 0)));
        assert!(place(&server(0, 0)) < place(&server(1, 0)) && place(&server(1, 0)) < place(&server(0, 1)));
        assert_eq!(seen.closed.last().unwrap(), &[case]);
        let (mut opened, mut closed) = (seen.opened.clone(), seen.closed.clone());
        opened.sort();
        closed.sort();
        assert_eq!(opened, closed, "{network:?}");
    }
}

#[test]
fn every_event_of_the_trace_is_one_tracing_event_inside_its_case_and_its_server() {
    for network in NETWORKS {
        let (seen, tape, end) = captured(network, &busy(1));
        assert_eq!(seen.events.len() as u64, end.events, "{network:?}");
        assert!(seen.events.iter().all(|(_, path)| path[0] == "case seed=1 case=17"), "{network:?}");
        let mut targets: BTreeMap<&str, usize> = BTreeMap::new();
        seen.events.iter().for_each(|(target, _)| *targets.entry(target).or_default() += 1);
        let families = ["fault", "message", "request", "script", "server", "session", "timeline"];
        let all: Vec<String> = families.iter().map(|family| format!("dupeproof::{family}")).collect();
        assert_eq!(targets.keys().copied().collect::<Vec<_>>(), all, "{network:?}");
        for ((target, path), (_, event)) in seen.events.iter().zip(&tape.events) {
            if let Event::Requested { server: ServerId { slot, life }, .. } = event {
                assert_eq!(target, "dupeproof::request");
                assert_eq!(path[1], format!("server slot={slot} life={life}"));
            }
        }
        // What a life had asked for is done after its crash, too.
        assert!(seen.opened.iter().any(|path| path.last().unwrap().starts_with("stopped_server")), "{network:?}");
    }
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn printed(filter: &str, run: impl FnOnce(&Dispatch)) -> String {
    let paper = Paper::default();
    let writer = paper.clone();
    run(&dispatch(filter.parse().unwrap(), LogFormat::Human, move || writer.clone()));
    let bytes = paper.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_same_run_prints_the_same_and_has_the_digest_that_it_has_unwatched() {
    for network in NETWORKS {
        let run = busy(3);
        let unwatched = network.run(&run.0, &Scripted { scripts: run.1.clone() }, &mut ());
        let print = || printed("trace", |to| assert_eq!(logged(to, network, &run, 0).1, unwatched));
        let text = print();
        assert!(text.lines().count() as u64 >= unwatched.events, "{text}");
        assert_eq!(text, print(), "{network:?}");
    }
}

#[test]
fn lines_have_simulated_time_also_those_of_turmoil() {
    let text = printed("debug,turmoil=trace", |to| drop(logged(to, Network::Turmoil, &busy(1), 0)));
    let time = |line: &str| line.split_whitespace().next().unwrap().parse::<f64>().unwrap_or_else(|_| panic!("{line}"));
    let times: Vec<f64> = text.lines().map(time).collect();
    assert!(times.is_sorted());
    let crash = text.lines().find(|line| line.contains("turmoil: Crash")).unwrap();
    assert!(crash.contains("case{seed=1 case=0}") && (6.0..6.02).contains(&time(crash)), "{crash}");
    assert!(text.lines().any(|line| line.contains("node{name=\"server-0\"}")), "turmoil says on which host it is");
}

#[test]
fn one_case_can_be_picked_out_and_a_run_that_nobody_watches_prints_nothing() {
    let run = busy(1);
    let text = printed("[case{case=17}]=debug", |to| {
        [16, 17, 18].into_iter().for_each(|case| drop(logged(to, Network::Event, &run, case)));
    });
    assert!(text.lines().count() > 1_000 && text.lines().all(|line| line.contains("case{seed=1 case=17}")));
    let text = printed("trace", |to| {
        with_default(to, || Network::Turmoil.run(&run.0, &Scripted { scripts: run.1.clone() }, &mut ()));
    });
    assert_eq!(text, "");
}

#[test]
fn a_target_that_is_filtered_for_still_says_which_server_it_is_about() {
    let text = printed("dupeproof::request=debug", |to| drop(logged(to, Network::Event, &busy(1), 0)));
    assert!(text.lines().all(|line| line.contains("dupeproof::request: ")), "{text}");
    assert!(text.lines().any(|line| line.contains("}:server{slot=1 life=0}: dupeproof::request: ")), "{text}");
}
