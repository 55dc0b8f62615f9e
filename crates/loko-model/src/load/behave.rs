//! Values of behaviour held against the table of keys: types, units, words, and names inside tables.
//!
//! Nothing is taken away here. What does not fit is told of with its place and what would do; the value stays in the
//! model as it was written, for pages and exports.

use super::read::Reader;
use crate::behaviour::Unit;
use crate::schema::{self, At, Key, Takes};
use crate::value::{Data, Entry, Value};
use indexmap::IndexMap;
use loko_source::suggest::nearest;
use loko_source::{Applicability, Diagnostic, Span};

/// Why a value does not fit.
struct Misfit {
    span: Span,
    /// Whether it is of the wrong type altogether.
    of_type: bool,
    label: &'static str,
    message: String,
    note: Option<String>,
    instead: Vec<String>,
}

/// Tells of everything that does not fit in the value of a key.
pub(crate) fn check(reader: &mut Reader<'_>, key: &'static Key, value: &Value) {
    check_value(reader, key.name, key.takes, value);
}

/// Tells of everything that does not fit in a table.
pub(crate) fn check_table(reader: &mut Reader<'_>, path: &str, at: At, entries: &IndexMap<String, Entry>) {
    for (name, entry) in entries {
        if let Some(key) = reader.key(at, name, entry.key_span) {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            check_value(reader, &inner, key.takes, &entry.value);
        }
    }
}

fn check_value(reader: &mut Reader<'_>, path: &str, takes: Takes, value: &Value) {
    match (takes, &value.data) {
        (_, Data::Null) | (Takes::Short(..), Data::Bool(_)) => {}
        (Takes::Table(at) | Takes::Tables(at) | Takes::Short(at, _) | Takes::Items(at, _), Data::Map(entries)) => {
            check_table(reader, path, at, entries);
        }
        (Takes::Tables(_) | Takes::Items(..), Data::List(items)) => {
            let each = match takes {
                Takes::Items(at, short) => Takes::Short(at, short),
                Takes::Tables(at) => Takes::Table(at),
                other => other,
            };
            for item in items {
                check_value(reader, path, each, item);
            }
        }
        (Takes::Short(at, short) | Takes::Items(at, short), _) => {
            if let Some(key) = schema::find(at, short) {
                check_value(reader, path, key.takes, value);
            }
        }
        _ => {
            if let Err(misfit) = fits(reader, path, takes, value) {
                let finding = told(reader, *misfit);
                reader.findings.push(finding);
            }
        }
    }
}

/// Whether a value without tables fits.
fn fits(reader: &Reader<'_>, path: &str, takes: Takes, value: &Value) -> Result<(), Box<Misfit>> {
    let scalar = || reader.scalar(value);
    match takes {
        Takes::Text => scalar().map(drop).ok_or_else(|| wrong_type(path, value, "a text")),
        Takes::Bool => match (&value.data, scalar().as_deref()) {
            (Data::Bool(_), _) | (_, Some("yes" | "no" | "on" | "off")) => Ok(()),
            _ => Err(wrong_type(path, value, "`true` or `false`")),
        },
        Takes::Count => match value.data {
            Data::Integer(number) if u32::try_from(number).is_ok() => Ok(()),
            _ => Err(wrong_type(path, value, "a whole number")),
        },
        Takes::Amount(unit) => match scalar() {
            Some(text) => amount(path, unit, &text, value.span),
            None => Err(wrong_type(path, value, unit.expected())),
        },
        Takes::Amounts(unit) => match &value.data {
            Data::List(items) => items.iter().try_for_each(|item| fits(reader, path, Takes::Amount(unit), item)),
            _ => {
                let text = scalar().ok_or_else(|| wrong_type(path, value, "a list"))?;
                text.split(',').try_for_each(|part| amount(path, unit, part, value.span))
            }
        },
        Takes::Texts => match &value.data {
            Data::List(items) => items.iter().try_for_each(|item| fits(reader, path, Takes::Text, item)),
            _ => scalar().map(drop).ok_or_else(|| wrong_type(path, value, "a list of texts")),
        },
        Takes::OneOf(words) => match scalar() {
            Some(text) if words.iter().any(|word| schema::same_word(word, &text)) => Ok(()),
            Some(text) => Err(bad_word(path, &text, words, value.span)),
            None => Err(wrong_type(path, value, "a word")),
        },
        Takes::AnyOf(all) => any_of(reader, path, all, value),
        Takes::TextMap => match &value.data {
            Data::Map(entries) => entries.values().try_for_each(|entry| fits(reader, path, Takes::Text, &entry.value)),
            _ => Err(wrong_type(path, value, "a mapping of texts")),
        },
        Takes::Table(_) | Takes::Tables(_) => Err(wrong_type(path, value, "a mapping")),
        Takes::Short(..) | Takes::Items(..) | Takes::BoolOr(_) | Takes::Links | Takes::Relations | Takes::Any => Ok(()),
    }
}

/// Of several refusals the one that says most: that of a unit or word before that of a type.
fn any_of(reader: &Reader<'_>, path: &str, all: &[Takes], value: &Value) -> Result<(), Box<Misfit>> {
    let mut refused = Vec::new();
    for takes in all {
        match fits(reader, path, *takes, value) {
            Ok(()) => return Ok(()),
            Err(misfit) => refused.push(misfit),
        }
    }
    let worth = |misfit: &Misfit| (!misfit.of_type, !misfit.instead.is_empty());
    let best = refused.into_iter().reduce(|best, other| if worth(&other) > worth(&best) { other } else { best });
    best.map_or(Ok(()), Err)
}

fn wrong_type(path: &str, value: &Value, expected: &str) -> Box<Misfit> {
    let message = format!("`{path}` is {}; {expected} belongs there", value.kind_name());
    Box::new(Misfit {
        span: value.span,
        of_type: true,
        label: value.kind_name(),
        message,
        note: None,
        instead: Vec::new(),
    })
}

fn amount(path: &str, unit: Unit, text: &str, span: Span) -> Result<(), Box<Misfit>> {
    unit.check(text).map_err(|problem| {
        let message = format!("`{path}` cannot be `{text}`: {}", problem.why);
        let note = Some(format!("it is {}", unit.expected()));
        Box::new(Misfit { span, of_type: false, label: "does not fit", message, note, instead: problem.instead })
    })
}

fn bad_word(path: &str, text: &str, words: &[&str], span: Span) -> Box<Misfit> {
    let known: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let instead = nearest(text, words.iter().copied()).first().map(|best| (*best).to_owned());
    Box::new(Misfit {
        span,
        of_type: false,
        label: "not known",
        message: format!("`{path}` cannot be `{text}`"),
        note: Some(format!("it is one of {}", known.join(", "))),
        instead: instead.into_iter().collect(),
    })
}

fn told(reader: &Reader<'_>, misfit: Misfit) -> Diagnostic {
    let code = if misfit.of_type { "wrong-type" } else { "bad-value" };
    let mut finding = Diagnostic::error(code, misfit.message).at(reader.file, misfit.span, misfit.label);
    if let Some(note) = misfit.note {
        finding = finding.note(note);
    }
    let names: Vec<&str> = misfit.instead.iter().map(String::as_str).collect();
    let Some(help) = super::read::did_you_mean(&names) else { return finding };
    finding = finding.help(help);
    match names.as_slice() {
        [best] => {
            let edit = reader.replacement(misfit.span, best);
            finding.fix(reader.fix(format!("write `{best}`"), Applicability::Unsafe, edit))
        }
        _ => finding,
    }
}
