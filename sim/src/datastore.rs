//! DataStoreService's backend: versioned keys, and everything that can befall a request there.

mod fates;

use std::collections::{BTreeMap, VecDeque};

use dupeproof_core::Stored;

use self::fates::Fates;
use crate::agenda::Agenda;
use crate::clock::Global;
use crate::guest::{PlayerId, key_of};
use crate::request::{
    Entry, FromService, Key, KeyInfo, Reading, Request, RequestId, Response, ServiceError, ToService, Version,
};
use crate::schedule::{Fate, Leg, Schedule, Slot, first_item};
use crate::subject::Subject;
use crate::trace::{Event, ServerId, Trace};

/// The backend.
pub struct DataStore {
    values: BTreeMap<Key, (Version, Stored)>,
    /// When keys that have no value were removed.
    removals: BTreeMap<Key, Version>,
    last_version: Version,
    fates: Fates,
    refusing: bool,
    /// When the last request came or the last late thing was due: since when the answers wait.
    at: Global,
    answers: VecDeque<(ServerId, FromService)>,
    late: Agenda<Late>,
}

enum Late {
    Answer(ServerId, FromService),
    /// With the newest write of its key when it arrived: a conditional write's condition is that there is none since.
    Write(ServerId, ToService, Option<Version>),
}

impl DataStore {
    /// A store that holds the records of the players who have played before.
    pub fn new(schedule: &Schedule, subject: &dyn Subject) -> DataStore {
        let mut store = DataStore {
            values: BTreeMap::new(),
            removals: BTreeMap::new(),
            last_version: Version(0),
            fates: Fates::new(schedule),
            refusing: false,
            at: Global(0),
            answers: VecDeque::new(),
            late: Agenda::new(),
        };
        for (number, plan) in (0..).zip(&schedule.players) {
            let player = PlayerId(number);
            if let Some(count) = plan.items {
                let first = first_item(player);
                let items: Vec<u32> = (first..first + u32::from(count)).collect();
                let version = store.next_version();
                store.values.insert(key_of(player), (version, subject.record(player, &items)));
            }
        }
        store
    }

    /// A request arrives.
    pub fn handle(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) {
        self.bring_in_late(at, trace);
        let (id, kind) = (frame.id, frame.request.kind());
        let leg = Leg::of(kind);
        let fate = self.fates.next(from.slot, leg);
        let rejected = FromService::Reply { id, result: Err(ServiceError::Rejected) };
        if self.refusing {
            return self.answers.push_back((from, rejected));
        }
        if let Some(fate) = fate {
            trace.record(at, &Event::Mishap { server: from, id, kind, fate });
        }
        match fate {
            None => {
                let result = Ok(self.apply(at, from, frame, trace));
                self.answers.push_back((from, FromService::Reply { id, result }));
            }
            Some(Fate::Refused) => self.answers.push_back((from, rejected)),
            Some(Fate::AppliedThenError) => {
                self.apply(at, from, frame, trace);
                self.answers.push_back((from, rejected));
            }
            Some(Fate::AppliedTwice { .. } | Fate::NilRead) => unimplemented!(),
            Some(Fate::LostReply) => drop(self.apply(at, from, frame, trace)),
            Some(Fate::LateReply { span }) => {
                let result = Ok(self.apply(at, from, frame, trace));
                self.late.push(at + span, Late::Answer(from, FromService::Reply { id, result }));
            }
            Some(Fate::LateApply { span }) => {
                self.answers.push_back((from, rejected));
                if kind.is_write() {
                    let newest = frame.request.target().and_then(|key| self.newest(key));
                    self.late.push(at + span, Late::Write(from, frame, newest));
                }
            }
        }
    }

    /// When [`DataStore::poll`] has something next.
    pub fn next_due(&self) -> Option<Global> {
        if self.answers.is_empty() { self.late.next_due() } else { Some(self.at) }
    }

    /// The next answer that is due at `at`, applying late writes that are due on the way.
    pub fn poll(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<(ServerId, FromService)> {
        self.bring_in_late(at, trace);
        self.answers.pop_front()
    }

    /// Refuse everything, or not.
    pub fn set_outage(&mut self, refuse: bool) {
        self.refusing = refuse;
    }

    /// The next such request from this slot meets this fate.
    pub fn arm(&mut self, slot: Slot, leg: Leg, fate: Fate) {
        self.fates.arm(slot, leg, fate);
    }

    /// No more faults. Late writes still pending are applied at their time.
    pub fn heal(&mut self) {
        self.refusing = false;
        self.fates.heal();
    }

    /// Records [`crate::Event::Ended`].
    pub fn end(&self, at: Global, trace: &mut Trace<'_>) {
        let store = self.values.iter().map(|(key, (_, value))| (key.clone(), value.clone())).collect();
        trace.record(at, &Event::Ended { store });
    }

    fn bring_in_late(&mut self, at: Global, trace: &mut Trace<'_>) {
        self.at = self.at.max(at);
        while let Some(late) = self.late.pop_due(at) {
            match late {
                Late::Answer(to, frame) => self.answers.push_back((to, frame)),
                Late::Write(from, frame, newest) => self.apply_late(at, from, frame, newest, trace),
            }
        }
    }

    /// A key that was removed meanwhile is not as it was, though it has no value now as it had none then.
    fn apply_late(
        &mut self,
        at: Global,
        from: ServerId,
        frame: ToService,
        newest: Option<Version>,
        trace: &mut Trace<'_>,
    ) {
        match &frame.request {
            Request::CompareAndSet { key, .. } if self.newest(key) != newest => {
                trace.record(at, &Event::Conflicted { server: from, id: frame.id, key: key.clone() });
            }
            _ => drop(self.apply(at, from, frame, trace)),
        }
    }

    /// The newest write or removal of a key.
    fn newest(&self, key: &str) -> Option<Version> {
        self.values.get(key).map(|(version, _)| *version).or_else(|| self.removals.get(key).copied())
    }

    fn apply(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) -> Response {
        match frame.request {
            Request::Get { key, .. } => {
                let entry =
                    self.values.get(&key).map(|(version, value)| Entry { value: value.clone(), info: info(*version) });
                Response::Value(Reading { version: self.newest(&key), entry })
            }
            Request::CompareAndSet { key, expected, value, .. } => {
                if self.newest(&key) != expected {
                    trace.record(at, &Event::Conflicted { server: from, id: frame.id, key });
                    return Response::Conflict;
                }
                let (version, _) = self.commit(at, from, frame.id, key, Some(value), trace);
                Response::Committed(info(version))
            }
            Request::Set { key, value, .. } => {
                let (version, _) = self.commit(at, from, frame.id, key, Some(value), trace);
                Response::Committed(info(version))
            }
            Request::Remove { key } if !self.values.contains_key(&key) => Response::Removed(None),
            Request::Remove { key } => {
                let (_, before) = self.commit(at, from, frame.id, key, None, trace);
                Response::Removed(before.map(|value| Entry { value, info: info(Version(0)) }))
            }
            Request::Increment { .. }
            | Request::ListVersions { .. }
            | Request::GetVersion { .. }
            | Request::GetVersionAtTime { .. }
            | Request::ListKeys { .. }
            | Request::GetSorted { .. } => unimplemented!(),
            Request::Publish { .. } | Request::Subscribe { .. } | Request::Unsubscribe { .. } => {
                unreachable!("the networks carry these to MessagingService")
            }
        }
    }

    fn commit(
        &mut self,
        at: Global,
        server: ServerId,
        id: RequestId,
        key: Key,
        after: Option<Stored>,
        trace: &mut Trace<'_>,
    ) -> (Version, Option<Stored>) {
        let version = self.next_version();
        let before = match &after {
            Some(value) => self.values.insert(key.clone(), (version, value.clone())),
            None => {
                self.removals.insert(key.clone(), version);
                self.values.remove(&key)
            }
        };
        let before = before.map(|(_, value)| value);
        trace.record(at, &Event::Committed { server, id, key, version, before: before.clone(), after });
        (version, before)
    }

    fn next_version(&mut self) -> Version {
        self.last_version.0 += 1;
        self.last_version
    }
}

fn info(version: Version) -> KeyInfo {
    KeyInfo { version, created_time: 0, updated_time: 0, attributes: None }
}
