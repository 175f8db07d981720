//! The fingerprint of a state: the same for all states that go on in the same way.

use std::hash::{Hash, Hasher};

use super::{Print, World};

impl World {
    /// The same for all states that go on in the same way.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut state = Print::default();
        for slot in &self.slots {
            (slot.rate(), slot.id.life, slot.print, slot.cut_off, slot.kept.is_some()).hash(&mut state);
            for stimulus in slot.kept.iter().flatten() {
                state.write_u64(stimulus.print());
            }
        }
        state.write_u64(self.store.hash());
        state.write_u64(self.topics.print);
        state.write_u64(self.watch.print);
        // In whatever order they set out.
        let flights = self.flights.iter().fold(0u64, |sum, flight| sum.wrapping_add(flight.print()));
        state.write_u64(flights);
        state.write(&self.progress);
        state.finish()
    }
}
