//! One virtual game server: a guest, its clocks, and the client that stands between it and the services.

use crate::clock::Global;
use crate::guest::Command;
use crate::request::{FromService, ToService};
use crate::schedule::Schedule;
use crate::subject::Subject;
use crate::trace::{ServerId, Trace};

/// What reaches a server.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeInput {
    /// Time has come to [`GameServer::next_wake`].
    Tick,
    /// From a service, over the network.
    Service(FromService),
    /// From the players there.
    Command(Command),
    /// `BindToClose`.
    Close,
    /// Stop reacting; keep what comes.
    Freeze,
    /// React again, to what was kept first.
    Thaw,
}

/// One life of one server. A crash is a drop.
pub struct GameServer {}

impl GameServer {
    /// The server starts: its guest gets its first wake.
    pub fn boot(
        _subject: &dyn Subject,
        _schedule: &Schedule,
        _id: ServerId,
        _at: Global,
        _trace: &mut Trace<'_>,
        _out: &mut Vec<ToService>,
    ) -> GameServer {
        unimplemented!()
    }

    /// Takes one input at a moment not before the last; appends what the network is to carry to `out`.
    pub fn handle(&mut self, _at: Global, _input: NodeInput, _trace: &mut Trace<'_>, _out: &mut Vec<ToService>) {
        unimplemented!()
    }

    /// When it wants [`NodeInput::Tick`]: a guest's wake-up, a request's time limit, budget for a queued request.
    pub fn next_wake(&self) -> Option<Global> {
        unimplemented!()
    }

    /// Whether its guest is done closing.
    pub fn is_closed(&self) -> bool {
        unimplemented!()
    }

    /// Which life this is.
    pub fn id(&self) -> ServerId {
        unimplemented!()
    }

    /// Ends every fault that lives in the server (throttling beyond its ordinary budget, nothing else).
    pub fn heal(&mut self) {
        unimplemented!()
    }

    #[expect(dead_code, reason = "seam")]
    fn _command(_: Command) {}
}
