//! A server's connection to one service.

use std::rc::Rc;

use bytes::Bytes;
use dupeproof_core::Span;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::host;
use super::server_input::ServerInput;
use super::wire::{FrameReader, FrameWriter, Hello, encode};
use super::world::Shared;
use crate::id::{ServerId, ServiceName};
use crate::node::NodeInput;

const BACK_OFF_MIN: Span = Span::millis(100);
const BACK_OFF_MAX: Span = Span::secs(5);

/// Keeps a server connected to a service for as long as the server lives.
///
/// A request that could not be sent before its connection broke waits for the next one; a request that was sent is
/// not sent again, answered or not: the server has its own patience.
pub(super) struct Connector {
    pub(super) world: Rc<Shared>,
    pub(super) server: ServerId,
    pub(super) service: ServiceName,
    /// How often its connection was broken before.
    pub(super) breaks: u32,
    /// Encoded requests.
    pub(super) requests: UnboundedReceiver<Bytes>,
    pub(super) inbox: UnboundedSender<ServerInput>,
    /// Taken from `requests`, and not known to be sent.
    pub(super) unsent: Option<Bytes>,
}

impl Connector {
    pub(super) async fn run(mut self) {
        let mut back_off = BACK_OFF_MIN;
        while !self.world.is_served(self.service) {
            self.world.pause(Span(1)).await;
        }
        loop {
            if let Ok((receiving, sending)) = host::connect(self.service).await {
                back_off = BACK_OFF_MIN;
                self.converse(FrameReader::new(receiving), FrameWriter::new(sending)).await;
            }
            self.world.pause(back_off).await;
            back_off = back_off.scaled(2, 1).min(BACK_OFF_MAX);
        }
    }

    /// Until the connection breaks.
    async fn converse(
        &mut self,
        reader: FrameReader<impl AsyncRead + Unpin>,
        mut writer: FrameWriter<impl AsyncWrite + Unpin>,
    ) {
        if writer.send(encode(&Hello { server: self.server, breaks: self.breaks })).await.is_err() {
            return;
        }
        let (world, inbox) = (Rc::clone(&self.world), self.inbox.clone());
        tokio::select! {
            biased;
            () = receive(&world, self.server, self.service, &inbox, reader) => {}
            () = self.send(writer) => {}
        }
    }

    async fn send(&mut self, mut writer: FrameWriter<impl AsyncWrite + Unpin>) {
        loop {
            let request = match self.unsent.take() {
                Some(request) => request,
                None => match self.requests.recv().await {
                    Some(request) => request,
                    None => return std::future::pending().await,
                },
            };
            self.unsent = Some(request.clone());
            if writer.send(request).await.is_err() {
                return;
            }
            self.unsent = None;
            self.world.link(self.server.slot, self.service).used.set(true);
        }
    }
}

async fn receive(
    world: &Shared,
    server: ServerId,
    service: ServiceName,
    inbox: &UnboundedSender<ServerInput>,
    mut reader: FrameReader<impl AsyncRead + Unpin>,
) {
    let gate = &world.link(server.slot, service).from_service;
    loop {
        gate.open().await;
        let Some(frame) = reader.next().await else { return };
        gate.open().await;
        if inbox.send(ServerInput::Node(NodeInput::Service(frame))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::FutureExt;
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::network::turmoil::host::{Hosts, Listener};
    use crate::schedule::Schedule;

    const TICK: Span = Span::millis(10);
    const SERVER: ServerId = ServerId { slot: 0, life: 3 };

    fn schedule() -> Schedule {
        Schedule { seed: 1, ..Schedule::default() }
    }

    fn run_for(hosts: &mut Hosts<'_>, world: &Shared, span: Span) {
        let end = hosts.elapsed() + span;
        while hosts.elapsed() < end {
            world.advance(hosts.elapsed());
            hosts.step();
        }
    }

    /// Notes who connected and what came.
    async fn note(world: Rc<Shared>, heard: Rc<RefCell<Vec<String>>>) {
        let listener = Listener::open().await;
        loop {
            let (receiving, sending) = listener.accept().await;
            let heard = Rc::clone(&heard);
            host::spawn(&world, async move {
                let _open = sending;
                let mut reader = FrameReader::new(receiving);
                let hello = reader.next::<Hello>().await.unwrap();
                heard.borrow_mut().push(format!("hello {}", hello.server.job_id()));
                while let Some(frame) = reader.next::<String>().await {
                    heard.borrow_mut().push(frame);
                }
            });
        }
    }

    /// A world with a DataStore that notes who connects and what comes, and a server's connection to it.
    struct Stage {
        world: Rc<Shared>,
        hosts: Hosts<'static>,
        heard: Rc<RefCell<Vec<String>>>,
        to_service: UnboundedSender<Bytes>,
    }

    fn connected() -> Stage {
        let world = Rc::new(Shared::new(&schedule(), TICK, false));
        let mut hosts = Hosts::new(1, TICK, 1, Rc::clone(&world));
        let heard = Rc::new(RefCell::new(Vec::new()));
        let (noted, of) = (Rc::clone(&heard), Rc::clone(&world));
        hosts.serve(ServiceName::DataStore, move || note(Rc::clone(&of), Rc::clone(&noted)));
        let to_service = connect(&mut hosts, &world);
        Stage { world, hosts, heard, to_service }
    }

    /// Starts a server's connection to the DataStore, 50 ms away.
    fn connect(hosts: &mut Hosts<'_>, world: &Rc<Shared>) -> UnboundedSender<Bytes> {
        let (to_service, requests) = unbounded_channel();
        let requests = RefCell::new(Some(requests));
        let of = Rc::clone(world);
        hosts.start(0, move || {
            let connector = Connector {
                world: Rc::clone(&of),
                server: SERVER,
                service: ServiceName::DataStore,
                breaks: 0,
                requests: requests.take().unwrap(),
                inbox: unbounded_channel().0,
                unsent: None,
            };
            connector.run()
        });
        hosts.set_latency(0, ServiceName::DataStore, Span::millis(50));
        to_service
    }

    #[test]
    fn a_server_whose_service_restarts_connects_again_and_sends_only_what_it_had_not_sent() {
        let Stage { world, mut hosts, heard, to_service } = connected();

        to_service.send(encode(&"before")).unwrap();
        run_for(&mut hosts, &world, Span::secs(1));
        hosts.bounce_service(ServiceName::DataStore);
        run_for(&mut hosts, &world, Span::millis(100));
        to_service.send(encode(&"meanwhile")).unwrap();
        run_for(&mut hosts, &world, Span::secs(1));
        assert_eq!(*heard.borrow(), ["hello job-0-3", "before", "hello job-0-3", "meanwhile"]);
    }

    #[test]
    fn a_request_whose_connection_broke_before_it_could_be_sent_goes_over_the_next() {
        let (to_service, requests) = unbounded_channel();
        let mut connector = Connector {
            world: Rc::new(Shared::new(&schedule(), TICK, false)),
            server: SERVER,
            service: ServiceName::DataStore,
            breaks: 0,
            requests,
            inbox: unbounded_channel().0,
            unsent: None,
        };
        to_service.send(encode(&"once")).unwrap();
        let (broken, _) = tokio::io::duplex(64);
        let (near, far) = tokio::io::duplex(64);
        let heard = async {
            connector.send(FrameWriter::new(broken)).await;
            let mut reader = FrameReader::new(far);
            tokio::select! {
                biased;
                () = connector.send(FrameWriter::new(near)) => None,
                heard = reader.next::<String>() => heard,
            }
        };
        let heard = heard.now_or_never().flatten();
        assert_eq!(heard.as_deref(), Some("once"));
    }

    #[test]
    fn what_is_on_a_held_link_waits_and_then_arrives() {
        let Stage { world, mut hosts, heard, to_service } = connected();
        run_for(&mut hosts, &world, Span::secs(1));
        to_service.send(encode(&"on its way")).unwrap();
        run_for(&mut hosts, &world, Span::millis(20));
        hosts.hold(0, ServiceName::DataStore);
        to_service.send(encode(&"held")).unwrap();
        run_for(&mut hosts, &world, Span::secs(60));
        assert_eq!(*heard.borrow(), ["hello job-0-3"]);
        hosts.release(0, ServiceName::DataStore);
        run_for(&mut hosts, &world, Span::secs(1));
        assert_eq!(*heard.borrow(), ["hello job-0-3", "on its way", "held"]);
    }

    #[test]
    #[should_panic(expected = "the service's own words")]
    fn a_panic_in_any_task_of_any_host_ends_the_run_with_its_own_message() {
        let world = Rc::new(Shared::new(&schedule(), TICK, false));
        let mut hosts = Hosts::new(1, TICK, 1, Rc::clone(&world));
        let of = Rc::clone(&world);
        hosts.serve(ServiceName::Messaging, move || {
            let world = Rc::clone(&of);
            async move {
                host::spawn(&Rc::clone(&world), async move {
                    world.pause(Span::millis(30)).await;
                    panic!("the service's own words");
                });
                std::future::pending::<()>().await;
            }
        });
        run_for(&mut hosts, &world, Span::secs(1));
    }
}
