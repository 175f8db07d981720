//! Schedules are the same for the same seed, sane always, and varied.

use std::collections::{BTreeMap, BTreeSet};

use dupeproof_core::Span;
use dupeproof_scenarios::failure::sanity;
use dupeproof_scenarios::subjects::core::CoreSubject;
use dupeproof_scenarios::{Fault, Suite, World, schedules, strategy};
use dupeproof_sim::guest::Command;
use dupeproof_sim::schedule::{Action, Schedule, Step};
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
    let tree = schedules(suite, &CoreSubject::default()).new_tree(&mut strategy::runner(3, 5)).unwrap();
    assert_eq!(tree.current(), suite.schedule(3, 5, "core"));
}

#[test]
fn every_schedule_of_every_suite_and_world_is_sane() {
    let worlds = World::all().iter().map(|world| Suite::all()[0].in_world(world));
    for suite in Suite::all().iter().cloned().chain(worlds) {
        for case in 0..300 {
            let schedule = suite.schedule(1, case, "core");
            assert_eq!(sanity::check(&schedule), Ok(()), "{} in {} case {case}", suite.name, suite.world.name);
        }
    }
}

#[test]
fn every_kind_of_step_occurs_and_is_absent_often_enough() {
    let mut with: BTreeMap<&str, u32> = BTreeMap::new();
    for schedule in swarm(500) {
        let kinds: BTreeSet<&str> = schedule.timeline.iter().map(|step| kind(&step.action)).collect();
        for kind in kinds {
            *with.entry(kind).or_default() += 1;
        }
    }
    for kind in [
        "join",
        "leave",
        "edit",
        "save",
        "swap",
        "crash",
        "restart",
        "close",
        "freeze",
        "partition",
        "outage_messaging",
    ] {
        assert!(with.get(kind).is_some_and(|count| *count >= 50), "{kind}: {with:?}");
    }
    for kind in ["swap", "crash", "restart", "close", "freeze", "partition", "outage_messaging"] {
        assert!(with[kind] <= 450, "{kind} is nearly always there, so nothing is ever without it: {with:?}");
    }
}

#[test]
fn every_kind_of_fault_is_in_the_swarm_as_often_as_its_odds_say() {
    let suite = &Suite::all()[0];
    let cases = 2_000;
    let mut with: BTreeMap<Fault, u32> = BTreeMap::new();
    for schedule in swarm(cases) {
        for fault in Fault::ALL.iter().filter(|fault| fault.without(&schedule).is_some()) {
            *with.entry(*fault).or_default() += 1;
        }
    }
    for fault in Fault::ALL {
        let odds = u32::from(suite.shape.odds.of(*fault));
        let count = with.get(fault).copied().unwrap_or_default();
        // Patterns bring their own freezes, cuts, outages and late replies; a fault whose moment is past the end is none.
        let brought = ["freeze", "partition", "outage_messaging", "late_reply"].contains(&fault.name());
        let most = if brought { 1_800 } else { odds * 20 + 90 };
        assert!(count + 150 + odds >= odds * 20 && count <= most, "{}: {count} at {odds} %", fault.name());
        // No subject that is built in uses memory stores.
        let elsewhere = fault.name() == "nil_read" || fault.is_of_memory_stores();
        assert!(odds > 0 || elsewhere, "{} is not in the swarm", fault.name());
    }
}

#[test]
fn request_faults_hit_some_classes_in_the_background_and_single_requests() {
    let mut coverage = BTreeSet::new();
    for schedule in swarm(500) {
        let faults = schedule.services.faults;
        let classes = [faults.read.lost_reply_ppm, faults.write.lost_reply_ppm, faults.set.lost_reply_ppm];
        let armed = schedule.timeline.iter().any(|step| kind(&step.action) == "lost_reply");
        coverage.insert((classes.map(|ppm| ppm > 0), armed));
    }
    for classes in [[true; 3], [true, false, false], [false, true, true], [false; 3]] {
        assert!(
            [true, false].into_iter().all(|armed| coverage.contains(&(classes, armed))),
            "{classes:?}: {coverage:?}"
        );
    }
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
            Command::Overfill(_) => "overfill",
            Command::Errands { .. } => "errands",
        },
        Action::Restart { .. } => "restart",
        Action::Purchase { .. } => "purchase",
        fault => Fault::of_action(fault).map_or("no fault", Fault::name),
    }
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
        assert_eq!(Fault::ALL.iter().find(|fault| fault.without(&calm).is_some()), None);
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
    for name in ["trade", "gift", "purchase", "send"] {
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
fn somebody_buys_something_where_they_are_and_sometimes_right_before_they_turn_up_elsewhere() {
    let suite = Suite::named("market").unwrap();
    let (mut bought, mut at_home, mut before_a_join) = (0, 0, 0);
    for case in 0..500 {
        let schedule = suite.schedule(11, case, "core");
        let mut where_they_are: BTreeMap<u16, Vec<u16>> = BTreeMap::new();
        for (place, step) in schedule.timeline.iter().enumerate() {
            match step.action {
                Action::Command { server, command: Command::Join(player) } => {
                    where_they_are.entry(player.0).or_default().push(server);
                }
                Action::Command { server, command: Command::Leave(player) } => {
                    where_they_are.entry(player.0).or_default().retain(|other| *other != server);
                }
                Action::Purchase { player, .. } => {
                    bought += 1;
                    at_home += u32::from(where_they_are.get(&player.0).is_some_and(|servers| !servers.is_empty()));
                    let joins = |later: &&Step| matches!(later.action, Action::Command { command: Command::Join(who), .. } if who == player);
                    let next = schedule.timeline[place..].iter().find(joins);
                    before_a_join += u32::from(next.is_some_and(|next| next.at.0 - step.at.0 <= 2_000_000));
                }
                _ => {}
            }
        }
    }
    assert!(bought > 300 && at_home * 10 > bought * 8 && before_a_join > 30, "{at_home}, {before_a_join} of {bought}");
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
