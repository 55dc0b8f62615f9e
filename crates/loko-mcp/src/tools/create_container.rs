//! `create_container`: a new container of a system.

use crate::changes::change;
use crate::problem::Problem;
use crate::shapes::{PartShape, create, one_of, parent_id};
use crate::tool::{Call, Effect, Tool};
use loko_model::Kind;
use loko_model::edit::{New, NewKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system it is part of, by id or name (or give `parent`).
    #[serde(default)]
    system_name: Option<String>,
    /// The same as `system_name`.
    #[serde(default)]
    parent: Option<String>,
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// What it is made with.
    #[serde(default)]
    technology: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    container: PartShape,
    message: String,
    revision: String,
}

impl Tool for This {
    const NAME: &'static str = "create_container";
    const TITLE: &'static str = "Create a container";
    const ABOUT: &'static str = "Creates a container (a deployable unit: service, database, queue, app) in a system, which `system_name` or `parent` names.";
    const EFFECT: Effect = Effect::Add;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let written = one_of(input.system_name, input.parent, "system_name", "parent")?;
        let mut wish = New {
            kind: NewKind::Container,
            name: input.name,
            description: input.description,
            technology: input.technology,
            tags: input.tags,
            ..New::default()
        };
        let (state, (id, message)) = change(&call.project, |draft| {
            wish.parent = Some(parent_id(draft.state(), &written, Kind::System, None)?);
            create(draft, &wish)
        })?;
        Ok(Output { container: PartShape::of(&state, &id)?, message, revision: state.revision.clone() })
    }
}
