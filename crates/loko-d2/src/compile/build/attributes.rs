//! Attributes of objects, edges and arrowheads: what keywords set, checked as they are read.

use super::super::imports::is_remote;
use super::super::ir::{ArrayId, Composite, EdgeId, FieldId, Ir, Item, Scalar, Spot};
use super::super::markup::html_problem;
use super::{Builder, is_string};
use crate::keywords;
use crate::syntax::ast::{Form, Value};
use crate::syntax::parse_key_path;
use loko_diagram::{Text, TextKind};
use loko_source::suggest::did_you_mean;
use smol_str::SmolStr;

/// What got a value by a statement. The statement itself is looked for only where an error is to be shown.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Origin {
    Field(FieldId),
    Edge(EdgeId),
}

impl Origin {
    /// Where the statement stands.
    pub(super) fn spot(self, ir: &Ir) -> Spot {
        match self {
            Self::Field(field) => ir.primary_spot(field),
            Self::Edge(edge) => ir.edge_primary_spot(edge),
        }
    }
}

/// A value that was set, with what it was set on.
#[derive(Clone, Debug)]
pub(in super::super) struct Set {
    pub(in super::super) text: SmolStr,
    pub(in super::super) origin: Origin,
    /// The value alone.
    pub(in super::super) value_spot: Spot,
}

/// Values by keyword. There are few of them, most things have none.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Settings(Vec<(&'static str, Set)>);

impl Settings {
    pub(in super::super) fn get(&self, keyword: &str) -> Option<&Set> {
        self.0.iter().find(|(known, _)| *known == keyword).map(|(_, set)| set)
    }

    pub(super) fn contains_key(&self, keyword: &str) -> bool {
        self.get(keyword).is_some()
    }

    /// Sets a value in the place of an earlier one.
    pub(super) fn insert(&mut self, keyword: &'static str, set: Set) {
        match self.0.iter_mut().find(|(known, _)| *known == keyword) {
            Some((_, earlier)) => *earlier = set,
            None => self.0.push((keyword, set)),
        }
    }

    pub(super) fn remove(&mut self, keyword: &str) {
        self.0.retain(|(known, _)| *known != keyword);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Set)> {
        self.0.iter().map(|(keyword, set)| (*keyword, set))
    }
}

/// What is set on an object, an edge, an arrowhead or a board.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Attributes {
    pub(in super::super) label: Option<Set>,
    /// The language of a block string.
    language: Option<SmolStr>,
    /// Where errors about the label are shown.
    pub(in super::super) label_origin: Option<Origin>,
    pub(in super::super) shape: Option<Set>,
    /// The shape while none is set.
    pub(in super::super) default_shape: &'static str,
    /// Values by keyword; `label.near` and the like by that name.
    pub(in super::super) values: Settings,
    pub(in super::super) styles: Settings,
    pub(in super::super) icon_styles: Settings,
    pub(in super::super) classes: Vec<String>,
    pub(in super::super) constraints: Vec<String>,
}

impl Attributes {
    pub(in super::super) fn shape(&self) -> &str {
        self.shape.as_ref().map_or(self.default_shape, |shape| &shape.text)
    }

    pub(in super::super) fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    pub(in super::super) fn label_text(&self) -> Option<&str> {
        self.label.as_ref().map(|label| label.text.as_str())
    }

    pub(in super::super) fn value(&self, keyword: &str) -> Option<&str> {
        self.values.get(keyword).map(|set| set.text.as_str())
    }

    pub(in super::super) fn style_text(&self, keyword: &str) -> Option<&str> {
        self.styles.get(keyword).map(|set| set.text.as_str())
    }

    pub(in super::super) fn style_number(&self, keyword: &str) -> Option<f64> {
        self.style_text(keyword)?.parse().ok()
    }

    /// Whether something is set that matters in a grid only.
    pub(super) fn has_grid_values(&self) -> bool {
        self.values.iter().any(|(word, _)| word.starts_with("grid-") || word.ends_with("-gap"))
    }

    pub(in super::super) fn is_grid(&self) -> bool {
        self.values.contains_key("grid-rows") || self.values.contains_key("grid-columns")
    }

    /// The label as it is to be shown.
    pub(in super::super) fn text_of_label(&self) -> Option<Text> {
        let text = self.label_text()?.to_owned();
        let kind = match self.language() {
            None => TextKind::Plain,
            Some("markdown") => TextKind::Markdown,
            Some("latex") => TextKind::Latex,
            Some(language) => TextKind::Code(language.to_owned()),
        };
        Some(Text { text, kind })
    }
}

/// The full name of a language, for the short ones that D2 knows.
fn full_language(tag: &str) -> &str {
    match tag {
        "md" => "markdown",
        "tex" => "latex",
        "js" => "javascript",
        "go" => "golang",
        "py" => "python",
        "rb" => "ruby",
        "ts" => "typescript",
        tag => tag,
    }
}

/// The keyword of a text, as long as the program.
pub(super) fn keyword(word: &str) -> Option<&'static str> {
    keywords::SIMPLE.iter().chain(keywords::STYLE).find(|known| **known == word).copied()
}

impl Builder<'_> {
    /// Sets a label, and the language of a block string.
    pub(super) fn set_label(&mut self, attributes: &mut Attributes, scalar: &Scalar, origin: Origin) {
        let text = scalar.text();
        if let Value::Text(written) = &scalar.value
            && let Form::Block(fence) = &written.form
        {
            if text.trim().is_empty() {
                self.report(origin.spot(self.ir), "label", "block string cannot be empty");
            }
            let language = full_language(&fence.tag);
            if language == "markdown" {
                self.check_markdown(&text, origin);
            }
            attributes.language = Some(language.into());
        }
        attributes.label = Some(Set { text, origin, value_spot: scalar.spot() });
        attributes.label_origin = Some(origin);
    }

    fn check_markdown(&mut self, text: &str, origin: Origin) {
        if let Some(problem) = html_problem(text) {
            let spot = origin.spot(self.ir);
            let help = "close every HTML tag, or write it as `<br/>`";
            let message = format!("malformed Markdown: {problem}");
            self.report_with_help(spot, "markdown", message, || Some(help.to_owned()));
        }
    }

    /// Sets what a keyword other than `style` says.
    pub(super) fn set_keyword(&mut self, attributes: &mut Attributes, field: FieldId, word: &str) {
        let Some(word) = keyword(word) else { return };
        let origin = Origin::Field(field);
        let Some(scalar) = self.ir.field(field).primary.clone() else {
            self.set_composite(attributes, field, word);
            return;
        };
        if word == "shape" && self.ir.field(field).composite != Composite::None {
            self.report(origin.spot(self.ir), "keyword", "reserved field shape does not accept composite");
            return;
        }
        let set = Set { text: scalar.text(), origin, value_spot: scalar.spot() };
        match word {
            "label" => {
                self.set_label(attributes, &scalar, origin);
                self.set_position(attributes, field, "label.near");
            }
            "shape" => self.set_shape(attributes, set),
            "icon" => {
                if let Some(problem) = super::urls::problem(&set.text) {
                    self.report(set.value_spot, "icon", format!("bad icon url {:?}: {problem}", set.text.as_str()));
                }
                attributes.values.insert(word, set);
                self.set_position(attributes, field, "icon.near");
                self.set_icon_styles(attributes, field);
            }
            "tooltip" => {
                self.check_markdown(&set.text, origin);
                attributes.values.insert(word, set);
                self.set_position(attributes, field, "tooltip.near");
            }
            "near" if parse_key_path(&set.text).is_none() => {
                self.report(set.value_spot, "near", format!("bad near key {:?}: it is not a path", set.text.as_str()));
            }
            "link" | "near" => {
                attributes.values.insert(word, set);
            }
            "direction" => self.set_direction(attributes, set),
            "constraint" if is_string(&scalar) => attributes.constraints.push(set.text.to_string()),
            "constraint" => self.report(origin.spot(self.ir), "constraint", "constraint value must be a string"),
            "class" => attributes.classes.push(set.text.to_string()),
            "vars" => {}
            _ => self.set_integer(attributes, word, set),
        }
        self.check_urls(attributes, &scalar);
    }

    fn set_composite(&mut self, attributes: &mut Attributes, field: FieldId, word: &'static str) {
        match (word, self.ir.field(field).composite) {
            (_, Composite::None) => {
                let spot = self.ir.last_spot(field);
                self.report(spot, "keyword", format!("reserved field \"{word}\" must have a value"));
            }
            ("class", composite) => {
                if let Composite::Array(array) = composite {
                    self.check_items(field, array);
                }
                attributes.classes.extend(self.class_names(field).iter().map(SmolStr::to_string));
            }
            ("constraint", Composite::Array(array)) => {
                self.check_items(field, array);
                for item in &self.ir.array(array).items {
                    if let Item::Scalar(scalar) = item {
                        let is_null = matches!(scalar.value, Value::Null(_));
                        attributes.constraints.push(if is_null { "null".into() } else { scalar.text().into() });
                    }
                }
            }
            ("constraint", _) => {}
            ("label", _) => self.set_position(attributes, field, "label.near"),
            ("icon", _) => {
                self.set_position(attributes, field, "icon.near");
                self.set_icon_styles(attributes, field);
            }
            ("tooltip", _) => self.set_position(attributes, field, "tooltip.near"),
            _ => {
                let spot = self.ir.primary_spot(field);
                self.report(spot, "keyword", format!("reserved field {word} does not accept composite"));
            }
        }
    }

    /// Refuses maps and arrays in an array of texts.
    fn check_items(&mut self, field: FieldId, array: ArrayId) {
        if self.ir.array(array).items.iter().any(|item| !matches!(item, Item::Scalar(_))) {
            let spot = self.ir.primary_spot(field);
            let help = "write its items as texts, such as `[a; b]`";
            self.report_with_help(spot, "array", "invalid value in array".into(), || Some(help.to_owned()));
        }
    }

    fn set_shape(&mut self, attributes: &mut Attributes, set: Set) {
        let shape = set.text.to_lowercase();
        if shape.is_empty() {
            return;
        }
        if !keywords::SHAPES.contains(&shape.as_str()) && !keywords::ARROWHEADS.contains(&shape.as_str()) {
            let help = || did_you_mean(&shape, keywords::SHAPES.iter().copied());
            self.report_with_help(set.value_spot, "shape", format!("unknown shape {:?}", set.text.as_str()), help);
            return;
        }
        attributes.shape = Some(Set { text: shape.into(), ..set });
    }

    fn set_direction(&mut self, attributes: &mut Attributes, set: Set) {
        let direction = set.text.to_lowercase();
        if !keywords::DIRECTIONS.contains(&direction.as_str()) {
            let known = keywords::DIRECTIONS.join(", ");
            self.report(
                set.value_spot,
                "direction",
                format!("direction must be one of {known}, got {:?}", set.text.as_str()),
            );
            return;
        }
        attributes.values.insert("direction", Set { text: direction.into(), ..set });
    }

    fn set_integer(&mut self, attributes: &mut Attributes, word: &'static str, set: Set) {
        let text = set.text.as_str();
        let message = match (text.parse::<i64>(), word) {
            (Err(_), _) => format!("non-integer {word} {text:?}: it is not a whole number"),
            (Ok(value), "grid-rows" | "grid-columns") if value <= 0 => {
                format!("{word} must be a positive integer: {text:?}")
            }
            (Ok(value), "top" | "left" | "grid-gap" | "vertical-gap" | "horizontal-gap") if value < 0 => {
                format!("{word} must be a non-negative integer: {text:?}")
            }
            (Ok(_), _) => {
                attributes.values.insert(word, set);
                return;
            }
        };
        self.report(set.value_spot, "number", message);
    }

    /// Sets where a label, an icon or a tooltip stands.
    fn set_position(&mut self, attributes: &mut Attributes, field: FieldId, place: &'static str) {
        let Some(map) = self.ir.field_map(field) else { return };
        for inner in &self.ir.map(map).fields {
            let spot = self.ir.primary_spot(*inner);
            if !self.ir.is_named(*inner, "near") {
                let has_style = place == "icon.near" && self.ir.is_named(*inner, "style");
                if self.ir.primary_ref(*inner).is_some() && !has_style {
                    self.report(spot, "keyword", format!("unexpected field {}", self.ir.name(*inner)));
                }
                continue;
            }
            let known = if place == "tooltip.near" { keywords::NEAR } else { keywords::LABEL_POSITIONS };
            match &self.ir.field(*inner).primary {
                Some(scalar) if matches!(scalar.value, Value::Null(_)) => {
                    attributes.values.remove(place);
                }
                Some(scalar) if known.contains(&scalar.text().as_str()) => {
                    let set = Set { text: scalar.text(), origin: Origin::Field(*inner), value_spot: scalar.spot() };
                    attributes.values.insert(place, set);
                }
                scalar => {
                    let help = || did_you_mean(&scalar.as_ref()?.text(), known.iter().copied());
                    self.report_with_help(spot, "near", "invalid \"near\" field".into(), help);
                }
            }
        }
        if !self.ir.map(map).edges.is_empty() {
            let spot = self.ir.primary_spot(field);
            self.report(spot, "keyword", "unexpected edges in map");
        }
    }

    /// A URL as a text would hide that the link leads elsewhere.
    fn check_urls(&mut self, attributes: &Attributes, scalar: &Scalar) {
        if !attributes.values.contains_key("link") {
            return;
        }
        for (text, name) in [(attributes.label_text(), "Label"), (attributes.value("tooltip"), "Tooltip")] {
            if text.is_some_and(|text| is_remote(text) && text.contains("://")) {
                let message = format!("{name} cannot be set to URL when link is also set (for security)");
                self.report(scalar.spot(), "link", message);
            }
        }
    }
}
