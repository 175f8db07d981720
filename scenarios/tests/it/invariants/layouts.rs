//! Records that are not ProfileStore's: the data and the lock are where their subject says.

use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_sim::FindingKind::{self, ItemDuplicated, ItemLost, UnfencedWrite};
use dupeproof_sim::RequestId;
use dupeproof_sim::guest::{PlayerId, key_of};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::request::Version;
use dupeproof_sim::trace::Event;
use serde_json::{Value as Json, json};

use crate::stream::{Stream, server};

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

/// Server 0 takes the lock, and this server clears it.
fn cleared_by(slot: u16) -> Vec<FindingKind> {
    let value = |lock: Json| Stored::Other(Arc::new(json!({ "data": { "Items": [0] }, "lockId": lock })));
    let mut stream = stream();
    let mut write = |second, slot, before, after| {
        let (server, id, key) = (server(slot), RequestId(1), key_of(PlayerId(0)));
        stream.tell(second, Event::Committed { server, id, key, version: Version(1), before, after: Some(after) });
    };
    write(10.0, 0, None, value(json!("a")));
    write(20.0, slot, Some(value(json!("a"))), value(Json::Null));
    stream.over_with(100.0, &[("Player_0", json!({ "data": { "Items": [0] } }))]).kinds()
}

#[test]
fn the_lock_is_its_writers() {
    assert_eq!(cleared_by(0), NONE);
    assert_eq!(cleared_by(1), [UnfencedWrite]);
}
