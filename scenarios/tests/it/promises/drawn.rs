//! What a description says of how much and how many is what is drawn.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use dupeproof_core::Span;
use dupeproof_scenarios::Fault;
use dupeproof_scenarios::audit::Trial;
use dupeproof_sim::Schedule;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, Direction, Latency, ServiceProfile};

use super::{Promise, promise};

pub(super) const PROMISES: &[Promise] = &[
    promise("clock_offset", "by seconds to hours", |_| offsets_are_of_every_size()),
    promise("clock_step", "a server's wall clock jumps", |_| jumps_are_of_every_size()),
    promise("latency", "are unusually fast or slow", |_| latencies_are_fast_and_slow()),
    promise("memory_store_latency", "requests to memory stores are unusually slow", |_| memory_stores_are_slow()),
    promise("partition", "until it heals", |_| cuts_are_of_every_size_way_and_service()),
    promise("disconnect", "a connection breaks", |_| every_connection_breaks()),
    promise("freeze", "a server does nothing for a while", |_| freezes_are_of_every_size()),
    promise("move", "an update, a migration, a group that teleports", |_| one_server_is_moved_or_all_are()),
    promise("lag", "a server is overloaded: its frames take long", |_| frames_are_of_every_length()),
    promise("server_limits", "a server has few requests per minute", |_| few_requests_are_3_to_20_percent()),
    promise("memory_store_limits", "other servers use nearly all request units of memory stores", |_| {
        nearly_all_is_most();
    }),
];

/// A hundred schedules with this fault.
fn schedules(fault: &str) -> Vec<Schedule> {
    let trial = Trial { fault: Fault::find(fault).unwrap(), seed: 1, schedules: 100 };
    trial.pairs().into_iter().map(|pair| pair.with).collect()
}

fn actions(fault: &str) -> Vec<Action> {
    let schedules = schedules(fault).into_iter();
    schedules.flat_map(|schedule| schedule.timeline).map(|step| step.action).collect()
}

/// There is a value in each of these ranges, and none beyond them.
fn assert_spread(values: &[i64], ranges: &[RangeInclusive<i64>]) {
    for range in ranges {
        assert!(values.iter().any(|value| range.contains(value)), "none in {range:?}");
    }
    let beyond: Vec<_> = values.iter().filter(|value| !ranges.iter().any(|range| range.contains(value))).collect();
    assert!(beyond.is_empty(), "{beyond:?}");
}

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

fn assert_offsets(values: &[i64]) {
    assert_spread(
        values,
        &[
            -12 * HOUR..=-HOUR,
            -HOUR..=-30 * SECOND,
            -30 * SECOND..=-SECOND,
            -SECOND..=SECOND,
            SECOND..=30 * SECOND,
            30 * SECOND..=HOUR,
            HOUR..=12 * HOUR,
        ],
    );
}

fn offsets_are_of_every_size() {
    let servers = schedules("clock_offset").into_iter().flat_map(|schedule| schedule.servers);
    assert_offsets(&servers.map(|server| server.unix_offset).collect::<Vec<_>>());
}

fn jumps_are_of_every_size() {
    let by = |action| if let Action::ClockStep { by, .. } = action { Some(by) } else { None };
    assert_offsets(&actions("clock_step").into_iter().filter_map(by).collect::<Vec<_>>());
}

/// Both a fast one and a slow one, or else only slow ones.
fn assert_unusual(drawn: &[Latency], ordinary: Latency, fast_too: bool) {
    assert!(drawn.iter().any(|latency| latency.max > Span(2 * ordinary.max.0)), "none is slow: {drawn:?}");
    assert!(!fast_too || drawn.iter().any(|latency| Span(2 * latency.max.0) < ordinary.max), "none is fast: {drawn:?}");
}

fn latencies_are_fast_and_slow() {
    let (schedules, ordinary) = (schedules("latency"), ServiceProfile::default());
    let ways: [fn(&ServiceProfile) -> Latency; 3] = [
        |services| services.datastore_latency,
        |services| services.messaging_latency,
        |services| services.delivery_delay,
    ];
    for way in ways {
        let drawn: Vec<Latency> = schedules.iter().map(|schedule| way(&schedule.services)).collect();
        assert_unusual(&drawn, way(&ordinary), true);
    }
}

fn memory_stores_are_slow() {
    let drawn: Vec<Latency> =
        schedules("memory_store_latency").iter().map(|schedule| schedule.services.memory_store.latency).collect();
    assert_unusual(&drawn, ServiceProfile::default().memory_store.latency, false);
}

fn cuts_are_of_every_size_way_and_service() {
    let (mut spans, mut kinds) = (Vec::new(), BTreeSet::new());
    for action in actions("partition") {
        if let Action::Partition { service, direction, span, .. } = action {
            spans.push(i64::try_from(span.0).unwrap());
            kinds.insert((service, direction as u8));
        }
    }
    assert_spread(&spans, &[SECOND..=20 * SECOND, 20 * SECOND..=90 * SECOND, 90 * SECOND..=240 * SECOND]);
    for service in [ServiceName::DataStore, ServiceName::Messaging] {
        for direction in [Direction::ToService, Direction::FromService, Direction::Both] {
            assert!(kinds.contains(&(service, direction as u8)), "{service:?} {direction:?}");
        }
    }
}

fn every_connection_breaks() {
    let service = |action| if let Action::Disconnect { service, .. } = action { Some(service) } else { None };
    let services: BTreeSet<ServiceName> = actions("disconnect").into_iter().filter_map(service).collect();
    assert!([ServiceName::DataStore, ServiceName::Messaging].iter().all(|service| services.contains(service)));
}

fn freezes_are_of_every_size() {
    let span = |action| if let Action::Freeze { span, .. } = action { i64::try_from(span.0).ok() } else { None };
    let spans: Vec<i64> = actions("freeze").into_iter().filter_map(span).collect();
    assert_spread(&spans, &[SECOND / 10..=5 * SECOND, 5 * SECOND..=60 * SECOND, 60 * SECOND..=180 * SECOND]);
}

fn one_server_is_moved_or_all_are() {
    let moves =
        |schedule: Schedule| schedule.timeline.iter().filter(|step| matches!(step.action, Action::Move { .. })).count();
    let counts: BTreeSet<usize> = schedules("move").into_iter().map(moves).collect();
    assert!(counts.contains(&1) && counts.contains(&2), "of two servers: {counts:?}");
}

fn frames_are_of_every_length() {
    let frame = |action| if let Action::Lag { frame, .. } = action { Some(frame) } else { None };
    let frames: BTreeSet<Span> = actions("lag").into_iter().filter_map(frame).collect();
    assert_eq!(frames, [200, 500, 2_000].map(Span::millis).into());
}

fn few_requests_are_3_to_20_percent() {
    let percent = |schedule: &Schedule| i64::from(schedule.services.limits.server_percent);
    let percents: Vec<i64> = schedules("server_limits").iter().map(percent).collect();
    assert_spread(&percents, &[3..=6, 6..=12, 12..=20]);
}

fn nearly_all_is_most() {
    let left = |schedule: &Schedule| i64::from(schedule.services.memory_store.units_ppm);
    assert_spread(&schedules("memory_store_limits").iter().map(left).collect::<Vec<_>>(), &[1..=1_000, 1_001..=50_000]);
}
