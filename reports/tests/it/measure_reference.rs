//! The reference of measures in the book is what the tables of measures and bounds say.

use dupeproof::distribution::{Unit, distributions};
use dupeproof_scenarios::bound::{BOUNDS, Bound};
use dupeproof_scenarios::measure::{CASE_MEASURES, CaseUnit, Measures, Worse};

use crate::documents::hold;

const PAGE: &str = "reports/book/src/reference/measures.md";

/// A table, between marks with its name.
fn hold_table(name: &str, head: &str, rows: impl Iterator<Item = String>) {
    let columns = head.split('|').count() - 2;
    let rows: String = rows.collect();
    let table = format!("\n{head}\n|{}\n{rows}\n", "---|".repeat(columns));
    let marks = ["begin", "end"].map(|which| format!("<!-- {name}: {which} -->\n"));
    hold(PAGE, [&marks[0], &marks[1]], &table, "measure_reference");
}

// One test: all of them write the same page with `UPDATE`.
#[test]
fn the_reference_of_measures_says_what_the_tables_say() {
    let of_runs = distributions(&Measures::default());
    let of_runs = of_runs.iter().map(|(name, measure)| {
        let unit = match measure.unit {
            Unit::Seconds => "seconds",
            Unit::PerHour => "per hour",
            Unit::Count => "count",
        };
        format!("| `{name}` | {} | {} | {unit} |\n", measure.about, measure.each)
    });
    hold_table("of runs", "| name | what | each number is of a | unit |", of_runs);
    let of_bound = |bound: &Bound| format!("| `{}` | {} |\n", bound.name, bound.about);
    hold_table("bounds", "| name | bounds |", BOUNDS.iter().map(of_bound));
    let of_cases = CASE_MEASURES.iter().map(|measure| {
        let unit = match measure.unit {
            CaseUnit::Milliseconds => "ms",
            CaseUnit::PerHour => "per hour",
            CaseUnit::Count => "count",
            CaseUnit::Percent => "percent",
        };
        let worse = match measure.worse {
            Worse::More => "more",
            Worse::Less => "less",
        };
        format!("| `{}` | {} | {unit} | {worse} |\n", measure.name, measure.about)
    });
    hold_table("of cases", "| name | what | unit | worse is |", of_cases);
}
