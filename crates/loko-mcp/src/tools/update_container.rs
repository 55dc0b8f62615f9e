//! `update_container`: changes what a container's front matter says; everything else stays.

use crate::changes::change;
use crate::problem::Problem;
use crate::shapes::{PartShape, innermost, update, update_part, within};
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
            let state = draft.state();
            let system = innermost(state, [(input.system_name.as_deref(), Kind::System)])?;
            let of = within(state, &input.container_name, Kind::Container, system)?;
            let id = state.model().element(of).id.to_string();
            let wish = update_part(&id, input.description, input.technology, input.tags);
            update(draft, id, &wish)
        })?;
        Ok(Output { container: PartShape::of(&state, &id)?, message, revision: state.revision.clone() })
    }
}
