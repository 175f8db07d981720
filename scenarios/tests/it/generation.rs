//! Schedules are the same for the same seed, sane always, and varied.

use std::collections::BTreeMap;

use dupeproof_core::Span;
use dupeproof_scenarios::failure::sanity;
use dupeproof_scenarios::{Suite, strategy};
use dupeproof_sim::guest::Command;
use dupeproof_sim::schedule::{Action, Fate, Schedule, ServiceProfile, Step};
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
            Command::Trade { .. } => "trade",
            Command::Gift { .. } => "gift",
            Command::Receipt { .. } => "receipt",
            Command::Send { .. } => "send",
            Command::Steal(_) => "steal",
            Command::Remove(_) => "remove",
            Command::Rollback(_) => "rollback",
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
            Fate::AppliedTwice { .. } => "applied_twice",
            Fate::NilRead => "nil_read",
        },
    }
}

fn background(services: &ServiceProfile) -> impl Iterator<Item = &'static str> {
    let healthy = ServiceProfile::default();
    [
        ("background refused", services.faults.write.refused_ppm > 0),
        ("background applied_then_error", services.faults.write.applied_then_error_ppm > 0),
        ("background lost_reply", services.faults.write.lost_reply_ppm > 0),
        ("background late_reply", services.faults.write.late_reply_ppm > 0),
        ("background late_apply", services.faults.write.late_apply_ppm > 0),
        ("background message_lost", services.message_lost_ppm > 0),
        ("background message_doubled", services.message_doubled_ppm > 0),
        ("background publish_error", services.publish_error_ppm > 0),
        ("background subscribe_error", services.subscribe_error_ppm > 0),
        ("budget", services.limits != healthy.limits),
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

/// The dealings of a timeline.
fn dealings(schedule: &Schedule) -> BTreeMap<&'static str, u32> {
    let mut counts = BTreeMap::new();
    for step in &schedule.timeline {
        *counts.entry(kind(&step.action)).or_default() += 1;
    }
    counts
}

#[test]
fn every_dealing_occurs_on_the_market_and_is_absent_often_enough() {
    let suite = Suite::named("market").unwrap();
    let schedules: Vec<_> = (0..500).map(|case| dealings(&suite.schedule(11, case, "core"))).collect();
    for name in ["trade", "gift", "receipt", "send"] {
        let with = schedules.iter().filter(|counts| counts.contains_key(name)).count();
        assert!((100..=450).contains(&with), "{with} of 500 have a {name}");
    }
    let floods = schedules.iter().filter(|counts| counts.get("send").is_some_and(|sends| *sends > 10)).count();
    assert!(floods >= 20, "{floods}");
    let admin = ["swap", "steal", "remove", "rollback"];
    assert!(schedules.iter().all(|counts| admin.iter().all(|name| !counts.contains_key(name))));
    let suite = Suite::named("admin").unwrap();
    let schedules: Vec<_> = (0..500).map(|case| dealings(&suite.schedule(11, case, "core"))).collect();
    for name in &admin[1..] {
        let with = schedules.iter().filter(|counts| counts.contains_key(name)).count();
        assert!((100..=450).contains(&with), "{with} of 500 have a {name}");
    }
}

/// How the second side of each trade stands to the first: its seconds later, and whether it is on the same server.
fn sides(schedule: &Schedule) -> Vec<Option<(u64, bool)>> {
    let mut first: BTreeMap<_, (Span, u16)> = BTreeMap::new();
    let mut both = Vec::new();
    for step in &schedule.timeline {
        let Action::Command { server, command: Command::Trade { trade, .. } } = step.action else { continue };
        if let Some((at, there)) = first.remove(&trade) {
            both.push(Some(((step.at.0 - at.0) / 1_000_000, there == server)));
        } else {
            first.insert(trade, (step.at, server));
        }
    }
    both.extend(first.into_keys().map(|_| None));
    both
}

#[test]
fn the_sides_of_a_trade_come_together_or_late_or_one_never_comes_on_one_server_or_two() {
    let suite = Suite::named("market").unwrap();
    let trades: Vec<_> = (0..500).flat_map(|case| sides(&suite.schedule(11, case, "core"))).collect();
    let both: Vec<(u64, bool)> = trades.iter().flatten().copied().collect();
    let after = |seconds: std::ops::Range<u64>| both.iter().filter(|(after, _)| seconds.contains(after)).count();
    let together = both.iter().filter(|(_, together)| *together).count();
    let alone = trades.len() - both.len();
    let counts = [alone, after(0..10), after(20..30), after(30..60), together, both.len() - together];
    assert!(counts.iter().all(|count| *count >= 20), "{counts:?} of {}", trades.len());
}

#[test]
fn receipts_are_delivered_more_than_once_and_on_two_servers_at_once() {
    let suite = Suite::named("market").unwrap();
    let (mut again, mut at_once) = (0, 0);
    for case in 0..500 {
        let mut delivered: BTreeMap<_, (Span, u16)> = BTreeMap::new();
        for step in suite.schedule(11, case, "core").timeline {
            let Action::Command { server, command: Command::Receipt { receipt, .. } } = step.action else { continue };
            if let Some((at, there)) = delivered.insert(receipt, (step.at, server)) {
                again += 1;
                at_once += u32::from(there != server && step.at.0 - at.0 < 2_000_000);
            }
        }
    }
    assert!(again > 100 && at_once > 10, "{again} again, {at_once} on two servers at once");
}

#[test]
fn in_memory_the_market_is_the_same_but_for_trades_whose_sides_meet() {
    let [market, memory] = ["market", "market_in_memory"].map(|name| Suite::named(name).unwrap());
    let mut swaps = 0;
    for case in 0..200 {
        let [atomic, swapped] = [market, memory].map(|suite| suite.schedule(11, case, "core"));
        assert_eq!(
            (atomic.seed, &atomic.services, &atomic.players),
            (swapped.seed, &swapped.services, &swapped.players)
        );
        let meeting = sides(&atomic).iter().flatten().filter(|(_, together)| *together).count();
        assert_eq!(dealings(&swapped).get("swap").map_or(0, |count| *count as usize), meeting);
        assert_eq!(atomic.timeline.len(), swapped.timeline.len() + meeting);
        assert!(sides(&swapped).iter().flatten().all(|(_, together)| !together));
        let others = |schedule: &Schedule| {
            let traded = |step: &&Step| !matches!(kind(&step.action), "trade" | "swap");
            schedule.timeline.iter().filter(traded).cloned().collect::<Vec<_>>()
        };
        assert_eq!(others(&atomic), others(&swapped));
        swaps += meeting;
    }
    assert!(swaps > 50, "{swaps}");
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
