//! Each invariant catches what is planted, and leaves its clean twin alone.

mod double_live;
mod items;
mod lock_stuck;
mod lost_update;
mod silent_end;
mod stale_start;
mod unfenced_write;
