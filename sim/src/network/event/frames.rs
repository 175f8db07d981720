//! Where frames lie while they are on their way, so that the event queue and the links move numbers only.

use crate::id::{ServerId, ServiceName};
use crate::request::{FromService, ToService};

/// What is on its way.
pub(super) enum Frame {
    ToService(ServerId, ToService),
    ToServer(ServerId, ServiceName, FromService),
    /// Its connection broke.
    Lost,
}

impl Frame {
    fn is_between(&self, server: ServerId, service: ServiceName) -> bool {
        match self {
            Frame::ToService(from, frame) => (*from, frame.request.service()) == (server, service),
            Frame::ToServer(to, from, _) => (*to, *from) == (server, service),
            Frame::Lost => false,
        }
    }
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

    /// Whatever is on its way between these two, held back or not, is lost; its places are free once it would arrive.
    pub(super) fn lose(&mut self, server: ServerId, service: ServiceName) {
        for frame in self.frames.iter_mut().flatten().filter(|frame| frame.is_between(server, service)) {
            *frame = Frame::Lost;
        }
    }

    /// Takes it up again.
    pub(super) fn take(&mut self, number: FrameNo) -> Frame {
        self.free.push(number);
        self.frames[number as usize].take().expect("a frame arrives once")
    }
}
