//! One server.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dupeproof_core::{Mono, Now, Span, Unix, explore};
use dupeproof_sim::id::{PlayerId, RequestId, ServerId};

use super::Print;
use super::effect::{Stimulated, Stimulus};
use super::grains::Grains;
use crate::subjects::core::CoreGuest;

/// What a server's monotonic clock shows at the start.
pub(super) const BOOTED: Mono = Mono(10_000_000_000);

/// What wall clocks show, always, each server's an hour more than the one's before: the protocol does not compare them.
const UNIX: i64 = 1_800_000_000_000_000;
const WALL_CLOCKS_APART: i64 = 3_600_000_000;

/// A server's game as its last input left it. All states in which it is the same share it.
pub(crate) struct Server {
    pub guest: CoreGuest,
    /// What its clock showed then.
    pub at: Mono,
    pub wake: Option<Mono>,
    /// By player: until when a session is live.
    live: Vec<Option<Mono>>,
}

impl Server {
    pub(super) fn new(guest: CoreGuest, at: Mono, wake: Option<Mono>, players: usize) -> Server {
        let live = (0..players).map(|player| guest.live_until(super::player_id(player), at)).collect();
        Server { guest, at, wake, live }
    }

    /// The same for all servers that go on in the same way. Times further in the past than `far` are all the same.
    pub(super) fn print(&self, since: u64, far: Span) -> u64 {
        let mut state = Print::default();
        explore::relative_to(self.at.0 + since, far.0, || {
            self.wake.hash(&mut state);
            self.guest.fingerprint(&mut state);
        });
        state.finish()
    }
}

/// A place for a server, what the world around does to it, and how long ago it had its last input.
#[derive(Clone)]
pub(crate) struct Slot {
    pub id: ServerId,
    /// Grains in a microsecond of its clock.
    rate: u64,
    /// `None`: it is down.
    pub server: Option<Arc<Server>>,
    /// Microseconds of its clock since its last input.
    pub since: u64,
    /// The server's fingerprint at this moment.
    pub print: u64,
    /// While frozen: what came since.
    pub kept: Option<Vec<Stimulus>>,
    /// So many more requests to the data store are answered with an error.
    pub cut_off: u8,
}

impl Slot {
    pub(super) fn new(slot: u16, rate: u64) -> Slot {
        let id = ServerId { slot, life: 0 };
        Slot { id, rate, server: None, since: 0, print: 0, kept: None, cut_off: 0 }
    }

    pub(super) fn rate(&self) -> u64 {
        self.rate
    }

    pub(super) fn clock(&self, server: &Server) -> Now {
        let unix = Unix(UNIX + i64::from(self.id.slot) * WALL_CLOCKS_APART);
        Now { mono: server.at + Span(self.since), unix }
    }

    /// Microseconds of its clock in a span of time that is a multiple of the grid.
    pub(super) fn micros(&self, span: Grains) -> u64 {
        span.0 / self.rate
    }

    /// How long until its timer is due, if it runs: a multiple of the grid.
    pub(super) fn due(&self, grid: Grains) -> Option<Grains> {
        let server = self.server.as_ref().filter(|_| self.kept.is_none())?;
        let micros = server.wake?.since(self.clock(server).mono).0;
        Some(Grains(micros.saturating_mul(self.rate).div_ceil(grid.0).saturating_mul(grid.0)))
    }

    pub(super) fn is_due(&self, grid: Grains) -> bool {
        self.due(grid) == Some(Grains(0))
    }

    pub(crate) fn is_live(&self, player: PlayerId) -> bool {
        let Some(server) = &self.server else { return false };
        server.live[usize::from(player.0)].is_some_and(|until| until > self.clock(server).mono)
    }

    /// It is gone.
    pub(crate) fn shut_down(&mut self) {
        (self.server, self.print, self.since, self.kept, self.cut_off) = (None, 0, 0, None, 0);
    }

    /// It is in this state now.
    pub(super) fn becomes(&mut self, stimulated: Stimulated) {
        (self.server, self.since, self.print) = (Some(stimulated.server), 0, stimulated.print);
    }

    /// The key was written.
    pub(super) fn overtake(&mut self, key: &str) {
        for stimulus in self.kept.iter_mut().flatten() {
            if let Stimulus::Reply(_, reply) = stimulus {
                reply.overtaken(key);
            }
        }
    }

    /// A request of this place was answered: those asked after it move up.
    pub(super) fn move_up(&mut self, answered: RequestId) {
        self.kept.iter_mut().flatten().for_each(|stimulus| stimulus.move_up(answered));
    }
}
