//! A believable simple save script: GetAsync on join, SetAsync on leave and every so often, no lock.

mod deal;
mod guest;
mod read_modify_write;

use std::sync::Arc;

use dupeproof_core::{Span, Stored};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, FindingKind, Guest, Subject};

use crate::game_record;

/// A simple save script.
#[derive(Clone, Debug, Copy)]
pub struct NaiveSubject;

/// What a developer who writes this expects of it.
const CONTRACT: Contract = Contract {
    never: &[FindingKind::LostUpdate, FindingKind::ItemDuplicated, FindingKind::ItemLost, FindingKind::Crashed],
    start_bound: Span::secs(20),
    // A call of unknown outcome is given up after 30 s, and then tried again.
    drain_bound: Span::secs(40),
    auto_save: Some(Span::secs(60)),
};

impl Subject for NaiveSubject {
    fn name(&self) -> &str {
        "naive"
    }

    fn about(&self) -> &str {
        "a simple save script: GetAsync on join, SetAsync on leave and now and then, no lock"
    }

    fn contract(&self) -> &Contract {
        &CONTRACT
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        Box::new(guest::NaiveGuest::new(boot.server))
    }

    fn record(&self, _player: PlayerId, items: &[u32]) -> Stored {
        Stored::Other(Arc::new(game_record::data(items)))
    }
}
