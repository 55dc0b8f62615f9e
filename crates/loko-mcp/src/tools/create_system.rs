//! `create_system`: a new software system, its lists kept as front matter.

use crate::changes::change;
use crate::problem::Problem;
use crate::shapes::{create, diagram_of};
use crate::tool::{Call, Effect, Tool};
use loko_model::edit::{self, New, NewKind, Update};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The name for people.
    name: String,
    /// What it does, one sentence.
    #[serde(default)]
    description: Option<String>,
    #[serde(flatten)]
    facts: Facts,
}

/// What older assistants say of systems.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
pub(crate) struct Facts {
    /// What it answers for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) responsibilities: Option<Vec<String>>,
    /// Who uses it most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_users: Option<Vec<String>>,
    /// Names of things it needs that are no elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dependencies: Option<Vec<String>>,
    /// What it integrates with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) external_systems: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) primary_language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) framework: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tags: Option<Vec<String>>,
}

impl Facts {
    /// The wish that front matter says all this.
    pub(crate) fn update(&self, element: &str) -> Update {
        let lists = [
            ("responsibilities", &self.responsibilities),
            ("key_users", &self.key_users),
            ("dependencies", &self.dependencies),
            ("external_systems", &self.external_systems),
        ];
        let texts = [("primary_language", &self.primary_language), ("framework", &self.framework), ("database", &self.database)];
        Update {
            element: element.to_owned(),
            set: texts.iter().filter_map(|(key, text)| Some(((*key).to_owned(), Option::clone(text)?))).collect(),
            lists: lists.iter().filter_map(|(key, texts)| Some(((*key).to_owned(), Option::clone(texts)?))).collect(),
            ..Update::default()
        }
    }
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
    /// Its file.
    path: String,
    /// The hand-written diagram beside it, or the view that is drawn of it.
    diagram: String,
}

impl Tool for This {
    const NAME: &'static str = "create_system";
    const TITLE: &'static str = "Create a system";
    const ABOUT: &'static str = "Creates a software system. Creating what exists already, as wished, changes nothing. In an empty folder a workspace is started first.";
    const EFFECT: Effect = Effect::Add;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let wish = New {
            kind: NewKind::System,
            name: input.name,
            description: input.description,
            tags: input.facts.tags.clone().unwrap_or_default(),
            ..New::default()
        };
        let facts = input.facts;
        let (state, (id, message)) = change(&call.project, |draft| {
            let (id, message) = create(draft, &wish)?;
            draft.step(|snapshot, loaded| edit::update(snapshot, loaded, &facts.update(&id)))?;
            Ok((id, message))
        })?;
        let model = state.model();
        let ix = crate::shapes::element(&state, &id)?;
        let element = model.element(ix);
        let system = System {
            id,
            name: element.name.clone(),
            description: element.description.clone(),
            facts: Facts { tags: Some(element.tags.clone()), ..facts },
            path: element.file.to_string(),
            diagram: diagram_of(model, ix),
        };
        Ok(Output { system, message, revision: state.revision.clone() })
    }
}
