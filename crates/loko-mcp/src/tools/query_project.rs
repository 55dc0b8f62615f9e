//! `query_project`: what the workspace is called, and how much is in it.

use crate::problem::Problem;
use crate::tool::{Call, Effect, Tool};
use loko_model::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    project: Project,
    stats: Stats,
    /// Names the state that was read; changes are proposed against it.
    revision: String,
}

#[derive(Serialize, JsonSchema)]
struct Project {
    name: String,
    description: String,
    version: String,
}

#[derive(Serialize, JsonSchema)]
struct Stats {
    systems: usize,
    containers: usize,
    components: usize,
    people: usize,
    relationships: usize,
    decisions: usize,
}

impl Tool for This {
    const NAME: &'static str = "query_project";
    const TITLE: &'static str = "Look at the project";
    const ABOUT: &'static str = "The project's name, description and version, and how many systems, containers and components it has.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, _input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let count = |kind| model.of_kind(kind).count();
        Ok(Output {
            project: Project {
                name: model.project.name.clone(),
                description: model.project.description.clone(),
                version: model.project.version.clone(),
            },
            stats: Stats {
                systems: count(Kind::System),
                containers: count(Kind::Container),
                components: count(Kind::Component),
                people: count(Kind::Person),
                relationships: model.relations.len(),
                decisions: model.decisions.len(),
            },
            revision: state.revision.clone(),
        })
    }
}
