//! MemoryStoreService's backend: hash maps, sorted maps and queues that all servers share, whose items are gone when their
//! time has passed.
//!
//! Sources: the memory stores guide (`cloud-services/memory-stores/*`, 2026-08) and the class reference. Items expire by
//! the backend's clock. Not modelled, as they are far above what a simulated experience can reach: the limits of a single
//! structure (a million items, 100 MB, 100,000 request units a minute) and of a partition (no figure is documented).

mod apply;
mod map;
mod queue;
mod quota;
mod validate;

use std::collections::{BTreeMap, VecDeque};

pub use self::validate::{COUNT_MAX, EXPIRATION_MAX, KEY_MAX, READ_MAX, VALUE_MAX, validate};

use self::map::Map;
use self::queue::Queue;
use self::quota::Quota;
use crate::agenda::Agenda;
use crate::clock::{BackendClock, Global};
use crate::fates::Fates;
use crate::request::{
    FromService, Key, MemoryAddress, MemoryAnswer, MemoryCall, MemoryError, Page, Request, RequestId, Response,
    ServiceError, Structure, ToService,
};
use crate::schedule::{Fate, Leg, Schedule};
use crate::trace::{Event, ServerId, Trace};

type Answer = Result<MemoryAnswer, MemoryError>;

/// A structure's kind and name.
type Name = (Structure, Key);

/// The backend.
pub struct MemoryStore {
    clock: BackendClock,
    maps: BTreeMap<Name, Map>,
    queues: BTreeMap<Name, Queue>,
    /// Numbers versions of items, items of queues, and readings of them.
    numbers: u64,
    fates: Fates,
    quota: Quota,
    refusing: bool,
    /// When the last request came or the last late thing was due: since when the answers wait.
    at: Global,
    answers: VecDeque<(ServerId, FromService)>,
    late: Agenda<Late>,
}

/// A call, and who makes it.
#[derive(Clone)]
struct Asked {
    server: ServerId,
    id: RequestId,
    address: Key,
    call: Box<MemoryCall>,
}

enum Late {
    Answer(ServerId, FromService),
    /// A conditional write's condition is looked at when its time comes.
    Write(Asked),
}

impl MemoryStore {
    /// There is nothing in it: a run begins a long time after whatever was there.
    pub fn new(schedule: &Schedule) -> MemoryStore {
        MemoryStore {
            clock: BackendClock::new(&schedule.clocks),
            maps: BTreeMap::new(),
            queues: BTreeMap::new(),
            numbers: 0,
            fates: Fates::new(schedule, schedule.services.memory_store.faults, "memory fate"),
            quota: Quota::new(schedule),
            refusing: false,
            at: Global(0),
            answers: VecDeque::new(),
            late: Agenda::new(),
        }
    }

    /// A request arrives.
    pub fn handle(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) {
        self.bring_in_late(at, trace);
        let (id, kind) = (frame.id, frame.request.kind());
        let Request::Memory { address, call } = frame.request else {
            unreachable!("the networks carry these to other services")
        };
        let writes = kind.is_memory_write();
        let fate = self.fates.next(from.slot, Leg::of(kind)).filter(|fate| *fate != Fate::NilRead || !writes);
        let asked = Asked { server: from, id, address, call };
        if self.refusing {
            return self.answer(&asked, Err(MemoryError::Internal));
        }
        if !self.quota.admit(at, &asked.address, &asked.call) {
            return self.answer(&asked, Err(MemoryError::Requests));
        }
        if let Some(fate) = fate {
            trace.record(at, &Event::Mishap { server: from, id, kind, fate });
        }
        match fate {
            None => {
                let result = self.apply(at, &asked, trace);
                self.answer(&asked, result);
            }
            Some(Fate::Refused) => self.answer(&asked, Err(MemoryError::Internal)),
            Some(Fate::AppliedThenError) => {
                drop(self.apply(at, &asked, trace));
                self.answer(&asked, Err(MemoryError::Internal));
            }
            Some(Fate::LostReply) => drop(self.apply(at, &asked, trace)),
            Some(Fate::LateReply { span }) => {
                let result = self.apply(at, &asked, trace);
                self.late.push(at + span, Late::Answer(from, reply(id, result)));
            }
            Some(Fate::LateApply { span }) => {
                self.answer(&asked, Err(MemoryError::Internal));
                self.apply_later(at + span, writes, asked);
            }
            Some(Fate::AppliedTwice { span }) => {
                self.apply_later(at + span, writes, asked.clone());
                let result = self.apply(at, &asked, trace);
                self.answer(&asked, result);
            }
            Some(Fate::NilRead) => self.answer(&asked, Ok(nothing(&asked.call))),
        }
    }

    /// When [`MemoryStore::poll`] has something next.
    pub fn next_due(&self) -> Option<Global> {
        if self.answers.is_empty() { self.late.next_due() } else { Some(self.at) }
    }

    /// The next answer that is due at `at`, applying late writes that are due on the way.
    pub fn poll(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<(ServerId, FromService)> {
        self.bring_in_late(at, trace);
        self.answers.pop_front()
    }

    /// So many players are on the servers from `at` on: what the quotas grow with.
    pub fn set_players(&mut self, at: Global, players: u32) {
        self.quota.set_players(at, players);
    }

    /// Refuse everything, or not. Nothing is lost by it.
    pub fn set_outage(&mut self, refuse: bool) {
        self.refusing = refuse;
    }

    /// No more faults: tighter limits than the documented ones are one, too. Late writes still pending are applied at
    /// their time.
    pub fn heal(&mut self) {
        self.refusing = false;
        self.fates.heal();
        self.quota.heal(self.at);
    }

    fn answer(&mut self, asked: &Asked, result: Answer) {
        self.answers.push_back((asked.server, reply(asked.id, result)));
    }

    /// A read is not made twice.
    fn apply_later(&mut self, due: Global, writes: bool, asked: Asked) {
        if writes {
            self.late.push(due, Late::Write(asked));
        }
    }

    fn bring_in_late(&mut self, at: Global, trace: &mut Trace<'_>) {
        self.at = self.at.max(at);
        while let Some(late) = self.late.pop_due(at) {
            match late {
                Late::Answer(to, frame) => self.answers.push_back((to, frame)),
                Late::Write(asked) => drop(self.apply(at, &asked, trace)),
            }
        }
    }

    fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}

fn reply(id: RequestId, result: Answer) -> FromService {
    FromService::Reply { id, result: result.map(Response::Memory).map_err(ServiceError::Memory) }
}

/// What a read that finds nothing is answered.
fn nothing(call: &MemoryCall) -> MemoryAnswer {
    match call {
        MemoryCall::Range(_) | MemoryCall::List { .. } => MemoryAnswer::Items(Page { items: Vec::new(), next: None }),
        MemoryCall::Size { .. } => MemoryAnswer::Size(0),
        _ => MemoryAnswer::Item(None),
    }
}

/// An address, taken apart: the structure, and the key in it.
fn parts(address: &Key) -> (Name, Key) {
    let MemoryAddress { structure, name, key } =
        MemoryAddress::parse(address).unwrap_or_else(|| panic!("`{address}` is no address of a memory store"));
    ((structure, name), key)
}
