//! Default values of properties, as plain numbers and texts: the prelude makes Roblox's values of them.

use rbx_types::{
    Color3, ColorSequence, ContentType, CustomPhysicalProperties, Font, Matrix3, NumberSequence, PhysicalProperties,
    Variant, Vector3,
};

use crate::value::Answer;

/// The value; nil for what scripts never see.
pub(super) fn answer(value: &Variant) -> Answer {
    match value {
        Variant::Bool(value) => (*value).into(),
        Variant::String(text) => text.clone().into(),
        Variant::ContentId(content) => content.as_str().to_owned().into(),
        Variant::Content(content) => match content.value() {
            ContentType::Uri(uri) => uri.clone().into(),
            _ => "".into(),
        },
        Variant::Int32(number) => (*number).into(),
        #[expect(clippy::cast_precision_loss, reason = "a script's numbers hold no more")]
        Variant::Int64(number) => (*number as f64).into(),
        Variant::Float32(number) => f64::from(*number).into(),
        Variant::Float64(number) => (*number).into(),
        Variant::Enum(value) => value.to_u32().into(),
        Variant::BrickColor(color) => (*color as u16).into(),
        Variant::Axes(axes) => axes.bits().into(),
        Variant::Faces(faces) => faces.bits().into(),
        Variant::Font(font) => self::font(font),
        Variant::NumberSequence(sequence) => number_sequence(sequence),
        Variant::ColorSequence(sequence) => color_sequence(sequence),
        _ => numbers(value).map_or(Answer::Nil, list),
    }
}

/// Values that are a row of numbers.
fn numbers(value: &Variant) -> Option<Vec<f32>> {
    Some(match value {
        Variant::Vector3(vector) => xyz(*vector).into(),
        Variant::Vector2(vector) => vec![vector.x, vector.y],
        Variant::CFrame(frame) => matrix(frame.position, frame.orientation),
        Variant::OptionalCFrame(Some(frame)) => matrix(frame.position, frame.orientation),
        Variant::Color3(color) => rgb(*color).into(),
        Variant::Color3uint8(color) => [color.r, color.g, color.b].map(|part| f32::from(part) / 255.0).into(),
        Variant::UDim(udim) => vec![udim.scale, whole(udim.offset)],
        Variant::UDim2(udim) => vec![udim.x.scale, whole(udim.x.offset), udim.y.scale, whole(udim.y.offset)],
        Variant::NumberRange(range) => vec![range.min, range.max],
        Variant::Rect(rect) => vec![rect.min.x, rect.min.y, rect.max.x, rect.max.y],
        Variant::Ray(ray) => [xyz(ray.origin), xyz(ray.direction)].concat(),
        Variant::PhysicalProperties(PhysicalProperties::Custom(custom)) => physical(custom),
        _ => return None,
    })
}

fn list(numbers: Vec<f32>) -> Answer {
    Answer::List(numbers.into_iter().map(|number| Answer::Number(number.into())).collect())
}

#[expect(clippy::cast_precision_loss, reason = "offsets are pixels")]
fn whole(offset: i32) -> f32 {
    offset as f32
}

fn xyz(vector: Vector3) -> [f32; 3] {
    [vector.x, vector.y, vector.z]
}

fn rgb(color: Color3) -> [f32; 3] {
    [color.r, color.g, color.b]
}

/// In the order of `CFrame:GetComponents`.
fn matrix(position: Vector3, rows: Matrix3) -> Vec<f32> {
    [xyz(position), xyz(rows.x), xyz(rows.y), xyz(rows.z)].concat()
}

/// In the order of `PhysicalProperties.new`.
fn physical(custom: &CustomPhysicalProperties) -> Vec<f32> {
    vec![custom.density(), custom.friction(), custom.elasticity(), custom.friction_weight(), custom.elasticity_weight()]
}

fn font(font: &Font) -> Answer {
    Answer::List(vec![font.family.clone().into(), font.weight.as_u16().into(), u16::from(font.style.as_u8()).into()])
}

fn number_sequence(sequence: &NumberSequence) -> Answer {
    let points = sequence.keypoints.iter().map(|point| list(vec![point.time, point.value, point.envelope]));
    Answer::List(points.collect())
}

fn color_sequence(sequence: &ColorSequence) -> Answer {
    let points = sequence.keypoints.iter().map(|point| list([&[point.time][..], &rgb(point.color)].concat()));
    Answer::List(points.collect())
}
