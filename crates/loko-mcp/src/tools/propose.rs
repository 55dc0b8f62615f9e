//! `propose`: what operations would do, before anything is written.

use crate::changes::{Draft, touched};
use crate::operations::{self, Operation};
use crate::problem::Problem;
use crate::project::State;
use crate::shapes::FindingShape;
use crate::tool::{Call, Effect, Tool};
use loko_model::ElementIx;
use loko_model::query::impact::{Coupling, Reached};
use loko_source::diagnostic;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most operations of one proposal.
const OPERATIONS_MAX: usize = 1000;
/// Elements whose impact is worked out; of more only the first count.
const IMPACTS_MAX: usize = 50;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// What to do, in this order: 1 to 1,000 operations, such as `{"op":"create","kind":"container","name":"Order API","parent":"shop"}`.
    operations: Vec<Operation>,
    /// The revision that you have seen; the proposal is refused when the workspace is another one now.
    #[serde(default, alias = "base_revision")]
    revision: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// What `apply` takes; bound to the revision. Empty when everything is as wished already.
    token: String,
    /// What the workspace is now.
    revision: String,
    /// What is done, a sentence each.
    summary: Vec<String>,
    created: Vec<String>,
    affected: Vec<String>,
    /// Findings that the change would add.
    findings_added: Vec<FindingShape>,
    /// Findings that it would mend.
    findings_removed: Vec<FindingShape>,
    /// Decisions about what is touched.
    decisions: Vec<DecisionRow>,
    blast_radius: Radius,
    /// The change as a unified diff.
    diff: String,
}

#[derive(Serialize, JsonSchema)]
struct DecisionRow {
    id: String,
    title: String,
    status: String,
    file: String,
}

#[derive(Serialize, JsonSchema)]
struct Radius {
    /// Files that are written.
    files: usize,
    /// Elements that depend on what changes or goes.
    elements: usize,
    /// How many of them wait for it.
    sync: usize,
    systems: Vec<String>,
}

impl Tool for This {
    const NAME: &'static str = "propose";
    const TITLE: &'static str = "Propose a change";
    const ABOUT: &'static str = "Works out what operations would do and writes nothing: the diff, the findings they would add and remove, the decisions they touch, what depends on it, and a token for `apply`. Operations: create, update, rename, move, remove, link, unlink, diagram, document.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let total = input.operations.len();
        if total == 0 || total > OPERATIONS_MAX {
            return Err(Problem::new(format!("`operations` has {total} items, 1 to {OPERATIONS_MAX} are taken")));
        }
        let mut draft = Draft::new(&call.project)?;
        if let Some(seen) = input.revision.filter(|seen| *seen != draft.before.revision) {
            return Err(crate::changes::stale(&call.project, &draft.before, &seen));
        }
        let mut at = 0;
        while at < total {
            call.go_on()?;
            (call.progress)(at, total, "working out");
            at += operations::perform(&mut draft, &input.operations[at..])
                .map_err(|problem| Problem::new(format!("operation {} of {total}: {}", at + 1, problem.text())).help("nothing was written; mend it and propose again"))?;
        }
        proposal(call, draft)
    }
}

/// What a draft would do, remembered under a token.
pub(crate) fn proposal(call: &Call<'_>, draft: Draft<'_>) -> Result<Output, Problem> {
    let mut drafted = draft.finish()?;
    let before = drafted.before.clone();
    if let Some(after) = &drafted.after {
        name_new(&before, after, &mut drafted.created);
    }
    let diff = drafted.changes.diff(&before.snapshot).map_err(|error| Problem::new(error.to_string()))?;
    let after = drafted.after.as_ref().unwrap_or(&before);
    let (added, removed) = findings(&before, after);
    let ids: Vec<String> = drafted.affected.iter().chain(&drafted.created).cloned().collect();
    let mut output = Output {
        token: String::new(),
        revision: before.revision.clone(),
        summary: drafted.summary.clone(),
        created: drafted.created.clone(),
        affected: drafted.affected.clone(),
        findings_added: added,
        findings_removed: removed,
        decisions: decisions(&before, after, &ids),
        blast_radius: radius(&before, &drafted.affected, drafted.changes.files().count()),
        diff,
    };
    if !drafted.changes.is_empty() {
        output.token = call.hub.proposals.add(call.project.workspace.root(), drafted);
    }
    Ok(output)
}

/// Adds the elements that come to be and are not named yet.
fn name_new(before: &State, after: &State, created: &mut Vec<String>) {
    let known = &before.model().elements;
    let touched = after.model().elements.iter().enumerate().filter(|(at, element)| {
        // Both states share what the change left alone.
        !known.get(*at).is_some_and(|known| Arc::ptr_eq(known, element))
    });
    let is_new = |id: &&str| before.model().find(id).is_none();
    let is_unnamed = |id: &&str| !created.iter().any(|known| known == id);
    let ids = touched.map(|(_, element)| element.id.as_str());
    let new: Vec<String> = ids.filter(is_new).filter(is_unnamed).map(str::to_owned).collect();
    created.extend(new);
}

/// The findings that one state has and the other has not.
pub(crate) fn findings(before: &State, after: &State) -> (Vec<FindingShape>, Vec<FindingShape>) {
    let only = |these: &State, others: &State| -> Vec<FindingShape> {
        let new = diagnostic::only(these.findings(), others.findings());
        new.into_iter().map(|finding| FindingShape::of(finding, &these.snapshot)).collect()
    };
    (only(after, before), only(before, after))
}

/// The decisions about elements, in the state in which each is known.
fn decisions(before: &State, after: &State, ids: &[String]) -> Vec<DecisionRow> {
    let mut rows: Vec<DecisionRow> = Vec::new();
    for state in [before, after] {
        let model = state.model();
        let elements = touched(state, ids);
        for decision in &model.decisions {
            let is_about = decision.elements.iter().any(|about| elements.iter().any(|ix| model.is_within(*ix, *about) || model.is_within(*about, *ix)));
            if is_about && !rows.iter().any(|row| row.id == decision.id) {
                rows.push(DecisionRow {
                    id: decision.id.clone(),
                    title: decision.title.clone(),
                    status: decision.status.clone(),
                    file: decision.file.to_string(),
                });
            }
        }
    }
    rows
}

/// What depends on the elements that change.
fn radius(before: &State, affected: &[String], files: usize) -> Radius {
    let model = before.model();
    // For each element, how hard it is hit.
    let mut hit: Vec<Option<Coupling>> = vec![None; model.elements.len()];
    for ix in touched(before, affected).into_iter().take(IMPACTS_MAX) {
        for one in Reached::new(model, ix).hits() {
            let known = &mut hit[one.element.index()];
            *known = Some(known.map_or(one.coupling, |known| known.min(one.coupling)));
        }
    }
    let all = model.ids().filter(|ix| hit[ix.index()].is_some());
    let systems: BTreeSet<ElementIx> = all.map(|ix| model.system_of(ix)).collect();
    Radius {
        files,
        elements: hit.iter().flatten().count(),
        sync: hit.iter().flatten().filter(|coupling| **coupling == Coupling::Sync).count(),
        systems: systems.into_iter().map(|ix| model.element(ix).id.to_string()).collect(),
    }
}
