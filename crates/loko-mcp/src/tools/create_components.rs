//! `create_components`: several components of a container at once.

use crate::changes::Draft;
use crate::problem::Problem;
use crate::shapes::{component_parent, create};
use crate::tool::{Call, Effect, Tool};
use loko_model::edit::{New, NewKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

/// The most components of one call.
const COMPONENTS_MAX: usize = 1000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system, by id or name; may be left out when the container's name is unique.
    #[serde(default)]
    system_name: Option<String>,
    /// The container they are part of (or give `parent`).
    #[serde(default)]
    container_name: Option<String>,
    /// The container, also as `System/Container`.
    #[serde(default)]
    parent: Option<String>,
    components: Vec<Item>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Item {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    technology: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    created: usize,
    failed: usize,
    results: Vec<Made>,
    revision: String,
}

#[derive(Serialize, JsonSchema)]
struct Made {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    name: String,
    /// `created`, or `error`.
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Tool for This {
    const NAME: &'static str = "create_components";
    const TITLE: &'static str = "Create several components";
    const ABOUT: &'static str = "Creates several components in one container with one write. One that cannot be made is told of and does not hinder the others; an unknown system or container ends the call.";
    const EFFECT: Effect = Effect::Add;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        if input.components.is_empty() || input.components.len() > COMPONENTS_MAX {
            let message = format!("`components` has {} items, 1 to {COMPONENTS_MAX} are taken", input.components.len());
            return Err(Problem::new(message));
        }
        let mut draft = Draft::new(&call.project)?;
        let parent = component_parent(draft.state(), &input.system_name, &input.container_name, &input.parent)?;
        let total = input.components.len();
        let mut results = Vec::with_capacity(total);
        for (at, item) in input.components.into_iter().enumerate() {
            call.go_on()?;
            (call.progress)(at, total, &item.name);
            let name = item.name.clone();
            let wish = New {
                kind: NewKind::Component,
                name: item.name,
                parent: Some(parent.clone()),
                description: item.description,
                technology: item.technology,
                tags: item.tags,
                ..New::default()
            };
            results.push(match create(&mut draft, &wish) {
                Ok((id, _)) => Made { id: Some(id), name, status: "created".to_owned(), error: None },
                Err(problem) => {
                    Made { id: None, name: crate::problem::clip(&name, 200), status: "error".to_owned(), error: Some(problem.text()) }
                }
            });
        }
        let state = draft.finish()?.write(&call.project)?;
        let created = results.iter().filter(|made| made.id.is_some()).count();
        Ok(Output { created, failed: results.len() - created, results, revision: state.revision.clone() })
    }
}
