//! The Rust core with a game on top.

mod commands;
mod explored;
mod guest;
mod signals;

use dupeproof_core::{Config, Span, Stored};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, Guest, Schedule, Shows, Subject};

pub(crate) use self::guest::CoreGuest;

use super::leased;

/// The Rust core.
#[derive(Clone, Debug, Default)]
pub struct CoreSubject {
    config: Config,
}

impl CoreSubject {
    /// The core with other constants.
    pub fn with_config(config: Config) -> CoreSubject {
        CoreSubject { config }
    }
}

impl Subject for CoreSubject {
    fn name(&self) -> &str {
        "core"
    }

    fn about(&self) -> &str {
        "dupeproof's own ProfileStore in Rust, policy `lease`"
    }

    fn contract(&self) -> &Contract {
        &leased::CONTRACT
    }

    fn start_bound(&self, schedule: &Schedule) -> Span {
        leased::start_bound(&self.config, schedule)
    }

    fn check_constant(&self, name: &str, value: u64) -> Result<(), String> {
        leased::check_constant(name, value)
    }

    fn shows(&self) -> Shows {
        Shows::Everything
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        Box::new(CoreGuest::new(leased::config_of(&self.config, boot), boot))
    }

    fn record(&self, _player: PlayerId, items: &[u32]) -> Stored {
        leased::record(items)
    }

    fn full_record(&self, _player: PlayerId, items: &[u32], remembered: u32) -> Stored {
        leased::full_record(items, remembered)
    }
}
