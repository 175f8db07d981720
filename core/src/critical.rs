//! The critical state: many requests have failed recently.

use std::collections::VecDeque;

use crate::config::Config;
use crate::time::Mono;

/// Counts failed requests.
#[derive(Debug, Default)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Critical {
    /// When the newest errors happened: at most as many as make the critical state.
    errors: VecDeque<Mono>,
    /// When the critical state ends; `None` while there is none.
    until: Option<Mono>,
}

impl Critical {
    /// One more request has failed. True if this begins the critical state.
    pub(crate) fn error(&mut self, now: Mono, config: &Config) -> bool {
        self.errors.push_back(now);
        if self.errors.len() > config.critical_state_error_count {
            self.errors.pop_front();
        }
        let enough = self.errors.len() >= config.critical_state_error_count;
        let recent = self.errors.front().is_some_and(|first| now.since(*first) <= config.critical_state_error_expire);
        enough && recent && self.until.replace(now + config.critical_state_expire).is_none()
    }

    /// True if the critical state has just ended.
    pub(crate) fn expire(&mut self, now: Mono) -> bool {
        self.until.take_if(|until| *until <= now).is_some()
    }

    pub(crate) fn ends(&self) -> Option<Mono> {
        self.until
    }

    pub(crate) fn is_critical(&self) -> bool {
        self.until.is_some()
    }
}
