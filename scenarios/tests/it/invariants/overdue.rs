//! What has a bound in time, and takes longer. Each twin is in time, or hindered.

mod hand_over;
mod notice;
mod unsaved;

use dupeproof_core::Stored;
use dupeproof_sim::id::ServerId;
use serde_json::{Value as Json, json};

use crate::stream::record;

/// A record with this stamp whose lock is a lease of 45 s.
fn leased(stamp: u64, holder: ServerId, guid: &str) -> Json {
    let mut json = record(stamp, Some(holder)).to_json();
    json["MetaData"]["ActiveSession"][2] = json!(guid);
    json["MetaData"]["Lease"] = json!(45);
    json
}

/// The same, which another session wants.
fn wanted(holder: ServerId, waiter: ServerId) -> Stored {
    let mut json = leased(0, holder, "holder");
    json["MetaData"]["ForceLoadSession"] = json!([1, waiter.job_id(), "waiter"]);
    Stored::from_json(json)
}
