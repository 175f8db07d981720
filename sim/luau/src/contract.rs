//! The adapters that are built in, and what their modules promise, as the modules' documentation says it.
//!
//! None of them says that two profiles are saved together, so items that a game swaps in memory between two of them
//! may be in both or in neither after a crash: known exposures of all of them, and of every lock on single keys.

use dupeproof_core::Span;
use dupeproof_sim::{Contract, FindingKind};

/// An adapter that is built in.
pub struct BuiltIn {
    /// How `--adapter` calls it.
    pub name: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    /// What it calls the subject that it makes, in output.
    pub subject: &'static str,
    /// Whether it only works with the module that it is made for.
    pub needs_module: bool,
    /// Whether it can judge the sessions that a game starts by itself.
    pub captures: bool,
    /// Texts in the source of the module that show what it offers; none if there is no module.
    pub(crate) offers: &'static [&'static str],
    /// Texts in its source, or in that of a module in it, that show how it works.
    pub(crate) works: &'static [&'static str],
    contract: Contract,
}

/// All of them.
pub const ADAPTERS: [BuiltIn; 9] = [
    BuiltIn {
        name: "profile-store",
        subject: "profile-store",
        about: "ProfileStore, unmodified, as in `@rbxts/profile-store`",
        needs_module: true,
        captures: true,
        offers: &["StartSessionAsync", "MessageAsync"],
        works: &["SessionLoadCount", "UpdateAsync"],
        contract: PROFILE_STORE,
    },
    BuiltIn {
        name: "profile-service",
        subject: "profile-service",
        about: "ProfileService, unmodified, as in `@rbxts/profileservice`",
        needs_module: true,
        captures: true,
        offers: &["GetProfileStore", "LoadProfileAsync"],
        works: &["SessionLoadCount", "UpdateAsync"],
        contract: PROFILE_SERVICE,
    },
    BuiltIn {
        name: "lapis",
        subject: "lapis",
        about: "Lapis, unmodified, as in `@rbxts/lapis`",
        needs_module: true,
        captures: true,
        offers: &["createCollection"],
        works: &["lockId", "migrationVersion", "UpdateAsync"],
        contract: LAPIS,
    },
    BuiltIn {
        name: "lyra",
        subject: "lyra",
        about: "Lyra, unmodified, as in `paradoxum-games/lyra`",
        needs_module: true,
        captures: true,
        offers: &["createPlayerStore"],
        works: &["committedData", "LOCK_DURATION_SECONDS"],
        contract: LYRA,
    },
    BuiltIn {
        name: "document-service",
        subject: "document-service",
        about: "DocumentService, unmodified, as in `anthony0br/documentservice`",
        needs_module: true,
        captures: true,
        offers: &["DocumentStore", "SaveUtil"],
        works: &["sessionLockId", "lockTimestamp"],
        contract: DOCUMENT_SERVICE,
    },
    BuiltIn {
        name: "data-keep",
        subject: "data-keep",
        about: "DataKeep, unmodified, as in `noahrepublic/datakeep`",
        needs_module: true,
        captures: true,
        offers: &["GetStore", "CriticalStateSignal"],
        works: &["ActiveSession", "forceLoadMaxAttempts"],
        contract: DATA_KEEP,
    },
    BuiltIn {
        name: "suphi",
        subject: "suphi",
        about: "Suphi's DataStore module, unmodified, as in `@rbxts/suphi-datastore`",
        needs_module: true,
        captures: true,
        offers: &["LockAttempts", "SaveOnClose"],
        works: &["AttemptsRemaining", "GetSortedMap"],
        contract: SUPHI,
    },
    BuiltIn {
        name: "datastore2",
        subject: "datastore2",
        about: "DataStore2, unmodified, as in `@rbxts/datastore2`, with the saving method Standard",
        needs_module: true,
        captures: false,
        offers: &["BeforeInitialGet", "PatchGlobalSettings"],
        works: &["SavingMethod", "GetSortedAsync"],
        contract: UNKNOWN,
    },
    BuiltIn {
        name: "naive",
        subject: "naive-luau",
        about: "no module: GetAsync on arrival, SetAsync now and then and on leaving, no lock; an example of an adapter",
        needs_module: false,
        captures: false,
        offers: &[],
        works: &[],
        contract: UNKNOWN,
    },
];

/// ProfileStore: "prevents other game servers from accessing this data too soon by establishing a session lock" and
/// keeps games with trading from item "dupes" by it (documentation, "How does it work?", 2026-08). `OnSessionEnd` tells
/// every end, `LastSavedData` and `OnAfterSave` what is stored, which its recipe for purchases relies on, and
/// `MessageAsync` whether a message will be delivered (documentation, "API"). Nothing says that a message is handled
/// just once. After a crash "a session will be stolen", 5 + 40 s after the first call (documentation, "DataStore use").
const PROFILE_STORE: Contract = Contract {
    never: &[
        FindingKind::DoubleLive,
        FindingKind::UnfencedWrite,
        FindingKind::LostUpdate,
        FindingKind::StaleStart,
        FindingKind::SilentEnd,
        FindingKind::FalseAck,
        FindingKind::MessageLost,
        FindingKind::PurchaseDuplicated,
        FindingKind::PurchaseLost,
        FindingKind::UnaskedEnd,
        FindingKind::StartRefused,
        FindingKind::OlderStartWon,
        FindingKind::LockStuck,
        FindingKind::ShutdownOverrun,
        FindingKind::RequestStorm,
        FindingKind::Crashed,
        FindingKind::Overdue,
    ],
    // 45 s of waiting, in at most seven calls: the rest is for these.
    start_bound: Span::secs(75),
    drain_bound: Span::secs(60),
    auto_save: Some(Span::secs(300)),
};

/// ProfileService: session locking keeps "data protected from multiple server editing", "a potential cause of item loss
/// or item duplication loopholes" (documentation, "Home", 2026-08); `ListenToRelease` tells every end. It has no signal
/// for what is stored, so a purchase is confirmed as its documentation shows. Its global updates are locked before they
/// are cleared, for the developer to handle once, and are not promised to be.
const PROFILE_SERVICE: Contract = Contract {
    never: &[
        FindingKind::DoubleLive,
        FindingKind::UnfencedWrite,
        FindingKind::LostUpdate,
        FindingKind::StaleStart,
        FindingKind::SilentEnd,
        FindingKind::MessageLost,
        FindingKind::PurchaseDuplicated,
        FindingKind::PurchaseLost,
        FindingKind::UnaskedEnd,
        FindingKind::StartRefused,
        FindingKind::LockStuck,
        FindingKind::ShutdownOverrun,
        FindingKind::RequestStorm,
        FindingKind::Crashed,
    ],
    // Eight steps of about 7 s ("ForceLoadMaxSteps"; measured: 64 s after a crash), and a call at either end.
    start_bound: Span::secs(90),
    drain_bound: Span::secs(60),
    auto_save: Some(Span::secs(30)),
};

/// Lapis: "documents can only be accessed from one server at a time", failed requests are retried, all documents are
/// closed when the game shuts down (README of 0.3.8). A document tells nobody when it is over other than by `close`, so
/// `SilentEnd` is a known exposure. It has no messages. It knows itself as not yet "battle-tested".
const LAPIS: Contract = Contract {
    never: &[
        FindingKind::DoubleLive,
        FindingKind::UnfencedWrite,
        FindingKind::LostUpdate,
        FindingKind::StaleStart,
        FindingKind::FalseAck,
        FindingKind::PurchaseDuplicated,
        FindingKind::PurchaseLost,
        FindingKind::UnaskedEnd,
        FindingKind::LockStuck,
        FindingKind::ShutdownOverrun,
        FindingKind::RequestStorm,
        FindingKind::Crashed,
    ],
    // A lock that nobody releases lasts for 30 minutes since the last write (its source, `LOCK_EXPIRE`).
    start_bound: Span::secs(31 * 60),
    drain_bound: Span::secs(60),
    auto_save: Some(Span::secs(300)),
};

/// Of a module that locks sessions and tells the game of every end and of the outcome of each save, and has no messages.
const TOLD_AND_LOCKED: [FindingKind; 11] = [
    FindingKind::DoubleLive,
    FindingKind::LostUpdate,
    FindingKind::StaleStart,
    FindingKind::SilentEnd,
    FindingKind::FalseAck,
    FindingKind::PurchaseDuplicated,
    FindingKind::PurchaseLost,
    FindingKind::LockStuck,
    FindingKind::ShutdownOverrun,
    FindingKind::RequestStorm,
    FindingKind::Crashed,
];

/// Lyra: session locking gives a server "exclusive access" to data and keeps it from "race conditions and lost data"; a
/// promise of a save tells its outcome; every autosave and `closeAsync` store what was changed (documentation of 0.6.1, "Core
/// concepts"). A player whose lock is lost is kicked. It has no messages.
const LYRA: Contract = Contract {
    never: &TOLD_AND_LOCKED,
    // A lock of 90 s that nobody renews, and a try every 30 s (its source, `LOCK_DURATION_SECONDS`).
    start_bound: Span::secs(150),
    drain_bound: Span::secs(60),
    auto_save: None,
};

/// DocumentService: session locking "prevents your data from being edited by multiple servers, and ensures one server is
/// finished with it before it is opened by another"; it saves by itself, on closing too, and each save tells its outcome
/// (documentation of 1.2.2). Nothing tells that a lock is lost but a save that fails. It has no messages.
const DOCUMENT_SERVICE: Contract = Contract {
    never: &[
        FindingKind::DoubleLive,
        FindingKind::LostUpdate,
        FindingKind::StaleStart,
        FindingKind::FalseAck,
        FindingKind::PurchaseDuplicated,
        FindingKind::PurchaseLost,
        FindingKind::LockStuck,
        FindingKind::ShutdownOverrun,
        FindingKind::RequestStorm,
        FindingKind::Crashed,
    ],
    // A lock that nobody releases lasts for ten minutes since the last write (its source, `SESSION_EXPIRE_TIME`).
    start_bound: Span::secs(11 * 60),
    drain_bound: Span::secs(60),
    auto_save: None,
};

/// DataKeep: a Keep is locked by a session, `Released` tells its end, and `Save` whether it is stored (documentation of 6.0.0,
/// "Keep"); its global updates are the game's own affair.
const DATA_KEEP: Contract = Contract {
    never: &TOLD_AND_LOCKED,
    // Seven waits of up to 20 s before a lock is stolen (its source, `forceLoadMaxAttempts`), and the calls between them.
    start_bound: Span::secs(120),
    drain_bound: Span::secs(60),
    auto_save: None,
};

/// Suphi's DataStore module: session locking "prevents multiple servers from opening the same datastore key", the server's
/// shutdown saves and closes all, `StateChanged` tells every end, and `Saved` what is stored (README and documentation, 1.0).
const SUPHI: Contract = Contract {
    never: &TOLD_AND_LOCKED,
    // A lock that nobody renews lasts for 330 s (`LockInterval`, `LockAttempts`), and a player tries every 6 s.
    start_bound: Span::secs(360),
    drain_bound: Span::secs(60),
    auto_save: None,
};

/// Of a module that nobody has written about here: nothing may be found, but that it lets the holder of a profile keep it
/// is its own choice.
const UNKNOWN: Contract =
    Contract { never: &ANY_DESIGN, start_bound: Span::secs(120), drain_bound: Span::secs(60), auto_save: None };

/// All kinds but `OlderStartWon`.
const ANY_DESIGN: [FindingKind; FindingKind::ALL.len() - 1] = {
    let mut kinds = [FindingKind::ALL[0]; FindingKind::ALL.len() - 1];
    let (mut from, mut to) = (0, 0);
    while from < FindingKind::ALL.len() {
        if !matches!(FindingKind::ALL[from], FindingKind::OlderStartWon) {
            kinds[to] = FindingKind::ALL[from];
            to += 1;
        }
        from += 1;
    }
    kinds
};

/// Whether an adapter only works with the module that it is made for; of one that is not built in, nobody knows.
pub fn needs_module(adapter: &str) -> bool {
    built_in(adapter).is_some_and(|known| known.needs_module)
}

/// Whether an adapter can judge the sessions that a game starts by itself.
pub fn captures(adapter: &str) -> bool {
    built_in(adapter).is_some_and(|known| known.captures)
}

fn built_in(adapter: &str) -> Option<BuiltIn> {
    let name = adapter.replace('_', "-");
    ADAPTERS.into_iter().find(|known| known.name == name)
}

/// What the module behind an adapter promises. Of an adapter that is not built in, everything.
pub fn contract_of(adapter: &str) -> Contract {
    built_in(adapter).map_or(UNKNOWN, |known| known.contract)
}
