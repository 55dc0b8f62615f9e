//! `find`: elements by words, pattern and facts.

use crate::problem::Problem;
use crate::shapes::{KindName, element, given, select};
use crate::tool::{Call, Effect, Tool};
use loko_model::query::list::Filter;
use loko_model::query::{SearchOptions, search_in};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const LIMIT_MAX: usize = 1000;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Words over names, ids, technology, tags and descriptions, or a pattern with `*` and `?`; empty means all.
    #[serde(default)]
    query: String,
    #[serde(default)]
    kind: Option<KindName>,
    /// A tag; `*` and `?` as in file names.
    #[serde(default)]
    tag: Option<String>,
    /// A part of the technology.
    #[serde(default)]
    technology: Option<String>,
    /// Who answers for it.
    #[serde(default)]
    owner: Option<String>,
    /// Only what is inside this element.
    #[serde(default)]
    within: Option<String>,
    /// Only systems of others, or only own ones.
    #[serde(default)]
    external: Option<bool>,
    /// Only what a selector picks: `kind:container and tag:pci and not owner:team-*`, `within:shop uses:(type:database)`.
    #[serde(default)]
    select: Option<String>,
    /// How many at most, 20 by default.
    #[serde(default)]
    limit: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    total: usize,
    results: Vec<Hit>,
}

#[derive(Serialize, JsonSchema)]
struct Hit {
    id: String,
    kind: String,
    name: String,
    technology: String,
    description: String,
    /// Where it matched best.
    matched: String,
}

impl Tool for This {
    const NAME: &'static str = "find";
    const TITLE: &'static str = "Find elements";
    const ABOUT: &'static str = "Finds elements by words or pattern, kind, tag, technology, owner, the element they are in, or by a selector (`select`), the language that rules and views use too; best first.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let filter = Filter {
            kind: input.kind.map(Into::into),
            tag: given(input.tag),
            owner: given(input.owner),
            technology: given(input.technology),
            within: given(input.within).map(|name| element(&state, &name)).transpose()?,
            external: input.external,
            select: select(input.select)?,
            ..Filter::default()
        };
        let limit = crate::shapes::limit(input.limit, loko_model::query::search::LIMIT_DEFAULT, LIMIT_MAX)?;
        let query = if input.query.trim() == "*" { "" } else { input.query.trim() };
        let found = search_in(model, state.words(), query, &SearchOptions { filter, limit });
        let results = found
            .results
            .iter()
            .map(|hit| Hit {
                id: hit.element.id.to_owned(),
                kind: hit.element.kind.name().to_owned(),
                name: hit.element.name.to_owned(),
                technology: hit.element.technology.to_owned(),
                description: hit.description.to_owned(),
                matched: hit.matched.to_owned(),
            })
            .collect();
        Ok(Output { total: found.total, results })
    }
}
