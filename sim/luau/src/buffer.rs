//! Buffers within JSON.
//!
//! community: `HttpService:JSONEncode` and data stores write a buffer as `{"m":null,"t":"buffer","base64":"..."}`
//! (class reference of HttpService: "buffers are base64"; the fields are what it puts out).

use serde_json::{Map, Value as Json, json};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// As JSON.
pub(crate) fn encode(bytes: &[u8]) -> Json {
    json!({ "m": null, "t": "buffer", "base64": base64(bytes) })
}

/// The bytes, if this object is a buffer.
pub(crate) fn decode(fields: &Map<String, Json>) -> Option<Vec<u8>> {
    let is_buffer = fields.len() == 3 && fields.get("m")?.is_null() && fields.get("t")? == "buffer";
    if !is_buffer {
        return None;
    }
    bytes(fields.get("base64")?.as_str()?)
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let joined =
            (0..3).fold(0_usize, |joined, place| joined << 8 | group.get(place).map_or(0, |byte| usize::from(*byte)));
        for place in 0..4 {
            let letter = ALPHABET[joined >> (18 - 6 * place) & 63];
            text.push(if place <= group.len() { letter.into() } else { '=' });
        }
    }
    text
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let letters = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(letters.len() * 3 / 4);
    let (mut joined, mut bits) = (0_u32, 0);
    for letter in letters.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == letter)?;
        joined = (joined << 6 | u32::try_from(digit).ok()?) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(joined >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_read_back_as_it_was_written() {
        for length in 0..10 {
            let bytes: Vec<u8> = (0..length).map(|byte| (byte * 37_u8).wrapping_add(200)).collect();
            let Json::Object(fields) = encode(&bytes) else { panic!("an object") };
            assert_eq!(decode(&fields), Some(bytes));
        }
        assert_eq!(base64(b"any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
    }

    #[test]
    fn another_object_is_no_buffer() {
        for json in [json!({}), json!({ "t": "buffer", "base64": "" }), json!({ "m": 1, "t": "buffer", "base64": "" })]
        {
            assert_eq!(decode(json.as_object().expect("an object")), None);
        }
    }
}
