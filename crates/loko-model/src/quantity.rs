//! Numbers with units as people write them: `500ms`, `99.9%`, `128 MiB`, `3`.
//!
//! Two quantities can be compared when they count the same thing. How each is written, [`crate::behaviour`] says; here
//! a text is taken for whichever it can be.

use crate::behaviour::{Duration, Number, Share, Size};
use std::cmp::Ordering;

/// What a quantity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Things, or a share of them.
    Number,
    /// Time, in seconds.
    Time,
    /// Memory, in bytes.
    Bytes,
}

/// A number in the base unit of what it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// How much.
    pub amount: f64,
    /// Of what.
    pub dimension: Dimension,
}

impl Quantity {
    /// Reads a text; nothing when it is no quantity.
    ///
    /// ```
    /// use loko_model::quantity::{Dimension, Quantity};
    /// let timeout = Quantity::parse("1500ms").unwrap();
    /// assert_eq!((timeout.amount, timeout.dimension), (1.5, Dimension::Time));
    /// assert!(Quantity::parse("soon").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let of = |amount, dimension| Some(Self { amount, dimension }).filter(|it: &Self| it.amount.is_finite());
        if let Ok(number) = Number::parse(text) {
            return of(number.value(), Dimension::Number);
        }
        if let Ok(share) = Share::parse(text) {
            return of(share.value(), Dimension::Number);
        }
        if let Ok(duration) = Duration::parse(text) {
            return of(duration.secs(), Dimension::Time);
        }
        Size::parse(text).ok().and_then(|size| of(size.bytes() as f64, Dimension::Bytes))
    }

    /// The seconds, if it counts time; a bare number counts seconds.
    pub fn seconds(self) -> Option<f64> {
        matches!(self.dimension, Dimension::Time | Dimension::Number).then_some(self.amount)
    }

    /// Compares two quantities of the same thing.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        if self.dimension == other.dimension { self.amount.partial_cmp(&other.amount) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_of_one_thing_compare() {
        let of = |text: &str| Quantity::parse(text);
        let compare = |a: &str, b: &str| of(a).zip(of(b)).and_then(|(a, b)| a.compare(b));
        assert_eq!(compare("500ms", "2s"), Some(Ordering::Less));
        assert_eq!(compare("1m", "60s"), Some(Ordering::Equal));
        assert_eq!(compare("99.9%", "0.99"), Some(Ordering::Greater));
        assert_eq!(compare("1 GiB", "1s"), None);
        for wrong in ["", "s", "2 parsecs", "--1", "∞"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
