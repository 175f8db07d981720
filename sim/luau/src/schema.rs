//! What an adapter says of the game's own names: where records stand, and what in them are items and the mark.

mod part;
mod promises;
mod shared;
mod word;

use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::{FindingKind, Place};
use serde_json::Value as Json;

pub use self::part::SchemaError;
pub(crate) use self::part::{Part, Path};
pub(crate) use self::promises::promised;
pub(crate) use self::shared::Shared;
pub(crate) use self::word::{Word, ids, json_of};

/// Where the reader of a run puts the data and the lock of a record that it has read.
pub(crate) const DATA: &str = "data";
/// See [`DATA`].
pub(crate) const LOCK: &str = "lock";

/// The names of one game.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schema {
    /// The places that hold something of each player; the first holds the data that carries the mark.
    pub(crate) parts: Vec<Part>,
    /// A lock that stands under a key of its own.
    pub(crate) lock: Option<Part>,
    /// Keys that belong to nobody.
    pub(crate) shared: Vec<Shared>,
    /// The mark: which state the data is in.
    pub(crate) mark: Word,
    /// The lists of purchases and of messages.
    pub(crate) bought: Path,
    /// See `bought`.
    pub(crate) mail: Path,
    /// Stored values are read by the adapter's `decode` first.
    pub(crate) decodes: bool,
    /// What the adapter can do beside what it must.
    can: Vec<String>,
    /// A server script of the user's runs beside it.
    game: bool,
    /// It says where purchases are noted, so that those of a `ProcessReceipt` that is not its own can be judged.
    notes_purchases: bool,
}

impl Schema {
    /// Of the adapter that describes itself so.
    ///
    /// # Errors
    /// What is wrong with its `where`, or with one of its words.
    pub(crate) fn of(about: &Json, game: bool) -> Result<Schema, SchemaError> {
        let words = &about["words"];
        let items = Word::parse("items", &words["items"], "Items")?;
        let places = match &about["where"] {
            Json::Array(places) if !places.is_empty() => places.as_slice(),
            place => std::slice::from_ref(place),
        };
        let mut parts = Vec::with_capacity(places.len());
        for (place, number) in places.iter().zip(1..) {
            let default = if number == 1 { Some(&items) } else { None };
            parts.push(Part::parse(place, number, default)?);
        }
        let shared = about["shared"].as_array().map_or(&[][..], Vec::as_slice);
        let names = |name, default: &str| match Word::parse(name, &words[name], default)? {
            Word::Path { path, .. } => Ok(path),
            Word::Code | Word::None => Err(SchemaError::new(name, "is a list of names")),
        };
        Ok(Schema {
            lock: Part::lock(&places[0])?,
            shared: shared.iter().map(Shared::parse).collect::<Result<_, _>>()?,
            mark: Word::parse("mark", &words["mark"], "Stamp")?,
            bought: names("bought", "Bought")?,
            mail: names("mail", "Mail")?,
            decodes: words["decode"] == true,
            can: about["can"].as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect(),
            game,
            notes_purchases: !words["bought"].is_null(),
            parts,
        })
    }

    /// Where the data and the lock are in one stored value, as the module writes it.
    pub(crate) fn stored_layout(&self) -> RecordLayout {
        self.parts[0].layout()
    }

    /// The records that hold the locks, and where in them.
    pub(crate) fn lock_place(&self) -> Option<(Place, RecordLayout)> {
        let part = self.lock.as_ref().unwrap_or(&self.parts[0]);
        Some((part.place.clone(), part.layout()))
    }

    /// Whether records can be read as they are: whatever their key, their data is in the form of the built-in subjects.
    pub(crate) fn is_plain(&self) -> bool {
        let Schema { parts, lock, shared, mark, bought, mail, decodes, .. } = self;
        let named = |path: &[String], name: &str| path.len() == 1 && path[0] == name;
        let items = parts[0].items.is_list_named("Items");
        let lists = named(bought, "Bought") && named(mail, "Mail");
        parts.len() == 1
            && lock.is_none()
            && shared.is_empty()
            && !decodes
            && items
            && mark.is_list_named("Stamp")
            && lists
    }

    /// Whether only the adapter's own code can read its records.
    pub(crate) fn needs_code(&self) -> bool {
        self.decodes || self.mark == Word::Code || self.parts.iter().any(|part| part.items == Word::Code)
    }

    /// Whether it says where the lock is, or that there is none.
    pub(crate) fn knows_lock(&self) -> bool {
        self.lock.is_some() || self.parts[0].lock.is_some() || !self.parts[0].lock_unsaid
    }

    /// Why a finding of this kind cannot be told.
    pub(crate) fn not_tried(&self, kind: FindingKind) -> Option<&'static str> {
        use FindingKind::{
            FalseAck, ItemDuplicated, ItemLost, LostUpdate, MessageDuplicated, MessageLost, Overdue,
            PurchaseDuplicated, PurchaseLost, StaleStart, UndatedSave, UnfencedWrite,
        };
        let can = |name: &str| self.can.iter().any(|other| other == name);
        let counted = self.parts.iter().any(|part| part.items != Word::None);
        match kind {
            ItemDuplicated | ItemLost if !counted => Some("the adapter names no items (`items`)"),
            LostUpdate | FalseAck | StaleStart | UnfencedWrite | Overdue | UndatedSave if self.mark == Word::None => {
                Some("the adapter names nothing that tells one state of the data from another (`mark`)")
            }
            PurchaseDuplicated | PurchaseLost if !can("buy") && !self.game && !self.notes_purchases => {
                Some("nothing is bought: the adapter has no `buy`, and nothing says where the game notes a purchase")
            }
            MessageDuplicated | MessageLost if !can("send") => Some("no message is sent: the adapter has no `send`"),
            _ => None,
        }
    }

    /// The game has no items after all: a record does not show those that it is made with.
    pub(crate) fn without_items(&mut self) {
        self.parts.iter_mut().for_each(|part| part.items = Word::None);
    }
}
