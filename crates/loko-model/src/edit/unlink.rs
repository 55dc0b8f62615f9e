//! `unlink`: a relation goes, wherever it is stated.

use super::draft::Draft;
use super::front::Front;
use super::statements::{self, Found, Spot};
use super::{Plan, Refusal, RefusalKind, d2, find, references, toml, update};
use crate::load::{Reference, scope::RELATIONS_FILE};
use crate::value::Value;
use crate::{ElementIx, Loaded, Relation, load};
use loko_source::{Diagnostic, FilePath, Snapshot, Span};
use rustc_hash::FxHashMap;

/// The wish that a relation goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unlink {
    /// The element at which it starts, by id or name.
    pub source: String,
    /// The element to which it leads.
    pub target: String,
    /// What it says, when several join the two.
    pub description: Option<String>,
}

/// What goes: all statements between two elements, or those of one description.
pub(super) struct Gone<'w> {
    pub(super) source: ElementIx,
    pub(super) target: ElementIx,
    pub(super) description: Option<&'w str>,
}

/// Takes a relation away.
pub fn unlink(snapshot: &Snapshot, loaded: &Loaded, wish: &Unlink) -> Result<Plan, Refusal> {
    let model = &loaded.model;
    let source = find::element(model, &wish.source)?;
    let target = find::element(model, &wish.target)?;
    let (from, to) = (&model.element(source).id, &model.element(target).id);
    let between: Vec<&Relation> =
        model.outgoing(source).iter().map(|ix| model.relation(*ix)).filter(|found| found.target == target).collect();
    let wished = wish.description.as_deref().map(str::trim);
    let found: Vec<&&Relation> =
        between.iter().filter(|relation| wished.is_none_or(|text| relation.description == text)).collect();
    match found.as_slice() {
        [] => return nothing(loaded, source, target, &between, wished),
        [_] => {}
        several => return Err(ambiguous(from, to, several)),
    }
    let mut draft = Draft::new(snapshot);
    let description = if between.len() > 1 { Some(found[0].description.as_str()) } else { None };
    remove(&mut draft, snapshot, loaded, &Gone { source, target, description })?;
    let changes = draft.finish()?;
    still_stated(snapshot, loaded, &changes, found[0])?;
    let summary = vec![format!("unlinks `{from}` → `{to}`")];
    Ok(Plan { changes, summary, affected: vec![from.to_string(), to.to_string()], ..Plan::default() })
}

fn nothing(
    loaded: &Loaded,
    source: ElementIx,
    target: ElementIx,
    between: &[&Relation],
    wished: Option<&str>,
) -> Result<Plan, Refusal> {
    let (from, to) = (&loaded.model.element(source).id, &loaded.model.element(target).id);
    let (Some(wished), false) = (wished, between.is_empty()) else {
        return Ok(Plan::nothing(format!("`{from}` → `{to}` is not linked")));
    };
    let known = between.iter().map(|relation| relation.description.as_str());
    let help = loko_source::suggest::did_you_mean(wished, known);
    Ok(Plan::nothing(match help {
        Some(help) => format!("`{from}` → `{to}` is not linked as `{wished}`; {help}"),
        None => format!("`{from}` → `{to}` is not linked as `{wished}`"),
    }))
}

fn ambiguous(from: &str, to: &str, several: &[&&Relation]) -> Refusal {
    let message = format!("`{from}` → `{to}` is linked {} times", several.len());
    let mut diagnostic = Diagnostic::error("ambiguous-relation", message).help("say which with `--label`");
    for relation in several {
        let label =
            if relation.description.is_empty() { "without a label".to_owned() } else { relation.description.clone() };
        diagnostic = diagnostic.and(&relation.place.path, relation.place.span, label);
    }
    Refusal::new(RefusalKind::Ambiguous, diagnostic)
}

/// Refuses when the relation is there still after the changes, because somebody states it in a way not thought of.
fn still_stated(
    snapshot: &Snapshot,
    loaded: &Loaded,
    changes: &loko_source::ChangeSet,
    gone: &Relation,
) -> Result<(), Refusal> {
    let after = snapshot.overlay(changes).map(|after| load::load(&after));
    let id = |loaded: &Loaded, ix| loaded.model.element(ix).id.clone();
    let (from, to) = (id(loaded, gone.source), id(loaded, gone.target));
    let left = after.as_ref().ok().and_then(|after| {
        after.model.relations.iter().find(|relation| {
            id(after, relation.source) == from
                && id(after, relation.target) == to
                && relation.description == gone.description
        })
    });
    let Some(left) = left else { return Ok(()) };
    let message = format!("`{from}` → `{to}` cannot be taken out everywhere");
    Err(Refusal::invalid(
        Diagnostic::error("uneditable-file", message)
            .at(&left.place.path, left.place.span, "stated here too")
            .help("take it out there by hand"),
    ))
}

/// The edits that take statements away.
pub(super) fn remove(
    draft: &mut Draft<'_>,
    snapshot: &Snapshot,
    loaded: &Loaded,
    gone: &Gone<'_>,
) -> Result<(), Refusal> {
    let by_place: FxHashMap<(&FilePath, Span), ElementIx> = loaded
        .references
        .iter()
        .map(|reference| ((&reference.place.path, reference.place.span), reference.element))
        .collect();
    let file = &loaded.model.element(gone.source).file;
    let says =
        |found: &str| gone.description.is_none_or(|wished| found.is_empty() || wished.is_empty() || found == wished);
    remove_from_front_matter(draft, file, |found| {
        by_place.get(&(file, found.target)) == Some(&gone.target) && says(&found.description)
    })?;
    for path in relation_files(snapshot) {
        remove_from_toml(draft, &path, |table| {
            let place = |keys: [&str; 2]| by_place.get(&(&path, end_of(table, keys)?.span)).copied();
            let text = |keys: [&str; 2]| end_of(table, keys).and_then(Value::scalar_text).unwrap_or_default();
            place(["source", "from"]) == Some(gone.source)
                && place(["target", "to"]) == Some(gone.target)
                && says(text(["label", "description"]).trim())
        })?;
    }
    let known: FxHashMap<&FilePath, Vec<&Reference>> = references::in_d2(loaded).into_iter().collect();
    for file in d2::files(snapshot, &loaded.model) {
        let Some(references) = known.get(&file.path) else { continue };
        let ends = (gone.source, gone.target);
        let edits = d2::remove_arrows(draft.text(&file.path)?, &file, references, &loaded.model, ends, says)
            .map_err(|span| chain(&file.path, span))?;
        draft.edit_all(&file.path, edits);
    }
    Ok(())
}

/// A refusal for a chain of arrows of which one is to go.
pub(super) fn chain(path: &FilePath, span: Span) -> Refusal {
    let message = format!("`{path}` draws it as one of a chain of arrows");
    Refusal::invalid(
        Diagnostic::error("uneditable-file", message).at(path, span, "here").help("write the arrows one by one first"),
    )
}

fn end_of<'v>(table: &'v Value, keys: [&str; 2]) -> Option<&'v Value> {
    let entries = table.as_map()?;
    keys.iter().find_map(|key| entries.get(*key)).map(|entry| &entry.value)
}

/// The files of relations, sorted by name.
pub(super) fn relation_files(snapshot: &Snapshot) -> Vec<FilePath> {
    snapshot.iter().map(|(path, _)| path).filter(|path| path.file_name() == RELATIONS_FILE).cloned().collect()
}

/// Takes statements out of front matter.
pub(super) fn remove_from_front_matter(
    draft: &mut Draft<'_>,
    file: &FilePath,
    is_gone: impl Fn(&Found) -> bool,
) -> Result<(), Refusal> {
    let unfit = |error| update::unfit(file, &error);
    let text = draft.text(file)?;
    if !text.contains(statements::KEY) {
        return Ok(());
    }
    let front = Front::read(text).map_err(unfit)?;
    let all = statements::all(&front);
    let gone: Vec<Spot> = all.iter().filter(|found| is_gone(found)).map(|found| found.spot.clone()).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let edits = statements::remove(&front, &gone).map_err(unfit)?;
    let as_meant = |after: &Front<'_>| {
        front.same_but(after, &[statements::KEY]) && statements::all(after).len() + gone.len() == all.len()
    };
    front.checked(&edits, as_meant).map_err(unfit)?;
    draft.edit_all(file, edits);
    Ok(())
}

/// Takes tables out of a file of relations.
pub(super) fn remove_from_toml(
    draft: &mut Draft<'_>,
    file: &FilePath,
    is_gone: impl Fn(&Value) -> bool,
) -> Result<(), Refusal> {
    let text = draft.text(file)?;
    let (root, _) = crate::load::toml::parse(text);
    let tables = references::relation_tables(&root);
    let indices: Vec<usize> = (0..tables.len()).filter(|at| is_gone(&tables[*at])).collect();
    let list = root.as_map().and_then(|entries| entries.get("relationships")).map(|entry| &entry.value);
    if let Some(list) = list.filter(|_| !indices.is_empty()) {
        draft.edit_all(file, toml::remove_tables(text, list, &indices));
    }
    Ok(())
}
