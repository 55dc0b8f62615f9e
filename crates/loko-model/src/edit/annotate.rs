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
use indexmap::IndexMap;
use loko_source::change::apply_edits;
use loko_source::{ChangeSet, Snapshot, Span, TextEdit};

/// The key under which elements say which patterns they play a role in.
const ROLES: &str = "patterns";

/// The key under which elements state their relations.
const RELATIONS: &str = "relationships";

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
    /// Items of `relationships` as YAML on one line: taken away with the rest, never added.
    pub relations: Vec<String>,
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

/// What an element's front matter says otherwise than a key and its value wish, and what they wish, both as YAML.
pub fn otherwise(text: &str, key: &str, value: &Value) -> Option<(String, String)> {
    let front = Front::read(text).ok()?;
    let known = front.value(key)?;
    let differs = match (&known.data, &value.data) {
        (Data::Map(known), Data::Map(wished)) if !known.is_empty() => {
            wished.iter().any(|(inner, entry)| known.get(inner).is_some_and(|known| !same(&known.value, &entry.value)))
        }
        _ => !same(known, value),
    };
    differs.then(|| (flow_yaml(known), flow_yaml(value)))
}

/// What a text's front matter says, key by key; nothing when it cannot be read.
pub fn entries(text: &str) -> IndexMap<String, Value> {
    let front = Front::read(text).map(|front| front.entries).unwrap_or_default();
    front.into_iter().map(|(key, entry)| (key, entry.value)).collect()
}

/// Where the prose behind a text's front matter begins.
pub fn body_start(text: &str) -> usize {
    crate::load::front::split(text).body.range().start
}

/// Whether a value is what is written as YAML on one line.
pub fn is_written(value: &Value, written: &str) -> bool {
    parsed(written).is_some_and(|wished| same(value, &wished))
}

/// Whether two values mean the same, wherever they stand.
pub fn is_same(a: &Value, b: &Value) -> bool {
    same(a, b)
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

/// The edits that add keys, or keys inside tables, with their values as YAML; none when that cannot be done safely.
pub fn additions(text: &str, set: &[(String, String)]) -> Option<Vec<TextEdit>> {
    let front = Front::read(text).ok()?;
    let mut edits = Vec::new();
    for (key, value) in set {
        match key.split_once('.') {
            Some((table, inner)) => edits.extend(add_inner(&front, table, inner, value)),
            None => edits.extend(front.insert(key, value).ok()?),
        }
    }
    let outer: Vec<&str> = set.iter().map(|(key, _)| key.split('.').next().unwrap_or(key)).collect();
    front.checked(&edits, |after| front.same_but(after, &outer)).ok()?;
    Some(edits)
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

/// Takes keys out of a table; a table of which all go goes with them.
fn clear_inner(front: &Front<'_>, table: &str, names: &[&str]) -> Result<Vec<TextEdit>, Unfit> {
    let all = front.value(table).and_then(Value::as_map).map_or(0, IndexMap::len);
    if all == names.len() { front.clear(table) } else { Ok(remove_inner(front, table, names)) }
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

/// What is changed of what a pattern says of an element.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// The element.
    pub element: ElementIx,
    /// Keys, or keys inside tables (`retry.attempts`), to take away.
    pub clear: Vec<String>,
    /// Keys, or keys inside tables, with the values that they get, as YAML on one line.
    pub set: Vec<(String, String)>,
    /// Entries of `patterns` to take away.
    pub roles_gone: Vec<String>,
    /// Entries of `patterns` to add.
    pub roles: Vec<String>,
    /// Items of `relationships` to take away.
    pub relations_gone: Vec<String>,
    /// Edits of the prose behind the front matter.
    pub prose: Vec<TextEdit>,
}

/// Adds revisions to a change set.
pub fn revise(
    snapshot: &Snapshot,
    loaded: &Loaded,
    revisions: &[Revision],
    changes: &mut ChangeSet,
) -> Result<(), Refusal> {
    let mut draft = Draft::new(snapshot);
    for revision in revisions {
        let file = &loaded.model.element(revision.element).file;
        let text = draft.text(file)?;
        let after = revised(text, revision).map_err(|error| unfit(file, &error))?;
        if after != text {
            draft.edit(file, TextEdit::replace(Span::new(0, text.len()), after));
        }
    }
    merge(changes, draft.finish()?);
    Ok(())
}

fn revised(text: &str, revision: &Revision) -> Result<String, Unfit> {
    // The prose stands behind the front matter, so that no place of the latter moves.
    let mut text = edited(text, &revision.prose)?;
    let front = Front::read(&text)?;
    let mut edits = Vec::new();
    let mut inner: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for key in &revision.clear {
        match key.split_once('.') {
            Some((table, name)) => inner.entry(table).or_default().push(name),
            None => edits.extend(front.clear(key)?),
        }
    }
    for (table, names) in inner {
        edits.extend(clear_inner(&front, table, &names)?);
    }
    edits.extend(remove_items(&front, RELATIONS, &revision.relations_gone));
    text = edited(&text, &edits)?;
    for (key, written) in &revision.set {
        let edits = exchange(&Front::read(&text)?, key, written)?;
        text = edited(&text, &edits)?;
    }
    if revision.roles_gone != revision.roles {
        // New entries come first, so that a list of which all go keeps its place.
        let edits = add_roles(&Front::read(&text)?, &revision.roles)?;
        text = edited(&text, &edits)?;
        let edits = remove_items(&Front::read(&text)?, ROLES, &revision.roles_gone);
        text = edited(&text, &edits)?;
    }
    Front::read(&text)?;
    Ok(text)
}

fn edited(text: &str, edits: &[TextEdit]) -> Result<String, Unfit> {
    apply_edits(text, edits).map_err(|_| Unfit("is written in a way that cannot be edited safely".to_owned()))
}

/// Gives a key, or a key inside a table, a value, whatever it has now; a value alone is no table to add to.
fn exchange(front: &Front<'_>, key: &str, written: &str) -> Result<Vec<TextEdit>, Unfit> {
    let Some((table, name)) = key.split_once('.') else {
        return match front.entries.get(key) {
            Some(entry) => Ok(vec![with_value(front, entry, key, written)]),
            None => front.insert(key, written),
        };
    };
    let Some(entry) = front.entries.get(table) else {
        return front.insert(table, &format!("{{ {name}: {written} }}"));
    };
    match entry.value.as_map() {
        Some(entries) => Ok(match entries.get(name) {
            Some(entry) => vec![with_value(front, entry, name, written)],
            None => add_inner(front, table, name, written).into_iter().collect(),
        }),
        None => Ok(Vec::new()),
    }
}

/// Puts another value in the place of an entry's.
fn with_value(front: &Front<'_>, entry: &crate::value::Entry, name: &str, written: &str) -> TextEdit {
    let text = front.text;
    let end = yaml::entry_end(text, entry);
    let is_block = matches!(entry.value.data, Data::List(_) | Data::Map(_)) && !yaml::is_flow(text, &entry.value);
    match yaml::value_start(text, entry) {
        Some(start) if !is_block => TextEdit::replace(Span::new(start, end), written),
        Some(_) => {
            let start = yaml::raw_scalar(text, entry.key_span).start;
            let line = format!("{}{name}: {written}{}", lines::indent(text, start), lines::newline(text));
            TextEdit::replace(yaml::whole_lines(text, start, end), line)
        }
        None => TextEdit::insert(yaml::after_colon(text, entry), format!(" {written}")),
    }
}

/// A value written as YAML on one line.
pub fn parsed(written: &str) -> Option<Value> {
    parser::parse(written, 0).0
}

/// Something that stays when annotations are taken away, for people wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose it is.
    pub element: ElementIx,
    /// What it is, in words: "`timeout`: 3s", "the section `## Bulkhead`".
    pub what: String,
}

/// Takes annotations away again. What people wrote since stays and is handed back: keys with other values, sections with
/// words of their own. Boxes that are ticked are none. With `force` all of it goes.
pub fn unannotate(
    snapshot: &Snapshot,
    loaded: &Loaded,
    annotations: &[Annotation],
    force: bool,
    changes: &mut ChangeSet,
) -> Result<Vec<Kept>, Refusal> {
    let mut draft = Draft::new(snapshot);
    let mut kept = Vec::new();
    for annotation in annotations {
        let element = loaded.model.element(annotation.element);
        let text = draft.text(&element.file)?;
        let unfit = |error| unfit(&element.file, &error);
        let front = Front::read(text).map_err(unfit)?;
        let mut keep = |what: String| kept.push(Kept { element: annotation.element, what });
        let mut edits = Vec::new();
        let section = section_span(text, &annotation.section, force);
        let mut inner: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
        for (key, written) in &annotation.set {
            let Some(value) = value_at(&front, key) else { continue };
            if force || is_written(value, written) {
                match key.split_once('.') {
                    Some((table, name)) => inner.entry(table).or_default().push(name),
                    None => edits.extend(front.clear(key).map_err(unfit)?),
                }
            } else {
                keep(format!("`{key}`: {}", flow_yaml(value)));
            }
        }
        for (table, names) in &inner {
            edits.extend(clear_inner(&front, table, names).map_err(unfit)?);
        }
        edits.extend(remove_items(&front, ROLES, &annotation.roles));
        edits.extend(remove_items(&front, RELATIONS, &annotation.relations));
        if front.entries.keys().all(|key| touched(annotation).contains(&key.as_str())) && is_whole(&front, &edits) {
            edits = whole_front(text, section).into_iter().collect();
        }
        match section {
            Some(span) => edits.push(TextEdit::replace(span, "")),
            None => {
                let heading = heading_of(&annotation.section);
                if !heading.is_empty() && find_heading(text, heading).is_some() {
                    keep(format!("the section `{heading}`"));
                }
            }
        }
        draft.edit_all(&element.file, edits);
    }
    merge(changes, draft.finish()?);
    Ok(kept)
}

/// Takes items, given as YAML, out of the list at a key.
fn remove_items(front: &Front<'_>, key: &str, written: &[String]) -> Vec<TextEdit> {
    let Some(entry) = front.entries.get(key) else { return Vec::new() };
    let items = entry.value.as_list().unwrap_or_default();
    let mut gone: Vec<usize> = Vec::new();
    for item in written {
        gone.extend((0..items.len()).find(|at| !gone.contains(at) && is_written(&items[*at], item)));
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

/// Where a section stands: as it was added, with boxes ticked or not; else, when nothing in it is of people's own words
/// or with `loose`, from its heading to the next of its rank.
fn section_span(text: &str, section: &str, loose: bool) -> Option<Span> {
    if section.trim().is_empty() {
        return None;
    }
    // A tick takes no more room than a blank, so that places stay.
    let plain = unticked(text);
    if let Some(at) = plain.rfind(section) {
        return Some(Span::new(at, at + section.len()));
    }
    let span = section_at(text, heading_of(section))?;
    let known: Vec<&str> = section.lines().map(str::trim).collect();
    let is_known = plain[span.range()].lines().all(|line| line.trim().is_empty() || known.contains(&line.trim()));
    (loose || is_known).then_some(span)
}

/// A text with no box ticked.
pub fn unticked(text: &str) -> String {
    text.replace("[x]", "[ ]").replace("[X]", "[ ]")
}

/// Where a heading stands on a line of its own.
fn find_heading(text: &str, heading: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == heading {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Where a section of a page stands: from its heading to the next of its rank or above.
pub fn section_at(text: &str, heading: &str) -> Option<Span> {
    let start = find_heading(text, heading)?;
    let mut end = start;
    for (at, line) in text[start..].split_inclusive('\n').enumerate() {
        if at > 0 && (line.starts_with("## ") || line.starts_with("# ")) {
            break;
        }
        end += line.len();
    }
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
