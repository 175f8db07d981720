//! Services in memory: for tests, examples, and [`crate::ProfileStore::mock`].

mod data_store;
mod messaging;

pub use self::data_store::{Fault, MemoryDataStore, Request};
pub use self::messaging::MemoryMessaging;
