//! Properties and attributes, from a project, a model or a place, as scripts will get them.
//!
//! Booleans, numbers and strings are themselves. Any other value is `{ "type": .., "arguments": [..] }`: the name of its
//! type, and what its constructor takes.

use rbx_dom_weak::types::{Attributes, ContentType, Enum, Ref, Variant, VariantType};
use rbx_reflection::{ClassTag, DataType, PropertyDescriptor, PropertyKind, ReflectionDatabase};
use serde_json::{Value as Json, json};

use super::Node;
use super::place::attributes;
use crate::input_file::SOURCE_MAX;

fn database() -> &'static ReflectionDatabase<'static> {
    rbx_reflection_database::get_bundled()
}

/// Whether there is one instance of this class in each game, right under `game`.
pub(super) fn is_service(class: &str) -> bool {
    database().classes.get(class).is_some_and(|class| class.tags.contains(&ClassTag::Service))
}

/// The class that a project means by a name without `$className` and `$path`.
pub(super) fn inferred_class(name: &str, parent: &str) -> Option<&'static str> {
    match (parent, name) {
        ("DataModel", _) if is_service(name) => database().classes.get(name).map(|class| class.name),
        ("StarterPlayer", "StarterPlayerScripts") => Some("StarterPlayerScripts"),
        ("StarterPlayer", "StarterCharacterScripts") => Some("StarterCharacterScripts"),
        ("Workspace", "Terrain") => Some("Terrain"),
        _ => None,
    }
}

fn descriptor(class: &str, name: &str) -> Option<&'static PropertyDescriptor<'static>> {
    let class = database().classes.get(class)?;
    let found = database().superclasses_iter(class).find_map(|class| class.properties.get(name))?;
    match &found.kind {
        PropertyKind::Alias { alias_for } => descriptor(class.name, alias_for),
        _ => Some(found),
    }
}

/// Gives a node a property as a project or a model writes it: a plain value whose type follows from the property, or the
/// name of the type with the value. A property that nobody knows is left out.
///
/// # Errors
/// The value is not one for this property: what is expected.
pub(super) fn apply(node: &mut Node, name: &str, value: &Json) -> Result<(), String> {
    if name == "Source" && value.as_str().is_some_and(|source| source.len() > SOURCE_MAX) {
        return Err(format!("a script of more than {} MiB, the most that is read", SOURCE_MAX >> 20));
    }
    if let Some(variant) = explicit(value) {
        set(node, name, &variant);
        return Ok(());
    }
    let Some(known) = descriptor(&node.class, name) else {
        return if value.is_object() { Err("this is no value of any type".into()) } else { Ok(()) };
    };
    let variant = match &known.data_type {
        DataType::Enum(name) => enum_item(name, value)?,
        DataType::Value(kind) => typed(*kind, value).ok_or_else(|| format!("a {kind:?} expected, got `{value}`"))?,
        _ => return Ok(()),
    };
    set(node, name, &variant);
    Ok(())
}

/// Gives a node an attribute.
///
/// # Errors
/// The value is of no type that an attribute can have.
pub(super) fn apply_attribute(node: &mut Node, name: &str, value: &Json) -> Result<(), String> {
    let plain = matches!(value, Json::Bool(_) | Json::Number(_) | Json::String(_)).then(|| value.clone());
    let encoded = plain.or_else(|| encode(&explicit(value)?, "", ""));
    let encoded = encoded.ok_or_else(|| {
        format!("an attribute is a boolean, a number, a string, or a type with a value, such as {{\"Vector3\": [0, 1, 0]}}; got `{value}`")
    })?;
    node.attributes.insert(name.into(), encoded);
    Ok(())
}

/// `{ "Vector3": [1, 2, 3] }` and its like.
fn explicit(value: &Json) -> Option<Variant> {
    let fields = value.as_object()?;
    if fields.len() != 1 {
        return None;
    }
    serde_json::from_value(value.clone()).ok()
}

fn enum_item(name: &str, value: &Json) -> Result<Variant, String> {
    let items = &database().enums.get(name).ok_or("this enum is not known")?.items;
    let item = value.as_str().and_then(|item| items.get(item)).ok_or_else(|| {
        let mut known: Vec<&str> = items.keys().copied().collect();
        known.sort_unstable();
        known.truncate(8);
        format!("an item of Enum.{name} expected, such as {}; got `{value}`", known.join(", "))
    })?;
    Ok(Variant::Enum(Enum::from_u32(*item)))
}

/// A plain value of a known type. The types that need more than this are left to [`explicit`].
fn typed(kind: VariantType, value: &Json) -> Option<Variant> {
    let numbers = || value.as_array()?.iter().map(Json::as_f64).collect::<Option<Vec<f64>>>();
    let with_type = |name: &str, value: Json| serde_json::from_value(json!({ name: value })).ok();
    match kind {
        VariantType::Bool => value.as_bool().map(Variant::Bool),
        VariantType::Float32 | VariantType::Float64 | VariantType::Int32 | VariantType::Int64 => {
            value.as_f64().map(Variant::Float64)
        }
        VariantType::String | VariantType::ContentId | VariantType::Content | VariantType::BinaryString => {
            value.as_str().map(Variant::from)
        }
        VariantType::Tags => with_type("Tags", value.clone()),
        VariantType::Vector2 => with_type("Vector2", json!(numbers()?)),
        VariantType::Vector3 => with_type("Vector3", json!(numbers()?)),
        VariantType::Color3 => with_type("Color3", json!(numbers()?)),
        VariantType::CFrame => {
            let numbers = numbers().filter(|numbers| numbers.len() == 12)?;
            let orientation = [&numbers[3..6], &numbers[6..9], &numbers[9..12]];
            with_type("CFrame", json!({ "position": &numbers[..3], "orientation": orientation }))
        }
        VariantType::Attributes => with_type("Attributes", value.clone()),
        VariantType::Font => with_type("Font", value.clone()),
        // Nothing that a server script reads.
        _ => Some(Variant::Ref(Ref::none())),
    }
}

/// Gives a node a property of a known type.
pub(super) fn set(node: &mut Node, name: &str, value: &Variant) {
    match (name, value) {
        ("Name" | "Parent", _) => {}
        ("Source", value) => node.source = text(value).map(Into::into).or(node.source.take()),
        ("Tags", Variant::Tags(tags)) => node.tags = tags.iter().map(str::to_owned).collect(),
        ("Attributes" | "AttributesSerialize", Variant::Attributes(attributes)) => set_attributes(node, attributes),
        // As places keep them.
        ("Attributes" | "AttributesSerialize", Variant::BinaryString(text)) => {
            set_attributes(node, &attributes::read(text.as_ref()).unwrap_or_default());
        }
        ("Disabled" | "Enabled", Variant::Bool(value)) if node.class.ends_with("Script") => {
            let enabled = (name == "Enabled") == *value;
            node.properties.insert("Enabled".into(), enabled.into());
        }
        _ => {
            if let Some(value) = encode(value, &node.class, name) {
                node.properties.insert(name.into(), value);
            }
        }
    }
}

fn set_attributes(node: &mut Node, attributes: &Attributes) {
    // Those of Roblox itself begin so.
    for (name, value) in attributes.iter().filter(|(name, _)| !name.starts_with("RBX")) {
        if let Some(value) = encode(value, "", "") {
            node.attributes.insert(name.clone(), value);
        }
    }
}

/// The text of a value that is one, whatever it is called in a file.
pub(super) fn text(value: &Variant) -> Option<String> {
    match value {
        Variant::String(text) => Some(text.clone()),
        Variant::BinaryString(bytes) => Some(String::from_utf8_lossy(bytes.as_ref()).into_owned()),
        Variant::SharedString(bytes) => Some(String::from_utf8_lossy(bytes.data()).into_owned()),
        Variant::ContentId(id) => Some(id.as_str().into()),
        Variant::Content(content) => match content.value() {
            ContentType::Uri(uri) => Some(uri.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// An instance of the tree, by its id.
pub(super) fn instance(id: &str) -> Json {
    typed_value("Instance", json!([id]))
}

fn typed_value(name: &str, arguments: impl Into<Json>) -> Json {
    let arguments: Json = arguments.into();
    json!({ "type": name, "arguments": arguments })
}

/// A value as scripts will get it; `None` for what is of no use to a server script. The class and the property say which
/// enum a number is of.
fn encode(value: &Variant, class: &str, name: &str) -> Option<Json> {
    let encoded = match value {
        Variant::Bool(value) => (*value).into(),
        Variant::Int32(value) => (*value).into(),
        Variant::Int64(value) => (*value).into(),
        Variant::Float32(value) => json!(value),
        Variant::Float64(value) => json!(value),
        Variant::Enum(item) => match &descriptor(class, name)?.data_type {
            DataType::Enum(kind) => typed_value("EnumItem", json!([kind, item.to_u32()])),
            _ => return None,
        },
        Variant::EnumItem(item) => typed_value("EnumItem", json!([item.ty, item.value])),
        Variant::NumberSequence(sequence) => {
            let keys = sequence.keypoints.iter().map(|key| json!([key.time, key.value, key.envelope]));
            typed_value("NumberSequence", keys.collect::<Json>())
        }
        Variant::ColorSequence(sequence) => {
            let keys = sequence.keypoints.iter();
            typed_value(
                "ColorSequence",
                keys.map(|key| json!([key.time, key.color.r, key.color.g, key.color.b])).collect::<Json>(),
            )
        }
        // Shapes of parts, which no server script reads, and which many instances share.
        Variant::SharedString(_) => return None,
        Variant::Font(font) => typed_value("Font", json!([font.family, font.weight.as_u16(), font.style.as_u8()])),
        _ => match text(value) {
            Some(text) => text.into(),
            None => return geometry(value),
        },
    };
    (!encoded.is_null()).then_some(encoded)
}

/// Values of a few numbers each.
fn geometry(value: &Variant) -> Option<Json> {
    Some(match value {
        Variant::Vector2(value) => typed_value("Vector2", json!([value.x, value.y])),
        Variant::Vector3(value) => typed_value("Vector3", json!([value.x, value.y, value.z])),
        Variant::Vector2int16(value) => typed_value("Vector2int16", json!([value.x, value.y])),
        Variant::Vector3int16(value) => typed_value("Vector3int16", json!([value.x, value.y, value.z])),
        Variant::Color3(value) => typed_value("Color3", json!([value.r, value.g, value.b])),
        Variant::Color3uint8(value) => {
            let part = |byte| f64::from(byte) / 255.0;
            typed_value("Color3", json!([part(value.r), part(value.g), part(value.b)]))
        }
        Variant::BrickColor(value) => typed_value("BrickColor", json!([*value as u16])),
        Variant::CFrame(value) | Variant::OptionalCFrame(Some(value)) => {
            let (at, turned) = (value.position, value.orientation);
            let rows = [turned.x, turned.y, turned.z].map(|row| [row.x, row.y, row.z]);
            let numbers: Vec<f32> = [at.x, at.y, at.z].into_iter().chain(rows.into_iter().flatten()).collect();
            typed_value("CFrame", json!(numbers))
        }
        Variant::UDim(value) => typed_value("UDim", json!([value.scale, value.offset])),
        Variant::UDim2(value) => {
            typed_value("UDim2", json!([value.x.scale, value.x.offset, value.y.scale, value.y.offset]))
        }
        Variant::NumberRange(value) => typed_value("NumberRange", json!([value.min, value.max])),
        Variant::Rect(value) => typed_value("Rect", json!([value.min.x, value.min.y, value.max.x, value.max.y])),
        _ => return None,
    })
}
