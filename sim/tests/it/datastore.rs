//! The DataStore: what it keeps, what it refuses, what befalls a request, and what scripts make of it.

mod arguments;
mod backend;
mod fates;
mod faults;
mod keys;
mod limits;
mod lists;
mod ordered;
mod update;
mod values;
mod versions;
