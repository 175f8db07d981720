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

/// A request of the machine. The driver hands it back with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId {
    /// Who made the request.
    pub owner: Owner,
    /// Counts the requests of this owner, from 1.
    pub no: u32,
}

/// Which server the machine runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
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
