//! Which faults there are in one schedule.

use super::Fault;

/// The faults that exist in one schedule.
#[derive(Clone, Debug)]
pub(crate) struct FaultSet([bool; Fault::COUNT]);

impl FaultSet {
    /// Those of which this is true, asked in order.
    pub(crate) fn of(mut exists: impl FnMut(Fault) -> bool) -> FaultSet {
        FaultSet(std::array::from_fn(|place| exists(Fault::ALL[place])))
    }

    /// Whether a fault exists.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.0[fault.place()]
    }
}
