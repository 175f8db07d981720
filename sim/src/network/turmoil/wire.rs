//! Frames on a connection: a length, then JSON. A server's first frame is its [`Hello`]; then come requests one way
//! ([`crate::request::ToService`]), replies and messages the other ([`crate::request::FromService`]).

use std::io;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};

use crate::id::ServerId;

/// Who connects.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Hello {
    pub(super) server: ServerId,
    /// How often its connection had been broken before this one was made.
    pub(super) breaks: u32,
}

/// A frame's contents as they travel.
pub(super) fn encode(frame: &impl Serialize) -> Bytes {
    serde_json::to_vec(frame).expect("every frame is representable in JSON").into()
}

/// The receiving half of a connection.
pub(super) struct FrameReader<R>(FramedRead<R, LengthDelimitedCodec>);

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(super) fn new(half: R) -> FrameReader<R> {
        FrameReader(FramedRead::new(half, LengthDelimitedCodec::new()))
    }

    /// The next frame; `None` once the connection is over, in whatever way.
    ///
    /// # Panics
    /// If the frame is no `T`: both ends are the same program, so this is a fault in it.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        let frame = self.0.next().await?.ok()?;
        Some(serde_json::from_slice(&frame).expect("both ends speak the same frames"))
    }
}

/// The sending half of a connection.
pub(super) struct FrameWriter<W>(FramedWrite<W, LengthDelimitedCodec>);

impl<W: AsyncWrite + Unpin> FrameWriter<W> {
    pub(super) fn new(half: W) -> FrameWriter<W> {
        FrameWriter(FramedWrite::new(half, LengthDelimitedCodec::new()))
    }

    /// Hands one [`encode`]d frame to the network.
    ///
    /// # Errors
    /// If the connection is known to be broken; the frame was then not sent.
    pub(super) async fn send(&mut self, frame: Bytes) -> io::Result<()> {
        self.0.send(frame).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dupeproof_core::Stored;
    use serde_json::json;

    use super::*;
    use crate::id::RequestId;
    use crate::request::{Entry, FromService, KeyInfo, Reading, Response, Version};

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn frames_arrive_whole_and_in_order_through_a_pipe_narrower_than_one_of_them() {
        let stored = Stored::from_json(json!({ "Data": { "Stamp": 7 }, "GlobalUpdates": [0, []], "MetaData": {
            "ProfileCreateTime": 1, "SessionLoadCount": 2, "LastUpdate": 3, "MetaTags": [],
            "ActiveSession": [0, "job-1-0", "guid"], "Kept": { "by": "another version" } },
            "RobloxMetaData": [], "UserIds": [11] }));
        let info = KeyInfo { version: Version(9), created_time: 1, updated_time: 2, attributes: Some(Arc::default()) };
        let replies = [
            FromService::Reply {
                id: RequestId(1),
                result: Ok(Response::Value(Reading {
                    version: Some(Version(9)),
                    entry: Some(Entry { value: stored, info }),
                })),
            },
            FromService::Reply { id: RequestId(2), result: Ok(Response::Conflict) },
        ];
        let (near, far) = tokio::io::duplex(16);
        let (mut writer, mut reader) = (FrameWriter::new(near), FrameReader::new(far));
        let received: [FromService; 2] = block_on(async {
            let send = async {
                for reply in &replies {
                    writer.send(encode(reply)).await.unwrap();
                }
            };
            let receive = async { [reader.next().await.unwrap(), reader.next().await.unwrap()] };
            tokio::join!(send, receive).1
        });
        assert_eq!(received, replies);
    }

    #[test]
    fn a_frame_cut_short_by_the_end_of_the_connection_is_no_frame() {
        let received = block_on(async {
            let (mut near, far) = tokio::io::duplex(64);
            tokio::io::AsyncWriteExt::write_all(&mut near, &[0, 0, 0, 20, b'{']).await.unwrap();
            drop(near);
            FrameReader::new(far).next::<ServerId>().await
        });
        assert_eq!(received, None);
    }

    #[test]
    #[should_panic(expected = "both ends speak the same frames")]
    fn a_frame_of_another_kind_is_a_fault_in_the_program() {
        block_on(async {
            let (near, far) = tokio::io::duplex(64);
            FrameWriter::new(near).send(encode(&"no server")).await.unwrap();
            FrameReader::new(far).next::<ServerId>().await
        });
    }
}
