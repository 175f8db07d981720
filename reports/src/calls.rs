//! Where in the users' scripts requests, and what games say of their sessions, come from.

use std::collections::BTreeMap;
use std::sync::Arc;

use dupeproof_sim::Event;
use dupeproof_sim::id::{RequestId, ServerId};

/// Follows a trace.
#[derive(Default)]
pub struct Calls {
    /// Of what each server asks for or says next.
    next: BTreeMap<ServerId, Arc<str>>,
    asked: BTreeMap<(ServerId, RequestId), Arc<str>>,
}

impl Calls {
    /// The next event. Returns the calls that it comes from, the innermost first; `None` if no script did it.
    pub fn of(&mut self, event: &Event) -> Option<Arc<str>> {
        match event {
            Event::CalledFrom { server, calls } => {
                self.next.insert(*server, calls.clone());
                None
            }
            Event::Requested { server, id, .. } => {
                let calls = self.next.remove(server)?;
                self.asked.insert((*server, *id), calls.clone());
                Some(calls)
            }
            Event::Guest { server, .. } | Event::UpdateCancelled { server, .. } => self.next.remove(server),
            Event::Throttled { server, id }
            | Event::RequestFault { server, id, .. }
            | Event::Committed { server, id, .. }
            | Event::Conflicted { server, id, .. }
            | Event::Answered { server, id, .. }
            | Event::AnsweredTooLate { server, id }
            | Event::MemoryChanged { server, id, .. }
            | Event::MemoryConflicted { server, id, .. } => self.asked.get(&(*server, *id)).cloned(),
            _ => None,
        }
    }
}

/// Calls as a list.
pub fn listed(calls: Option<&str>) -> Vec<String> {
    calls.iter().flat_map(|calls| calls.lines()).map(str::to_owned).collect()
}

/// Calls in one line: `Data:161, called from Data:189 save`.
pub fn in_words(calls: &str) -> String {
    calls.replace('\n', ", called from ")
}
