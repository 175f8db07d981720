//! MessagingService's backend: best effort, and less than that under faults.

use crate::clock::Global;
use crate::request::{FromService, ToService};
use crate::schedule::Schedule;
use crate::trace::{ServerId, Trace};

/// The backend.
pub struct Messaging {}

impl Messaging {
    /// No subscriptions yet.
    pub fn new(_schedule: &Schedule) -> Messaging {
        unimplemented!()
    }

    /// A request arrives.
    pub fn handle(&mut self, _at: Global, _from: ServerId, _frame: ToService, _trace: &mut Trace<'_>) {
        unimplemented!()
    }

    /// When [`Messaging::poll`] has something next.
    pub fn next_due(&self) -> Option<Global> {
        unimplemented!()
    }

    /// The next answer or delivery that is due at `at`.
    pub fn poll(&mut self, _at: Global, _trace: &mut Trace<'_>) -> Option<(ServerId, FromService)> {
        unimplemented!()
    }

    /// A server is gone: its subscriptions with it.
    pub fn disconnect(&mut self, _server: ServerId) {
        unimplemented!()
    }

    /// Refuse everything and deliver nothing, or not.
    pub fn set_outage(&mut self, _refuse: bool) {
        unimplemented!()
    }

    /// No more faults.
    pub fn heal(&mut self) {
        unimplemented!()
    }
}
