//! What was sent and is not answered.

use std::collections::VecDeque;

use dupeproof_core::{Span, Stored};

use crate::clock::Global;
use crate::id::{RequestId, ServiceName, SubscriptionId};
use crate::request::{Key, Request, RequestKind, ToService};

/// A request on its way, and what its answer means to the client.
pub(super) struct Open {
    pub(super) id: RequestId,
    pub(super) kind: RequestKind,
    pub(super) made: Global,
    /// Of a DataStore request.
    pub(super) key: Option<Key>,
    /// What a set or a conditional write writes.
    pub(super) written: Option<Stored>,
    /// What a subscribe asks for.
    pub(super) subscription: Option<SubscriptionId>,
    limit: Global,
}

/// Requests on their way.
pub(super) struct InFlight {
    timeout: Span,
    /// In order of sending, and so of time limit.
    limited: VecDeque<Open>,
    /// A subscribe can wait for ever (community, ProfileStore PR 4): it has no time limit.
    subscribes: Vec<Open>,
}

impl InFlight {
    pub(super) fn new(timeout: Span) -> InFlight {
        InFlight { timeout, limited: VecDeque::new(), subscribes: Vec::new() }
    }

    /// A request that was made earlier is sent.
    pub(super) fn push(&mut self, at: Global, made: Global, frame: &ToService) {
        let ToService { id, request, .. } = frame;
        let (kind, limit) = (request.kind(), at + self.timeout);
        let (mut key, mut written, mut subscription) = (None, None, None);
        match request {
            Request::Subscribe { subscription: asked, .. } => subscription = Some(*asked),
            Request::Publish { .. } | Request::Memory { .. } => {}
            Request::Set { value, .. } | Request::CompareAndSet { value, .. } => {
                key = request.target().cloned();
                written = Some(value.clone());
            }
            _ => key = request.target().cloned(),
        }
        let open = Open { id: *id, kind, made, key, written, subscription, limit };
        if open.subscription.is_some() {
            self.subscribes.push(open);
        } else {
            self.limited.push_back(open);
        }
    }

    /// A request that is answered.
    pub(super) fn take(&mut self, id: RequestId) -> Option<Open> {
        if let Some(place) = self.limited.iter().position(|open| open.id == id) {
            return self.limited.remove(place);
        }
        let place = self.subscribes.iter().position(|open| open.id == id)?;
        Some(self.subscribes.remove(place))
    }

    /// The next one whose time limit has passed.
    pub(super) fn time_out(&mut self, at: Global) -> Option<Open> {
        self.limited.pop_front_if(|open| open.limit <= at)
    }

    /// When the next time limit passes.
    pub(super) fn next_limit(&self) -> Option<Global> {
        self.limited.front().map(|open| open.limit)
    }

    /// The first of those on their way to a service.
    pub(super) fn take_first(&mut self, service: ServiceName) -> Option<Open> {
        if let Some(place) = self.limited.iter().position(|open| open.kind.service() == service) {
            return self.limited.remove(place);
        }
        (service == ServiceName::Messaging && !self.subscribes.is_empty()).then(|| self.subscribes.remove(0))
    }
}
