//! What a number of schedules says of those that were not run.

use dupeproof_scenarios::behaviour::BehaviourSeen;

use crate::format;

/// Fewer schedules say nothing.
const LEAST: u64 = 30;

/// What never came up in so many schedules comes up in fewer than one in so many, with a confidence of 95 %: the rule of three
/// (Hanley and Lippman-Hand, "If nothing goes wrong, is everything all right?", 1983). `None` of too few schedules.
pub fn rarer_than_one_in(schedules: u64) -> Option<u64> {
    (schedules >= LEAST).then_some(schedules / 3)
}

/// `what did not come up is in fewer than 1 of 3,333 schedules like these (95 % confidence)`.
pub fn rarity_words(schedules: u64) -> Option<String> {
    let one_in = rarer_than_one_in(schedules)?;
    Some(format!(
        "what did not come up is in fewer than 1 of {} schedules like these (95 % confidence)",
        format::count(one_in)
    ))
}

/// `8,412 pairs of events seen together; about one in 833 schedules shows a new one`.
pub fn behaviour_words(behaviour: &BehaviourSeen) -> Option<String> {
    let until_new = behaviour.schedules_until_new()?;
    let seen = format::counted(behaviour.seen, "pair");
    let rate = match behaviour.alone {
        0 => format!("fewer than one in {}", format::counted(until_new, "schedule")),
        _ if until_new <= 1 => "nearly every schedule".to_owned(),
        _ => format!("about one in {}", format::counted(until_new, "schedule")),
    };
    Some(format!("{seen} of events seen together; {rate} shows a new one"))
}

#[cfg(test)]
mod tests {
    use dupeproof_scenarios::behaviour::BehaviourSeen;

    use super::{behaviour_words, rarer_than_one_in, rarity_words};

    #[test]
    fn a_third_of_the_schedules_bounds_what_did_not_come_up() {
        assert_eq!((rarer_than_one_in(29), rarer_than_one_in(1_000_000)), (None, Some(333_333)));
        assert!(rarity_words(10_000).unwrap().contains("1 of 3,333 schedules"));
    }

    #[test]
    fn what_was_seen_once_says_how_soon_something_new_comes() {
        let curve = vec![(1, 900), (10_000, 2_000)];
        let seen = |alone| BehaviourSeen { seen: 2_000, alone, once: 2 * alone, twice: 3, curve: curve.clone() };
        let words = |alone| behaviour_words(&seen(alone)).unwrap();
        assert_eq!(words(12), "2,000 pairs of events seen together; about one in 833 schedules shows a new one");
        assert!(words(0).ends_with("fewer than one in 10,000 schedules shows a new one"));
        assert!(words(9_000).ends_with("nearly every schedule shows a new one"));
        assert_eq!(behaviour_words(&BehaviourSeen::default()), None);
    }
}
