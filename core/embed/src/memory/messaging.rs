//! Messages between the servers of one process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::service::{Messaging, ServiceError};

/// Publish and subscribe in memory: at once, in order, and never lost. A handle: clones are the same service.
#[derive(Clone, Debug, Default)]
pub struct MemoryMessaging {
    topics: Arc<Mutex<BTreeMap<String, Subscribers>>>,
}

type Subscribers = Vec<UnboundedSender<Arc<Json>>>;

impl MemoryMessaging {
    /// Topics that have subscribers.
    pub fn topics(&self) -> Vec<String> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.retain(|_, subscribers| subscribers.iter().any(|subscriber| !subscriber.is_closed()));
        topics.keys().cloned().collect()
    }
}

impl Messaging for MemoryMessaging {
    async fn publish(&self, topic: &str, message: Arc<Json>) -> Result<(), ServiceError> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(subscribers) = topics.get_mut(topic) {
            subscribers.retain(|subscriber| subscriber.send(Arc::clone(&message)).is_ok());
        }
        Ok(())
    }

    async fn subscribe(&self, topic: &str) -> Result<UnboundedReceiver<Arc<Json>>, ServiceError> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.entry(topic.to_owned()).or_default().push(sender);
        Ok(receiver)
    }
}
