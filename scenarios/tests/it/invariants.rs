//! Each invariant catches what is planted, and leaves its clean twin alone.

mod admin;
mod coordinators;
mod crashed;
mod double_live;
mod edit_not_live;
mod escrow;
mod false_ack;
mod history;
mod items;
mod layouts;
mod leftovers;
mod lock_stuck;
mod lost_update;
mod messages;
mod overdue;
mod purchases;
mod request_storm;
mod shutdown_overrun;
mod silent_end;
mod stale_start;
mod subscriptions;
mod unasked_end;
mod undated_save;
mod unfenced_write;
