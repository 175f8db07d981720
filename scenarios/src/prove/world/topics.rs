//! Who listens to which topic.

use std::hash::{Hash, Hasher};

use dupeproof_sim::id::{ServerId, SubscriptionId};
use dupeproof_sim::request::Key;

use super::Print;

/// All subscriptions, in the order of their servers and numbers, and their fingerprint.
#[derive(Clone, Debug, Default)]
pub(crate) struct Topics {
    topics: Vec<(ServerId, SubscriptionId, Key)>,
    pub print: u64,
}

impl Topics {
    pub(super) fn subscribe(&mut self, server: ServerId, subscription: SubscriptionId, topic: Key) {
        self.topics.push((server, subscription, topic));
        self.topics.sort_unstable();
        self.hash_anew();
    }

    pub(super) fn unsubscribe(&mut self, server: ServerId, subscription: SubscriptionId) {
        self.topics.retain(|(other, number, _)| (*other, *number) != (server, subscription));
        self.hash_anew();
    }

    pub(super) fn forget(&mut self, server: ServerId) {
        self.topics.retain(|(other, ..)| *other != server);
        self.hash_anew();
    }

    pub(super) fn subscribers<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = (ServerId, SubscriptionId)> + 'a {
        let listens = move |(.., other): &&(ServerId, SubscriptionId, Key)| **other == *topic;
        self.topics.iter().filter(listens).map(|(server, subscription, _)| (*server, *subscription))
    }

    fn hash_anew(&mut self) {
        let mut state = Print::default();
        self.topics.hash(&mut state);
        self.print = state.finish();
    }
}
