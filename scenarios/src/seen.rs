//! How often interesting things happened: a green run that exercised nothing is red.

use dupeproof_sim::{Event, Global, Observer};
use indexmap::IndexMap;
use serde::Serialize;

/// Counters of interesting events, by name, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Seen(pub IndexMap<&'static str, u64>);

impl Observer for Seen {
    fn observe(&mut self, _at: Global, _event: &Event) {
        unimplemented!()
    }
}
