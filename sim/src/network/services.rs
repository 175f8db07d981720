//! The services of a run: a row for each. Nothing else in the networks knows one by name.

use crate::id::ServiceName;
use crate::service::{Hosting, ServiceRow};
use crate::{datastore, memory_store, messaging};

/// What there is to know of a service.
pub(super) fn row(service: ServiceName) -> &'static ServiceRow {
    match service {
        ServiceName::DataStore => &datastore::SERVICE,
        ServiceName::Messaging => &messaging::SERVICE,
        ServiceName::MemoryStore => &memory_store::SERVICE,
    }
}

/// Those that have a host in every run on turmoil.
pub(super) fn always_hosted() -> impl Iterator<Item = ServiceName> {
    ServiceName::ALL.into_iter().filter(|service| matches!(row(*service).hosting, Hosting::Always))
}
