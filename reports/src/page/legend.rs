//! How to read the pictures.

use maud::{Markup, html};

/// The signs, each with its meaning.
pub(super) fn legend() -> Markup {
    html! {
        details.legend {
            summary { "How to read the pictures" }
            ul {
                (sign("live", "a session is live: its server may change and save the profile"))
                (sign("dormant", "a session exists but is not live: it is suspended, or its lease has run out"))
                (sign("overlap", "two sessions of one player are live at once"))
                (sign("lock", "the server that the record's lock names"))
                (sign("marker", "the server that asks for the lock"))
                (sign("freeze", "a server is frozen"))
                (sign("cut", "a link is cut, or a service is out"))
                (sign("finding", "the finding"))
                (sign("at-fault", "the step at fault, also as a circle on its lane"))
            }
            p {
                "Each server has a lane, with a box for each life (JobId). Each key in the DataStore has a lane. "
                "Time runs from left to right, in seconds. A zigzag on the axis shows where time was left out because nothing "
                "happens, and how much; moments that are very close are shown apart. "
                "Solid arrows are writes and their answers. Dotted arrows are reads, shown as if served halfway; only the reads "
                "of starting sessions are shown. Dashed arrows are messages between servers. ✗ is a conflict or a loss, ! is an "
                "error, and “waits” marks a request that waited for its budget. "
                "States of the data are numbered in the order in which they appear; state 0 is data that was never changed. "
                "Dots on a session are changes to its data, with the number of the new state. Diamonds are items given or "
                "received, joined by a dotted line where one leads to the other; full diamonds are items put aside for a trade or a gift. Full dots below a session are messages "
                "handled. Ticks on a key are writes, with the number of the stored state. An entry of a memory store whose key or "
                "map has the player's UserId has a lane, too: the server that wrote it, until somebody else does, it is removed, "
                "or it expires."
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
                    "at-fault" => g.at-fault { line x1="18" y1="0" x2="18" y2="16" {} },
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
