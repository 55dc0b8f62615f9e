//! Checks of selected views: selectors that pick nothing.

use crate::workspace::Workspace;
use loko_model::select::Subject;
use loko_model::selection::Picked;
use loko_source::Diagnostic;

/// Checks the selectors of all views.
pub(crate) fn check(workspace: &Workspace<'_>) -> Vec<Diagnostic> {
    let views = workspace.model.selections.iter();
    let all = views.flat_map(|view| view.include.iter().chain(&view.exclude).chain(&view.relations));
    all.filter(|picked| picks_nothing(workspace, picked)).map(finding).collect()
}

fn picks_nothing(workspace: &Workspace<'_>, picked: &Picked) -> bool {
    match picked.select.subject() {
        Subject::Elements => picked.select.picks(workspace.model).is_empty(),
        Subject::Relations => picked.select.picks_relations(workspace.model).is_empty(),
    }
}

fn finding(picked: &Picked) -> Diagnostic {
    let message = format!("no {} match `{}`", picked.select.subject().name(), picked.select.text());
    Diagnostic::error("empty-selector", message)
        .at(&picked.place.path, picked.place.span, "picks nothing")
        .help("see what there is with `loko query list`, or take the selector out")
}
