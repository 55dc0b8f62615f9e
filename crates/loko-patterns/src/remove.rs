//! `remove`: takes an application of a pattern away, to the very bytes that were there before where nobody wrote since.
//!
//! What the pattern added and nobody touched goes. What people wrote since stays and is named: keys with other values,
//! sections with words of their own, edited relations, elements with either or that something else needs by now. Ticked
//! boxes are no words. With `force` all of it goes.

use crate::apply::{path_of, verify};
use crate::since::{Block, RELATIONS_FILE, Since};
use crate::{Plan, Refused, write};
use loko_model::decision::DecisionState;
use loko_model::edit::annotate::{self, Annotation};
use loko_model::{Applied, ElementIx, Loaded, edit};
use loko_source::suggest::did_you_mean;
use loko_source::{ChangeSet, Diagnostic, FilePath, Snapshot, TextEdit};

/// Takes the application of a name away, or the only one of a pattern.
pub fn remove(snapshot: &Snapshot, loaded: &Loaded, name: &str, force: bool) -> Result<Plan, Refused> {
    let applied = find(loaded, name).map_err(|finding| vec![finding])?;
    let since = Since::of(snapshot, loaded, applied);
    let mut changes = ChangeSet::new();
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    let mut annotations: Vec<Annotation> = Vec::new();
    let mut staying_files: Vec<FilePath> = Vec::new();
    let staying = if force { Vec::new() } else { since.staying() };
    for made in &applied.made {
        if let Some(ix) = made.element {
            let element = loaded.model.element(ix);
            let Some((_, why)) = staying.iter().find(|(stays, _)| *stays == ix) else {
                gone.push(format!("deletes {}", element.file));
                changes.delete(element.file.clone());
                continue;
            };
            kept.push(format!("keeps the element `{}`: {why}", element.id));
            annotations.push(since.added(ix));
        } else if let Some(file) = &made.file {
            let path = path_of(file)?;
            let Some(text) = snapshot.text(file) else { continue };
            if !force && !Since::is_as_made(made, text) {
                kept.push(format!("keeps {path}, which {}", became(loaded, &path)));
                staying_files.push(path);
                continue;
            }
            gone.push(format!("deletes {path}"));
            changes.delete(path);
        }
    }
    annotations.extend(applied.changed.iter().map(|changed| since.added(changed.element)));
    let words = annotate::unannotate(snapshot, loaded, &annotations, force, &mut changes).map_err(Vec::from)?;
    for changed in &applied.changed {
        gone.push(format!("takes its part out of `{}`", loaded.model.element(changed.element).id));
    }
    kept.extend(words.iter().map(|it| format!("keeps {} of `{}`", it.what, loaded.model.element(it.element).id)));
    if !force {
        let going = applied.made.iter().filter_map(|made| made.element);
        let going: Vec<ElementIx> = going.filter(|ix| staying.iter().all(|(stays, _)| stays != ix)).collect();
        staying_files.iter().try_for_each(|path| unlink(snapshot, loaded, path, &going, &mut changes, &mut kept))?;
        keep_relations(snapshot, loaded, &since, &mut changes, &mut kept)?;
    }
    changes.delete(applied.file.clone());
    if !force {
        verify(snapshot, loaded, &changes)?;
    }
    if !kept.is_empty() {
        kept.push("what was written since is yours now; `--force` takes it away too".to_owned());
    }
    Ok(Plan { changes, summary: [gone, kept].concat() })
}

/// What people made of a decision that was drafted.
fn became(loaded: &Loaded, path: &FilePath) -> String {
    let decision = loaded.model.decisions.iter().find(|decision| decision.file == *path);
    match decision.filter(|decision| decision.state != DecisionState::Proposed) {
        Some(decision) => format!("is {} by now", decision.status),
        None => "was edited since".to_owned(),
    }
}

/// Takes elements that go out of a decision that stays.
fn unlink(
    snapshot: &Snapshot,
    loaded: &Loaded,
    path: &FilePath,
    going: &[ElementIx],
    changes: &mut ChangeSet,
    kept: &mut Vec<String>,
) -> Result<(), Refused> {
    let model = &loaded.model;
    let Some(decision) = model.decisions.iter().find(|decision| decision.file == *path) else { return Ok(()) };
    let about = decision.elements.iter().filter(|ix| going.contains(ix));
    let ids: Vec<String> = about.map(|ix| model.element(*ix).id.to_string()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let plan = edit::link_decision(snapshot, loaded, &decision.id, &ids, true).map_err(Vec::from)?;
    crate::apply::add(changes, &plan.changes);
    kept.push(format!("takes `{}` out of the elements that {path} is about", ids.join("`, `")));
    Ok(())
}

/// Moves relations that people wrote in the record, or edited there, to the elements at which they start.
fn keep_relations(
    snapshot: &Snapshot,
    loaded: &Loaded,
    since: &Since<'_>,
    changes: &mut ChangeSet,
    kept: &mut Vec<String>,
) -> Result<(), Refused> {
    let mut files: indexmap::IndexMap<String, String> = indexmap::IndexMap::new();
    for block in since.blocks.iter().filter(|block| block.is_own()) {
        let Some(source) = loaded.model.find(&block.source) else { continue };
        let path = format!("{}/{RELATIONS_FILE}", loaded.model.element(source).folder());
        let text = if block.is_only_more() { own_keys(block) } else { block.text.trim_end().to_owned() + "\n" };
        let what = block.own.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        let what = if what.is_empty() { "the relation".to_owned() } else { what + " of" };
        kept.push(format!("keeps {what} `{}` → `{}`, in {path}", block.source, block.target));
        let known = files.entry(path).or_default();
        if !known.is_empty() {
            known.push('\n');
        }
        known.push_str(&text);
    }
    for (path, text) in files {
        let file = path_of(&path)?;
        match snapshot.text(&path) {
            Some(there) => {
                let gap = if there.is_empty() || there.ends_with('\n') { "\n" } else { "\n\n" };
                changes.edit(file, TextEdit::insert(there.len(), format!("{gap}{text}")));
            }
            None => changes.create(file, text),
        }
    }
    Ok(())
}

/// The keys of a relation that people wrote, without those that the pattern said.
fn own_keys(block: &Block) -> String {
    let mut text = format!(
        "[[relationships]]\nsource = {}\ntarget = {}\n",
        write::string(&block.source),
        write::string(&block.target)
    );
    let own = block.said.iter().filter(|(key, _)| *key == "description" || block.own.contains(key));
    for (key, value) in own {
        text.push_str(&format!("{key} = {}\n", write::toml(value)));
    }
    text
}

#[expect(clippy::result_large_err, reason = "a refusal is told and ends the command")]
pub(crate) fn find<'m>(loaded: &'m Loaded, name: &str) -> Result<&'m Applied, Diagnostic> {
    let all = &loaded.model.applied;
    if let Some(found) = all.iter().find(|applied| applied.name == name) {
        return Ok(found);
    }
    let of: Vec<&Applied> = all.iter().filter(|applied| applied.pattern == name).collect();
    match of.as_slice() {
        [only] => Ok(only),
        [] => {
            let mut finding = Diagnostic::error("not-applied", format!("no pattern is applied as `{name}`"));
            finding.help = did_you_mean(name, all.iter().map(|applied| applied.name.as_str()))
                .or_else(|| Some("see what is applied with `loko pattern check`".to_owned()))
                .map(Into::into);
            Err(finding)
        }
        several => {
            let names: Vec<&str> = several.iter().map(|applied| applied.name.as_str()).collect();
            let message = format!("`{name}` is applied {} times: {}", several.len(), names.join(", "));
            Err(Diagnostic::error("ambiguous-reference", message).help("name the one that is meant"))
        }
    }
}
