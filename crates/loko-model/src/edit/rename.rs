//! `rename`: another name, and the id that goes with it; everything that speaks of the element follows.

use super::draft::Draft;
use super::front::Front;
use super::{Plan, Refusal, find, markdown, records, references, unread, update, verify};
use crate::{Element, ElementIx, Loaded, Model, name};
use loko_source::{Diagnostic, FilePath, Snapshot};
use smol_str::SmolStr;
use std::borrow::Cow;

/// What becomes of the id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RenameId {
    /// It becomes the slug of the new name if it was that of the old one, and stays otherwise.
    #[default]
    Follow,
    /// It stays.
    Keep,
    /// Its last part becomes this.
    To(String),
}

/// The wish for another name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rename {
    /// The element, by id or name.
    pub element: String,
    /// The new name; none when only the id is to change.
    pub name: Option<String>,
    /// What becomes of the id.
    pub id: RenameId,
}

/// Renames an element.
pub fn rename(snapshot: &Snapshot, loaded: &Loaded, wish: &Rename) -> Result<Plan, Refusal> {
    let model = &loaded.model;
    let ix = match find::element(model, &wish.element) {
        Ok(ix) => ix,
        Err(refusal) => return done_already(model, wish).ok_or(refusal),
    };
    let element = model.element(ix);
    let new_name = wish.name.as_deref().map_or(element.name.as_str(), str::trim);
    find::check_name(new_name)?;
    let key = new_key(element, new_name, wish)?;
    if new_name == element.name && key == element.key() {
        return Ok(Plan::nothing(format!("`{}` is called `{new_name}` already", element.id)));
    }
    let id = new_id(model, element, &key);
    free(model, ix, &id, "choose another name, or another id with `--id`")?;

    let Renamed { mut draft, after, folder, places, links } = drafted(snapshot, loaded, ix, new_name, &key)?;
    let lost = &unread::words_of(element) - &unread::words_of(after.element(ix));
    unread::refuse(snapshot, loaded, element, &lost, |_| false)?;
    records::follow_values(&mut draft, snapshot, loaded, &after);
    records::follow(&mut draft, snapshot, loaded, |as_made, known| {
        let ix = known.model.find(&element.id)?;
        records::changes(drafted(as_made, known, ix, new_name, &key).map(|renamed| renamed.draft))
    });
    let changes = draft.finish()?;
    verify::kept(snapshot, loaded, &changes, |ix| Some(after.element(ix).id.to_string()), |_| false)?;

    let mut summary = vec![if new_name == element.name {
        format!("gives `{}` the id `{id}`", element.id)
    } else {
        format!("renames `{}` to `{new_name}`", element.id)
    }];
    if new_name != element.name && id != *element.id {
        summary.push(format!("its id becomes `{id}`"));
    }
    summary.extend(folder.map(|folder| format!("moves {} to {folder}", element.folder())));
    summary.extend(counted(places, links));
    Ok(Plan { changes, summary, affected: vec![element.id.to_string()], ..Plan::default() })
}

/// A rename that is worked out.
struct Renamed<'s> {
    draft: Draft<'s>,
    /// The model as it will be.
    after: Model,
    folder: Option<String>,
    places: usize,
    links: usize,
}

fn drafted<'s>(
    snapshot: &'s Snapshot,
    loaded: &Loaded,
    ix: ElementIx,
    new_name: &str,
    key: &str,
) -> Result<Renamed<'s>, Refusal> {
    let model = &loaded.model;
    let element = model.element(ix);
    let mut draft = Draft::new(snapshot);
    let folder = new_folder(snapshot, element, key)?;
    if let Some(folder) = &folder {
        draft.move_folder(element.folder(), folder);
        follow_diagram(&mut draft, snapshot, element, key)?;
    }
    rewrite_own(&mut draft, element, new_name, key)?;
    let after = renamed(model, ix, new_name, &new_id(model, element, key), folder.as_deref());
    let places = references::follow(&mut draft, snapshot, loaded, &after)?;
    let links = markdown::follow(&mut draft, snapshot, model, &after);
    Ok(Renamed { draft, after, folder, places, links })
}

fn new_id(model: &Model, element: &Element, key: &str) -> String {
    match element.parent {
        Some(parent) => find::join(&model.element(parent).id, key),
        None => key.to_owned(),
    }
}

/// How many places follow, in words.
pub(super) fn counted(references: usize, links: usize) -> Vec<String> {
    let count = |number: usize, one: &str, several: &str| match number {
        0 => None,
        1 => Some(format!("rewrites 1 {one}")),
        number => Some(format!("rewrites {number} {several}")),
    };
    [count(references, "reference", "references"), count(links, "link", "links")].into_iter().flatten().collect()
}

/// Said twice, a rename finds the old name gone and the new one there.
fn done_already(model: &Model, wish: &Rename) -> Option<Plan> {
    let (around, _) = wish.element.rsplit_once('/').unwrap_or(("", &wish.element));
    let key = match (&wish.id, &wish.name) {
        (RenameId::To(id), _) => name::slug(id),
        (_, Some(new)) => name::slug(new),
        _ => return None,
    };
    let ix = find::element(model, &find::join(around, &key)).ok()?;
    let element = model.element(ix);
    let is_named = wish.name.as_deref().is_none_or(|name| name.trim() == element.name);
    is_named.then(|| Plan::nothing(format!("`{}` is called `{}` already", element.id, element.name)))
}

fn new_key(element: &Element, new_name: &str, wish: &Rename) -> Result<String, Refusal> {
    let kind = element.kind.name();
    match &wish.id {
        RenameId::Keep => Ok(element.key().to_owned()),
        RenameId::To(id) => find::key_asked(id, kind),
        RenameId::Follow => {
            let followed = find::key_for(&element.name, kind).is_ok_and(|key| key == element.key());
            if followed && new_name != element.name {
                find::key_for(new_name, kind)
            } else {
                Ok(element.key().to_owned())
            }
        }
    }
}

/// Refuses an id that another element has.
pub(super) fn free(model: &Model, ix: ElementIx, id: &str, help: impl Into<Cow<'static, str>>) -> Result<(), Refusal> {
    let Some(other) = model.find(id).filter(|other| *other != ix) else { return Ok(()) };
    let other = model.element(other);
    let message = format!("there is an element `{}` already", other.id);
    Err(Refusal::exists(
        Diagnostic::error("exists", message).at(&other.file, other.name_span, "stands here").help(help),
    ))
}

/// The folder that goes with the new id, if the present one goes with the present id.
fn new_folder(snapshot: &Snapshot, element: &Element, key: &str) -> Result<Option<String>, Refusal> {
    let (around, folder) = element.folder().rsplit_once('/').unwrap_or(("", element.folder()));
    let goes_with_id = name::slug(folder) == element.key() || name::slug(folder) == name::slug(&element.name);
    let target = find::join(around, key);
    if !goes_with_id || key == element.key() || target == element.folder() {
        return Ok(None);
    }
    vacant_folder(snapshot, &target)?;
    Ok(Some(target))
}

/// Refuses a folder in which something stands already.
pub(super) fn vacant_folder(snapshot: &Snapshot, folder: &str) -> Result<(), Refusal> {
    let Some(first) = snapshot.paths_below(folder).next() else { return Ok(()) };
    let message = format!("the folder `{folder}` exists already, with `{first}` in it");
    Err(Refusal::exists(
        Diagnostic::error("exists", message).help("move that out of the way, or choose another id with `--id`"),
    ))
}

/// The diagram that is named as the folder.
fn follow_diagram(draft: &mut Draft<'_>, snapshot: &Snapshot, element: &Element, key: &str) -> Result<(), Refusal> {
    let folder = element.folder().rsplit('/').next().unwrap_or("");
    let Ok(file) = FilePath::below(element.folder(), &format!("{folder}.d2")) else { return Ok(()) };
    if snapshot.source(file.as_str()).is_some() {
        draft.text(&file)?;
        draft.rename_file(&file, format!("{key}.d2"));
    }
    Ok(())
}

/// The name and id in the element's own file, and its heading when that is the name.
fn rewrite_own(draft: &mut Draft<'_>, element: &Element, new_name: &str, key: &str) -> Result<(), Refusal> {
    let unfit = |error| update::unfit(&element.file, &error);
    let text = draft.text(&element.file)?;
    let front = Front::read(text).map_err(unfit)?;
    let mut edits = Vec::new();
    if new_name != element.name {
        edits.extend(front.set_text("name", new_name).map_err(unfit)?);
        edits.extend(markdown::heading(text, element, new_name));
    }
    let folder_says = name::slug(element.folder().rsplit('/').next().unwrap_or("")) == element.key();
    if key != element.key() {
        match front.value("id").and_then(crate::Value::scalar_text) {
            Some(id) => {
                let around = id.rsplit_once('/').map_or("", |(around, _)| around);
                edits.extend(front.set_text("id", &find::join(around, key)).map_err(unfit)?);
            }
            // Neither the folder nor a key says the id: it came from the name, or is said now.
            None if !folder_says => edits.extend(front.set_text("id", key).map_err(unfit)?),
            None => {}
        }
    }
    front.checked(&edits, |after| front.same_but(after, &["name", "id"])).map_err(unfit)?;
    draft.edit_all(&element.file, edits);
    Ok(())
}

/// The model as it will be, the elements at their present indices.
fn renamed(model: &Model, ix: ElementIx, new_name: &str, id: &str, folder: Option<&str>) -> Model {
    let mut after = model.clone();
    after.element_mut(ix).name = new_name.to_owned();
    relocate(&mut after, model, ix, id, folder);
    after
}

/// Gives an element and all its parts the ids and files that follow from a new id and folder.
pub(super) fn relocate(after: &mut Model, model: &Model, ix: ElementIx, id: &str, folder: Option<&str>) {
    let old = model.element(ix);
    for inner in model.ids().filter(|inner| model.is_within(*inner, ix)) {
        let element = after.element_mut(inner);
        element.id = SmolStr::from(format!("{id}{}", &model.element(inner).id[old.id.len()..]));
        let below = element.file.as_str().strip_prefix(old.folder()).filter(|rest| rest.starts_with('/'));
        if let (Some(folder), Some(rest)) = (folder, below)
            && let Ok(file) = FilePath::new(&format!("{folder}{rest}"))
        {
            element.file = file;
        }
    }
    after.reindex();
}
