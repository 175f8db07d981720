//! The Rust core with a game on top.

use dupeproof_core::{Span, Stored};
use dupeproof_sim::guest::PlayerId;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, Guest, Subject};

/// The Rust core.
#[derive(Clone, Debug, Default)]
pub struct CoreSubject {}

const CONTRACT: Contract = Contract {
    never: &["DoubleLive", "UnfencedWrite", "LostUpdate", "StaleStart", "SilentEnd", "LockStuck"],
    start_bound: Span::secs(90),
    drain_bound: Span::secs(60),
};

impl Subject for CoreSubject {
    fn name(&self) -> &str {
        "core"
    }

    fn about(&self) -> &str {
        "dupeproof's own ProfileStore in Rust, policy `lease`"
    }

    fn contract(&self) -> &Contract {
        &CONTRACT
    }

    fn guest(&self, _boot: &Boot) -> Box<dyn Guest> {
        unimplemented!()
    }

    fn record(&self, _player: PlayerId, _items: &[u32]) -> Stored {
        unimplemented!()
    }
}
