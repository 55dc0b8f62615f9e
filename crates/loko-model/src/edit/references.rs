//! Where elements are named, and writing those names anew when elements get other names or places.
//!
//! The loader says which places name which elements. After a wish each of these names must still find its element: a
//! name that does is left alone, one that does not is rewritten the way it was written, part by part, and in full when
//! the short form would no longer be clear.

use super::draft::Draft;
use super::front::Front;
use super::{Refusal, d2, naming, scenarios, toml, yaml};
use crate::load::{self, Reference};
use crate::value::Value;
use crate::{Element, ElementIx, Loaded, Model, Resolution, name};
use loko_source::{FilePath, Place, Snapshot, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

/// A place where an element is named.
pub(super) struct Seen {
    pub(super) place: Place,
    pub(super) written: SmolStr,
    pub(super) element: ElementIx,
    /// The element from which the name is looked up, as the loader does it.
    pub(super) context: Option<ElementIx>,
}

/// All names in front matter and TOML that the loader reads; those of D2 files are [`in_d2`].
pub(super) fn all(snapshot: &Snapshot, loaded: &Loaded) -> Vec<Seen> {
    let model = &loaded.model;
    let owners: FxHashMap<&str, ElementIx> = model.ids().map(|ix| (model.element(ix).folder(), ix)).collect();
    let markers: FxHashMap<&str, ElementIx> = model.ids().map(|ix| (model.element(ix).file.as_str(), ix)).collect();
    let mut sources: FxHashMap<&FilePath, FxHashMap<Span, Option<ElementIx>>> = FxHashMap::default();
    let mut seen: Vec<Seen> = Vec::new();
    for reference in loaded.references.iter().filter(|reference| !is_d2(reference)) {
        let path = &reference.place.path;
        let context = if path.file_name() == load::scope::RELATIONS_FILE {
            let owner = owners.get(path.folder()).copied();
            let spans = sources.entry(path).or_insert_with(|| target_contexts(snapshot, loaded, path, owner));
            spans.get(&reference.place.span).copied().unwrap_or(owner)
        } else {
            markers.get(path.as_str()).copied()
        };
        seen.push(Seen {
            place: reference.place.clone(),
            written: reference.written.clone(),
            element: reference.element,
            context,
        });
    }
    seen.extend(parents(snapshot, model, &seen));
    seen
}

fn is_d2(reference: &Reference) -> bool {
    reference.place.path.extension() == Some("d2")
}

/// For each target of a `relationships.toml`, where it is looked up from: the source of its relation.
fn target_contexts(
    snapshot: &Snapshot,
    loaded: &Loaded,
    path: &FilePath,
    owner: Option<ElementIx>,
) -> FxHashMap<Span, Option<ElementIx>> {
    let found: FxHashMap<Span, ElementIx> =
        of_file(loaded, path).iter().map(|reference| (reference.place.span, reference.element)).collect();
    let (root, _) = crate::load::toml::parse(snapshot.text(path.as_str()).unwrap_or(""));
    let mut contexts = FxHashMap::default();
    for table in relation_tables(&root) {
        let value = |keys: [&str; 2]| {
            let entries = table.as_map()?;
            keys.iter().find_map(|key| entries.get(*key)).map(|entry| entry.value.span)
        };
        let source = value(["source", "from"]).and_then(|span| found.get(&span).copied());
        if let Some(target) = value(["target", "to"]) {
            contexts.insert(target, source.or(owner));
        }
    }
    contexts
}

/// The references of one file; the loader gives them sorted by place.
fn of_file<'l>(loaded: &'l Loaded, path: &FilePath) -> &'l [Reference] {
    let start = loaded.references.partition_point(|reference| reference.place.path < *path);
    let count = loaded.references[start..].partition_point(|reference| reference.place.path == *path);
    &loaded.references[start..start + count]
}

/// The tables of a file of relations.
pub(super) fn relation_tables(root: &Value) -> &[Value] {
    let list = root.as_map().and_then(|entries| entries.get("relationships")).map(|entry| &entry.value);
    match list {
        Some(value) if value.as_map().is_some() => std::slice::from_ref(value),
        Some(value) => value.as_list().unwrap_or_default(),
        None => &[],
    }
}

/// The names after `parent:` in front matter, where the loader does not tell them.
fn parents(snapshot: &Snapshot, model: &Model, known: &[Seen]) -> Vec<Seen> {
    let known: FxHashSet<&Place> = known.iter().map(|seen| &seen.place).collect();
    let mut found = Vec::new();
    for element in &model.elements {
        let Some(text) = snapshot.text(element.file.as_str()).filter(|text| text.contains("parent")) else { continue };
        let Ok(front) = Front::read(text) else { continue };
        let (Some(value), Some(parent)) = (front.value("parent"), element.parent) else { continue };
        let place = Place::new(element.file.clone(), value.span);
        let written = value.scalar_text().filter(|written| model.resolve(written) == Resolution::Found(parent));
        if let Some(written) = written.filter(|_| !known.contains(&place)) {
            found.push(Seen { place, written: written.into(), element: parent, context: None });
        }
    }
    found
}

/// The references of D2 files, by file.
pub(super) fn in_d2(loaded: &Loaded) -> Vec<(&FilePath, Vec<&Reference>)> {
    let mut files: Vec<(&FilePath, Vec<&Reference>)> = Vec::new();
    for reference in loaded.references.iter().filter(|reference| is_d2(reference)) {
        match files.last_mut() {
            Some((path, list)) if **path == reference.place.path => list.push(reference),
            _ => files.push((&reference.place.path, vec![reference])),
        }
    }
    files
}

/// Rewrites all names that would no longer find their elements; `after` has the same elements at the same indices,
/// with the names, ids, files and parents that they will have, and maybe more. Gives the number of places.
pub(super) fn follow(
    draft: &mut Draft<'_>,
    snapshot: &Snapshot,
    loaded: &Loaded,
    after: &Model,
) -> Result<usize, Refusal> {
    let mut count = 0;
    for seen in all(snapshot, loaded).into_iter().chain(naming::all(snapshot, &loaded.model)) {
        let Some(new) = rewritten(&loaded.model, after, &seen) else { continue };
        let path = &seen.place.path;
        let text = draft.text(path)?;
        let edit = match path.extension() {
            Some("toml") => toml::replace_string(text, seen.place.span, &new),
            _ => yaml::replace_scalar(text, seen.place.span, &new, true),
        };
        draft.edit(path, edit);
        count += 1;
    }
    let known: FxHashMap<&FilePath, Vec<&Reference>> = in_d2(loaded).into_iter().collect();
    for file in d2::files(snapshot, &loaded.model) {
        let references = known.get(&file.path).map_or(&[][..], Vec::as_slice);
        let edits = d2::follow(draft.text(&file.path)?, &file, references, &loaded.model, after);
        count += edits.len();
        draft.edit_all(&file.path, edits);
    }
    Ok(count + scenarios::follow(draft, snapshot, &loaded.model, after)?)
}

/// What to write in the place of a name, when it has to change.
fn rewritten(before: &Model, after: &Model, seen: &Seen) -> Option<String> {
    name_after(before, after, seen.context, &seen.written, seen.element)
}

/// A name of an element as it has to be written afterwards, when it has to change.
pub(super) fn name_after(
    before: &Model,
    after: &Model,
    context: Option<ElementIx>,
    written: &str,
    element: ElementIx,
) -> Option<String> {
    let finds = |written: &str| {
        let resolution = match context {
            Some(context) => after.resolve_from(context, written),
            None => after.resolve(written),
        };
        resolution == Resolution::Found(element)
    };
    let candidate = same_style(before, after, element, written);
    if candidate == written && finds(&candidate) {
        return None;
    }
    let new = if finds(&candidate) { candidate } else { after.element(element).id.to_string() };
    (new != written).then_some(new)
}

/// The name as somebody would write it now who wrote it so before.
fn same_style(before: &Model, after: &Model, ix: ElementIx, written: &str) -> String {
    let parts: Vec<&str> = written.trim().trim_matches('/').split('/').collect();
    let chain_before: Vec<ElementIx> = before.ancestry(ix).collect();
    let chain_after: Vec<ElementIx> = after.ancestry(ix).collect();
    if parts.len() > chain_before.len() || chain_before.len() != chain_after.len() {
        return written.to_owned();
    }
    let mut new: Vec<String> = Vec::with_capacity(parts.len());
    for (depth, part) in parts.iter().rev().enumerate() {
        let (old, now) = (before.element(chain_before[depth]), after.element(chain_after[depth]));
        new.push(part_in_style(old, now, part));
    }
    new.reverse();
    let new = new.join("/");
    // Whatever stands around the name, such as blanks, stays when nothing changes.
    if new == parts.join("/") { written.to_owned() } else { new }
}

/// One part of a path as it is written for what stands there now.
pub(super) fn part_in_style(old: &Element, now: &Element, part: &str) -> String {
    if part == old.name && !now.name.contains('/') && (old.name != old.key() || now.name == now.key()) {
        return now.name.clone();
    }
    let slug = name::slug(part);
    let folder = |element: &Element| name::slug(element.folder().rsplit('/').next().unwrap_or(""));
    if slug == old.key() {
        return if now.key() == old.key() { part.to_owned() } else { now.key().to_owned() };
    }
    if slug == name::slug(&old.name) {
        return if slug == name::slug(&now.name) { part.to_owned() } else { now.key().to_owned() };
    }
    if slug == folder(old) && slug != folder(now) { now.key().to_owned() } else { part.to_owned() }
}
