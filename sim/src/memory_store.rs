//! MemoryStoreService: hash maps, sorted maps and queues that all servers share, whose items are gone when their
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

use std::collections::BTreeMap;

pub use self::validate::{COUNT_MAX, EXPIRATION_MAX, KEY_MAX, READ_MAX, VALUE_MAX, validate};

use self::map::Map;
use self::queue::Queue;
use self::quota::Quota;
use crate::clock::{BackendClock, Global};
use crate::id::{RequestId, ServerId};
use crate::request::{
    Answer, Key, MemoryAddress, MemoryAnswer, MemoryCall, MemoryError, Page, Request, Response, ServiceError,
    Structure, ToService,
};
use crate::request_faults::RequestFaults;
use crate::schedule::Schedule;
use crate::service::store_service::{Store, StoreService};
use crate::service::{Hosting, ServiceRow};
use crate::trace::Trace;

type MemoryResult = Result<MemoryAnswer, MemoryError>;

/// A structure's kind and name.
type Name = (Structure, Key);

/// MemoryStoreService, to the networks. Few games use it.
pub(crate) const SERVICE: ServiceRow = ServiceRow {
    build: |schedule, _| Box::new(MemoryStore::service(schedule)),
    latency: |services| services.memory_store.latency,
    link_stream: "memory link",
    host: "memory-store",
    hosting: Hosting::OnDemand("memory latencies"),
};

/// Its structures and their limits.
pub struct MemoryStore {
    clock: BackendClock,
    maps: BTreeMap<Name, Map>,
    queues: BTreeMap<Name, Queue>,
    /// Numbers versions of items, items of queues, and readings of them.
    numbers: u64,
    quota: Quota,
}

/// A call, and who makes it.
#[derive(Clone, Copy)]
struct MemoryRequest<'a> {
    server: ServerId,
    id: RequestId,
    address: &'a Key,
    call: &'a MemoryCall,
}

impl MemoryStore {
    /// The service. There is nothing in it: a run begins a long time after whatever was there.
    pub fn service(schedule: &Schedule) -> StoreService<MemoryStore> {
        let faults = RequestFaults::new(schedule, schedule.services.memory_store.faults, "memory fate");
        StoreService::new(MemoryStore::new(schedule), faults)
    }

    fn new(schedule: &Schedule) -> MemoryStore {
        MemoryStore {
            clock: BackendClock::new(&schedule.clocks),
            maps: BTreeMap::new(),
            queues: BTreeMap::new(),
            numbers: 0,
            quota: Quota::new(schedule),
        }
    }

    fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}

impl Store for MemoryStore {
    const UNAVAILABLE: ServiceError = ServiceError::Memory(MemoryError::Internal);

    fn admit(&mut self, at: Global, frame: &ToService) -> Result<(), ServiceError> {
        let (address, call) = memory_call(&frame.request);
        if self.quota.admit(at, address, call) { Ok(()) } else { Err(ServiceError::Memory(MemoryError::Requests)) }
    }

    fn apply(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) -> Answer {
        let (address, call) = memory_call(&frame.request);
        let request = MemoryRequest { server: from, id: frame.id, address, call };
        self.carry_out(at, request, trace).map(Response::Memory).map_err(ServiceError::Memory)
    }

    fn nothing(request: &Request) -> Response {
        Response::Memory(match memory_call(request).1 {
            MemoryCall::Range(_) | MemoryCall::List { .. } => {
                MemoryAnswer::Items(Page { items: Vec::new(), next: None })
            }
            MemoryCall::Size { .. } => MemoryAnswer::Size(0),
            _ => MemoryAnswer::Item(None),
        })
    }

    fn set_players(&mut self, at: Global, players: u32) {
        self.quota.set_players(at, players);
    }

    fn heal(&mut self, at: Global) {
        self.quota.heal(at);
    }
}

fn memory_call(request: &Request) -> (&Key, &MemoryCall) {
    match request {
        Request::Memory { address, call } => (address, call),
        _ => unreachable!("the networks carry these to other services"),
    }
}

/// An address, taken apart: the structure, and the key in it.
fn parts(address: &Key) -> (Name, Key) {
    let MemoryAddress { structure, name, key } =
        MemoryAddress::parse(address).unwrap_or_else(|| panic!("`{address}` is no address of a memory store"));
    ((structure, name), key)
}
