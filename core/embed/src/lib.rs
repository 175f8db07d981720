//! ProfileStore for Rust game servers: the protocol of [`dupeproof_core`] on tokio, over a data store and a messaging
//! service that the game brings.
//!
//! 1. Implement [`DataStore`] and [`Messaging`], and make one [`ProfileStore`] per server.
//! 2. When a player joins, [`ProfileStore::start_session`]; set the [`Profile::message_handler`] and the
//!    [`Profile::trade_handler`] then.
//! 3. [`Profile::edit`] the data. It refuses when the session is not live at that moment: another server's may be.
//! 4. When the player leaves, [`Profile::end_session`]; when the server closes, [`ProfileStore::shutdown`].
//!
//! ```
//! use dupeproof_embed::memory::{MemoryDataStore, MemoryMessaging};
//! use dupeproof_embed::{Config, Environment, ProfileStore, ServerIdentity, StartParams, SystemEnvironment};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let clock = SystemEnvironment::new();
//! let store = ProfileStore::new(
//!     "Players",
//!     json!({"Gold": 0}),
//!     Config::default(),
//!     ServerIdentity { place_id: 1, job_id: "server-1".into() },
//!     MemoryDataStore::new(move || clock.now().unix),
//!     MemoryMessaging::default(),
//!     clock,
//! )?;
//! let profile = store.start_session("Player_1", StartParams::default()).await?;
//! profile.edit(|data| data["Gold"] = json!(10))?;
//! profile.save()?.await?;
//! assert_eq!(profile.last_saved_data()["Gold"], 10);
//! store.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! Everything here is a thin driver: one machine behind a lock, one future that carries out its requests and wakes it.
//! [`ProfileStore::new`] runs that future on tokio; [`ProfileStore::with_driver`] returns it, for other executors.
//! Closures that are given the data run under that lock; they must be quick, and must not use their own store.
//!
//! # From ProfileStore
//!
//! Names are ProfileStore's in Rust case. Methods that yield in Luau are `async`. A method that begins something at once
//! and learns its outcome later returns a [`Promise`]. Signals are [`Subscription`]s that are awaited. Errors are values,
//! never `nil`.
//!
//! ## Module and store
//!
//! What ProfileStore has once per server, each store has here: two stores may use two services.
//!
//! | ProfileStore | here | differs, and why |
//! |---|---|---|
//! | `ProfileStore.New(name, template?)` | [`ProfileStore::new`], [`ProfileStore::with_driver`] | Takes its services, its server's identity and its clocks: there is no engine to ask. |
//! | `.IsClosing`, `BindToClose` | [`ProfileStore::is_closing`], [`ProfileStore::shutdown`] | The game calls it, and sets its own limit: there is no engine to be called by. It also waits for messages in flight, which ProfileStore may lose. |
//! | `.IsCriticalState`, `.OnCriticalToggle` | [`ProfileStore::is_critical_state`], [`ProfileStore::on_critical_toggle`] | |
//! | `.OnError(message, store, key)` | [`ProfileStore::on_error`] | Fires for messaging, too, and when a handler panics. |
//! | `.OnOverwrite(store, key)` | [`ProfileStore::on_overwrite`] | |
//! | `.DataStoreState` | [`ProfileStore::data_store_state`] | The last answer's, not a probe's at the start. Without access ProfileStore works on the mock silently; here the game decides, since a store that silently keeps nothing loses data. |
//! | `.SetConstant(name, value)` | [`ProfileStore::set_constant`], [`ProfileStore::set_config`] | Whole seconds. Unknown names and senseless values are errors. |
//! | `:StartSessionAsync(key, {Steal?, Cancel?})` | [`ProfileStore::start_session`] | Says why there is no session: [`StartFailure`]. `Cancel` is a future; dropping the start cancels it, too. A held lock is waited for by its lease, never taken by the wall clock. A start waits for this server's own final save of the key. With `Steal`, the previous holder is told. |
//! | `:MessageAsync(key, message)` | [`ProfileStore::message`] | Appended once, however often it is tried, and in order. A full queue refuses the new message; ProfileStore drops an old one. So does a record that would be too large with it. |
//! | `:GetAsync(key, version?)` | [`ProfileStore::get`] | A [`View`], which is another type than a profile with a session: what only one of them can do is not on the other. |
//! | `:VersionQuery(key, sort?, min?, max?):NextAsync()` | [`ProfileStore::version_query`], [`Versions::next`] | Removals are skipped. |
//! | `:RemoveAsync(key)` | [`ProfileStore::remove`] | A live session is told. Says whether there was something. |
//! | `.Mock` | [`ProfileStore::mock`] | |
//! | `.Name` | [`ProfileStore::name`] | |
//! | | [`ProfileStore::config`] | A new lease is for sessions that start from then on. |
//!
//! Names and keys have 1 to 50 bytes, as there. Keys that begin with `Trade_` are kept for trades.
//!
//! ## Profile
//!
//! | ProfileStore | here | differs, and why |
//! |---|---|---|
//! | `.Data` | [`Profile::data`], [`Profile::edit`] | Refused when the session is not live at that moment: a change then could never be stored, and what is read may be old. |
//! | `.LastSavedData` | [`Profile::last_saved_data`] | What is known to be stored; a save of unknown outcome is looked up first. |
//! | `.FirstSessionTime`, `.SessionLoadCount`, `.Key`, `.ProfileStore` | [`Profile::first_session_time`], [`Profile::session_load_count`], [`Profile::key`], [`Profile::store`] | |
//! | `.Session` | [`Profile::session`], [`View::session`] | |
//! | `.RobloxMetaData` | [`Profile::roblox_metadata`], [`Profile::set_roblox_metadata`] | Replaced as a whole, and refused when not live, or when the data store would not take it: ProfileStore's saves would all fail from then on. |
//! | `.UserIds`, `:AddUserId`, `:RemoveUserId` | [`Profile::user_ids`], [`Profile::add_user_id`], [`Profile::remove_user_id`] | Refused when not live, and the fifth, as above. |
//! | `.KeyInfo` | [`Profile::key_info`], [`View::key_info`] | |
//! | `:IsActive()` | [`Profile::is_active`] | True only while the lease runs, asked of the clock: no two servers answer true for one key at the same moment, unless one was told to `steal`. ProfileStore's may, for up to 300 s after its own steals. |
//! | | [`Profile::live_until`], [`Profile::acquired`] | New: until when that is true unless confirmed before, and how the lock was acquired. |
//! | `:Reconcile()` | [`Profile::reconcile`] | |
//! | `:Save()` | [`Profile::save`] | Promises to tell when it is stored. Data that the data store would not take is refused with a reason ([`Profile::on_save_refused`]): what was stored before stays, with its messages, escrow and receipts, and the lock is released at the end nevertheless. ProfileStore's saves fail until the data is repaired, or for ever. |
//! | `:EndSession()` | [`Profile::end_session`], [`Profile::finished`] | |
//! | `:MessageHandler(fn(message, processed))` | [`Profile::message_handler`] | Gets the data with the message and says "processed" by returning: both are one write. ProfileStore's `processed()` can be called when the effect is not, or never will be, stored. |
//! | `:SetAsync()` (view mode) | [`View::set`] | Writes the data only; everything else stays as it is stored. A live session is told and ends, and can never write over it. |
//! | `.OnSave` | [`Profile::on_save`] | A hook that gets the data, and may change it. |
//! | `.OnLastSave(reason)` | [`Profile::on_last_save`] | The data cannot be changed any more: another server may be waiting for it, and the session is not live. Change it before [`Profile::end_session`], or as things happen. |
//! | `.OnSessionEnd` | [`Profile::on_session_end`] | With the reason, which may also be that the session was lost, or its record removed or overwritten. Fired once, also to a subscription made after the end. |
//! | `.OnAfterSave(last_saved)` | [`Profile::on_after_save`] | Also for a save that was answered with an error and is found to be stored. |
//! | | [`Profile::on_suspend`], [`Profile::on_resume`] | New: the lease ran out because the data store cannot be reached, and was confirmed later. |
//! | | [`Profile::trade`], [`Profile::trade_handler`], [`Profile::gift`], [`Profile::purchase`] | New: two saves cannot make a change safe that two keys, or a key and a receipt, must agree on. |
//!
//! ## Constants
//!
//! | ProfileStore | [`Config`] | differs, and why |
//! |---|---|---|
//! | `AUTO_SAVE_PERIOD` | `auto_save_period` | |
//! | `LOAD_REPEAT_PERIOD` | `load_repeat_period` | |
//! | `FIRST_LOAD_REPEAT` | | Fixed: a waiting start tries again after 1, 2, 4 and 8 s, and at once when the holder says that it has released. |
//! | `SESSION_STEAL` | `session_steal` | Only for locks of servers without leases: the real ProfileStore's. Counted from when our marker was seen in the record. |
//! | `ASSUME_DEAD` | `assume_dead` | Likewise. |
//! | `START_SESSION_TIMEOUT` | `start_session_timeout` | A start that has a longer lease to wait out gives up 40 s after that wait. |
//! | `CRITICAL_STATE_ERROR_COUNT`, `CRITICAL_STATE_ERROR_EXPIRE`, `CRITICAL_STATE_EXPIRE` | `critical_state_error_count`, `critical_state_error_expire`, `critical_state_expire` | |
//! | `MAX_MESSAGE_QUEUE` | `max_message_queue` | |
//! | | `max_receipts`, `max_message_senders` | New: of how many purchases, and senders of messages, a record remembers that they have come. |
//! | | `limits` | New: what the data store accepts. Roblox's limits are the default. |
//! | | `lease`, `drift` | New: how long a session is live after its last confirming call, and how far two monotonic clocks may differ in rate. |

mod driver;
mod environment;
mod error;
pub mod memory;
mod name;
mod profile;
mod service;
mod session;
mod shared;
mod signal;
mod state;
mod store;
mod trade;
mod transfer;
mod view;

pub use driver::Driver;
pub use dupeproof_core::{
    Acquired, Config, ConstantError, EndReason, Guid, Limits, Mono, NotActive, Now, ServerIdentity, SessionTag, Span,
    StartFailure, Stored, TagError, Unix, Unstorable, VersionInfo, VersionQuery,
};
pub use environment::{Environment, SystemEnvironment};
pub use error::{MessageError, StartError, ViewError};
pub use name::NameError;
pub use profile::Profile;
pub use service::{
    Cas, DataStore, DataStoreState, Entry, ErrorKind, KeyInfo, Messaging, Reading, ServiceError, Version, Write,
};
pub use signal::{ErrorReport, Overwrite, Promise, PromiseError, SaveRefused, Subscription};
pub use store::{ProfileStore, StartParams};
pub use trade::{Decided, TradeOutcome};
pub use transfer::TransferError;
pub use view::{Versions, View};
