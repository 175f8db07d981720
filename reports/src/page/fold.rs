//! A part of the page that is folded away until somebody asks for it.

use maud::{Markup, html};

/// A part of the page.
pub(super) struct Fold {
    /// Its anchor.
    pub(super) id: &'static str,
    /// What it is called, in the list of contents as well.
    pub(super) title: &'static str,
    /// What it holds, in a few words beside the title; may be empty.
    pub(super) note: String,
    /// Whether it is open at first.
    pub(super) is_open: bool,
    /// All that it holds.
    pub(super) body: Markup,
}

impl Fold {
    /// A line, with its content folded away. A link to the anchor opens it, also without a script.
    pub(super) fn markup(&self) -> Markup {
        html! {
            section aria-labelledby={ (self.id) "-title" } {
                details.fold open[self.is_open] {
                    summary { h2 id={ (self.id) "-title" } { (self.title) } @if !self.note.is_empty() { " " span.note { (self.note) } } }
                    div id=(self.id) { (self.body) }
                }
            }
        }
    }
}
