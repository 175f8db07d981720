//! MessagingService: best effort, and less than that under faults.
//!
//! A publish is answered when the backend has the message, whatever becomes of it then. Whether a server gets its own
//! messages, in what order messages come and whether twice is not documented: knobs.

pub(crate) mod limits;
mod topics;

use std::collections::VecDeque;

use self::topics::{Delivered, Subscriber, Topics};

use crate::clock::Global;
use crate::event_queue::EventQueue;
use crate::id::{ServerId, Slot};
use crate::request::{FromService, Payload, Request, Response, ServiceError, ToService, Topic};
use crate::rng::{RequestDraw, Seed, Stream};
use crate::schedule::{Limits, Schedule, ServiceProfile};
use crate::service::{Hosting, Service, ServiceRow};
use crate::trace::{Event, Trace};

/// MessagingService, to the networks.
pub(crate) const SERVICE: ServiceRow = ServiceRow {
    build: |schedule, _| Box::new(Messaging::new(schedule)),
    latency: |services| services.messaging_latency,
    link_stream: "messaging link",
    host: "messaging",
    hosting: Hosting::Always,
};

/// Its topics, and the messages on their way.
pub struct Messaging {
    services: ServiceProfile,
    seed: Seed,
    topics: Topics,
    refusing: bool,
    /// Since when the answers wait.
    at: Global,
    answers: VecDeque<(ServerId, FromService)>,
    deliveries: EventQueue<Delivery>,
    /// For the requests of each slot; made when needed.
    request_draws: Vec<Option<Stream>>,
    /// For the deliveries to each slot; made when needed.
    delivery_draws: Vec<Option<Stream>>,
}

#[derive(Clone)]
struct Delivery {
    to: Subscriber,
    topic: Topic,
    data: Payload,
    publisher: ServerId,
}

impl Messaging {
    /// No subscriptions yet.
    pub fn new(schedule: &Schedule) -> Messaging {
        // One more for the fresh server.
        let slots = schedule.servers.len() + 1;
        let servers = u32::try_from(schedule.servers.len()).expect("servers are numbered in 16 bits");
        Messaging {
            services: schedule.services.clone(),
            seed: Seed(schedule.seed),
            topics: Topics::new(servers, schedule.services.limits.messaging_percent),
            refusing: false,
            at: Global(0),
            answers: VecDeque::new(),
            deliveries: EventQueue::new(),
            request_draws: vec![None; slots],
            delivery_draws: vec![None; slots],
        }
    }

    /// Each subscriber has its own loss, doubling and delay.
    fn send_on(&mut self, at: Global, publisher: ServerId, topic: &Topic, data: &Payload, trace: &mut Trace<'_>) {
        for to in self.topics.subscribers(topic) {
            let stream = stream(&mut self.delivery_draws, self.seed, "delivery", to.server.slot);
            let (first, copy) = (stream.draw(), stream.draw());
            if to.server == publisher && !self.services.echo {
                continue;
            }
            let delivery = || Delivery { to: *to, topic: topic.clone(), data: data.clone(), publisher };
            let due = |draw: RequestDraw| at + draw.span(self.services.delivery_delay);
            let drawn = first.millionth();
            if drawn < self.services.message_lost_ppm {
                trace.record(at, &Event::MessageLost { to: to.server, topic: topic.clone() });
                continue;
            }
            self.deliveries.push(due(first), delivery());
            if drawn - self.services.message_lost_ppm < self.services.message_doubled_ppm {
                trace.record(at, &Event::MessageDoubled { to: to.server, topic: topic.clone() });
                self.deliveries.push(due(copy), delivery());
            }
        }
    }
}

impl Service for Messaging {
    fn handle(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) {
        self.at = at;
        let id = frame.id;
        // One draw for each request, needed or not.
        let draw = stream(&mut self.request_draws, self.seed, "messaging", from.slot).draw();
        let result = match frame.request {
            Request::Unsubscribe { subscription } => {
                return self.topics.leave(Subscriber { server: from, subscription });
            }
            _ if self.refusing => Err(ServiceError::Rejected),
            Request::Publish { topic, data } => {
                let fails = draw.millionth() < self.services.publish_error_ppm;
                if !fails || draw.coin() {
                    if trace.reads_calls() {
                        trace.record(at, &Event::MessageSays { server: from, data: data.clone() });
                    }
                    trace.record(at, &Event::Published { server: from, id, topic: topic.clone() });
                    self.send_on(at, from, &topic, &data, trace);
                }
                if fails { Err(ServiceError::Rejected) } else { Ok(Response::Published) }
            }
            Request::Subscribe { topic, subscription } => {
                let ServiceProfile { subscribe_error_ppm: error, subscribe_hang_ppm: hang, .. } = self.services;
                let drawn = draw.millionth();
                if drawn < error {
                    Err(ServiceError::Rejected)
                } else if drawn - error < hang {
                    // Whether such a subscription gets messages is not known; it gets none.
                    return trace.record(at, &Event::SubscribeHung { server: from, id });
                } else {
                    self.topics.join(at, topic, Subscriber { server: from, subscription });
                    Ok(Response::Subscribed)
                }
            }
            _ => unreachable!("the networks carry these to DataStoreService"),
        };
        self.answers.push_back((from, FromService::Reply { id, result }));
    }

    fn next_due(&self) -> Option<Global> {
        if self.answers.is_empty() { self.deliveries.next_due() } else { Some(self.at) }
    }

    fn poll(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<(ServerId, FromService)> {
        if let Some(answer) = self.answers.pop_front() {
            return Some(answer);
        }
        while let Some(Delivery { to, topic, data, publisher }) = self.deliveries.pop_due(at) {
            let Subscriber { server, subscription } = to;
            if self.refusing {
                trace.record(at, &Event::MessageLost { to: server, topic });
                continue;
            }
            match self.topics.deliver(at, &topic, to) {
                Delivered::Yes => return Some((server, FromService::Message { subscription, data, publisher })),
                Delivered::Gone => {}
                Delivered::TooMuch => trace.record(at, &Event::MessageDropped { to: server, topic }),
            }
        }
        None
    }

    /// Its subscriptions end.
    fn disconnect(&mut self, server: ServerId) {
        self.topics.all_leave(server);
    }

    /// What is due meanwhile is lost.
    fn set_outage(&mut self, refuse: bool) {
        self.refusing = refuse;
    }

    fn heal(&mut self) {
        self.refusing = false;
        self.services.message_lost_ppm = 0;
        self.services.message_doubled_ppm = 0;
        self.services.publish_error_ppm = 0;
        self.services.subscribe_error_ppm = 0;
        self.services.subscribe_hang_ppm = 0;
        self.services.delivery_delay = self.services.delivery_delay.healed(ServiceProfile::default().delivery_delay);
        self.topics.heal(Limits::default().messaging_percent);
    }
}

fn stream<'a>(streams: &'a mut [Option<Stream>], seed: Seed, name: &'static str, slot: Slot) -> &'a mut Stream {
    streams[usize::from(slot)].get_or_insert_with(|| seed.stream(name, u32::from(slot)))
}
