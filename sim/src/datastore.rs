//! DataStoreService: versioned keys, and the limits that all servers share.

mod apply;
mod experience;
mod keyspace;
mod throughput;
mod validate;
mod version_history;

pub use self::validate::{METADATA_MAX, SORTED_PAGE_MAX, USER_IDS_MAX, VALUE_MAX, validate};

use self::experience::Experience;
use self::keyspace::Keyspace;
use self::throughput::{kilobytes, padded};
use self::version_history::New;
use crate::clock::{BackendClock, Global};
use crate::id::{PlayerId, ServerId};
use crate::request::{Answer, Page, Reading, Request, RequestKind, Response, ServiceError, ToService};
use crate::request_faults::RequestFaults;
use crate::schedule::{Schedule, first_item};
use crate::service::store_service::{Store, StoreService};
use crate::service::{Hosting, ServiceRow};
use crate::subject::Subject;
use crate::trace::{Event, Trace};

/// The players who have played before were last saved so long before the run.
const LAST_PLAYED_MILLIS: i64 = 24 * 3_600_000;

/// DataStoreService, to the networks.
pub(crate) const SERVICE: ServiceRow = ServiceRow {
    build: |schedule, subject| Box::new(DataStore::service(schedule, subject)),
    latency: |services| services.datastore_latency,
    link_stream: "datastore link",
    host: "datastore",
    hosting: Hosting::Always,
};

/// Its keys and their limits.
pub struct DataStore {
    clock: BackendClock,
    keys: Keyspace,
    /// `None` in the legacy regime.
    experience: Option<Experience>,
    padding_kb: u32,
}

impl DataStore {
    /// The service, with the records of the players who have played before.
    pub fn service(schedule: &Schedule, subject: &dyn Subject) -> StoreService<DataStore> {
        let faults = RequestFaults::new(schedule, schedule.services.faults, "fate");
        StoreService::new(DataStore::new(schedule, subject), faults)
    }

    fn new(schedule: &Schedule, subject: &dyn Subject) -> DataStore {
        let mut store = DataStore {
            clock: BackendClock::new(&schedule.clocks),
            keys: Keyspace::default(),
            experience: Experience::new(schedule),
            padding_kb: schedule.services.limits.padding_kb,
        };
        let played = store.clock.unix_millis(Global(0)) - LAST_PLAYED_MILLIS;
        for (number, plan) in (0..).zip(&schedule.players) {
            let player = PlayerId(number);
            if let Some(count) = plan.items {
                let first = first_item(player);
                let items: Vec<u32> = (first..first + u32::from(count)).collect();
                for (key, value) in subject.records(player, &items, schedule.game.remembered) {
                    let version = store.keys.next_version();
                    let new = New { kilobytes: kilobytes(&value), value, attributes: None };
                    store.keys.slot(&key).history.write(played, version, new, true);
                }
            }
        }
        store
    }

    /// Whether its key does. A list of versions counts as a read, of a kilobyte (its size is not documented), and a
    /// removal and an addition as a write of one. What never held anything is never read too often.
    fn admit_key(&mut self, at: Global, frame: &ToService) -> bool {
        let padding = self.padding_kb;
        match &frame.request {
            Request::CompareAndSet { key, .. } | Request::Set { key, .. } => {
                self.keys.slot(key).throughput.write(at, padded(frame.kilobytes, padding))
            }
            Request::Increment { key, .. } | Request::Remove { key } => self.keys.slot(key).throughput.write(at, 1),
            Request::Get { key, .. } | Request::GetVersionAtTime { key, .. } | Request::GetVersion { key, .. } => {
                let Some(slot) = self.keys.get_mut(key) else { return true };
                let padding = if slot.history.value().is_some() { padding } else { 0 };
                slot.throughput.read(at, padded(slot.history.kilobytes(), padding))
            }
            Request::ListVersions { key, .. } => self.keys.get_mut(key).is_none_or(|slot| slot.throughput.read(at, 1)),
            _ => true,
        }
    }
}

impl Store for DataStore {
    const UNAVAILABLE: ServiceError = ServiceError::Rejected;

    /// Those of the experience first (their order is not documented).
    fn admit(&mut self, at: Global, frame: &ToService) -> Result<(), ServiceError> {
        if let (Some(experience), Some(kind)) = (&mut self.experience, frame.request.request_type())
            && !experience.admit(at, kind)
        {
            return Err(ServiceError::ExperienceThrottled(kind));
        }
        if self.admit_key(at, frame) { Ok(()) } else { Err(ServiceError::KeyThrottled) }
    }

    fn apply(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) -> Answer {
        self.carry_out(at, from, frame, trace)
    }

    fn nothing(request: &Request) -> Response {
        match request.kind() {
            RequestKind::ListVersions => Response::Versions(Page { items: Vec::new(), next: None }),
            RequestKind::ListKeys => Response::Keys(Page { items: Vec::new(), next: None }),
            RequestKind::GetSorted => Response::Sorted(Page { items: Vec::new(), next: None }),
            RequestKind::GetVersion => Response::OldValue(None),
            _ => Response::Value(Reading::default()),
        }
    }

    fn set_players(&mut self, at: Global, players: u32) {
        if let Some(experience) = &mut self.experience {
            experience.set_players(at, players);
        }
    }

    /// The load of other servers is a fault, too, and so is what profiles are larger than they are here.
    fn heal(&mut self, at: Global) {
        self.padding_kb = 0;
        self.keys.forget_throughput();
        if let Some(experience) = &mut self.experience {
            experience.heal(at);
        }
    }

    /// Records [`crate::Event::Ended`].
    fn end(&self, at: Global, trace: &mut Trace<'_>) {
        let store = self.keys.values().map(|(key, value)| (key.clone(), value.clone())).collect();
        trace.record(at, &Event::Ended { store });
    }
}
