//! `remove`: takes an application of a pattern away, to the very bytes that were there before.
//!
//! Files that it made go when nobody has edited them since; what it added to others is taken out again. With `force`
//! edits since count for nothing.

use crate::apply::verify;
use crate::{Plan, Refused};
use loko_model::applied::digest;
use loko_model::edit::annotate::{self, Annotation};
use loko_model::{Applied, Loaded};
use loko_source::suggest::did_you_mean;
use loko_source::{ChangeSet, Diagnostic, FilePath, Snapshot, Span};

/// Takes the application of a name away, or the only one of a pattern.
pub fn remove(snapshot: &Snapshot, loaded: &Loaded, name: &str, force: bool) -> Result<Plan, Refused> {
    let applied = find(loaded, name).map_err(|finding| vec![finding])?;
    let mut changes = ChangeSet::new();
    let mut summary = Vec::new();
    let mut wrong = Vec::new();
    for made in &applied.made {
        let path = match (made.element, &made.file) {
            (Some(ix), _) => loaded.model.element(ix).file.clone(),
            (None, Some(file)) => match FilePath::new(file) {
                Ok(path) => path,
                Err(error) => {
                    wrong.push(Diagnostic::error("invalid-path", error.to_string()));
                    continue;
                }
            },
            (None, None) => continue,
        };
        let Some(text) = snapshot.text(path.as_str()) else { continue };
        if !force && digest(text) != made.digest {
            let finding = Diagnostic::error("changed-since", format!("`{path}` was changed since it was made"));
            let finding = finding.at(&path, Span::at(0), "no longer what the pattern made");
            wrong.push(finding.help("keep what is needed elsewhere, then take it away with `--force`"));
            continue;
        }
        summary.push(format!("deletes {path}"));
        changes.delete(path);
    }
    let annotations: Vec<Annotation> = applied.changed.iter().map(annotation).collect();
    if let Err(refusal) = annotate::unannotate(snapshot, loaded, &annotations, force, &mut changes) {
        wrong.extend(refusal.diagnostics);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    for changed in &applied.changed {
        summary.push(format!("takes its part out of `{}`", loaded.model.element(changed.element).id));
    }
    changes.delete(applied.file.clone());
    if !force {
        verify(snapshot, loaded, &changes)?;
    }
    Ok(Plan { changes, summary })
}

fn annotation(changed: &loko_model::Changed) -> Annotation {
    Annotation {
        element: changed.element,
        set: changed.set.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        roles: changed.roles.clone(),
        section: changed.section.clone(),
    }
}

#[expect(clippy::result_large_err, reason = "a refusal is told and ends the command")]
fn find<'m>(loaded: &'m Loaded, name: &str) -> Result<&'m Applied, Diagnostic> {
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
                .or_else(|| Some("see what is applied with `loko pattern check`".to_owned()));
            Err(finding)
        }
        several => {
            let names: Vec<&str> = several.iter().map(|applied| applied.name.as_str()).collect();
            let message = format!("`{name}` is applied {} times: {}", several.len(), names.join(", "));
            Err(Diagnostic::error("ambiguous-reference", message).help("name the one that is meant"))
        }
    }
}
