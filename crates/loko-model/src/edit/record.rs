//! `record`: a `[[moved]]` record in `loko.toml` for what a rename or move did, so that differences need not guess.

use super::draft::Draft;
use super::{Plan, Refusal, toml};
use crate::project::PROJECT_FILE;
use crate::{Loaded, load};
use loko_source::{ChangeSet, FilePath, Snapshot};

/// The plan of a rename or move with a record of the new id; a plan that keeps the id stays as it is.
pub fn record(snapshot: &Snapshot, loaded: &Loaded, mut plan: Plan) -> Result<Plan, Refusal> {
    let Some(from) = plan.affected.first().cloned().filter(|_| !plan.is_nothing()) else { return Ok(plan) };
    let Some(to) = new_id(snapshot, loaded, &plan.changes, &from).filter(|to| *to != from) else { return Ok(plan) };
    let path = FilePath::new(PROJECT_FILE).expect("a file name is a path");
    let keys = [("from", toml::string(&from)), ("to", toml::string(&to))];
    match snapshot.text(PROJECT_FILE) {
        Some(_) => {
            let mut draft = Draft::new(snapshot);
            let text = draft.text(&path)?;
            let (root, _) = crate::load::toml::parse(text);
            let list = root.as_map().and_then(|entries| entries.get("moved")).map(|entry| &entry.value);
            draft.edit(&path, toml::append_table(text, "moved", list.filter(|list| list.as_list().is_some()), &keys));
            for (path, change) in draft.finish()?.files() {
                if let loko_source::FileChange::Edit(edits) = change {
                    edits.iter().for_each(|edit| plan.changes.edit(path.clone(), edit.clone()));
                }
            }
        }
        None => plan.changes.create(path, toml::append_table("", "moved", None, &keys).text),
    }
    plan.summary.push(format!("records in {PROJECT_FILE} that `{from}` is `{to}` now"));
    Ok(plan)
}

/// The id of an element after changes: that of the file which is the element's then.
fn new_id(snapshot: &Snapshot, loaded: &Loaded, changes: &ChangeSet, id: &str) -> Option<String> {
    let ix = loaded.model.find(id)?;
    let mut file = loaded.model.element(ix).file.to_string();
    for (from, to) in changes.moves() {
        if let Some(rest) = file.strip_prefix(&format!("{from}/")) {
            file = format!("{to}/{rest}");
        }
    }
    let after = load::load(&snapshot.overlay(changes).ok()?).model;
    after.elements.iter().find(|element| element.file.as_str() == file).map(|element| element.id.to_string())
}
