//! What is too much for one page: packed in the form `deflate-raw`, which browsers unpack by themselves.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use miniz_oxide::deflate::compress_to_vec;

/// A page stays quick to open with so many bytes of pictures and stories as they are.
const PLAIN_MOST: usize = 600_000;
/// Those that are packed together, since they are much alike.
const TOGETHER: usize = 24;
/// How hard to try, up to 10.
const LEVEL: u8 = 8;
/// Between two in one block; no markup holds it.
const SEPARATOR: &str = "\0";

/// The pictures and stories of a page.
#[derive(Default)]
pub(super) struct Pack {
    plain: usize,
    packed: Vec<String>,
}

impl Pack {
    /// What stands in the page for a part of it: the part, or what a script replaces by it.
    pub(super) fn put(&mut self, part: Markup) -> Markup {
        self.plain += part.0.len();
        if self.plain <= PLAIN_MOST {
            return part;
        }
        let place = self.packed.len();
        self.packed.push(part.into_string());
        html! {
            div.packed data-block=(place / TOGETHER) data-place=(place % TOGETHER) {
                noscript { p { "Too much for one page, so it is packed: scripts must run to show it." } }
            }
        }
    }

    /// All that was packed.
    pub(super) fn blocks(&self) -> Markup {
        html! {
            @for (place, block) in self.packed.chunks(TOGETHER).enumerate() {
                template id={ "block-" (place) } { (STANDARD.encode(compress_to_vec(block.join(SEPARATOR).as_bytes(), LEVEL))) }
            }
        }
    }
}
