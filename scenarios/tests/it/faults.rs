//! Each kind of fault can be taken out of a schedule, itself and nothing else, and is counted when it strikes.

use dupeproof_scenarios::strategy::{self, Shape};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Coverage, Fault, Knob, Probe, Suite, World, run_case};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::Schedule;

fn stormy() -> impl Iterator<Item = Schedule> {
    let suite = Suite::all()[0].in_world(World::find("stormy").unwrap());
    (0..60).map(move |case| suite.schedule(5, case, "core"))
}

#[test]
fn without_a_fault_there_is_none_of_it_and_all_of_the_others() {
    for schedule in stormy() {
        let there: Vec<Fault> = Fault::ALL.iter().copied().filter(|fault| fault.without(&schedule).is_some()).collect();
        for fault in &there {
            let twin = fault.without(&schedule).unwrap();
            let left: Vec<Fault> = Fault::ALL.iter().copied().filter(|other| other.without(&twin).is_some()).collect();
            let expected: Vec<Fault> = there.iter().copied().filter(|other| other != fault).collect();
            assert_eq!(left, expected, "without {}", fault.name());
            assert_eq!((twin.seed, &twin.players, twin.length), (schedule.seed, &schedule.players, schedule.length));
        }
    }
}

#[test]
fn without_any_fault_a_schedule_is_calm_but_for_what_is_no_fault() {
    let calm = Schedule::default();
    for mut schedule in stormy() {
        Fault::ALL.iter().for_each(|fault| fault.take_out(&mut schedule));
        assert!(schedule.timeline.iter().all(|step| Fault::of_action(&step.action).is_none()));
        // How late is late matters to late faults only, and the others are facts that are not documented.
        let others = ["lateness_min_ms", "lateness_max_ms", "echo", "cache_nil", "before_the_hour_s"];
        for knob in Knob::all().iter().filter(|knob| !knob.of_server && !others.contains(&knob.name)) {
            assert_eq!(knob.get(&schedule, 0), knob.get(&calm, 0), "{}", knob.name);
        }
        for server in &schedule.servers {
            assert_eq!((server.unix_offset, server.rate_ppm, server.studio), (0, 0, false));
        }
    }
}

#[test]
fn every_fault_that_is_an_event_is_counted_in_some_world() {
    let subjects = Subjects::default();
    let core = subjects.named("core").unwrap();
    let mut coverage = Coverage::default();
    for world in World::all() {
        let suite = Suite::all()[0].in_world(world);
        for case in 0..150 {
            coverage.add(&run_case(&suite.schedule(2, case, "core"), core, Network::Event, &mut ()).coverage);
        }
    }
    // Nobody here uses memory stores; `sim/luau` has a module that does.
    for fault in Fault::ALL.iter().filter(|fault| !fault.is_of_memory_stores()) {
        for probe in Probe::of_fault(*fault) {
            assert!(coverage.of(probe) > 0, "{}: {}", fault.name(), probe.name());
        }
    }
}

#[test]
fn faults_have_their_own_names_and_are_found_by_them() {
    for fault in Fault::ALL {
        assert_eq!(Fault::find(fault.name()), Ok(*fault));
    }
    let why = Fault::find("lost-replies").unwrap_err();
    assert!(why.starts_with("unknown fault `lost-replies`; did you mean `lost_reply`?"), "{why}");
}

#[test]
fn a_fault_that_draws_from_a_stream_of_its_own_moves_no_other() {
    let lag = const { Fault::named("lag") };
    let suite = &Suite::all()[0];
    let mut never = Shape::clone(&suite.shape);
    never.odds.set(lag, 0);
    let mut there = 0;
    for case in 0..200 {
        let (schedule, bare) = (suite.schedule(5, case, "core"), never.draw("core", &mut strategy::rng(5, case)));
        there += u32::from(schedule != bare);
        assert_eq!(lag.without(&schedule).unwrap_or(schedule), bare, "case {case}");
    }
    assert!(there > 20, "{there} of 200 have it");
}

#[test]
fn every_fault_says_how_real_it_is() {
    for fault in Fault::ALL {
        assert!(!fault.source().is_empty(), "{fault:?}: {:?}, but where?", fault.evidence());
    }
}
