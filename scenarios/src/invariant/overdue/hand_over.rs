//! A start that waits for a lock and is told that the lock was released takes it within a second, beside what the world
//! takes for messages and requests.
//!
//! The message is published after the release, on the topic of the start whose marker is in the record. The start may
//! have a try under way then, which read the record too early. It tries again half a second later.
//!
//! Exempt is a start that is not subscribed yet when the message is published, whose message was lost, whose write met
//! another's, or whose server was hindered.

use std::sync::Arc;

use dupeproof_core::{Span, Stored};
use dupeproof_sim::id::{PlayerId, RequestId, ServerId, ServiceName};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, Schedule};

use super::Overdue;
use crate::fact::Fact;
use crate::finding::Finding;
use crate::game_record::player_of;
use crate::invariant::Commit;
use crate::invariant::hindrance::Hindrances;

/// What a start needs beside messages and requests.
const PROMPT: Span = Span::secs(1);

/// One way to the DataStore or back, at most so often: a try under way reads and writes, and the next one reads, and is
/// written.
const LEGS: u64 = 7;

/// Knows who waits for what.
#[derive(Clone, Debug)]
pub(in crate::invariant) struct HandOvers {
    /// From the publish until the lock is taken, at most.
    bound: Span,
    subscribers: Vec<Subscriber>,
    released: Vec<Released>,
}

/// A server that asked for the messages of a topic.
#[derive(Clone, Debug)]
struct Subscriber {
    server: ServerId,
    request: RequestId,
    topic: Arc<str>,
    /// The service has agreed.
    subscribed: bool,
}

/// A lock that was released for somebody.
#[derive(Clone, Debug)]
struct Released {
    player: PlayerId,
    at: Global,
    holder: ServerId,
    /// The guid of the start that waits.
    guid: Arc<str>,
    /// When that was published, and the server that it is for.
    published: Option<(Global, ServerId)>,
    /// Something came between.
    exempt: bool,
}

impl HandOvers {
    /// Before a run of this schedule.
    pub(in crate::invariant) fn new(schedule: &Schedule) -> HandOvers {
        let services = &schedule.services;
        let requests = Span(services.datastore_latency.max.0 * LEGS);
        let message = services.delivery_delay.max + services.messaging_latency.max;
        HandOvers { bound: PROMPT + message + requests, subscribers: Vec::new(), released: Vec::new() }
    }

    /// Something happened that is about no session and no player's record.
    pub(in crate::invariant) fn observe(&mut self, at: Global, event: &Event) {
        match event {
            Event::Requested { server, id, kind: RequestKind::Subscribe, target: Some(topic) } => {
                let (server, request, topic) = (*server, *id, Arc::clone(topic));
                self.subscribers.push(Subscriber { server, request, topic, subscribed: false });
            }
            Event::Answered { server, id, kind: RequestKind::Subscribe, error: None, .. } => {
                let agreed = |subscriber: &&mut Subscriber| (subscriber.server, subscriber.request) == (*server, *id);
                self.subscribers.iter_mut().filter(agreed).for_each(|subscriber| subscriber.subscribed = true);
            }
            Event::Published { server, topic, .. } => self.published(at, *server, topic),
            Event::MessageLost { topic, .. } | Event::MessageDropped { topic, .. } => {
                self.exempt(|released| is_topic_of(topic, &released.guid));
            }
            Event::Conflicted { key, .. } => self.exempt(|released| player_of(key) == Some(released.player)),
            Event::Disconnected { server, service: ServiceName::Messaging } => {
                self.exempt(|released| released.published.is_some_and(|(_, waiter)| waiter == *server));
            }
            _ => {}
        }
    }

    /// A write was applied.
    pub(in crate::invariant) fn commit(
        &mut self,
        commit: Commit,
        event: &Event,
        hindrances: &Hindrances,
        findings: &mut Vec<Finding>,
    ) {
        let Event::Committed { server, before, after, .. } = event else { return };
        let holder = after.as_ref().and_then(Stored::active_session);
        if let Some(holder) = holder {
            self.taken(commit, holder.guid.as_deref(), hindrances, findings);
        } else if let Some(Stored::Record(before)) = before
            && let Some(meta) = before.profile.as_ref().map(|profile| &profile.meta)
            && let (Some(_), Some(_), Some(marker)) = (&meta.active_session, meta.lease, &meta.force_load_session)
            && let Some(guid) = &marker.guid
        {
            let (player, at, guid) = (commit.player, commit.at, Arc::clone(guid));
            self.released.push(Released { player, at, holder: *server, guid, published: None, exempt: false });
        }
    }

    fn published(&mut self, at: Global, server: ServerId, topic: &str) {
        let HandOvers { subscribers, released, .. } = self;
        let awaited = |released: &&mut Released| {
            released.published.is_none() && released.holder == server && is_topic_of(topic, &released.guid)
        };
        for released in released.iter_mut().filter(awaited) {
            let waiter = subscribers.iter().find(|subscriber| subscriber.subscribed && &*subscriber.topic == topic);
            released.published = waiter.map(|waiter| (at, waiter.server));
        }
    }

    /// Somebody has the lock.
    fn taken(&mut self, commit: Commit, guid: Option<&str>, hindrances: &Hindrances, findings: &mut Vec<Finding>) {
        let Some(index) = self.released.iter().position(|released| released.player == commit.player) else { return };
        let released = self.released.swap_remove(index);
        let Some((published, waiter)) = released.published else { return };
        let after = commit.at.since(published);
        let late = Some(&*released.guid) == guid && !released.exempt && after > self.bound;
        if late && !hindrances.suffers(waiter, released.at) {
            let fact = Fact::Overdue(Overdue::HandOver { holder: released.holder, waiter, after });
            findings.push(Finding { at: commit.at, player: Some(commit.player), lasted: None, fact });
        }
    }

    fn exempt(&mut self, whom: impl Fn(&Released) -> bool) {
        self.released.iter_mut().filter(|released| whom(released)).for_each(|released| released.exempt = true);
    }
}

/// Whether a topic is that of the session with this guid: ProfileStore's.
fn is_topic_of(topic: &str, guid: &str) -> bool {
    topic.strip_prefix("PS_") == Some(guid)
}
