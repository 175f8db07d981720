//! What one step of a session or a call may look at and write to, beside itself.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::config::Config;
use crate::event::Event;
use crate::ids::{OpId, ServerIdentity, topic};
use crate::io::Output;
use crate::time::Now;

/// The surroundings of one step.
pub(crate) struct Context<'a> {
    pub now: Now,
    pub config: &'a Config,
    pub server: &'a ServerIdentity,
    pub outputs: &'a mut VecDeque<Output>,
    /// Publishes that have not been answered.
    pub publishing: &'a mut u32,
}

impl Context<'_> {
    /// Sends a signal to the game.
    pub(crate) fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Sends a message to the session with this guid, wherever it is.
    pub(crate) fn publish(&mut self, op: OpId, guid: &str, message: Json) {
        *self.publishing += 1;
        self.outputs.push_back(Output::Publish { op, topic: topic(guid), message: Arc::new(message) });
    }
}
