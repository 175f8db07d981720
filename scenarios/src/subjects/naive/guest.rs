//! The script on one server.

use std::sync::Arc;

use dupeproof_core::{Mono, Now, Span, Stored};
use dupeproof_sim::guest::{Acquired, Command, key_of};
use dupeproof_sim::id::{PlayerId, RequestId, ServerId, SessionNo, Stamp, TradeId};
use dupeproof_sim::{
    EndReason, Guest, GuestEvent, Input, Key, Output, Request, Response, ServiceError, StartFailure, Turn,
};
use serde_json::Value as Json;

use super::read_modify_write::{ReadModifyWrite, Task};
use crate::game_record;
use crate::subjects::game::{self, StampSource};

/// Between two saves of one player.
const AUTO_SAVE_PERIOD: Span = Span::secs(60);
/// Between two tries of one call.
const RETRY_PERIOD: Span = Span::secs(1);
/// Tries of one GetAsync or SetAsync, the first included.
const TRIES: u8 = 4;

/// The script's state.
#[derive(Debug)]
pub(super) struct NaiveGuest {
    stamps: StampSource,
    requests: u32,
    sessions: u32,
    closing: bool,
    closed: bool,
    loads: Vec<Load>,
    pub(super) profiles: Vec<LoadedProfile>,
    saves: Vec<Save>,
    pub(super) read_modify_writes: Vec<ReadModifyWrite>,
    /// Trades that one side has agreed to.
    pub(super) offers: Vec<TradeId>,
}

/// A player whose data is being read.
#[derive(Debug)]
struct Load {
    player: PlayerId,
    call: Call,
}

/// A player whose data is in memory.
#[derive(Debug)]
pub(super) struct LoadedProfile {
    player: PlayerId,
    key: Key,
    pub(super) session: SessionNo,
    pub(super) data: Arc<Json>,
    next_save: Mono,
}

/// Data on its way to the DataStore.
#[derive(Debug)]
struct Save {
    session: SessionNo,
    key: Key,
    data: Arc<Json>,
    call: Call,
}

/// One call and its retries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    tries_left: u8,
    state: CallState,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum CallState {
    Waiting(RequestId),
    Retry(Mono),
}

impl Guest for NaiveGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        let now = turn.now;
        match input {
            Input::Wake => {}
            Input::Response(id, result) => self.answered(now, id, result, out),
            Input::Message(..) => {}
            Input::Command(command) => self.obey(now, command, out),
            // It has none.
            Input::SetLease(_) => {}
            Input::Close => self.close(out),
        }
        self.catch_up(now, out);
        if self.closing && !self.closed && self.saves.is_empty() && self.read_modify_writes.is_empty() {
            self.closed = true;
            out.push(Output::Closed);
        }
        self.next_wake()
    }
}

impl NaiveGuest {
    pub(super) fn new(server: ServerId) -> NaiveGuest {
        NaiveGuest {
            stamps: StampSource::new(server),
            requests: 0,
            sessions: 0,
            closing: false,
            closed: false,
            loads: Vec::new(),
            profiles: Vec::new(),
            saves: Vec::new(),
            read_modify_writes: Vec::new(),
            offers: Vec::new(),
        }
    }

    fn obey(&mut self, now: Now, command: Command, out: &mut Vec<Output>) {
        match command {
            Command::Join(player) | Command::Steal(player) => self.join(player, out),
            Command::Leave(player) => self.leave(player, out),
            Command::Edit(player) => {
                if let Some(profile) = self.profile(player) {
                    self.edit(profile, out);
                }
            }
            Command::Save(player) => {
                if let Some(profile) = self.profile(player) {
                    self.save(profile, out);
                    self.profiles[profile].next_save = now.mono + AUTO_SAVE_PERIOD;
                }
            }
            Command::Swap(first, second) => self.swap(first, second, out),
            Command::Trade { player, partner, trade } => self.trade(player, partner, trade, out),
            Command::Gift { from, to, gift } => self.gift(from, to, gift, out),
            Command::Receipt { player, receipt } => self.receipt(player, receipt, out),
            Command::Send { to, message } => self.take_on(key_of(to), Task::Send(message), out),
            Command::Remove(player) => self.take_on(key_of(player), Task::Remove, out),
            Command::Rollback(player) => self.take_on(key_of(player), Task::Rollback, out),
            // It does not look at what it stores.
            Command::Overfill(_) => {}
            // It keeps no session that is over.
            Command::Errands { .. } => {}
        }
    }

    fn join(&mut self, player: PlayerId, out: &mut Vec<Output>) {
        if self.closing {
            return out.push(failed(player, StartFailure::Closing));
        }
        if self.profile(player).is_some() || self.loads.iter().any(|load| load.player == player) {
            return out.push(failed(player, StartFailure::AlreadyActive));
        }
        let id = self.request(Request::get(key_of(player)), out);
        self.loads.push(Load { player, call: Call::new(id) });
    }

    fn leave(&mut self, player: PlayerId, out: &mut Vec<Output>) {
        if let Some(load) = self.loads.iter().position(|load| load.player == player) {
            self.loads.remove(load);
            out.push(failed(player, StartFailure::Cancelled));
        }
        if let Some(profile) = self.profile(player) {
            self.end(profile, EndReason::Manual, out);
        }
    }

    fn close(&mut self, out: &mut Vec<Output>) {
        self.closing = true;
        for load in std::mem::take(&mut self.loads) {
            out.push(failed(load.player, StartFailure::Closing));
        }
        while !self.profiles.is_empty() {
            self.end(0, EndReason::Shutdown, out);
        }
    }

    pub(super) fn edit(&mut self, profile: usize, out: &mut Vec<Output>) {
        let stamp = self.stamps.make();
        let LoadedProfile { session, data, .. } = &mut self.profiles[profile];
        let parent = game_record::stamp(data);
        game_record::set_stamp(Arc::make_mut(data), stamp);
        out.push(Output::Event(GuestEvent::Edited { session: *session, stamp, parent }));
    }

    pub(super) fn swap(&mut self, first: PlayerId, second: PlayerId, out: &mut Vec<Output>) {
        let (Some(first), Some(second)) = (self.profile(first), self.profile(second)) else { return };
        let Ok([one, other]) = self.profiles.get_disjoint_mut([first, second]) else { return };
        let swapped = game::swap(Arc::make_mut(&mut one.data), Arc::make_mut(&mut other.data));
        let (one, other) = (one.session, other.session);
        if swapped.is_empty() {
            return;
        }
        self.edit(first, out);
        self.edit(second, out);
        let given = swapped.given.map(|item| GuestEvent::ItemMoved { item, from: one, to: other });
        let received = swapped.received.map(|item| GuestEvent::ItemMoved { item, from: other, to: one });
        out.extend(given.into_iter().chain(received).map(Output::Event));
    }

    fn end(&mut self, profile: usize, reason: EndReason, out: &mut Vec<Output>) {
        let session = self.profiles[profile].session;
        out.push(Output::Event(GuestEvent::SessionEnded { session, reason }));
        self.save(profile, out);
        self.profiles.remove(profile);
    }

    fn save(&mut self, profile: usize, out: &mut Vec<Output>) {
        let LoadedProfile { session, ref key, ref data, .. } = self.profiles[profile];
        let (key, data) = (Arc::clone(key), Arc::clone(data));
        let request = Request::set(Arc::clone(&key), Stored::Other(Arc::clone(&data)));
        let call = Call::new(self.request(request, out));
        self.saves.push(Save { session, key, data, call });
    }

    fn answered(&mut self, now: Now, id: RequestId, result: Result<Response, ServiceError>, out: &mut Vec<Output>) {
        let is_it = |call: &Call| call.state == CallState::Waiting(id);
        if let Some(save) = self.saves.iter().position(|save| is_it(&save.call)) {
            if result.is_ok() {
                let Save { session, data, .. } = self.saves.remove(save);
                out.push(Output::Event(GuestEvent::Saved { session, stamp: game_record::stamp(&data) }));
            } else if !self.saves[save].call.retry(now) {
                self.saves.remove(save);
            }
        } else if let Some(read_modify_write) =
            self.read_modify_writes.iter().position(|read_modify_write| is_it(&read_modify_write.call))
        {
            self.read_modify_write_answered(now, read_modify_write, result, out);
        } else if let Some(load) = self.loads.iter().position(|load| is_it(&load.call)) {
            if let Ok(Response::Value(value)) = result {
                let player = self.loads.remove(load).player;
                self.loaded(now, player, value.value(), out);
            } else if !self.loads[load].call.retry(now) {
                let player = self.loads.remove(load).player;
                out.push(failed(player, StartFailure::Failed));
            }
        }
    }

    fn loaded(&mut self, now: Now, player: PlayerId, value: Option<Stored>, out: &mut Vec<Output>) {
        let data = data_of(value);
        self.sessions += 1;
        let session = SessionNo(self.sessions);
        let stamp: Stamp = game_record::stamp(&data);
        let started = GuestEvent::SessionStarted { session, player, stamp, live_until: None, acquired: Acquired::Free };
        out.push(Output::Event(started));
        let next_save = now.mono + AUTO_SAVE_PERIOD;
        self.profiles.push(LoadedProfile { player, key: key_of(player), session, data, next_save });
    }

    /// Does what is due: retries and saves.
    fn catch_up(&mut self, now: Now, out: &mut Vec<Output>) {
        for load in 0..self.loads.len() {
            if self.loads[load].call.is_due(now) {
                let id = self.request(Request::get(key_of(self.loads[load].player)), out);
                self.loads[load].call.waits_for(id);
            }
        }
        for save in 0..self.saves.len() {
            if self.saves[save].call.is_due(now) {
                let Save { ref key, ref data, .. } = self.saves[save];
                let request = Request::set(Arc::clone(key), Stored::Other(Arc::clone(data)));
                let id = self.request(request, out);
                self.saves[save].call.waits_for(id);
            }
        }
        self.retry_read_modify_writes(now, out);
        for profile in 0..self.profiles.len() {
            if self.profiles[profile].next_save <= now.mono {
                self.save(profile, out);
                self.profiles[profile].next_save = now.mono + AUTO_SAVE_PERIOD;
            }
        }
    }

    fn next_wake(&self) -> Option<Mono> {
        let calls = self.loads.iter().map(|load| load.call).chain(self.saves.iter().map(|save| save.call));
        let retries = calls
            .chain(self.read_modify_writes.iter().map(|read_modify_write| read_modify_write.call))
            .filter_map(|call| match call.state {
                CallState::Retry(at) => Some(at),
                CallState::Waiting(_) => None,
            });
        retries.chain(self.profiles.iter().map(|profile| profile.next_save)).min()
    }

    pub(super) fn request(&mut self, request: Request, out: &mut Vec<Output>) -> RequestId {
        self.requests += 1;
        let id = RequestId(self.requests);
        out.push(Output::Request(id, request));
        id
    }

    pub(super) fn profile(&self, player: PlayerId) -> Option<usize> {
        self.profiles.iter().position(|profile| profile.player == player)
    }
}

impl Call {
    pub(super) fn new(id: RequestId) -> Call {
        Call { tries_left: TRIES - 1, state: CallState::Waiting(id) }
    }

    /// Will try again, unless it has tried enough.
    pub(super) fn retry(&mut self, now: Now) -> bool {
        self.state = CallState::Retry(now.mono + RETRY_PERIOD);
        self.tries_left.checked_sub(1).inspect(|&left| self.tries_left = left).is_some()
    }

    pub(super) fn is_due(&self, now: Now) -> bool {
        matches!(self.state, CallState::Retry(at) if at <= now.mono)
    }

    pub(super) fn waits_for(&mut self, id: RequestId) {
        self.state = CallState::Waiting(id);
    }
}

/// The data in a stored value; a player without one begins with nothing.
pub(super) fn data_of(value: Option<Stored>) -> Arc<Json> {
    match value {
        Some(Stored::Other(data)) => data,
        Some(record @ Stored::Record(_)) => Arc::new(record.to_json()),
        None => Arc::new(game_record::data(&[])),
    }
}

fn failed(player: PlayerId, failure: StartFailure) -> Output {
    Output::Event(GuestEvent::StartFailed { player, failure })
}
