//! One life of one game server, as a task.

use std::rc::Rc;

use bytes::Bytes;
use dupeproof_core::Span;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;

use super::host;
use super::link::Connector;
use super::server_input::ServerInput;
use super::wire::encode;
use super::world::{News, Shared};
use crate::id::ServiceName;
use crate::network::services::always_hosted;
use crate::node::{GameServer, NodeInput};
use crate::request::ToService;

/// A server's main task: owns the machine, and its connections' tasks speak to it through its inbox.
pub(super) struct ServerHost {
    pub(super) world: Rc<Shared>,
    pub(super) server: GameServer,
    /// Requests the machine made and the network does not have yet.
    pub(super) requests: Vec<ToService>,
    pub(super) inbox: UnboundedReceiver<ServerInput>,
    /// Another end of the inbox, for the connections.
    pub(super) inbox_sender: UnboundedSender<ServerInput>,
}

impl ServerHost {
    pub(super) async fn run(mut self) {
        // To other services, it connects when it first asks them.
        let mut links = [const { None }; ServiceName::COUNT];
        for service in always_hosted() {
            links[service as usize] = Some(self.connect(service));
        }
        let mut said_closed = false;
        let mut ticked = self.world.now();
        loop {
            for request in std::mem::take(&mut self.requests) {
                let service = request.request.service();
                let link = links[service as usize].get_or_insert_with(|| self.connect(service));
                link.requests.send(encode(&request)).expect("connectors live as long as their server");
            }
            while let Some(news) = self.server.take_news() {
                self.world.say(News::Node(self.server.id(), news));
            }
            if self.server.is_closed() && !said_closed {
                said_closed = true;
                self.world.say(News::Closed(self.server.id()));
            }
            // A machine that wants its next tick at once gets it a tick of the network later.
            let due = self.server.next_wake().map(|due| due.max(ticked + Span(1)));
            tokio::select! {
                biased;
                input = self.inbox.recv() => {
                    let input = input.expect("the server holds a sender itself");
                    if let ServerInput::Node(NodeInput::Disconnected(service)) = input
                        && let Some(link) = &mut links[service as usize]
                    {
                        link.connector.abort();
                        *link = self.connect(service);
                    }
                    self.take(input);
                }
                () = self.world.reached(due) => {
                    ticked = self.world.now();
                    self.take(ServerInput::Node(NodeInput::Tick));
                }
            }
        }
    }

    fn take(&mut self, input: ServerInput) {
        match input {
            ServerInput::Heal => self.server.heal(),
            ServerInput::Node(input) => {
                let (server, requests) = (&mut self.server, &mut self.requests);
                self.world.traced(|at, trace| server.handle(at, input, trace, requests));
            }
        }
    }

    /// A connection that was there before goes with all that it has not sent.
    fn connect(&self, service: ServiceName) -> ServerConnection {
        if !self.world.is_served(service) {
            self.world.say(News::AskedForService(service));
        }
        let (sender, requests) = unbounded_channel();
        let server = self.server.id();
        let connector = Connector {
            world: Rc::clone(&self.world),
            server,
            service,
            breaks: self.world.link(server.slot, service).breaks(server),
            requests,
            inbox: self.inbox_sender.clone(),
            unsent: None,
        };
        ServerConnection { requests: sender, connector: host::spawn(&self.world, connector.run()) }
    }
}

/// A server's end of a link.
struct ServerConnection {
    /// What the connector is to send.
    requests: UnboundedSender<Bytes>,
    connector: AbortHandle,
}
