//! `move`: an element becomes part of another one; everything that speaks of it follows.

use super::draft::Draft;
use super::front::Front;
use super::new::{NewKind, parent_of_kind};
use super::{Plan, Refusal, find, markdown, records, references, rename, unread, update, verify};
use crate::{ElementIx, Kind, Loaded, Model};
use loko_source::{Diagnostic, Snapshot};

/// The wish that an element stands elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// The element, by id or name.
    pub element: String,
    /// The element that it becomes part of.
    pub parent: String,
}

/// Moves an element with all its parts.
pub fn move_to(snapshot: &Snapshot, loaded: &Loaded, wish: &Move) -> Result<Plan, Refusal> {
    let model = &loaded.model;
    let ix = match find::element(model, &wish.element) {
        Ok(ix) => ix,
        Err(refusal) => return done_already(loaded, wish).ok_or(refusal),
    };
    let element = model.element(ix);
    let (kind, wanted) = match element.kind {
        Kind::Container => (NewKind::Container, Kind::System),
        Kind::Component => (NewKind::Component, Kind::Container),
        Kind::Person | Kind::System => {
            let message = format!("`{}` is a {}, which stands in no other element", element.id, element.kind.name());
            return Err(Refusal::invalid(
                Diagnostic::error("wrong-parent", message)
                    .at(&element.file, element.name_span, "stands here")
                    .help("containers and components are moved"),
            ));
        }
    };
    let give = format!("move `{}` into", element.id);
    let parent = parent_of_kind(model, kind, wanted, &wish.parent, &give, element.parent)?;
    let new_parent = model.element(parent);
    if element.parent == Some(parent) {
        return Ok(Plan::nothing(format!("`{}` is part of `{}` already", element.id, new_parent.id)));
    }
    let id = find::join(&new_parent.id, element.key());
    rename::free(model, ix, &id, format!("rename one of the two first: loko rename {} NAME", element.id))?;

    let Moved { mut draft, after, folder, places, links } = drafted(snapshot, loaded, ix, parent, &id)?;
    let inner = model.ids().filter(|inner| model.is_within(*inner, ix));
    let words = inner.flat_map(|inner| unread::words_of(model.element(inner))).collect();
    unread::refuse(snapshot, loaded, element, &words, |_| false)?;
    records::follow_values(&mut draft, snapshot, loaded, &after);
    records::follow(&mut draft, snapshot, loaded, |as_made, known| {
        let (ix, parent) = (known.model.find(&element.id)?, known.model.find(&new_parent.id)?);
        records::changes(drafted(as_made, known, ix, parent, &id).map(|moved| moved.draft))
    });
    let changes = draft.finish()?;
    verify::kept(snapshot, loaded, &changes, |ix| Some(after.element(ix).id.to_string()), |_| false)?;

    let mut summary = vec![format!("moves `{}` into `{}`; its id becomes `{id}`", element.id, new_parent.id)];
    summary.extend(folder.map(|folder| format!("moves {} to {folder}", element.folder())));
    summary.extend(rename::counted(places, links));
    Ok(Plan { changes, summary, affected: vec![element.id.to_string()], ..Plan::default() })
}

/// A move that is worked out.
struct Moved<'s> {
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
    parent: ElementIx,
    id: &str,
) -> Result<Moved<'s>, Refusal> {
    let model = &loaded.model;
    let (element, new_parent) = (model.element(ix), model.element(parent));
    let mut draft = Draft::new(snapshot);
    let unfit = |error| update::unfit(&element.file, &error);
    let front = Front::read(draft.text(&element.file)?).map_err(unfit)?;
    let is_adopted = front.value("parent").is_some();
    let folder = if is_adopted {
        None
    } else {
        let own = element.folder().rsplit('/').next().unwrap_or("");
        let folder = find::join(new_parent.folder(), own);
        rename::vacant_folder(snapshot, &folder)?;
        draft.move_folder(element.folder(), &folder);
        Some(folder)
    };
    if let Some(written) = front.value("id").and_then(crate::Value::scalar_text).filter(|id| id.contains('/')) {
        let last = written.rsplit('/').next().unwrap_or("");
        draft.edit_all(&element.file, front.set_text("id", &find::join(&new_parent.id, last)).map_err(unfit)?);
    }
    let mut after = model.clone();
    after.element_mut(ix).parent = Some(parent);
    rename::relocate(&mut after, model, ix, id, folder.as_deref());
    let mut places = 0;
    if is_adopted {
        draft.edit_all(&element.file, front.set_text("parent", &new_parent.id).map_err(unfit)?);
        places += 1;
    }
    places += references::follow(&mut draft, snapshot, loaded, &after)?;
    let links = markdown::follow(&mut draft, snapshot, model, &after);
    Ok(Moved { draft, after, folder, places, links })
}

/// Said twice, a move finds the old id gone and the new one there.
fn done_already(loaded: &Loaded, wish: &Move) -> Option<Plan> {
    let model = &loaded.model;
    let parent = find::element(model, &wish.parent).ok()?;
    let key = wish.element.rsplit('/').next()?;
    let id = find::join(&model.element(parent).id, key);
    let ix = model.find(&id)?;
    Some(Plan::nothing(format!("`{}` is part of `{}` already", model.element(ix).id, model.element(parent).id)))
}
