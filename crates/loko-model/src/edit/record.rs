//! `record`: `[[moved]]` records in `loko.toml` for what a rename or move did, so that differences need not guess and old
//! addresses lead on.
//!
//! The list stays as short as what it tells: each former id stands in it once, with the id of today; a name that is given
//! back takes its record along; and what has an id now needs no record of who had it.

use super::draft::Draft;
use super::{Plan, Refusal, toml};
use crate::moved::exchanged;
use crate::project::PROJECT_FILE;
use crate::value::Entry;
use crate::{Loaded, Model, load};
use loko_source::{ChangeSet, FileChange, FilePath, Snapshot, Span, TextEdit};

/// The plan of a rename or move with a record of the new id; a plan that keeps the id stays as it is.
pub fn record(snapshot: &Snapshot, loaded: &Loaded, mut plan: Plan) -> Result<Plan, Refusal> {
    let Some(from) = plan.affected.first().cloned().filter(|_| !plan.is_nothing()) else { return Ok(plan) };
    let Some((after, to)) = renamed(snapshot, loaded, &plan.changes, &from) else { return Ok(plan) };
    if to == from {
        return Ok(plan);
    }
    let path = FilePath::new(PROJECT_FILE).expect("a file name is a path");
    if snapshot.source(PROJECT_FILE).is_none() {
        plan.changes.create(path, toml::append_table("", "moved", None, &keys(&from, &to)).text);
        plan.summary.push(told(&from, &to));
        return Ok(plan);
    }
    let mut draft = Draft::new(snapshot);
    let text = draft.text(&path)?;
    let (root, _) = load::toml::parse(text);
    let list = root.as_map().and_then(|entries| entries.get("moved"));
    let written = list.filter(|entry| entry.value.as_list().is_some());
    let rows = kept(&rows(written), &after, &from, &to);
    draft.edit_all(&path, edits(text, written, &rows, &from, &to));
    for (path, change) in draft.finish()?.files() {
        match change {
            FileChange::Edit(edits) => edits.iter().for_each(|edit| plan.changes.edit(path.clone(), edit.clone())),
            // Nothing but the record stood in it.
            FileChange::Delete => plan.changes.delete(path.clone()),
            FileChange::Create(_) => {}
        }
    }
    plan.summary.push(match rows.is_given_back {
        true => format!("takes the record out of {PROJECT_FILE} that `{to}` was `{from}`"),
        false => told(&from, &to),
    });
    Ok(plan)
}

fn told(from: &str, to: &str) -> String {
    format!("records in {PROJECT_FILE} that `{from}` is `{to}` now")
}

fn keys(from: &str, to: &str) -> [(&'static str, String); 2] {
    [("from", toml::string(from)), ("to", toml::string(to))]
}

/// The model after changes, and the id that an element has in it: that of the file which is the element's then.
fn renamed(snapshot: &Snapshot, loaded: &Loaded, changes: &ChangeSet, id: &str) -> Option<(Model, String)> {
    let ix = loaded.model.find(id)?;
    let mut file = loaded.model.element(ix).file.to_string();
    for (from, to) in changes.moves() {
        if let Some(rest) = file.strip_prefix(&format!("{from}/")) {
            file = format!("{to}/{rest}");
        }
    }
    let after = load::load(&snapshot.overlay(changes).ok()?).model;
    let id = after.elements.iter().find(|element| element.file.as_str() == file)?.id.to_string();
    Some((after, id))
}

/// A record as it stands in the file.
#[derive(Clone)]
struct Row {
    /// Its place in the list.
    at: usize,
    from: (String, Span),
    to: (String, Span),
}

/// The records that can be read.
fn rows(list: Option<&Entry>) -> Vec<Row> {
    let tables = list.and_then(|list| list.value.as_list()).unwrap_or_default();
    let row = |(at, table): (usize, &crate::Value)| {
        let value = |key: &str| {
            let value = &table.as_map()?.get(key)?.value;
            Some((value.as_text()?.to_owned(), value.span))
        };
        Some(Row { at, from: value("from")?, to: value("to")? })
    };
    tables.iter().enumerate().filter_map(row).collect()
}

/// What becomes of the records there are.
struct Kept {
    /// Those that stay, and whether they say something else now.
    rows: Vec<(Row, bool)>,
    /// The places of those that go.
    gone: Vec<usize>,
    /// Whether the element has an id again that it had before.
    is_given_back: bool,
}

fn kept(rows: &[Row], after: &Model, from: &str, to: &str) -> Kept {
    let mut kept = Kept { rows: Vec::new(), gone: Vec::new(), is_given_back: false };
    for row in rows {
        let mut now = row.clone();
        now.to.0 = exchanged(&row.to.0, from, to).unwrap_or_else(|| row.to.0.clone());
        if kept.is_given_back {
            // What happened under the name between is told of the name of today.
            now.from.0 = exchanged(&row.from.0, from, to).unwrap_or_else(|| row.from.0.clone());
        }
        let is_taken = exchanged(&now.from.0, to, to).is_some() && after.find(&now.from.0).is_some();
        let is_undone = now.from.0 == now.to.0;
        if is_undone || is_taken || now.from.0 == from {
            kept.is_given_back |= is_undone && row.from.0 == to && row.to.0 == from;
            kept.gone.push(row.at);
        } else {
            let is_changed = (&now.from.0, &now.to.0) != (&row.from.0, &row.to.0);
            kept.rows.push((now, is_changed));
        }
    }
    kept
}

fn edits(text: &str, list: Option<&Entry>, kept: &Kept, from: &str, to: &str) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    for (row, _) in kept.rows.iter().filter(|(_, is_changed)| *is_changed) {
        edits.push(toml::replace_string(text, row.from.1, &row.from.0));
        edits.push(toml::replace_string(text, row.to.1, &row.to.0));
    }
    let mut gone = kept.gone.clone();
    if !kept.is_given_back {
        let count = list.and_then(|list| list.value.as_list()).map_or(0, <[_]>::len);
        // The last record is written over rather than taken out and followed by another.
        let last = gone.pop_if(|last| *last + 1 == count);
        let last = last.and_then(|last| rows(list).into_iter().find(|row| row.at == last));
        match last {
            Some(row) => {
                edits.push(toml::replace_string(text, row.from.1, from));
                edits.push(toml::replace_string(text, row.to.1, to));
            }
            None => edits.push(toml::append_table(text, "moved", list.map(|list| &list.value), &keys(from, to))),
        }
    }
    edits.extend(list.into_iter().flat_map(|list| toml::remove_list_items(text, list, &gone)));
    edits
}
