//! `update_system`: changes what a system's front matter says; prose, comments and other keys stay.

use super::create_system::Facts;
use crate::changes::change;
use crate::problem::Problem;
use crate::shapes::parent_id;
use crate::tool::{Call, Effect, Tool};
use loko_model::Kind;
use loko_model::edit::{self, Rename, Update};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system, by id or name.
    system_name: String,
    /// A new name; the id follows when it was made of the old one.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(flatten)]
    facts: Facts,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    system: System,
    message: String,
    revision: String,
}

#[derive(Serialize, JsonSchema)]
struct System {
    id: String,
    name: String,
    description: String,
    #[serde(flatten)]
    facts: Facts,
    path: String,
}

impl Tool for This {
    const NAME: &'static str = "update_system";
    const TITLE: &'static str = "Update a system";
    const ABOUT: &'static str = "Changes what is said of a system: name, description, tags, responsibilities and so on. What is not given stays as it is, prose and comments included; an empty text or list clears.";
    const EFFECT: Effect = Effect::Change;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let facts = input.facts;
        let (state, (id, message)) = change(&call.project, |draft| {
            let mut id = parent_id(draft.state(), &input.system_name, Kind::System, None)?;
            let set = input.description.clone().map(|text| ("description".to_owned(), text));
            let mut wish = Update { tags: facts.tags.clone(), ..facts.update(&id) };
            wish.set.extend(set);
            let mut told = draft.step(|snapshot, loaded| edit::update(snapshot, loaded, &wish))?.summary;
            if let Some(name) = input.name.clone().filter(|name| !name.trim().is_empty()) {
                let file = draft.state().model().find(&id);
                let wish = Rename { element: id.clone(), name: Some(name), ..Rename::default() };
                let step = draft
                    .step(|snapshot, loaded| edit::record(snapshot, loaded, edit::rename(snapshot, loaded, &wish)?))?;
                told.extend(step.summary);
                // Sorted anew, the renamed system may stand elsewhere; its name finds it.
                let found = file
                    .and_then(|_| wish.name.as_deref().map(|name| parent_id(draft.state(), name, Kind::System, None)));
                id = found.transpose()?.unwrap_or(id);
            }
            Ok((id, told.join("; ")))
        })?;
        let element = state.model().element(crate::shapes::element(&state, &id)?);
        let system = System {
            id,
            name: element.name.clone(),
            description: element.description.clone(),
            facts: Facts { tags: Some(element.tags.clone()), ..facts },
            path: element.file.to_string(),
        };
        Ok(Output { system, message, revision: state.revision.clone() })
    }
}
