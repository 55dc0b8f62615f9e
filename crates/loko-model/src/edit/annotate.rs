//! `annotate`: keys, entries of `patterns` and sections that are added to elements, and taken away again.
//!
//! Additions never replace anything, so taking them away gives back the bytes that stood there before. What somebody
//! has changed since is not taken away unless that is asked for.

use super::draft::Draft;
use super::front::{Front, Unfit, same};
use super::update::unfit;
use super::{Refusal, lines, yaml};
use crate::load::yaml as parser;
use crate::value::Data;
use crate::{ElementIx, Loaded, Value};
use loko_source::{ChangeSet, Diagnostic, Snapshot, Span, TextEdit};

/// The key under which elements say which patterns they play a role in.
const ROLES: &str = "patterns";

/// What is added to an element.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// The element.
    pub element: ElementIx,
    /// Keys with their values as YAML on one line; a key that is there already stays as it is.
    pub set: Vec<(String, String)>,
    /// Entries of `patterns`, as YAML on one line.
    pub roles: Vec<String>,
    /// Prose for the end of its page, with the empty line before it.
    pub section: String,
}

impl Annotation {
    /// Whether nothing is added.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.roles.is_empty() && self.section.is_empty()
    }
}

/// A value as YAML on one line.
pub fn flow_yaml(value: &Value) -> String {
    match &value.data {
        Data::Null => "null".to_owned(),
        Data::Text(text) => yaml::flow_scalar(text),
        Data::List(items) => format!("[{}]", items.iter().map(flow_yaml).collect::<Vec<_>>().join(", ")),
        Data::Map(entries) => {
            let inner =
                entries.iter().map(|(key, entry)| format!("{}: {}", yaml::flow_scalar(key), flow_yaml(&entry.value)));
            format!("{{ {} }}", inner.collect::<Vec<_>>().join(", "))
        }
        _ => value.scalar_text().unwrap_or_default(),
    }
}

/// A text as a YAML scalar of its own line.
pub fn yaml_text(text: &str) -> String {
    yaml::scalar(text)
}

/// The section as it has to be added to a text: with its line breaks, and one before it when the text lacks its last.
pub fn section_for(text: &str, section: &str) -> String {
    let newline = lines::newline(text);
    let body = section.replace('\n', newline);
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    format!("{gap}{newline}{body}")
}

/// What of a key and its value an element's front matter does not say yet, with the values as YAML: the key, or what a
/// table lacks as `key.inner`.
pub fn open_keys(text: &str, key: &str, value: &Value) -> Vec<(String, String)> {
    let Ok(front) = Front::read(text) else { return Vec::new() };
    match (front.entries.get(key).map(|entry| &entry.value.data), &value.data) {
        (None, _) => vec![(key.to_owned(), flow_yaml(value))],
        (Some(Data::Map(known)), Data::Map(wished)) if !known.is_empty() => wished
            .iter()
            .filter(|(inner, _)| !known.contains_key(*inner))
            .map(|(inner, entry)| (format!("{key}.{inner}"), flow_yaml(&entry.value)))
            .collect(),
        _ => Vec::new(),
    }
}

/// Adds annotations to a change set.
pub fn annotate(
    snapshot: &Snapshot,
    loaded: &Loaded,
    annotations: &[Annotation],
    changes: &mut ChangeSet,
) -> Result<(), Refusal> {
    let mut draft = Draft::new(snapshot);
    for annotation in annotations {
        let file = &loaded.model.element(annotation.element).file;
        let text = draft.text(file)?;
        let unfit = |error| unfit(file, &error);
        let front = Front::read(text).map_err(unfit)?;
        // What extends an entry comes before what is put behind all of them: where the entry is the last one, both
        // stand at one place. New keys keep their order.
        let (mut edits, mut behind) = (Vec::new(), Vec::new());
        for (key, value) in &annotation.set {
            match key.split_once('.') {
                Some((table, inner)) => edits.extend(add_inner(&front, table, inner, value)),
                None => behind.extend(front.insert(key, value).map_err(unfit)?),
            }
        }
        let roles = add_roles(&front, &annotation.roles).map_err(unfit)?;
        if front.entries.contains_key(ROLES) {
            edits.extend(roles);
        } else {
            behind.extend(roles);
        }
        edits.extend(behind);
        if front.entries.is_empty() && edits.len() > 1 {
            edits = vec![joined(text, &edits)];
        }
        front.checked(&edits, |after| front.same_but(after, &touched(annotation))).map_err(unfit)?;
        if !annotation.section.is_empty() {
            edits.push(TextEdit::insert(text.len(), annotation.section.clone()));
        }
        draft.edit_all(file, edits);
    }
    merge(changes, draft.finish()?);
    Ok(())
}

fn touched(annotation: &Annotation) -> Vec<&str> {
    let outer = |key: &'_ String| key.find('.').unwrap_or(key.len());
    annotation.set.iter().map(|(key, _)| &key[..outer(key)]).chain([ROLES]).collect()
}

/// Several new front matters made into one.
fn joined(text: &str, edits: &[TextEdit]) -> TextEdit {
    let newline = lines::newline(text);
    let fence = format!("---{newline}");
    let gap = edits[0].text.ends_with(&format!("{fence}{newline}"));
    let inner: String = edits
        .iter()
        .map(|edit| {
            let inner = edit.text.trim_start_matches(&fence);
            inner.split(&fence).next().unwrap_or("").to_owned()
        })
        .collect();
    let gap = if gap { newline } else { "" };
    TextEdit { span: edits[0].span, text: format!("{fence}{inner}{fence}{gap}") }
}

/// Adds a key to a table that has some already.
fn add_inner(front: &Front<'_>, table: &str, inner: &str, written: &str) -> Option<TextEdit> {
    let entry = front.entries.get(table)?;
    let (_, last) = entry.value.as_map()?.last()?;
    let end = yaml::entry_end(front.text, last);
    if yaml::is_flow(front.text, &entry.value) {
        return Some(TextEdit::insert(end, format!(", {inner}: {written}")));
    }
    let indent = lines::indent(front.text, last.key_span.range().start);
    let line = format!("{indent}{inner}: {written}{}", lines::newline(front.text));
    Some(TextEdit::insert(lines::end(front.text, end), line))
}

/// Takes keys out of a table of which some stay.
fn remove_inner(front: &Front<'_>, table: &str, inner: &[&str]) -> Vec<TextEdit> {
    let Some(entry) = front.entries.get(table) else { return Vec::new() };
    let Some(entries) = entry.value.as_map() else { return Vec::new() };
    let start = |entry: &crate::value::Entry| yaml::raw_scalar(front.text, entry.key_span).start;
    if yaml::is_flow(front.text, &entry.value) {
        let gone: Vec<usize> = (0..entries.len())
            .filter(|at| entries.get_index(*at).is_some_and(|(name, _)| inner.contains(&name.as_str())))
            .collect();
        let parts = entries.values().map(|entry| (start(entry), yaml::entry_end(front.text, entry)));
        return super::front::remove_flow(front.text, parts, &gone);
    }
    let gone = entries.iter().filter(|(name, _)| inner.contains(&name.as_str()));
    gone.map(|(_, entry)| {
        let lines = yaml::whole_lines(front.text, start(entry), yaml::entry_end(front.text, entry));
        TextEdit::replace(lines, "")
    })
    .collect()
}

/// The value at a key, or at a key inside a table.
fn value_at<'f>(front: &'f Front<'_>, key: &str) -> Option<&'f Value> {
    match key.split_once('.') {
        Some((table, inner)) => front.value(table)?.as_map()?.get(inner).map(|entry| &entry.value),
        None => front.value(key),
    }
}

fn add_roles(front: &Front<'_>, roles: &[String]) -> Result<Vec<TextEdit>, Unfit> {
    if roles.is_empty() {
        return Ok(Vec::new());
    }
    let newline = lines::newline(front.text);
    let Some(entry) = front.entries.get(ROLES) else {
        let items: String = roles.iter().map(|role| format!("{newline}{}  - {role}", front.indent())).collect();
        return front.insert(ROLES, &items);
    };
    match entry.value.as_list() {
        Some(items) if !items.is_empty() => Ok(vec![front.append(&entry.value, roles, roles)]),
        _ => Err(Unfit(format!("has a `{ROLES}` that is no list with entries"))),
    }
}

/// Takes annotations away again. What was changed since is refused, or with `force` taken away all the same.
pub fn unannotate(
    snapshot: &Snapshot,
    loaded: &Loaded,
    annotations: &[Annotation],
    force: bool,
    changes: &mut ChangeSet,
) -> Result<(), Refusal> {
    let mut draft = Draft::new(snapshot);
    let mut diagnostics = Vec::new();
    for annotation in annotations {
        let element = loaded.model.element(annotation.element);
        let text = draft.text(&element.file)?;
        let unfit = |error| unfit(&element.file, &error);
        let front = Front::read(text).map_err(unfit)?;
        let mut edits = Vec::new();
        let section = section_span(text, &annotation.section, force);
        let mut inner: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
        for (key, written) in &annotation.set {
            let Some(value) = value_at(&front, key) else { continue };
            if force || is_value(value, written) {
                match key.split_once('.') {
                    Some((table, name)) => inner.entry(table).or_default().push(name),
                    None => edits.extend(front.clear(key).map_err(unfit)?),
                }
            } else {
                let message = format!("`{key}` of `{}` was changed since", element.id);
                let finding = Diagnostic::error("changed-since", message);
                diagnostics.push(finding.at(&element.file, value.span, "no longer what the pattern set"));
            }
        }
        edits.extend(inner.iter().flat_map(|(table, names)| remove_inner(&front, table, names)));
        edits.extend(remove_roles(&front, &annotation.roles));
        if front.entries.keys().all(|key| key == ROLES || annotation.set.iter().any(|(set, _)| set == key))
            && is_whole(&front, &edits)
        {
            edits = whole_front(text, section).into_iter().collect();
        }
        match section {
            Some(span) => edits.push(TextEdit::replace(span, "")),
            None if annotation.section.trim().is_empty() => {}
            None => {
                let heading = heading_of(&annotation.section);
                let message = format!("the section `{heading}` of `{}` was changed since", element.id);
                let finding = Diagnostic::error("changed-since", message);
                let at = text.find(heading).unwrap_or(0);
                diagnostics.push(finding.at(&element.file, Span::new(at, at + heading.len().min(text.len() - at)), ""));
            }
        }
        draft.edit_all(&element.file, edits);
    }
    if !diagnostics.is_empty() {
        let diagnostics = diagnostics
            .into_iter()
            .map(|finding| finding.help("keep what is needed elsewhere, then take it away with `--force`"))
            .collect();
        return Err(Refusal { kind: super::RefusalKind::Invalid, diagnostics });
    }
    merge(changes, draft.finish()?);
    Ok(())
}

fn is_value(value: &Value, written: &str) -> bool {
    parser::parse(written, 0).0.is_some_and(|wished| same(value, &wished))
}

fn remove_roles(front: &Front<'_>, roles: &[String]) -> Vec<TextEdit> {
    let Some(entry) = front.entries.get(ROLES) else { return Vec::new() };
    let items = entry.value.as_list().unwrap_or_default();
    let mut gone: Vec<usize> = Vec::new();
    for role in roles {
        gone.extend((0..items.len()).find(|at| !gone.contains(at) && is_value(&items[*at], role)));
    }
    gone.sort_unstable();
    front.remove_items(entry, &gone)
}

/// Whether the edits take away all entries.
fn is_whole(front: &Front<'_>, edits: &[TextEdit]) -> bool {
    !front.entries.is_empty() && edits.len() == front.entries.len() && edits.iter().all(|edit| edit.text.is_empty())
}

/// The front matter with its fences, and the empty line that was made with them, unless that is the section's.
fn whole_front(text: &str, section: Option<Span>) -> Option<TextEdit> {
    let parts = crate::load::front::split(text);
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let newline = lines::newline(text);
    let mut end = parts.body.range().start;
    parts.front?;
    let is_of_section = section.is_some_and(|section| section.range().start == end);
    if !is_of_section && text[end..].starts_with(newline) && text[end..].len() > newline.len() {
        end += newline.len();
    }
    Some(TextEdit::replace(Span::new(start, end), ""))
}

fn heading_of(section: &str) -> &str {
    section.trim_start().lines().next().unwrap_or("")
}

/// Where a section stands: as it was added, or with `loose` from its heading to the next of its rank.
fn section_span(text: &str, section: &str, loose: bool) -> Option<Span> {
    if section.trim().is_empty() {
        return None;
    }
    if let Some(at) = text.rfind(section) {
        return Some(Span::new(at, at + section.len()));
    }
    let heading = heading_of(section);
    let start = loose.then(|| text.find(heading)).flatten()?;
    let after = start + heading.len();
    let end = text[after..].find("\n## ").map_or(text.len(), |next| after + next + 1);
    Some(Span::new(start, end))
}

fn merge(changes: &mut ChangeSet, more: ChangeSet) {
    for (path, change) in more.files() {
        match change {
            loko_source::FileChange::Create(text) => changes.create(path.clone(), text.clone()),
            loko_source::FileChange::Edit(edits) => {
                edits.iter().for_each(|edit| changes.edit(path.clone(), edit.clone()));
            }
            loko_source::FileChange::Delete => changes.delete(path.clone()),
        }
    }
}
