//! The hint for a name that is not known: which names are allowed, and which is nearest.

use std::borrow::Cow;

/// Names that are all listed; of more, only the nearest are.
const LISTED: usize = 30;
/// How many of those.
const NEAREST: usize = 3;

/// `unknown knob ...`: what is wrong with a name, and which are allowed.
pub fn unknown<'a>(noun: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let name = shown(name);
    format!("unknown {noun} `{name}`; {}", allowed(&name, known))
}

/// Characters of a name that is shown: no name that is known has more.
const NAME_MAX: usize = 60;

/// A name that somebody else has written, in one line: control characters are shown as `\x0a`, and a long name is cut.
pub fn shown(name: &str) -> Cow<'_, str> {
    let mut rest = name.chars();
    let head: String = rest.by_ref().take(NAME_MAX).collect();
    let more = rest.count();
    if more == 0 && !name.contains(char::is_control) {
        return Cow::Borrowed(name);
    }
    let mut text = String::new();
    for letter in head.chars() {
        match letter.is_control() {
            true => text.push_str(&format!("\\x{:02x}", u32::from(letter))),
            false => text.push(letter),
        }
    }
    if more > 0 {
        text.push_str(&format!("... ({more} characters more)"));
    }
    Cow::Owned(text)
}

/// `did you mean ...? expected one of ...`.
pub fn allowed<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    let listed = known.clone();
    known.sort_by_key(|other| distance(name, other));
    let guess = match known.first() {
        Some(nearest) if is_near(name, nearest) => format!("did you mean `{nearest}`? "),
        _ => String::new(),
    };
    if listed.len() <= LISTED {
        return format!("{guess}expected one of {}", quoted(&listed));
    }
    known.truncate(NEAREST);
    format!("{guess}nearest are {}; `dupeproof list` shows all {}", quoted(&known), listed.len())
}

/// Each name in backticks, with commas between.
pub fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Whether a person may have meant the other name: at most every third letter and one more is wrong (one letter in short
/// names, where two make another word), or one begins with the other.
fn is_near(name: &str, other: &str) -> bool {
    let shorter = name.len().min(other.len());
    let wrong = if shorter < 6 { 1 } else { 1 + shorter / 3 };
    distance(name, other) <= wrong || (shorter > 2 && (name.starts_with(other) || other.starts_with(name)))
}

/// Letters to put in, take out or change, or neighbours to swap; upper and lower case are the same.
fn distance(one: &str, other: &str) -> usize {
    strsim::osa_distance(&one.to_lowercase(), &other.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_in_one_line_and_cut() {
        assert_eq!(shown("Grüße"), "Grüße");
        assert_eq!(shown("a\nb\u{9b}"), r"a\x0ab\x9b");
        assert_eq!(shown(&"é".repeat(100)), format!("{}... (40 characters more)", "é".repeat(60)));
    }

    #[test]
    fn a_slip_of_the_pen_is_near_and_another_word_is_not() {
        assert_eq!(distance("Swarm", "swarm"), 0);
        assert!(
            is_near("lost_replys", "lost_reply") && is_near("swam", "swarm") && is_near("outage", "outage_datastore")
        );
        assert!(
            is_near("coer", "core")
                && is_near("naiv", "naive")
                && is_near("stromy", "stormy")
                && is_near("lost-replies", "lost_reply")
        );
        assert!(!is_near("weather", "swarm") && !is_near("nope", "core"));
    }

    #[test]
    fn a_few_names_are_all_listed_and_of_many_the_nearest() {
        assert_eq!(
            unknown("world", "stromy", ["calm", "stormy"]),
            "unknown world `stromy`; did you mean `stormy`? expected one of `calm`, `stormy`"
        );
        let many: Vec<String> = (0..40).map(|number| format!("knob_{number}")).collect();
        let said = allowed("knob_399", many.iter().map(String::as_str));
        assert!(
            said.starts_with("did you mean `knob_39`? nearest are `knob_39`, ") && said.ends_with("shows all 40"),
            "{said}"
        );
    }
}
