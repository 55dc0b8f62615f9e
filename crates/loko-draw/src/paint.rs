//! Paints as a style names them: colours and CSS gradients.

use crate::color::Color;
use crate::scene::{Gradient, Ink, Paint};

/// Reads a colour or a `linear-gradient(…)` or `radial-gradient(…)`; nothing for what is neither.
pub(crate) fn parse(text: &str) -> Option<Paint> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    for (prefix, radial) in [("linear-gradient(", false), ("radial-gradient(", true)] {
        if let Some(inner) = lower.strip_prefix(prefix) {
            return gradient(inner.strip_suffix(')')?, radial).map(Paint::Gradient);
        }
    }
    let color = Color::parse(text)?;
    Some(if color.a == 0 { Paint::None } else { Paint::Flat(Ink::same(color)) })
}

fn gradient(inner: &str, radial: bool) -> Option<Gradient> {
    let parts = split_outside_brackets(inner);
    let (angle, colors) = match parts.first().and_then(|part| angle(part)) {
        Some(angle) => (angle, &parts[1..]),
        None if radial && parts.first().is_some_and(|part| stop(part).is_none()) => (180.0, &parts[1..]),
        None => (180.0, &parts[..]),
    };
    let stops: Vec<(Color, Option<f64>)> = colors.iter().filter_map(|part| stop(part)).collect();
    if stops.len() < 2 || stops.len() != colors.len() {
        return None;
    }
    let last = (stops.len() - 1) as f64;
    let mut least = 0.0;
    let mut placed = Vec::new();
    for (at, (color, place)) in stops.into_iter().enumerate() {
        least = place.unwrap_or(at as f64 / last).clamp(least, 1.0);
        placed.push((least, color));
    }
    Some(Gradient { radial, angle, stops: placed })
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_u32, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn angle(part: &str) -> Option<f64> {
    if let Some(degrees) = part.strip_suffix("deg") {
        return degrees.trim().parse().ok().filter(|angle: &f64| angle.is_finite());
    }
    let to = part.strip_prefix("to ")?;
    let has = |word: &str| to.split_whitespace().any(|part| part == word);
    let x = f64::from(u8::from(has("right"))) - f64::from(u8::from(has("left")));
    let y = f64::from(u8::from(has("bottom"))) - f64::from(u8::from(has("top")));
    Some(x.atan2(-y).to_degrees().rem_euclid(360.0))
}

fn stop(part: &str) -> Option<(Color, Option<f64>)> {
    if let Some((color, place)) = part.rsplit_once(char::is_whitespace)
        && let Some(percent) = place.strip_suffix('%')
    {
        let place: f64 = percent.parse().ok()?;
        return Some((Color::parse(color)?, Some(place / 100.0)));
    }
    Some((Color::parse(part)?, None))
}

/// The one colour that a paint is nearest to, for judging what can be read on it.
pub(crate) fn average(paint: &Paint) -> Option<Ink> {
    match paint {
        Paint::None => None,
        Paint::Flat(ink) => Some(*ink),
        Paint::Gradient(gradient) => {
            let (first, last) = (gradient.stops.first()?.1, gradient.stops.last()?.1);
            Some(Ink::same(first.mix(last, 0.5)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_read() {
        let Some(Paint::Gradient(found)) = parse("linear-gradient(to right, #f00 10%, rgba(0, 0, 255, 0.5))") else {
            panic!("no gradient");
        };
        assert!((found.angle - 90.0).abs() < 1e-9);
        assert_eq!(found.stops[0], (0.1, Color::rgb(0xff0000)));
        assert_eq!(found.stops[1].0, 1.0);
        assert!(matches!(
            parse("radial-gradient(circle, red, blue)"),
            Some(Paint::Gradient(Gradient { radial: true, .. }))
        ));
        assert_eq!(parse("linear-gradient(red)"), None);
        assert_eq!(parse("linear-gradient("), None);
        assert_eq!(parse("transparent"), Some(Paint::None));
    }
}
