//! Variables: substitutions and spreads are replaced by what the nearest scope says, and `d2-config` is checked.
//!
//! A scope is the `vars` of a map; inner ones win. A map's variables are resolved before the rest of the map.

use super::Compiler;
use super::build::parse_bool;
use super::ir::{ArrayId, Composite, EdgeId, FieldId, FileId, Item, MapId, Name, Scalar, Spot};
use super::markup::replace_in_markdown;
use crate::syntax::ast::{Content, Form, Part, Piece, Substitution, Text, Value};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// How often a variable may stand for another one before it counts as unresolvable.
const CHAIN_MAX: usize = 16;

/// The themes of D2.
pub(crate) const THEME_IDS: &[i64] =
    &[0, 1, 3, 4, 5, 6, 7, 8, 100, 101, 102, 103, 104, 105, 200, 201, 300, 301, 302, 303];

/// What gets the value of a substitution.
#[derive(Clone, Copy)]
enum Target {
    Field(FieldId),
    Edge(EdgeId),
    Item(ArrayId, usize),
}

/// A text after its substitutions.
enum Resolved {
    /// Another value, and what a field that gets it holds besides.
    Value(Option<Value>, Composite, FileId),
    Refused,
}

impl Compiler<'_> {
    /// Replaces all substitutions below a root, if there can be some.
    pub(super) fn put_in_all_vars(&mut self, root: MapId) {
        if self.ir.has_vars || self.files.iter().any(|file| file.text.contains('$')) {
            self.put_in_vars(root, &[]);
        }
    }

    /// Replaces all substitutions in a map; `scopes` are the variables around it, the innermost first.
    fn put_in_vars(&mut self, map: MapId, scopes: &[MapId]) {
        let mut scopes = scopes.to_vec();
        let vars = self.ir.find_bare(map, "vars");
        if let Some(own) = vars.and_then(|vars| self.ir.field_map(vars)) {
            scopes.insert(0, own);
            self.put_in_vars(own, &scopes);
            if let Some(config) = self.ir.find_bare(own, "d2-config") {
                self.check_config(config);
            }
        }
        let mut at = 0;
        while let Some(field) = self.ir.map(map).fields.get(at).copied() {
            at += 1;
            if self.is_stopped() {
                return;
            }
            if Some(field) == vars && self.ir.field_map(field).is_some() {
                continue;
            }
            if self.ir.field(field).name.is_none() {
                // What a spread puts in is looked at next; it stands where the place holder stood.
                self.expand_spread(map, field, &scopes);
                at -= 1;
                continue;
            }
            self.put_in_field(field, &scopes);
        }
        for edge in self.ir.map(map).edges.clone() {
            if self.ir.edge(edge).primary.is_some() {
                self.put_in_target(Target::Edge(edge), &scopes);
            }
            if let Some(inner) = self.ir.edge(edge).map {
                self.put_in_vars(inner, &scopes);
            }
        }
    }

    fn put_in_field(&mut self, field: FieldId, scopes: &[MapId]) {
        if self.ir.field(field).primary.is_some() {
            self.put_in_target(Target::Field(field), scopes);
        }
        match self.ir.field(field).composite {
            Composite::None => {}
            Composite::Map(inner) => self.put_in_vars(inner, scopes),
            Composite::Array(array) => self.put_in_array(array, scopes),
        }
    }

    fn put_in_array(&mut self, array: ArrayId, scopes: &[MapId]) {
        let mut at = 0;
        while let Some(item) = self.ir.array(array).items.get(at).cloned() {
            match item {
                Item::Scalar(_) => {
                    self.put_in_target(Target::Item(array, at), scopes);
                    // A variable that is a list stands for its items, as there are no lists of lists.
                    if let Some(Item::Array(inner)) = self.ir.array(array).items.get(at) {
                        let items = self.ir.array(*inner).items.clone();
                        self.ir.array_mut(array).items.splice(at..=at, items);
                        continue;
                    }
                }
                Item::Spread(substitution, file) => {
                    let items = self.spread_items(array, &substitution, file, scopes);
                    let count = items.len();
                    self.ir.array_mut(array).items.splice(at..=at, items);
                    at += count;
                    continue;
                }
                Item::Array(inner) => self.put_in_array(inner, scopes),
                Item::Map(inner) => self.put_in_vars(inner, scopes),
            }
            at += 1;
        }
    }

    fn target_scalar(&self, target: Target) -> Option<Scalar> {
        match target {
            Target::Field(field) => self.ir.field(field).primary.clone(),
            Target::Edge(edge) => self.ir.edge(edge).primary.clone(),
            Target::Item(array, at) => match self.ir.array(array).items.get(at) {
                Some(Item::Scalar(scalar)) => Some(scalar.clone()),
                _ => None,
            },
        }
    }

    /// Where errors about a target's substitutions are shown.
    fn target_spot(&self, target: Target) -> Spot {
        match target {
            Target::Field(field) => self.ir.last_spot(field),
            Target::Edge(edge) => self.ir.edge_last_spot(edge),
            Target::Item(array, _) => self.ir.last_spot(self.ir.array(array).parent),
        }
    }

    fn put_in_target(&mut self, target: Target, scopes: &[MapId]) {
        let Some(mut scalar) = self.target_scalar(target) else { return };
        let mut composite = Composite::None;
        for _ in 0..CHAIN_MAX {
            let Value::Text(text) = &scalar.value else { break };
            if let Form::Block(_) = text.form {
                let replaced = self.put_in_block(text, scopes);
                scalar.value = Value::Text(replaced);
                break;
            }
            if text.substitutions().next().is_none() {
                break;
            }
            match self.resolve_text(target, text, scalar.file, scopes) {
                Resolved::Refused => return,
                Resolved::Value(value, held, file) => {
                    if held != Composite::None {
                        composite = held;
                    }
                    match value {
                        Some(value) => scalar = Scalar { value, file },
                        None => {
                            self.set_target(target, None, composite);
                            return;
                        }
                    }
                }
            }
        }
        self.set_target(target, Some(scalar), composite);
    }

    fn set_target(&mut self, target: Target, scalar: Option<Scalar>, composite: Composite) {
        match target {
            Target::Field(field) => {
                self.ir.field_mut(field).primary = scalar;
                let is_own = matches!((composite, self.ir.field(field).parent), (Composite::Map(held), Some(map)) if self.ir.is_inside(map, held));
                if is_own {
                    let spot = self.target_spot(target);
                    self.report(spot, "variable", "a variable cannot hold itself");
                } else if composite != Composite::None {
                    self.ir.copy_composite(composite, field);
                }
            }
            Target::Edge(edge) => {
                self.ir.edge_mut(edge).primary = scalar;
                match composite {
                    Composite::Map(map) if self.ir.is_inside(self.ir.edge(edge).parent, map) => {
                        let spot = self.target_spot(target);
                        self.report(spot, "variable", "a variable cannot hold itself");
                    }
                    Composite::Map(map) => {
                        self.ir.edge_mut(edge).map = None;
                        let inner = self.ir.ensure_edge_map(edge);
                        self.ir.copy_map_into(map, inner);
                    }
                    Composite::Array(_) => {
                        let spot = self.target_spot(target);
                        self.report(spot, "variable", "cannot substitute array variable to an edge");
                    }
                    Composite::None => {}
                }
            }
            Target::Item(array, at) => {
                let item = match (scalar, composite) {
                    (Some(scalar), _) => Item::Scalar(scalar),
                    (None, Composite::Array(inner)) => Item::Array(inner),
                    (None, Composite::Map(inner)) => Item::Map(inner),
                    (None, Composite::None) => return,
                };
                self.ir.array_mut(array).items[at] = item;
            }
        }
    }

    // Texts.

    fn resolve_text(&mut self, target: Target, text: &Text, file: FileId, scopes: &[MapId]) -> Resolved {
        let Content::Parts(parts) = &text.content else { return Resolved::Refused };
        if let ([Part::Substitution(only)], Form::Unquoted) = (parts.as_slice(), &text.form) {
            return self.resolve_only(target, only, scopes);
        }
        let mut said = String::new();
        let mut held = Composite::None;
        for part in parts {
            match part {
                Part::Piece(piece) => said.push_str(&piece.text),
                Part::Substitution(substitution) => {
                    match self.text_of_variable(target, substitution, &text.form, scopes) {
                        Some((value, composite)) => {
                            said.push_str(&value);
                            // A variable with a label and a map gives a text its map, too.
                            if composite != Composite::None {
                                held = composite;
                            }
                        }
                        None => return Resolved::Refused,
                    }
                }
            }
        }
        let content = Content::Plain(Piece::new(said));
        let value = Value::Text(Text { span: text.span, form: text.form.clone(), content, pattern: None });
        Resolved::Value(Some(value), held, file)
    }

    /// A text that is nothing but a substitution becomes what the variable holds.
    fn resolve_only(&mut self, target: Target, substitution: &Substitution, scopes: &[MapId]) -> Resolved {
        let Some(variable) = self.find_variable(target, substitution, scopes, false) else { return Resolved::Refused };
        let held = self.ir.field(variable);
        match (&held.primary, held.composite) {
            (None, Composite::None) => {
                self.report_variable(target, "cannot substitute variable without value:", substitution, "");
                Resolved::Refused
            }
            (Some(primary), composite) => Resolved::Value(Some(primary.value.clone()), composite, primary.file),
            (None, composite) => Resolved::Value(None, composite, FileId::MAIN),
        }
    }

    /// The text of a variable in the middle of another text, and what the variable holds besides unless in quotes.
    fn text_of_variable(
        &mut self,
        target: Target,
        substitution: &Substitution,
        form: &Form,
        scopes: &[MapId],
    ) -> Option<(SmolStr, Composite)> {
        let is_quoted = *form == Form::Double;
        let mut variable = self.find_variable(target, substitution, scopes, is_quoted)?;
        for _ in 0..CHAIN_MAX {
            let held = self.ir.field(variable);
            // A variable that stands for one that was not resolved yet.
            let next = held.primary.as_ref().and_then(|primary| match &primary.value {
                Value::Text(text) => text.substitutions().next().cloned(),
                _ => None,
            });
            if let Some(next) = next {
                variable = self.find_variable(target, &next, scopes, is_quoted)?;
                continue;
            }
            match (&held.primary, held.composite) {
                (Some(primary), _) if is_quoted => return Some((primary.text(), Composite::None)),
                (Some(primary), composite) => return Some((primary.text(), composite)),
                (None, Composite::None) => {
                    self.report_variable(target, "cannot substitute variable without value:", substitution, "");
                    return None;
                }
                (None, _) if is_quoted => {
                    self.report_variable(target, "cannot substitute map variable", substitution, " in quotes");
                    return None;
                }
                (None, _) => {
                    self.report_variable(
                        target,
                        "cannot substitute composite variable",
                        substitution,
                        " as part of a string",
                    );
                    return None;
                }
            }
        }
        None
    }

    fn report_variable(&mut self, target: Target, before: &str, substitution: &Substitution, behind: &str) {
        let name = variable_name(substitution);
        let spot = self.target_spot(target);
        self.report(spot, "variable", format!("{before} \"{name}\"{behind}"));
    }

    // Looking up.

    /// The variable of the innermost scope that has it; reported when there is none, or when it is null.
    fn find_variable(
        &mut self,
        target: Target,
        substitution: &Substitution,
        scopes: &[MapId],
        null_counts: bool,
    ) -> Option<FieldId> {
        let found =
            scopes.iter().enumerate().find_map(|(at, scope)| self.find_in_scope(target, substitution, *scope, at == 0));
        let found = found.filter(|field| {
            let is_null =
                matches!(&self.ir.field(*field).primary, Some(scalar) if matches!(scalar.value, Value::Null(_)));
            null_counts || !is_null
        });
        if found.is_none() {
            self.report_variable(target, "could not resolve variable", substitution, "");
        }
        found
    }

    fn find_in_scope(
        &self,
        target: Target,
        substitution: &Substitution,
        scope: MapId,
        is_innermost: bool,
    ) -> Option<FieldId> {
        let mut map = Some(scope);
        let mut found = None;
        for element in &substitution.path {
            let field = self.ir.find(map?, &Name::of(element))?;
            // `x: ${x}` in the variables of a scope means the `x` of a scope further out.
            if let Target::Field(own) = target
                && is_innermost
                && self.ir.name(own) == element.as_str()
                && self
                    .ir
                    .field(own)
                    .parent
                    .is_some_and(|parent| self.ir.is_named(self.ir.parent_field(parent), "vars"))
            {
                return None;
            }
            found = Some(field);
            map = self.ir.field_map(field);
        }
        found
    }

    // Spreads.

    fn expand_spread(&mut self, map: MapId, holder: FieldId, scopes: &[MapId]) {
        let spot = self.ir.field(holder).spot.unwrap_or_else(super::globs::no_spot);
        let substitution = match self.ir.field(holder).primary.as_ref().map(|scalar| &scalar.value) {
            Some(Value::Text(text)) => text.substitutions().next().cloned(),
            _ => None,
        };
        if let Some(substitution) = substitution
            && let Some(variable) = self.find_variable(Target::Field(holder), &substitution, scopes, false)
        {
            match self.ir.field(variable).composite {
                Composite::None => self.report(spot, "variable", "cannot spread non-composite"),
                Composite::Array(_) => {}
                Composite::Map(upper) if self.ir.is_inside(map, upper) => {
                    let name = variable_name(&substitution);
                    self.report(spot, "variable", format!("variable \"{name}\" cannot be spread into itself"));
                }
                Composite::Map(upper) => self.ir.expand_at(map, upper, holder),
            }
        }
        self.ir.unlink_field(map, holder);
        self.apply_globs_of(map);
    }

    fn spread_items(
        &mut self,
        array: ArrayId,
        substitution: &Substitution,
        file: FileId,
        scopes: &[MapId],
    ) -> Vec<Item> {
        let spot = Spot { file, span: substitution.span };
        let Some(variable) = self.find_variable(Target::Item(array, 0), substitution, scopes, false) else {
            return Vec::new();
        };
        match self.ir.field(variable).composite {
            Composite::Array(from) => return self.ir.array(from).items.clone(),
            Composite::Map(_) => self.report(spot, "variable", "cannot spread non-array into array"),
            Composite::None => self.report(spot, "variable", "cannot spread non-composite"),
        }
        Vec::new()
    }

    // Block strings.

    fn put_in_block(&self, text: &Text, scopes: &[MapId]) -> Text {
        if !text.as_str().contains("${") {
            return text.clone();
        }
        let mut variables = BTreeMap::new();
        for scope in scopes {
            self.collect_variables(*scope, "", &mut variables);
        }
        let said = replace_in_markdown(text.as_str(), &variables);
        Text { content: Content::Plain(Piece::new(said)), ..text.clone() }
    }

    /// The texts of all variables of a scope by their paths; those of inner scopes are there already and stay.
    fn collect_variables(&self, map: MapId, before: &str, variables: &mut BTreeMap<String, SmolStr>) {
        for field in &self.ir.map(map).fields {
            let path = if before.is_empty() {
                self.ir.name(*field).to_owned()
            } else {
                format!("{before}.{}", self.ir.name(*field))
            };
            if let Some(inner) = self.ir.field_map(*field) {
                self.collect_variables(inner, &path, variables);
            }
            if let Some(primary) = &self.ir.field(*field).primary {
                variables.entry(path).or_insert_with(|| primary.text());
            }
        }
    }

    // Settings.

    fn check_config(&mut self, config: FieldId) {
        let Some(map) = self.ir.field_map(config) else { return };
        let holder = self.ir.field(config).parent.and_then(|vars| self.ir.parent_map(vars));
        if holder.is_none_or(|holder| self.ir.map_board_kind(holder).is_none()) {
            let spot = self.ir.last_spot(config);
            self.report(spot, "config", "\"d2-config\" can only appear at root vars");
            return;
        }
        for field in self.ir.map(map).fields.clone() {
            if let Err(message) = self.check_setting(field) {
                let spot = self.ir.last_spot(field);
                self.report(spot, "config", message);
            }
        }
    }

    fn check_setting(&self, field: FieldId) -> Result<(), String> {
        let name = self.ir.name(field);
        let value = self.ir.field(field).primary.as_ref().map(Scalar::text);
        let takes_map = matches!(name, "theme-overrides" | "dark-theme-overrides" | "data");
        if takes_map {
            return self.ir.field_map(field).map(drop).ok_or_else(|| format!("\"{name}\" needs a map"));
        }
        let Some(value) = value else { return Err(format!("\"{name}\" needs a value")) };
        let integer =
            || value.parse::<i64>().map_err(|_| format!("expected an integer for \"{name}\", got \"{value}\""));
        match name {
            "sketch" | "center" => parse_bool(&value)
                .map(drop)
                .ok_or_else(|| format!("expected a boolean for \"{name}\", got \"{value}\"")),
            "theme-id" | "dark-theme-id" => {
                let id = integer()?;
                if THEME_IDS.contains(&id) { Ok(()) } else { Err(format!("{id} is not a valid theme ID")) }
            }
            "pad" => integer().map(drop),
            "layout-engine" => Ok(()),
            _ => Err(format!("\"{name}\" is not a valid config")),
        }
    }
}

fn variable_name(substitution: &Substitution) -> String {
    substitution.path.iter().map(Text::as_str).collect::<Vec<_>>().join(".")
}
