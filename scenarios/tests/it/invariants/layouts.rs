//! Records that are not ProfileStore's: the data and the lock are where their subject says.

use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_sim::FindingKind::{self, ItemDuplicated, ItemLost, UnfencedWrite};
use dupeproof_sim::guest::{Command, key_of};
use dupeproof_sim::id::{PlayerId, RequestId};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::request::Version;
use dupeproof_sim::trace::Event;
use serde_json::{Value as Json, json};

use crate::stream::{Stream, server, unlocked};

const NONE: [FindingKind; 0] = [];

fn stream() -> Stream {
    let layout = RecordLayout::Paths { data: vec!["data".into()], lock: Some(vec!["lockId".into()]) };
    Stream::laid_out(&[Some(1)], layout)
}

fn judged(record: Json) -> Vec<FindingKind> {
    stream().over_with(100.0, &[("Player_0", record)]).kinds()
}

#[test]
fn items_are_looked_for_where_the_data_is() {
    assert_eq!(judged(json!({ "data": { "Items": [0] } })), NONE);
    assert_eq!(judged(json!({ "data": { "Items": [0, 0] } })), [ItemDuplicated]);
    assert_eq!(judged(json!({ "Items": [0], "data": {} })), [ItemLost]);
}

/// Servers write records with these locks, one after the other, and this server clears the last one.
fn cleared_by(slot: u16, locks: &[(u16, &str)]) -> Vec<FindingKind> {
    let value = |lock: Json| Stored::Other(Arc::new(json!({ "data": { "Items": [0] }, "lockId": lock })));
    let (mut stream, mut stored, mut version) = (stream(), None, Version(0));
    let mut write = |slot, after: Stored| {
        let (server, id, key) = (server(slot), RequestId(1), key_of(PlayerId(0)));
        let before = stored.replace(after.clone());
        version.0 += 1;
        stream.tell(10.0, Event::Committed { server, id, key, version, before, after: Some(after) });
    };
    for (slot, lock) in locks {
        write(*slot, value(json!(lock)));
    }
    write(slot, value(Json::Null));
    stream.over_with(100.0, &[("Player_0", json!({ "data": { "Items": [0] } }))]).kinds()
}

#[test]
fn the_lock_is_its_writers() {
    assert_eq!(cleared_by(0, &[(0, "a")]), NONE);
    assert_eq!(cleared_by(1, &[(0, "a")]), [UnfencedWrite]);
}

#[test]
fn a_guid_that_a_later_writer_leaves_as_it_is_stays_whose_it_was() {
    assert_eq!(cleared_by(0, &[(0, "a"), (1, "a")]), NONE);
    assert_eq!(cleared_by(1, &[(0, "a"), (1, "a")]), [UnfencedWrite]);
}

#[test]
fn a_guid_that_another_one_replaces_is_its_writers() {
    assert_eq!(cleared_by(1, &[(0, "a"), (1, "b")]), NONE);
    assert_eq!(cleared_by(0, &[(0, "a"), (1, "b")]), [UnfencedWrite]);
    assert_eq!(cleared_by(0, &[(0, "a"), (1, "b"), (0, "a")]), NONE, "written anew");
}

/// Server 0 and server 1 are asked for a session of one player, and write its record, which has no lock, in this order;
/// their games hear of it in that order. Then this server stores a change.
fn stored_without_a_lock_by(slot: u16, written: [u16; 2], heard: [u16; 2]) -> bool {
    let mut stream = Stream::laid_out(&[Some(0)], RecordLayout::Paths { data: vec![], lock: None });
    for asked in [0, 1] {
        stream.acts(1.0, asked, Command::Join(PlayerId(0)));
    }
    for (second, writer) in [2.0, 3.0].into_iter().zip(written) {
        stream.commits(second, writer, Some(unlocked(0)));
    }
    for (second, game) in [4.0, 5.0].into_iter().zip(heard) {
        stream.starts(second, game, 0, None);
    }
    stream.edits(6.0, slot, 0, 1).commits(7.0, slot, Some(unlocked(1))).kinds().contains(&UnfencedWrite)
}

#[test]
fn without_a_lock_a_session_is_later_if_its_server_wrote_later_whenever_its_game_heard_of_it() {
    for heard in [[0, 1], [1, 0]] {
        assert!(!stored_without_a_lock_by(1, [0, 1], heard), "the newer one, heard {heard:?}");
        assert!(stored_without_a_lock_by(0, [0, 1], heard), "the older one, heard {heard:?}");
    }
}

#[test]
fn without_a_lock_a_session_whose_server_only_read_is_as_late_as_its_start() {
    let stored_by = |slot| {
        let mut stream = Stream::laid_out(&[Some(0)], RecordLayout::Paths { data: vec![], lock: None });
        stream.commits(0.5, 0, Some(unlocked(0))).acts(1.0, 0, Command::Join(PlayerId(0)));
        stream.starts(2.0, 1, 0, None).starts(3.0, 0, 0, None);
        stream.edits(6.0, slot, 0, 1).commits(7.0, slot, Some(unlocked(1))).kinds().contains(&UnfencedWrite)
    };
    assert!(!stored_by(0), "what it wrote before it was asked belongs to an earlier session");
    assert!(stored_by(1));
}
