//! `update_diagram`: a hand-written D2 diagram beside a system, container or component.

use crate::changes::change;
use crate::problem::Problem;
use crate::shapes::{element, element_of, within, given};
use crate::tool::{Call, Effect, Tool};
use loko_model::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system, by id or name.
    #[serde(default)]
    system_name: Option<String>,
    /// A container of it.
    #[serde(default)]
    container_name: Option<String>,
    /// Any element, by id or name; instead of the two above.
    #[serde(default, alias = "path")]
    entity_id: Option<String>,
    /// The diagram in D2; an empty text takes the hand-written diagram away again.
    #[serde(alias = "content")]
    d2_source: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    success: bool,
    message: String,
    /// `system`, `container` or `component`.
    #[serde(rename = "type")]
    kind: String,
    path: String,
    /// Relations that its arrows add to the model.
    relations: usize,
    revision: String,
}

impl Tool for This {
    const NAME: &'static str = "update_diagram";
    const TITLE: &'static str = "Write a diagram";
    const ABOUT: &'static str = "Writes a D2 diagram beside an element; its arrows between known elements become relations. It is checked first: D2 with errors is refused with their lines. Without a diagram loko draws the view by itself, so most elements need none.";
    const EFFECT: Effect = Effect::Change;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let (entity, system, container) = (given(input.entity_id), given(input.system_name), given(input.container_name));
        let (state, (id, path, before)) = change(&call.project, |draft| {
            let state = draft.state();
            let ix = match (&entity, &system, &container) {
                (Some(name), ..) => element(state, name)?,
                (None, Some(system), None) => element_of(state, system, Kind::System)?,
                (None, Some(system), Some(container)) => {
                    let system = element_of(state, system, Kind::System)?;
                    within(state, container, Kind::Container, Some(system))?
                }
                (None, None, Some(container)) => element_of(state, container, Kind::Container)?,
                (None, None, None) => {
                    return Err(Problem::new("no element is named").help("give `system_name`, with `container_name` for a container, or `entity_id`"));
                }
            };
            let id = state.model().element(ix).id.to_string();
            let before = state.model().relations.len();
            let path = crate::operations::write_diagram(draft, &id, &input.d2_source)?;
            Ok((id, path, before))
        })?;
        let model = state.model();
        let kind = model.find(&id).map(|ix| model.element(ix).kind.name()).unwrap_or_default();
        Ok(Output {
            success: true,
            message: format!("`{path}` is written and drawn for `{id}`"),
            kind: kind.to_owned(),
            path,
            relations: model.relations.len().saturating_sub(before),
            revision: state.revision.clone(),
        })
    }
}
