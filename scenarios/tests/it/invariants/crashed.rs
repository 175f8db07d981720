//! Scripts that fail.

use dupeproof_sim::FindingKind::{self, Crashed};
use dupeproof_sim::trace::Event;

use crate::stream::{Stream, server};

const NONE: [FindingKind; 0] = [];

#[test]
fn a_crash_is_caught_with_its_traceback() {
    let text = "server: Script timeout: exhausted allowed execution time\nMain:3".into();
    let (findings, _) = Stream::new().tell(100.0, Event::ScriptCrashed { server: server(1), text }).verdict();
    assert_eq!((findings.len(), findings[0].kind), (1, Crashed));
    assert_eq!(findings[0].story, "on job-1-0: server: Script timeout: exhausted allowed execution time\nMain:3");
    assert_eq!(findings[0].servers, [(1, 0)]);
}

#[test]
fn a_line_in_the_log_is_no_crash() {
    let logged = Event::Logged { server: server(0), line: "crashed: not really".into() };
    assert_eq!(Stream::new().tell(100.0, logged).kinds(), NONE);
}
