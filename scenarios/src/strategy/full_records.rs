//! Records that are full of what they remember only so much of, so that each purchase and each new sender of a message
//! makes them forget an older one.

use std::collections::BTreeSet;

use dupeproof_sim::guest::Command;
use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::{Action, Schedule};

use crate::fault::Draw;

/// In so many schedules of a hundred. What is forgotten is what a record began with: it remembers as much as can come
/// within the run, or little more.
pub(super) fn fill(seed: Seed, percent: u8, schedule: &mut Schedule) {
    let mut draw = Draw::new(seed, "full records");
    if draw.percent(percent) {
        let more = draw.pick(&[0, 0, 3, 20]);
        schedule.game.remembered = most_to_remember(schedule).max(1) + more;
    }
}

/// The receipts that there are, or the senders of messages: each life of a server is one, and each player who gives,
/// once more for each time that the profile may be made anew.
fn most_to_remember(schedule: &Schedule) -> u32 {
    let mut receipts = BTreeSet::new();
    let (mut lives, mut profiles) = (schedule.servers.len() + 1, schedule.players.len());
    for step in &schedule.timeline {
        match step.action {
            Action::Purchase { receipt, .. } => drop(receipts.insert(receipt)),
            Action::Restart { .. } => lives += 1,
            Action::Command { command: Command::Remove(_), .. } => profiles += 1,
            _ => {}
        }
    }
    u32::try_from(receipts.len().max(lives + profiles)).expect("timelines are short")
}
