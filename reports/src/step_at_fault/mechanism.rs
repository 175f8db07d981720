//! How a step led to its finding, where the run shows it: with what would have prevented just that.

use serde::{Deserialize, Serialize};

use crate::remedy::Remedy;

/// How a step led to its finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// The server of a session freed its lock while the session was relied on.
    FreedEarly,
    /// A server freed a lock that another had.
    FreedByAnother,
    /// A lock in a memory store expired while its session was relied on.
    Expired,
    /// A server wrote its own lock over another's whose server was alive: in a memory store, before that had expired; in a
    /// record, within ten seconds of that server's last write.
    Replaced,
    /// A session started although the lock was another's.
    StartedWithout,
    /// An update that was to save wrote nothing, since its transform returned nil.
    SaveCancelled,
    /// A server that waits for a lock wrote it again, so that it looked alive.
    KeptAlive,
}

impl Mechanism {
    /// All of them.
    pub const ALL: [Mechanism; 7] = [
        Mechanism::FreedEarly,
        Mechanism::FreedByAnother,
        Mechanism::Expired,
        Mechanism::Replaced,
        Mechanism::StartedWithout,
        Mechanism::SaveCancelled,
        Mechanism::KeptAlive,
    ];

    /// What would have prevented it.
    pub fn remedy(self) -> &'static Remedy {
        match self {
            Mechanism::FreedEarly => &Remedy {
                change: "Free the lock last: when the last save is stored, and the game no longer uses the session",
                why: "from then on the next server may load the profile, and it loads what is stored",
                source: "",
            },
            Mechanism::FreedByAnother => &Remedy {
                change: "Free a lock only if it is this session's: compare whose it is inside the transform of UpdateAsync, also where a start gives up; in a memory store, let it return a value that stands for nobody, with an expiration of 0",
                why: "a removal that does not look takes the lock from a session that goes on",
                source: "",
            },
            Mechanism::Expired => &Remedy {
                change: "Renew the lock well before it expires, in a loop that no error ends, and let the session end by itself before its lock does",
                why: "nothing tells a server that its entry has expired, and the next server finds it free",
                source: "Roblox, memory stores guide: an entry is gone when its time is over",
            },
            Mechanism::Replaced => &Remedy {
                change: "Write a lock only where none is, or one's own, or a dead one: compare inside the transform of UpdateAsync, with what it is given; a look before the call, or SetAsync, does not count",
                why: "between a look and a write another server can take the lock",
                source: "Roblox, GlobalDataStore:UpdateAsync",
            },
            Mechanism::StartedWithout => &Remedy {
                change: "Begin a session only if the UpdateAsync that takes the lock has returned what it wrote",
                why: "an update whose transform returns nil writes nothing and is no error",
                source: "Roblox, GlobalDataStore:UpdateAsync",
            },
            Mechanism::SaveCancelled => &Remedy {
                change: "Look at what UpdateAsync returns before you call a save done: nil says that nothing was written",
                why: "an update whose transform returns nil is no error",
                source: "Roblox, GlobalDataStore:UpdateAsync",
            },
            Mechanism::KeptAlive => &Remedy {
                change: "While you wait for a lock, do not write to its record; if you must, leave its time as it is",
                why: "a lock that is written again looks as if its holder were alive",
                source: "",
            },
        }
    }
}
