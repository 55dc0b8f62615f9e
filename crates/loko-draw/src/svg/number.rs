//! Numbers as SVG has them: at most two decimals, and none that say nothing.

use std::fmt::{self, Write};

/// A number with at most two decimals.
pub(crate) fn number(value: f64) -> Number {
    Number(value)
}

/// A number that writes itself with at most two decimals.
#[derive(Clone, Copy)]
pub(crate) struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_number(f, self.0)
    }
}

/// A number as it is written: in hundredths.
pub(super) type Hundredths = Option<i64>;

/// The number in hundredths; `None` beyond what whole numbers hold exactly. What is no number counts as 0.
pub(super) fn hundredths(value: f64) -> Hundredths {
    const EXACT: f64 = 9.0e15;
    let scaled = (value * 100.0).round();
    if !scaled.is_finite() {
        return Some(0);
    }
    (scaled.abs() < EXACT).then_some(scaled as i64)
}

/// Writes a number with at most two decimals; pictures have so many of them that the usual way is too slow.
pub(crate) fn write_number(out: &mut impl Write, value: f64) -> fmt::Result {
    let Some(number) = hundredths(value) else { return write!(out, "{}", (value * 100.0).round() / 100.0) };
    // A sign, the digits of any number of 64 bits, a point and two decimals, from the back.
    let mut text = [0_u8; 24];
    let mut at = text.len();
    let mut put = |byte: u8| {
        at -= 1;
        text[at] = byte;
    };
    let (decimals, mut rest) = ((number.unsigned_abs() % 100) as u8, number.unsigned_abs() / 100);
    if decimals > 0 {
        if !decimals.is_multiple_of(10) {
            put(b'0' + decimals % 10);
        }
        put(b'0' + decimals / 10);
        put(b'.');
    }
    loop {
        put(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        put(b'-');
    }
    out.write_str(std::str::from_utf8(&text[at..]).unwrap_or_default())
}
