//! `undo`: takes a change of this session back.

use crate::problem::Problem;
use crate::tool::{Call, Effect, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The change, as `apply` named it; by default the last one.
    #[serde(default)]
    change: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    undone: String,
    /// What had been done.
    summary: Vec<String>,
    revision: String,
}

impl Tool for This {
    const NAME: &'static str = "undo";
    const TITLE: &'static str = "Undo a change";
    const ABOUT: &'static str = "Takes back a change that this server made, the last one by default. Refused when a file that it touched changed since.";
    const EFFECT: Effect = Effect::Repeat;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let (made, state) = call.project.undo(input.change.as_deref().map(str::trim).filter(|id| !id.is_empty()))?;
        Ok(Output { undone: made.id, summary: made.summary, revision: state.revision.clone() })
    }
}
