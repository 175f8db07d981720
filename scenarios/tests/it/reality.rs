//! How real causes are: of every fault, at every size; and what is left out where less is believed.

use dupeproof_core::Span;
use dupeproof_scenarios::factor::Intervention;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Belief, Condition, Coverage, Evidence, Factor, Fault, Suite};
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, ServiceName, Slot};
use dupeproof_sim::schedule::{Action, Direction, RequestClass, RequestFault, Step};
use dupeproof_sim::{Schedule, ServerPlan};

const PLAYER: PlayerId = PlayerId(0);

fn command(at: u64, server: Slot, command: Command) -> Step {
    Step { at: Span::secs(at), action: Action::Command { server, command } }
}

/// Two servers on which this happens.
fn with(timeline: Vec<Step>) -> Schedule {
    Schedule { servers: vec![ServerPlan::default(); 2], timeline, length: Span::secs(600), ..Schedule::default() }
}

fn during(action: Action) -> Schedule {
    with(vec![Step { at: Span::secs(1), action }])
}

/// The only condition of a schedule, in words, and how real it is.
fn only(schedule: &Schedule) -> (String, Evidence) {
    let mut all = Condition::all_in(schedule, &Coverage::default(), true);
    assert_eq!(all.len(), 1, "{all:?}");
    let Condition { words, evidence, .. } = all.remove(0);
    (words, evidence)
}

fn clock(seconds: i64) -> Schedule {
    let mut schedule = with(Vec::new());
    schedule.servers[1].unix_offset = seconds * 1_000_000;
    schedule
}

#[test]
fn a_larger_size_is_never_more_real() {
    for fault in Fault::ALL {
        let mut known = fault.evidence();
        for (_, evidence, source) in fault.bounds() {
            assert!(evidence >= fault.evidence() && !source.is_empty(), "{fault:?}");
            known = known.max(evidence);
        }
        assert!(known <= Evidence::NeverSeen && !fault.source().is_empty());
    }
}

#[test]
fn each_size_has_its_words_and_its_evidence() {
    let freeze = |seconds| during(Action::Freeze { server: 0, span: Span::secs(seconds) });
    let fail = |class, fault| during(Action::FailNext { server: 0, service: ServiceName::DataStore, class, fault });
    let late = |seconds| fail(RequestClass::Read, RequestFault::LateReply { span: Span::secs(seconds) });
    let cut = |seconds| {
        let (service, direction) = (ServiceName::Messaging, Direction::Both);
        during(Action::Partition { server: 0, service, direction, span: Span::secs(seconds) })
    };
    let mut studio = with(Vec::new());
    studio.servers[0].studio = true;
    let mut fast = with(Vec::new());
    fast.servers[0].rate_ppm = 5_000;
    let cases = [
        (clock(1), "a clock at least 1 s ahead", Evidence::Documented),
        (clock(-7), "a clock at least 7 s behind", Evidence::Inferred),
        (clock(331), "a clock at least 331 s ahead", Evidence::NeverSeen),
        (clock(9 * 3_600), "a clock at least 9 h ahead", Evidence::NeverSeen),
        (freeze(46), "a freeze of at least 46 s", Evidence::Inferred),
        (freeze(100), "a freeze of at least 100 s", Evidence::NeverSeen),
        (late(6), "a read answered at least 6 s late", Evidence::Reported),
        (late(31), "a read answered at least 31 s late", Evidence::Inferred),
        (late(61), "a read answered at least 61 s late", Evidence::NeverSeen),
        (fail(RequestClass::Set, RequestFault::Refused), "a refused write", Evidence::Documented),
        (cut(9), "MessagingService out of a server's reach for at least 9 s", Evidence::Inferred),
        (studio, "a server in Studio", Evidence::Developing),
        (fast, "a clock at least 0.5 % too fast", Evidence::Documented),
        (during(Action::Crash { server: 0 }), "a crash", Evidence::Documented),
        (during(Action::Close { server: 0 }), "a shutdown", Evidence::Ordinary),
        (with(vec![command(1, 0, Command::Steal(PLAYER))]), "a game starts a session with Steal", Evidence::Ordinary),
    ];
    for (mut schedule, words, evidence) in cases {
        // Who steals stays on until the end.
        schedule.length = Span::secs(100);
        assert_eq!(only(&schedule), (words.to_owned(), evidence));
    }
}

#[test]
fn what_strikes_twice_is_said_once_and_clocks_off_both_ways_are_apart() {
    let crash = |at| Step { at: Span::secs(at), action: Action::Crash { server: 0 } };
    assert_eq!(only(&with(vec![crash(1), crash(9)])).0, "a crash, 2 times");
    let mut apart = clock(131);
    apart.servers[0].unix_offset = -200_000_000;
    assert_eq!(only(&apart).0, "a clock at least 331 s ahead");
}

#[test]
fn what_players_do_is_named_and_taken_out() {
    use Command::{Join, Leave};
    let stays = |steps: Vec<Step>| Schedule { length: Span::secs(100), ..with(steps) };
    let two_devices =
        stays(vec![command(1, 0, Join(PLAYER)), command(9, 1, Join(PLAYER)), command(12, 0, Leave(PLAYER))]);
    let rejoin = stays(vec![command(1, 0, Join(PLAYER)), command(9, 0, Leave(PLAYER)), command(20, 0, Join(PLAYER))]);
    let quick = stays(vec![command(1, 0, Join(PLAYER)), command(9, 0, Leave(PLAYER)), command(10, 1, Join(PLAYER))]);
    let long = with(vec![command(1, 0, Join(PLAYER)), command(341, 0, Leave(PLAYER))]);
    let cases = [
        (two_devices, Intervention::TwoDevices, "a player joins a server while still on another", Evidence::Ordinary),
        (rejoin, Intervention::Rejoin, "a player comes back to the server that they left", Evidence::Ordinary),
        (
            quick,
            Intervention::QuickHop,
            "a player joins a server within 5 seconds of leaving another",
            Evidence::Documented,
        ),
        (long, Intervention::LongStay, "a stay of at least 340 s", Evidence::Ordinary),
    ];
    for (schedule, intervention, words, evidence) in cases {
        assert_eq!(only(&schedule), (words.to_owned(), evidence));
        let mut without = schedule;
        Factor::Intervention(intervention).take_out(&mut without);
        assert_eq!(Condition::all_in(&without, &Coverage::default(), true), []);
        assert!(without.timeline.is_sorted_by_key(|step| step.at), "{without:?}");
    }
}

#[test]
fn a_rejoin_within_seconds_is_inferred_and_a_slower_one_is_ordinary() {
    use Command::{Join, Leave};
    let steps = vec![command(1, 0, Join(PLAYER)), command(9, 0, Leave(PLAYER)), command(10, 0, Join(PLAYER))];
    let mut schedule = Schedule { length: Span::secs(100), ..with(steps) };
    let evidence = |schedule: &Schedule| Condition::evidence(&Condition::all_in(schedule, &Coverage::default(), true));
    assert_eq!(evidence(&schedule), Evidence::Inferred);
    Factor::Intervention(Intervention::QuickRejoin).take_out(&mut schedule);
    assert_eq!((evidence(&schedule), schedule.timeline[2].at), (Evidence::Ordinary, Span::secs(14)));
}

#[test]
fn what_is_not_believed_is_not_drawn_and_the_rest_is() {
    for belief in [Belief::Documented, Belief::Reported, Belief::Inferred] {
        let suite = Suite::named("swarm").unwrap().believing(belief);
        let mut lost = 0;
        for case in 0..200 {
            let schedule = suite.schedule(1, case, "core");
            let all = Condition::all_in(&schedule, &Coverage::default(), false);
            let strange = all.iter().find(|condition| !belief.counts(condition.evidence));
            assert_eq!(strange, None, "{belief:?}, case {case}");
            lost += u32::from(schedule.services.message_lost_ppm > 0);
        }
        assert!(lost > 20, "that messages get lost is documented: {lost}");
    }
}

#[test]
fn what_is_left_out_is_said() {
    let subjects = Subjects::default();
    let core = subjects.named("core").unwrap();
    let suite = Suite::named("swarm").unwrap();
    assert!(suite.left_out(core).faults.is_empty() && suite.left_out(core).sizes.is_empty());
    let reported = suite.believing(Belief::Reported);
    let left_out = reported.left_out(core);
    for name in ["freeze", "partition", "studio", "message_doubled", "applied_twice"] {
        assert!(left_out.faults.contains(&Fault::named(name)), "{name}: {left_out:?}");
    }
    for name in ["clock_offset", "late_apply", "latency"] {
        assert!(left_out.sizes.contains(&Fault::named(name)), "{name}: {left_out:?}");
    }
    assert!(!left_out.faults.contains(&Fault::named("crash")));
    let must_see: Vec<_> = reported.must_see_of(core).iter().map(|probe| probe.name()).collect();
    assert!(must_see.contains(&"crashed") && !must_see.contains(&"froze"), "{must_see:?}");
}

#[test]
fn without_two_devices_nobody_is_on_two_servers_at_once() {
    let file = |share| {
        format!(
            "name = \"one\"\nabout = \"gatherings that overlap\"\n[topology]\ngatherings = 3\n[odds]\nsilent_holder = 50\n\
             [workload]\ntwo_devices = {share}"
        )
    };
    let suite = |share| Suite::parse(&file(share), &Subjects::default()).unwrap_or_else(|problem| panic!("{problem}"));
    let on_two = |suite: &Suite| (0..200).filter(|case| is_anybody_on_two(&suite.schedule(1, *case, "core"))).count();
    assert_eq!(on_two(&suite(0)), 0);
    assert!(on_two(&suite(20)) > 20);
}

/// Whether somebody joins a server while on another; nothing but leaving takes anybody off one.
fn is_anybody_on_two(schedule: &Schedule) -> bool {
    let mut on: Vec<(PlayerId, Slot)> = Vec::new();
    for step in &schedule.timeline {
        let Action::Command { server, command } = step.action else { continue };
        match command {
            Command::Join(player) => {
                if on.iter().any(|(other, there)| *other == player && *there != server) {
                    return true;
                }
                on.push((player, server));
            }
            Command::Leave(player) => on.retain(|stay| *stay != (player, server)),
            _ => {}
        }
    }
    false
}
