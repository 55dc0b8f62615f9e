//! The keywords below `style`, and what values they take.

use super::super::ir::FieldId;
use super::attributes::{Attributes, Origin, Set, Settings, keyword};
use super::colors::is_paint;
use super::{Builder, parse_bool};
use crate::keywords;
use loko_source::suggest::did_you_mean;

const NEEDS_MAP: &str =
    "\"style\" expected to be set to a map of key-values, or contain an additional keyword like \"style.opacity: 0.4\"";

impl Builder<'_> {
    /// Sets the styles of a `style` field.
    pub(super) fn set_styles(&mut self, attributes: &mut Attributes, field: FieldId, needs_map: bool) {
        let mut styles = std::mem::take(&mut attributes.styles);
        if !self.read_styles(&mut styles, field) && needs_map {
            let spot = self.ir.last_spot(field);
            self.report(spot, "style", NEEDS_MAP);
        }
        attributes.styles = styles;
    }

    /// Sets the styles of an icon.
    pub(super) fn set_icon_styles(&mut self, attributes: &mut Attributes, icon: FieldId) {
        let Some(map) = self.ir.field_map(icon) else { return };
        let Some(style) = self.ir.find_bare(map, "style") else { return };
        let mut styles = std::mem::take(&mut attributes.icon_styles);
        if !self.read_styles(&mut styles, style) {
            let spot = self.ir.last_spot(icon);
            self.report(spot, "style", NEEDS_MAP);
        }
        attributes.icon_styles = styles;
    }

    /// Reads the map of a `style` field; false when it has none.
    fn read_styles(&mut self, styles: &mut Settings, field: FieldId) -> bool {
        let Some(map) = self.ir.field_map(field).filter(|map| !self.ir.map(*map).fields.is_empty()) else {
            return false;
        };
        for inner in &self.ir.map(map).fields {
            self.read_style(styles, *inner);
        }
        true
    }

    fn read_style(&mut self, styles: &mut Settings, field: FieldId) {
        let Some(name) = self.ir.field(field).name.clone() else { return };
        if !name.bare || !keywords::STYLE.contains(&name.folded.as_str()) {
            let spot = self.ir.last_spot(field);
            let help = || did_you_mean(&name.text, keywords::STYLE.iter().copied());
            self.report_with_help(spot, "style", format!("invalid style keyword: \"{}\"", name.text), help);
            return;
        }
        let Some(scalar) = self.ir.field(field).primary.clone() else { return };
        let Some(word) = keyword(&name.text) else {
            let help = || Some(format!("keywords are written in lower case: `{}`", name.folded));
            self.report_with_help(scalar.spot(), "style", format!("unknown style key: {}", name.text), help);
            return;
        };
        let text = scalar.text();
        match check_style(word, &text) {
            Ok(()) => {
                let text = if word == "font" { text.to_lowercase().into() } else { text };
                styles.insert(word, Set { text, origin: Origin::Field(field), value_spot: scalar.spot() });
            }
            Err(message) => {
                let is_clear = text.starts_with('#') && matches!(text.len(), 5 | 9);
                let help = "a hex code has three or six digits; `style.opacity` makes things transparent";
                self.report_with_help(scalar.spot(), "style", message, || is_clear.then(|| help.to_owned()));
            }
        }
    }
}

/// Whether a style takes a value.
fn check_style(word: &str, text: &str) -> Result<(), String> {
    let expect = |fits: bool, what: &str| if fits { Ok(()) } else { Err(format!("expected \"{word}\" to be {what}")) };
    let integer = |range: std::ops::RangeInclusive<i64>| text.parse::<i64>().is_ok_and(|value| range.contains(&value));
    let one_of = |known: &[&str]| known.contains(&text.to_lowercase().as_str());
    match word {
        "opacity" => {
            let fits = text.parse::<f64>().is_ok_and(|value| (0.0..=1.0).contains(&value));
            expect(fits, "a number between 0.0 and 1.0")
        }
        "stroke" | "fill" | "font-color" => expect(
            is_paint(text),
            "a valid named color (\"orange\"), a hex code (\"#f0ff3a\"), or a gradient (\"linear-gradient(red, blue)\")",
        ),
        "fill-pattern" => {
            expect(one_of(keywords::FILL_PATTERNS), &format!("one of: {}", keywords::FILL_PATTERNS.join(", ")))
        }
        "stroke-width" => expect(integer(0..=15), "a number between 0 and 15"),
        "stroke-dash" => expect(integer(0..=10), "a number between 0 and 10"),
        "border-radius" => expect(integer(0..=i64::MAX), "a number greater or equal to 0"),
        "font" if one_of(keywords::FONTS) => Ok(()),
        "font" => Err(format!("\"{text}\" is not a valid font in our system")),
        "font-size" => expect(integer(8..=100), "a number between 8 and 100"),
        "text-transform" => {
            expect(one_of(keywords::TEXT_TRANSFORMS), &format!("one of ({})", keywords::TEXT_TRANSFORMS.join(", ")))
        }
        _ => expect(parse_bool(text).is_some(), "true or false"),
    }
}

#[cfg(test)]
mod tests {
    use super::check_style;

    #[test]
    fn values_are_checked() {
        for (word, good, bad) in [
            ("opacity", "0.4", "1.1"),
            ("fill", "#fff", "#ggg"),
            ("fill", "linear-gradient(red, #000 50%)", "linear-gradient(#ggg, #000)"),
            ("stroke-width", "15", "16"),
            ("font-size", "8", "7"),
            ("bold", "true", "yes"),
            ("fill-pattern", "dots", "stripes"),
        ] {
            assert!(check_style(word, good).is_ok(), "{word} {good}");
            assert!(check_style(word, bad).is_err(), "{word} {bad}");
        }
    }
}
