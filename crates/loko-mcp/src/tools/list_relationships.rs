//! `list_relationships`: the relations of a system.

use super::create_relationship::Relationship;
use crate::problem::Problem;
use crate::shapes::{element_of, in_system, given};
use crate::tool::{Call, Effect, Tool};
use loko_model::{Ends, Kind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The system, by id or name; all relations of the workspace without it.
    #[serde(default)]
    system_name: Option<String>,
    /// Only those that start at this element.
    #[serde(default)]
    source: Option<String>,
    /// Only those that end at this element.
    #[serde(default)]
    target: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    system: String,
    count: usize,
    relationships: Vec<Relationship>,
}

impl Tool for This {
    const NAME: &'static str = "list_relationships";
    const TITLE: &'static str = "List relations";
    const ABOUT: &'static str = "The relations that start or end in a system, narrowed by source and target.";
    const EFFECT: Effect = Effect::Read;
    const TOKENS: usize = crate::answer::TOKENS_OF_LISTS;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let system = given(input.system_name).map(|name| element_of(&state, &name, Kind::System)).transpose()?;
        let end = |name: Option<String>| given(name).map(|name| in_system(&state, &name, system)).transpose();
        let (source, target) = (end(input.source)?, end(input.target)?);
        let is_meant = |ends: &Ends| {
            system.is_none_or(|system| model.is_within(ends.source, system) || model.is_within(ends.target, system))
                && source.is_none_or(|source| ends.source == source)
                && target.is_none_or(|target| ends.target == target)
        };
        let meant: Vec<_> = model.relations.iter().zip(model.all_ends()).filter(|(_, ends)| is_meant(ends)).collect();
        let rows = meant.iter().map(|(relation, _)| Relationship::of(model, relation));
        Ok(Output {
            system: system.map(|ix| model.element(ix).id.to_string()).unwrap_or_default(),
            count: meant.len(),
            relationships: call.rows("relationships", meant.len(), rows),
        })
    }
}
