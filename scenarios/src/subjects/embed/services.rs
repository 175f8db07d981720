//! The simulated services and clocks, as the façade wants them.

use std::sync::Arc;
use std::time::Duration;

use dupeproof_core::Span;
use dupeproof_embed::ServiceError as FacadeError;
use dupeproof_embed::{
    Cas, DataStore, Entry, Environment, Guid, KeyInfo, Messaging, Now, Stored, Version, VersionInfo, VersionQuery,
    Write,
};
use dupeproof_sim::{Request, Response, ServiceError};
use serde_json::Value as Json;
use tokio::sync::mpsc::UnboundedReceiver;

use super::desk::Desk;

impl DataStore for Desk {
    async fn get(&self, key: &str) -> Result<Option<Entry>, FacadeError> {
        match self.ask(Request::Get { key: key.into() }).await {
            Ok(Response::Value(found)) => Ok(found.map(|(version, value)| Entry { value, key_info: info(version) })),
            other => Err(failed(other)),
        }
    }

    async fn compare_and_set(&self, key: &str, expected: Option<&Version>, write: Write) -> Result<Cas, FacadeError> {
        let expected = expected.map(number);
        match self.ask(Request::CompareAndSet { key: key.into(), expected, value: write.value }).await {
            Ok(Response::Committed(version)) => Ok(Cas::Stored(info(version))),
            Ok(Response::Conflict) => Ok(Cas::Conflict),
            other => Err(failed(other)),
        }
    }

    async fn list_versions(&self, _: &str, _: &VersionQuery) -> Result<Vec<VersionInfo>, FacadeError> {
        Err(no_past())
    }

    async fn get_version(&self, _: &str, _: &str) -> Result<Option<Entry>, FacadeError> {
        Err(no_past())
    }

    async fn remove(&self, key: &str) -> Result<Option<Stored>, FacadeError> {
        match self.ask(Request::Remove { key: key.into() }).await {
            Ok(Response::Removed(before)) => Ok(before),
            other => Err(failed(other)),
        }
    }
}

impl Messaging for Desk {
    async fn publish(&self, topic: &str, message: Arc<Json>) -> Result<(), FacadeError> {
        match self.ask(Request::Publish { topic: topic.into(), data: message }).await {
            Ok(Response::Published) => Ok(()),
            other => Err(failed(other)),
        }
    }

    async fn subscribe(&self, topic: &str) -> Result<UnboundedReceiver<Arc<Json>>, FacadeError> {
        Desk::subscribe(self, topic.into()).await.map_err(|error| failed(Err(error)))
    }
}

impl Environment for Desk {
    fn now(&self) -> Now {
        Desk::now(self)
    }

    fn sleep(&self, span: Duration) -> impl Future<Output = ()> + Send {
        Desk::sleep(self, Span(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)))
    }

    fn guid(&self) -> Guid {
        Desk::guid(self)
    }
}

/// The simulated store says of a value which version it is, and nothing else.
fn info(version: dupeproof_sim::Version) -> KeyInfo {
    KeyInfo {
        created_time: 0,
        updated_time: 0,
        version: Version(version.0.to_string().into()),
        user_ids: Arc::default(),
        metadata: Arc::default(),
    }
}

fn number(version: &Version) -> dupeproof_sim::Version {
    dupeproof_sim::Version(version.0.parse().expect("versions come from the simulated store"))
}

fn failed(answer: Result<Response, ServiceError>) -> FacadeError {
    FacadeError::new(match answer {
        Err(error) => error.to_string(),
        Ok(response) => format!("the service answered with something else: {response:?}"),
    })
}

fn no_past() -> FacadeError {
    FacadeError::new("the simulated store keeps no versions of the past")
}
