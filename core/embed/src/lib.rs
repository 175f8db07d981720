//! ProfileStore for Rust game servers.

mod constant;
mod deal;
mod driver;
mod environment;
pub mod memory;
mod name;
mod profile;
mod service;
mod session;
mod shared;
mod signal;
mod state;
mod store;
mod view;

pub use constant::ConstantError;
pub use deal::{DealError, Decided, TradeOutcome};
pub use dupeproof_core::{
    Config, EndReason, Guid, Mono, NotActive, Now, ServerIdentity, SessionTag, Span, StartFailure, Stored, Unix,
    VersionInfo, VersionQuery,
};
pub use environment::{Environment, SystemEnvironment};
pub use name::NameError;
pub use profile::Profile;
pub use service::{Cas, DataStore, DataStoreState, Entry, ErrorKind, KeyInfo, Messaging, ServiceError, Version, Write};
pub use signal::{ErrorReport, NotKnown, Overwrite, Promise, Subscription};
pub use store::{MessageError, ProfileStore, StartError, StartParams, ViewError};
pub use view::{Versions, View};
