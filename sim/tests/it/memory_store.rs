//! MemoryStoreService alone, and on its way over both networks.

mod backend;
mod faults;
mod limits;
mod maps;
mod networks;
mod queues;
