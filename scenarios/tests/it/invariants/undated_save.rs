//! Saves that leave `LastUpdate` as it is.

use dupeproof_core::Stored;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::undated_save::Undated;
use dupeproof_sim::FindingKind::{self, UndatedSave};
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::Event;
use serde_json::json;

use crate::stream::{Stream, record, server};

const NONE: [FindingKind; 0] = [];

/// A record of server 0's session with this state and `LastUpdate`.
fn dated(stamp: u64, last_update: i64) -> Option<Stored> {
    let mut json = record(stamp, Some(server(0))).to_json();
    json["MetaData"]["LastUpdate"] = json!(last_update);
    Some(Stored::from_json(json))
}

/// A session that begins at second 100 by its server's clock, changes its data and saves twice.
fn saved(second: f64, last_updates: [i64; 2]) -> Stream {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, dated(0, 100)).starts(1.0, 0, 0, Some(900.0));
    stream.edits(2.0, 0, 0, 7).commits(second, 0, dated(7, last_updates[0]));
    stream.edits(second, 0, 7, 8).commits(second + 10.0, 0, dated(8, last_updates[1]));
    stream
}

#[test]
fn a_save_that_leaves_the_date_of_an_earlier_write_is_caught() {
    let (findings, _) = saved(20.0, [100, 100]).verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].fact, Fact::UndatedSave(Undated { server: server(0), last_update: 100 }));
}

#[test]
fn saves_that_move_the_date_are_clean_wherever_the_clock_stands() {
    assert_eq!(saved(20.0, [119, 129]).kinds(), NONE);
    assert_eq!(saved(20.0, [119, 60]).kinds(), NONE);
}

#[test]
fn saves_within_the_same_second_may_have_the_same_date() {
    assert_eq!(saved(2.5, [100, 100]).kinds(), NONE, "the second save may have read its record at 2.5 s");
    assert_eq!(saved(3.0, [100, 100]).kinds(), [UndatedSave]);
}

#[test]
fn a_write_that_saves_nothing_may_leave_the_date() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, dated(0, 100)).starts(1.0, 0, 0, Some(900.0)).commits(20.0, 0, dated(0, 100));
    assert_eq!(stream.commits(40.0, 0, dated(0, 100)).kinds(), NONE);
}

#[test]
fn a_server_whose_clock_was_set_is_not_judged() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, dated(0, 100)).starts(1.0, 0, 0, Some(900.0)).commits(20.0, 0, dated(0, 100));
    let set = |server| Event::Acted { step: Some(0), action: Action::ClockStep { server, by: -20_000_000 } };
    stream.tell(21.0, set(0)).edits(22.0, 0, 0, 7);
    assert_eq!(stream.commits(22.5, 0, dated(7, 100)).kinds(), NONE);
    let mut stream = Stream::new();
    stream.commits(1.0, 0, dated(0, 100)).starts(1.0, 0, 0, Some(900.0)).commits(20.0, 0, dated(0, 100));
    stream.tell(21.0, set(1)).edits(22.0, 0, 0, 7);
    assert_eq!(stream.commits(22.5, 0, dated(7, 100)).kinds(), [UndatedSave], "another server's");
}

#[test]
fn another_sessions_date_may_be_the_same_by_chance() {
    let mut stream = Stream::new();
    let mut foreign = record(0, Some(server(1))).to_json();
    foreign["MetaData"]["LastUpdate"] = json!(100);
    stream.commits(1.0, 1, Some(Stored::from_json(foreign))).commits(50.0, 0, dated(0, 100)).starts(50.0, 0, 0, None);
    assert_eq!(stream.edits(50.5, 0, 0, 7).commits(51.0, 0, dated(7, 100)).kinds(), NONE);
}

#[test]
fn a_save_that_leaves_the_date_of_an_earlier_save_is_caught_and_one_that_has_any_other_is_not() {
    let saved = |last_update| {
        let mut stream = Stream::new();
        stream.commits(1.0, 0, dated(0, 100)).starts(1.0, 0, 0, Some(900.0));
        stream.edits(2.0, 0, 0, 7).commits(20.0, 0, dated(7, 119)).commits(30.0, 0, dated(7, 119));
        stream.edits(35.0, 0, 7, 8).commits(40.0, 0, dated(8, last_update)).kinds()
    };
    assert_eq!((saved(119), saved(139), saved(60)), (vec![UndatedSave], vec![], vec![]));
}

#[test]
fn a_start_dates_the_record_though_the_date_is_that_of_another_session() {
    let mut foreign = record(0, Some(server(1))).to_json();
    foreign["MetaData"]["LastUpdate"] = json!(100);
    let mut stream = Stream::new();
    stream.commits(1.0, 1, Some(Stored::from_json(foreign))).commits(50.0, 0, dated(0, 100)).starts(50.0, 0, 0, None);
    stream.commits(60.0, 0, dated(0, 100)).edits(65.0, 0, 0, 7);
    assert_eq!(stream.commits(70.0, 0, dated(7, 100)).kinds(), [UndatedSave]);
}

#[test]
fn an_admins_set_is_no_save_though_the_admin_is_on_the_same_server() {
    let set = |asked: bool| {
        let mut stream = Stream::new();
        stream.commits(1.0, 0, dated(0, 100)).starts(1.0, 0, 0, Some(900.0));
        if asked {
            stream.acts(1.5, 0, dupeproof_sim::Command::Rollback(crate::stream::PLAYER));
        }
        stream.edits(2.0, 0, 0, 7).commits(20.0, 0, dated(7, 119)).commits(30.0, 0, dated(7, 119));
        let mut json = record(0, None).to_json();
        json["MetaData"]["LastUpdate"] = json!(119);
        stream.commits(40.0, 0, Some(Stored::from_json(json))).kinds().contains(&UndatedSave)
    };
    assert_eq!((set(true), set(false)), (false, true));
}
