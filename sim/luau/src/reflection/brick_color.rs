//! The named colours of `BrickColor`.

use rbx_types::{BrickColor, Color3uint8};

/// The largest number of a colour.
const LAST: u16 = 1032;

/// A colour as scripts see it.
pub(crate) struct Named {
    pub(crate) number: u16,
    pub(crate) name: String,
    pub(crate) rgb: [u8; 3],
}

impl From<BrickColor> for Named {
    fn from(color: BrickColor) -> Named {
        let Color3uint8 { r, g, b } = color.to_color3uint8();
        Named { number: color as u16, name: color.to_string(), rgb: [r, g, b] }
    }
}

/// The colour with this name; medium stone grey if there is none.
pub(crate) fn named(name: &str) -> Named {
    BrickColor::from_name(name).unwrap_or(BrickColor::MediumStoneGrey).into()
}

/// The colour with this number; medium stone grey if there is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is out of range is no colour")]
pub(crate) fn numbered(number: f64) -> Named {
    BrickColor::from_number(number as u16).unwrap_or(BrickColor::MediumStoneGrey).into()
}

/// The colour that is nearest to red, green and blue from 0 to 255; of several, the one with the smallest number.
pub(crate) fn nearest(rgb: [f64; 3]) -> Named {
    let distance = |color: &Named| -> f64 {
        color.rgb.iter().zip(rgb).map(|(part, wanted)| (f64::from(*part) - wanted).powi(2)).sum()
    };
    let all = (1..=LAST).filter_map(BrickColor::from_number).map(Named::from);
    all.min_by(|one, other| distance(one).total_cmp(&distance(other))).unwrap_or_else(|| named(""))
}
