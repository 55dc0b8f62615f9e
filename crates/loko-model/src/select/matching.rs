//! What selectors pick: each term is evaluated for all elements or relations at once.

use super::fields::{Field, INHERITED, Known, Meaning};
use super::{Comparison, Expression, Term, Test};
use crate::glob::is_pattern;
use crate::quantity::Quantity;
use crate::value::Data;
use crate::{Element, ElementIx, Model, Relation, Value, name};
use indexmap::IndexMap;
use std::cmp::Ordering;
use std::sync::Arc;

/// For each element whether an expression picks it.
pub(super) fn elements(model: &Model, expression: &Expression) -> Vec<bool> {
    match expression {
        Expression::Term(Term { field: Field::Known(known), test: Test::Picks(inner) }) => {
            around(model, known.meaning, &elements(model, inner))
        }
        Expression::Term(term) => model.ids().map(|ix| element(model, ix, term)).collect(),
        _ => combine(expression, model.elements.len(), &|inner| elements(model, inner)),
    }
}

/// For each relation whether an expression picks it.
pub(super) fn relations(model: &Model, expression: &Expression) -> Vec<bool> {
    match expression {
        Expression::Term(Term { field: Field::Known(known), test: Test::Picks(inner) }) => {
            let picked = elements(model, inner);
            // Whoever names a whole means what is in it too.
            let is = |ix: ElementIx| model.ancestry(ix).any(|ix| picked[ix.index()]);
            let wanted = |relation: &Arc<Relation>| match known.meaning {
                Meaning::From => is(relation.source),
                Meaning::To => is(relation.target),
                _ => is(relation.source) || is(relation.target),
            };
            model.relations.iter().map(wanted).collect()
        }
        Expression::Term(term) => model.relations.iter().map(|it| relation(it, term)).collect(),
        _ => combine(expression, model.relations.len(), &|inner| relations(model, inner)),
    }
}

fn combine(expression: &Expression, count: usize, of: &dyn Fn(&Expression) -> Vec<bool>) -> Vec<bool> {
    let fold = |all: &[Expression], start: bool, join: fn(bool, bool) -> bool| {
        all.iter().fold(vec![start; count], |before, inner| {
            before.into_iter().zip(of(inner)).map(|(before, now)| join(before, now)).collect()
        })
    };
    match expression {
        Expression::All | Expression::Term(_) => vec![true; count],
        Expression::Not(inner) => of(inner).into_iter().map(|picked| !picked).collect(),
        Expression::And(all) => fold(all, true, |a, b| a && b),
        Expression::Or(all) => fold(all, false, |a, b| a || b),
    }
}

/// The elements that stand in some way to those that are picked.
fn around(model: &Model, meaning: Meaning, picked: &[bool]) -> Vec<bool> {
    let is_or_within = |ix: ElementIx| model.ancestry(ix).any(|ix| picked[ix.index()]);
    let mut found = vec![false; model.elements.len()];
    match meaning {
        Meaning::Parent => {
            for ix in model.ids() {
                found[ix.index()] = model.element(ix).parent.is_some_and(|parent| picked[parent.index()]);
            }
        }
        Meaning::Contains => {
            for ix in model.ids().filter(|ix| picked[ix.index()]) {
                model.ancestry(ix).skip(1).for_each(|above| found[above.index()] = true);
            }
        }
        Meaning::Uses | Meaning::UsedBy => {
            for relation in &model.relations {
                let (near, far) = match meaning {
                    Meaning::Uses => (relation.source, relation.target),
                    _ => (relation.target, relation.source),
                };
                if is_or_within(far) {
                    model.ancestry(near).for_each(|ix| found[ix.index()] = true);
                }
                if relation.bidirectional && is_or_within(near) {
                    model.ancestry(far).for_each(|ix| found[ix.index()] = true);
                }
            }
        }
        _ => {
            for ix in model.ids() {
                found[ix.index()] = model.ancestry(ix).skip(1).any(|above| picked[above.index()]);
            }
        }
    }
    found
}

fn element(model: &Model, ix: ElementIx, term: &Term) -> bool {
    let element = model.element(ix);
    let test = &term.test;
    match &term.field {
        Field::Known(known) => known_of_element(model, ix, element, known, test),
        Field::Attribute(path) => {
            let own = |element: &Element| attribute(&element.behaviour, &element.metadata, path).is_some();
            let inherits = INHERITED.contains(&path[0].as_str());
            let holder = model.ancestry(ix).find(|ix| !inherits || own(model.element(*ix))).unwrap_or(ix);
            let holder = model.element(holder);
            of_value(attribute(&holder.behaviour, &holder.metadata, path), test)
        }
    }
}

fn known_of_element(model: &Model, ix: ElementIx, element: &Element, known: &Known, test: &Test) -> bool {
    match known.meaning {
        Meaning::Kind => text(test, element.kind.name()),
        Meaning::Type => {
            let shape = element.shape.map_or("", crate::ElementShape::name);
            let external = if element.external { "external" } else { "" };
            let type_name = name::slug(element.type_name());
            texts(test, [element.kind.name(), shape, external, &type_name].into_iter())
        }
        Meaning::Id => by_id(element, test),
        Meaning::Name => text(test, &element.name),
        Meaning::Description => text(test, &element.description),
        Meaning::Technology => technology(test, &element.technology),
        Meaning::Tag => texts(test, element.tags.iter().map(String::as_str)),
        Meaning::Owner => text(test, model.owner(ix).map_or("", |(owner, _)| owner)),
        Meaning::Path => path(test, element.file.as_str()),
        Meaning::External => {
            let external = model.ancestry(ix).any(|ix| model.element(ix).external);
            text(test, if external { "true" } else { "false" })
        }
        Meaning::Has => has(test, &|key| element_has(model, ix, element, key)),
        _ => false,
    }
}

fn relation(relation: &Relation, term: &Term) -> bool {
    let test = &term.test;
    let known = match &term.field {
        Field::Known(known) => known,
        Field::Attribute(path) => return of_value(attribute(&relation.behaviour, &relation.metadata, path), test),
    };
    match known.meaning {
        Meaning::Kind | Meaning::Type => text(test, relation.kind.name()),
        Meaning::Id => text(test, &relation.id),
        Meaning::Description => text(test, &relation.description),
        Meaning::Technology => technology(test, &relation.technology),
        Meaning::Tag => texts(test, relation.tags.iter().map(String::as_str)),
        Meaning::Path => path(test, relation.place.path.as_str()),
        Meaning::Event => text(test, relation.event.as_deref().unwrap_or("")),
        Meaning::Bidirectional => text(test, if relation.bidirectional { "true" } else { "false" }),
        Meaning::Has => has(test, &|key| relation_has(relation, key)),
        _ => false,
    }
}

fn text(test: &Test, value: &str) -> bool {
    texts(test, std::iter::once(value))
}

/// Whether any of the texts is as wanted; for `!=` whether none is otherwise.
fn texts<'v>(test: &Test, mut values: impl Iterator<Item = &'v str>) -> bool {
    match test {
        Test::Matches(patterns) => {
            values.any(|value| patterns.iter().any(|(written, pattern)| same_or_matches(written, pattern, value)))
        }
        Test::Is(wanted) => values.any(|value| wanted.iter().any(|wanted| wanted == value)),
        Test::IsNot(unwanted) => !values.any(|value| unwanted.iter().any(|unwanted| unwanted == value)),
        Test::Compares(comparison, limit) => values.any(|value| compares(*comparison, value, *limit)),
        Test::Picks(_) => false,
    }
}

/// Most patterns are plain words, which need no matcher.
fn same_or_matches(written: &str, pattern: &crate::glob::Pattern, value: &str) -> bool {
    if is_pattern(written) || !written.is_ascii() || !value.is_ascii() {
        pattern.matches(value)
    } else {
        written.eq_ignore_ascii_case(value)
    }
}

fn compares(comparison: Comparison, value: &str, limit: Quantity) -> bool {
    let Some(order) = Quantity::parse(value).and_then(|value| value.compare(limit)) else { return false };
    match comparison {
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    }
}

/// A pattern is held against the id; a plain word may also be the last part of one or a name.
fn by_id(element: &Element, test: &Test) -> bool {
    match test {
        Test::Matches(patterns) => patterns.iter().any(|(written, pattern)| {
            if is_pattern(written) {
                return pattern.matches(&element.id);
            }
            let names = [element.id.as_str(), element.key(), element.name.as_str()];
            names.into_iter().any(|name| same_or_matches(written, pattern, name))
        }),
        _ => text(test, &element.id),
    }
}

fn technology(test: &Test, technology: &str) -> bool {
    let parts = technology.split([',', ';']).map(str::trim);
    let words = technology.split(|character: char| character.is_whitespace() || ",;/()".contains(character));
    match test {
        Test::Matches(_) => {
            text(test, technology) || texts(test, parts) || texts(test, words.filter(|word| !word.is_empty()))
        }
        _ => text(test, technology),
    }
}

fn path(test: &Test, file: &str) -> bool {
    let is_below = |folder: &str| {
        let folder = folder.trim_end_matches('/');
        file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    match test {
        Test::Matches(patterns) => {
            text(test, file) || patterns.iter().any(|(written, _)| !is_pattern(written) && is_below(written))
        }
        _ => text(test, file),
    }
}

fn has(test: &Test, is_there: &dyn Fn(&str) -> bool) -> bool {
    match test {
        Test::Matches(keys) => keys.iter().any(|(key, _)| is_there(key)),
        Test::Is(keys) => keys.iter().any(|key| is_there(key)),
        Test::IsNot(keys) => !keys.iter().any(|key| is_there(key)),
        Test::Compares(..) | Test::Picks(_) => false,
    }
}

fn element_has(model: &Model, ix: ElementIx, element: &Element, key: &str) -> bool {
    match key {
        "name" => !element.name.is_empty(),
        "description" => !element.description.is_empty(),
        "technology" => !element.technology.is_empty(),
        "owner" => model.owner(ix).is_some(),
        "tag" | "tags" => !element.tags.is_empty(),
        "shape" => element.shape.is_some(),
        "links" => !element.links.is_empty(),
        "code" => !element.code.is_empty(),
        "diagram" | "d2" => element.d2.is_some(),
        "parts" => !model.children(ix).is_empty(),
        "relationships" => !model.outgoing(ix).is_empty(),
        _ => {
            let path: Vec<String> = key.trim_start_matches("metadata.").split('.').map(str::to_owned).collect();
            let inherits = INHERITED.contains(&path[0].as_str());
            let said = |ix: ElementIx| {
                let element = model.element(ix);
                attribute(&element.behaviour, &element.metadata, &path).is_some_and(is_said)
            };
            if inherits { model.ancestry(ix).any(said) } else { said(ix) }
        }
    }
}

fn relation_has(relation: &Relation, key: &str) -> bool {
    match key {
        "description" | "label" => !relation.description.is_empty(),
        "technology" => !relation.technology.is_empty(),
        "event" => relation.event.is_some(),
        "tag" | "tags" => !relation.tags.is_empty(),
        _ => {
            let path: Vec<String> = key.trim_start_matches("metadata.").split('.').map(str::to_owned).collect();
            attribute(&relation.behaviour, &relation.metadata, &path).is_some_and(is_said)
        }
    }
}

/// The value at a path of keys, looked for among behaviour first.
fn attribute<'v>(
    behaviour: &'v IndexMap<String, Value>,
    metadata: &'v IndexMap<String, Value>,
    path: &[String],
) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    // Another word for a key is kept under the key's own name.
    let own = crate::schema::At::ELEMENTS
        .iter()
        .chain(&[crate::schema::At::Relation])
        .find_map(|at| crate::schema::find(*at, first))
        .map(|key| key.name);
    let names = [Some(first.as_str()), own];
    let mut value = names.into_iter().flatten().find_map(|name| behaviour.get(name).or_else(|| metadata.get(name)))?;
    for key in rest {
        value = &value.as_map()?.get(key)?.value;
    }
    Some(value)
}

/// Whether a value says anything: not nothing, empty, or `false`.
fn is_said(value: &Value) -> bool {
    match &value.data {
        Data::Null | Data::Bool(false) => false,
        Data::Text(text) => !text.is_empty(),
        Data::List(items) => !items.is_empty(),
        Data::Map(entries) => !entries.is_empty(),
        Data::Bool(true) | Data::Integer(_) | Data::Float(_) => true,
    }
}

fn of_value(value: Option<&Value>, test: &Test) -> bool {
    let Some(value) = value else { return matches!(test, Test::IsNot(_)) };
    let mut found: Vec<String> = Vec::new();
    match &value.data {
        Data::List(items) => found.extend(items.iter().filter_map(Value::scalar_text)),
        Data::Map(entries) => found.extend(entries.keys().cloned()),
        _ => found.extend(value.scalar_text()),
    }
    texts(test, found.iter().map(String::as_str))
}
