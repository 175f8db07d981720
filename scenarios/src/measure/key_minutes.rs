//! How much is written to each player's record in a minute.

use dupeproof_core::{Span, Stored};
use dupeproof_sim::Global;
use dupeproof_sim::id::PlayerId;

use super::Sample;

const MINUTE: Span = Span::secs(60);

/// The minutes that go on, by player.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyMinutes {
    minutes: Vec<Minute>,
}

/// What was written in one minute.
#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    /// Counted from the beginning of the run.
    number: u64,
    writes: u64,
    bytes: u64,
}

impl KeyMinutes {
    /// A write was applied. The minute before it, if it is over and something was written in it.
    pub(super) fn wrote(&mut self, at: Global, player: PlayerId, after: Option<&Stored>) -> Option<Sample> {
        let player = usize::from(player.0);
        if player >= self.minutes.len() {
            self.minutes.resize(player + 1, Minute::default());
        }
        let minute = &mut self.minutes[player];
        let number = at.0 / MINUTE.0;
        let before = (minute.number != number).then(|| std::mem::take(minute));
        minute.number = number;
        minute.writes += 1;
        minute.bytes += after.map_or(0, Stored::json_bytes);
        before.and_then(Minute::sample)
    }

    /// The last minutes.
    pub(super) fn end(self) -> impl Iterator<Item = Sample> {
        self.minutes.into_iter().filter_map(Minute::sample)
    }
}

impl Minute {
    fn sample(self) -> Option<Sample> {
        (self.writes > 0).then_some(Sample::KeyMinute { writes: self.writes, bytes: self.bytes })
    }
}
