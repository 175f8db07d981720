//! Scripts that fail.

use std::sync::Arc;

use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::crashed::Crash;
use dupeproof_sim::FindingKind::{self, Crashed};
use dupeproof_sim::guest::LogLevel;
use dupeproof_sim::trace::Event;

use crate::stream::{Stream, server};

const NONE: [FindingKind; 0] = [];

#[test]
fn a_crash_is_caught_with_its_traceback() {
    let text: Arc<str> = "server: Script timeout: exhausted allowed execution time\nMain:3".into();
    let (findings, _) =
        Stream::new().tell(100.0, Event::ScriptCrashed { server: server(1), text: text.clone() }).verdict();
    assert_eq!((findings.len(), findings[0].kind()), (1, Crashed));
    assert_eq!(findings[0].fact, Fact::Crashed(Crash { server: server(1), text }));
    assert_eq!(findings[0].servers().collect::<Vec<_>>(), [server(1)]);
}

#[test]
fn a_line_in_the_log_is_no_crash() {
    let logged = Event::Logged { server: server(0), level: LogLevel::Info, line: "crashed: not really".into() };
    assert_eq!(Stream::new().tell(100.0, logged).kinds(), NONE);
}
