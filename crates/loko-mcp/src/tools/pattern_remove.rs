//! `pattern_remove`: what taking an applied pattern away would do, for `apply` to write.

use crate::changes::Draft;
use crate::problem::Problem;
use crate::tool::{Call, Effect, Tool};
use crate::tools::pattern_apply::take;
use crate::tools::propose;
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The application, or the pattern when it is applied once; `pattern_check` lists them.
    name: String,
    /// Take away also what people wrote in it since.
    #[serde(default)]
    force: bool,
}

impl Tool for This {
    const NAME: &'static str = "pattern_remove";
    const TITLE: &'static str = "Work out a pattern's removal";
    const ABOUT: &'static str = "Works out what taking an applied pattern away would do and writes nothing: what it added goes, to the bytes that stood there before; what people wrote since stays and is named. Hand the token to `apply`.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = propose::Output;

    fn run(call: &Call<'_>, input: Input) -> Result<propose::Output, Problem> {
        let mut draft = Draft::new(&call.project)?;
        let state = draft.state();
        let plan = loko_patterns::remove(&state.snapshot, &state.loaded, &input.name, input.force)
            .map_err(|findings| Problem::found(&findings, &state.snapshot))?;
        take(&mut draft, plan)?;
        propose::proposal(call, draft)
    }
}
