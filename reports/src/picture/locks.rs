//! Key lanes: what the DataStore held, and which server the lock named.

use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, ServerId, Stamp};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::{Event, Global, Key, KeyLock, LockChange, LockTaking};

use super::cast::{Cast, marker};
use super::states::stamp_of;

/// One key over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLane {
    /// The key.
    pub key: Key,
    /// Whose.
    pub player: PlayerId,
    /// Whether it ever had a lock; a simple save script has none.
    pub locked: bool,
    /// Who held the lock, without gaps while it was held.
    pub holds: Vec<Hold>,
    /// Who asked for the lock with a marker.
    pub markers: Vec<Hold>,
    /// The writes.
    pub commits: Vec<Commit>,
}

/// What a server wrote into a record, from when to when: a lock, or a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The server that wrote it. What it wrote may not say so: in Studio every JobId is empty.
    pub server: ServerId,
    /// From the commit that wrote it.
    pub from: Global,
    /// To the commit that changed it.
    pub until: Global,
}

/// One applied write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// When.
    pub at: Global,
    /// Whose.
    pub server: ServerId,
    /// The state it stored; `None` if it removed the record.
    pub stamp: Option<Stamp>,
    /// Whether that differs from the state before.
    pub changed: bool,
}

/// A lane for each key of the cast.
pub fn lanes(events: &[(Global, Event)], cast: &Cast, until: Global) -> Vec<KeyLane> {
    cast.players.iter().map(|player| lane(events, *player, until)).collect()
}

fn lane(events: &[(Global, Event)], player: PlayerId, until: Global) -> KeyLane {
    let key = key_of(player);
    let (mut holds, mut markers) = (Holds::default(), Holds::default());
    let (mut lock, mut commits) = (KeyLock::default(), Vec::new());
    for (at, event) in events {
        if let Event::Committed { server, id, key: written, version, before, after } = event
            && *written == key
        {
            let (before, after) = (before.as_ref(), after.as_ref());
            let write = LockTaking { version: *version, server: *server, request: *id };
            // A recording keeps every subject's values as records.
            match lock.observe(&RecordLayout::Record, write, before, after) {
                LockChange::Kept => {}
                LockChange::Taken => holds.begin(*at, *server),
                LockChange::Cleared => holds.end(*at),
            }
            match after.and_then(marker) {
                asks if asks == before.and_then(marker) => {}
                Some(_) => markers.begin(*at, *server),
                None => markers.end(*at),
            }
            let stamp = after.map(stamp_of);
            let changed = stamp != before.map(stamp_of);
            commits.push(Commit { at: *at, server: *server, stamp, changed });
        }
    }
    let holds = holds.finish(until);
    KeyLane { key, player, locked: !holds.is_empty(), holds, markers: markers.finish(until), commits }
}

/// One field of a record, over time.
#[derive(Default)]
struct Holds {
    now: Option<(ServerId, Global)>,
    past: Vec<Hold>,
}

impl Holds {
    fn begin(&mut self, at: Global, server: ServerId) {
        self.end(at);
        self.now = Some((server, at));
    }

    fn end(&mut self, at: Global) {
        if let Some((server, from)) = self.now.take() {
            self.past.push(Hold { server, from, until: at });
        }
    }

    fn finish(mut self, until: Global) -> Vec<Hold> {
        self.end(until);
        self.past
    }
}
