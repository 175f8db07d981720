//! What the page does where scripts run: modules that need nothing but the page, one after the other in one text.

/// Each may use those before it.
const MODULES: [&str; 5] = [
    include_str!("script/moment.js"),
    include_str!("script/pack.js"),
    include_str!("script/picture.js"),
    include_str!("script/filters.js"),
    include_str!("script/page.js"),
];

/// All modules as one.
pub(super) fn text() -> String {
    MODULES.concat()
}
