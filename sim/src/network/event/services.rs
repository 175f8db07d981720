//! The machines of the services, and when each has something to do: asked for after it acted, not before every turn of
//! the loop.

use crate::clock::Global;
use crate::id::{ServerId, ServiceName};
use crate::network::services::row;
use crate::request::{FromService, ToService};
use crate::schedule::Schedule;
use crate::service::Service;
use crate::subject::Subject;
use crate::trace::Trace;

/// All services.
pub(super) struct Services([Machine; ServiceName::COUNT]);

struct Machine {
    service: Box<dyn Service>,
    next_due: Option<Global>,
}

impl Services {
    pub(super) fn new(schedule: &Schedule, subject: &dyn Subject) -> Services {
        Services(ServiceName::ALL.map(|name| {
            let service = (row(name).build)(schedule, subject);
            Machine { next_due: service.next_due(), service }
        }))
    }

    /// The first that has something to do, and when; of those due at one moment, the first in the list of services.
    pub(super) fn next_due(&self) -> Option<(Global, ServiceName)> {
        let due = |(machine, name): (&Machine, _)| Some((machine.next_due?, name));
        self.0.iter().zip(ServiceName::ALL).filter_map(due).min_by_key(|(due, _)| *due)
    }

    /// A request arrives; [`Services::poll`] is to follow.
    pub(super) fn handle(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) {
        self.of(frame.request.service()).service.handle(at, from, frame, trace);
    }

    /// The next answer or message that is due; to be called until there is none.
    pub(super) fn poll(
        &mut self,
        at: Global,
        name: ServiceName,
        trace: &mut Trace<'_>,
    ) -> Option<(ServerId, FromService)> {
        let machine = self.of(name);
        let polled = machine.service.poll(at, trace);
        if polled.is_none() {
            machine.next_due = machine.service.next_due();
        }
        polled
    }

    /// One of them.
    pub(super) fn get_mut(&mut self, name: ServiceName) -> &mut dyn Service {
        &mut *self.of(name).service
    }

    /// Each of them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Box<dyn Service>> {
        self.0.iter_mut().map(|machine| &mut machine.service)
    }

    fn of(&mut self, name: ServiceName) -> &mut Machine {
        &mut self.0[name as usize]
    }
}
