//! What the records of players are called, where a game has keys of its own.

use dupeproof_sim::guest::PLAYER_PREFIX;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::{Place, Subject};
use maud::{Markup, PreEscaped, html};

/// Pictures and stories are worded with the keys of the built-in subjects; this puts the game's own in their place.
#[derive(Clone, Debug)]
pub struct Names(Place);

impl Default for Names {
    /// Those of the built-in subjects.
    fn default() -> Names {
        Names(Place::built_in())
    }
}

impl Names {
    /// Those of this subject.
    pub fn of(subject: &dyn Subject) -> Names {
        Names(subject.place())
    }

    /// A text with the game's keys.
    pub fn in_text(&self, text: String) -> String {
        self.renamed(text, |key| key)
    }

    /// A picture with the game's keys.
    pub fn in_markup(&self, markup: Markup) -> Markup {
        PreEscaped(self.renamed(markup.into_string(), |key| html! { (key) }.into_string()))
    }

    /// A player by the key; a key that is a mere number says of what.
    fn named(&self, player: PlayerId) -> String {
        let key = self.0.key.key_of(player);
        if key.starts_with(|first: char| first.is_ascii_digit()) { format!("player {key}") } else { key }
    }

    fn renamed(&self, text: String, written: impl Fn(String) -> String) -> String {
        if self.0.key == Place::built_in().key || !text.contains(PLAYER_PREFIX) {
            return text;
        }
        let mut parts = text.split(PLAYER_PREFIX);
        let mut renamed = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(part.len());
            let (number, rest) = part.split_at(digits);
            match number.parse() {
                Ok(player) => renamed.push_str(&written(self.named(PlayerId(player)))),
                Err(_) => renamed.extend([PLAYER_PREFIX, number]),
            }
            renamed.push_str(rest);
        }
        renamed
    }
}

#[cfg(test)]
mod tests {
    use dupeproof_sim::KeyPattern;

    use super::*;

    #[test]
    fn a_games_own_keys_take_the_place_of_ours() {
        let names = |pattern| Names(Place { key: KeyPattern::parse(pattern).expect("it is one"), ..Place::built_in() });
        let text = || "Player_0 and Player_12's data, and Player_x".to_owned();
        assert_eq!(Names::default().in_text(text()), text());
        assert_eq!(names("%d_slot2").in_text(text()), "player 0_slot2 and player 12_slot2's data, and Player_x");
        assert_eq!(names("<%d>").in_markup(PreEscaped("<b>Player_3</b>".into())).into_string(), "<b>&lt;3&gt;</b>");
    }
}
