//! `remove`: an element goes, with its parts; what refers to it stands in the way, or goes too.

use super::draft::Draft;
use super::front::Front;
use super::{
    Plan, Refusal, RefusalKind, d2, find, markdown, references, scenarios, toml, unlink, unread, update, verify,
};
use crate::load::{self, Reference, scope::RELATIONS_FILE};
use crate::project::PROJECT_FILE;
use crate::value::{Data, Value};
use crate::{Element, ElementIx, Loaded, Model, Relation};
use loko_source::{Diagnostic, FilePath, Place, Snapshot, Span};
use rustc_hash::{FxHashMap, FxHashSet};

/// How many places a refusal shows.
const PLACES_SHOWN: usize = 20;

/// The wish that an element goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remove {
    /// The element, by id or name.
    pub element: String,
    /// Whether its parts, and what refers to it, go too.
    pub cascade: bool,
}

/// Takes an element away.
pub fn remove(snapshot: &Snapshot, loaded: &Loaded, wish: &Remove) -> Result<Plan, Refusal> {
    let model = &loaded.model;
    let ix = match find::element(model, &wish.element) {
        Ok(ix) => ix,
        Err(Refusal { kind: RefusalKind::NotFound, diagnostics }) => return Ok(gone_already(&diagnostics)),
        Err(refusal) => return Err(refusal),
    };
    let is_gone = |other: ElementIx| model.is_within(other, ix);
    let inner: Vec<&Element> = model.ids().filter(|other| is_gone(*other)).map(|ix| model.element(ix)).collect();
    let own: FxHashSet<&FilePath> = own_files(snapshot, &inner).into_iter().collect();
    let mut places = in_the_way(snapshot, loaded, &own, is_gone);
    let ids: FxHashSet<&str> = inner.iter().map(|element| element.id.as_str()).collect();
    let links = markdown::leading_to(snapshot, model, &own, &ids);
    places.extend(links.iter().map(|link| Place::new(link.path.clone(), link.whole)));
    places.sort();
    if !wish.cascade && (!places.is_empty() || inner.len() > 1) {
        return Err(refused(model, ix, &inner, &places));
    }
    let words = inner.iter().flat_map(|element| unread::words_of(element)).collect();
    unread::refuse(snapshot, loaded, model.element(ix), &words, |path| own.contains(path))?;
    let mut draft = Draft::new(snapshot);
    let mut files: Vec<&&FilePath> = own.iter().collect();
    files.sort();
    for file in files {
        draft.delete(file);
    }
    let scenarios = cascade(&mut draft, snapshot, loaded, &own, is_gone)?;
    for link in &links {
        let edit = link.taken_away(draft.text(&link.path)?);
        draft.edit(&link.path, edit);
    }
    let records = without_records(&mut draft, snapshot, &ids)?;
    let changes = draft.finish()?;
    let left = |other| (!is_gone(other)).then(|| model.element(other).id.to_string());
    // What its own files say of others goes with them, all of a relation or a part of what is said of it.
    let told: FxHashSet<ElementIx> =
        loaded.references.iter().filter(|seen| own.contains(&seen.place.path)).map(|seen| seen.element).collect();
    let may_go =
        |relation: &Relation| wish.cascade && told.contains(&relation.source) && told.contains(&relation.target);
    verify::kept(snapshot, loaded, &changes, left, may_go)?;

    let mut summary: Vec<String> = inner.iter().map(|element| format!("removes `{}`", element.id)).collect();
    if !places.is_empty() {
        summary.push(format!("removes {} to it", counted(places.len(), "reference")));
    }
    if records > 0 {
        summary.push(format!("takes {} of its former ids out of {PROJECT_FILE}", counted(records, "record")));
    }
    summary.extend(scenarios.iter().map(|path| format!("removes {path}, in which nobody asks for anything any more")));
    let left = left_files(snapshot, model.element(ix), &own);
    if !left.is_empty() {
        summary.push(format!("leaves {} in place", left.join(", ")));
    }
    let affected = inner.iter().map(|element| element.id.to_string()).collect();
    Ok(Plan { changes, summary, affected, ..Plan::default() })
}

/// Takes the records out of `loko.toml` that lead to elements which go; gives their number.
fn without_records(draft: &mut Draft<'_>, snapshot: &Snapshot, ids: &FxHashSet<&str>) -> Result<usize, Refusal> {
    let Some((path, source)) = snapshot.path(PROJECT_FILE).zip(snapshot.source(PROJECT_FILE)) else { return Ok(0) };
    let (root, _) = load::toml::parse(source.text());
    let Some(list) = root.as_map().and_then(|entries| entries.get("moved")) else { return Ok(0) };
    let leads = |table: &Value| {
        table.as_map().and_then(|table| table.get("to")?.value.as_text()).is_some_and(|to| ids.contains(to))
    };
    let items = list.value.as_list().unwrap_or_default();
    let gone: Vec<usize> = (0..items.len()).filter(|at| leads(&items[*at])).collect();
    if !gone.is_empty() {
        let edits = toml::remove_list_items(draft.text(path)?, list, &gone);
        draft.edit_all(path, edits);
    }
    Ok(gone.len())
}

/// What is not there need not go; a near name is told, in case of a slip.
fn gone_already(diagnostics: &[Diagnostic]) -> Plan {
    let parts =
        diagnostics.iter().flat_map(|diagnostic| [Some(diagnostic.message.as_str()), diagnostic.help.as_deref()]);
    Plan::nothing(parts.flatten().collect::<Vec<_>>().join("; "))
}

/// The files that loko reads of these elements; whatever else stands in their folders is the user's.
fn own_files<'s>(snapshot: &'s Snapshot, elements: &[&Element]) -> Vec<&'s FilePath> {
    let by_folder: FxHashMap<&str, &Element> = elements.iter().map(|element| (element.folder(), *element)).collect();
    let is_own = |path: &FilePath| {
        let Some(element) = by_folder.get(path.folder()) else { return false };
        let stem = path.file_name().trim_end_matches(".d2");
        let folder = path.folder().rsplit('/').next().unwrap_or("");
        let is_diagram = path.extension() == Some("d2")
            && (stem == folder || ["person", "system", "external", "container", "component"].contains(&stem));
        *path == element.file || path.file_name() == RELATIONS_FILE || is_diagram
    };
    snapshot.iter().map(|(path, _)| path).filter(|path| is_own(path)).collect()
}

fn left_files(snapshot: &Snapshot, element: &Element, own: &FxHashSet<&FilePath>) -> Vec<String> {
    const SHOWN: usize = 5;
    let left = snapshot.paths_below(element.folder()).filter(|path| !own.contains(path));
    let mut names: Vec<String> = left.map(|path| format!("`{path}`")).collect();
    if names.len() > SHOWN {
        let more = names.len() - SHOWN;
        names.truncate(SHOWN);
        names.push(format!("{more} more"));
    }
    names
}

/// The places that keep the elements from going: other files that name them, and what their own files say of others.
fn in_the_way(
    snapshot: &Snapshot,
    loaded: &Loaded,
    own: &FxHashSet<&FilePath>,
    is_gone: impl Fn(ElementIx) -> bool,
) -> Vec<Place> {
    let named = |place: &Place, element: ElementIx| is_gone(element) && !own.contains(&place.path);
    let mut places: Vec<Place> = references::all(snapshot, loaded)
        .into_iter()
        .filter(|seen| named(&seen.place, seen.element))
        .map(|seen| seen.place)
        .collect();
    let in_d2 = references::in_d2(loaded).into_iter().flat_map(|(_, list)| list);
    places.extend(in_d2.filter(|seen| named(&seen.place, seen.element)).map(|seen| seen.place.clone()));
    let between_others = loaded.model.relations.iter().filter(|relation| {
        own.contains(&relation.place.path) && !is_gone(relation.source) && !is_gone(relation.target)
    });
    places.extend(between_others.map(|relation| relation.place.clone()));
    places.extend(scenarios::places(snapshot, &loaded.model, &is_gone));
    places.sort();
    places.dedup();
    places
}

fn refused(model: &Model, ix: ElementIx, inner: &[&Element], places: &[Place]) -> Refusal {
    let element = model.element(ix);
    let parts = inner.len() - 1;
    let (with, from) = (counted(parts, "part"), counted(places.len(), "place"));
    let message = match (parts, places.len()) {
        (0, _) => format!("`{}` cannot go, {from} would be left dangling", element.id),
        (_, 0) => format!("`{}` has {with}, which would go with it", element.id),
        _ => format!("`{}` has {with}, and {from} would be left dangling", element.id),
    };
    let mut diagnostic = Diagnostic::error("referred-to", message);
    for (at, place) in places.iter().take(PLACES_SHOWN).enumerate() {
        let is_inside = inner.iter().any(|element| element.folder() == place.path.folder());
        let label = if is_inside { "said here of others" } else { "referred to here" };
        diagnostic = match at {
            0 => diagnostic.at(&place.path, place.span, label),
            _ => diagnostic.and(&place.path, place.span, label),
        };
    }
    if places.len() > PLACES_SHOWN {
        diagnostic = diagnostic.note(format!("and in {} more places", places.len() - PLACES_SHOWN));
    }
    if parts > 0 {
        let ids: Vec<String> =
            inner.iter().skip(1).take(PLACES_SHOWN).map(|element| format!("`{}`", element.id)).collect();
        let more = if parts > PLACES_SHOWN { " …" } else { "" };
        diagnostic = diagnostic.note(format!("its parts are {}{more}", ids.join(", ")));
    }
    let diagnostic = diagnostic.help("`--cascade` removes all of that too");
    Refusal::new(RefusalKind::References(places.to_vec()), diagnostic)
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Takes what refers to the elements out of all other files, and gives the scenarios that go as a whole.
fn cascade(
    draft: &mut Draft<'_>,
    snapshot: &Snapshot,
    loaded: &Loaded,
    own: &FxHashSet<&FilePath>,
    is_gone: impl Fn(ElementIx) -> bool,
) -> Result<Vec<FilePath>, Refusal> {
    let mut by_file: Vec<(FilePath, FxHashSet<Span>)> = Vec::new();
    let mut seen = references::all(snapshot, loaded);
    seen.retain(|seen| is_gone(seen.element) && !own.contains(&seen.place.path));
    seen.sort_by(|a, b| a.place.cmp(&b.place));
    for seen in seen {
        match by_file.last_mut() {
            Some((path, spans)) if *path == seen.place.path => {
                spans.insert(seen.place.span);
            }
            _ => by_file.push((seen.place.path, FxHashSet::from_iter([seen.place.span]))),
        }
    }
    for (path, spans) in &by_file {
        let is_named = |value: &Value| spans.contains(&value.span);
        if path.extension() == Some("md") {
            unlink::remove_from_front_matter(draft, path, |found| spans.contains(&found.target))?;
            remove_from_lists(draft, path, is_named)?;
        } else {
            remove_tables(draft, path, is_named)?;
        }
    }
    let known: FxHashMap<&FilePath, Vec<&Reference>> = references::in_d2(loaded).into_iter().collect();
    for file in d2::files(snapshot, &loaded.model).into_iter().filter(|file| !own.contains(&file.path)) {
        let references = known.get(&file.path).map_or(&[][..], Vec::as_slice);
        let text = draft.text(&file.path)?;
        let edits = d2::remove_elements(text, &file, references, &loaded.model, &is_gone)
            .map_err(|span| unlink::chain(&file.path, span))?;
        draft.edit_all(&file.path, edits);
    }
    scenarios::remove(draft, snapshot, &loaded.model, is_gone)
}

/// Takes names out of the lists of front matter, and keys that name nothing else.
fn remove_from_lists(draft: &mut Draft<'_>, path: &FilePath, is_named: impl Fn(&Value) -> bool) -> Result<(), Refusal> {
    let unfit = |error| update::unfit(path, &error);
    let front = Front::read(draft.text(path)?).map_err(unfit)?;
    for (key, entry) in front.entries.iter().filter(|(key, _)| *key != super::statements::KEY) {
        let items = entry.value.as_list().unwrap_or_default();
        let indices: Vec<usize> = (0..items.len()).filter(|at| is_named(&items[*at])).collect();
        let edits =
            if is_named(&entry.value) { front.clear(key).map_err(unfit)? } else { front.remove_items(entry, &indices) };
        draft.edit_all(path, edits);
    }
    Ok(())
}

/// Takes the tables out of a TOML file that name an element, and keys of the file itself that do.
fn remove_tables(draft: &mut Draft<'_>, path: &FilePath, is_named: impl Fn(&Value) -> bool) -> Result<(), Refusal> {
    let text = draft.text(path)?;
    let (root, _) = load::toml::parse(text);
    let mut waiting: Vec<&Value> = vec![&root];
    while let Some(value) = waiting.pop() {
        for entry in value.as_map().into_iter().flat_map(|entries| entries.values()) {
            match &entry.value.data {
                Data::List(items) => {
                    let names = |item: &Value| {
                        let in_table = item.as_map().is_some_and(|keys| keys.values().any(|key| is_named(&key.value)));
                        in_table || is_named(item)
                    };
                    let indices: Vec<usize> = (0..items.len()).filter(|at| names(&items[*at])).collect();
                    draft.edit_all(path, toml::remove_list_items(text, entry, &indices));
                    waiting
                        .extend(items.iter().enumerate().filter(|(at, _)| !indices.contains(at)).map(|(_, item)| item));
                }
                Data::Map(_) => waiting.push(&entry.value),
                _ if is_named(&entry.value) && value.span.is_empty() => {
                    draft.edit(path, toml::remove_key(text, entry));
                }
                _ => {}
            }
        }
    }
    Ok(())
}
