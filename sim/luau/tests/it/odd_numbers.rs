//! Luau's library, called with numbers at and beyond the edges of their types. That all builds agree is shown by comparing
//! what the example `odd_numbers` prints.

#[path = "../../examples/odd_numbers/calls.rs"]
mod calls;

use dupeproof_sim::network::Network;

use crate::common::{run, schedule, script};

#[test]
fn the_compiler_and_the_library_make_the_same_of_odd_numbers() {
    let (lines, _) = run(&script(&calls::script()), &schedule(120), Network::Event);
    let different: Vec<_> = lines.iter().filter(|line| line.starts_with("DIFFERENT")).collect();
    assert!(different.is_empty(), "{different:#?}");
    assert_eq!(lines.len(), calls::COUNT, "{:?}", lines.last());
    // By hand: a shift by more than all bits leaves none, and what is no number has no bits.
    for (call, result) in [("bit32.lshift(1, (32))", "\"0\""), ("bit32.rshift(-1, (33))", "\"0\"")] {
        assert!(lines.contains(&format!("{call} {result}")), "{call} is {result}");
    }
}
