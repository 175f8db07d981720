//! Counts how players come and go, as they were told to.

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, Slot};
use dupeproof_sim::{Command, Global};

use crate::coverage::Milestone;

const QUARTER_SECOND: Span = Span::millis(250);
const AT_ONCE: Span = Span::secs(2);
const HALF_AN_HOUR: Span = Span::secs(1_800);
const SAVING: Span = Span::millis(400);

/// Who is where, and what was saved last.
#[derive(Clone, Debug, Default)]
pub(super) struct Visits {
    here: Vec<(Slot, PlayerId, Global)>,
    saved: Option<(Slot, PlayerId, Global)>,
}

impl Visits {
    /// A command, and what it comes to.
    pub(super) fn told(&mut self, at: Global, slot: Slot, command: Command) -> Option<Milestone> {
        match command {
            Command::Join(player) | Command::Steal(player) => self.came(at, slot, player),
            Command::Leave(player) => self.left(at, slot, player),
            Command::Save(player) => {
                self.saved = Some((slot, player, at));
                None
            }
            Command::Edit(player) => {
                let saving = self.saved.filter(|saved| (saved.0, saved.1) == (slot, player))?;
                (at.since(saving.2) <= SAVING).then_some(Milestone::EditedWhileSaving)
            }
            _ => None,
        }
    }

    fn came(&mut self, at: Global, slot: Slot, player: PlayerId) -> Option<Milestone> {
        if self.here.iter().any(|here| (here.0, here.1) == (slot, player)) {
            return None;
        }
        self.here.push((slot, player, at));
        let at_once = self.here.iter().filter(|here| here.1 == player && at.since(here.2) <= AT_ONCE).count();
        (at_once == 3).then_some(Milestone::AskedAtOnce)
    }

    fn left(&mut self, at: Global, slot: Slot, player: PlayerId) -> Option<Milestone> {
        let index = self.here.iter().position(|here| (here.0, here.1) == (slot, player))?;
        let stay = at.since(self.here.swap_remove(index).2);
        match stay {
            _ if stay <= QUARTER_SECOND => Some(Milestone::LeftWhileStarting),
            _ if stay >= HALF_AN_HOUR => Some(Milestone::StayedLong),
            _ => None,
        }
    }
}
