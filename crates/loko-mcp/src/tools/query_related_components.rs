//! `query_related_components`: what a component uses and what uses it.

use crate::problem::Problem;
use crate::shapes::{innermost, within};
use crate::tool::{Call, Effect, Tool};
use loko_model::Kind;
use loko_model::query::DepsOptions;
use loko_model::query::deps::{Dep, Dependencies};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system it is in; needed when its name is not unique.
    #[serde(default)]
    system_id: Option<String>,
    /// The container it is in; needed when its name is not unique.
    #[serde(default)]
    container_id: Option<String>,
    /// The component, by id or name.
    component_id: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    component_id: String,
    dependencies: Vec<Related>,
    dependents: Vec<Related>,
    dependency_count: usize,
    dependent_count: usize,
}

#[derive(Serialize, JsonSchema)]
struct Related {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    description: String,
}

impl Tool for This {
    const NAME: &'static str = "query_related_components";
    const TITLE: &'static str = "Ask for related components";
    const ABOUT: &'static str = "The elements that a component uses directly, and those that use it.";
    const EFFECT: Effect = Effect::Read;
    const TOKENS: usize = crate::answer::TOKENS_OF_LISTS;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let around = [(input.system_id.as_deref(), Kind::System), (input.container_id.as_deref(), Kind::Container)];
        let of = within(&state, &input.component_id, Kind::Component, innermost(&state, around)?)?;
        let options = DepsOptions::default();
        let related = |list: &str, found: &Dependencies<'_>| -> Vec<Related> {
            let one = |dep: Dep<'_>| Related {
                id: dep.element.id.to_owned(),
                name: dep.element.name.to_owned(),
                kind: dep.element.kind.name().to_owned(),
                description: dep.relations.first().map(|it| it.description.to_owned()).unwrap_or_default(),
            };
            call.rows(list, found.len(), found.iter().map(one))
        };
        let (forth, back) = (Dependencies::of(model, of, &options), Dependencies::on(model, of, &options));
        Ok(Output {
            component_id: model.element(of).id.to_string(),
            dependency_count: forth.len(),
            dependent_count: back.len(),
            dependencies: related("dependencies", &forth),
            dependents: related("dependents", &back),
        })
    }
}
