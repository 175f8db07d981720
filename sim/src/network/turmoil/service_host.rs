//! A service, as tasks.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::host::{self, Listener};
use super::wire::{FrameReader, FrameWriter, Hello, encode};
use super::world::Shared;
use crate::id::{ServerId, ServiceName, Slot};
use crate::request::{FromService, ToService};
use crate::rng::Stream;
use crate::service::Service;

/// A service and the connections to it.
pub(super) struct ServiceHost {
    world: Rc<Shared>,
    name: ServiceName,
    service: RefCell<Box<dyn Service>>,
    /// Something arrived, or the service was changed from outside.
    changed: Notify,
    /// The frames that the socket received in this tick.
    arrivals: RefCell<Vec<(ServerId, ToService)>>,
    /// Draws the order of arrivals: turmoil brings what arrives within one tick always in the same order of links.
    order: RefCell<Stream>,
    /// The newest life's connection of each slot.
    connections: RefCell<BTreeMap<Slot, Connection>>,
    accepted: Cell<u32>,
}

struct Connection {
    number: u32,
    server: ServerId,
    frames: UnboundedSender<Bytes>,
}

impl ServiceHost {
    pub(super) fn new(world: Rc<Shared>, name: ServiceName, service: Box<dyn Service>, order: Stream) -> ServiceHost {
        ServiceHost {
            world,
            name,
            service: RefCell::new(service),
            changed: Notify::new(),
            arrivals: RefCell::default(),
            order: RefCell::new(order),
            connections: RefCell::default(),
            accepted: Cell::new(0),
        }
    }

    /// Changes the service from outside its host.
    pub(super) fn change(&self, change: impl FnOnce(&mut dyn Service)) {
        change(&mut **self.service.borrow_mut());
        self.changed.notify_one();
    }

    /// The host's main task.
    pub(super) async fn run(self: Rc<Self>) {
        let listener = Listener::open().await;
        host::spawn(&self.world, Rc::clone(&self).answer());
        loop {
            let (receiving, sending) = listener.accept().await;
            host::spawn(&self.world, Rc::clone(&self).converse(receiving, sending));
        }
    }

    /// Lets the service take what arrived and sends out what is due, for ever.
    async fn answer(self: Rc<Self>) {
        loop {
            for (from, frame) in self.take_arrivals() {
                self.world.traced(|at, trace| self.service.borrow_mut().handle(at, from, frame, trace));
            }
            while let Some((to, frame)) = self.world.traced(|at, trace| self.service.borrow_mut().poll(at, trace)) {
                self.send(to, &frame);
            }
            let due = self.service.borrow().next_due();
            tokio::select! {
                biased;
                () = self.changed.notified() => {}
                () = self.world.reached(due) => {}
            }
        }
    }

    /// Each server's requests in their order, the servers in an order drawn anew.
    fn take_arrivals(&self) -> Vec<(ServerId, ToService)> {
        let mut arrivals = self.arrivals.take();
        if arrivals.len() > 1 {
            let mut order = self.order.borrow_mut();
            let mut ranks = BTreeMap::new();
            for (from, _) in &arrivals {
                ranks.entry(*from).or_insert_with(|| order.bits());
            }
            arrivals.sort_by_key(|(from, _)| ranks[from]);
        }
        arrivals
    }

    /// What is for a server that is not connected is lost.
    fn send(&self, to: ServerId, frame: &FromService) {
        if let Some(connection) = self.connections.borrow().get(&to.slot)
            && connection.server == to
        {
            // A connection that just broke takes the frame with it.
            let _ = connection.frames.send(encode(frame));
        }
    }

    async fn converse(self: Rc<Self>, receiving: impl AsyncRead + Unpin, sending: impl AsyncWrite + Unpin + 'static) {
        let mut reader = FrameReader::new(receiving);
        let Some(Hello { server, breaks }) = reader.next().await else { return };
        let link = self.world.link(server.slot, self.name);
        let is_whole = || link.breaks(server) == breaks;
        if !is_whole() {
            return;
        }
        let number = self.register(server, sending);
        loop {
            link.to_service.open().await;
            let Some(frame) = reader.next().await else { break };
            link.to_service.open().await;
            if !is_whole() {
                break;
            }
            self.arrivals.borrow_mut().push((server, frame));
            self.changed.notify_one();
        }
        self.unregister(server, number, is_whole());
    }

    /// A connection of a life that is over by now can still bring requests, but gets no answers.
    fn register(&self, server: ServerId, sending: impl AsyncWrite + Unpin + 'static) -> u32 {
        let number = self.accepted.get();
        self.accepted.set(number + 1);
        let mut connections = self.connections.borrow_mut();
        let newest = connections.get(&server.slot).map(|connection| connection.server);
        if newest.is_some_and(|newest| newest.life > server.life) {
            return number;
        }
        let (frames, receiver) = unbounded_channel();
        connections.insert(server.slot, Connection { number, server, frames });
        host::spawn(&self.world, transmit(Rc::clone(&self.world), server.slot, self.name, receiver, sending));
        number
    }

    /// Of a connection that was broken, the server makes a new one: its subscriptions stay.
    fn unregister(&self, server: ServerId, number: u32, is_over: bool) {
        let mut connections = self.connections.borrow_mut();
        let slot = server.slot;
        if connections.get(&slot).is_some_and(|connection| connection.number == number) {
            connections.remove(&slot);
        }
        if is_over && connections.get(&slot).is_none_or(|connection| connection.server != server) {
            self.change(|service| service.disconnect(server));
        }
    }
}

/// Writes a connection's frames until nobody has any more or it breaks.
async fn transmit(
    world: Rc<Shared>,
    slot: Slot,
    service: ServiceName,
    mut frames: UnboundedReceiver<Bytes>,
    sending: impl AsyncWrite + Unpin,
) {
    let mut writer = FrameWriter::new(sending);
    while let Some(frame) = frames.recv().await {
        if writer.send(frame).await.is_err() {
            return;
        }
        world.link(slot, service).used.set(true);
    }
}

#[cfg(test)]
mod tests {
    use dupeproof_core::Span;
    use tokio::io::DuplexStream;

    use super::*;
    use crate::clock::Global;
    use crate::id::RequestId;
    use crate::network::turmoil::host::Hosts;
    use crate::request::{Reading, Request, Response};
    use crate::rng::Seed;
    use crate::schedule::{Schedule, ServerPlan, ServiceProfile};
    use crate::trace::Trace;

    const TICK: Span = Span::millis(10);

    /// Answers everything at once that there is no value.
    #[derive(Default)]
    struct Empty(Vec<(ServerId, FromService)>);

    impl Service for Empty {
        fn handle(&mut self, _at: Global, from: ServerId, frame: ToService, _trace: &mut Trace<'_>) {
            self.0.push((from, FromService::Reply { id: frame.id, result: Ok(Response::Value(Reading::default())) }));
        }
        fn next_due(&self) -> Option<Global> {
            None
        }
        fn poll(&mut self, _at: Global, _trace: &mut Trace<'_>) -> Option<(ServerId, FromService)> {
            self.0.pop()
        }
        fn set_outage(&mut self, _refuse: bool) {}
        fn heal(&mut self) {}
    }

    struct TestClient(FrameReader<tokio::io::ReadHalf<DuplexStream>>, FrameWriter<tokio::io::WriteHalf<DuplexStream>>);

    impl TestClient {
        async fn connect(service: &Rc<ServiceHost>, server: ServerId) -> TestClient {
            let (near, far) = tokio::io::duplex(1_000);
            let (receiving, sending) = tokio::io::split(far);
            host::spawn(&service.world, Rc::clone(service).converse(receiving, sending));
            let (receiving, sending) = tokio::io::split(near);
            let mut client = TestClient(FrameReader::new(receiving), FrameWriter::new(sending));
            client.1.send(encode(&Hello { server, breaks: 0 })).await.unwrap();
            service.world.pause(TICK).await;
            client
        }

        /// `None` if there is no answer in the next ticks.
        async fn ask(&mut self, world: &Shared) -> Option<FromService> {
            let frame = ToService { id: RequestId(0), request: Request::get("key".into()), kilobytes: 0 };
            self.1.send(encode(&frame)).await.unwrap();
            tokio::select! {
                biased;
                answer = self.0.next() => answer,
                () = world.pause(TICK.scaled(3, 1)) => None,
            }
        }
    }

    #[test]
    fn a_life_that_is_over_and_connects_late_does_not_take_the_newer_lifes_answers() {
        let schedule = Schedule {
            seed: 1,
            subject: String::new(),
            servers: vec![ServerPlan::default()],
            players: Vec::new(),
            services: ServiceProfile::default(),
            timeline: Vec::new(),
            length: Span::ZERO,
            ..Schedule::default()
        };
        let world = Rc::new(Shared::new(&schedule, TICK, false));
        let (empty, order) = (Box::new(Empty::default()), Seed(1).stream("arrivals", 0));
        let service = Rc::new(ServiceHost::new(Rc::clone(&world), ServiceName::DataStore, empty, order));
        let mut hosts = Hosts::new(1, TICK, 1, Rc::clone(&world));
        let answers = Rc::new(RefCell::new(Vec::new()));
        let (of, noted) = (Rc::clone(&service), Rc::clone(&answers));
        hosts.serve(ServiceName::DataStore, move || {
            let (service, noted) = (Rc::clone(&of), Rc::clone(&noted));
            async move {
                host::spawn(&service.world, Rc::clone(&service).answer());
                let mut newer = TestClient::connect(&service, ServerId { slot: 0, life: 1 }).await;
                let mut older = TestClient::connect(&service, ServerId { slot: 0, life: 0 }).await;
                let answered = [older.ask(&service.world).await.is_some(), newer.ask(&service.world).await.is_some()];
                noted.borrow_mut().extend(answered);
                std::future::pending::<()>().await;
            }
        });
        for _ in 0..10 {
            world.advance(hosts.elapsed());
            hosts.step();
        }
        assert_eq!(*answers.borrow(), [false, true]);
    }
}
