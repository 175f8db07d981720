//! How the services behave throughout a run.

use dupeproof_core::Span;
use serde::{Deserialize, Serialize};

use super::{FaultRates, Latency, Limits, RequestClass};

/// How the services behave throughout a run. Chances are in parts per million of requests or messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceProfile {
    /// One way between a server and the DataStore.
    pub datastore_latency: Latency,
    /// One way between a server and MessagingService.
    pub messaging_latency: Latency,
    /// From an accepted publish to its delivery leaving for each subscriber.
    pub delivery_delay: Latency,
    /// How often DataStore requests meet each fault.
    pub faults: RequestFaultRates,
    /// How late "late" is.
    pub lateness: Latency,
    /// Deliveries lost, per subscriber.
    pub message_lost_ppm: u32,
    /// Deliveries duplicated, per subscriber; the copy has its own delay.
    pub message_doubled_ppm: u32,
    /// Publishes answered with an error (half of them accepted anyway).
    pub publish_error_ppm: u32,
    /// Subscribes answered with an error.
    pub subscribe_error_ppm: u32,
    /// Subscribes that are never answered (community: ProfileStore PR 4).
    pub subscribe_hang_ppm: u32,
    /// Whether a server gets its own messages too (not documented; the class reference's example filters them out).
    pub echo: bool,
    /// What the services let through.
    pub limits: Limits,
    /// A request without an answer is answered [`crate::ServiceError::TimedOut`] after this (no client time limit is
    /// documented).
    pub request_timeout: Span,
    /// What `UpdateAsync` does when its transform throws.
    pub transform_error: TransformError,
    /// How long `UpdateAsync` waits after a conflict before it reads again (not documented).
    pub conflict_delay: Latency,
    /// Whether the 4 s cache keeps that there is no value (not documented; community mocks do).
    pub cache_nil: bool,
    /// MemoryStoreService. Files of schedules in which it is as ordinary do not speak of it.
    #[serde(default, skip_serializing_if = "MemoryStoreProfile::is_ordinary")]
    pub memory_store: MemoryStoreProfile,
}

/// How MemoryStoreService behaves throughout a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryStoreProfile {
    /// One way between a server and the service ("low latency", without a figure: memory stores guide).
    pub latency: Latency,
    /// How often requests to it meet each fault. How late "late" is, is as with the DataStore.
    pub faults: RequestFaultRates,
    /// What is left of the documented request units, in parts per million: servers that are not simulated use them, too.
    /// Below one a minute counts as one.
    pub units_ppm: u32,
    /// How often `UpdateAsync` begins anew after a conflict, before it fails ("the maximum number of retries", without a
    /// figure: memory stores guide). The wait before each is as with the DataStore.
    pub update_retries: u32,
}

impl Default for MemoryStoreProfile {
    /// Legs of 5 to 40 ms each way, no faults, the documented limits, five retries.
    fn default() -> MemoryStoreProfile {
        MemoryStoreProfile {
            latency: Latency { min: Span::millis(5), max: Span::millis(40) },
            faults: RequestFaultRates::default(),
            units_ppm: 1_000_000,
            update_retries: 5,
        }
    }
}

impl MemoryStoreProfile {
    fn is_ordinary(&self) -> bool {
        *self == MemoryStoreProfile::default()
    }
}

/// What `UpdateAsync` does when its transform throws; sources conflict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransformError {
    /// It throws, too (Roblox's own sample code).
    #[default]
    Raises,
    /// It returns nil, and the error surfaces on another thread (community: data-store-service-mock, 2023).
    ReturnsNil,
}

/// How often the requests to a service that stores values meet each fault, by class of request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFaultRates {
    /// [`RequestClass::Read`].
    pub read: FaultRates,
    /// [`RequestClass::Write`].
    pub write: FaultRates,
    /// [`RequestClass::Set`].
    pub set: FaultRates,
    /// [`RequestClass::Remove`].
    pub remove: FaultRates,
    /// [`RequestClass::List`].
    pub list: FaultRates,
}

impl RequestFaultRates {
    /// The same for every class.
    pub const fn all(rates: FaultRates) -> RequestFaultRates {
        RequestFaultRates { read: rates, write: rates, set: rates, remove: rates, list: rates }
    }

    /// The rates of one class.
    pub fn of(&self, class: RequestClass) -> &FaultRates {
        match class {
            RequestClass::Read => &self.read,
            RequestClass::Write => &self.write,
            RequestClass::Set => &self.set,
            RequestClass::Remove => &self.remove,
            RequestClass::List => &self.list,
        }
    }

    /// The rates of one class, to be changed.
    pub fn of_mut(&mut self, class: RequestClass) -> &mut FaultRates {
        match class {
            RequestClass::Read => &mut self.read,
            RequestClass::Write => &mut self.write,
            RequestClass::Set => &mut self.set,
            RequestClass::Remove => &mut self.remove,
            RequestClass::List => &mut self.list,
        }
    }
}

impl Default for ServiceProfile {
    /// Healthy services: DataStore legs of 25 to 100 ms each way, messages in 0.3 to 2 s, the limits of 2026, no
    /// faults.
    fn default() -> ServiceProfile {
        ServiceProfile {
            datastore_latency: Latency { min: Span::millis(25), max: Span::millis(100) },
            messaging_latency: Latency { min: Span::millis(25), max: Span::millis(100) },
            delivery_delay: Latency { min: Span::millis(250), max: Span::millis(1_800) },
            faults: RequestFaultRates::default(),
            lateness: Latency { min: Span::secs(1), max: Span::secs(120) },
            message_lost_ppm: 0,
            message_doubled_ppm: 0,
            publish_error_ppm: 0,
            subscribe_error_ppm: 0,
            subscribe_hang_ppm: 0,
            echo: true,
            limits: Limits::default(),
            request_timeout: Span::secs(30),
            transform_error: TransformError::Raises,
            conflict_delay: Latency { min: Span::ZERO, max: Span::ZERO },
            cache_nil: true,
            memory_store: MemoryStoreProfile::default(),
        }
    }
}
