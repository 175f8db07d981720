//! What ProfileStore's own test script checks, and what the façade adds, in simulated time.

mod constants;
mod data;

mod driver;
mod faults;
mod handlers;
mod limits;
mod messages;
mod sessions;
mod starts;
mod transfers;
mod views;
mod world;
