//! What a write changed in a record: the fields of the game's own data, before and after.

use dupeproof_core::Stored;
use dupeproof_scenarios::excerpt::excerpt;
use dupeproof_scenarios::game_record::STAMP;
use dupeproof_sim::record_layout::RecordLayout;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Changes of one write that are shown.
const SHOWN: usize = 12;

/// Characters of a value that are shown.
const LONGEST: usize = 80;

/// A field that a write changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Where in the data, from the top: `Inventory.Swords`.
    pub field: String,
    /// As JSON, cut at 80 characters; null if it was not there.
    pub before: Option<String>,
    /// As JSON, cut at 80 characters; null if it is no more there.
    pub after: Option<String>,
}

impl FieldChange {
    /// In one line.
    pub fn words(&self) -> String {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{} from {before} to {after}", self.field),
            (Some(before), None) => format!("{} removed: {before}", self.field),
            (None, Some(after)) => format!("{} added: {after}", self.field),
            (None, None) => self.field.clone(),
        }
    }
}

/// The first dozen changes, in the order of their names. The number of the state is left out: stories name states.
pub fn changes(before: Option<&Stored>, after: Option<&Stored>) -> Vec<FieldChange> {
    let data = |stored: Option<&Stored>| stored.and_then(|stored| RecordLayout::Record.data(stored).cloned());
    let mut changes = Vec::new();
    compare(String::new(), data(before).as_ref(), data(after).as_ref(), &mut changes);
    changes.retain(|change: &FieldChange| change.field != STAMP);
    changes.truncate(SHOWN);
    changes
}

/// The fields of stored data, as many as changes are shown, each with its value as JSON, cut at 80 characters.
pub fn fields(stored: &Stored) -> Vec<(String, String)> {
    match RecordLayout::Record.data(stored) {
        Some(Json::Object(fields)) => {
            fields.iter().take(SHOWN).map(|(name, value)| (name.clone(), shown(value))).collect()
        }
        Some(other) => vec![("the data".into(), shown(other))],
        None => Vec::new(),
    }
}

fn compare(field: String, before: Option<&Json>, after: Option<&Json>, to: &mut Vec<FieldChange>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Json::Object(before)), Some(Json::Object(after))) => {
            let added = after.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(added) {
                let inner = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
                compare(inner, before.get(name), after.get(name), to);
            }
        }
        (before, after) => {
            let field = if field.is_empty() { "the data".to_owned() } else { field };
            to.push(FieldChange { field, before: before.map(shown), after: after.map(shown) });
        }
    }
}

fn shown(value: &Json) -> String {
    excerpt(value, LONGEST)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(before: &Json, after: &Json) -> Vec<(String, Option<String>, Option<String>)> {
        let mut changes = Vec::new();
        compare(String::new(), Some(before), Some(after), &mut changes);
        changes.into_iter().map(|change| (change.field, change.before, change.after)).collect()
    }

    #[test]
    fn fields_are_named_from_the_top_and_what_is_the_same_is_left_out() {
        let before = json!({ "Coins": 5, "Bag": { "Items": [1, 2], "Size": 3 }, "Old": true });
        let after = json!({ "Coins": 5, "Bag": { "Items": [2], "Size": 3 }, "New": null });
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            changed(&before, &after),
            [
                ("Bag.Items".into(), text("[1,2]"), text("[2]")),
                ("Old".into(), text("true"), None),
                ("New".into(), None, text("null")),
            ]
        );
    }
}
