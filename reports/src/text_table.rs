//! A table for a terminal.

use std::fmt;

use crate::wrap::{self, WIDTH, width_of};

/// Between two columns.
const GAP: &str = "  ";

/// Cells below heads, with one rule between them. What is too wide is broken between words.
pub struct TextTable {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    width: usize,
    right: Vec<usize>,
}

impl TextTable {
    /// Has these heads, and no row yet.
    pub fn new(heads: impl IntoIterator<Item = impl Into<String>>) -> TextTable {
        let heads = heads.into_iter().map(Into::into).collect();
        TextTable { heads, rows: Vec::new(), width: WIDTH, right: Vec::new() }
    }

    /// Takes at most so many columns of the terminal, if its words do.
    #[must_use]
    pub fn within(self, width: usize) -> TextTable {
        TextTable { width, ..self }
    }

    /// The cells of these columns end below each other.
    #[must_use]
    pub fn right(self, columns: impl IntoIterator<Item = usize>) -> TextTable {
        TextTable { right: columns.into_iter().collect(), ..self }
    }

    /// Adds a row. Cells that are left out are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The same in several tables, each with the first column and as many of the others as fit beside it unbroken.
    pub fn parts(&self) -> Vec<TextTable> {
        let first = self.widest(0, longest_word);
        let (mut parts, mut taken): (Vec<Vec<usize>>, usize) = (Vec::new(), 0);
        for column in 1..self.heads.len() {
            let width = GAP.len() + self.widest(column, longest_line);
            if parts.is_empty() || taken + width > self.width {
                parts.push(vec![0]);
                taken = first;
            }
            taken += width;
            parts.last_mut().expect("one was begun").push(column);
        }
        parts.iter().map(|columns| self.only(columns)).collect()
    }

    fn only(&self, columns: &[usize]) -> TextTable {
        let of =
            |row: &Vec<String>| columns.iter().map(|column| row.get(*column).cloned().unwrap_or_default()).collect();
        let right =
            columns.iter().enumerate().filter(|(_, column)| self.right.contains(column)).map(|(place, _)| place);
        TextTable {
            heads: of(&self.heads),
            rows: self.rows.iter().map(of).collect(),
            width: self.width,
            right: right.collect(),
        }
    }

    /// Its head and its cells.
    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        let cells = self.rows.iter().map(move |row| row.get(column).map_or("", String::as_str));
        std::iter::once(&*self.heads[column]).chain(cells)
    }

    /// The most that a cell of a column measures.
    fn widest(&self, column: usize, measure: fn(&str) -> usize) -> usize {
        self.cells(column).map(measure).max().unwrap_or(0)
    }

    /// As wide as what is in them; if that is too much, the widest give way first, down to their longest words.
    fn widths(&self) -> Vec<usize> {
        let columns = 0..self.heads.len();
        let of = |measure: fn(&str) -> usize| columns.clone().map(|column| self.widest(column, measure)).collect();
        let (mut widths, least): (Vec<usize>, Vec<usize>) = (of(longest_line), of(longest_word));
        let gaps = GAP.len() * self.heads.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > self.width {
            let wide = columns.clone().filter(|column| widths[*column] > least[*column]);
            let Some(widest) = wide.max_by_key(|column| widths[*column]) else { break };
            widths[widest] -= 1;
        }
        widths
    }

    fn write_row(&self, cells: &[String], widths: &[usize], out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines_of = |(cell, width): (&String, &usize)| wrap::lines(cell, *width);
        let cells: Vec<Vec<String>> = cells.iter().zip(widths).map(lines_of).collect();
        for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let mut text = String::new();
            for (column, width) in widths.iter().enumerate() {
                let shown = cells.get(column).and_then(|lines| lines.get(line)).map_or("", String::as_str);
                let is_right = self.right.contains(&column);
                let shown = if is_right { shown.trim_start() } else { shown };
                let space = " ".repeat(width.saturating_sub(width_of(shown)));
                let gap = if column > 0 { GAP } else { "" };
                text.push_str(&if is_right { format!("{gap}{space}{shown}") } else { format!("{gap}{shown}{space}") });
            }
            writeln!(out, "{}", text.trim_end())?;
        }
        Ok(())
    }
}

impl fmt::Display for TextTable {
    /// Each line ends with a line end.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        self.write_row(&self.heads, &widths, out)?;
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        writeln!(out, "{}", "─".repeat(widths.iter().sum::<usize>() + gaps))?;
        self.rows.iter().try_for_each(|row| self.write_row(row, &widths, out))
    }
}

/// How wide a cell is if no line is broken.
fn longest_line(cell: &str) -> usize {
    cell.lines().map(width_of).max().unwrap_or(0)
}

/// How narrow a cell can be. A line that goes on is indented, so a word may need more than itself.
fn longest_word(cell: &str) -> usize {
    let of_line = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        let words = line.split_whitespace().enumerate();
        words.map(|(place, word)| indent + width_of(word) + if place > 0 { 2 } else { 0 }).max().unwrap_or(0)
    };
    cell.lines().map(of_line).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::TextTable;

    fn table() -> TextTable {
        let mut table = TextTable::new(["cause", "seen"]).right([1]);
        table.row(["a player joins", "16"]);
        table.row(["a crash", "3"]);
        table
    }

    #[test]
    fn cells_stand_below_their_heads_without_a_rule_between_rows() {
        assert_eq!(
            table().to_string(),
            "cause           seen\n────────────────────\na player joins    16\na crash            3\n"
        );
    }

    #[test]
    fn what_is_too_wide_goes_on_in_the_next_line() {
        let narrow = table().within(16).to_string();
        assert_eq!(narrow, "cause       seen\n────────────────\na player      16\n  joins\na crash        3\n");
    }

    #[test]
    fn columns_that_do_not_fit_go_into_another_part_with_the_first_one_again() {
        let mut wide = TextTable::new(["kind", "core", "naive"]).within(12).right([2]);
        wide.row(["Lost", "none", "12"]);
        let parts: Vec<String> = wide.parts().iter().map(ToString::to_string).collect();
        assert_eq!(parts, ["kind  core\n──────────\nLost  none\n", "kind  naive\n───────────\nLost     12\n"]);
        assert_eq!(wide.within(80).parts().len(), 1);
    }
}
