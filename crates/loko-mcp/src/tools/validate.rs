//! `validate`: all findings, with places and how to mend them.

use crate::problem::Problem;
use crate::shapes::{FindingShape, label_place, select};
use crate::tool::{Call, Effect, Tool};
use loko_source::{FilePath, Severity};
use rustc_hash::FxHashSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Whether warnings make the workspace invalid too.
    #[serde(default)]
    strict: bool,
    /// Accepted for older callers: what D2 and front matter disagree on is always checked.
    #[serde(default, rename = "check_drift")]
    _check_drift: Option<bool>,
    /// Only findings in files of this element and its parts, by id or name.
    #[serde(default, alias = "scope")]
    element: Option<String>,
    /// Only findings in files of elements that a selector picks: `kind:container and tag:pci`.
    #[serde(default)]
    select: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    valid: bool,
    /// A line each.
    warnings: Vec<String>,
    report: Report,
    revision: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Report {
    issues: Vec<Issue>,
    is_valid: bool,
    summary: String,
    total: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Issue {
    /// `error`, `warning` or `info`.
    severity: String,
    /// The name of the problem.
    code: String,
    title: String,
    description: String,
    /// The place, `file:line:column`.
    affected: Vec<String>,
    /// What one can do.
    suggestion: String,
}

impl Tool for This {
    const NAME: &'static str = "validate";
    const TITLE: &'static str = "Check the workspace";
    const ABOUT: &'static str = "Checks the workspace: every problem in one run, with its place and how to mend it. `valid` is false when there are errors, with `strict` also when there are warnings.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let only = input.element.filter(|name| !name.trim().is_empty());
        let folder = only.map(|name| crate::shapes::element(&state, &name)).transpose()?;
        let folder = folder.map(|ix| format!("{}/", state.model().element(ix).folder()));
        let picked: Option<FxHashSet<&FilePath>> = select(input.select)?.map(|select| {
            select.picks(state.model()).into_iter().map(|ix| &state.model().element(ix).file).collect()
        });
        let is_shown = |finding: &&loko_source::Diagnostic| {
            let file = finding.primary.as_ref().map(|label| &label.place.path);
            picked.as_ref().is_none_or(|picked| file.is_some_and(|file| picked.contains(file)))
            && folder.as_ref().is_none_or(|folder| {
                finding.primary.as_ref().is_some_and(|label| label.place.path.as_str().starts_with(folder))
            })
        };
        let findings: Vec<&loko_source::Diagnostic> =
            state.findings().iter().map(|finding| &**finding).filter(is_shown).collect();
        let of = |severity| findings.iter().filter(move |finding| finding.severity == severity);
        let (errors, warnings) = (of(Severity::Error).count(), of(Severity::Warning).count());
        let infos = findings.len() - errors - warnings;
        let valid = errors == 0 && (!input.strict || warnings == 0);
        let worst_first = [Severity::Error, Severity::Warning, Severity::Info].into_iter().flat_map(of);
        let issues = call.rows("report.Issues", findings.len(), worst_first.map(|finding| issue(finding, &state)));
        let told = of(Severity::Warning).map(|finding| finding.message.clone());
        Ok(Output {
            valid,
            warnings: call.rows("warnings", warnings, told),
            report: Report {
                issues,
                is_valid: valid,
                summary: format!("{errors} errors, {warnings} warnings, {infos} remarks"),
                total: findings.len(),
                errors,
                warnings,
                infos,
            },
            revision: state.revision.clone(),
        })
    }
}

fn issue(finding: &loko_source::Diagnostic, state: &crate::project::State) -> Issue {
    let shape = FindingShape::of(finding, &state.snapshot);
    let mut affected = vec![shape.place];
    affected.extend(finding.secondary.iter().map(|label| {
        label_place(label, &state.snapshot)
    }));
    affected.retain(|place| !place.is_empty());
    Issue {
        severity: shape.severity,
        code: shape.code,
        title: shape.message,
        description: finding.notes.join("; "),
        affected,
        suggestion: shape.help,
    }
}
