//! What can each_write_with a request on its way and in the service, over a network.

use dupeproof_core::Span;
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, ServiceName};
use dupeproof_sim::request::{Request, RequestKind};
use dupeproof_sim::schedule::{FaultRates, RequestClass, RequestFault};
use dupeproof_sim::{Action, Event, ServiceError};

use crate::scripted::{Tape, at, compare_and_set, fail_next, get, remove, schedule, script, set, stored};

const REJECTED: Option<ServiceError> = Some(ServiceError::Rejected);

fn is_late(event: &Event) -> bool {
    matches!(event, Event::AnsweredTooLate { .. })
}

fn is_conflict(event: &Event) -> bool {
    matches!(event, Event::Conflicted { .. })
}

#[test]
fn a_write_takes_50_ms_to_arrive_and_50_ms_to_be_answered_and_is_read_by_another_server() {
    let scripts = [script([(0, set(0, 7))]), script([(100, get(0))])];
    let tape = Tape::of(&schedule(&scripts), &scripts);
    assert_eq!(tape.commits(), [(50, Some(stored(7)))]);
    assert_eq!(tape.answers(0), [(100, RequestKind::Set, None)]);
    let read = &tape.lines(1)[2];
    assert!(read.starts_with("0: Ok(Value(") && read.contains(&format!("{:?}", stored(7))), "{read}");
}

#[test]
fn of_two_conditional_writes_on_one_version_the_second_conflicts() {
    let scripts = [script([(0, compare_and_set(0, 1, 7))]), script([(1, compare_and_set(0, 1, 8))])];
    let tape = Tape::of(&schedule(&scripts), &scripts);
    assert_eq!(tape.commits(), [(50, Some(stored(7)))]);
    assert_eq!(tape.count(is_conflict), 1);
    assert_eq!(tape.lines(1)[2], "0: Ok(Conflict)");
}

#[test]
fn a_removed_key_has_no_value_and_removing_it_again_commits_nothing() {
    let scripts = [script([(0, remove(0)), (1_000, remove(0)), (2_000, get(0))])];
    let tape = Tape::of(&schedule(&scripts), &scripts);
    assert_eq!(tape.commits(), [(50, None)]);
    let answers: Vec<_> = tape.lines(0).into_iter().filter(|line| line.contains("Ok")).collect();
    assert!(answers[0].starts_with("0: Ok(Removed(Some("), "{answers:?}");
    let gone = "2: Ok(Value(Reading { version: Some(Version(3)), entry: None }))";
    assert_eq!(answers[1..], ["1: Ok(Removed(None))", gone]);
}

#[test]
fn a_refused_write_changes_nothing() {
    let scripts = [script([(0, set(0, 7)), (1_000, set(0, 8))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![fail_next(0, RequestClass::Set, RequestFault::Refused)];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.answers(0), [(100, RequestKind::Set, REJECTED), (1_100, RequestKind::Set, None)]);
    assert_eq!(tape.commits(), [(1_050, Some(stored(8)))]);
}

#[test]
fn an_applied_write_can_be_answered_with_an_error() {
    let scripts = [script([(0, set(0, 7))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![fail_next(0, RequestClass::Set, RequestFault::AppliedThenError)];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.answers(0), [(100, RequestKind::Set, REJECTED)]);
    assert_eq!(tape.commits(), [(50, Some(stored(7)))]);
}

#[test]
fn a_write_whose_reply_is_lost_is_applied_and_times_out_after_30_s() {
    let scripts = [script([(0, set(0, 7))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![fail_next(0, RequestClass::Set, RequestFault::LostReply)];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.answers(0), [(30_000, RequestKind::Set, Some(ServiceError::TimedOut))]);
    assert_eq!(tape.commits(), [(50, Some(stored(7)))]);
    assert_eq!(tape.count(is_late), 0);
}

#[test]
fn a_late_reply_is_taken_within_the_time_limit_and_dropped_after_it() {
    let scripts = [script([(0, get(0)), (1_000, get(1))])];
    let mut schedule = schedule(&scripts);
    let late = |seconds| fail_next(0, RequestClass::Read, RequestFault::LateReply { span: Span::secs(seconds) });
    schedule.timeline = vec![late(20), late(40)];
    let tape = Tape::of(&schedule, &scripts);
    let timed_out = Some(ServiceError::TimedOut);
    assert_eq!(tape.answers(0), [(20_100, RequestKind::Get, None), (31_000, RequestKind::Get, timed_out)]);
    assert_eq!(tape.times(is_late), [41_100]);
}

#[test]
fn a_late_conditional_write_is_applied_if_its_condition_still_holds() {
    let scripts = [script([(0, compare_and_set(0, 1, 7))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![fail_next(0, RequestClass::Write, RequestFault::LateApply { span: Span::secs(20) })];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.answers(0), [(100, RequestKind::CompareAndSet, REJECTED)]);
    assert_eq!(tape.commits(), [(20_050, Some(stored(7)))]);
}

#[test]
fn a_late_conditional_write_is_dropped_if_its_condition_no_longer_holds() {
    let scripts = [script([(0, compare_and_set(0, 1, 7))]), script([(10_000, set(0, 8))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![fail_next(0, RequestClass::Write, RequestFault::LateApply { span: Span::secs(20) })];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.commits(), [(10_050, Some(stored(8)))]);
    assert_eq!(tape.times(is_conflict), [20_050]);
    assert_eq!(tape.answers(0), [(100, RequestKind::CompareAndSet, REJECTED)]);
}

#[test]
fn a_late_conditional_write_to_no_value_is_dropped_if_there_was_one_since() {
    let key = key_of(PlayerId(9));
    let create = Request::compare_and_set(key, None, stored(7));
    let scripts = [script([(0, create)]), script([(5_000, set(9, 8)), (10_000, remove(9))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![fail_next(0, RequestClass::Write, RequestFault::LateApply { span: Span::secs(20) })];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.commits(), [(5_050, Some(stored(8))), (10_050, None)]);
    assert_eq!(tape.times(is_conflict), [20_050]);
}

#[test]
fn a_late_unconditional_write_overwrites_what_came_between() {
    let scripts = [script([(0, set(0, 7))]), script([(10_000, set(0, 8))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![fail_next(0, RequestClass::Set, RequestFault::LateApply { span: Span::secs(20) })];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.commits(), [(10_050, Some(stored(8))), (20_050, Some(stored(7)))]);
}

#[test]
fn a_late_write_comes_even_after_the_healing() {
    let scripts = [script([(90_000, set(0, 7))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![fail_next(0, RequestClass::Set, RequestFault::LateApply { span: Span::secs(20) })];
    assert_eq!(Tape::of(&schedule, &scripts).commits(), [(110_050, Some(stored(7)))]);
}

#[test]
fn an_armed_fault_waits_for_its_server_and_its_class() {
    let scripts = [script([(0, get(0)), (1, set(0, 7))]), script([(2, set(0, 8))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![fail_next(0, RequestClass::Set, RequestFault::Refused)];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.answers(0), [(100, RequestKind::Get, None), (101, RequestKind::Set, REJECTED)]);
    assert_eq!(tape.answers(1), [(102, RequestKind::Set, None)]);
}

#[test]
fn during_an_outage_everything_that_arrives_is_rejected() {
    let scripts = [script([(0, set(0, 1)), (5_000, set(0, 2)), (11_000, set(0, 3))])];
    let mut schedule = schedule(&scripts);
    let outage = |span| Action::Outage { service: ServiceName::DataStore, span: Span::secs(span) };
    schedule.timeline = vec![at(1_000, outage(10))];
    let tape = Tape::of(&schedule, &scripts);
    let set = RequestKind::Set;
    assert_eq!(tape.answers(0), [(100, set, None), (5_100, set, REJECTED), (11_100, set, None)]);
    assert_eq!(tape.count(|event| matches!(event, Event::Committed { .. })), 2);
}

#[test]
fn a_crashed_servers_write_on_its_way_is_still_applied() {
    let scripts = [script([(0, set(0, 7))])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![at(10, Action::Crash { server: 0 })];
    let tape = Tape::of(&schedule, &scripts);
    assert_eq!(tape.commits(), [(50, Some(stored(7)))]);
    assert_eq!(tape.answers(0), []);
}

#[test]
fn each_request_fault_hits_about_as_many_requests_as_its_rate_says() {
    let scripts = [script((0..900).map(|n| (n * 100, compare_and_set(0, 1, n))))];
    let mut schedule = schedule(&scripts);
    schedule.services.limits.startup_burst = 1_000;
    let services = &mut schedule.services;
    services.faults.write = FaultRates {
        refused_ppm: 100_000,
        applied_then_error_ppm: 100_000,
        lost_reply_ppm: 100_000,
        late_reply_ppm: 100_000,
        late_apply_ppm: 100_000,
        ..FaultRates::default()
    };
    let tape = Tape::of(&schedule, &scripts);
    let counted = |wanted: fn(RequestFault) -> bool| {
        tape.count(|event| matches!(event, Event::RequestFault { fault, .. } if wanted(*fault)))
    };
    for (count, name) in [
        (counted(|fault| fault == RequestFault::Refused), "refused"),
        (counted(|fault| fault == RequestFault::AppliedThenError), "applied, then error"),
        (counted(|fault| fault == RequestFault::LostReply), "lost reply"),
        (counted(|fault| matches!(fault, RequestFault::LateReply { .. })), "late reply"),
        (counted(|fault| matches!(fault, RequestFault::LateApply { .. })), "late apply"),
    ] {
        assert!((60..=120).contains(&count), "{name} hit {count} of 900");
    }
}

#[test]
fn an_armed_fault_does_not_move_the_faults_drawn_for_later_requests() {
    let scripts = [script((0..100).map(|n| (n * 100, set(0, n))))];
    let mut schedule = schedule(&scripts);
    schedule.services.limits.startup_burst = 1_000;
    schedule.services.faults.set.refused_ppm = 300_000;
    let drawn = Tape::of(&schedule, &scripts).answers(0);
    schedule.timeline = vec![fail_next(0, RequestClass::Set, RequestFault::Refused)];
    let armed = Tape::of(&schedule, &scripts).answers(0);
    assert_eq!(armed[0].2, REJECTED);
    assert_eq!(drawn[1..], armed[1..]);
}

#[test]
fn after_the_healing_nothing_befalls_anything() {
    // Nothing is read before the healing: what was armed for a read is still armed then.
    let scripts = [script((0..200).map(|n| (n * 600, set(0, n))).chain([(125_000, get(0))]))];
    let mut schedule = schedule(&scripts);
    schedule.services.faults.set.refused_ppm = 500_000;
    schedule.timeline = vec![fail_next(0, RequestClass::Read, RequestFault::Refused)];
    let tape = Tape::of(&schedule, &scripts);
    let (before, after): (Vec<_>, Vec<_>) = tape.answers(0).into_iter().partition(|(at, ..)| *at <= 100_050);
    assert!(before.iter().any(|(_, _, error)| *error == REJECTED));
    assert!(after.len() > 20 && after.iter().all(|(_, _, error)| error.is_none()));
}
