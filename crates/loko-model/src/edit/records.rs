//! Records of applied patterns keep the pages and decisions that a pattern made, word for word, so that it can be told
//! what people wrote since. A new name or place is nothing that people wrote: what the records keep follows it.
//!
//! The texts are renamed by the same code as the files: the workspace is looked at once more with what was made in the
//! place of what stands there now, and the outcome goes into the records.

use super::draft::Draft;
use super::{Refusal, naming, references, toml, yaml};
use crate::applied::text_as_toml;
use crate::behaviour::Behaviour;
use crate::schema::At;
use crate::value::{Data, Entry, Value};
use crate::{ElementIx, Loaded, Model, load};
use indexmap::IndexMap;
use loko_source::change::apply_edits;
use loko_source::{ChangeSet, FilePath, Snapshot, Source, Span, TextEdit};

/// A text that a record keeps.
struct Kept<'l> {
    record: &'l FilePath,
    span: Span,
    /// The file that was made.
    path: FilePath,
    text: &'l str,
}

/// Has the texts of all records follow; `again` makes the same change of a workspace in which they stand as they were
/// made, or nothing where it cannot be made there, and then they stay.
pub(super) fn follow(
    draft: &mut Draft<'_>,
    snapshot: &Snapshot,
    loaded: &Loaded,
    again: impl Fn(&Snapshot, &Loaded) -> Option<ChangeSet>,
) {
    let kept = kept(loaded);
    if kept.is_empty() {
        return;
    }
    let mut as_made = snapshot.clone();
    for it in &kept {
        as_made.insert(it.path.clone(), Source::new(it.text));
    }
    let Some(changes) = again(&as_made, &load::load(&as_made)) else { return };
    let Ok(after) = as_made.overlay(&changes) else { return };
    for it in &kept {
        let Some(text) = after.text(&draft.path_after(it.path.as_str())) else { continue };
        if text != it.text {
            draft.edit(it.record, TextEdit::replace(it.span, text_as_toml(text)));
        }
    }
}

fn kept(loaded: &Loaded) -> Vec<Kept<'_>> {
    let mut all = Vec::new();
    for applied in &loaded.model.applied {
        for made in applied.made.iter().filter(|made| !made.text.is_empty()) {
            let path = match (made.element, &made.file) {
                (Some(ix), _) => Some(loaded.model.element(ix).file.clone()),
                (None, Some(file)) => FilePath::new(file).ok(),
                (None, None) => None,
            };
            all.extend(path.map(|path| Kept { record: &applied.file, span: made.text_span, path, text: &made.text }));
        }
    }
    all
}

/// Has values follow that records say a pattern set, where they name elements; `after` is the model as it will be.
pub(super) fn follow_values(draft: &mut Draft<'_>, snapshot: &Snapshot, loaded: &Loaded, after: &Model) {
    for applied in &loaded.model.applied {
        let Some(text) = snapshot.text(applied.file.as_str()) else { continue };
        let (root, _) = crate::load::toml::parse(text);
        let changed = applied.changed.iter().map(|it| {
            let at = At::of_kind(loaded.model.element(it.element).kind);
            (Some(it.element), at)
        });
        let stated = applied.stated.iter().map(|it| (it.source, At::Relation));
        let of_elements = tables(&root, "changed").into_iter().zip(changed);
        for (table, (from, at)) in of_elements.chain(tables(&root, "stated").into_iter().zip(stated)) {
            let set = table.as_map().and_then(|entries| entries.get("set")?.value.as_map());
            for (key, entry) in set.into_iter().flatten() {
                let new = from.and_then(|from| value_after(&loaded.model, after, (from, at), key, &entry.value));
                if let Some(new) = new {
                    draft.edit(&applied.file, toml::replace_string(text, entry.value.span, &new));
                }
            }
        }
    }
}

/// The tables of a list of the record.
fn tables<'r>(root: &'r Value, key: &str) -> Vec<&'r Value> {
    let list = root.as_map().and_then(|entries| entries.get(key)?.value.as_list());
    list.unwrap_or_default().iter().collect()
}

/// A value, written as YAML, with the names of elements that it has afterwards; nothing when it stays.
fn value_after(before: &Model, after: &Model, of: (ElementIx, At), key: &str, written: &Value) -> Option<String> {
    let (from, at) = of;
    let mut text = written.as_text()?.to_owned();
    let value = crate::load::yaml::parse(&text, 0).0?;
    let entry = |value: Value| Entry { key_span: value.span, value };
    let (key, value) = match key.split_once('.') {
        Some((outer, inner)) => {
            let span = value.span;
            let table = IndexMap::from([(inner.to_owned(), entry(value))]);
            (outer, Value { data: Data::Map(table), span })
        }
        None => (key, value),
    };
    let entries = IndexMap::from([(key.to_owned(), entry(value))]);
    let mut edits = Vec::new();
    for value in naming::values(Behaviour::of_table(at, &entries)) {
        let Some((name, element)) = naming::named(before, from, value) else { continue };
        if let Some(new) = references::name_after(before, after, Some(from), &name, element) {
            edits.push(yaml::replace_scalar(&text, value.span, &new, true));
        }
    }
    if edits.is_empty() {
        return None;
    }
    text = apply_edits(&text, &edits).ok()?;
    Some(text)
}

/// The changes of a wish that was worked out, unless it is refused.
pub(super) fn changes(draft: Result<Draft<'_>, Refusal>) -> Option<ChangeSet> {
    draft.and_then(Draft::finish).ok()
}
