//! Reading what front matter says of behaviour: spans of time, attempts, counts. What cannot be read is not known.

use loko_model::Value;
use loko_model::quantity::{Dimension, Quantity};
use loko_model::value::Data;

/// Attempts that `retry: true` means, the first one included.
const ATTEMPTS_DEFAULT: f64 = 3.0;

/// The quantity of a scalar.
pub fn quantity(value: &Value) -> Option<Quantity> {
    match &value.data {
        Data::Integer(number) => Some(Quantity { amount: *number as f64, dimension: Dimension::Number }),
        Data::Float(number) => Some(Quantity { amount: *number, dimension: Dimension::Number }),
        Data::Text(text) => Quantity::parse(text),
        _ => None,
    }
}

/// A number of things; a mapping may say it by one of the keys.
pub fn number(value: &Value, keys: &[&str]) -> Option<f64> {
    let quantity = match value.as_map() {
        Some(map) => quantity(&keys.iter().find_map(|key| map.get(*key))?.value),
        None => quantity(value),
    };
    quantity.filter(|it| it.dimension == Dimension::Number && it.amount >= 0.0).map(|it| it.amount)
}

/// A span of time in seconds: a scalar, where a bare number counts seconds, or the `overall` of a mapping.
pub fn seconds(value: &Value) -> Option<f64> {
    let quantity = match value.as_map() {
        Some(map) => quantity(&["overall", "total", "request", "read"].iter().find_map(|key| map.get(*key))?.value),
        None => quantity(value),
    };
    quantity.and_then(Quantity::seconds).filter(|seconds| *seconds > 0.0)
}

/// How often a call is tried at most, the first time included: `retry: 2` tries again twice, `attempts` counts all.
pub fn attempts(value: &Value) -> Option<f64> {
    let attempts = match &value.data {
        Data::Bool(true) => Some(ATTEMPTS_DEFAULT),
        Data::Bool(false) => Some(1.0),
        Data::Map(map) => {
            let of = |key: &str| map.get(key).and_then(|entry| number(&entry.value, &[]));
            let all = of("attempts").or_else(|| of("max_attempts"));
            let again = of("retries").or_else(|| of("max_retries")).or_else(|| of("max"));
            all.or(again.map(|again| again + 1.0)).or(Some(ATTEMPTS_DEFAULT))
        }
        _ => number(value, &[]).map(|again| again + 1.0),
    };
    attempts.filter(|attempts| *attempts >= 1.0)
}

/// A span of time for people: `500 ms`, `2 s`.
pub fn told(seconds: f64) -> String {
    if seconds < 1.0 { format!("{} ms", rounded(seconds * 1000.0)) } else { format!("{} s", rounded(seconds)) }
}

/// A number with at most two digits behind the point.
pub fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// The texts of a list, or the one text.
pub fn texts(value: &Value) -> Vec<String> {
    match value.as_list() {
        Some(items) => items.iter().filter_map(Value::scalar_text).collect(),
        None => value.scalar_text().into_iter().collect(),
    }
}
