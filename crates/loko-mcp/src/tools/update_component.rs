//! `update_component`: changes what a component's front matter says; everything else stays.

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
    /// The system it is in; may be left out when the name is unique.
    #[serde(default)]
    system_name: Option<String>,
    /// The container it is in; may be left out when the name is unique.
    #[serde(default, alias = "parent")]
    container_name: Option<String>,
    /// The component, by id or name.
    component_name: String,
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
    component: PartShape,
    message: String,
    revision: String,
}

impl Tool for This {
    const NAME: &'static str = "update_component";
    const TITLE: &'static str = "Update a component";
    const ABOUT: &'static str = "Changes a component's description, technology or tags. What is not given stays as it is; an empty text or list clears.";
    const EFFECT: Effect = Effect::Change;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let (state, (id, message)) = change(&call.project, |draft| {
            let given = |text: &Option<String>| text.clone().filter(|name| !name.trim().is_empty());
            let state = draft.state();
            let mut whole: Option<String> = None;
            for (name, kind) in [(given(&input.system_name), Kind::System), (given(&input.container_name), Kind::Container)] {
                if let Some(name) = name {
                    whole = Some(parent_id(state, &name, kind, whole.as_deref())?);
                }
            }
            let id = parent_id(state, &input.component_name, Kind::Component, whole.as_deref())?;
            let wish = update_part(&id, input.description, input.technology, input.tags);
            let plan = draft.step(|snapshot, loaded| loko_model::edit::update(snapshot, loaded, &wish))?;
            Ok((id, plan.summary.join("; ")))
        })?;
        Ok(Output { component: PartShape::of(&state, &id)?, message, revision: state.revision.clone() })
    }
}
