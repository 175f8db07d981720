//! Where frames lie while they are on their way, so that the agenda and the links move numbers only.

use crate::request::{FromService, ToService};
use crate::trace::ServerId;

/// What is on its way.
pub(super) enum Frame {
    ToService(ServerId, ToService),
    ToServer(ServerId, FromService),
}

/// A frame's place, until it is taken.
pub(super) type FrameNo = u32;

/// The frames on their way; places are used again.
#[derive(Default)]
pub(super) struct Frames {
    frames: Vec<Option<Frame>>,
    free: Vec<FrameNo>,
}

impl Frames {
    /// Lays a frame down.
    pub(super) fn put(&mut self, frame: Frame) -> FrameNo {
        if let Some(number) = self.free.pop() {
            self.frames[number as usize] = Some(frame);
            return number;
        }
        self.frames.push(Some(frame));
        FrameNo::try_from(self.frames.len() - 1).expect("fewer frames than 2^32 are on their way")
    }

    /// Takes it up again.
    pub(super) fn take(&mut self, number: FrameNo) -> Frame {
        self.free.push(number);
        self.frames[number as usize].take().expect("a frame arrives once")
    }
}
