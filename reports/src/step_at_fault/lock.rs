//! A lock over a run: the writes that took or freed it, whether it is in the record or in a memory store.

use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::{Event, Global, KeyLock, LockChange, LockTaking};

use super::run::Write;
use super::{Events, Mechanism};
use crate::format;
use crate::picture::memory::{lasting, player_of_entry};
use crate::wording::job;

/// A write that changed who has a lock.
#[derive(Clone, Copy, Debug)]
pub(super) struct LockWrite<'a> {
    pub(super) write: Write<'a>,
    /// Whether somebody has it afterwards: who wrote.
    pub(super) is_held: bool,
    /// Until when, if nobody writes it again.
    until: Option<Global>,
    /// Of an entry of a memory store: who had it before, and whether that had expired, and when.
    before: Option<(ServerId, Option<Global>)>,
    is_entry: bool,
}

impl LockWrite<'_> {
    pub(super) fn is_held_at(&self, at: Global) -> bool {
        self.is_held && self.until.is_none_or(|until| until > at)
    }

    /// How it takes the lock of an earlier session. Of a lock in a record, nobody sees whether it looked alive.
    pub(super) fn mechanism(&self) -> Option<Mechanism> {
        let (_, expired) = self.before.filter(|_| self.is_entry)?;
        Some(if expired.is_some() { Mechanism::Expired } else { Mechanism::Replaced })
    }

    /// What it does to an earlier session.
    pub(super) fn words(&self) -> String {
        match self.before {
            _ if !self.is_entry => "takes the lock from a session that is still relied on".into(),
            Some((holder, Some(expired))) => format!(
                "comes while an earlier session is still relied on: what {} had written there had expired at {}",
                job(holder),
                format::moment(expired)
            ),
            Some((holder, None)) => {
                format!("replaces what {} had written for a session that is still relied on", job(holder))
            }
            None => "comes while an earlier session is still relied on".into(),
        }
    }
}

/// The lock in the record of a player.
pub(super) fn of_record(events: Events<'_>, player: PlayerId) -> Vec<LockWrite<'_>> {
    let (mut lock, own) = (KeyLock::default(), key_of(player));
    let mut writes = Vec::new();
    for (place, (at, event)) in events.iter().enumerate() {
        let Event::Committed { server, id, key, version, before, after } = event else { continue };
        if *key != own {
            continue;
        }
        let taking = LockTaking { version: *version, server: *server, request: *id };
        let change = lock.observe(&RecordLayout::Record, taking, before.as_ref(), after.as_ref());
        if change != LockChange::Kept {
            let write = Write::of(place, *at, event).expect("it is a write");
            let is_held = change == LockChange::Taken;
            writes.push(LockWrite { write, is_held, until: None, before: None, is_entry: false });
        }
    }
    writes
}

/// The entry of a memory store that a server last wrote for a player before a place, over the whole run.
pub(super) fn of_entries(events: Events<'_>, player: PlayerId, server: ServerId, before: usize) -> Vec<LockWrite<'_>> {
    let written = events[..before].iter().rev().find_map(|(_, event)| match event {
        Event::MemoryChanged { server: by, address, value: Some(_), .. }
            if *by == server && player_of_entry(address) == Some(player) =>
        {
            Some(address)
        }
        _ => None,
    });
    let Some(entry) = written else { return Vec::new() };
    let mut writes: Vec<LockWrite<'_>> = Vec::new();
    for (place, (at, event)) in events.iter().enumerate() {
        let Event::MemoryChanged { server, address, until, .. } = event else { continue };
        if address != entry {
            continue;
        }
        let write = Write::of(place, *at, event).expect("it is a write");
        let until = lasting(*at, *until);
        let now = writes.last().filter(|last| last.is_held);
        let expired = now.and_then(|last| last.until).filter(|until| until <= at);
        if now.is_some_and(|last| last.write.server == *server) && until.is_some() && expired.is_none() {
            // It has it already.
            writes.last_mut().expect("there is one").until = until;
            continue;
        }
        let before = now.map(|last| (last.write.server, expired));
        writes.push(LockWrite { write, is_held: until.is_some(), until, before, is_entry: true });
    }
    writes
}
