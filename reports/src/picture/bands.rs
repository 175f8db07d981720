//! Lives of servers, and the faults that lay over them.

use std::collections::BTreeMap;

use dupeproof_sim::id::{ServerId, ServiceName, Slot};
use dupeproof_sim::schedule::Direction;
use dupeproof_sim::{Event, Global};

/// One life of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Which.
    pub server: ServerId,
    /// When it started.
    pub from: Global,
    /// When it stopped, or the picture ends.
    pub until: Global,
    /// When it began to close, if it did.
    pub closing: Option<Global>,
    /// How it ended; `None` if it had not.
    pub end: Option<LifeEnd>,
}

/// How a life of a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifeEnd {
    /// It stopped at once.
    Crashed,
    /// It closed in time.
    Closed,
    /// It was still closing when its time was up.
    Killed,
}

/// A fault that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// What.
    pub kind: BandKind,
    /// From when.
    pub from: Global,
    /// Until when.
    pub until: Global,
}

/// What a band shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandKind {
    /// A server does nothing.
    Freeze,
    /// A server's frames take long.
    Lag,
    /// A link holds everything back.
    Partition(ServiceName, Direction),
    /// A service refuses everything.
    Outage(ServiceName),
}

/// A server comes into a condition that lasts, or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which server.
    pub server: ServerId,
    /// Which condition.
    pub kind: BandKind,
    /// Whether it begins.
    pub begins: bool,
}

impl Change {
    /// The one that an event is, if any.
    pub fn of(event: &Event) -> Option<Change> {
        let (server, kind, begins) = match event {
            Event::ServerFroze { server } => (server, BandKind::Freeze, true),
            Event::ServerWoke { server } => (server, BandKind::Freeze, false),
            Event::ServerLagged { server, .. } => (server, BandKind::Lag, true),
            Event::ServerRecovered { server } => (server, BandKind::Lag, false),
            _ => return None,
        };
        Some(Change { server: *server, kind, begins })
    }

    /// What the server does, in words.
    pub fn words(self) -> &'static str {
        match (self.kind, self.begins) {
            (BandKind::Freeze, true) => "freezes",
            (BandKind::Freeze, false) => "wakes",
            (BandKind::Lag, true) => "is overloaded, and its frames take long",
            (BandKind::Lag, false) => "is at its full pace again",
            (BandKind::Partition(..) | BandKind::Outage(_), _) => unreachable!("these are of links and services"),
        }
    }
}

impl BandKind {
    /// What is true while it lasts, in a few words.
    pub fn label(self) -> String {
        match self {
            BandKind::Freeze => "frozen".into(),
            BandKind::Lag => "overloaded".into(),
            BandKind::Partition(service, Direction::Both) => format!("cut off from {}", service_name(service)),
            BandKind::Partition(service, Direction::ToService) => format!("cannot reach {}", service_name(service)),
            BandKind::Partition(service, Direction::FromService) => {
                format!("hears nothing from {}", service_name(service))
            }
            BandKind::Outage(service) => format!("{} is out", service_name(service)),
        }
    }

    /// Whether it is a condition of a server, which ends with its life.
    fn is_of_server(self) -> bool {
        !matches!(self, BandKind::Partition(..) | BandKind::Outage(_))
    }
}

/// What a service is called.
pub fn service_name(service: ServiceName) -> &'static str {
    match service {
        ServiceName::DataStore => "DataStore",
        ServiceName::Messaging => "MessagingService",
        ServiceName::MemoryStore => "MemoryStoreService",
    }
}

/// All lives of all servers, in order of start.
pub fn lives(events: &[(Global, Event)], until: Global) -> Vec<Life> {
    let mut lives: Vec<Life> = Vec::new();
    for (at, event) in events {
        let change = match event {
            Event::ServerStarted { server } => {
                lives.push(Life { server: *server, from: *at, until, closing: None, end: None });
                continue;
            }
            Event::ServerClosing { server } => (*server, None),
            Event::ServerCrashed { server } => (*server, Some(LifeEnd::Crashed)),
            Event::ServerClosed { server } => (*server, Some(LifeEnd::Closed)),
            Event::ServerKilled { server } => (*server, Some(LifeEnd::Killed)),
            _ => continue,
        };
        if let Some(life) = lives.iter_mut().find(|life| life.server == change.0) {
            match change.1 {
                None => life.closing = Some(*at),
                end => (life.until, life.end) = (*at, end),
            }
        }
    }
    lives
}

/// Conditions of servers, and partitions, each with its slot.
pub fn bands(events: &[(Global, Event)], until: Global) -> Vec<(Slot, Band)> {
    let mut open = Open::default();
    for (at, event) in events {
        match event {
            Event::ServerCrashed { server } | Event::ServerKilled { server } => {
                open.end(*at, server.slot, BandKind::is_of_server);
            }
            Event::PartitionBegan { slot, service, direction } => {
                open.begin(*at, *slot, BandKind::Partition(*service, *direction));
            }
            Event::PartitionHealed { slot, service, direction } => {
                open.end(*at, *slot, |kind| kind == BandKind::Partition(*service, *direction));
            }
            Event::Healed => open.end_all(*at),
            other => match Change::of(other) {
                Some(Change { server, kind, begins: true }) => open.begin(*at, server.slot, kind),
                Some(Change { server, kind, begins: false }) => open.end(*at, server.slot, |other| other == kind),
                None => {}
            },
        }
    }
    open.finish(until)
}

/// Outages of services.
pub fn outages(events: &[(Global, Event)], until: Global) -> Vec<Band> {
    let mut open = Open::default();
    for (at, event) in events {
        match event {
            Event::OutageBegan { service } => open.begin(*at, 0, BandKind::Outage(*service)),
            Event::OutageEnded { service } => open.end(*at, 0, |kind| kind == BandKind::Outage(*service)),
            Event::Healed => open.end_all(*at),
            _ => {}
        }
    }
    open.finish(until).into_iter().map(|(_, band)| band).collect()
}

/// Bands that have begun, in order of beginning.
#[derive(Default)]
struct Open {
    began: usize,
    now: BTreeMap<usize, (Slot, BandKind, Global)>,
    past: BTreeMap<usize, (Slot, Band)>,
}

impl Open {
    fn begin(&mut self, at: Global, slot: Slot, kind: BandKind) {
        self.now.insert(self.began, (slot, kind, at));
        self.began += 1;
    }

    fn end(&mut self, at: Global, slot: Slot, which: impl Fn(BandKind) -> bool) {
        let ended: Vec<usize> =
            self.now.iter().filter(|(_, open)| open.0 == slot && which(open.1)).map(|(place, _)| *place).collect();
        for place in ended {
            if let Some((slot, kind, from)) = self.now.remove(&place) {
                self.past.insert(place, (slot, Band { kind, from, until: at }));
            }
        }
    }

    fn end_all(&mut self, at: Global) {
        let slots: Vec<Slot> = self.now.values().map(|open| open.0).collect();
        for slot in slots {
            self.end(at, slot, |_| true);
        }
    }

    fn finish(mut self, until: Global) -> Vec<(Slot, Band)> {
        self.end_all(until);
        self.past.into_values().filter(|(_, band)| band.from < band.until).collect()
    }
}
