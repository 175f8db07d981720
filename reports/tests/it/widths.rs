//! What searches print fits a terminal of 80 columns, terminal or not, so that it can be pasted anywhere.

use crate::terminal::Terminal;

/// Columns of a terminal.
const WIDTH: usize = 80;
/// Columns of what people put into issues.
const NARROW: usize = 60;

fn width(line: &str) -> usize {
    line.chars().count()
}

/// Lines that are wider than a terminal, but for commands and paths, which are copied.
fn too_wide(stdout: &str) -> Vec<&str> {
    stdout.lines().filter(|line| width(line) > WIDTH && !line.contains("dupeproof")).collect()
}

fn fits(words: &str, code: i32) -> String {
    let answer = Terminal::new().dupeproof(words);
    assert_eq!(answer.code, code, "{}{}", answer.stdout, answer.stderr);
    let wide = too_wide(&answer.stdout);
    assert!(wide.is_empty(), "{words}: {wide:#?}");
    answer.stdout
}

#[test]
fn a_run_fits_and_its_tables_fit_an_issue_without_a_rule_between_two_rows() {
    let stdout = fits("run --subject naive --cases 200 --seed 7", 1);
    let tables = stdout.lines().skip_while(|line| !line.starts_with("finding ")).take_while(|line| !line.is_empty());
    assert!(tables.clone().count() > 5 && tables.clone().all(|line| width(line) <= NARROW), "{stdout}");
    assert_eq!(tables.filter(|line| line.starts_with('─')).count(), 1, "{stdout}");
    let causes = stdout.lines().skip_while(|line| !line.starts_with("cause ")).take_while(|line| !line.is_empty());
    assert!(causes.clone().count() > 5 && causes.clone().all(|line| width(line) <= NARROW), "{stdout}");
}

#[test]
fn probes_are_counted_and_named_only_if_that_is_asked_for() {
    let short = fits("run --suite calm --cases 250", 0);
    assert!(short.contains("seen: ") && short.contains(" probes (--verbose names them)"), "{short}");
    assert!(!short.contains("sessions_started"), "{short}");
    let long = fits("run --suite calm --cases 250 --verbose", 0);
    assert!(long.contains("sessions_started "), "{long}");
    let few = fits("run --cases 3", 3);
    assert!(few.contains("not seen in so few schedules: ") && !few.contains("clock_stepped"), "{few}");
}

#[test]
fn a_bake_off_of_many_subjects_is_told_in_several_tables() {
    let many: String = (1..=5).map(|number| format!(" --module number_{number}=:naive")).collect();
    let stdout = fits(&format!("bakeoff --subjects core,naive{many} --suite no_swap --cases 4"), 0);
    let heads: Vec<&str> = stdout.lines().filter(|line| line.starts_with("per 1,000 ")).collect();
    assert!(heads.len() > 1 && heads.concat().contains("number_5"), "{stdout}");
}

#[test]
fn a_comparison_and_a_sweep_fit() {
    fits("compare naive core --suite swarm --cases 100", 1);
    fits("sweep --param AUTO_SAVE_PERIOD=30..300:2 --param datastore_latency_max_ms=200..2000:2 --cases 40", 0);
}
