//! `pattern_apply`: what applying a pattern would do, for `apply` to write.

use crate::changes::Draft;
use crate::problem::Problem;
use crate::tool::{Call, Effect, Tool};
use crate::tools::propose;
use loko_model::edit::Plan;
use loko_patterns::{Apply, Catalogue};
use loko_source::FilePath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The pattern, by id or name; `pattern_suggest` names those that fit.
    pattern: String,
    /// The application's name, when the pattern is applied more than once.
    #[serde(default)]
    name: Option<String>,
    /// Parameters of the pattern, such as `{"timeout": "300ms"}`.
    #[serde(default)]
    params: BTreeMap<String, String>,
    /// Who plays which role: ids of elements by role, such as `{"consumer": ["shop/notifications"]}`. Who alone fits a role that is not named plays it; of several the refusal names them; else one is made.
    #[serde(default)]
    bind: BTreeMap<String, Players>,
    /// The system in which elements are made.
    #[serde(default)]
    into: Option<String>,
    /// Whether elements are made for all roles that are not named, also where some are there that fit.
    #[serde(default)]
    new: bool,
}

/// One element or several.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Players {
    One(String),
    Several(Vec<String>),
}

impl Players {
    fn names(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::Several(names) => names,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The pattern's id.
    pattern: String,
    #[serde(flatten)]
    proposal: propose::Output,
}

impl Tool for This {
    const NAME: &'static str = "pattern_apply";
    const TITLE: &'static str = "Work out a pattern's application";
    const ABOUT: &'static str = "Works out what applying a pattern would do and writes nothing: elements, relations, behaviour and a decision as one proposal with its diff and findings. Hand the token to `apply`; `undo` takes it back. Bind roles to existing elements where there are some.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let mut draft = Draft::new(&call.project)?;
        let state = draft.state();
        let (catalogue, _) = Catalogue::of(&state.snapshot);
        let refused = |findings: Vec<loko_source::Diagnostic>| Problem::found(&findings, &state.snapshot);
        let pattern = catalogue.find(&input.pattern).map_err(|finding| refused(vec![finding]))?.id.clone();
        let wish = Apply {
            pattern: pattern.clone(),
            name: crate::shapes::given(input.name),
            params: input.params.into_iter().collect(),
            bind: bound(input.bind),
            into: crate::shapes::given(input.into),
            is_new: input.new,
            date: call.project.day(),
        };
        let plan = loko_patterns::apply(&state.snapshot, &state.loaded, &catalogue, &wish).map_err(refused)?;
        take(&mut draft, plan)?;
        Ok(Output { pattern, proposal: propose::proposal(call, draft)? })
    }
}

/// Roles with who plays them, a pair each.
pub(crate) fn bound(bind: BTreeMap<String, Players>) -> Vec<(String, String)> {
    let pairs = |(role, players): (String, Players)| {
        players.names().into_iter().map(move |name| (role.clone(), name)).collect::<Vec<_>>()
    };
    bind.into_iter().flat_map(pairs).collect()
}

/// Takes over what is to be done about a pattern; the elements whose pages it changes are affected.
pub(crate) fn take(draft: &mut Draft<'_>, plan: loko_patterns::Plan) -> Result<(), Problem> {
    let is_touched = |path: &FilePath| plan.changes.files().any(|(touched, _)| touched == path);
    let elements = draft.state().model().elements.iter();
    let affected = elements.filter(|element| is_touched(&element.file)).map(|element| element.id.to_string()).collect();
    draft.take(&Plan { changes: plan.changes, summary: plan.summary, affected, ..Plan::default() })
}
