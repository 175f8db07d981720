//! What scripts print, warn of and fail with, as `tracing` events.

use std::io;
use std::sync::{Arc, Mutex};

use dupeproof_luau::LuauSubject;
use dupeproof_sim::network::Network;
use dupeproof_sim::trace::log::{LogFormat, LogObserver, dispatch};
use serde_json::Value as Json;

use crate::common::{Lines, contract, schedule, script};

const SOURCE: &str = r#"
print("warning:", "all is well", 1)
warn("error: not quite")
task.spawn(error, "on purpose")
"#;

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

/// Level and text of what the scripts of the first server said; and the lines of the trace.
fn said(network: Network) -> (Vec<(String, String)>, Vec<String>) {
    let subject = LuauSubject::new(&script(SOURCE), contract(&[])).unwrap_or_else(|problem| panic!("{problem}"));
    let paper = Paper::default();
    let writer = paper.clone();
    let to = dispatch("dupeproof::script=info".parse().unwrap(), LogFormat::Json, move || writer.clone());
    let lines = tracing::dispatcher::with_default(&to, || {
        let mut observer = (LogObserver::of_run(), Lines::default());
        network.run(&schedule(5), &subject, &mut observer);
        observer.1.0
    });
    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    let events = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let words = |value: &Json| value.as_str().unwrap().to_owned();
    let first = events.filter(|event| event["span"]["slot"] == 0);
    (first.map(|event| (words(&event["level"]), words(&event["fields"]["message"]))).collect(), lines)
}

#[test]
fn a_print_is_information_a_warning_a_warning_and_a_failed_thread_an_error_on_both_networks() {
    for network in [Network::Event, Network::Turmoil] {
        let (said, lines) = said(network);
        let [printed, warned, failed] = &said[..] else { panic!("{said:?}") };
        assert_eq!(printed, &("INFO".to_owned(), "warning: all is well 1".to_owned()));
        assert_eq!(warned, &("WARN".to_owned(), "error: not quite".to_owned()));
        assert_eq!(failed, &("ERROR".to_owned(), "on purpose".to_owned()));
        // A line of the trace says its level itself.
        assert_eq!(lines[..2], ["warning: all is well 1", "warning: error: not quite"]);
        assert!(lines[2].starts_with("error: on purpose\n"), "{lines:?}");
    }
}
