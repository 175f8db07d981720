//! `UpdateAsync`, leg by leg, for guests: read, transform, write if nothing has changed, and again if something has.

use std::sync::Arc;

use dupeproof_core::{Span, Stored};

use crate::request::{Attributes, Key, KeyInfo, Reading, Request, Response, ServiceError, is_ordered};
use crate::rng::Stream;
use crate::schedule::{Latency, ServiceProfile, TransformError};

/// What the documentation leaves open about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UpdateRules {
    /// When the transform throws.
    pub transform_error: TransformError,
    /// Between a conflict and the next read.
    pub conflict_delay: Latency,
    /// How often that of a memory store begins anew before it fails.
    pub memory_retries: u32,
}

impl UpdateRules {
    /// As this world has them.
    pub fn of(services: &ServiceProfile) -> UpdateRules {
        UpdateRules {
            transform_error: services.transform_error,
            conflict_delay: services.conflict_delay,
            memory_retries: services.memory_store.update_retries,
        }
    }
}

/// One call. It is no lock: whoever writes in between makes the transform run again, with the value of then, "as many
/// times as needed" (class reference, `GlobalDataStore:UpdateAsync`); no limit is documented.
#[derive(Clone, Debug, Hash)]
pub struct UpdateAsync {
    key: Key,
    rules: UpdateRules,
    /// What is being written; `None`: it is being read.
    writing: Option<Stored>,
}

/// What a transform returns.
#[derive(Clone, Debug, PartialEq)]
pub enum Transformed {
    /// The new value, and what is kept beside it: what is not returned is cleared (class reference).
    Write(Stored, Option<Arc<Attributes>>),
    /// `nil`: nothing is written.
    Cancel,
    /// It throws this.
    Throw(Arc<str>),
}

/// What a call needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Make this request, and pass its answer to [`UpdateAsync::answered`].
    Ask(Request),
    /// Wait so long, then make [`UpdateAsync::read`].
    Pause(Span),
    /// It has come back.
    Done(Result<Updated, UpdateError>),
}

/// How a call comes back without an error.
#[derive(Clone, Debug, PartialEq)]
pub enum Updated {
    /// The new value, and its key info; `None` for ordered stores.
    Written(Stored, Option<KeyInfo>),
    /// `nil`, and not the old value (community, MockDataStoreService, ProfileService, Lapis). With what the transform
    /// threw, where that surfaces on another thread.
    Nothing {
        /// For whoever reads the log.
        thrown: Option<Arc<str>>,
    },
}

/// How a call throws.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// One of its legs failed. If it was the write and [`ServiceError::is_definite`] denies it, it may be applied all
    /// the same.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The transform threw.
    #[error("{0}")]
    Transform(Arc<str>),
}

impl UpdateAsync {
    /// Begins with [`UpdateAsync::read`].
    pub fn new(key: Key, rules: UpdateRules) -> UpdateAsync {
        UpdateAsync { key, rules, writing: None }
    }

    /// The read leg. It asks "the server that last updated" the key (data stores guide), never the cache.
    pub fn read(&self) -> Request {
        Request::get(Key::clone(&self.key))
    }

    /// An answer to the read or write leg. `transform` is run if it was a read that came back, and gets the value and
    /// the key info, both absent for a key that was never written; after a removal, too (community,
    /// data-store-service-mock). `draws` decides how long a pause is.
    ///
    /// # Panics
    /// If the answer is not to what was asked.
    pub fn answered(
        &mut self,
        answer: Result<Response, ServiceError>,
        draws: &mut Stream,
        transform: impl FnOnce(Option<&Stored>, Option<&KeyInfo>) -> Transformed,
    ) -> Next {
        match (self.writing.take(), answer) {
            (_, Err(error)) => Next::Done(Err(error.into())),
            (None, Ok(Response::Value(reading))) => self.transformed(reading, transform),
            (Some(value), Ok(Response::Committed(info))) => {
                Next::Done(Ok(Updated::Written(value, (!is_ordered(&self.key)).then_some(info))))
            }
            (Some(_), Ok(Response::Conflict)) if self.rules.conflict_delay.max == Span::ZERO => Next::Ask(self.read()),
            (Some(_), Ok(Response::Conflict)) => Next::Pause(draws.span(self.rules.conflict_delay)),
            (_, Ok(answer)) => panic!("no answer to a leg of UpdateAsync: {answer:?}"),
        }
    }

    fn transformed(
        &mut self,
        reading: Reading,
        transform: impl FnOnce(Option<&Stored>, Option<&KeyInfo>) -> Transformed,
    ) -> Next {
        let Reading { version: expected, entry } = reading;
        let info = entry.as_ref().map(|entry| &entry.info).filter(|_| !is_ordered(&self.key));
        match (transform(entry.as_ref().map(|entry| &entry.value), info), self.rules.transform_error) {
            (Transformed::Write(value, attributes), _) => {
                self.writing = Some(value.clone());
                Next::Ask(Request::CompareAndSet { key: Key::clone(&self.key), expected, value, attributes })
            }
            (Transformed::Cancel, _) => Next::Done(Ok(Updated::Nothing { thrown: None })),
            (Transformed::Throw(text), TransformError::Raises) => Next::Done(Err(UpdateError::Transform(text))),
            (Transformed::Throw(text), TransformError::ReturnsNil) => {
                Next::Done(Ok(Updated::Nothing { thrown: Some(text) }))
            }
        }
    }
}
