//! A server whose frames take long.

use std::collections::VecDeque;

use dupeproof_core::Span;

use super::NodeInput;
use crate::clock::Global;

/// What lies between a server's frames. Frames in which there is nothing to do cost nothing.
pub(super) struct Lag {
    /// When the first frame began.
    since: Global,
    frame: Span,
    /// What came since the last frame, with its moment: the next frame takes it.
    pub(super) held: VecDeque<(Global, NodeInput)>,
}

impl Lag {
    /// A frame begins now, and each takes so long.
    pub(super) fn new(since: Global, frame: Span) -> Lag {
        // No schedule that is checked has frames of nothing; a run must not divide by it all the same.
        Lag { since, frame: frame.max(Span(1)), held: VecDeque::new() }
    }

    /// The first frame at a moment or after it.
    pub(super) fn frame_from(&self, at: Global) -> Global {
        let frames = at.since(self.since).0.div_ceil(self.frame.0);
        self.since + Span(frames.saturating_mul(self.frame.0))
    }
}
