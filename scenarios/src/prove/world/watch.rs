//! A monitor with its fingerprint.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::Print;
use crate::prove::monitor::{Monitor, Violation};

/// A monitor that states share until they differ.
#[derive(Clone)]
pub(crate) struct Watch {
    monitor: Arc<Monitor>,
    pub print: u64,
}

impl Watch {
    pub(super) fn new(monitor: Monitor) -> Watch {
        let print = print(&monitor);
        Watch { monitor: Arc::new(monitor), print }
    }

    pub(crate) fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    pub(super) fn tell(&mut self, told: impl FnOnce(&mut Monitor) -> Option<Violation>) -> Option<Violation> {
        let monitor = Arc::make_mut(&mut self.monitor);
        let violation = told(monitor);
        self.print = print(monitor);
        violation
    }
}

fn print(monitor: &Monitor) -> u64 {
    let mut state = Print::default();
    monitor.hash(&mut state);
    state.finish()
}
