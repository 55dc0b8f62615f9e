//! `delete_relationship`: takes a relation away, wherever it is stated.

use crate::changes::change;
use crate::problem::{Problem, clip};
use crate::shapes::{diagram_of, element_of};
use crate::tool::{Call, Effect, Tool};
use loko_model::Kind;
use loko_model::edit::{self, Unlink};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system in which it starts or ends; may be left out.
    #[serde(default)]
    system_name: Option<String>,
    /// Its id, as `list_relationships` tells it.
    relationship_id: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    deleted: bool,
    relationship_id: String,
    diagram_updated: bool,
    diagram_path: String,
    revision: String,
}

impl Tool for This {
    const NAME: &'static str = "delete_relationship";
    const TITLE: &'static str = "Delete a relation";
    const ABOUT: &'static str = "Takes a relation away by its id, from front matter, relationships.toml or D2, wherever it is stated.";
    const EFFECT: Effect = Effect::Change;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let wanted = input.relationship_id.trim().to_owned();
        let system = input.system_name.filter(|name| !name.trim().is_empty());
        let (state, source) = change(&call.project, |draft| {
            let state = draft.state();
            let model = state.model();
            let system = system.as_deref().map(|name| element_of(state, name, Kind::System)).transpose()?;
            let is_in = |relation: &&std::sync::Arc<loko_model::Relation>| {
                system.is_none_or(|system| model.is_within(relation.source, system) || model.is_within(relation.target, system))
            };
            let Some(relation) = model.relations.iter().filter(is_in).find(|relation| relation.id == wanted) else {
                return Err(Problem::new(format!("there is no relation `{}`", clip(&wanted, 80)))
                    .help("`list_relationships` tells the ids"));
            };
            let wish = Unlink {
                source: model.element(relation.source).id.to_string(),
                target: model.element(relation.target).id.to_string(),
                description: Some(relation.description.clone()),
            };
            draft.step(|snapshot, loaded| edit::unlink(snapshot, loaded, &wish))?;
            Ok(wish.source)
        })?;
        let model = state.model();
        let from = crate::shapes::element(&state, &source)?;
        Ok(Output {
            deleted: true,
            relationship_id: wanted,
            diagram_updated: true,
            diagram_path: diagram_of(model, model.system_of(from)),
            revision: state.revision.clone(),
        })
    }
}
