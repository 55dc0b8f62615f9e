//! `create_relationship`: a relation between two elements, which must exist.

use super::find_relationships::relation_kind;
use crate::changes::change;
use crate::problem::Problem;
use crate::shapes::{diagram_of, in_system};
use crate::tool::{Call, Effect, Tool};
use loko_model::edit::{self, Link};
use loko_model::{ElementIx, Kind, Model, RelationKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system in which names are looked up first; may be left out when they are unique.
    #[serde(default)]
    system_name: Option<String>,
    /// Where it starts: an id such as `shop/order-api`, or a name.
    source: String,
    /// Where it ends.
    target: String,
    /// What the source wants of the target.
    #[serde(alias = "description")]
    label: String,
    /// `sync` (default): the source waits; `async`: it does not; `event`: it announces something.
    #[serde(default, rename = "type")]
    kind: Option<String>,
    /// The protocol or means.
    #[serde(default)]
    technology: Option<String>,
    /// `forward` (default) or `bidirectional`.
    #[serde(default)]
    direction: Option<DirectionName>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DirectionName {
    Forward,
    Bidirectional,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    relationship: Relationship,
    /// Whether the diagram shows it now; a hand-written one does not by itself.
    diagram_updated: bool,
    /// The hand-written diagram, or the view that loko draws.
    diagram_path: String,
    revision: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Relationship {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) label: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) technology: String,
    /// `forward` or `bidirectional`.
    pub(crate) direction: String,
}

impl Relationship {
    pub(crate) fn of(model: &Model, relation: &loko_model::Relation) -> Self {
        Self {
            id: relation.id.to_string(),
            source: model.element(relation.source).id.to_string(),
            target: model.element(relation.target).id.to_string(),
            label: relation.description.clone(),
            kind: relation.kind.name().to_owned(),
            technology: relation.technology.clone(),
            direction: if relation.bidirectional { "bidirectional" } else { "forward" }.to_owned(),
        }
    }
}

impl Tool for This {
    const NAME: &'static str = "create_relationship";
    const TITLE: &'static str = "Create a relation";
    const ABOUT: &'static str = "Says that one element uses another, and for what. Both must exist. The same relation twice is one.";
    const EFFECT: Effect = Effect::Add;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let kind = match input.kind.as_deref().filter(|kind| !kind.trim().is_empty()) {
            None => RelationKind::Sync,
            Some(kind) => relation_kind(kind)?,
        };
        let system = input.system_name.filter(|name| !name.trim().is_empty());
        let label = input.label.trim().to_owned();
        let (state, (source, target)) = change(&call.project, |draft| {
            let state = draft.state();
            let system = system.as_deref().map(|name| crate::shapes::element_of(state, name, Kind::System)).transpose()?;
            let (from, to) = (in_system(state, &input.source, system)?, in_system(state, &input.target, system)?);
            let id = |ix: ElementIx| state.model().element(ix).id.to_string();
            let (source, target) = (id(from), id(to));
            let wish = Link {
                source: source.clone(),
                target: target.clone(),
                description: Some(label.clone()),
                technology: input.technology.clone(),
                is_async: kind == RelationKind::Async,
                is_event: kind == RelationKind::Event,
                is_bidirectional: input.direction == Some(DirectionName::Bidirectional),
                ..Link::default()
            };
            draft.step(|snapshot, loaded| edit::link(snapshot, loaded, &wish))?;
            Ok((source, target))
        })?;
        let model = state.model();
        let (from, to) = (crate::shapes::element(&state, &source)?, crate::shapes::element(&state, &target)?);
        let made = model.outgoing(from).iter().map(|ix| model.relation(*ix)).find(|it| it.target == to && it.description == label);
        let made = made.ok_or_else(|| Problem::new("the relation was written and is not read back").help("call `validate`, and please report it"))?;
        let drawn = model.ancestry(from).find(|ix| model.element(*ix).d2.is_some()).unwrap_or_else(|| model.system_of(from));
        Ok(Output {
            relationship: Relationship::of(model, made),
            diagram_updated: model.element(drawn).d2.is_none(),
            diagram_path: diagram_of(model, drawn),
            revision: state.revision.clone(),
        })
    }
}
