//! The turmoil network: every server and every service is a host of its own, and they talk over TCP. A service
//! that few games use gets its host when a server first asks for it: each host more makes every tick slower.
//!
//! The machines are those of the event network. Here each is owned by a tokio task on its own turmoil host; servers
//! connect to the services, say which life they are, and exchange length-delimited JSON frames with them. A crash
//! drops the host's tasks and breaks its connections; a partition holds the link; a disconnect drops both ends of a
//! connection, with whatever was on its way in it, and the server connects again.
//!
//! What differs from the event network, so that one schedule may race differently here:
//! - **Time comes in ticks.** Hosts run one after the other through a whole tick, so everything in a tick happens at
//!   its start: latencies, wake-ups and cues are late by up to a tick. Which of several servers' requests that arrive
//!   in one tick comes first is drawn.
//! - **A connection keeps order.** Requests of one server to one service arrive in the order they were made, and
//!   replies in the order they left; over HTTP they could pass each other. What overtakes, does so in the service.
//! - **A link has one latency at a time**, both ways, drawn anew after each tick in which it was used.
//! - **A crash may take back what was in flight**, as resets do.
//! - **A new connection takes its time** after a disconnect; messages for the server are lost meanwhile.
//!
//! An idle tick costs as much as a busy one, and every link (there is one between any two hosts) is walked for every
//! host at every tick, so cost is simulated time divided by the tick, times hosts cubed in the end.

mod gate;
mod host;
mod link;
mod server_host;
mod server_input;
mod service_host;
mod wire;
mod world;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use dupeproof_core::Span;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use self::host::Hosts;
use self::server_host::ServerHost;
use self::server_input::ServerInput;
use self::service_host::ServiceHost;
use self::world::{News, Shared};
use super::RunEnd;
use super::services::{always_hosted, row};
use crate::director::{Cue, Director};
use crate::id::{ServerId, ServiceName, Slot};
use crate::node::GameServer;
use crate::rng::{Seed, Stream};
use crate::schedule::{Direction, Latency, Schedule};
use crate::service::{Hosting, Service};
use crate::subject::Subject;
use crate::trace::{Observer, Trace};

/// Runs a schedule to its end.
///
/// # Panics
/// If a machine, a guest or a task panics, with the same message.
pub fn run(schedule: &Schedule, subject: &dyn Subject, observer: &mut dyn Observer) -> RunEnd {
    let mut trace = Trace::new(observer);
    let mut director = Director::new(schedule, subject);
    let mut driver = Driver::new(schedule, subject, trace.reads_calls());
    loop {
        let at = driver.hosts.elapsed();
        driver.world.advance(at);
        while director.next_due().is_some_and(|due| due <= at)
            && let Some(cue) = director.poll(at, &mut trace)
        {
            if cue == Cue::End {
                driver.change_all(|service| service.end(at, &mut trace));
                return RunEnd { digest: trace.digest(), events: trace.events(), at };
            }
            driver.apply(cue);
            driver.world.drain(&mut trace);
        }
        driver.hosts.step();
        driver.world.drain(&mut trace);
        for news in driver.world.take_news() {
            match news {
                News::Closed(server) => director.closed(at, server, &mut trace),
                News::Node(server, news) => director.hear(at, server, news, &mut trace),
                News::AskedForService(service) => driver.serve(service),
            }
        }
        driver.draw_latencies();
    }
}

/// The length of a tick: for small worlds (fewer than 12 servers), where races are the point, the shortest latency
/// but within 5 to 10 ms (services without a host in every run do not count); for fleets, where a tick costs more, 25 ms,
/// and from 33 servers on 50 ms.
fn tick(schedule: &Schedule) -> Span {
    let shortest = always_hosted().map(|service| (row(service).latency)(&schedule.services).min).min();
    let shortest = shortest.expect("some services have a host in every run");
    match schedule.servers.len() {
        0..12 => Span::millis((shortest.0 / 1_000).clamp(5, 10)),
        12..33 => Span::millis(25),
        _ => Span::millis(50),
    }
}

/// The hosts and what they run.
struct Driver<'a> {
    schedule: &'a Schedule,
    subject: &'a dyn Subject,
    tick: Span,
    world: Rc<Shared>,
    hosts: Hosts<'a>,
    /// By service.
    services: [Rc<ServiceHost>; ServiceName::COUNT],
    /// By slot; the last is the fresh server's.
    slots: Vec<SlotHost>,
    /// By service.
    latencies: [Latency; ServiceName::COUNT],
}

/// A server slot, whichever life it is in.
struct SlotHost {
    life: Rc<Cell<u16>>,
    /// How far its host's wall clock was set before this life, in microseconds.
    stepped: Rc<Cell<i64>>,
    /// Where the current life takes its input; refilled when a life starts.
    inbox: Rc<RefCell<Option<UnboundedSender<ServerInput>>>>,
    /// Of the links to the services that have a host in every run.
    latencies: Stream,
    /// Of the links to each other service.
    on_demand_latencies: [Option<Stream>; ServiceName::COUNT],
}

impl<'a> Driver<'a> {
    fn new(schedule: &'a Schedule, subject: &'a dyn Subject, reads_calls: bool) -> Driver<'a> {
        let tick = tick(schedule);
        let seed = Seed(schedule.seed);
        let world = Rc::new(Shared::new(schedule, tick, reads_calls));
        let last = u32::try_from(schedule.servers.len()).expect("slots are 16 bits wide");
        let slots: Vec<SlotHost> = (0..=last)
            .map(|slot| SlotHost {
                life: Rc::default(),
                stepped: Rc::default(),
                inbox: Rc::default(),
                latencies: seed.stream("turmoil latencies", slot),
                on_demand_latencies: ServiceName::ALL.map(|service| match row(service).hosting {
                    Hosting::Always => None,
                    Hosting::OnDemand(stream) => Some(seed.stream(stream, slot)),
                }),
            })
            .collect();
        let hosts = Hosts::new(seed.stream("turmoil", 0).bits(), tick, slots.len(), Rc::clone(&world));
        let services = ServiceName::ALL.map(|name| {
            let (service, order) = ((row(name).build)(schedule, subject), seed.stream("turmoil arrivals", name as u32));
            Rc::new(ServiceHost::new(Rc::clone(&world), name, service, order))
        });
        let latencies = ServiceName::ALL.map(|service| (row(service).latency)(&schedule.services));
        let mut driver = Driver { schedule, subject, tick, world, hosts, services, slots, latencies };
        always_hosted().for_each(|service| driver.serve(service));
        driver
    }

    fn apply(&mut self, cue: Cue) {
        match cue {
            Cue::Start(server, stepped) => self.start(server, stepped),
            Cue::Stop(server) => {
                self.hosts.crash(server.slot);
                // Its connection may be broken already.
                self.change_all(|service| service.disconnect(server));
            }
            Cue::Input(server, input) => self.tell(server.slot, ServerInput::Node(input)),
            Cue::Hold(slot, service, direction) => self.set_held(slot, service, direction, true),
            Cue::Release(slot, service, direction) => self.set_held(slot, service, direction, false),
            Cue::Disconnect(server, service) => self.world.link(server.slot, service).break_off(server),
            Cue::Players(players) => {
                let at = self.world.now();
                self.change_all(|service| service.set_players(at, players));
            }
            Cue::Outage(service, refuse) => {
                self.services[service as usize].change(|service| service.set_outage(refuse));
            }
            Cue::FailNext((slot, service), class, fault) => {
                self.services[service as usize].change(|service| service.fail_next(slot, class, fault));
            }
            Cue::Heal => self.heal(),
            Cue::End => unreachable!("the driver ends the run"),
        }
    }

    fn change_all(&self, mut change: impl FnMut(&mut dyn Service)) {
        for service in &self.services {
            service.change(&mut change);
        }
    }

    /// Gives a service its host, if it has none yet; it runs from the next tick on.
    fn serve(&mut self, service: ServiceName) {
        if self.world.is_served(service) {
            return;
        }
        let program = Rc::clone(&self.services[service as usize]);
        self.hosts.serve(service, move || Rc::clone(&program).run());
    }

    fn start(&mut self, server: ServerId, stepped: i64) {
        let slot = &self.slots[usize::from(server.slot)];
        slot.life.set(server.life);
        slot.stepped.set(stepped);
        let (schedule, subject, world) = (self.schedule, self.subject, Rc::clone(&self.world));
        let (life, stepped) = (Rc::clone(&slot.life), Rc::clone(&slot.stepped));
        let inbox = Rc::clone(&slot.inbox);
        self.hosts.start(server.slot, move || {
            let id = ServerId { slot: server.slot, life: life.get() };
            let mut requests = Vec::new();
            let server = world
                .traced(|at, trace| GameServer::boot(subject, schedule, id, (at, stepped.get()), trace, &mut requests));
            let (inbox_sender, receiver) = unbounded_channel();
            inbox.replace(Some(inbox_sender.clone()));
            ServerHost { world: Rc::clone(&world), server, requests, inbox: receiver, inbox_sender }.run()
        });
        for service in ServiceName::ALL {
            self.world.link(server.slot, service).used.set(true);
        }
        self.draw_latencies();
    }

    /// A link that is cut both ways is held in turmoil as well, so that connecting and closing wait too.
    fn set_held(&self, slot: Slot, service: ServiceName, direction: Direction, held: bool) {
        let link = self.world.link(slot, service);
        let was_cut = link.is_cut();
        if direction != Direction::FromService {
            link.to_service.set_held(held);
        }
        if direction != Direction::ToService {
            link.from_service.set_held(held);
        }
        if link.is_cut() && !was_cut {
            self.hosts.hold(slot, service);
        } else if was_cut && !link.is_cut() {
            self.hosts.release(slot, service);
        }
    }

    fn tell(&self, slot: Slot, input: ServerInput) {
        if let Some(inbox) = &*self.slots[usize::from(slot)].inbox.borrow() {
            // A life that is over hears nothing.
            let _ = inbox.send(input);
        }
    }

    fn heal(&mut self) {
        self.change_all(|service| service.heal());
        self.latencies = ServiceName::ALL.map(|service| row(service).healthy_latency(&self.schedule.services));
        for slot in 0..self.slots.len() {
            let slot = Slot::try_from(slot).expect("slots are 16 bits wide");
            self.tell(slot, ServerInput::Heal);
            for service in ServiceName::ALL {
                self.world.link(slot, service).used.set(true);
            }
        }
        self.draw_latencies();
    }

    /// Draws a new latency for each link that was used, rounded to ticks, one at least.
    fn draw_latencies(&mut self) {
        for (slot, state) in (0..).zip(&mut self.slots) {
            for (service, latency) in ServiceName::ALL.into_iter().zip(self.latencies) {
                if self.world.is_served(service) && self.world.link(slot, service).used.take() {
                    let own = &mut state.on_demand_latencies[service as usize];
                    let drawn = own.as_mut().unwrap_or(&mut state.latencies).span(latency);
                    let ticks = ((drawn.0 + self.tick.0 / 2) / self.tick.0).max(1);
                    self.hosts.set_latency(slot, service, Span(ticks * self.tick.0));
                }
            }
        }
    }
}
