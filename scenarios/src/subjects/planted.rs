//! A subject whose runs now and then end in a mistake of this program, for tests of what is said then. Builds for users have
//! none.

use dupeproof_core::{Mono, Stored};
use dupeproof_sim::guest::Turn;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, Guest, Input, Output, Subject};

use super::naive::NaiveSubject;

/// What tests call it; no list shows it.
pub(super) const NAME: &str = "planted";

/// `naive`, on servers that do not survive a long run.
#[derive(Clone, Debug, Copy)]
pub(super) struct PlantedSubject;

impl Subject for PlantedSubject {
    fn name(&self) -> &str {
        NAME
    }

    fn about(&self) -> &str {
        "a mistake of this program"
    }

    fn contract(&self) -> &Contract {
        NaiveSubject.contract()
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        Box::new(PlantedGuest { inputs: 0, guest: NaiveSubject.guest(boot) })
    }

    fn record(&self, player: PlayerId, items: &[u32]) -> Stored {
        NaiveSubject.record(player, items)
    }
}

/// More inputs than servers of most schedules have.
const INPUTS_MAX: u32 = 60;

struct PlantedGuest {
    inputs: u32,
    guest: Box<dyn Guest>,
}

impl Guest for PlantedGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        self.inputs += 1;
        assert!(self.inputs < INPUTS_MAX, "<planted> after {INPUTS_MAX} inputs");
        self.guest.handle(turn, input, out)
    }
}
