//! How real a fault is.

use crate::catalogue::catalogue;

catalogue! {
    /// How much is known of whether something happens on live servers of Roblox; the most real first.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Evidence {
        Ordinary "ordinary" "players, the game and its admins do it every day",
        Documented "documented" "Roblox says so, in its documentation or through its staff",
        Reported "reported" "somebody has seen it and said so in public",
        Inferred "inferred" "it follows from what is documented or reported, and nobody has shown it by itself",
        Developing "only in Studio" "documented, and only while developing: no live server is one of Studio",
        NeverSeen "never seen" "nothing speaks for it but that nothing rules it out",
    }
}
