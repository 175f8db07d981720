//! The stories, as they are read.

use dupeproof::page::Illustration;
use dupeproof::story;

use crate::stage::{frozen_holder, half_decided_trade, half_saved_swap};

#[test]
fn the_story_of_a_frozen_holder_tells_the_finding_in_its_place() {
    let (events, finding) = frozen_holder();
    insta::assert_snapshot!(story::plain(&Illustration::of(&events, &finding).story));
}

#[test]
fn the_story_of_a_half_saved_swap_ends_with_what_is_stored() {
    let (events, finding) = half_saved_swap();
    insta::assert_snapshot!(story::plain(&Illustration::of(&events, &finding).story));
}

#[test]
fn the_story_of_a_half_decided_trade_names_trades_gifts_messages_and_purchases() {
    let (events, finding) = half_decided_trade();
    insta::assert_snapshot!(story::plain(&Illustration::of(&events, &finding).story));
}
