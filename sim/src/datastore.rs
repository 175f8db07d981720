//! DataStoreService's backend: versioned keys, and everything that can befall a request there.

use crate::clock::Global;
use crate::request::{FromService, ToService};
use crate::schedule::{Fate, Leg, Schedule, Slot};
use crate::subject::Subject;
use crate::trace::{ServerId, Trace};

/// The backend.
pub struct DataStore {}

impl DataStore {
    /// A store that holds the records of the players who have played before.
    pub fn new(_schedule: &Schedule, _subject: &dyn Subject) -> DataStore {
        unimplemented!()
    }

    /// A request arrives.
    pub fn handle(&mut self, _at: Global, _from: ServerId, _frame: ToService, _trace: &mut Trace<'_>) {
        unimplemented!()
    }

    /// When [`DataStore::poll`] has something next.
    pub fn next_due(&self) -> Option<Global> {
        unimplemented!()
    }

    /// The next answer that is due at `at`, applying late writes that are due on the way.
    pub fn poll(&mut self, _at: Global, _trace: &mut Trace<'_>) -> Option<(ServerId, FromService)> {
        unimplemented!()
    }

    /// Refuse everything, or not.
    pub fn set_outage(&mut self, _refuse: bool) {
        unimplemented!()
    }

    /// The next such request from this slot meets this fate.
    pub fn arm(&mut self, _slot: Slot, _leg: Leg, _fate: Fate) {
        unimplemented!()
    }

    /// No more faults. Late writes still pending are applied at their time.
    pub fn heal(&mut self) {
        unimplemented!()
    }

    /// Records [`crate::Event::Ended`].
    pub fn end(&self, _at: Global, _trace: &mut Trace<'_>) {
        unimplemented!()
    }
}
