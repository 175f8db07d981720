//! turmoil, and all of it that the rest of this network knows.

use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use ::turmoil::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use ::turmoil::net::{TcpListener, TcpStream};
use ::turmoil::{Builder, Sim};
use dupeproof_core::Span;
use tokio::task::AbortHandle;

use super::world::Shared;
use crate::clock::Global;
use crate::id::{ServiceName, Slot};
use crate::network::services::{always_hosted, row};

#[cfg(not(any(tokio_unstable, doc, doctest)))]
compile_error!(
    "turmoil seeds tokio only with `--cfg tokio_unstable`: RUSTFLAGS replaces .cargo/config.toml, repeat it there"
);

/// All services listen here, each on its own host.
const PORT: u16 = 443;

/// Segments that a socket and connections that a listener can have waiting; turmoil panics at a full backlog, and a
/// link that held back for minutes lets everything through in one tick.
const TCP_CAPACITY: usize = 4096;

/// The simulated hosts: one for each service that is served and one for each slot that ever started.
pub(super) struct Hosts<'a> {
    sim: Sim<'a>,
    world: Rc<Shared>,
    /// By service; only of those that are served.
    services: [Option<IpAddr>; ServiceName::COUNT],
    slots: Vec<Option<IpAddr>>,
}

impl<'a> Hosts<'a> {
    /// No hosts yet.
    pub(super) fn new(seed: u64, tick: Span, slots: usize, world: Rc<Shared>) -> Hosts<'a> {
        let epoch = u64::try_from(world.epoch_unix_micros()).expect("runs start after 1970");
        let sim = Builder::new()
            .rng_seed(seed)
            .epoch(std::time::UNIX_EPOCH + Duration::from_micros(epoch))
            .tick_duration(Duration::from_micros(tick.0))
            .tcp_capacity(TCP_CAPACITY)
            .enable_random_order()
            .build();
        let mut services = [None; ServiceName::COUNT];
        for service in always_hosted() {
            services[service as usize] = Some(sim.lookup(row(service).host));
        }
        Hosts { sim, world, services, slots: vec![None; slots] }
    }

    /// Simulated time since the run began.
    pub(super) fn elapsed(&self) -> Global {
        Global(u64::try_from(self.sim.elapsed().as_micros()).expect("runs are shorter than 584,000 years"))
    }

    /// Runs every host through one tick.
    ///
    /// # Panics
    /// If a task panicked, with its own message.
    pub(super) fn step(&mut self) {
        let stepped = self.sim.step();
        self.world.resume_panic();
        stepped.expect("hosts do not return errors");
    }

    /// Starts a service's host; `program` makes its main task. Servers can connect from here on.
    pub(super) fn serve<F: Future<Output = ()> + 'static>(
        &mut self,
        service: ServiceName,
        program: impl Fn() -> F + 'a,
    ) {
        let world = Rc::clone(&self.world);
        let address = self.services[service as usize].unwrap_or_else(|| self.sim.lookup(row(service).host));
        self.services[service as usize] = Some(address);
        self.sim.host(address, move || run(Rc::clone(&world), program()));
        self.world.serve(service);
    }

    /// Starts a slot's next life; `program` makes the main task of this and all its later lives. Only the first
    /// call's `program` is used.
    pub(super) fn start<F: Future<Output = ()> + 'static>(&mut self, slot: Slot, program: impl Fn() -> F + 'a) {
        if let Some(address) = self.slots[usize::from(slot)] {
            return self.sim.bounce(address);
        }
        let address = self.sim.lookup(format!("server-{slot}"));
        self.slots[usize::from(slot)] = Some(address);
        let world = Rc::clone(&self.world);
        self.sim.host(address, move || run(Rc::clone(&world), program()));
    }

    /// Ends a slot's life: its tasks are dropped where they stand and its connections break.
    pub(super) fn crash(&mut self, slot: Slot) {
        if let Some(address) = self.slots[usize::from(slot)] {
            self.sim.crash(address);
        }
    }

    /// Holds back whatever is, or will be, on the way between a slot and a service.
    pub(super) fn hold(&self, slot: Slot, service: ServiceName) {
        if let Some((server, service)) = self.link(slot, service) {
            self.sim.hold(server, service);
        }
    }

    /// Lets it through.
    pub(super) fn release(&self, slot: Slot, service: ServiceName) {
        if let Some((server, service)) = self.link(slot, service) {
            self.sim.release(server, service);
        }
    }

    /// How long what is sent from now on between a slot and a service takes, either way.
    pub(super) fn set_latency(&self, slot: Slot, service: ServiceName, latency: Span) {
        if let Some((server, service)) = self.link(slot, service) {
            self.sim.set_link_latency(server, service, Duration::from_micros(latency.0));
        }
    }

    /// Both ends, if both are there.
    fn link(&self, slot: Slot, service: ServiceName) -> Option<(IpAddr, IpAddr)> {
        Some((self.slots[usize::from(slot)]?, self.services[service as usize]?))
    }

    /// Breaks a service's host and starts it anew; no schedule does, tests of reconnection do.
    #[cfg(test)]
    pub(super) fn bounce_service(&mut self, service: ServiceName) {
        let address = self.services[service as usize].expect("it is served");
        self.sim.crash(address);
        self.sim.bounce(address);
    }
}

/// Starts a task on the host that this is called from.
pub(super) fn spawn(world: &Rc<Shared>, task: impl Future<Output = ()> + 'static) -> AbortHandle {
    tokio::task::spawn_local(run(Rc::clone(world), task)).abort_handle()
}

async fn run(world: Rc<Shared>, task: impl Future<Output = ()>) -> ::turmoil::Result {
    world.guard(task).await;
    Ok(())
}

/// Connects the calling host to a service.
///
/// # Errors
/// If nothing listens there.
pub(super) async fn connect(service: ServiceName) -> io::Result<(OwnedReadHalf, OwnedWriteHalf)> {
    Ok(TcpStream::connect((row(service).host, PORT)).await?.into_split())
}

/// A service's open door.
pub(super) struct Listener(TcpListener);

impl Listener {
    /// Opens it on the calling host.
    pub(super) async fn open() -> Listener {
        Listener(TcpListener::bind(("0.0.0.0", PORT)).await.expect("a service's host has one listener"))
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> (OwnedReadHalf, OwnedWriteHalf) {
        self.0.accept().await.expect("turmoil's listeners do not fail").0.into_split()
    }
}
