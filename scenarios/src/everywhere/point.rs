//! The points of a run at which a fault can be placed.

use std::collections::BTreeSet;

use dupeproof_core::Span;
use dupeproof_sim::id::{ServerId, ServiceName, Slot};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::RequestClass;
use dupeproof_sim::{Event, Global, Observer};

/// A point of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    /// When.
    pub(super) at: Span,
    /// Of which server.
    pub(super) server: Slot,
    /// The request that is made there; `None` if it is a moment, just before or after something happened.
    pub(super) request: Option<(ServiceName, RequestClass)>,
}

/// Collects the points of a run.
#[derive(Default)]
pub(super) struct Points(BTreeSet<Point>);

impl Points {
    /// All before the end, in order.
    pub(super) fn all(self, end: Span) -> Vec<Point> {
        self.0.into_iter().filter(|point| point.at < end).collect()
    }

    fn moment(&mut self, at: Global, server: ServerId) {
        for at in [at.0.saturating_sub(1), at.0 + 1] {
            self.0.insert(Point { at: Span(at), server: server.slot, request: None });
        }
    }
}

impl Observer for Points {
    fn observe(&mut self, at: Global, event: &Event) {
        match event {
            Event::Requested { server, kind, .. } => {
                self.moment(at, *server);
                if let Some(request) = class_of(*kind) {
                    let at = Span(at.0.saturating_sub(1));
                    self.0.insert(Point { at, server: server.slot, request: Some(request) });
                }
            }
            Event::Committed { server, .. }
            | Event::MemoryChanged { server, .. }
            | Event::Answered { server, .. }
            | Event::Published { server, .. }
            | Event::MessageReceived { server, .. }
            | Event::Guest { server, .. } => self.moment(at, *server),
            _ => {}
        }
    }
}

/// Where a request goes and of which class it is, if single requests there can be made to fail.
fn class_of(kind: RequestKind) -> Option<(ServiceName, RequestClass)> {
    let service = kind.service();
    (service != ServiceName::Messaging).then(|| (service, RequestClass::of(kind)))
}
