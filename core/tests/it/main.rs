//! The core's tests.

mod bench;
mod ends;
mod leases;
mod limits;
mod messages;
mod modules;
mod properties;
mod records;
mod sizes;
mod starts;
mod takeovers;
mod trades;
mod views;
