//! From the bytes of a file to its text.

use std::borrow::Cow;

/// Decodes the bytes of a D2 file: UTF-8, or UTF-16 when a byte order mark says so. What is not valid becomes U+FFFD.
///
/// A UTF-8 byte order mark stays in the text, so that offsets are those of the file; the parser passes over it.
///
/// ```
/// assert_eq!(loko_d2::decode(b"a -> b"), "a -> b");
/// assert_eq!(loko_d2::decode(&[0xFF, 0xFE, b'x', 0]), "x");
/// ```
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(decode_utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(decode_utf16(rest, u16::from_be_bytes)),
        _ => String::from_utf8_lossy(bytes),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
