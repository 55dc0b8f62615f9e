//! Elements: who came, went, has another name or place, and of whom other things are said.

use super::matching::{Certainty, Matching};
use super::{Changed, Elements, Field, Named, Renamed, Side};
use crate::edit::annotate::flow_yaml;
use crate::edit::naming;
use crate::value::Entry;
use crate::{Element, ElementIx, Model, Resolution, Value};
use indexmap::IndexMap;

/// Compares the elements of both sides.
pub(super) fn compare<'a>(before: Side<'a>, after: Side<'a>, matching: &Matching) -> Elements<'a> {
    let mut found = Elements::default();
    for ix in before.model.ids().filter(|ix| matching.after(*ix).is_none()) {
        found.removed.push(Named::of(before.model, ix));
    }
    for ix in after.model.ids() {
        let Some(other) = matching.before(ix) else {
            found.added.push(Named::of(after.model, ix));
            continue;
        };
        let (old, new) = (before.model.element(other.ix), after.model.element(ix));
        let is_moved = old.parent.and_then(|parent| matching.after(parent)).map(|it| it.ix) != new.parent;
        let is_renamed = old.key() != new.key() || old.name != new.name;
        if is_moved || is_renamed {
            let renamed = Renamed {
                from: Named::of(before.model, other.ix),
                to: Named::of(after.model, ix),
                // A part that followed its whole and has another name is the same by its key.
                certainty: other.certainty,
                likeness: other.likeness.map(|likeness| (likeness * 1000.0).round() / 1000.0),
                parts: followers(before.model, after.model, matching, ix),
            };
            if is_moved { found.moved.push(renamed) } else { found.renamed.push(renamed) }
        }
        let same = |was: &str, is: &str| names_same((before.model, other.ix, was), (after.model, ix, is), matching);
        let fields = fields(before, after, old, new, &same);
        if !fields.is_empty() {
            found.changed.push(Changed { element: Named::of(after.model, ix), fields });
        }
    }
    found
}

/// How many elements inside followed an element to another id.
fn followers(before: &Model, after: &Model, matching: &Matching, ix: ElementIx) -> usize {
    let follows = |inner: &&ElementIx| {
        matching.before(**inner).is_some_and(|other| {
            other.certainty == Certainty::Followed && before.element(other.ix).id != after.element(**inner).id
        })
    };
    after.subtree(ix)[1..].iter().filter(follows).count()
}

/// Whether two names, one of either side, mean the same element.
pub(super) type Same<'s> = dyn Fn(&str, &str) -> bool + 's;

/// Whether a name as an element of the former model says it means what another one means to an element of the later one.
pub(super) fn names_same(
    (before, old, was): (&Model, ElementIx, &str),
    (after, new, is): (&Model, ElementIx, &str),
    matching: &Matching,
) -> bool {
    match (before.resolve_from(old, was), after.resolve_from(new, is)) {
        (Resolution::Found(was), Resolution::Found(is)) => matching.after(was).is_some_and(|it| it.ix == is),
        _ => false,
    }
}

/// What is said of an element besides its name and place.
fn fields(before: Side<'_>, after: Side<'_>, old: &Element, new: &Element, same: &Same<'_>) -> Vec<Field> {
    let mut fields: Vec<Field> = plain(old).into_iter().zip(plain(new)).filter_map(differs).collect();
    for (old, new) in [(&old.behaviour, &new.behaviour), (&old.metadata, &new.metadata)] {
        fields.extend(values(old, new, same));
    }
    let prose = |side: Side<'_>, element: &Element| {
        let text = side.snapshot.text(element.file.as_str()).unwrap_or("");
        normal(text.get(element.body.range()).unwrap_or(""))
    };
    // The heading that repeats the name follows a rename.
    let (was, is) = (prose(before, old), prose(after, new));
    if was.replacen(&format!("# {}", old.name), &format!("# {}", new.name), 1) != is && was != is {
        fields.push(Field { name: "prose".to_owned(), before: None, after: None });
    }
    fields
}

fn differs(((name, before), (_, after)): ((&'static str, String), (&'static str, String))) -> Option<Field> {
    Field::of(name, before, after)
}

pub(super) fn plain(element: &Element) -> [(&'static str, String); 11] {
    let list = |texts: &[String]| texts.join(", ");
    [
        ("kind", element.kind.name().to_owned()),
        ("external", if element.external { "true".to_owned() } else { String::new() }),
        ("description", element.description.clone()),
        ("technology", element.technology.clone()),
        ("owner", element.owner.clone().unwrap_or_default()),
        ("shape", element.shape.map(|shape| shape.name().to_owned()).unwrap_or_default()),
        ("tags", list(&element.tags)),
        ("links", element.links.iter().map(|it| format!("{} ({})", it.title, it.url)).collect::<Vec<_>>().join(", ")),
        ("code", list(&element.code)),
        (
            "code_annotations",
            element
                .code_annotations
                .iter()
                .map(|(path, text)| format!("{path}: {text}"))
                .collect::<Vec<_>>()
                .join(", "),
        ),
        ("dependencies", list(&element.dependencies)),
    ]
}

/// The keys of two mappings whose values differ, in the order of the later one, what is gone last.
pub(super) fn values(before: &IndexMap<String, Value>, after: &IndexMap<String, Value>, same: &Same<'_>) -> Vec<Field> {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let mut fields = Vec::new();
    for key in after.keys().chain(gone) {
        compare_values(key, before.get(key), after.get(key), same, &mut fields);
    }
    fields
}

/// What differs in a value: of tables key by key, and of lists of tables with as many items item by item, each named by
/// its path.
fn compare_values(path: &str, before: Option<&Value>, after: Option<&Value>, same: &Same<'_>, fields: &mut Vec<Field>) {
    let nothing: IndexMap<String, Entry> = IndexMap::new();
    let old = before.map_or(Some(&nothing), Value::as_map);
    let new = after.map_or(Some(&nothing), Value::as_map);
    if let (Some(old), Some(new)) = (old, new)
        && !(old.is_empty() && new.is_empty())
    {
        let gone = old.keys().filter(|key| !new.contains_key(*key));
        for key in new.keys().chain(gone) {
            let (old, new) = (old.get(key).map(|it| &it.value), new.get(key).map(|it| &it.value));
            compare_values(&format!("{path}.{key}"), old, new, same, fields);
        }
        return;
    }
    if let (Some(old), Some(new)) = (before.and_then(Value::as_list), after.and_then(Value::as_list))
        && old.len() == new.len()
        && old.iter().chain(new).all(|item| item.as_map().is_some())
    {
        for (at, (old, new)) in old.iter().zip(new).enumerate() {
            compare_values(&format!("{path}[{}]", at + 1), Some(old), Some(new), same, fields);
        }
        return;
    }
    // A name that follows a rename says the same.
    if let (Some(old), Some(new)) = (before.and_then(Value::as_text), after.and_then(Value::as_text))
        && naming::is_place(path)
        && same(old, new)
    {
        return;
    }
    fields.extend(Field::of(path, before.map(told).unwrap_or_default(), after.map(told).unwrap_or_default()));
}

/// A value in a line.
pub(super) fn told(value: &Value) -> String {
    value.scalar_text().unwrap_or_else(|| flow_yaml(value))
}

/// A text without what nobody sees: line ends, blanks at the end of lines and of the text.
pub(super) fn normal(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}
