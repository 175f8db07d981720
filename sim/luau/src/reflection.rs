//! What Roblox's engine has: its classes, their members, and its enums.
//!
//! Classes, properties and enums are those of `rbx_reflection_database`, which is made from a release of the engine.
//! It does not know methods, events and callbacks: the names of those that server scripts meet are in `members.txt`.

pub(crate) mod brick_color;
mod members;
mod variant;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rbx_reflection::{ClassDescriptor, ClassTag, DataType, PropertyDescriptor, PropertyKind, Scriptability};
use rbx_reflection_database::get_bundled;

pub(crate) use self::members::Kind;
use self::members::named;
use crate::value::Answer;

/// A class of the engine.
#[derive(Clone, Copy)]
pub(crate) struct Class {
    pub(crate) name: &'static str,
    pub(crate) base: Option<&'static str>,
    /// Whether `Instance.new` makes one.
    pub(crate) creatable: bool,
    /// Whether `game:GetService` finds it.
    pub(crate) service: bool,
}

/// A member of a class, its own or inherited.
pub(crate) enum Member {
    Property(Property),
    /// A method, event or callback.
    Named(Kind),
}

/// A property that scripts can see.
pub(crate) struct Property {
    /// An old spelling is another name for the same property.
    pub(crate) name: &'static str,
    /// As `rbx_types` calls its type; `Enum` for all enums.
    pub(crate) kind: String,
    /// The enum, if it is one.
    pub(crate) of: Option<&'static str>,
    pub(crate) writable: bool,
    /// What a new object has; nil where the database does not say.
    pub(crate) default: Answer,
}

/// The class with this name.
pub(crate) fn class(name: &str) -> Option<Class> {
    descriptor(name).map(described)
}

/// All classes, by name.
pub(crate) fn classes() -> impl Iterator<Item = Class> {
    static SORTED: LazyLock<BTreeMap<&str, Class>> =
        LazyLock::new(|| get_bundled().classes.iter().map(|(name, class)| (*name, described(class))).collect());
    SORTED.values().copied()
}

/// What a class has under this name, or one that it derives from.
pub(crate) fn member(class: &str, name: &str) -> Option<Member> {
    let own = descriptor(class)?;
    for class in get_bundled().superclasses_iter(own) {
        if let Some(property) = class.properties.get(name)
            && let Some(property) = seen(own, class, property)
        {
            return Some(Member::Property(property));
        }
        if let Some(kind) = named(class.name, name) {
            return Some(Member::Named(kind));
        }
    }
    None
}

/// The items of an enum with their values, in the order of the values.
pub(crate) fn enum_items(name: &str) -> Option<Vec<(&'static str, u32)>> {
    let mut items: Vec<_> = get_bundled().enums.get(name)?.items.iter().map(|(name, value)| (*name, *value)).collect();
    items.sort_by_key(|(name, value)| (*value, *name));
    Some(items)
}

/// The names of all enums, in alphabetical order.
pub(crate) fn enums() -> Vec<&'static str> {
    let mut names: Vec<_> = get_bundled().enums.keys().copied().collect();
    names.sort_unstable();
    names
}

fn descriptor(name: &str) -> Option<&'static ClassDescriptor<'static>> {
    get_bundled().classes.get(name)
}

fn described(class: &ClassDescriptor<'static>) -> Class {
    let has = |tag| class.tags.contains(&tag);
    Class {
        name: class.name,
        base: class.superclass,
        creatable: !has(ClassTag::NotCreatable) && !has(ClassTag::Service),
        service: has(ClassTag::Service),
    }
}

/// A property as scripts see it on an object of class `own`, which has it from `class`.
fn seen(
    own: &'static ClassDescriptor<'static>,
    class: &'static ClassDescriptor<'static>,
    property: &'static PropertyDescriptor<'static>,
) -> Option<Property> {
    let writable = match property.scriptability {
        Scriptability::ReadWrite | Scriptability::Write => true,
        Scriptability::Read => false,
        // Not for scripts, or only through methods.
        _ => return None,
    };
    let canonical = match &property.kind {
        PropertyKind::Alias { alias_for } => class.properties.get(alias_for).unwrap_or(property),
        _ => property,
    };
    let of = match &canonical.data_type {
        DataType::Enum(of) => Some(*of),
        _ => None,
    };
    let stored = |name: &str| get_bundled().find_default_property(own, name);
    // A few values, such as a Humanoid's health, are stored under another name.
    let default = stored(canonical.name).or_else(|| stored(&format!("{}_XML", canonical.name)));
    let kind = format!("{:?}", canonical.data_type.ty());
    Some(Property { name: canonical.name, kind, of, writable, default: default.map_or(Answer::Nil, variant::answer) })
}
