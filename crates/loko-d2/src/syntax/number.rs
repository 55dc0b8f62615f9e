//! Which unquoted texts count as numbers: integers, decimals, fractions, with exponents and base prefixes.
//!
//! Only the form is decided here; a number keeps its text, and whoever needs a value reads that.

/// The largest exponent of a number; a text with a larger one is a text.
const EXPONENT_MAX: u32 = 1_000_000;

/// Whether a text has the form of a number: `-1`, `2.5`, `1e3`, `0x1F`, `1_000`, `3/4`.
pub(crate) fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    match unsigned.split_once('/') {
        Some((above, below)) => {
            is_integer(above)
                && is_integer(below)
                && below.bytes().any(|byte| matches!(byte, b'1'..=b'9' | b'a'..=b'f' | b'A'..=b'F'))
        }
        None => is_decimal(unsigned),
    }
}

/// The base that a prefix such as `0x` announces, and the digits behind it.
fn split_base(text: &str) -> (u32, &str) {
    match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &text[2..]),
        [b'0', b'b' | b'B', ..] => (2, &text[2..]),
        [b'0', b'o' | b'O', ..] => (8, &text[2..]),
        _ => (10, text),
    }
}

fn is_integer(text: &str) -> bool {
    let (base, digits) = split_base(text);
    let base = if base == 10 && digits.len() > 1 && digits.starts_with('0') { 8 } else { base };
    has_digits_only(digits, base)
}

/// Whether a text is digits of a base, with single underscores between them.
fn has_digits_only(text: &str, base: u32) -> bool {
    let mut last_digit = false;
    for c in text.chars() {
        match c {
            '_' if last_digit => last_digit = false,
            c if c.is_digit(base) => last_digit = true,
            _ => return false,
        }
    }
    last_digit
}

fn is_decimal(text: &str) -> bool {
    let (base, rest) = split_base(text);
    let exponent_marks: &[char] = if base == 16 { &['p', 'P'] } else { &['e', 'E', 'p', 'P'] };
    let (mantissa, exponent) = match rest.find(exponent_marks) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole_fits = whole.is_empty() || has_digits_only(whole, base);
    let fraction_fits = fraction.is_empty() || has_digits_only(fraction, base);
    whole_fits && fraction_fits && !(whole.is_empty() && fraction.is_empty()) && exponent.is_none_or(is_exponent)
}

fn is_exponent(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    has_digits_only(digits, 10) && digits.replace('_', "").parse::<u32>().is_ok_and(|value| value <= EXPONENT_MAX)
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn numbers_and_texts() {
        for number in ["0", "-1", "+2", "2.5", ".5", "5.", "1e3", "1E-3", "0x1F", "0b01", "1_000", "3/4", "1p3"] {
            assert!(is_number(number), "{number}");
        }
        for text in ["", "-", "1a", "1 2", "0x", "1e", "1__0", "1_", "3/0", "3/", "1e9999999", "inf", "1.2.3", "_1"] {
            assert!(!is_number(text), "{text}");
        }
    }
}
