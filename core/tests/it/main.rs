//! The core's tests.

mod bench;
mod ends;
mod leases;
mod records;
mod starts;
mod takeovers;
