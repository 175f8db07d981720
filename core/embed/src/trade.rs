//! Decided trades.

use std::sync::Arc;

use serde_json::Value as Json;

/// A trade that is decided, for the handler of [`crate::Profile::trade_handler`].
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The trade's id.
    pub trade: Arc<str>,
    /// Whether it committed.
    pub committed: bool,
    /// What this side gets: what the other side gave, or its own back.
    pub items: Arc<Json>,
}

/// How a trade ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradeOutcome {
    /// Both sides have, or will have, what the other gave.
    Committed,
    /// Both sides have, or will have, their own back.
    Aborted,
}
