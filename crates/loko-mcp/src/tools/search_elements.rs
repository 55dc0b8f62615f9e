//! `search_elements`: elements by words or pattern, technology, tag and kind.

use crate::problem::Problem;
use crate::shapes::{KindName, given};
use crate::tool::{Call, Effect, Tool};
use loko_model::query::list::Filter;
use loko_model::query::{SearchOptions, search_in};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most results of one call.
const LIMIT_MAX: usize = 100;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Words, or a pattern with `*` and `?` over names and ids; `*` alone means all.
    query: String,
    /// Only this kind.
    #[serde(default, rename = "type")]
    kind: Option<KindName>,
    /// Only with this in the technology.
    #[serde(default)]
    technology: Option<String>,
    /// Only with this tag.
    #[serde(default)]
    tag: Option<String>,
    /// How many results at most: 20 by default, 100 at most.
    #[serde(default)]
    limit: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    results: Vec<Hit>,
    total_matched: usize,
    message: String,
}

#[derive(Serialize, JsonSchema)]
struct Hit {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Description")]
    description: String,
    #[serde(rename = "Technology")]
    technology: String,
    #[serde(rename = "Tags")]
    tags: Vec<String>,
    #[serde(rename = "ParentID")]
    parent: String,
}

impl Tool for This {
    const NAME: &'static str = "search_elements";
    const TITLE: &'static str = "Search elements";
    const ABOUT: &'static str = "Finds elements by words or a pattern (`*`, `?`) over names, ids and texts, narrowed by type, technology and tag.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let limit = crate::shapes::limit(input.limit, loko_model::query::search::LIMIT_DEFAULT, LIMIT_MAX)?;
        let filter = Filter {
            kind: input.kind.map(Into::into),
            technology: given(input.technology),
            tag: given(input.tag),
            ..Filter::default()
        };
        let query = if input.query.trim() == "*" { "" } else { input.query.trim() };
        let found = search_in(model, state.words(), query, &SearchOptions { filter, limit });
        let results: Vec<Hit> = found
            .results
            .iter()
            .filter_map(|hit| model.find(hit.element.id))
            .map(|ix| {
                let element = model.element(ix);
                Hit {
                    id: element.id.to_string(),
                    name: element.name.clone(),
                    kind: element.kind.name().to_owned(),
                    description: element.description.clone(),
                    technology: element.technology.clone(),
                    tags: element.tags.clone(),
                    parent: element.parent.map(|ix| model.element(ix).id.to_string()).unwrap_or_default(),
                }
            })
            .collect();
        let message = match (found.total, results.len()) {
            (0, _) => "nothing matches; try fewer words, or a pattern such as `*api*`".to_owned(),
            (total, shown) if total > shown => format!("{shown} of {total}; raise `limit` or narrow the search"),
            (total, _) => format!("{total} found"),
        };
        Ok(Output { results, total_matched: found.total, message })
    }
}
