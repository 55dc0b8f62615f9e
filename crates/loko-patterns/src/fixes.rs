//! Ready mends of obligations: what the pattern itself would have written, where nobody says anything yet.
//!
//! They may change what was meant, and are offered as such. A mend is only offered when the text, with it, is read as
//! it should be.

use crate::pattern::{Must, Pattern, Subject};
use crate::template::{self, Params};
use crate::write;
use indexmap::IndexMap;
use loko_model::edit::annotate;
use loko_model::value::Entry;
use loko_model::{Element, Model, Relation, Value};
use loko_source::{Applicability, FilePath, Fix, Snapshot, Span, TextEdit};

/// The keys that an obligation asks for, without what is inside of them.
fn keys(must: &Must) -> Vec<&str> {
    let first = must.any.first().into_iter();
    let mut keys: Vec<&str> = must.has.iter().chain(first).map(|path| path.split('.').next().unwrap_or(path)).collect();
    keys.dedup();
    keys
}

/// What the pattern would write for the keys of an obligation.
fn wished(set: &IndexMap<String, Entry>, must: &Must, params: &Params) -> Vec<(String, Value)> {
    let filled = template::table(set, &template::at_place(params, 1));
    let keys = keys(must);
    let asked = filled.into_iter().filter(|(key, _)| keys.contains(&key.as_str()));
    // Who is to be named may not be known.
    asked
        .map(|(key, entry)| (key, entry.value))
        .filter(|(_, value)| !annotate::flow_yaml(value).contains("${"))
        .collect()
}

fn fix(file: &FilePath, written: &[String], edits: Vec<TextEdit>) -> Option<Fix> {
    let title = format!("write {} as the pattern has it", written.join(" and "));
    let edits: Vec<_> = edits.into_iter().map(|edit| (file.clone(), edit)).collect();
    (!edits.is_empty()).then_some(Fix { title, applicability: Applicability::Unsafe, edits })
}

/// A mend of an element's page.
pub(crate) fn of_element(
    snapshot: &Snapshot,
    pattern: &Pattern,
    params: &Params,
    must: &Must,
    element: &Element,
) -> Option<Fix> {
    let Subject::Element(role) = &must.subject else { return None };
    let text = snapshot.text(element.file.as_str())?;
    let wished = wished(&pattern.roles.get(role)?.set, must, params);
    let open: Vec<(String, String)> =
        wished.iter().flat_map(|(key, value)| annotate::open_keys(text, key, value)).collect();
    let written: Vec<String> = open.iter().map(|(key, _)| format!("`{key}`")).collect();
    fix(&element.file, &written, annotate::additions(text, &open)?)
}

/// A mend of a relation where it is stated.
pub(crate) fn of_relation(
    model: &Model,
    snapshot: &Snapshot,
    pattern: &Pattern,
    params: &Params,
    must: &Must,
    relation: &Relation,
) -> Option<Fix> {
    let Subject::Relation(from, to) = &must.subject else { return None };
    let plan = pattern.relations.iter().find(|plan| plan.from == *from && plan.to == *to)?;
    let mut wished = wished(&plan.set, must, params);
    wished.retain(|(key, _)| !relation.behaviour.contains_key(key));
    let path = &relation.place.path;
    let text = snapshot.text(path.as_str())?;
    let edit = match path.extension() {
        Some("toml") => in_table(text, relation.place.span, &wished),
        Some("md") => in_item(text, relation.place.span, &wished),
        _ => None,
    }?;
    let after = loko_source::change::apply_edits(text, std::slice::from_ref(&edit)).ok()?;
    let says = |entries: &IndexMap<String, Entry>| {
        let said = |(key, value): &(String, Value)| {
            entries.get(key).is_some_and(|entry| annotate::is_same(&entry.value, value))
        };
        names(entries, model.element(relation.target).id.as_str(), &model.element(relation.target).name)
            && wished.iter().all(said)
    };
    let is_read = match path.extension() {
        Some("toml") => {
            let (root, findings) = loko_model::load::toml_value(path, &after);
            findings.is_empty() && list(root.as_map()?.get("relationships").map(|entry| &entry.value)).any(says)
        }
        _ => list(annotate::entries(&after).get("relationships")).any(says),
    };
    let written: Vec<String> = wished.iter().map(|(key, _)| format!("`{key}`")).collect();
    if is_read { fix(path, &written, vec![edit]) } else { None }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &IndexMap<String, Entry>> {
    value.and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_map)
}

/// Whether a statement leads to an element, by its id, the end of it, or its name.
fn names(entries: &IndexMap<String, Entry>, id: &str, name: &str) -> bool {
    let written = ["to", "target"].iter().find_map(|key| entries.get(*key)?.value.scalar_text());
    written.is_some_and(|to| id == to || id.ends_with(&format!("/{to}")) || name.eq_ignore_ascii_case(&to))
}

/// Keys right below the head of a table of TOML.
fn in_table(text: &str, span: Span, wished: &[(String, Value)]) -> Option<TextEdit> {
    let head = "[[relationships]]";
    let start = span.range().start.min(text.len());
    let at = if text[start..].starts_with(head) { start } else { text[..start].rfind(head)? };
    let end = at + text[at..].find('\n')? + 1;
    let lines: String = wished.iter().map(|(key, value)| format!("{key} = {}\n", write::toml(value))).collect();
    (!lines.is_empty()).then(|| TextEdit::insert(end, lines))
}

/// Keys below the line of an item of `relationships` that is written over several lines.
fn in_item(text: &str, span: Span, wished: &[(String, Value)]) -> Option<TextEdit> {
    let start = text[..span.range().start.min(text.len())].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].split_inclusive('\n').next()?;
    let indent = line.len() - line.trim_start_matches([' ', '-']).len();
    let lines: String = wished
        .iter()
        .map(|(key, value)| format!("{}{key}: {}\n", " ".repeat(indent), annotate::flow_yaml(value)))
        .collect();
    (!lines.is_empty() && line.ends_with('\n')).then(|| TextEdit::insert(start + line.len(), lines))
}
