//! The DataStore: what it keeps, what it refuses, what befalls a request, and what scripts make of it.

mod arguments;
mod backend;
mod faults;
mod keys;
mod limits;
mod lists;
mod ordered;
mod request_faults;
mod update;
mod values;
mod versions;
mod wire;
