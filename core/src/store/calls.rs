//! Calls that need no session.

use super::{Closing, ProfileStore};
use crate::call::Call;
use crate::coordinator;
use crate::event::Event;
use crate::ids::CallId;
use crate::io::{CallRequest, Output};
use crate::outcome::CallResult;
use crate::sabotage::Sabotage;
use crate::time::{Mono, Now};

impl ProfileStore {
    /// Takes a call on, or refuses it.
    pub(super) fn call(&mut self, now: Now, id: CallId, request: CallRequest) {
        let refusal = if self.closing == Closing::Done {
            Some(CallResult::Closing)
        } else {
            coordinator::is_reserved(request.key()).then_some(CallResult::ReservedKey)
        };
        if let Some(result) = refusal {
            self.outputs.push_back(Output::Event(Event::CallDone { call: id, result }));
            return;
        }
        self.messages += 1;
        self.calls.push(Call::new(id, request, &self.guid, self.messages, now.mono));
    }

    pub(super) fn calls_due(&self) -> Option<Mono> {
        let due = |(index, call): (usize, &Call)| call.due().filter(|_| self.may_ask(index));
        self.calls.iter().enumerate().filter_map(due).min()
    }

    /// Makes the requests that are due, and drops the calls that are done.
    pub(super) fn run_calls(&mut self, now: Now) {
        // Messages to one key that wait for each other are sent in one write.
        for index in 1..self.calls.len() {
            let (earlier, rest) = self.calls.split_at_mut(index);
            let absorbed = earlier.iter_mut().any(|earlier| earlier.absorb(&mut rest[0], &self.config));
            rest[0].done |= absorbed;
        }
        for index in 0..self.calls.len() {
            if self.calls[index].due().is_some_and(|due| due <= now.mono) && self.may_ask(index) {
                let id = self.calls[index].id;
                self.on_call(now, id, Call::ask);
            }
        }
        self.calls.retain(|call| !call.done);
    }

    /// Answers all calls in progress as refused: a deliberate mistake.
    pub(super) fn refuse_calls(&mut self) {
        for call in self.calls.drain(..) {
            call.refuse(&mut self.outputs);
        }
    }

    /// Whether no earlier call must come back first.
    fn may_ask(&self, index: usize) -> bool {
        self.config.breaks(Sabotage::MessagesDoNotWait)
            || self.calls[..index].iter().all(|earlier| !self.calls[index].follows(earlier))
    }
}
