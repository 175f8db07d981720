//! The classes of the engine, as they are told to those who read places.

use std::sync::LazyLock;

use rbx_dom_weak::types::VariantType;
use rbx_reflection::{DataType, ReflectionDatabase};

/// The engine's own, but for two things: attributes stay a text, so that they are looked at before they are read; and no
/// class has defaults, for which room would be made in each instance.
static DATABASE: LazyLock<ReflectionDatabase<'static>> = LazyLock::new(|| {
    let mut database = rbx_reflection_database::get_bundled().clone();
    for class in database.classes.values_mut() {
        class.default_properties = Default::default();
        for property in class.properties.values_mut() {
            if property.data_type.ty() == VariantType::Attributes {
                property.data_type = DataType::Value(VariantType::BinaryString);
            }
        }
    }
    database
});

pub(super) fn database() -> &'static ReflectionDatabase<'static> {
    &DATABASE
}
