//! The simulated services and clocks, as the façade wants them.

use std::sync::Arc;
use std::time::Duration;

use dupeproof_core::Span;
use dupeproof_embed::ServiceError as FacadeError;
use dupeproof_embed::{
    Cas, DataStore, Entry, Environment, Guid, KeyInfo, Messaging, Now, Reading, Stored, Version, VersionInfo,
    VersionQuery, Write,
};
use dupeproof_sim::request;
use dupeproof_sim::{Request, Response, ServiceError};
use serde_json::Value as Json;
use tokio::sync::mpsc::UnboundedReceiver;

use super::Services;
use crate::subjects::attributes;

impl DataStore for Services {
    async fn get(&self, key: &str) -> Result<Reading, FacadeError> {
        match self.ask(Request::get(key.into())).await {
            Ok(Response::Value(found)) => {
                Ok(Reading { version: found.version.map(name), entry: found.entry.map(entry) })
            }
            other => Err(failed(other)),
        }
    }

    async fn compare_and_set(&self, key: &str, expected: Option<&Version>, write: Write) -> Result<Cas, FacadeError> {
        let (expected, attributes) = (expected.map(number), attributes::of_record(&write.value));
        match self.ask(Request::CompareAndSet { key: key.into(), expected, value: write.value, attributes }).await {
            Ok(Response::Committed(info)) => Ok(Cas::Stored(key_info(info))),
            Ok(Response::Conflict) => {
                self.conflicted().await;
                Ok(Cas::Conflict)
            }
            other => Err(failed(other)),
        }
    }

    async fn list_versions(&self, key: &str, query: &VersionQuery) -> Result<Vec<VersionInfo>, FacadeError> {
        match self.ask(Request::ListVersions { key: key.into(), query: query.clone(), page_size: 0 }).await {
            Ok(Response::Versions(page)) => Ok(page.items),
            other => Err(failed(other)),
        }
    }

    async fn get_version(&self, key: &str, version: &str) -> Result<Option<Entry>, FacadeError> {
        let Some(version) = dupeproof_sim::Version::from_id(version) else {
            return Err(failed(Err(ServiceError::InvalidVersion)));
        };
        match self.ask(Request::GetVersion { key: key.into(), version }).await {
            Ok(Response::OldValue(found)) => Ok(found.map(entry)),
            other => Err(failed(other)),
        }
    }

    async fn remove(&self, key: &str) -> Result<Option<Stored>, FacadeError> {
        match self.ask(Request::Remove { key: key.into() }).await {
            Ok(Response::Removed(before)) => Ok(before.map(|entry| entry.value)),
            other => Err(failed(other)),
        }
    }
}

impl Messaging for Services {
    async fn publish(&self, topic: &str, message: Arc<Json>) -> Result<(), FacadeError> {
        match self.ask(Request::Publish { topic: topic.into(), data: message }).await {
            Ok(Response::Published) => Ok(()),
            other => Err(failed(other)),
        }
    }

    async fn subscribe(&self, topic: &str) -> Result<UnboundedReceiver<Arc<Json>>, FacadeError> {
        Services::subscribe(self, topic.into()).await.map_err(|error| failed(Err(error)))
    }
}

impl Environment for Services {
    fn now(&self) -> Now {
        Services::now(self)
    }

    fn sleep(&self, span: Duration) -> impl Future<Output = ()> + Send {
        Services::sleep(self, Span(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)))
    }

    fn guid(&self) -> Guid {
        Services::guid(self)
    }
}

fn entry(entry: request::Entry) -> Entry {
    Entry { value: entry.value, key_info: key_info(entry.info) }
}

fn key_info(info: request::KeyInfo) -> KeyInfo {
    let attributes = info.attributes.unwrap_or_default();
    KeyInfo {
        created_time: info.created_time,
        updated_time: info.updated_time,
        version: Version(info.version.id(info.updated_time).into()),
        user_ids: attributes.user_ids.as_slice().into(),
        metadata: Arc::new(attributes.metadata.clone()),
    }
}

/// The newest version of a key, which may be a removal: all that is known of it is its number.
fn name(version: dupeproof_sim::Version) -> Version {
    Version(version.0.to_string().into())
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
