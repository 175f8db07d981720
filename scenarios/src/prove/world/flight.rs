//! What is on its way.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dupeproof_sim::id::{RequestId, ServerId, SubscriptionId};
use dupeproof_sim::request::{Payload, Request};

use super::Print;
use super::effect::move_up;
use crate::prove::choice::FlightDeviation;
use crate::prove::store::Reply;

/// Something on its way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub server: ServerId,
    pub cargo: Cargo,
    /// It takes its time.
    pub held: bool,
}

/// What is on its way.
#[derive(Clone, Debug)]
pub(crate) enum Cargo {
    /// With its place among the server's requests that are not answered.
    Request(RequestId, Asked),
    Answer(RequestId, Asked, Reply),
    /// An error was answered, or nobody waits for an answer: it may still be applied.
    LateWrite(Asked),
    Message(SubscriptionId, Payload),
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub request: Arc<Request>,
    /// Of the request.
    pub print: u64,
    /// Its key has been written since it was read.
    pub overtaken: bool,
}

impl Asked {
    pub(super) fn changes_values(&self) -> bool {
        self.request.kind().changes_values()
    }

    fn is_on(&self, key: &str) -> bool {
        self.request.target().is_some_and(|target| **target == *key)
    }

    /// The version that it names is not the newest any more.
    fn overtake(&mut self, key: &str) {
        let names_version = matches!(*self.request, Request::CompareAndSet { .. } | Request::GetVersion { .. });
        self.overtaken |= self.is_on(key) && names_version;
    }
}

impl Flight {
    /// The key was written. False if this can change nothing any more.
    pub(super) fn overtake(&mut self, key: &str) -> bool {
        match &mut self.cargo {
            Cargo::Request(_, asked) => asked.overtake(key),
            Cargo::Answer(_, _, reply) => reply.overtaken(key),
            Cargo::LateWrite(asked) => {
                asked.overtake(key);
                return !asked.overtaken;
            }
            Cargo::Message(..) => {}
        }
        true
    }

    /// A request of this server was answered: those asked after it move up.
    pub(super) fn move_up(&mut self, server: ServerId, answered: RequestId) {
        if self.server == server
            && let Cargo::Request(place, _) | Cargo::Answer(place, ..) = &mut self.cargo
        {
            move_up(place, answered);
        }
    }

    pub(super) fn is_healthy_read(&self) -> bool {
        matches!(&self.cargo, Cargo::Request(_, asked) if !asked.changes_values() && !self.held)
    }

    /// What can go wrong with it.
    pub(super) fn deviations(&self) -> &'static [FlightDeviation] {
        use FlightDeviation::{ApplyThenError, Double, ErrorThenApply, Hold, HoldAnswer, Lose, Refuse};
        match &self.cargo {
            _ if self.held => &[],
            Cargo::Request(_, asked) if asked.changes_values() && asked.overtaken => &[Hold, HoldAnswer, Refuse],
            Cargo::Request(_, asked) if asked.changes_values() => {
                &[Hold, HoldAnswer, Refuse, ApplyThenError, ErrorThenApply]
            }
            Cargo::Request(..) => &[Hold, HoldAnswer, Refuse],
            Cargo::Answer(..) | Cargo::LateWrite(_) => &[],
            Cargo::Message(..) => &[Hold, Lose, Double],
        }
    }

    pub(super) fn print(&self) -> u64 {
        let mut state = Print::default();
        (self.server, self.held, std::mem::discriminant(&self.cargo)).hash(&mut state);
        match &self.cargo {
            Cargo::Request(place, asked) => (place, asked.print, asked.overtaken).hash(&mut state),
            Cargo::Answer(place, _, reply) => (place, reply.print).hash(&mut state),
            Cargo::LateWrite(asked) => asked.print.hash(&mut state),
            Cargo::Message(subscription, data) => (subscription, data).hash(&mut state),
        }
        state.finish()
    }

    pub(super) fn describe(&self) -> String {
        let words = |asked: &Asked| {
            let target = asked.request.target().map_or("", |target| &**target);
            format!("{:?} of `{target}`", asked.request.kind())
        };
        let cargo = match &self.cargo {
            Cargo::Request(_, asked) | Cargo::LateWrite(asked) => words(asked),
            Cargo::Answer(_, asked, _) => format!("the answer to {}", words(asked)),
            Cargo::Message(_, data) => format!("the message {data}"),
        };
        format!("{}, {cargo}", self.server.job_id())
    }
}
