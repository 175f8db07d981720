//! Schedules are the same for the same seed, sane always, and varied.

use std::collections::BTreeMap;

use dupeproof_core::Span;
use dupeproof_scenarios::failure::sanity;
use dupeproof_scenarios::{Suite, strategy};
use dupeproof_sim::guest::Command;
use dupeproof_sim::schedule::{Action, Fate, Schedule, ServiceProfile};
use proptest::strategy::{Strategy, ValueTree};

fn swarm(cases: u64) -> impl Iterator<Item = Schedule> {
    (0..cases).map(|case| Suite::all()[0].schedule(11, case, "core"))
}

#[test]
fn the_same_seed_and_case_give_the_same_schedule_and_others_another() {
    let suite = &Suite::all()[0];
    assert_eq!(suite.schedule(3, 5, "core"), suite.schedule(3, 5, "core"));
    assert_ne!(suite.schedule(3, 5, "core"), suite.schedule(3, 6, "core"));
    assert_ne!(suite.schedule(3, 5, "core"), suite.schedule(4, 5, "core"));
    let for_naive = Schedule { subject: "core".into(), ..suite.schedule(3, 5, "naive") };
    assert_eq!(suite.schedule(3, 5, "core"), for_naive);
}

#[test]
fn a_case_of_a_suite_is_what_proptest_would_draw() {
    let suite = &Suite::all()[0];
    let tree = suite.schedules("core").new_tree(&mut strategy::runner(3, 5)).unwrap();
    assert_eq!(tree.current(), suite.schedule(3, 5, "core"));
}

#[test]
fn every_schedule_of_every_suite_is_sane() {
    for suite in Suite::all() {
        for case in 0..300 {
            let schedule = suite.schedule(1, case, "core");
            assert_eq!(sanity::check(&schedule), Ok(()), "{} case {case}", suite.name);
        }
    }
}

#[test]
fn every_kind_of_step_occurs_and_is_absent_often_enough() {
    let cases = 500;
    let mut with: BTreeMap<&str, u32> = BTreeMap::new();
    for schedule in swarm(cases) {
        let mut kinds: Vec<&str> = schedule.timeline.iter().map(|step| kind(&step.action)).collect();
        kinds.extend(background(&schedule.services));
        if schedule.servers.iter().any(|server| server.rate_ppm != 0) {
            kinds.push("clocks");
        }
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            *with.entry(kind).or_default() += 1;
        }
    }
    let always = ["join", "leave"];
    let sometimes = [
        "edit",
        "save",
        "swap",
        "crash",
        "restart",
        "close",
        "freeze",
        "partition",
        "outage",
        "refused",
        "applied_then_error",
        "lost_reply",
        "late_reply",
        "late_apply",
        "background refused",
        "background applied_then_error",
        "background lost_reply",
        "background late_reply",
        "background late_apply",
        "background message_lost",
        "background message_doubled",
        "background publish_error",
        "background subscribe_error",
        "budget",
        "latency",
        "delivery",
        "clocks",
    ];
    for kind in always.iter().chain(&sometimes) {
        assert!(with.get(kind).is_some_and(|count| *count >= 20), "{kind}: {with:?}");
    }
    for kind in &sometimes[2..] {
        assert!(with[kind] <= 450, "{kind} is nearly always there, so nothing is ever without it: {with:?}");
    }
    assert_eq!(with.len(), always.len() + sometimes.len(), "{with:?}");
}

fn kind(action: &Action) -> &'static str {
    match action {
        Action::Command { command, .. } => match command {
            Command::Join(_) => "join",
            Command::Leave(_) => "leave",
            Command::Edit(_) => "edit",
            Command::Save(_) => "save",
            Command::Swap(..) => "swap",
        },
        Action::Crash { .. } => "crash",
        Action::Restart { .. } => "restart",
        Action::Close { .. } => "close",
        Action::Freeze { .. } => "freeze",
        Action::Partition { .. } => "partition",
        Action::Outage { .. } => "outage",
        Action::Mishap { fate, .. } => match fate {
            Fate::Refused => "refused",
            Fate::AppliedThenError => "applied_then_error",
            Fate::LostReply => "lost_reply",
            Fate::LateReply { .. } => "late_reply",
            Fate::LateApply { .. } => "late_apply",
        },
    }
}

fn background(services: &ServiceProfile) -> impl Iterator<Item = &'static str> {
    let healthy = ServiceProfile::default();
    [
        ("background refused", services.refused_ppm > 0),
        ("background applied_then_error", services.applied_then_error_ppm > 0),
        ("background lost_reply", services.lost_reply_ppm > 0),
        ("background late_reply", services.late_reply_ppm > 0),
        ("background late_apply", services.late_apply_ppm > 0),
        ("background message_lost", services.message_lost_ppm > 0),
        ("background message_doubled", services.message_doubled_ppm > 0),
        ("background publish_error", services.publish_error_ppm > 0),
        ("background subscribe_error", services.subscribe_error_ppm > 0),
        ("budget", services.budget != healthy.budget),
        ("latency", services.datastore_latency != healthy.datastore_latency),
        ("delivery", services.delivery_delay != healthy.delivery_delay),
    ]
    .into_iter()
    .filter_map(|(name, on)| on.then_some(name))
}

#[test]
fn players_are_sometimes_on_two_servers_at_once_and_sometimes_come_back_to_the_same() {
    let (mut two_devices, mut rejoins) = (0, 0);
    for schedule in swarm(200) {
        let mut last: BTreeMap<u16, (u16, bool, Span)> = BTreeMap::new();
        for step in &schedule.timeline {
            let Action::Command { server, command } = step.action else { continue };
            match command {
                Command::Join(player) => {
                    if let Some((before, present, left)) = last.insert(player.0, (server, true, step.at)) {
                        two_devices += u32::from(present && before != server);
                        rejoins += u32::from(!present && before == server && step.at.0 - left.0 < 5_000_000);
                    }
                }
                Command::Leave(player) if last.get(&player.0).is_some_and(|last| last.0 == server) => {
                    last.insert(player.0, (server, false, step.at));
                }
                _ => {}
            }
        }
    }
    assert!(two_devices > 50 && rejoins > 50, "{two_devices} on two devices, {rejoins} quick rejoins");
}

#[test]
fn suites_without_swaps_or_faults_have_none() {
    for case in 0..200 {
        let still = Suite::named("no_swap").unwrap().schedule(1, case, "core");
        assert!(!still.timeline.iter().any(|step| kind(&step.action) == "swap"));
        let calm = Suite::named("calm").unwrap().schedule(1, case, "core");
        assert!(calm.timeline.iter().all(|step| matches!(step.action, Action::Command { .. })));
        assert_eq!(background(&calm.services).count(), 0);
    }
}

#[test]
fn suites_have_their_own_names_and_demand_counters_that_exist() {
    let names: std::collections::BTreeSet<_> = Suite::all().iter().map(|suite| suite.name).collect();
    assert_eq!(names.len(), Suite::all().len());
    let counters: Vec<_> = dupeproof_scenarios::Counter::ALL.iter().map(|counter| counter.name()).collect();
    for suite in Suite::all() {
        assert!(suite.must_see.iter().all(|name| counters.contains(name)), "{}: {:?}", suite.name, suite.must_see);
    }
}
