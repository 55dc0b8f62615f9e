//! `pattern_check`: which obligations of the patterns in use hold.

use crate::problem::{Problem, clip};
use crate::shapes::{FindingShape, given};
use crate::tool::{Call, Effect, Tool};
use loko_model::Model;
use loko_patterns::{Catalogue, Report};
use loko_source::suggest::did_you_mean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// One pattern, or one use of it.
    #[serde(default)]
    pattern: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Each use of a pattern.
    uses: Vec<Use>,
    /// What does not hold, with places and how to mend it.
    findings: Vec<FindingShape>,
}

#[derive(Serialize, JsonSchema)]
struct Use {
    /// What `pattern_upgrade` and `pattern_remove` take.
    name: String,
    pattern: String,
    /// The version that was applied; empty where people wrote the roles themselves.
    version: String,
    /// The catalogue's version.
    newest: String,
    /// Ids of elements by role.
    roles: BTreeMap<String, Vec<String>>,
    obligations: Vec<Obligation>,
    /// Roles that somebody has to play and nobody does.
    unplayed: Vec<String>,
    /// Points to document.
    points: usize,
    /// Those of which the box is not ticked.
    points_open: usize,
    /// What speaks against using it here, by facts counted in the model.
    against: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Obligation {
    code: String,
    says: String,
    holds: bool,
    /// Why nothing shows that it holds, where there is nothing that it could speak of.
    not_shown: String,
}

impl Tool for This {
    const NAME: &'static str = "pattern_check";
    const TITLE: &'static str = "Check the patterns in use";
    const ABOUT: &'static str = "Says for each pattern in use who plays which role, which of its obligations hold, how much of its checklist is documented, and whether the catalogue has another version.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let (catalogue, mut findings) = Catalogue::of(&state.snapshot);
        let (mut reports, others) = loko_patterns::check(state.model(), &state.snapshot, &catalogue);
        findings.extend(others);
        if let Some(wanted) = given(input.pattern) {
            let names: Vec<String> = reports.iter().map(|report| report.name.clone()).collect();
            reports.retain(|report| report.name == wanted || report.pattern == wanted);
            if reports.is_empty() {
                let help = did_you_mean(&wanted, names.iter().map(String::as_str));
                return Err(Problem::new(format!("no element plays a role in `{}`", clip(&wanted, 80)))
                    .help(help.unwrap_or_else(|| "`pattern_apply` works out how to use it".to_owned())));
            }
        }
        let broken = reports.iter().flat_map(|report| &report.verdicts).flat_map(|verdict| &verdict.findings);
        findings.extend(broken.chain(reports.iter().flat_map(|report| &report.remarks)).cloned());
        Ok(Output {
            uses: reports.iter().map(|report| use_of(state.model(), &catalogue, report)).collect(),
            findings: findings.iter().map(|finding| FindingShape::of(finding, &state.snapshot)).collect(),
        })
    }
}

fn use_of(model: &Model, catalogue: &Catalogue, report: &Report) -> Use {
    let applied = model.applied.iter().find(|it| it.name == report.name && it.pattern == report.pattern);
    let ids = report.roles.iter().map(|(role, all)| {
        (role.clone(), all.iter().map(|ix| model.element(*ix).id.to_string()).collect::<Vec<_>>())
    });
    let obligations = report.verdicts.iter().map(|verdict| Obligation {
        code: verdict.code.clone(),
        says: verdict.says.clone(),
        holds: verdict.holds(),
        not_shown: verdict.not_shown.clone().unwrap_or_default(),
    });
    Use {
        name: report.name.clone(),
        pattern: report.pattern.clone(),
        version: applied.map(|it| it.version.clone()).unwrap_or_default(),
        newest: catalogue.get(&report.pattern).map(|it| it.version.clone()).unwrap_or_default(),
        roles: ids.collect(),
        obligations: obligations.collect(),
        unplayed: report.unplayed.clone(),
        points: report.boxes,
        points_open: report.open,
        against: report.against.clone(),
    }
}
