//! Who listens to what, and how much is received on it.

use std::collections::BTreeMap;

use super::limits::{RECEIVED, RECEIVED_ON_TOPIC, hundredths};
use crate::clock::Global;
use crate::id::{ServerId, SubscriptionId};
use crate::request::Topic;
use crate::token_bucket::TokenBucket;

/// A server's subscription.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subscriber {
    pub(super) server: ServerId,
    pub(super) subscription: SubscriptionId,
}

/// The topics that somebody listens to. What is received is counted once for each subscriber (inferred from the limits'
/// growing with the servers), and on a topic since its first present subscriber came.
pub(super) struct Topics {
    servers: u32,
    percent: u32,
    topics: BTreeMap<Topic, Listeners>,
    /// Each subscriber's topic.
    of: BTreeMap<Subscriber, Topic>,
    /// In the whole experience.
    received: TokenBucket,
}

struct Listeners {
    /// In order of subscribing.
    subscribers: Vec<Subscriber>,
    received: TokenBucket,
}

/// What becomes of a message that is to be delivered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// It is.
    Yes,
    /// The subscriber is gone.
    Gone,
    /// Too much was received.
    TooMuch,
}

impl Topics {
    /// In an experience of so many servers, up or down: what Roblox counts there is not documented.
    pub(super) fn new(servers: u32, percent: u32) -> Topics {
        let received = TokenBucket::a_minute_of(Global(0), hundredths(RECEIVED, servers, percent));
        Topics { servers, percent, topics: BTreeMap::new(), of: BTreeMap::new(), received }
    }

    /// A subscriber comes, or comes to another topic.
    pub(super) fn join(&mut self, at: Global, topic: Topic, subscriber: Subscriber) {
        self.leave(subscriber);
        self.of.insert(subscriber, topic.clone());
        let limit = hundredths(RECEIVED_ON_TOPIC, self.servers, self.percent);
        let listeners = self
            .topics
            .entry(topic)
            .or_insert_with(|| Listeners { subscribers: Vec::new(), received: TokenBucket::a_minute_of(at, limit) });
        listeners.subscribers.push(subscriber);
    }

    /// A subscriber goes.
    pub(super) fn leave(&mut self, subscriber: Subscriber) {
        let Some(topic) = self.of.remove(&subscriber) else { return };
        if let Some(listeners) = self.topics.get_mut(&topic) {
            listeners.subscribers.retain(|other| *other != subscriber);
            if listeners.subscribers.is_empty() {
                self.topics.remove(&topic);
            }
        }
    }

    /// All of a server's subscribers go.
    pub(super) fn all_leave(&mut self, server: ServerId) {
        let [first, last] = [0, u32::MAX].map(|number| Subscriber { server, subscription: SubscriptionId(number) });
        while let Some((subscriber, _)) = self.of.range(first..=last).next() {
            self.leave(*subscriber);
        }
    }

    /// Who listens to a topic.
    pub(super) fn subscribers(&self, topic: &Topic) -> &[Subscriber] {
        self.topics.get(topic).map_or(&[], |listeners| &listeners.subscribers)
    }

    /// A message is to be delivered.
    pub(super) fn deliver(&mut self, at: Global, topic: &Topic, to: Subscriber) -> Delivered {
        match self.topics.get_mut(topic) {
            Some(listeners) if listeners.subscribers.contains(&to) => {
                let few = listeners.received.pay(at) && self.received.pay(at);
                if few { Delivered::Yes } else { Delivered::TooMuch }
            }
            _ => Delivered::Gone,
        }
    }

    /// Tighter limits than the documented ones are a fault, and end.
    pub(super) fn heal(&mut self, ordinary: u32) {
        self.percent = self.percent.max(ordinary);
        let begin = self.received.filled_at();
        self.received = TokenBucket::a_minute_of(begin, hundredths(RECEIVED, self.servers, self.percent));
        for listeners in self.topics.values_mut() {
            let limit = hundredths(RECEIVED_ON_TOPIC, self.servers, self.percent);
            listeners.received = TokenBucket::a_minute_of(listeners.received.filled_at(), limit);
        }
    }
}
