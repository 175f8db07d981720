//! What can happen to single requests, and how often it does.

use dupeproof_core::Span;
use serde::{Deserialize, Serialize};

/// What can happen to a request to the DataStore or a memory store inside the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RequestFault {
    /// An error; nothing was applied.
    Refused,
    /// Applied, and then an error.
    AppliedThenError,
    /// Applied, and no answer ever.
    LostReply,
    /// Applied, and answered late.
    LateReply {
        /// How much later.
        span: Span,
    },
    /// An error at once, and applied later (if a conditional write's condition still holds then).
    LateApply {
        /// How much later.
        span: Span,
    },
    /// Applied and answered, and applied once more later, as by a retry inside the backend (not documented; off by
    /// default).
    AppliedTwice {
        /// How much later.
        span: Span,
    },
    /// A read that finds nothing though there is something, as in January 2019 (staff, devforum 239553). Nobody can
    /// tell it from a missing key, so no subject is held to its promises under it.
    NilRead,
}

impl RequestFault {
    /// All, in the order in which their chances are laid side by side; what comes late comes so much later.
    pub fn all(span: Span) -> [RequestFault; 7] {
        [
            RequestFault::Refused,
            RequestFault::AppliedThenError,
            RequestFault::LostReply,
            RequestFault::LateReply { span },
            RequestFault::LateApply { span },
            RequestFault::AppliedTwice { span },
            RequestFault::NilRead,
        ]
    }

    /// Its name without how late it is, as the variant is called.
    pub fn name(self) -> &'static str {
        match self {
            RequestFault::Refused => "Refused",
            RequestFault::AppliedThenError => "AppliedThenError",
            RequestFault::LostReply => "LostReply",
            RequestFault::LateReply { .. } => "LateReply",
            RequestFault::LateApply { .. } => "LateApply",
            RequestFault::AppliedTwice { .. } => "AppliedTwice",
            RequestFault::NilRead => "NilRead",
        }
    }

    /// How late it makes a request; `None` for what is not late.
    pub fn late_by(mut self) -> Option<Span> {
        self.span_mut().copied()
    }

    /// The same, to be changed.
    pub fn span_mut(&mut self) -> Option<&mut Span> {
        match self {
            RequestFault::LateReply { span }
            | RequestFault::LateApply { span }
            | RequestFault::AppliedTwice { span } => Some(span),
            RequestFault::Refused
            | RequestFault::AppliedThenError
            | RequestFault::LostReply
            | RequestFault::NilRead => None,
        }
    }
}

/// How often a request meets each [`RequestFault`], in parts per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRates {
    /// [`RequestFault::Refused`].
    pub refused_ppm: u32,
    /// [`RequestFault::AppliedThenError`].
    pub applied_then_error_ppm: u32,
    /// [`RequestFault::LostReply`].
    pub lost_reply_ppm: u32,
    /// [`RequestFault::LateReply`].
    pub late_reply_ppm: u32,
    /// [`RequestFault::LateApply`].
    pub late_apply_ppm: u32,
    /// [`RequestFault::AppliedTwice`].
    pub applied_twice_ppm: u32,
    /// [`RequestFault::NilRead`].
    pub nil_read_ppm: u32,
}

impl FaultRates {
    /// How often a request meets this, in parts per million.
    pub fn of(&self, fault: RequestFault) -> u32 {
        let mut rates = *self;
        *rates.of_mut(fault)
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, fault: RequestFault) -> &mut u32 {
        match fault {
            RequestFault::Refused => &mut self.refused_ppm,
            RequestFault::AppliedThenError => &mut self.applied_then_error_ppm,
            RequestFault::LostReply => &mut self.lost_reply_ppm,
            RequestFault::LateReply { .. } => &mut self.late_reply_ppm,
            RequestFault::LateApply { .. } => &mut self.late_apply_ppm,
            RequestFault::AppliedTwice { .. } => &mut self.applied_twice_ppm,
            RequestFault::NilRead => &mut self.nil_read_ppm,
        }
    }
}
