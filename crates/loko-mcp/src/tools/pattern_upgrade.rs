//! `pattern_upgrade`: what having patterns follow the catalogue to another version would do, for `apply` to write.

use crate::changes::Draft;
use crate::problem::Problem;
use crate::shapes::given;
use crate::tool::{Call, Effect, Tool};
use crate::tools::pattern_apply::{Players, bound, take};
use crate::tools::propose;
use loko_patterns::{Catalogue, Upgrade};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The application, or the pattern when it is applied once; all that are behind when it is not said.
    #[serde(default)]
    name: Option<String>,
    /// Parameters of the new version, such as `{"timeout": "300ms"}`; only with `name`.
    #[serde(default)]
    params: BTreeMap<String, String>,
    /// Who plays the roles that the new version brings; only with `name`.
    #[serde(default)]
    bind: BTreeMap<String, Players>,
}

impl Tool for This {
    const NAME: &'static str = "pattern_upgrade";
    const TITLE: &'static str = "Work out a pattern's upgrade";
    const ABOUT: &'static str = "Works out what taking over the catalogue's version of applied patterns would do and writes nothing: a three-way merge by meaning. What nobody touched follows, what people changed stays; lines of the summary that begin with `conflict` name the place, what stays, and what the new version says. Hand the token to `apply`.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = propose::Output;

    fn run(call: &Call<'_>, input: Input) -> Result<propose::Output, Problem> {
        let name = given(input.name);
        if name.is_none() && !(input.params.is_empty() && input.bind.is_empty()) {
            return Err(Problem::new("`params` and `bind` are of one application")
                .help("say which with `name`; `pattern_check` lists them"));
        }
        let mut draft = Draft::new(&call.project)?;
        let state = draft.state();
        let (catalogue, _) = Catalogue::of(&state.snapshot);
        let wish = Upgrade { name, params: input.params.into_iter().collect(), bind: bound(input.bind), date: call.project.day() };
        let plan = loko_patterns::upgrade(&state.snapshot, &state.loaded, &catalogue, &wish)
            .map_err(|findings| Problem::found(&findings, &state.snapshot))?;
        take(&mut draft, plan)?;
        propose::proposal(call, draft)
    }
}
