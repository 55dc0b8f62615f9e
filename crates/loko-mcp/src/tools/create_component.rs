//! `create_component`: a new component of a container.

use crate::changes::change;
use crate::problem::Problem;
use crate::shapes::{PartShape, create, component_parent};
use crate::tool::{Call, Effect, Tool};
use loko_model::edit::{New, NewKind};
use loko_model::view;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system, by id or name; may be left out when the container's name is unique.
    #[serde(default)]
    system_name: Option<String>,
    /// The container it is part of (or give `parent`).
    #[serde(default)]
    container_name: Option<String>,
    /// The container, also as `System/Container`.
    #[serde(default)]
    parent: Option<String>,
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    technology: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    /// Whether to answer with a picture of the component among its neighbours, as SVG.
    #[serde(default)]
    preview: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    component: PartShape,
    message: String,
    revision: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagram_preview: Option<String>,
}

impl Tool for This {
    const NAME: &'static str = "create_component";
    const TITLE: &'static str = "Create a component";
    const ABOUT: &'static str = "Creates a component in a container, which `container_name` (with `system_name`) or `parent` names.";
    const EFFECT: Effect = Effect::Add;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let mut wish = New {
            kind: NewKind::Component,
            name: input.name,
            description: input.description,
            technology: input.technology,
            tags: input.tags,
            ..New::default()
        };
        let (state, (id, message)) = change(&call.project, |draft| {
            wish.parent = Some(component_parent(draft.state(), &input.system_name, &input.container_name, &input.parent)?);
            create(draft, &wish)
        })?;
        let preview = input.preview.then(|| {
            let model = state.model();
            let view = model.find(&id).map(|ix| view::surroundings(model, ix));
            view.map(|view| loko_site::picture::svg(model, &state.snapshot, &view))
        });
        Ok(Output {
            component: PartShape::of(&state, &id)?,
            message,
            revision: state.revision.clone(),
            diagram_preview: preview.flatten(),
        })
    }
}
