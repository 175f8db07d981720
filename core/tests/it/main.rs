//! The core's tests.

mod bench;
mod ends;
mod leases;
mod messages;
mod records;
mod starts;
mod takeovers;
mod trades;
mod views;
