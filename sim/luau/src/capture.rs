//! The sessions that a game starts by itself: a first calm start shows their store, scope and keys.

use std::sync::{Arc, Mutex, PoisonError};

use dupeproof_core::Span;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, PlayerPlan, ServerPlan, Step};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, Global, Observer, Schedule, Subject};
use serde_json::{Value as Json, json};

/// What games asked their data module for, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Starts(Arc<Mutex<Vec<Json>>>);

impl Starts {
    /// One more: an object with `store`, `scope`, `key` and `template`.
    pub(crate) fn add(&self, start: Json) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(start);
    }

    fn all(&self) -> Vec<Json> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Who joins the first start: two, because a digit of a key is the UserId if it differs between them.
const PLAYERS: [PlayerId; 2] = [PlayerId(0), PlayerId(1)];

/// Games that load slowly do so within this time.
const LENGTH: Span = Span::secs(60);

/// Nobody looks at what happens in the first start.
struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _: Global, _: &Event) {}
}

/// Runs the game for a moment. Returns what is true of all its players: `store`, `scope`, `key` (a pattern), `template` and
/// `words` (the names of the fields that the adapter adds); `None` if it starts no session of a player.
pub(crate) fn find(subject: &dyn Subject, starts: &Starts) -> Option<Json> {
    Network::Event.run(&schedule(), subject, &mut Nobody);
    of(&starts.all())
}

fn schedule() -> Schedule {
    let join = |player| Action::Command { server: 0, command: Command::Join(player) };
    let timeline = PLAYERS.map(|player| Step { at: Span::secs(2 + u64::from(player.0)), action: join(player) });
    Schedule {
        seed: 1,
        servers: vec![ServerPlan::default()],
        players: vec![PlayerPlan { items: None }; PLAYERS.len()],
        timeline: timeline.to_vec(),
        length: LENGTH,
        ..Schedule::default()
    }
}

/// The first session of the first player of which the second player has one as well.
fn of(starts: &[Json]) -> Option<Json> {
    let place = |start: &Json| (start["store"].clone(), start["scope"].clone());
    let found = starts.iter().find_map(|start| {
        let mut patterns = patterns(start["key"].as_str()?).into_iter();
        let other = |pattern: &str| pattern.replace("%d", &PLAYERS[1].0.to_string()).replace("%%", "%");
        let is_theirs = |pattern: &String| {
            starts.iter().any(|seen| place(seen) == place(start) && seen["key"] == other(pattern).as_str())
        };
        Some((start, patterns.find(is_theirs)?))
    });
    let (start, key) = found?;
    let template = match &start["template"] {
        Json::Object(template) => Json::Object(template.clone()),
        _ => json!({}),
    };
    let free = |name: &str| {
        let mut name = name.to_owned();
        while template.get(&name).is_some() {
            name.push('_');
        }
        name
    };
    let words = json!({ "mark": free("Stamp"), "items": free("Items"), "mail": free("Mail") });
    let scope = start["scope"].as_str().unwrap_or("global");
    Some(json!({ "store": start["store"], "scope": scope, "key": key, "template": template, "words": words }))
}

/// What the key of the first player may be a case of.
fn patterns(key: &str) -> Vec<String> {
    let id = PLAYERS[0].0.to_string();
    let escaped = |text: &str| text.replace('%', "%%");
    key.match_indices(&id)
        .map(|(at, _)| format!("{}%d{}", escaped(&key[..at]), escaped(&key[at + id.len()..])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(store: &str, key: &str) -> Json {
        json!({ "store": store, "key": key, "template": { "Items": [] } })
    }

    #[test]
    fn the_key_of_players_is_the_part_that_differs_between_two_of_them() {
        let found = of(&[start("Shop", "all"), start("V10", "u0/0%"), start("V10", "u0/1%")]).expect("a session");
        assert_eq!((&found["store"], &found["scope"]), (&json!("V10"), &json!("global")));
        assert_eq!(found["key"], "u0/%d%%");
        assert_eq!(found["words"], json!({ "mark": "Stamp", "items": "Items_", "mail": "Mail" }));
    }

    #[test]
    fn a_key_that_all_players_share_is_nobodys() {
        assert_eq!(of(&[start("Shop", "0"), start("Shop", "0")]), None);
    }
}
