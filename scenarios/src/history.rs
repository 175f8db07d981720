//! What the trace says so far, in the form the invariants ask for: servers, sessions, states of the data.

pub mod admin;
pub mod contents;

use dupeproof_core::Stored;
use dupeproof_sim::guest::{ItemId, PlayerId, SessionNo, TradeId};
use dupeproof_sim::record_layout::{Lock, RecordLayout};
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::{Event, ServerId, SessionRef};
use dupeproof_sim::{Command, EndReason, GuestEvent, Schedule, Stamp};
use serde_json::Value as Json;

use self::admin::{Admin, Write};
use self::contents::Contents;
use crate::game_record::{self, player_of};

/// A session's place in [`History::sessions`]: smaller started earlier.
pub type SessionIndex = usize;

/// The state of a run as its trace tells it.
#[derive(Clone, Debug)]
pub struct History {
    layout: RecordLayout,
    servers: Vec<Server>,
    /// Lives that ended without a chance to save.
    dead: Vec<ServerId>,
    sessions: Vec<Session>,
    players: Vec<Player>,
    admin: Admin,
    put_aside: Vec<PutAside>,
    /// Which of the trades are gifts.
    gifts: Vec<TradeId>,
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

/// One slot, in its newest life.
#[derive(Clone, Debug)]
struct Server {
    id: ServerId,
    up: bool,
    frozen: bool,
    sessions: Vec<SessionIndex>,
}

/// One session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Where, and which there.
    pub id: SessionRef,
    /// Whose.
    pub player: PlayerId,
    /// How it is now.
    pub state: SessionState,
    /// Another server, or an admin, took the lock from it: what it had not stored by then is lost, and may be.
    pub overtaken: bool,
    /// Where it stands among the sessions of its player, by when its lock was written. A steal can take the lock of
    /// a session that its game gets only later.
    pub lock_order: u32,
}

/// How a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Its guest has not ended it.
    Running,
    /// Its guest ended it.
    Ended(EndReason),
    /// Its server is gone.
    Died,
}

/// What is known of one player's profile.
#[derive(Clone, Debug, Default)]
struct Player {
    sessions: Vec<SessionIndex>,
    committed: Stamp,
    holder: Option<ServerId>,
    /// Whether the lock that is there says nothing of its server.
    nameless: bool,
    /// Who else has written since that lock was, and let it be: they may have taken it for their own.
    sharers: Vec<ServerId>,
    edits: Vec<Edit>,
    /// Whose lock was written, newest last; the place is the turn.
    lock_orders: Vec<ServerId>,
    /// Servers that were told to steal.
    stealers: Vec<ServerId>,
    /// Locks that admins' writes lifted, or that were stolen, with the data of that moment: the holder may not have
    /// known yet that it had the lock, and begin its session with that data.
    lifted: Vec<(ServerId, Stamp)>,
    /// An admin has removed the record at least once.
    removed: bool,
    /// The lock was written where there was no record, after a removal: perhaps by a write from before that.
    revived: bool,
}

/// One state of the data, made in memory.
#[derive(Clone, Copy, Debug)]
struct Edit {
    stamp: Stamp,
    parent: Stamp,
    session: SessionIndex,
    stored: bool,
}

/// What an event was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing the ledger keeps.
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
        /// Who held the lock before.
        held_by: Option<ServerId>,
    },
}

impl History {
    /// Before a run of a subject that stores things like this.
    pub fn new(schedule: &Schedule, layout: RecordLayout) -> History {
        History {
            layout,
            servers: Vec::with_capacity(schedule.servers.len() + 1),
            dead: Vec::new(),
            sessions: Vec::with_capacity(schedule.players.len() * 8),
            players: vec![Player::default(); schedule.players.len()],
            admin: Admin::default(),
            put_aside: Vec::new(),
            gifts: Vec::new(),
        }
    }

    /// Takes the next event in.
    pub fn entry(&mut self, event: &Event) -> Entry {
        match event {
            Event::Guest { server, event, .. } => self.record_guest(*server, event),
            Event::Committed { server, key, before, after, .. } => {
                self.record_commit(*server, key, before.as_ref(), after.as_ref())
            }
            Event::Acted { action: Action::Command { server, command }, .. } => self.record_command(*server, *command),
            Event::ServerStarted { server } => {
                *self.server_mut(*server) = Server { id: *server, up: true, frozen: false, sessions: Vec::new() };
                Entry::Other
            }
            Event::ServerFroze { server } => self.record_frozen(*server, true),
            Event::ServerWoke { server } => self.record_frozen(*server, false),
            Event::ServerCrashed { server } | Event::ServerKilled { server } => {
                self.dead.push(*server);
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
        self.players.get(usize::from(player.0)).map_or(&[], |player| &player.sessions)
    }

    /// The sessions that ever started in this life of a server.
    pub fn sessions_on(&self, server: ServerId) -> &[SessionIndex] {
        self.server(server).map_or(&[], |server| &server.sessions)
    }

    /// Whether this life of a server runs.
    pub fn is_up(&self, server: ServerId) -> bool {
        self.server(server).is_some_and(|server| server.up)
    }

    /// Whether this life of a server is frozen.
    pub fn is_frozen(&self, server: ServerId) -> bool {
        self.server(server).is_some_and(|server| server.up && server.frozen)
    }

    /// The state of a player's data in the store.
    pub fn committed(&self, player: PlayerId) -> Stamp {
        self.players.get(usize::from(player.0)).map_or(Stamp(0), |player| player.committed)
    }

    /// Whether this state of a player's data, or one made from it, was ever stored.
    pub fn was_stored(&self, player: PlayerId, stamp: Stamp) -> bool {
        let Some(player) = self.players.get(usize::from(player.0)) else { return true };
        match player.edits.iter().rev().find(|edit| edit.stamp == stamp) {
            Some(edit) => edit.stored,
            // The untouched state needs no storing; nobody made any other one.
            None => stamp == Stamp(0) || stamp == player.committed,
        }
    }

    /// Whether a session of this server that begins with this state was overtaken by an admin's write.
    pub fn was_lifted(&self, player: PlayerId, server: ServerId, stamp: Stamp) -> bool {
        self.players.get(usize::from(player.0)).is_some_and(|player| player.lifted.contains(&(server, stamp)))
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

    /// The newest life of a slot.
    pub fn life_of(&self, slot: u16) -> Option<ServerId> {
        self.servers.get(usize::from(slot)).map(|server| server.id)
    }

    /// Whether this life of a server ended without a chance to save.
    pub fn is_dead(&self, server: ServerId) -> bool {
        self.dead.contains(&server)
    }

    /// Whose lock is in each player's record, if its holder can know of it: a removal makes room for a write that
    /// its sender has long given up, and which was to make a new record.
    pub fn holders(&self) -> impl Iterator<Item = (PlayerId, ServerId)> {
        let known = (0..).map(PlayerId).zip(&self.players).filter(|(_, profile)| !profile.revived);
        known.filter_map(|(player, profile)| Some((player, profile.holder?)))
    }

    /// The session of a player, of those that have begun, whose lock was written last.
    pub fn latest(&self, player: PlayerId) -> Option<SessionIndex> {
        self.sessions_of(player).iter().copied().max_by_key(|&index| (self.sessions[index].lock_order, index))
    }

    /// Whether the lock of one session was written before that of another.
    pub fn precedes(&self, one: SessionIndex, other: SessionIndex) -> bool {
        (self.sessions[one].lock_order, one) < (self.sessions[other].lock_order, other)
    }

    /// Changes that no stored state has in it: the newest of each session, by player.
    pub fn unstored(&self) -> impl Iterator<Item = (PlayerId, SessionIndex, Stamp)> {
        (0..).map(PlayerId).zip(&self.players).flat_map(|(player, profile)| {
            let edits = &profile.edits;
            let newest = |index: usize| edits[index + 1..].iter().all(|later| later.session != edits[index].session);
            let lost = (0..edits.len()).filter(move |&index| !edits[index].stored && newest(index));
            lost.map(move |index| (player, edits[index].session, edits[index].stamp))
        })
    }

    /// The session that made a state of a player's data.
    pub fn editor(&self, player: PlayerId, stamp: Stamp) -> Option<SessionIndex> {
        let edits = &self.players.get(usize::from(player.0))?.edits;
        edits.iter().rev().find(|edit| edit.stamp == stamp).map(|edit| edit.session)
    }

    /// Whether `later` is `earlier`, or was made from it. Every state was made from the untouched one.
    pub fn descends(&self, player: PlayerId, later: Stamp, earlier: Stamp) -> bool {
        let Some(player) = self.players.get(usize::from(player.0)) else { return true };
        let mut stamp = later;
        // A state is always made after its parent, so one walk backwards meets all ancestors.
        for edit in player.edits.iter().rev() {
            if stamp == earlier {
                return true;
            }
            if edit.stamp == stamp {
                stamp = edit.parent;
            }
        }
        stamp == earlier || earlier == Stamp(0)
    }

    /// Changes that are in no stored state though their session cannot store them any more.
    pub fn edits_lost(&self) -> u64 {
        let edits = self.players.iter().flat_map(|player| &player.edits);
        let lost = |edit: &&Edit| {
            let state = self.sessions[edit.session].state;
            !edit.stored && matches!(state, SessionState::Died | SessionState::Ended(EndReason::Lost))
        };
        edits.filter(lost).map(|_| 1).sum()
    }

    fn record_guest(&mut self, server: ServerId, event: &GuestEvent) -> Entry {
        let no = match event {
            GuestEvent::SessionStarted { session, player, stamp, .. } => {
                return self.record_start(server, *session, *player, *stamp);
            }
            GuestEvent::StartFailed { .. }
            | GuestEvent::MessageAccepted { .. }
            | GuestEvent::MessageRefused { .. }
            | GuestEvent::PurchaseGranted { .. } => return Entry::Other,
            GuestEvent::Renewed { session, .. }
            | GuestEvent::Suspended { session }
            | GuestEvent::Resumed { session, .. }
            | GuestEvent::SessionEnded { session, .. }
            | GuestEvent::Saved { session, .. }
            | GuestEvent::Edited { session, .. }
            | GuestEvent::ItemPutAside { session, .. }
            | GuestEvent::ItemTaken { session, .. }
            | GuestEvent::TradeDecided { session, .. }
            | GuestEvent::MessageHandled { session, .. }
            | GuestEvent::ItemMoved { from: session, .. } => *session,
        };
        let Some(index) = self.index_of(server, no) else { return Entry::Other };
        match event {
            GuestEvent::SessionEnded { reason, .. } => self.sessions[index].state = SessionState::Ended(*reason),
            GuestEvent::Edited { stamp, parent, .. } => {
                let edit = Edit { stamp: *stamp, parent: *parent, session: index, stored: false };
                let player = self.sessions[index].player;
                self.players[usize::from(player.0)].edits.push(edit);
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

    fn record_start(&mut self, server: ServerId, no: SessionNo, player: PlayerId, stamp: Stamp) -> Entry {
        let index = self.sessions.len();
        let Some(profile) = self.players.get_mut(usize::from(player.0)) else { return Entry::Other };
        profile.sessions.push(index);
        // A lock that names nobody is taken for one's own, and stays as it is.
        if profile.nameless && profile.sharers.contains(&server) {
            profile.holder = Some(server);
            profile.lock_orders.push(server);
        }
        // Without a lock of its own it comes after all that have one.
        let lock_order =
            profile.lock_orders.iter().rposition(|other| *other == server).unwrap_or(profile.lock_orders.len());
        self.sessions.push(Session {
            id: SessionRef { server, no },
            player,
            state: SessionState::Running,
            overtaken: profile.holder.is_some_and(|holder| holder != server)
                || profile.lifted.contains(&(server, stamp)),
            lock_order: u32::try_from(lock_order).expect("locks change hands a few times in a run"),
        });
        self.server_mut(server).sessions.push(index);
        Entry::Session(index)
    }

    fn record_commit(&mut self, server: ServerId, key: &str, before: Option<&Stored>, after: Option<&Stored>) -> Entry {
        let Some(player) = player_of(key) else { return Entry::Other };
        let Some(profile) = self.players.get_mut(usize::from(player.0)) else { return Entry::Other };
        let before_stamp = profile.committed;
        let after_stamp = match (before, after) {
            (_, None) => None,
            (Some(before), Some(after)) if same_data(self.layout.data(before), self.layout.data(after)) => {
                Some(before_stamp)
            }
            (_, Some(after)) => Some(self.layout.data(after).map_or(Stamp(0), game_record::stamp)),
        };
        let write =
            Write { server, player, before, after, stamp: after_stamp.unwrap_or_default(), layout: &self.layout };
        let asked_for = self.admin.asked_for(write);
        self.admin.entry(write, asked_for);
        profile.removed |= asked_for && after.is_none();
        let [held, holds] = [before, after].map(|value| value.and_then(|value| self.layout.lock(value)));
        // Who takes an unclaimed lock for its own may let go of it before it has a session.
        let lets_go = holds.is_none() && !asked_for && profile.is_unclaimed(&self.dead);
        let held_by = held.and(if lets_go { Some(server) } else { profile.holder });
        if held != holds {
            // In Studio a JobId says nothing; servers take locks for themselves only.
            let holder = holds.map(|lock| lock.job_id().and_then(server_of).unwrap_or(server));
            profile.holder = holder;
            profile.nameless = holds.is_some_and(|lock| lock.job_id().and_then(server_of).is_none());
            profile.lock_orders.extend(holder);
            profile.sharers.clear();
            profile.revived = before.is_none() && profile.removed;
            // A server cannot be cut off from itself: a later session there is no excuse. An admin's write is one.
            if let Some(loser) = held_by
                && (asked_for || holds.is_some() && holder != Some(loser))
            {
                for &index in &profile.sessions {
                    let session = &mut self.sessions[index];
                    session.overtaken |= session.id.server == loser;
                }
                if asked_for || holder.is_some_and(|holder| profile.stealers.contains(&holder)) {
                    profile.lifted.push((loser, before_stamp));
                }
            }
        }
        if profile.nameless && !asked_for && profile.holder != Some(server) {
            profile.sharers.push(server);
        }
        profile.committed = write.stamp;
        if profile.committed != before_stamp {
            profile.mark_stored();
        }
        Entry::Commit { player, before: before_stamp, after: after_stamp, asked_for, held_by }
    }

    fn record_frozen(&mut self, server: ServerId, frozen: bool) -> Entry {
        let slot = self.server_mut(server);
        if slot.id == server {
            slot.frozen = frozen;
        }
        Entry::Other
    }

    fn record_down(&mut self, server: ServerId) -> Entry {
        let slot = self.server_mut(server);
        if slot.id != server {
            return Entry::Other;
        }
        slot.up = false;
        for index in 0..self.servers[usize::from(server.slot)].sessions.len() {
            let index = self.servers[usize::from(server.slot)].sessions[index];
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

    fn server(&self, server: ServerId) -> Option<&Server> {
        self.servers.get(usize::from(server.slot)).filter(|known| known.id == server)
    }

    fn server_mut(&mut self, server: ServerId) -> &mut Server {
        let slot = usize::from(server.slot);
        for next in self.servers.len()..=slot {
            let id = ServerId { slot: u16::try_from(next).expect("at most a slot"), life: 0 };
            self.servers.push(Server { id, up: false, frozen: false, sessions: Vec::new() });
        }
        &mut self.servers[slot]
    }
}

impl Player {
    /// Whether the lock says nothing of its taker, and that one is dead.
    fn is_unclaimed(&self, dead: &[ServerId]) -> bool {
        self.nameless && self.holder.is_some_and(|holder| dead.contains(&holder))
    }

    /// The stored state and all it was made from are stored.
    fn mark_stored(&mut self) {
        let mut stamp = self.committed;
        for edit in self.edits.iter_mut().rev() {
            if edit.stamp == stamp {
                if edit.stored {
                    return;
                }
                edit.stored = true;
                stamp = edit.parent;
            }
        }
    }
}

/// The inverse of [`ServerId::job_id`].
fn server_of(job_id: &str) -> Option<ServerId> {
    let (slot, life) = job_id.strip_prefix("job-")?.split_once('-')?;
    Some(ServerId { slot: slot.parse().ok()?, life: life.parse().ok()? })
}

/// Whether two records share their data, so that nobody has to read it.
fn same_data(before: Option<&Json>, after: Option<&Json>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => std::ptr::eq(before, after),
        (before, after) => before.is_none() && after.is_none(),
    }
}
