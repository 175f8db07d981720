//! Who is who: the names and numbers of servers, profiles, sessions, calls and requests.

use std::sync::Arc;

/// A profile's key: the name of its record in the data store.
pub type Key = Arc<str>;

/// A globally unique name, made by the caller: the machine has no randomness.
pub type Guid = Arc<str>;

/// A session, from its start request on. The caller numbers them; numbers only grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u32);

/// A call that needs no session, numbered by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

/// Who made a request, and gets its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A session.
    Session(SessionId),
    /// A call without a session.
    Call(CallId),
}

/// The number of a request among those of its owner, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(not(feature = "explore"), derive(Hash))]
pub struct OpNo(pub u32);

#[cfg(feature = "explore")]
impl std::hash::Hash for OpNo {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        crate::explore::op(self.0, state);
    }
}

/// Numbers requests. No two states differ by how many requests were made before them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OpCounter(u32);

#[cfg(feature = "explore")]
impl std::hash::Hash for OpCounter {
    fn hash<H: std::hash::Hasher>(&self, _state: &mut H) {}
}

impl OpCounter {
    /// The next number.
    pub(crate) fn next(&mut self) -> OpNo {
        debug_assert!(self.0 < u32::MAX, "request numbers of one owner never repeat");
        self.0 += 1;
        OpNo(self.0)
    }
}

/// A request of the machine. The driver hands it back with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId {
    /// Who made the request.
    pub owner: Owner,
    /// Which of its owner's.
    pub no: OpNo,
}

/// Which server the machine runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub struct ServerIdentity {
    /// `game.PlaceId`.
    pub place_id: i64,
    /// `game.JobId`: empty in Studio.
    pub job_id: Arc<str>,
}

/// The topic that the session with this guid listens to: ProfileStore's.
pub(crate) fn topic(guid: &str) -> Arc<str> {
    format!("PS_{guid}").into()
}
