use dupeproof_sim::network::Network;
use dupeproof_sim::trace::jsonl::{FORMAT, TraceWriter};
use dupeproof_sim::{Observer, Schedule};
use serde_json::Value as Json;

use crate::scripted::{Script, Scripted, Tape, schedule, script, set};

fn scripts() -> Vec<Script> {
    vec![script([(0, set(0, 7))])]
}

#[test]
fn a_trace_is_written_as_a_header_with_the_schedule_and_one_line_for_each_event() {
    let schedule = schedule(&scripts());
    let mut watchers = (Tape::default(), TraceWriter::new(Vec::new(), &schedule, Network::Event));
    Network::Event.run(&schedule, &Scripted { scripts: scripts() }, &mut watchers);
    let (tape, writer) = watchers;
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["dupeproof_trace"], FORMAT);
    assert_eq!(lines[0]["network"], "event");
    assert_eq!(serde_json::from_value::<Schedule>(lines[0]["schedule"].clone()).unwrap(), schedule);
    assert_eq!(lines.len(), tape.events.len() + 1);
    let committed = lines.iter().find(|line| line["event"].get("committed").is_some()).unwrap();
    assert_eq!(committed["at"], 50_000);
    assert_eq!(committed["event"]["committed"]["after"], 7);
}

#[test]
fn an_error_of_the_writer_is_told_at_the_end() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _bytes: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut writer = TraceWriter::new(Full, &schedule(&scripts()), Network::Event);
    writer.observe(dupeproof_sim::Global(0), &dupeproof_sim::Event::Healed);
    assert_eq!(writer.finish().err().unwrap().kind(), std::io::ErrorKind::StorageFull);
}
