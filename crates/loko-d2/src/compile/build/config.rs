//! The settings of `vars.d2-config`.

use super::super::ir::{Composite, FieldId, Item, MapId, Scalar};
use super::colors::is_color;
use super::{Builder, parse_bool};
use indexmap::IndexMap;
use loko_diagram::Config;

/// The colours of a theme that can be overridden.
const CODES: &[&str] =
    &["n1", "n2", "n3", "n4", "n5", "n6", "n7", "b1", "b2", "b3", "b4", "b5", "b6", "aa2", "aa4", "aa5", "ab4", "ab5"];

impl Builder<'_> {
    pub(super) fn config(&mut self, root: MapId) -> Config {
        let vars = self.ir.map_at(root, "vars");
        let Some(map) = vars.and_then(|vars| self.ir.map_at(vars, "d2-config")) else { return Config::default() };
        let text = |word| {
            self.ir.find_bare(map, word).and_then(|field| self.ir.field(field).primary.as_ref()).map(Scalar::text)
        };
        let number = |word| text(word).and_then(|text| text.parse().ok());
        let boolean = |word| text(word).and_then(|text| parse_bool(&text));
        let mut config = Config {
            theme_id: number("theme-id"),
            dark_theme_id: number("dark-theme-id"),
            pad: number("pad"),
            sketch: boolean("sketch"),
            center: boolean("center"),
            layout_engine: text("layout-engine").map(String::from),
            ..Config::default()
        };
        config.theme_overrides = self.overrides(map, "theme-overrides");
        config.dark_theme_overrides = self.overrides(map, "dark-theme-overrides");
        if let Some(data) = self.ir.map_at(map, "data") {
            for field in &self.ir.map(data).fields {
                self.read_data(*field, &mut config);
            }
        }
        config
    }

    fn overrides(&mut self, map: MapId, word: &'static str) -> IndexMap<String, String> {
        let mut colors = IndexMap::new();
        let Some(inner) = self.ir.map_at(map, word) else { return colors };
        for field in &self.ir.map(inner).fields {
            let name = self.ir.name(*field);
            let code = name.to_lowercase();
            let spot = self.ir.primary_spot(*field);
            if !CODES.contains(&code.as_str()) {
                let help = || Some(format!("the codes are {}", CODES.join(", ").to_uppercase()));
                self.report_with_help(spot, "config", format!("\"{name}\" is not a valid theme code"), help);
                continue;
            }
            let color = self.ir.field(*field).primary.as_ref().map(Scalar::text).unwrap_or_default();
            if is_color(&color) {
                colors.insert(code, color.to_string());
            } else {
                let message =
                    format!("expected \"{name}\" to be a valid named color (\"orange\") or a hex code (\"#f0ff3a\")");
                self.report(spot, "config", message);
            }
        }
        colors
    }

    fn read_data(&self, field: FieldId, config: &mut Config) {
        let name = self.ir.name(field).to_owned();
        let held = self.ir.field(field);
        if let Some(primary) = &held.primary {
            config.data.insert(name, primary.text().to_string());
        } else if let Composite::Array(array) = held.composite {
            let items = self.ir.array(array).items.iter();
            let texts =
                items.filter_map(
                    |item| if let Item::Scalar(scalar) = item { Some(scalar.text().to_string()) } else { None },
                );
            config.data_lists.insert(name, texts.collect());
        }
    }
}
