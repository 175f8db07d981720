//! The Rust core as games embed it: the async façade, with an async game on top.
//!
//! The whole server is one thread of tasks. Each input is handed to them, and they run until every one of them waits
//! for something. Time, answers and messages reach them only so.

mod conflicts;
mod game;
mod guest;
mod services;
mod session;

use dupeproof_core::{Config, Span, Stored};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, Guest, Schedule, Shows, Subject};

use super::leased;

/// The Rust core, embedded.
#[derive(Clone, Debug, Default)]
pub struct EmbedSubject {
    config: Config,
}

impl EmbedSubject {
    /// The core with other constants.
    pub fn with_config(config: Config) -> EmbedSubject {
        EmbedSubject { config }
    }
}

impl Subject for EmbedSubject {
    fn name(&self) -> &str {
        "embed"
    }

    fn about(&self) -> &str {
        "the Rust core as games embed it, async"
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
        Box::new(guest::EmbedGuest::new(leased::config_of(&self.config, boot), boot))
    }

    fn record(&self, _player: PlayerId, items: &[u32]) -> Stored {
        leased::record(items)
    }

    fn full_record(&self, _player: PlayerId, items: &[u32], remembered: u32) -> Stored {
        leased::full_record(items, remembered)
    }
}
