//! The event network: a discrete-event loop that searches. Nothing is serialised, idle time costs nothing.

mod frames;
mod link;
mod services;

use std::cell::Cell;
use std::mem;

use self::frames::{Frame, FrameNo, Frames};
use self::link::{Links, Way};
use self::services::Services;
use super::RunEnd;
use crate::clock::Global;
use crate::director::{Cue, Director};
use crate::event_queue::EventQueue;
use crate::id::{ServerId, ServiceName, Slot};
use crate::node::{GameServer, NodeInput};
use crate::request::ToService;
use crate::schedule::Schedule;
use crate::subject::Subject;
use crate::trace::{Observer, Trace};

/// Runs a schedule to its end.
pub fn run(schedule: &Schedule, subject: &dyn Subject, observer: &mut dyn Observer) -> RunEnd {
    run_until(schedule, subject, observer, &Cell::new(false))
}

/// Runs a schedule to its end, or until the observer has seen enough, whose flag this is: what is left has the digest of
/// the part that was run, then.
pub fn run_until(
    schedule: &Schedule,
    subject: &dyn Subject,
    observer: &mut dyn Observer,
    enough: &Cell<bool>,
) -> RunEnd {
    EventLoop::new(schedule, subject, observer, enough).run()
}

struct EventLoop<'a> {
    schedule: &'a Schedule,
    subject: &'a dyn Subject,
    enough: &'a Cell<bool>,
    trace: Trace<'a>,
    director: Director,
    services: Services,
    /// By slot; the fresh server's is the last.
    servers: Vec<Option<GameServer>>,
    /// By slot: the one tick on the event queue that counts; any other is stale.
    ticks: Vec<Option<Global>>,
    links: Links,
    frames: Frames,
    event_queue: EventQueue<Due>,
    /// Reused from input to input.
    sent: Vec<ToService>,
}

/// What the event queue holds.
enum Due {
    Tick(Slot),
    Arrival(FrameNo),
}

/// What acts next.
enum Actor {
    Director,
    Service(ServiceName),
    EventQueue,
}

impl<'a> EventLoop<'a> {
    fn new(
        schedule: &'a Schedule,
        subject: &'a dyn Subject,
        observer: &'a mut dyn Observer,
        enough: &'a Cell<bool>,
    ) -> EventLoop<'a> {
        let slots = schedule.servers.len() + 1;
        EventLoop {
            schedule,
            subject,
            enough,
            trace: Trace::new(observer),
            director: Director::new(schedule, subject),
            services: Services::new(schedule, subject),
            servers: (0..slots).map(|_| None).collect(),
            ticks: vec![None; slots],
            links: Links::new(schedule),
            frames: Frames::default(),
            event_queue: EventQueue::new(),
            sent: Vec::new(),
        }
    }

    fn run(mut self) -> RunEnd {
        while let Some((at, actor)) = self.next_actor() {
            if self.enough.get() {
                return self.left(at);
            }
            match actor {
                Actor::Director => {
                    while let Some(cue) = self.director.poll(at, &mut self.trace) {
                        if cue == Cue::End {
                            return self.end(at);
                        }
                        self.follow(at, cue);
                    }
                }
                Actor::Service(service) => self.poll(at, service),
                Actor::EventQueue => match self.event_queue.pop_due(at) {
                    Some(Due::Tick(slot)) => self.tick(at, slot),
                    Some(Due::Arrival(frame)) => self.arrive(at, frame),
                    None => {}
                },
            }
        }
        unreachable!("the director has something due until it ends the run")
    }

    /// Of those due at one moment: the director, then the services, then servers and frames.
    fn next_actor(&self) -> Option<(Global, Actor)> {
        let mut first = (self.director.next_due()?, Actor::Director);
        if let Some((due, service)) = self.services.next_due()
            && due < first.0
        {
            first = (due, Actor::Service(service));
        }
        if let Some(due) = self.event_queue.next_due()
            && due < first.0
        {
            first = (due, Actor::EventQueue);
        }
        Some(first)
    }

    fn follow(&mut self, at: Global, cue: Cue) {
        match cue {
            Cue::Start(id, stepped) => {
                let (trace, sent) = (&mut self.trace, &mut self.sent);
                let server = GameServer::boot(self.subject, self.schedule, id, (at, stepped), trace, sent);
                self.servers[usize::from(id.slot)] = Some(server);
                self.after_input(at, id);
            }
            Cue::Stop(id) => {
                self.servers[usize::from(id.slot)] = None;
                self.services.iter_mut().for_each(|service| service.disconnect(id));
            }
            Cue::Input(id, input) => self.input(at, id, input),
            Cue::Hold(slot, service, direction) => {
                for way in Way::of(direction) {
                    self.links.of(slot, service).hold(*way);
                }
            }
            Cue::Release(slot, service, direction) => {
                for way in Way::of(direction) {
                    for frame in self.links.of(slot, service).release(*way) {
                        self.depart(at, slot, service, *way, frame);
                    }
                }
            }
            Cue::Disconnect(id, service) => self.frames.lose(id, service),
            Cue::Players(players) => {
                self.services.iter_mut().for_each(|service| service.set_players(at, players));
            }
            Cue::Outage(service, refuse) => self.services.get_mut(service).set_outage(refuse),
            Cue::FailNext((slot, service), class, fault) => {
                self.services.get_mut(service).fail_next(slot, class, fault);
            }
            Cue::Heal => self.heal(at),
            Cue::End => unreachable!("the loop ends the run"),
        }
    }

    fn heal(&mut self, at: Global) {
        self.services.iter_mut().for_each(|service| service.heal());
        self.links.heal();
        for slot in 0..self.servers.len() {
            if let Some(server) = &mut self.servers[slot] {
                server.heal();
                let id = server.id();
                self.after_input(at, id);
            }
        }
    }

    fn input(&mut self, at: Global, id: ServerId, input: NodeInput) {
        let Some(server) = &mut self.servers[usize::from(id.slot)] else { return };
        if server.id() == id {
            server.handle(at, input, &mut self.trace, &mut self.sent);
            self.after_input(at, id);
        }
    }

    /// Sends what a server just sent, and sees to its next tick and its end.
    fn after_input(&mut self, at: Global, id: ServerId) {
        let mut sent = mem::take(&mut self.sent);
        for frame in sent.drain(..) {
            let service = frame.request.service();
            let frame = self.frames.put(Frame::ToService(id, frame));
            self.depart(at, id.slot, service, Way::ToService, frame);
        }
        self.sent = sent;
        self.plan_tick(at, id.slot);
        let Some(server) = &mut self.servers[usize::from(id.slot)] else { return };
        while let Some(news) = server.take_news() {
            self.director.hear(at, id, news, &mut self.trace);
        }
        if server.is_closed() {
            self.director.closed(at, id, &mut self.trace);
        }
    }

    /// Puts a tick on the event queue unless one is there that comes in time: that one will see that it is early.
    fn plan_tick(&mut self, at: Global, slot: Slot) {
        let wake = self.servers[usize::from(slot)].as_ref().and_then(GameServer::next_wake);
        let planned = &mut self.ticks[usize::from(slot)];
        if let Some(wake) = wake
            && planned.is_none_or(|planned| wake < planned)
        {
            let due = wake.max(at);
            *planned = Some(due);
            self.event_queue.push(due, Due::Tick(slot));
        }
    }

    fn tick(&mut self, at: Global, slot: Slot) {
        let planned = &mut self.ticks[usize::from(slot)];
        if *planned != Some(at) {
            return;
        }
        *planned = None;
        let Some(server) = &self.servers[usize::from(slot)] else { return };
        if server.next_wake().is_some_and(|wake| wake <= at) {
            self.input(at, server.id(), NodeInput::Tick);
        } else {
            self.plan_tick(at, slot);
        }
    }

    /// Sends what a service has to send now.
    fn poll(&mut self, at: Global, service: ServiceName) {
        while let Some((to, frame)) = self.services.poll(at, service, &mut self.trace) {
            let frame = self.frames.put(Frame::ToServer(to, service, frame));
            self.depart(at, to.slot, service, Way::FromService, frame);
        }
    }

    fn depart(&mut self, at: Global, slot: Slot, service: ServiceName, way: Way, frame: FrameNo) {
        if let Some(delay) = self.links.of(slot, service).enter(way, frame) {
            self.event_queue.push(at + delay, Due::Arrival(frame));
        }
    }

    fn arrive(&mut self, at: Global, frame: FrameNo) {
        match self.frames.take(frame) {
            Frame::Lost => {}
            Frame::ToServer(id, _, frame) => self.input(at, id, NodeInput::Service(frame)),
            Frame::ToService(id, frame) => {
                let service = frame.request.service();
                self.services.handle(at, id, frame, &mut self.trace);
                self.poll(at, service);
            }
        }
    }

    fn end(mut self, at: Global) -> RunEnd {
        self.services.iter_mut().for_each(|service| service.end(at, &mut self.trace));
        self.left(at)
    }

    fn left(mut self, at: Global) -> RunEnd {
        RunEnd { digest: self.trace.digest(), events: self.trace.events(), at }
    }
}
