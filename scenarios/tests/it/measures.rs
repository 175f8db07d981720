//! What is measured, and what the core promises of it: hand-over, takeover, and the price of an idle session.

use dupeproof_core::{Config, Span};
use dupeproof_scenarios::measure::{CASE_MEASURES, Histogram, Share, Trades};
use dupeproof_scenarios::subjects::core::CoreSubject;
use dupeproof_scenarios::{Measures, Suite, run_case};
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, RequestId, ServerId, TradeId};
use dupeproof_sim::network::Network;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, PlayerPlan, Schedule, ServerPlan, ServiceProfile, Step};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, EndReason, GuestEvent, StartFailure};

use crate::stream::{PLAYER, SESSION, Stream, record, server, unlocked};

fn histogram(numbers: impl IntoIterator<Item = u64>) -> Histogram {
    let mut histogram = Histogram::default();
    numbers.into_iter().for_each(|number| histogram.count(number));
    histogram
}

#[test]
fn a_histogram_knows_small_numbers_exactly_and_others_to_a_thirty_second() {
    assert_eq!(histogram(1..=63).median(), Some(32));
    for number in [64, 1_000, 123_456_789, u64::MAX / 2, u64::MAX] {
        let bucket = histogram([number, number]).buckets().next().unwrap();
        assert!(bucket.first <= number && number <= bucket.last, "{number}: {bucket:?}");
        assert!((bucket.last - bucket.first) / 32 <= number / 1_024 + 1, "{number}: {bucket:?}");
    }
}

#[test]
fn a_quantile_is_never_less_than_the_true_one_and_never_more_than_the_greatest() {
    let thousands = histogram((1..=100).map(|number| number * 1_000));
    assert!((50_000..52_000).contains(&thousands.median().unwrap()), "{:?}", thousands.median());
    assert!((99_000..=100_000).contains(&thousands.p99().unwrap()), "{:?}", thousands.p99());
    assert_eq!(histogram([7_777]).median(), Some(7_777));
    assert_eq!((histogram([]).median(), histogram([]).max()), (None, None));
}

#[test]
fn histograms_put_together_are_the_histogram_of_all() {
    let (small, great) = ((0..500), (300..9_000).step_by(7));
    let mut sum = histogram(small.clone());
    sum.add(&histogram(great.clone()));
    assert_eq!(sum, histogram(great.chain(small)));
}

#[test]
fn a_start_is_measured_from_the_arrival_by_how_the_lock_was_acquired() {
    let mut stream = Stream::new();
    stream.acts(1.0, 0, Command::Join(PLAYER)).starts_as(1.5, 0, 0, None, Acquired::Free).ends(2.0, 0);
    stream.acts(3.0, 1, Command::Steal(PLAYER)).starts_as(7.0, 1, 0, None, Acquired::TakenOver);
    // One that never starts is not measured; the next counts from its own arrival.
    stream.acts(8.0, 2, Command::Join(PLAYER)).acts(9.0, 2, Command::Join(PLAYER));
    stream.starts_as(9.25, 2, 0, None, Acquired::HandedOver);
    let measures = stream.measures();
    let of = |acquired| (measures.starts(acquired).total(), measures.starts(acquired).max());
    assert_eq!(of(Acquired::Free), (1, Some(500_000)));
    assert_eq!(of(Acquired::TakenOver), (1, Some(4_000_000)));
    assert_eq!(of(Acquired::HandedOver), (1, Some(250_000)));
    assert_eq!(of(Acquired::Unprotected), (0, None));
}

#[test]
fn requests_count_for_the_session_of_that_server_and_that_key_while_it_lasts() {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    stream.asks(1.0, 0, "Player_0", 1).starts(1.0, 0, 0, None).asks(2.0, 0, "Player_0", 3).asks(2.0, 1, "Player_0", 5);
    stream.asks(3.0, 0, "Player_1", 7).ends(601.0, 0).asks(602.0, 0, "Player_0", 9);
    let measures = stream.measures();
    assert_eq!((measures.cost().reads, measures.cost().writes, measures.cost().live), (3, 0, Span::secs(600)));
    assert_eq!(measures.reads_per_hour().max(), Some(18));
}

#[test]
fn a_session_lasts_until_its_server_is_gone_or_the_run_is_over_and_a_short_one_has_no_rate() {
    let mut crashed = Stream::new();
    crashed.starts(1.0, 0, 0, None).tell(201.0, Event::ServerCrashed { server: server(0) });
    let crashed = crashed.measures();
    assert_eq!((crashed.cost().live, crashed.writes_per_hour().total()), (Span::secs(200), 0));
    let over = Stream::new().starts(1.0, 0, 0, None).over(301.0, &[&[]]).measures();
    assert_eq!((over.cost().live, over.writes_per_hour().total()), (Span::secs(300), 1));
}

#[test]
fn starts_that_fail_and_sessions_that_end_for_others_are_counted_while_players_are_there() {
    let mut stream = Stream::new();
    stream.acts(1.0, 0, Command::Join(PLAYER)).fails(2.0, 0, StartFailure::Failed);
    stream.acts(3.0, 0, Command::Join(PLAYER)).acts(3.5, 0, Command::Leave(PLAYER)).fails(
        4.0,
        0,
        StartFailure::Cancelled,
    );
    stream.acts(5.0, 0, Command::Join(PLAYER)).starts(6.0, 0, 0, None).ends_as(7.0, 0, EndReason::External);
    let measures = stream.measures();
    assert_eq!(measures.refused(), Share { all: 2, some: 1 });
    assert_eq!(measures.ended_by_others(), Share { all: 1, some: 1 });
    assert_eq!(measures.refused().per_thousand(), Some(500));
}

#[test]
fn a_takeover_is_a_start_that_found_the_lock_of_a_server_that_was_gone() {
    let mut stream = Stream::new();
    stream.commits(1.0, 1, Some(record(0, Some(server(1))))).crashes(2.0, 1);
    stream.acts(3.0, 0, Command::Join(PLAYER)).starts(50.0, 0, 0, None);
    let measures = stream.measures();
    assert_eq!((measures.takeovers().total(), measures.takeovers().max()), (1, Some(47_000_000)));
}

#[test]
fn a_delivery_ends_with_the_first_effect_and_minutes_are_those_in_which_something_was_written() {
    let (to, message) = (PLAYER, MessageId(5));
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, None).acts(10.0, 1, Command::Send { to, message });
    let handled = || GuestEvent::MessageHandled { session: SESSION, message };
    stream.says(12.0, 0, handled()).says(13.0, 0, handled());
    stream.commits(70.0, 0, Some(unlocked(0))).commits(80.0, 0, Some(unlocked(0))).commits(190.0, 0, None);
    let measures = stream.measures();
    assert_eq!((measures.deliveries().total(), measures.deliveries().max()), (1, Some(2_000_000)));
    assert_eq!((measures.writes_per_key_minute().total(), measures.writes_per_key_minute().max()), (2, Some(2)));
    // {"Items":[],"Stamp":0} has 22 bytes, and was written twice; what is measured is an upper bound.
    let bytes = measures.bytes_per_key_minute().max().unwrap();
    assert!((44..400).contains(&bytes), "{bytes}");
}

#[test]
fn what_is_played_of_a_session_that_another_has_overtaken_is_not_played() {
    let played = |stream: &mut Stream| {
        let samples = stream.samples();
        let of = |name| CASE_MEASURES.iter().find(|measure| measure.name == name).expect("it is there").of(&samples);
        (of("played"), of("played_on"))
    };
    // Nobody tells the first session; its player leaves long after the second has begun.
    let mut stream = Stream::new();
    stream.acts(0.0, 0, Command::Join(PLAYER)).starts(1.0, 0, 0, None).starts(31.0, 1, 0, None);
    stream.acts(51.0, 0, Command::Leave(PLAYER)).ends(60.0, 0).ends(61.0, 1);
    assert_eq!(played(&mut stream), (Some(60_000), Some(20_000)));
    // One after the other.
    let mut stream = Stream::new();
    stream.acts(0.0, 0, Command::Join(PLAYER)).starts(1.0, 0, 0, None).ends(31.0, 0);
    stream.starts(32.0, 1, 0, None).ends(62.0, 1);
    assert_eq!(played(&mut stream), (Some(60_000), Some(0)));
}

#[test]
fn measures_that_were_written_down_are_the_same_when_they_are_read() {
    let mut stream = Stream::new();
    stream.acts(1.0, 0, Command::Join(PLAYER)).starts_as(3.0, 0, 0, None, Acquired::Free).ends(4.0, 0);
    let measures = stream.measures();
    let json = serde_json::to_string(&measures).unwrap();
    assert_eq!(serde_json::from_str::<Measures>(&json).unwrap(), measures);
    assert_eq!((measures.starts(Acquired::Free).total(), measures.cost().live), (1, Span::secs(1)));
}

/// A healthy world of so many servers and one player.
fn healthy(seed: u64, servers: usize, length: Span, timeline: &[(Span, Action)]) -> Schedule {
    Schedule {
        seed,
        subject: "core".to_owned(),
        servers: vec![ServerPlan::default(); servers],
        players: vec![PlayerPlan { items: Some(1) }],
        services: ServiceProfile::default(),
        timeline: timeline.iter().map(|&(at, action)| Step { at, action }).collect(),
        length,
        ..Schedule::default()
    }
}

fn join(server: u16) -> Action {
    Action::Command { server, command: Command::Join(PlayerId(0)) }
}

fn measured(schedules: impl Iterator<Item = Schedule>) -> Measures {
    let subject = CoreSubject::default();
    let mut measures = Measures::default();
    for schedule in schedules {
        measures.take(&run_case(&schedule, &subject, Network::Event, &mut ()).samples);
    }
    measures
}

#[test]
fn a_hand_over_between_healthy_servers_takes_at_most_two_seconds_in_half_of_the_cases() {
    let calm = Suite::named("calm").unwrap();
    let measures = measured((0..500).map(|case| calm.schedule(1, case, "core")));
    let handed_over = measures.starts(Acquired::HandedOver);
    assert!(handed_over.total() > 300, "{}", handed_over.total());
    assert!(handed_over.median().unwrap() <= 2_000_000, "{:?}", handed_over.median());
}

#[test]
fn a_crashed_servers_profile_is_taken_over_within_its_lease_the_drift_and_five_seconds() {
    let bound = Config::default().takeover_wait(Config::default().lease) + Span::secs(5);
    assert_eq!(bound, Span::millis(52_250), "45 s × 21/20 + 5 s");
    let crashed = |seed: u64| {
        let crash = Span::millis(20_000 + seed * 137 % 15_000);
        let arrival = crash + Span::millis(seed * 991 % 60_000);
        let steps = [(Span::secs(1), join(0)), (crash, Action::Crash { server: 0 }), (arrival, join(1))];
        healthy(seed, 2, Span::secs(200), &steps)
    };
    let measures = measured((0..200).map(crashed));
    let taken_over = measures.starts(Acquired::TakenOver);
    assert_eq!(taken_over.total(), 200);
    assert!(taken_over.max().unwrap() <= bound.0, "{:?}", taken_over.max());
}

#[test]
fn an_idle_session_costs_profilestores_writes_and_one_read_each_third_of_a_lease() {
    let config = Config::default();
    let hours = (0..20).map(|seed| healthy(seed, 1, Span::secs(3_601), &[(Span::secs(1), join(0))]));
    let cost = measured(hours).cost();
    let writes = Span::secs(3_600).0 / config.auto_save_period.0;
    let reads = Span::secs(3_600).0 / (config.lease.0 / 3);
    assert_eq!((writes, reads), (12, 240));
    assert!(cost.live >= Span::secs(20 * 3_600) && cost.writes > 0, "{cost:?}");
    assert!(cost.writes_per_hour() <= writes, "{cost:?}: {} an hour", cost.writes_per_hour());
    assert!(cost.reads_per_hour() <= reads + writes, "{cost:?}: {} an hour", cost.reads_per_hour());
}

/// Player 0 is sent message 1 from server 0, which makes so many requests until the answer.
fn sent(stream: &mut Stream, requests: u32) -> Measures {
    let message = MessageId(1);
    stream.acts(10.0, 0, Command::Send { to: PLAYER, message }).asks(11.0, 0, "Player_0", requests);
    stream.says(12.0, 0, GuestEvent::MessageAccepted { message }).asks(13.0, 0, "Player_0", 5).measures()
}

#[test]
fn a_message_costs_what_its_server_asks_of_the_recipients_key_until_the_answer() {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    stream.asks(1.0, 0, "Player_0", 7).asks(2.0, 1, "Player_0", 7).asks(3.0, 0, "Player_1", 7);
    let measures = sent(&mut stream, 3);
    assert_eq!((measures.requests_per_call().total(), measures.requests_per_call().max()), (1, Some(3)));
}

#[test]
fn a_message_to_a_profile_that_its_own_server_has_is_not_measured() {
    let mut here = Stream::new();
    assert_eq!(sent(here.acts(1.0, 0, Command::Join(PLAYER)), 3).requests_per_call().total(), 0);
    let mut elsewhere = Stream::new();
    assert_eq!(sent(elsewhere.acts(1.0, 1, Command::Join(PLAYER)), 3).requests_per_call().total(), 1);
}

#[test]
fn the_core_sends_a_message_with_two_requests_in_a_healthy_world() {
    let message = Action::Command { server: 0, command: Command::Send { to: PLAYER, message: MessageId(1) } };
    let schedules = (0..20).map(|seed| healthy(seed, 1, Span::secs(60), &[(Span::secs(1), message)]));
    let measures = measured(schedules);
    assert_eq!((measures.requests_per_call().total(), measures.requests_per_call().max()), (20, Some(2)));
}

#[test]
fn subscriptions_are_measured_at_their_most_by_the_life_of_a_server() {
    let mut stream = Stream::new();
    let life = |life| ServerId { slot: 0, life };
    let mut subscribes = |server, second| {
        let (id, kind, after) = (RequestId(1), RequestKind::Subscribe, Span::ZERO);
        stream.tell(second, Event::Answered { server, id, kind, error: None, after });
    };
    [1.0, 2.0, 3.0].into_iter().for_each(|second| subscribes(life(0), second));
    subscribes(life(1), 5.0);
    let measures = stream.measures();
    assert_eq!((measures.subscriptions().total(), measures.subscriptions().max()), (2, Some(3)));
}

/// One side of trade 4 puts something aside, and then a side is told.
fn traded(decisions: &[bool], trouble: Option<Event>) -> Trades {
    let (session, trade) = (SESSION, TradeId(4));
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, None).says(2.0, 0, GuestEvent::ItemPutAside { item: ItemId(0), session, trade });
    if let Some(trouble) = trouble {
        stream.tell(3.0, trouble);
    }
    for &committed in decisions {
        stream.says(4.0, 0, GuestEvent::TradeDecided { session, trade, committed });
    }
    stream.measures().trades()
}

#[test]
fn a_trade_is_committed_aborted_or_open_once_however_often_that_is_told() {
    let of = |decisions: &[bool]| {
        let Trades { asked, committed, aborted, open, .. } = traded(decisions, None);
        (asked, committed, aborted, open)
    };
    assert_eq!(of(&[true, true]), (1, 1, 0, 0));
    assert_eq!(of(&[false, false]), (1, 0, 1, 0));
    assert_eq!(of(&[]), (1, 0, 0, 1));
}

#[test]
fn the_share_of_aborts_is_of_runs_in_which_nothing_went_wrong() {
    assert_eq!(traded(&[false], None).healthy_aborted_ppm(), Some(1_000_000));
    assert_eq!(traded(&[true], None).healthy_aborted_ppm(), Some(0));
    assert_eq!(traded(&[], None).healthy_aborted_ppm(), None);
    let frozen = traded(&[false], Some(Event::ServerFroze { server: server(1) }));
    assert_eq!((frozen.aborted, frozen.healthy_aborted_ppm()), (1, None));
}

#[test]
fn a_gift_is_no_trade() {
    let (session, gift) = (SESSION, TradeId(4));
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, None).acts(1.5, 0, Command::Gift { from: PLAYER, to: PlayerId(1), gift });
    stream.says(2.0, 0, GuestEvent::ItemPutAside { item: ItemId(0), session, trade: gift });
    assert_eq!(stream.measures().trades(), Trades::default());
}

/// A hundred healthy runs in which two players on two servers trade, the other one later, ten seconds after they came.
fn trades_of(subject: &CoreSubject, later: impl Fn(u64) -> Span) -> Trades {
    let join = |server, player| Action::Command { server, command: Command::Join(player) };
    let (one, other, trade) = (PlayerId(0), PlayerId(1), TradeId(1));
    let deal = |server, player, partner| Action::Command { server, command: Command::Trade { player, partner, trade } };
    let mut measures = Measures::default();
    for seed in 0..100 {
        let asked = Span::secs(11) + later(seed);
        let steps = [(1, join(0, one)), (1, join(1, other))].map(|(second, action)| (Span::secs(second), action));
        let deals = [(Span::secs(11), deal(0, one, other)), (asked, deal(1, other, one))];
        let mut schedule = healthy(seed, 2, Span::secs(120), &[steps, deals].concat());
        schedule.players = vec![PlayerPlan { items: Some(1) }; 2];
        measures.take(&run_case(&schedule, subject, Network::Event, &mut ()).samples);
    }
    measures.trades()
}

#[test]
fn where_nothing_goes_wrong_and_both_sides_come_every_trade_commits() {
    let trades = trades_of(&CoreSubject::default(), |seed| Span::millis(seed * 137 % 5_000));
    assert_eq!((trades.asked, trades.healthy_committed, trades.healthy_aborted), (100, 100, 0), "{trades:?}");
}

#[test]
fn a_core_that_gives_up_at_once_aborts_trades_and_that_is_measured() {
    let hasty = CoreSubject::with_config(Config { trade_timeout: Span::millis(1), ..Config::default() });
    let trades = trades_of(&hasty, |_| Span::secs(5));
    assert_eq!(trades.healthy_aborted_ppm(), Some(1_000_000), "{trades:?}");
}
