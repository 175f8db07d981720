//! `schedules(..)` in an ordinary proptest test: its runner, its persistence, its shrinking, its combinators.

use std::cell::RefCell;

use dupeproof_scenarios::subjects::core::CoreSubject;
use dupeproof_scenarios::subjects::naive::NaiveSubject;
use dupeproof_scenarios::{Suite, schedules};
use dupeproof_sim::Schedule;
use dupeproof_sim::schedule::Action;
use proptest::prelude::*;
use proptest::test_runner::{Config, FailurePersistence, MapFailurePersistence, TestError, TestRunner};

fn crashes(schedule: &Schedule) -> usize {
    schedule.timeline.iter().filter(|step| matches!(step.action, Action::Crash { .. })).count()
}

fn config(persistence: Option<MapFailurePersistence>) -> Config {
    let failure_persistence = persistence.map(|kept| -> Box<dyn FailurePersistence> { Box::new(kept) });
    Config { failure_persistence, source_file: Some("here"), ..Config::with_cases(50) }
}

proptest! {
    // What a suite and its shape draw; 50 draws take milliseconds.
    #![proptest_config(config(None))]
    #[test]
    fn a_suite_and_a_shape_both_do_and_the_schedule_names_its_subject(
        of_suite in schedules(&Suite::all()[0], &NaiveSubject),
        of_shape in schedules(&*Suite::all()[0].shape, &CoreSubject::default()),
    ) {
        prop_assert_eq!(of_suite.subject, "naive");
        prop_assert_eq!(of_shape.subject, "core");
    }
}

#[test]
fn a_failure_is_shrunk_to_what_it_needs_also_behind_a_map() {
    let suite = Suite::named("crash").unwrap();
    let numbered = (0..10_u8, schedules(suite, &NaiveSubject)).prop_map(|(number, schedule)| (schedule, number));
    let outcome = TestRunner::new(config(None)).run(&numbered, |(schedule, _)| {
        prop_assert!(crashes(&schedule) < 2);
        Ok(())
    });
    let Err(TestError::Fail(_, (schedule, number))) = outcome else { panic!("{outcome:?}") };
    assert_eq!((number, schedule.timeline.len(), crashes(&schedule), schedule.players.len()), (0, 2, 2, 0));
}

#[test]
fn a_failure_that_was_persisted_is_drawn_first_the_next_time() {
    let suite = Suite::named("crash").unwrap();
    let strategy = schedules(suite, &NaiveSubject);
    let mut runner = TestRunner::new(Config { max_shrink_iters: 0, ..config(Some(MapFailurePersistence::default())) });
    let outcome = runner.run(&strategy, |schedule| {
        prop_assert!(crashes(&schedule) < 2);
        Ok(())
    });
    let Err(TestError::Fail(_, failed)) = outcome else { panic!("{outcome:?}") };
    let kept = runner.config().failure_persistence.as_ref().and_then(|kept| kept.as_any().downcast_ref()).cloned();
    let first = RefCell::new(None);
    let outcome = TestRunner::new(config(kept)).run(&strategy, |schedule| {
        first.borrow_mut().get_or_insert(schedule);
        Ok(())
    });
    assert!(outcome.is_ok());
    assert_eq!(first.into_inner(), Some(failed));
}
