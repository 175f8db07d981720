//! How to read the pictures.

use maud::{Markup, html};

/// The signs, each with its meaning.
pub(super) fn legend() -> Markup {
    html! {
        details.legend open {
            summary { "How to read the pictures" }
            ul {
                (sign("live", "a session is live: its server believes that it owns the profile"))
                (sign("dormant", "a session is there but not live: suspended, or its lease has run out"))
                (sign("overlap", "two sessions of one player are live at once"))
                (sign("lock", "whose name stands in the record's lock"))
                (sign("marker", "who asks for the lock"))
                (sign("freeze", "a server is frozen"))
                (sign("cut", "a link is cut, or a service is out"))
                (sign("finding", "the finding"))
            }
            p {
                "A lane for each server, with a frame for each life (JobId), and a lane for each key in the DataStore. "
                "Time runs from left to right, in seconds. Where nothing happens for a while it is cut: a zigzag on the "
                "axis, with what was left out; moments that are very close are drawn apart. "
                "Solid arrows are writes and their answers, dotted ones reads (drawn as served halfway; only those of "
                "starting sessions are shown), dashed ones messages between servers; ✗ is a conflict or a loss, ! an error; "
                "“waits” stands where a request waited for its budget. "
                "States of the data are numbered in the order in which they come up; state 0 is data that nobody has changed yet. "
                "Dots on a session are changes to its data, with the number of the new state; diamonds are items given "
                "or got, full ones items put aside for a trade or a gift; full dots under a session are messages handled; "
                "ticks on a key are writes, with the number of the state stored."
            }
        }
    }
}

fn sign(class: &str, meaning: &str) -> Markup {
    html! {
        li {
            svg.sign viewBox="0 0 36 16" width="36" height="16" aria-hidden="true" {
                @match class {
                    "finding" => line.finding-line x1="18" y1="0" x2="18" y2="16" {},
                    "dormant" => {
                        rect.dormant x="1" y="2" width="34" height="12" {}
                        @for x in [4, 10, 16, 22, 28] { line.hatch x1=(x) y1="14" x2=(x + 5) y2="2" {} }
                    }
                    "freeze" => {
                        rect.freeze x="1" y="2" width="34" height="12" {}
                        @for y in [5, 8, 11] { line.hatch x1="1" y1=(y) x2="35" y2=(y) {} }
                    }
                    "marker" => line.marker x1="1" y1="8" x2="35" y2="8" {},
                    class => rect class=(class) x="1" y="2" width="34" height="12" {},
                }
            }
            " " (meaning)
        }
    }
}
