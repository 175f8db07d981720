//! The core's words in the simulation's.

use dupeproof_core as core;
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::{EndReason, StartFailure};

pub(super) fn acquired_as(acquired: core::Acquired) -> Acquired {
    match acquired {
        core::Acquired::Free => Acquired::Free,
        core::Acquired::HandedOver => Acquired::HandedOver,
        core::Acquired::TakenOver => Acquired::TakenOver,
        core::Acquired::Unprotected => Acquired::Unprotected,
    }
}

pub(super) fn failure_as(failure: core::StartFailure) -> StartFailure {
    match failure {
        core::StartFailure::AlreadyActive => StartFailure::AlreadyActive,
        core::StartFailure::Superseded => StartFailure::Superseded,
        core::StartFailure::Cancelled => StartFailure::Cancelled,
        core::StartFailure::TimedOut => StartFailure::TimedOut,
        core::StartFailure::Closing => StartFailure::Closing,
        // The simulation has no word of its own for a key that is kept for trades: none of its players has one.
        core::StartFailure::Failed | core::StartFailure::ReservedKey => StartFailure::Failed,
    }
}

pub(super) fn reason_as(reason: core::EndReason) -> EndReason {
    match reason {
        core::EndReason::Manual => EndReason::Manual,
        core::EndReason::External => EndReason::External,
        core::EndReason::Shutdown => EndReason::Shutdown,
        core::EndReason::Lost => EndReason::Lost,
        core::EndReason::Removed => EndReason::Removed,
        core::EndReason::Overwritten => EndReason::Overwritten,
    }
}
