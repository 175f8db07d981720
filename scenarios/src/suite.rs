//! Suites: families of schedules, with what a run of many must have seen.

use dupeproof_core::Span;
use dupeproof_sim::{Schedule, Subject};

use crate::finding::FindingKind;
use crate::strategy::{self, Between, Dealings, Odds, Schedules, Shape};

/// A family of schedules.
#[derive(Clone, Debug)]
pub struct Suite {
    /// How it is called on the command line.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// How its schedules look.
    pub shape: Shape,
    /// What no subject may show here, whatever it promises elsewhere.
    pub never: &'static [FindingKind],
    /// What may be shown here, whatever the subject promises elsewhere: what admins do means just that.
    pub allows: &'static [FindingKind],
    /// Counters of [`crate::Seen`] that must be above zero before the core is called safe, bare or embedded.
    pub must_see: &'static [&'static str],
    /// How many cases are enough to see all of `must_see`.
    pub must_see_after: u64,
    /// A suite of the same draws that does one thing in another way: shown beside this one, never held against it.
    pub twin: Option<&'static str>,
}

static SUITES: [Suite; 12] = [
    Suite {
        name: "swarm",
        about: "everything at once: hops, rejoins, two devices, swaps, and every kind of fault",
        shape: Shape::USUAL,
        never: &[],
        allows: &[],
        must_see: &[
            "handed_over",
            "taken_over",
            "takeover_after_crash",
            "suspended",
            "resumed",
            "freeze_across_takeover",
            "ended_external",
            "ended_lost",
            "items_moved",
            "saves_acknowledged",
            "unsaved_edits_lost",
            "transform_rerun",
            "throttled_save",
            "refused",
            "applied_then_error",
            "lost_reply",
            "late_reply",
            "late_apply",
            "timed_out",
            "answered_too_late",
            "message_lost",
            "message_doubled",
            "crashed",
            "froze",
            "closed_in_time",
            "killed_at_30s",
            "partitioned",
            "outage_datastore",
            "outage_messaging",
        ],
        must_see_after: 5_000,
        twin: None,
    },
    Suite {
        name: "no_swap",
        about: "everything but swaps: each item must stay where it is, exactly once",
        shape: Shape { swaps: false, ..Shape::USUAL },
        never: &[FindingKind::ItemDuplicated, FindingKind::ItemLost],
        allows: &[],
        must_see: &["handed_over", "taken_over", "transform_rerun", "lost_reply", "crashed", "unsaved_edits_lost"],
        must_see_after: 1_000,
        twin: None,
    },
    Suite {
        name: "calm",
        about: "healthy services; players hop, rejoin, and are on two devices",
        shape: Shape { odds: Odds::NONE, ..Shape::USUAL },
        never: &[],
        allows: &[],
        must_see: &["handed_over", "ended_external", "ended_manual", "saves_acknowledged", "items_moved"],
        must_see_after: 200,
        twin: None,
    },
    Suite {
        name: "hand_over",
        about: "players hop and servers vie for them while messages are lost, doubled and late",
        shape: Shape {
            gatherings: Between { min: 2, max: 3 },
            stays: Between { min: 2, max: 5 },
            odds: Odds { messaging: 60, latency: 40, partition: 30, outage: 20, siege: 30, rival: 30, ..Odds::NONE },
            ..Shape::USUAL
        },
        never: &[],
        allows: &[],
        must_see: &["handed_over", "taken_over", "message_lost", "message_doubled", "outage_messaging", "partitioned"],
        must_see_after: 500,
        twin: None,
    },
    Suite {
        name: "crash",
        about: "servers crash, close, freeze and come back",
        shape: Shape {
            odds: Odds { crash: 80, close: 60, freeze: 80, siege: 30, clocks: 30, ..Odds::NONE },
            ..Shape::USUAL
        },
        never: &[],
        allows: &[],
        must_see: &["takeover_after_crash", "freeze_across_takeover", "crashed", "froze", "closed_in_time"],
        must_see_after: 500,
        twin: None,
    },
    Suite {
        name: "services",
        about: "the DataStore refuses, answers late or never, applies late, throttles and is out",
        shape: Shape {
            odds: Odds {
                datastore: 50,
                mishap: 70,
                throttle: 50,
                outage: 30,
                partition: 40,
                latency: 40,
                ..Odds::NONE
            },
            ..Shape::USUAL
        },
        never: &[],
        allows: &[],
        must_see: &[
            "refused",
            "applied_then_error",
            "lost_reply",
            "late_reply",
            "late_apply",
            "timed_out",
            "throttled_save",
            "queue_full",
            "transform_rerun",
            "outage_datastore",
            "suspended",
            "resumed",
        ],
        must_see_after: 1_000,
        twin: None,
    },
    Suite {
        name: "clocks",
        about: "wall clocks are hours off and rates differ as far as promised, while servers freeze and are cut off",
        shape: Shape {
            odds: Odds { clocks: 100, freeze: 60, partition: 60, siege: 60, crash: 30, ..Odds::NONE },
            ..Shape::USUAL
        },
        never: &[],
        allows: &[],
        must_see: &[
            "taken_over",
            "suspended",
            "resumed",
            "freeze_across_takeover",
            "froze",
            "partitioned",
            "ended_lost",
        ],
        must_see_after: 500,
        twin: None,
    },
    Suite {
        name: "brief",
        about: "as swarm, with everything within a minute or so: for turmoil, where time is dear",
        shape: Shape {
            servers: Between { min: 3, max: 3 },
            players: Between { min: 2, max: 3 },
            length: Between { min: Span::secs(40), max: Span::secs(90) },
            gatherings: Between { min: 1, max: 1 },
            ..Shape::USUAL
        },
        never: &[],
        allows: &[],
        must_see: &["handed_over", "taken_over", "transform_rerun", "lost_reply", "crashed", "froze", "partitioned"],
        must_see_after: 1_000,
        twin: None,
    },
    Suite {
        name: "fleet",
        about: "two dozen servers and more players than that, all hopping at once, for a short while",
        shape: Shape {
            servers: Between { min: 24, max: 24 },
            players: Between { min: 40, max: 48 },
            length: Between { min: Span::secs(60), max: Span::secs(90) },
            gatherings: Between { min: 1, max: 1 },
            stays: Between { min: 1, max: 3 },
            odds: Odds { crash: 60, freeze: 60, partition: 60, messaging: 30, datastore: 10, ..Odds::NONE },
            ..Shape::USUAL
        },
        never: &[],
        allows: &[],
        must_see: &["handed_over", "sessions_started", "crashed"],
        must_see_after: 20,
        twin: None,
    },
    Suite {
        name: "market",
        about: "atomic trades, gifts, purchases and messages, and every kind of fault: nothing is ever lost or doubled",
        shape: Shape { swaps: false, dealings: Dealings::MARKET, ..Shape::USUAL },
        never: &FindingKind::ALL,
        allows: &[],
        must_see: &[
            "trade_committed",
            "trade_aborted",
            "trade_across_servers",
            "gift_delivered",
            "escrow_resumed",
            "message_accepted",
            "message_handled",
            "message_handled_again",
            "purchase_granted",
            "purchase_redelivered",
            "handed_over",
            "taken_over",
            "suspended",
            "transform_rerun",
            "applied_then_error",
            "lost_reply",
            "late_apply",
            "crashed",
            "froze",
            "killed_at_30s",
        ],
        must_see_after: 2_000,
        twin: Some("market_in_memory"),
    },
    Suite {
        name: "market_in_memory",
        about: "the same draws as market, but trades on one server are swaps in memory, saved one after the other",
        shape: Shape { swaps: false, dealings: Dealings { in_memory: true, ..Dealings::MARKET }, ..Shape::USUAL },
        never: &[],
        allows: &[],
        must_see: &["items_moved", "trade_across_servers", "gift_delivered", "unsaved_edits_lost"],
        must_see_after: 1_000,
        twin: None,
    },
    Suite {
        name: "admin",
        about: "steals, removals of active profiles and rollbacks: whom they befall learns of it and never writes again",
        shape: Shape { swaps: false, dealings: Dealings::ADMIN, ..Shape::USUAL },
        never: &[],
        // The victim of a steal or a rollback may believe that it is live for up to its lease.
        allows: &[FindingKind::DoubleLive],
        must_see: &["stolen", "removed_while_active", "rolled_back_while_active", "ended_removed", "ended_lost"],
        must_see_after: 1_000,
        twin: None,
    },
];

impl Suite {
    /// All suites, the default first.
    pub fn all() -> &'static [Suite] {
        &SUITES
    }

    /// By name.
    pub fn named(name: &str) -> Option<&'static Suite> {
        Suite::all().iter().find(|suite| suite.name == name)
    }

    /// Its schedules for a subject, as a proptest strategy.
    pub fn schedules(&self, subject: &str) -> Schedules {
        Schedules { shape: self.shape, subject: subject.to_owned() }
    }

    /// Case number `case` of root seed `seed` for a subject: the same always.
    pub fn schedule(&self, seed: u64, case: u64, subject: &str) -> Schedule {
        self.schedules(subject).draw(&mut strategy::rng(seed, case))
    }

    /// What must be seen before this subject is called safe; others than the core may lack what it takes.
    pub fn must_see_of(&self, subject: &dyn Subject) -> &'static [&'static str] {
        if matches!(subject.name(), "core" | "embed") { self.must_see } else { &[] }
    }

    /// Whether a finding of this kind fails a run of this suite: nobody may show it here, or the subject promises
    /// never to show it and the suite does not allow it.
    pub fn forbids(&self, kind: FindingKind, subject: &dyn Subject) -> bool {
        let promised = subject.contract().never.contains(&kind.name());
        self.never.contains(&kind) || (promised && !self.allows.contains(&kind))
    }
}
