//! What the trace says so far, in the form the invariants ask for: servers, sessions, states of the data.

pub mod admin;
pub mod contents;
pub mod edits;
pub mod lock_takings;
pub mod player;
pub mod servers;
pub mod session;
pub mod writes;

use dupeproof_core::Stored;
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{ItemId, PlayerId, ServerId, SessionNo, SessionRef, Slot, Stamp, TradeId};
use dupeproof_sim::record_layout::{Lock, RecordLayout};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, EndReason, GuestEvent, LockTaking, Schedule};
use serde_json::Value as Json;

use self::admin::{Admin, Write};
use self::contents::Contents;
use self::lock_takings::{LockWrite, TakingEnd, TakingIndex};
use self::player::Player;
use self::servers::Servers;
pub use self::session::{Session, SessionIndex, SessionState};
use crate::game_record::{self, player_of};

/// The state of a run as its trace tells it.
#[derive(Clone, Debug)]
pub struct History {
    layout: RecordLayout,
    servers: Servers,
    sessions: Vec<Session>,
    players: Vec<Player>,
    admin: Admin,
    put_aside: Vec<PutAside>,
    /// Which of the trades are gifts.
    gifts: Vec<TradeId>,
    /// Nobody says where the locks are, or that there is none.
    locks_unseen: bool,
}

/// An item that a session put aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutAside {
    /// The item.
    pub item: ItemId,
    /// For which trade or gift.
    pub trade: TradeId,
    /// The session.
    pub session: SessionIndex,
}

/// What an event was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing the history keeps.
    Other,
    /// A guest spoke of this session.
    Session(SessionIndex),
    /// A server is gone, with everything on it.
    Down(ServerId),
    /// A write to a player's record.
    Commit {
        /// Whose.
        player: PlayerId,
        /// The state of the data before.
        before: Stamp,
        /// The state now; `None` after a removal.
        after: Option<Stamp>,
        /// Whether an admin asked for it: what it undoes is undone on purpose.
        asked_for: bool,
        /// The taking that held the lock before.
        held_by: Option<LockTaking>,
    },
}

impl History {
    /// Before a run of a subject that stores things like this.
    pub fn new(schedule: &Schedule, layout: RecordLayout) -> History {
        History {
            layout,
            servers: Servers::with_capacity(schedule.servers.len() + 1),
            sessions: Vec::with_capacity(schedule.players.len() * 8),
            players: vec![Player::default(); schedule.players.len()],
            admin: Admin::default(),
            put_aside: Vec::new(),
            gifts: Vec::new(),
            locks_unseen: false,
        }
    }

    /// Locks may stand where nobody sees them.
    pub fn ignore_unseen_locks(&mut self) {
        self.locks_unseen = true;
    }

    /// Takes the next event in.
    pub fn entry(&mut self, event: &Event) -> Entry {
        match event {
            Event::Guest { server, event, .. } => self.record_guest(*server, event),
            Event::Committed { server, id, key, version, before, after } => {
                let id = LockTaking { version: *version, server: *server, request: *id };
                self.record_commit(id, key, before.as_ref(), after.as_ref())
            }
            Event::Acted { action: Action::Command { server, command }, .. } => self.record_command(*server, *command),
            Event::Requested { server, kind: RequestKind::GetVersion, target: Some(key), .. } => {
                if let Some((player, profile)) = player_of(key).and_then(|player| Some((player, self.player(player)?)))
                {
                    let stored = profile.stored.clone();
                    self.admin.asks_for_version(*server, player, &stored);
                }
                Entry::Other
            }
            Event::ServerStarted { server } => {
                self.servers.start(*server);
                Entry::Other
            }
            Event::ServerFroze { server } => self.record_frozen(*server, true),
            Event::ServerWoke { server } => self.record_frozen(*server, false),
            Event::ServerCrashed { server } | Event::ServerKilled { server } => {
                self.servers.add_dead(*server);
                self.record_down(*server)
            }
            Event::ServerClosed { server } => self.record_down(*server),
            _ => Entry::Other,
        }
    }

    /// What is in a stored value.
    pub fn contents<'a>(&self, stored: &'a Stored) -> Contents<'a> {
        Contents::new(stored, &self.layout)
    }

    /// Whether a player's data is in a stored value.
    pub fn has_data(&self, stored: &Stored) -> bool {
        self.layout.data(stored).is_some()
    }

    /// The lock in a stored value.
    pub fn lock<'a>(&self, stored: &'a Stored) -> Option<Lock<'a>> {
        self.layout.lock(stored)
    }

    /// All sessions that ever started, in order.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The sessions of one player, in order of start.
    pub fn sessions_of(&self, player: PlayerId) -> &[SessionIndex] {
        self.player(player).map_or(&[], |player| &player.sessions)
    }

    /// The sessions that ever started in this life of a server.
    pub fn sessions_on(&self, server: ServerId) -> &[SessionIndex] {
        self.servers.sessions_on(server)
    }

    /// The newest session of a player that this life of a server has had.
    pub fn session_on(&self, server: ServerId, player: PlayerId) -> Option<SessionIndex> {
        let on_server = |index: &&SessionIndex| self.sessions[**index].id.server == server;
        self.sessions_of(player).iter().rev().find(on_server).copied()
    }

    /// Whether this life of a server runs.
    pub fn is_up(&self, server: ServerId) -> bool {
        self.servers.is_up(server)
    }

    /// Whether this life of a server is frozen.
    pub fn is_frozen(&self, server: ServerId) -> bool {
        self.servers.is_frozen(server)
    }

    /// The newest life of a slot.
    pub fn life_of(&self, slot: Slot) -> Option<ServerId> {
        self.servers.life_of(slot)
    }

    /// Whether this life of a server ended without a chance to save.
    pub fn is_dead(&self, server: ServerId) -> bool {
        self.servers.is_dead(server)
    }

    /// The state of a player's data in the store.
    pub fn committed(&self, player: PlayerId) -> Stamp {
        self.player(player).map_or(Stamp(0), |player| player.committed)
    }

    /// Whether this state of a player's data, or one made from it, was ever stored.
    pub fn was_stored(&self, player: PlayerId, stamp: Stamp) -> bool {
        self.player(player).is_none_or(|player| player.was_stored(stamp))
    }

    /// What admins did.
    pub fn admin(&self) -> &Admin {
        &self.admin
    }

    /// What was ever put aside, in order.
    pub fn put_aside(&self) -> &[PutAside] {
        &self.put_aside
    }

    /// Whether this is a gift, and not a trade.
    pub fn is_gift(&self, trade: TradeId) -> bool {
        self.gifts.contains(&trade)
    }

    /// The taking that holds the lock of a player's record.
    pub fn holding(&self, player: PlayerId) -> Option<LockTaking> {
        self.player(player)?.takings.holding()
    }

    /// The server that holds the lock of each player's record, where it can know that it does: a removal makes room
    /// for a write that its sender has long given up, and which was to make a new record.
    pub fn holders(&self) -> impl Iterator<Item = (PlayerId, ServerId)> {
        let players = (0..).map(PlayerId).zip(&self.players);
        players.filter_map(|(player, profile)| Some((player, profile.takings.known_holding()?.server)))
    }

    /// Whether another server, or an admin, took the lock from a session: what it had not stored by then is lost, and
    /// may be.
    pub fn was_overtaken(&self, session: SessionIndex) -> bool {
        self.taking_end(session).is_some_and(TakingEnd::is_overtaken) || self.may_be_overtaken(session)
    }

    /// Whether another server may have taken a lock that nobody sees from a session: a session of the same player began
    /// elsewhere before it was over.
    fn may_be_overtaken(&self, session: SessionIndex) -> bool {
        self.locks_unseen && self.sessions[session].overlapped
    }

    /// This taking of the lock of a player's record, if it was ended on purpose: by a steal, or by an admin's write.
    pub fn forced(&self, player: PlayerId, taking: LockTaking) -> Option<TakingIndex> {
        self.player(player)?.takings.forced(taking)
    }

    /// Whether a server has taken the lock of a player's record again after this taking.
    pub fn taken_again(&self, player: PlayerId, taking: TakingIndex, server: ServerId) -> bool {
        self.player(player).is_some_and(|player| player.takings.taken_again(taking, server))
    }

    /// Whether the lock of a session was stolen or lifted, on purpose, when this state was stored: it may begin with
    /// that state, if it did not know yet that it had the lock.
    pub fn may_begin_with(&self, session: SessionIndex, stamp: Stamp) -> bool {
        self.taking_end(session) == Some(TakingEnd::Forced { stored: stamp })
    }

    /// The session of a player, of those that have begun, whose lock was taken last.
    pub fn latest(&self, player: PlayerId) -> Option<SessionIndex> {
        self.sessions_of(player).iter().copied().max_by_key(|&index| (self.sessions[index].lock_order, index))
    }

    /// Whether the lock of one session was taken before that of another.
    pub fn precedes(&self, one: SessionIndex, other: SessionIndex) -> bool {
        (self.sessions[one].lock_order, one) < (self.sessions[other].lock_order, other)
    }

    /// Changes that no stored state has in it: the newest of each session, by player, if it can be stored.
    pub fn unstored(&self) -> impl Iterator<Item = (PlayerId, SessionIndex, Stamp)> {
        let players = (0..).map(PlayerId).zip(&self.players);
        players
            .flat_map(|(player, profile)| profile.edits.unstored().map(move |edit| (player, edit.session, edit.stamp)))
    }

    /// The session that made a state of a player's data.
    pub fn editor(&self, player: PlayerId, stamp: Stamp) -> Option<SessionIndex> {
        self.player(player)?.edits.of(stamp).map(|edit| edit.session)
    }

    /// Whether `later` is `earlier`, or was made from it. Every state was made from the untouched one.
    pub fn descends(&self, player: PlayerId, later: Stamp, earlier: Stamp) -> bool {
        self.player(player).is_none_or(|player| player.edits.descends(later, earlier))
    }

    /// Changes that are in no stored state though their session cannot store them any more.
    pub fn edits_lost(&self) -> u64 {
        let edits = self.players.iter().flat_map(|player| player.edits.iter());
        let lost = edits.filter(|edit| {
            let state = self.sessions[edit.session].state;
            !edit.stored && matches!(state, SessionState::Died | SessionState::Ended(EndReason::Lost))
        });
        lost.map(|_| 1).sum()
    }

    fn player(&self, player: PlayerId) -> Option<&Player> {
        self.players.get(usize::from(player.0))
    }

    /// How the taking of a session ended, if it has one and it did.
    fn taking_end(&self, session: SessionIndex) -> Option<TakingEnd> {
        let session = &self.sessions[session];
        let player = self.player(session.player)?;
        let begins = |taking| player.sessions.iter().any(|&other| self.sessions[other].taking == Some(taking));
        player.takings.last_end(session.taking?, begins)
    }

    fn record_guest(&mut self, server: ServerId, event: &GuestEvent) -> Entry {
        if let GuestEvent::SessionStarted { session, player, stamp, .. } = event {
            return self.record_start(server, *session, *player, *stamp);
        }
        let Some(no) = event.session() else { return Entry::Other };
        let Some(index) = self.index_of(server, no) else { return Entry::Other };
        match event {
            GuestEvent::SessionEnded { reason, .. } => self.sessions[index].state = SessionState::Ended(*reason),
            GuestEvent::Edited { stamp, parent, .. } => {
                let player = self.sessions[index].player;
                self.players[usize::from(player.0)].edits.push(*stamp, *parent, index);
            }
            GuestEvent::Overfilled { stamp, .. } => {
                let player = self.sessions[index].player;
                self.players[usize::from(player.0)].edits.mark_overfull(*stamp);
            }
            GuestEvent::ItemPutAside { item, trade, .. } => {
                self.put_aside.push(PutAside { item: *item, trade: *trade, session: index });
            }
            _ => {}
        }
        Entry::Session(index)
    }

    fn record_command(&mut self, slot: u16, command: Command) -> Entry {
        match command {
            Command::Gift { gift, .. } => self.gifts.push(gift),
            Command::Join(player) if !self.layout.has_lock() => {
                if let (Some(server), Some(profile)) = (self.life_of(slot), self.players.get_mut(usize::from(player.0)))
                {
                    profile.writes.ask(server);
                }
            }
            Command::Steal(player) => {
                if let (Some(server), Some(profile)) = (self.life_of(slot), self.players.get_mut(usize::from(player.0)))
                {
                    profile.stealers.push(server);
                }
            }
            Command::Remove(_) | Command::Rollback(_) => {
                if let Some(server) = self.life_of(slot) {
                    let players = &self.players;
                    let stored = |player: PlayerId| {
                        players.get(usize::from(player.0)).map_or(Stamp(0), |player| player.committed)
                    };
                    self.admin.told(server, command, stored);
                }
            }
            _ => {}
        }
        Entry::Other
    }

    fn record_start(&mut self, server: ServerId, no: SessionNo, player: PlayerId, began_with: Stamp) -> Entry {
        let index = self.sessions.len();
        let Some(profile) = self.players.get_mut(usize::from(player.0)) else { return Entry::Other };
        // Nobody asks where locks are seen.
        for &index in if self.locks_unseen { &profile.sessions[..] } else { &[] } {
            let earlier = &mut self.sessions[index];
            let unsaved = earlier.state == SessionState::Running || profile.edits.has_unstored_of(index);
            earlier.overlapped |= unsaved && earlier.id.server != server;
        }
        profile.sessions.push(index);
        let taking = profile.takings.begun_by(server);
        self.sessions.push(Session {
            id: SessionRef { server, no },
            player,
            state: SessionState::Running,
            began_with,
            overlapped: false,
            taking,
            lock_order: match taking {
                Some(taking) => taking,
                None if self.layout.has_lock() => profile.takings.len(),
                None => profile.writes.place_of_start(server),
            },
        });
        self.servers.add_session(server, index);
        Entry::Session(index)
    }

    fn record_commit(&mut self, id: LockTaking, key: &str, before: Option<&Stored>, after: Option<&Stored>) -> Entry {
        let Some(player) = player_of(key) else { return Entry::Other };
        let Some(profile) = self.players.get_mut(usize::from(player.0)) else { return Entry::Other };
        let (server, stored) = (id.server, profile.committed);
        let after_stamp = match (before, after) {
            (_, None) => None,
            // Most writes leave the data as it is, and share it with the record before.
            (Some(before), Some(after)) if same_data(self.layout.data(before), self.layout.data(after)) => Some(stored),
            (_, Some(after)) => Some(self.layout.data(after).map_or(Stamp(0), game_record::stamp)),
        };
        let stamp = after_stamp.unwrap_or_default();
        let write = Write { server, player, before, after, stamp, layout: &self.layout };
        let asked_for = self.admin.asked_for(write);
        self.admin.entry(write, asked_for);
        if let (true, Some(before), None) = (asked_for, before, after) {
            let memory = Contents::new(before, &self.layout);
            let giver = |aside: &PutAside| key_of(self.sessions[aside.session].player);
            let gifts = self.put_aside.iter().filter(|aside| self.gifts.contains(&aside.trade));
            let received = gifts.filter(|aside| memory.has_gift_of(&giver(aside)));
            self.admin.forgotten(received.map(|aside| aside.item));
        }
        profile.removed |= asked_for && after.is_none();
        let (removed, steals) = (profile.removed, profile.stealers.contains(&server));
        let held_by = profile.takings.holding();
        if !self.layout.has_lock() {
            profile.writes.push(server);
        }
        profile.takings.observe(LockWrite { id, before, after, stored, asked_for, removed, steals }, &self.layout);
        if stamp != stored {
            profile.store(stamp);
        }
        Entry::Commit { player, before: stored, after: after_stamp, asked_for, held_by }
    }

    fn record_frozen(&mut self, server: ServerId, frozen: bool) -> Entry {
        self.servers.set_frozen(server, frozen);
        Entry::Other
    }

    fn record_down(&mut self, server: ServerId) -> Entry {
        if !self.servers.stop(server) {
            return Entry::Other;
        }
        for &index in self.servers.sessions_on(server) {
            let state = &mut self.sessions[index].state;
            if *state == SessionState::Running {
                *state = SessionState::Died;
            }
        }
        Entry::Down(server)
    }

    fn index_of(&self, server: ServerId, no: SessionNo) -> Option<SessionIndex> {
        let on_server = self.sessions_on(server);
        on_server.iter().rev().copied().find(|&index| self.sessions[index].id.no == no)
    }
}

/// Whether two records share their data, so that nobody has to read it.
fn same_data(before: Option<&Json>, after: Option<&Json>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => std::ptr::eq(before, after),
        (before, after) => before.is_none() && after.is_none(),
    }
}
