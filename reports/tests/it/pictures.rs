//! What a picture holds of a run.

use dupeproof::Picture;
use dupeproof::picture::arrows::{ArrowKind, Place};
use dupeproof::picture::bands::{BandKind, LifeEnd};
use dupeproof::picture::sessions::{BarEnd, Way};
use dupeproof_core::Span;
use dupeproof_sim::Event;
use dupeproof_sim::guest::{EndReason, GuestEvent};
use dupeproof_sim::id::{MessageId, ServiceName, SessionNo, Stamp, TradeId};
use dupeproof_sim::schedule::Direction;

use crate::stage::{ALICE, BOB, Stage, at, frozen_holder, half_decided_trade, half_saved_swap, server, session};

#[test]
fn a_lease_that_runs_out_ends_the_live_part_of_a_bar() {
    let (events, finding) = frozen_holder();
    let picture = Picture::of(&events, &finding);
    let bar = &picture.slots[&0].sessions[0];
    assert_eq!(bar.live, [(at(10.35), at(55.2))]);
    assert_eq!(bar.dormant(), [(at(55.2), at(60.2))], "the picture ends 5 s after the finding");
    assert_eq!(bar.edits, [(at(14.0), Stamp(77))]);
}

#[test]
fn sessions_live_at_once_overlap_for_exactly_as_long() {
    let (events, finding) = frozen_holder();
    let picture = Picture::of(&events, &finding);
    let [overlap] = picture.overlaps[..] else { panic!("{:?}", picture.overlaps) };
    assert_eq!((overlap.from, overlap.until), (at(49.2), at(55.2)));
    assert_eq!((overlap.earlier.server, overlap.later.server), (server(0), server(1)));
}

#[test]
fn suspension_and_resumption_make_a_hole_in_the_live_part() {
    let (_, finding) = frozen_holder();
    let mut stage = Stage::with_two_servers();
    let session = SessionNo(0);
    stage.started(1.0, server(0), ALICE, 0, Some(46.0));
    stage.guest(16.0, server(0), Some(61.0), GuestEvent::Renewed { session, live_until: dupeproof_core::Mono(0) });
    stage.guest(30.0, server(0), None, GuestEvent::Suspended { session });
    stage.guest(33.0, server(0), Some(70.0), GuestEvent::Resumed { session, live_until: dupeproof_core::Mono(0) });
    stage.ended(40.0, server(0), ALICE, EndReason::Manual);
    stage.put(90.0, Event::Healed);
    let picture = Picture::of(&stage.events, &finding);
    let bar = &picture.slots[&0].sessions[0];
    assert_eq!(bar.live, [(at(1.0), at(30.0)), (at(33.0), at(40.0))]);
    assert_eq!(bar.dormant(), [(at(30.0), at(33.0))]);
    assert_eq!(bar.end, Some(BarEnd::Told(EndReason::Manual)));
    assert!(picture.overlaps.is_empty());
}

#[test]
fn a_crash_ends_its_life_and_the_sessions_on_it() {
    let (events, finding) = half_saved_swap();
    let picture = Picture::of(&events, &finding);
    let lane = &picture.slots[&0];
    assert_eq!(lane.lives[0].end, Some(LifeEnd::Crashed));
    assert_eq!(lane.lives[0].until, at(32.0));
    let alice = lane.sessions.iter().find(|bar| bar.player == ALICE).expect("she was there");
    assert_eq!((alice.until, alice.end), (at(32.0), Some(BarEnd::ServerGone)));
}

#[test]
fn the_lock_lane_follows_the_record() {
    let (events, finding) = frozen_holder();
    let lane = &Picture::of(&events, &finding).keys[0];
    let holds: Vec<_> = lane.holds.iter().map(|hold| (hold.server, hold.from, hold.until)).collect();
    assert_eq!(holds, [(server(0), at(10.28), at(49.08)), (server(1), at(49.08), at(60.2))]);
    let markers: Vec<_> = lane.markers.iter().map(|marker| (marker.server, marker.from, marker.until)).collect();
    assert_eq!(markers, [(server(1), at(23.18), at(49.08))]);
    assert_eq!(lane.commits.len(), 3);
}

#[test]
fn faults_are_bands_as_long_as_they_lasted() {
    let (events, finding) = frozen_holder();
    let picture = Picture::of(&events, &finding);
    let bands =
        |slot| picture.slots[&slot].bands.iter().map(|band| (band.kind, band.from, band.until)).collect::<Vec<_>>();
    assert_eq!(bands(0), [(BandKind::Freeze, at(20.0), at(60.0))]);
    let cut = BandKind::Partition(ServiceName::Messaging, Direction::FromService);
    assert_eq!(bands(1), [(cut, at(22.0), at(53.2))]);
}

#[test]
fn writes_answers_and_messages_are_arrows() {
    let (events, finding) = frozen_holder();
    let picture = Picture::of(&events, &finding);
    let of = |kind| picture.arrows.iter().filter(|arrow| arrow.kind == kind).collect::<Vec<_>>();
    assert_eq!(of(ArrowKind::Write).len(), 3);
    assert_eq!(of(ArrowKind::Reply).len(), 3);
    assert_eq!(of(ArrowKind::Read).len(), 2, "there and back, drawn as served halfway");
    let [message] = of(ArrowKind::Message)[..] else { panic!("one message came") };
    assert_eq!((message.tail, message.head), (Place::Server(server(1)), Place::Server(server(0))));
    assert_eq!((message.sent, message.arrived), (at(23.3), at(60.0)));
    let [conflict] = of(ArrowKind::Conflict)[..] else { panic!("one write conflicted") };
    assert_eq!(conflict.head, Place::Key(ALICE));
}

#[test]
fn only_those_the_finding_is_about_are_in_the_picture() {
    let (mut events, finding) = frozen_holder();
    let mut other = Stage::default();
    other.put(0.0, Event::ServerStarted { server: server(2) });
    other.started(5.0, server(2), BOB, 0, None);
    events.splice(0..0, other.events);
    let picture = Picture::of(&events, &finding);
    assert_eq!(picture.cast.players.iter().copied().collect::<Vec<_>>(), [ALICE]);
    assert_eq!(picture.slots.keys().copied().collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn whoever_swapped_is_part_of_a_finding_about_items() {
    let (events, finding) = half_saved_swap();
    let picture = Picture::of(&events, &finding);
    assert_eq!(picture.cast.players.iter().copied().collect::<Vec<_>>(), [ALICE, BOB]);
    let ways: Vec<Way> =
        picture.slots[&0].sessions.iter().flat_map(|bar| bar.moves.iter().map(|moved| moved.way)).collect();
    assert_eq!(ways, [Way::Given, Way::Got]);
}

#[test]
fn items_put_aside_and_taken_and_messages_handled_are_marks_on_both_sides_of_a_trade() {
    let (events, finding) = half_decided_trade();
    let picture = Picture::of(&events, &finding);
    let marks = |slot: u16| {
        let bar = &picture.slots[&slot].sessions[0];
        (bar.moves.iter().map(|moved| moved.way).collect::<Vec<_>>(), bar.messages.clone())
    };
    let (trade, gift) = (TradeId(4), TradeId(5));
    assert_eq!(marks(0), (vec![Way::Aside(trade), Way::Taken(trade), Way::Aside(gift)], vec![]));
    assert_eq!(marks(1), (vec![Way::Taken(trade)], vec![(at(42.6), MessageId(1))]));
    assert!(picture.moments().contains(&at(42.6)));
}

#[test]
fn an_item_goes_from_the_session_that_gives_it_to_the_one_that_gets_it() {
    let transfers = |(events, finding): (Vec<_>, _)| {
        let transfers = Picture::of(&events, &finding).transfers;
        let told = transfers.iter().map(|one| (one.item.0, one.from, one.to));
        told.collect::<Vec<_>>()
    };
    assert_eq!(transfers(half_saved_swap()), [(7, (session(0, 0), at(30.0)), (session(0, 1), at(30.0)))]);
    // It was put aside by one side, which took it back later; the gift nobody took.
    assert_eq!(transfers(half_decided_trade()), [(7, (session(0, 0), at(30.0)), (session(1, 1), at(33.0)))]);
}

#[test]
fn the_picture_ends_shortly_after_the_finding_has() {
    let (events, finding) = frozen_holder();
    let picture = Picture::of(&events, &finding);
    assert_eq!(picture.until, finding.at + Span::secs(6) + Span::secs(5));
    assert!(picture.cut);
}
