//! Requests, replies and messages on their way.
//!
//! Reads are shown only while their server is starting a session: a healthy session's checks would hide the rest.
//! When a read was served is not in the trace; it is shown as served halfway.

use std::collections::BTreeMap;
use std::sync::Arc;

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, RequestId, ServerId};
use dupeproof_sim::schedule::RequestFault;
use dupeproof_sim::{Event, Global, Key, ServiceError};

use crate::calls::Calls;

use super::cast::Cast;
use super::memory::MemoryLane;
use super::sessions::SessionBar;
use dupeproof_sim::request::RequestKind;

/// Something on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// What.
    pub kind: ArrowKind,
    /// From where.
    pub tail: Place,
    /// To where.
    pub head: Place,
    /// When it left.
    pub sent: Global,
    /// When it arrived, or was lost.
    pub arrived: Global,
    /// Whether it waited for request budget before it left.
    pub waited: bool,
    /// The calls of the user's scripts that asked for it, the innermost first; `None` if no script did, or it is an answer.
    pub calls: Option<Arc<str>>,
}

impl Arrow {
    fn new(kind: ArrowKind, tail: Place, head: Place, sent: Global, arrived: Global) -> Arrow {
        Arrow { kind, tail, head, sent, arrived, waited: false, calls: None }
    }
}

/// What an arrow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrowKind {
    /// A read, or its answer.
    Read,
    /// A write that was applied.
    Write,
    /// A conditional write that found another version.
    Conflict,
    /// An answer.
    Reply,
    /// An answer that says error.
    Error(ServiceError),
    /// An answer that came after the server had given up on it.
    TooLate,
    /// A message.
    Message,
    /// A message that was lost.
    Lost,
}

/// Where an arrow begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A life of a server.
    Server(ServerId),
    /// A player's key.
    Key(PlayerId),
    /// A player's entry of a memory store: the lane with this number.
    Memory(usize, PlayerId),
}

impl Place {
    /// Whose it is; `None` of servers.
    pub fn player(self) -> Option<PlayerId> {
        match self {
            Place::Server(_) => None,
            Place::Key(player) | Place::Memory(_, player) => Some(player),
        }
    }
}

type Request = (ServerId, RequestId);

/// A request that concerns the cast.
struct Made {
    at: Global,
    kind: RequestKind,
    /// What it is about.
    of: Place,
    /// When it was applied, if it was.
    served: Option<Global>,
    fault: Option<RequestFault>,
    waited: bool,
    calls: Option<Arc<str>>,
}

fn is_read(kind: RequestKind) -> bool {
    matches!(kind, RequestKind::Get | RequestKind::MemoryGet)
}

/// All arrows of a run, in the order in which they arrive: of this cast and its lanes of memory stores.
pub fn arrows(events: &[(Global, Event)], (cast, memory): (&Cast, &[MemoryLane]), bars: &[SessionBar]) -> Vec<Arrow> {
    let mut quiver = Quiver { cast, memory, bars, made: BTreeMap::new(), sent: Vec::new(), arrows: Vec::new() };
    let mut calls = Calls::default();
    for (at, event) in events {
        let from = calls.of(event);
        quiver.request(*at, event);
        quiver.calls(event, from);
        quiver.message(*at, event);
    }
    quiver.arrows
}

struct Quiver<'a> {
    cast: &'a Cast,
    memory: &'a [MemoryLane],
    bars: &'a [SessionBar],
    made: BTreeMap<Request, Made>,
    /// Messages that were published: when, by which server, on what topic.
    sent: Vec<(Global, ServerId, Arc<str>)>,
    arrows: Vec<Arrow>,
}

impl Quiver<'_> {
    fn request(&mut self, at: Global, event: &Event) {
        match event {
            Event::Requested { server, id, kind, target: Some(target) } => {
                self.make(at, (*server, *id), *kind, target);
            }
            Event::Throttled { server, id } => {
                if let Some(made) = self.made.get_mut(&(*server, *id)) {
                    made.waited = true;
                }
            }
            Event::RequestFault { server, id, fault, .. } => {
                if let Some(made) = self.made.get_mut(&(*server, *id)) {
                    made.fault = Some(*fault);
                }
            }
            Event::Committed { server, id, .. } | Event::MemoryChanged { server, id, .. } => {
                self.serve(at, (*server, *id), ArrowKind::Write);
            }
            Event::Conflicted { server, id, .. } | Event::MemoryConflicted { server, id, .. } => {
                self.serve(at, (*server, *id), ArrowKind::Conflict);
            }
            Event::Answered { server, id, error, after, .. } => self.answer(at, (*server, *id), *error, *after),
            Event::AnsweredTooLate { server, id } => {
                if let Some(made) = self.made.remove(&(*server, *id)) {
                    let sent = made.served.unwrap_or(made.at);
                    let (tail, head) = (made.of, Place::Server(*server));
                    self.fly(Arrow::new(ArrowKind::TooLate, tail, head, sent, at));
                }
            }
            _ => {}
        }
    }

    fn make(&mut self, at: Global, request: Request, kind: RequestKind, target: &Key) {
        let Some(of) = self.place(target) else { return };
        let settled = |bar: &SessionBar| {
            Some(bar.player) == of.player() && bar.server() == request.0 && (bar.from..bar.until).contains(&at)
        };
        if kind.changes_values() || (is_read(kind) && !self.bars.iter().any(settled)) {
            self.made.insert(request, Made { at, kind, of, served: None, fault: None, waited: false, calls: None });
        }
    }

    /// What a request is about, if it is the cast's.
    fn place(&self, target: &Key) -> Option<Place> {
        let entry = || self.memory.iter().position(|lane| lane.address == *target);
        let memory = || entry().map(|lane| Place::Memory(lane, self.memory[lane].player));
        self.cast.player_of(target).map(Place::Key).or_else(memory)
    }

    fn calls(&mut self, event: &Event, from: Option<Arc<str>>) {
        if let Event::Requested { server, id, .. } = event
            && let Some(made) = self.made.get_mut(&(*server, *id))
        {
            made.calls = from;
        }
    }

    fn serve(&mut self, at: Global, request: Request, kind: ArrowKind) {
        let Some(made) = self.made.get_mut(&request) else { return };
        made.served = Some(at);
        let arrow = Arrow::new(kind, Place::Server(request.0), made.of, made.at, at);
        let (waited, calls) = (made.waited, made.calls.clone());
        self.fly(Arrow { waited, calls, ..arrow });
    }

    /// The answer of a request stays known: one that was given up may still come, too late.
    fn answer(&mut self, at: Global, request: Request, error: Option<ServiceError>, after: Span) {
        let Some(made) = self.made.get(&request) else { return };
        let (of, home) = (made.of, Place::Server(request.0));
        let sent = made.at.max(Global(at.0.saturating_sub(after.0)));
        let kind = match (error, made.kind) {
            (Some(error), _) => ArrowKind::Error(error),
            (None, kind) if is_read(kind) => ArrowKind::Read,
            (None, _) => ArrowKind::Reply,
        };
        let local = matches!(
            error,
            Some(ServiceError::QueueFull(_) | ServiceError::ServerThrottled(_) | ServiceError::TimedOut)
        );
        let halfway = Global(sent.0.midpoint(at.0));
        let (served, waited, calls) = (made.served, made.waited, made.calls.clone());
        let silent = matches!(made.fault, Some(RequestFault::LostReply)) || local;
        if served.is_none() && !local {
            self.fly(Arrow { waited, calls, ..Arrow::new(ArrowKind::Read, home, of, sent, halfway) });
        }
        if !silent {
            self.fly(Arrow::new(kind, of, home, served.unwrap_or(halfway).min(at), at));
        }
        if !local {
            self.made.remove(&request);
        }
    }

    fn message(&mut self, at: Global, event: &Event) {
        match event {
            Event::Published { server, topic, .. } if self.cast.concerns_topic(topic) => {
                self.sent.push((at, *server, topic.clone()));
            }
            Event::MessageLost { to, topic } => {
                if let Some((sent, from, _)) = self.sent.iter().rev().find(|sent| sent.2 == *topic).cloned() {
                    self.fly(Arrow::new(ArrowKind::Lost, Place::Server(from), Place::Server(*to), sent, at));
                }
            }
            Event::MessageReceived { server, publisher: Some(publisher), .. } => {
                if let Some((sent, from, _)) = self.sent.iter().rev().find(|sent| sent.1 == *publisher).cloned() {
                    self.fly(Arrow::new(ArrowKind::Message, Place::Server(from), Place::Server(*server), sent, at));
                }
            }
            _ => {}
        }
    }

    fn fly(&mut self, arrow: Arrow) {
        let on_stage = |place| match place {
            Place::Server(server) => self.cast.slots.contains(&server.slot),
            Place::Key(_) | Place::Memory(..) => true,
        };
        if on_stage(arrow.tail) && on_stage(arrow.head) {
            self.arrows.push(arrow);
        }
    }
}
