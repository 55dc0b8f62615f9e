//! `update_container`: changes what a container's front matter says; everything else stays.

use crate::changes::change;
use crate::problem::Problem;
use crate::shapes::{PartShape, parent_id, update_part};
use crate::tool::{Call, Effect, Tool};
use loko_model::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system it is in; may be left out when the container's name is unique.
    #[serde(default, alias = "parent")]
    system_name: Option<String>,
    /// The container, by id or name.
    container_name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    technology: Option<String>,
    /// All tags it is to have.
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    container: PartShape,
    message: String,
    revision: String,
}

impl Tool for This {
    const NAME: &'static str = "update_container";
    const TITLE: &'static str = "Update a container";
    const ABOUT: &'static str = "Changes a container's description, technology or tags. What is not given stays as it is; an empty text or list clears.";
    const EFFECT: Effect = Effect::Change;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let (state, (id, message)) = change(&call.project, |draft| {
            let system = input.system_name.as_deref().filter(|name| !name.trim().is_empty());
            let system = system.map(|name| parent_id(draft.state(), name, Kind::System, None)).transpose()?;
            let id = parent_id(draft.state(), &input.container_name, Kind::Container, system.as_deref())?;
            let wish = update_part(&id, input.description, input.technology, input.tags);
            let plan = draft.step(|snapshot, loaded| loko_model::edit::update(snapshot, loaded, &wish))?;
            Ok((id, plan.summary.join("; ")))
        })?;
        Ok(Output { container: PartShape::of(&state, &id)?, message, revision: state.revision.clone() })
    }
}
