//! Key lanes: what the DataStore held, and which server the lock named.

use dupeproof_core::{SessionTag, Stored};
use dupeproof_sim::guest::{PlayerId, key_of};
use dupeproof_sim::{Event, Global, Key, ServerId, Stamp};

use super::cast::{Cast, marker};
use super::states::stamp_of;

/// One key over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLane {
    /// The key.
    pub key: Key,
    /// Whose.
    pub player: PlayerId,
    /// Whether it ever had a lock; a home-made script has none.
    pub locked: bool,
    /// Who held the lock, without gaps while it was held.
    pub holds: Vec<Hold>,
    /// Who asked for the lock with a marker.
    pub markers: Vec<Hold>,
    /// The writes.
    pub commits: Vec<Commit>,
}

/// A server's name in a record, from when to when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Whose name.
    pub job_id: String,
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
    let (mut holds, mut markers) = (Names::default(), Names::default());
    let mut commits = Vec::new();
    for (at, event) in events {
        if let Event::Committed { server, key: written, before, after, .. } = event
            && *written == key
        {
            if commits.is_empty() {
                holds.set(Global(0), before.as_ref().and_then(Stored::active_session));
            }
            holds.set(*at, after.as_ref().and_then(Stored::active_session));
            markers.set(*at, after.as_ref().and_then(marker));
            let stamp = after.as_ref().map(stamp_of);
            let changed = stamp != before.as_ref().map(stamp_of);
            commits.push(Commit { at: *at, server: *server, stamp, changed });
        }
    }
    let holds = holds.finish(until);
    KeyLane { key, player, locked: !holds.is_empty(), holds, markers: markers.finish(until), commits }
}

/// One field of a record that holds a session's name, over time.
#[derive(Default)]
struct Names {
    now: Option<(SessionTag, Global)>,
    past: Vec<Hold>,
}

impl Names {
    fn set(&mut self, at: Global, tag: Option<&SessionTag>) {
        if self.now.as_ref().map(|(tag, _)| tag) == tag {
            return;
        }
        if let Some((old, from)) = self.now.take() {
            self.past.push(Hold { job_id: old.job_id.to_string(), from, until: at });
        }
        self.now = tag.map(|tag| (tag.clone(), at));
    }

    fn finish(mut self, until: Global) -> Vec<Hold> {
        self.set(until, None);
        self.past
    }
}
