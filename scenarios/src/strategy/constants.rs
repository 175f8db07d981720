//! Constants of the game that differ from the subject's own.
//!
//! Not drawn: `START_SESSION_TIMEOUT`, because a start that gives up early only means fewer sessions; `SESSION_STEAL`
//! and `ASSUME_DEAD`, which only count for holders without a lease; and those of the critical state, which only tell the game
//! of it. The lease and the bounds of what records remember are drawn apart.

use dupeproof_core::Span;
use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::GamePlan;

use crate::fault::Draw;

/// In so many schedules of a hundred: one, two or all three of them.
pub(super) fn set(seed: Seed, percent: u8, game: &mut GamePlan) {
    let mut draw = Draw::new(seed, "constants");
    if !draw.percent(percent) {
        return;
    }
    let one = draw.below(3);
    if one == 0 || draw.percent(40) {
        game.auto_save_period = draw.pick(&[Span::secs(30), Span::secs(60), Span::secs(900)]);
    }
    if one == 1 || draw.percent(40) {
        game.load_repeat_period = draw.pick(&[Span::secs(6), Span::secs(20), Span::secs(40)]);
    }
    if one == 2 || draw.percent(40) {
        game.message_queue = draw.pick(&[2, 5, 20]);
    }
}
