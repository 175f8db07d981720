//! Numbers, spans, paths and words of commands as people read them.

use std::borrow::Cow;
use std::path::Path;

use dupeproof_scenarios::belief::Belief;
use dupeproof_sim::Global;

/// 1234567 as `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and its noun, in the plural unless it is one.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// `never`, `once`, `12 times`.
pub fn times(number: u64) -> String {
    match number {
        0 => "never".into(),
        1 => "once".into(),
        more => format!("{} times", count(more)),
    }
}

/// Seconds in the unit that suits them: `0.3 s`, `12 min`, `5.2 h`, `41 days`, `2.4 years`.
pub fn span(seconds: f64) -> String {
    // Least, size and name. Below two of a unit the smaller one says more, except for years.
    const UNITS: [(f64, f64, &str); 4] = [
        (31_557_600.0, 31_557_600.0, "years"),
        (2.0 * 86_400.0, 86_400.0, "days"),
        (2.0 * 3_600.0, 3_600.0, "h"),
        (120.0, 60.0, "min"),
    ];
    match UNITS.into_iter().find(|(least, _, _)| seconds >= *least) {
        Some((_, size, name)) => format!("{} {name}", short(seconds / size)),
        None => format!("{} s", short(seconds)),
    }
}

/// A moment of a run in seconds since its start, to the millisecond.
pub fn moment(at: Global) -> String {
    let thousandths = at.0 / 1_000;
    format!("{}.{:03} s", count(thousandths / 1_000), thousandths % 1_000)
}

/// `34 %`, below a tenth `1 in 40`, or `all`.
pub fn rate(part: u64, whole: u64) -> String {
    if part >= whole {
        return "all".into();
    }
    if part.saturating_mul(10) > whole {
        let percent = (u128::from(part) * 200 + u128::from(whole)) / (u128::from(whole) * 2);
        return format!("{} %", percent.min(99));
    }
    format!("1 in {}", count((whole + part / 2) / part.max(1)))
}

/// The words of a command that choose schedules: `--suite swarm --world stormy`, or `--scenario FILE`.
pub fn schedules_words(scenario: Option<&str>, suite: &str, world: Option<&str>) -> String {
    let from = scenario.map_or_else(|| format!("--suite {suite}"), |file| format!("--scenario {}", quoted(file)));
    let world = world.map_or_else(String::new, |world| format!(" --world {world}"));
    format!("{from}{world}")
}

/// The words of a command that say what is believed, unless the schedules say so themselves: ` --believe reported`.
pub fn believe_words(believe: Belief, is_own: bool) -> String {
    if is_own { String::new() } else { format!(" --believe {}", believe.name()) }
}

/// `0.4 per 1,000`; `none` for zero.
pub fn per_thousand(rate: f64) -> String {
    if rate > 0.0 { format!("{} per 1,000", bare_per_thousand(rate)) } else { bare_per_thousand(rate) }
}

/// `0.4`, where it has been said that it is per 1,000; `none` for zero.
pub fn bare_per_thousand(rate: f64) -> String {
    match rate {
        _ if rate <= 0.0 => "none".into(),
        _ if rate < 0.001 => "under 0.001".into(),
        _ if rate < 0.1 => format!("{rate:.3}"),
        _ => short(rate),
    }
}

/// A sentence with a capital at its beginning.
pub fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Two significant digits or so, without a needless `.0`.
fn short(number: f64) -> String {
    let text = if number < 10.0 { format!("{number:.1}") } else { format!("{number:.0}") };
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// The command that replays a failure file, to be pasted into a shell.
pub fn replay_command(file: &Path) -> String {
    format!("dupeproof replay {}", quoted(&file.display().to_string()))
}

/// A word, to be pasted into a shell; no path is taken for a flag.
pub fn quoted(word: &str) -> String {
    let word = if word.starts_with('-') { format!("./{word}") } else { word.to_owned() };
    if cfg!(windows) {
        return format!("\"{word}\"");
    }
    // Only a NUL cannot be quoted, and no command line can hold one.
    shlex::try_quote(&word).map_or_else(|_| word.replace('\0', ""), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "schedule"), "1 schedule");
        assert_eq!(counted(2, "schedule"), "2 schedules");
        assert_eq!([0, 1, 2].map(times), ["never", "once", "2 times"]);
    }

    #[test]
    fn spans_take_the_unit_that_suits_them() {
        assert_eq!(span(0.25), "0.2 s");
        assert_eq!(span(42.0), "42 s");
        assert_eq!(span(150.0), "2.5 min");
        assert_eq!(span(3.0 * 3_600.0), "3 h");
        assert_eq!(span(50.0 * 86_400.0), "50 days");
        assert_eq!(span(31_557_600.0 * 2.5), "2.5 years");
    }

    #[test]
    fn a_path_with_a_space_is_quoted_and_one_with_a_dash_is_no_flag() {
        assert_eq!(replay_command(Path::new("out/a.json")), "dupeproof replay out/a.json");
        assert_eq!(replay_command(Path::new("my out/a.json")), "dupeproof replay 'my out/a.json'");
        assert_eq!(shlex::split(&replay_command(Path::new("it's $1"))).unwrap(), ["dupeproof", "replay", "it's $1"]);
        assert_eq!(replay_command(Path::new("-out/a.json")), "dupeproof replay ./-out/a.json");
    }

    #[test]
    fn a_rate_is_a_percentage_and_if_it_is_small_one_in_so_many() {
        assert_eq!(rate(10, 10), "all");
        assert_eq!(rate(999, 1_000), "99 %");
        assert_eq!(rate(1, 2), "50 %");
        assert_eq!(rate(1, 10), "1 in 10");
        assert_eq!(rate(3, 1_000), "1 in 333");
    }

    #[test]
    fn a_rate_of_a_thousand_is_as_exact_as_it_is_small() {
        assert_eq!(per_thousand(0.0), "none");
        assert_eq!(per_thousand(0.0002), "under 0.001 per 1,000");
        assert_eq!(per_thousand(0.0123), "0.012 per 1,000");
        assert_eq!(per_thousand(3.0), "3 per 1,000");
        assert_eq!(per_thousand(15.63), "16 per 1,000");
    }
}
