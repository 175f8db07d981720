//! Changes that are not saved. The period is 300 s, counted from half a period after the last save; 5 s and 0.8 s are for
//! the save itself. A session that begins at 0 s is saved by 455.8 s.

use dupeproof_core::Span;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::overdue::Overdue;
use dupeproof_sim::id::{PlayerId, RequestId, SessionRef};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{FindingKind, Schedule, ServiceError};

use crate::stream::{SESSION, Stream, record, server};

const NONE: [FindingKind; 0] = [];

/// A session that begins at 0 s and changes its data at 10 s.
fn changed() -> Stream {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    stream.commits(0.0, 0, Some(record(0, Some(server(0))))).starts(0.0, 0, 0, Some(900.0)).edits(10.0, 0, 0, 7);
    stream
}

/// Saved at last. These saves have no dates, which is another matter.
fn saved(stream: &mut Stream, second: f64) -> Vec<FindingKind> {
    let kinds = stream.commits(second, 0, Some(record(7, Some(server(0))))).kinds();
    kinds.into_iter().filter(|kind| *kind != FindingKind::UndatedSave).collect()
}

#[test]
fn a_change_that_auto_save_has_passed_over_is_caught_once() {
    assert_eq!(saved(&mut changed(), 455.0), NONE);
    let mut stream = changed();
    stream.commits(460.0, 0, Some(record(7, Some(server(0))))).edits(461.0, 0, 7, 8).ends(990.0, 0);
    let (findings, _) = stream.verdict();
    assert_eq!(findings.len(), 1);
    let session = SessionRef { server: server(0), no: SESSION };
    let after = Span::secs(450);
    assert_eq!(findings[0].fact, Fact::Overdue(Overdue::Save { session, after }));
}

#[test]
fn a_change_that_was_made_late_waits_from_then_on() {
    let mut stream = Stream::new();
    stream.commits(0.0, 0, Some(record(0, Some(server(0))))).starts(0.0, 0, 0, Some(900.0)).edits(400.0, 0, 0, 7);
    assert_eq!(saved(&mut stream, 705.0), NONE);
}

#[test]
fn a_write_that_did_not_store_the_change_puts_it_off_and_does_not_hide_it() {
    let mut stream = changed();
    stream.commits(100.0, 0, Some(record(0, Some(server(0)))));
    assert_eq!(saved(&mut stream, 550.0), NONE);
    let mut stream = changed();
    stream.commits(100.0, 0, Some(record(0, Some(server(0)))));
    assert_eq!(saved(&mut stream, 560.0), [FindingKind::Overdue]);
}

#[test]
fn where_another_session_ends_turns_come_later() {
    let mut stream = changed();
    stream.starts_for(20.0, 1, PlayerId(1)).ends(300.0, 1);
    assert_eq!(saved(&mut stream, 460.0), [FindingKind::Overdue], "on another server");
    let mut stream = changed();
    let other = dupeproof_sim::id::SessionNo(2);
    let (player, stamp) = (PlayerId(1), dupeproof_sim::id::Stamp(0));
    let acquired = dupeproof_sim::guest::Acquired::Free;
    let begun = dupeproof_sim::GuestEvent::SessionStarted { session: other, player, stamp, live_until: None, acquired };
    let over = dupeproof_sim::GuestEvent::SessionEnded { session: other, reason: dupeproof_sim::EndReason::Manual };
    stream.says(20.0, 0, begun).says(300.0, 0, over);
    assert_eq!(saved(&mut stream, 600.0), NONE);
}

#[test]
fn a_server_that_was_hindered_is_exempt() {
    let frozen = [Event::ServerFroze { server: server(0) }, Event::ServerWoke { server: server(0) }];
    let mut stream = changed();
    stream.tell(200.0, frozen[0].clone()).tell(201.0, frozen[1].clone());
    assert_eq!(saved(&mut stream, 700.0), NONE);
    let mut stream = changed();
    stream.tell(200.0, Event::ServerFroze { server: server(1) });
    assert_eq!(saved(&mut stream, 700.0), [FindingKind::Overdue]);
}

#[test]
fn a_session_without_a_lease_has_no_bound() {
    let mut stream = Stream::new();
    stream.commits(0.0, 0, Some(record(0, Some(server(0))))).starts(0.0, 0, 0, None).edits(10.0, 0, 0, 7);
    assert_eq!(saved(&mut stream, 900.0), NONE);
}

#[test]
fn the_age_of_what_is_saved_is_measured_where_nothing_hindered() {
    let mut stream = changed();
    stream.edits(100.0, 0, 7, 8).commits(210.0, 0, Some(record(8, Some(server(0)))));
    stream.commits(220.0, 0, Some(record(8, Some(server(0)))));
    stream.edits(230.0, 0, 8, 9).tell(240.0, Event::ServerFroze { server: server(0) });
    stream.tell(241.0, Event::ServerWoke { server: server(0) }).commits(250.0, 0, Some(record(9, Some(server(0)))));
    let measures = stream.measures();
    assert_eq!((measures.unsaved().total(), measures.unsaved().max()), (1, Some(200_000_000)));
}

#[test]
fn a_change_is_saved_within_the_bound_to_the_tenth_of_a_second() {
    assert_eq!(saved(&mut changed(), 455.7), NONE);
    assert_eq!(saved(&mut changed(), 455.9), [FindingKind::Overdue]);
}

#[test]
fn the_period_is_the_subjects_constant_by_the_slowest_clock() {
    let saved_at = |change: &dyn Fn(&mut Schedule), second| {
        let mut stream = Stream::scheduled(&[Some(0)], RecordLayout::Record, |schedule| change(schedule));
        stream.commits(0.0, 0, Some(record(0, Some(server(0))))).starts(0.0, 0, 0, Some(900.0)).edits(10.0, 0, 0, 7);
        saved(&mut stream, second)
    };
    // 30 + 60 + 5.8 s.
    let short = |schedule: &mut Schedule| {
        schedule.constants.insert("AUTO_SAVE_PERIOD".to_owned(), 60);
    };
    assert_eq!((saved_at(&short, 95.7), saved_at(&short, 95.9)), (NONE.to_vec(), vec![FindingKind::Overdue]));
    // A clock that is a tenth too slow counts 300 s in 333.3 s.
    let slow = |schedule: &mut Schedule| schedule.servers[1].rate_ppm = -100_000;
    assert_eq!((saved_at(&slow, 489.0), saved_at(&slow, 489.3)), (NONE.to_vec(), vec![FindingKind::Overdue]));
    let fast = |schedule: &mut Schedule| schedule.servers.iter_mut().for_each(|server| server.rate_ppm = 100_000);
    assert_eq!((saved_at(&fast, 455.7), saved_at(&fast, 455.9)), (NONE.to_vec(), vec![FindingKind::Overdue]));
}

#[test]
fn a_session_that_ends_with_an_old_change_is_caught_then() {
    assert_eq!(changed().ends(455.0, 0).kinds(), NONE);
    assert_eq!(changed().ends(456.0, 0).kinds(), [FindingKind::Overdue]);
}

#[test]
fn a_late_write_of_a_session_that_is_over_is_another_matter() {
    assert_eq!(saved(changed().ends(20.0, 0), 700.0), NONE);
    assert_eq!(saved(changed().crashes(20.0, 0), 700.0), NONE);
}

#[test]
fn a_trouble_of_the_minute_before_exempts_and_an_earlier_one_does_not() {
    // The period is counted from 150 s.
    let failed = |second| {
        let (id, kind, error) = (RequestId(9), RequestKind::Get, Some(ServiceError::Rejected));
        let mut stream = changed();
        stream.tell(second, Event::Answered { server: server(0), id, kind, error, after: Span::ZERO });
        saved(&mut stream, 460.0)
    };
    assert_eq!((failed(91.0), failed(89.0)), (NONE.to_vec(), vec![FindingKind::Overdue]));
}

#[test]
fn another_servers_write_saves_nothing() {
    let mut stream = changed();
    stream.commits(100.0, 1, Some(record(0, Some(server(0)))));
    assert_eq!(saved(&mut stream, 460.0), [FindingKind::Overdue]);
}

#[test]
fn a_write_is_of_the_last_session_of_its_server() {
    let mut stream = Stream::new();
    stream.commits(0.0, 0, Some(record(0, Some(server(0))))).starts(0.0, 0, 0, Some(900.0)).ends(5.0, 0);
    stream.starts(6.0, 0, 0, Some(900.0)).edits(10.0, 0, 0, 7);
    assert_eq!(saved(&mut stream, 470.0), [FindingKind::Overdue]);
}

#[test]
fn the_age_of_what_is_saved_is_that_of_the_oldest_change_in_it() {
    let ages = |stored: u64| {
        let mut stream = changed();
        stream.edits(100.0, 0, 7, 8).commits(210.0, 0, Some(record(stored, Some(server(0)))));
        let measures = stream.measures();
        (measures.unsaved().total(), measures.unsaved().max())
    };
    assert_eq!(ages(0), (0, None), "nothing new");
    assert_eq!(ages(7), (1, Some(200_000_000)), "the newer change is not in it");
}

/// A session without a lease, of a subject that saves each session once in 100 s.
fn promised() -> Stream {
    let mut stream = Stream::new();
    stream.promises(Span::secs(60), Some(Span::secs(100))).commits(0.0, 0, Some(record(0, Some(server(0)))));
    stream.starts(0.0, 0, 0, None).edits(10.0, 0, 0, 7);
    stream
}

#[test]
fn sessions_without_leases_are_judged_by_what_their_subject_says() {
    // Two periods, 5 s, and 0.8 s for the requests.
    assert_eq!(saved(&mut promised(), 215.0), NONE);
    assert_eq!(saved(&mut promised(), 216.0), [FindingKind::Overdue]);
    let mut silent = Stream::new();
    silent.commits(0.0, 0, Some(record(0, Some(server(0))))).starts(0.0, 0, 0, None).edits(10.0, 0, 0, 7);
    assert_eq!(saved(&mut silent, 900.0), NONE);
}

#[test]
fn a_crash_shows_what_was_left_unsaved_for_too_long() {
    assert_eq!(promised().crashes(215.0, 0).kinds(), NONE);
    assert_eq!(promised().crashes(216.0, 0).kinds(), [FindingKind::Overdue]);
    let measures = promised().crashes(215.0, 0).measures();
    assert_eq!((measures.lost().total(), measures.lost().max()), (1, Some(205_000_000)));
}
