//! The causes of a finding are found by taking things away: different causes are kept apart, and each is only what is needed.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Mutex;

use dupeproof_core::Span;
use dupeproof_scenarios::condition::Condition;
use dupeproof_scenarios::coverage::Coverage;
use dupeproof_scenarios::fault::Group;
use dupeproof_scenarios::search::{Cause, Explaining, Listener, Search};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Factor, Fault, Suite, run_case};
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, ServiceName};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, Direction, RequestClass, RequestFault, Step};
use dupeproof_sim::{FindingKind, Schedule};

/// What the naive script's lost updates come from.
fn causes(kind: FindingKind) -> (u64, Vec<Cause>) {
    let subjects = Subjects::default();
    let subject = subjects.named("naive").expect("it is built in");
    let suite = Suite::named("swarm").expect("it is built in");
    let network = Network::Event;
    let report = Search { suite, subject, network, seed: 5, first: 0, cases: 400, jobs: 2 }
        .run(&mut |_| ControlFlow::Continue(()));
    let found = report.findings.into_iter().find(|found| found.kind == kind).expect("it is found");
    (found.looked_at, found.causes)
}

fn shows(schedule: &Schedule, kind: FindingKind) -> bool {
    let subjects = Subjects::default();
    let subject = subjects.named("naive").expect("it is built in");
    run_case(schedule, subject, Network::Event, &mut ()).shows(kind)
}

#[test]
fn causes_differ_and_each_schedule_needs_all_of_its_own() {
    for kind in [FindingKind::LostUpdate, FindingKind::ItemDuplicated, FindingKind::DoubleLive] {
        let (looked_at, causes) = causes(kind);
        let different: BTreeSet<_> = causes.iter().map(|cause| cause.needs.clone()).collect();
        assert_eq!(different.len(), causes.len());
        assert!(causes.is_sorted_by_key(|cause| (cause.evidence(), cause.needs.len())), "the most real come first");
        for cause in &causes {
            assert!((1..=looked_at).contains(&cause.cases), "{kind:?} {:?}", cause.needs);
            let schedule = &cause.failure.schedule;
            assert_eq!(Factor::all_in(schedule), cause.needs);
            assert!(shows(schedule, kind));
            for need in &cause.needs {
                let mut without = schedule.clone();
                need.take_out(&mut without);
                assert!(!shows(&without, kind), "{kind:?} does not need {need:?} of {:?}", cause.needs);
            }
        }
    }
}

#[test]
fn a_script_without_locks_loses_updates_for_several_reasons() {
    let (_, causes) = causes(FindingKind::LostUpdate);
    assert!(causes.len() >= 2, "{:?}", causes.iter().map(|cause| &cause.needs).collect::<Vec<_>>());
}

#[test]
fn every_fault_is_part_of_one_thing_that_goes_wrong_or_depends_on_the_service() {
    let suite = Suite::named("swarm").expect("it is built in");
    let schedules: Vec<_> = (0..400).map(|case| suite.schedule(3, case, "naive")).collect();
    for fault in Fault::ALL.iter().filter(|fault| suite.shape.odds.of(**fault) > 0) {
        let without: Vec<_> =
            schedules.iter().filter_map(|schedule| Some((schedule, fault.without(schedule)?))).collect();
        assert!(!without.is_empty(), "{fault:?} is never drawn");
        for (schedule, twin) in without {
            let bare = |schedule: &Schedule| {
                let mut bare = schedule.clone();
                Factor::all().iter().for_each(|factor| factor.take_out(&mut bare));
                bare
            };
            assert!(!Factor::all_in(schedule).is_empty(), "{fault:?} is nothing that goes wrong");
            assert_eq!(bare(schedule), bare(&twin), "{fault:?} is left when everything is taken away");
        }
    }
}

#[test]
fn a_request_that_fails_is_a_read_or_a_write() {
    let of = |class, fault| {
        let action = Action::FailNext { server: 0, service: ServiceName::DataStore, class, fault };
        Factor::all_in(&Schedule { timeline: vec![Step { at: Span::secs(1), action }], ..Schedule::default() })
    };
    assert_eq!(of(RequestClass::Read, RequestFault::Refused), [Factor::Group(Group::Reads)]);
    assert_eq!(of(RequestClass::Set, RequestFault::Refused), [Factor::Group(Group::RefusedWrites)]);
    assert_eq!(of(RequestClass::Write, RequestFault::LostReply), [Factor::Group(Group::Ambiguous)]);
    let action = Action::FailNext {
        server: 0,
        service: ServiceName::MemoryStore,
        class: RequestClass::Write,
        fault: RequestFault::LateReply { span: Span::secs(25) },
    };
    let of_memory_stores = Schedule { timeline: vec![Step { at: Span::secs(1), action }], ..Schedule::default() };
    assert_eq!(Factor::all_in(&of_memory_stores), [Factor::Group(Group::MemoryStore)]);
    let conditions = Condition::all_in(&of_memory_stores, &Coverage::default(), true);
    let words: Vec<&str> = conditions.iter().map(|condition| &*condition.words).collect();
    assert_eq!(words, ["an answer of memory stores at least 25 s late"]);
    let mut throughout = Schedule::default();
    throughout.services.faults.read.refused_ppm = 5;
    throughout.services.faults.set.refused_ppm = 7;
    assert_eq!(Factor::all_in(&throughout), [Factor::Group(Group::Reads), Factor::Group(Group::RefusedWrites)]);
    Factor::Group(Group::Reads).take_out(&mut throughout);
    assert_eq!(Factor::all_in(&throughout), [Factor::Group(Group::RefusedWrites)]);
}

#[test]
fn a_partition_is_what_it_keeps_from_getting_through() {
    let of = |service| {
        let action = Action::Partition { server: 0, service, direction: Direction::Both, span: Span::secs(9) };
        let join = Action::Command { server: 0, command: Command::Join(PlayerId(0)) };
        let timeline = [action, join].map(|action| Step { at: Span::secs(1), action }).to_vec();
        Factor::all_in(&Schedule { timeline, ..Schedule::default() })
    };
    assert_eq!(of(ServiceName::DataStore), [Factor::Group(Group::Unavailable)]);
    assert_eq!(of(ServiceName::Messaging), [Factor::Group(Group::Silence)]);
    assert_eq!(of(ServiceName::MemoryStore), [Factor::Group(Group::MemoryStore)]);
}

#[test]
fn whoever_listens_hears_how_many_schedules_are_done_and_changes_nothing() {
    #[derive(Default)]
    struct Heard(Mutex<Vec<Explaining>>);

    impl Listener for Heard {
        fn at(&self, now: Explaining) {
            self.0.lock().expect("nobody panics").push(now);
        }
    }

    let subjects = Subjects::default();
    let subject = subjects.named("naive").expect("it is built in");
    let suite = Suite::named("swarm").expect("it is built in");
    let search = Search { suite, subject, network: Network::Event, seed: 5, first: 0, cases: 100, jobs: 2 };
    let survey = search.survey(&mut |_| ControlFlow::Continue(()));
    let heard = Heard::default();
    let listened = search.explain_each(survey.clone(), search.depth(), &heard);
    assert_eq!(format!("{listened:?}"), format!("{:?}", search.explain(survey, search.depth())));
    let heard = heard.0.into_inner().expect("nobody panics");
    let last = heard.last().expect("something is done");
    assert_eq!(last.of, listened.findings.iter().map(|found| found.looked_at).sum::<u64>());
    assert_eq!(last.looked_at, last.of, "all were looked at in the end");
    assert!(last.shrunk >= listened.findings.iter().map(|found| found.causes.len() as u64).sum());
    assert!(last.runs > last.of, "each was run at least once");
    let parts = |now: &Explaining| [now.looked_at, now.shrunk, now.runs];
    let grows = |pair: &[Explaining]| parts(&pair[0]).iter().zip(parts(&pair[1])).all(|(one, next)| *one <= next);
    assert!(heard.windows(2).all(grows), "nothing is taken back");
}
