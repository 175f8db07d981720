//! The DataStore: what it keeps, what it refuses, what request faults do, and what scripts see of it.

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
