//! `validate`: all findings, with places and how to mend them.

use crate::problem::Problem;
use crate::shapes::{FindingShape, count, place};
use crate::tool::{Call, Effect, Tool};
use loko_source::Severity;
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
        let is_shown = |finding: &&loko_source::Diagnostic| {
            folder.as_ref().is_none_or(|folder| {
                finding.primary.as_ref().is_some_and(|label| label.place.path.as_str().starts_with(folder))
            })
        };
        let mut findings: Vec<loko_source::Diagnostic> = state.findings().iter().filter(is_shown).cloned().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let (errors, warnings) = (count(&findings, Severity::Error), count(&findings, Severity::Warning));
        let infos = findings.len() - errors - warnings;
        let valid = errors == 0 && (!input.strict || warnings == 0);
        let issues = findings.iter().map(|finding| issue(finding, &state)).collect();
        let told = findings.iter().filter(|finding| finding.severity == Severity::Warning);
        Ok(Output {
            valid,
            warnings: told.map(|finding| finding.message.clone()).collect(),
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
        let other = loko_source::Diagnostic { primary: Some(label.clone()), ..finding.clone() };
        place(&other, &state.snapshot)
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
