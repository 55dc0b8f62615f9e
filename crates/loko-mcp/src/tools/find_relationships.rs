//! `find_relationships`: relations by patterns over their ends, and by type.

use crate::problem::Problem;
use crate::shapes::given;
use crate::tool::{Call, Effect, Tool};
use loko_model::RelationKind;
use loko_model::query::{RelationFilter, relations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1000;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Where relations start: a name or id (which stands for all inside it), or a pattern with `*` and `?`.
    #[serde(default)]
    source_pattern: Option<String>,
    /// Where they end.
    #[serde(default)]
    target_pattern: Option<String>,
    /// `sync`, `async` or `event`.
    #[serde(default)]
    relationship_type: Option<String>,
    /// How many at most, 100 by default.
    #[serde(default)]
    limit: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    relationships: Vec<Hit>,
    total_matched: usize,
    message: String,
}

#[derive(Serialize, JsonSchema)]
struct Hit {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "SourceID")]
    source: String,
    #[serde(rename = "TargetID")]
    target: String,
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Description")]
    description: String,
    #[serde(rename = "Technology")]
    technology: String,
}

impl Tool for This {
    const NAME: &'static str = "find_relationships";
    const TITLE: &'static str = "Find relations";
    const ABOUT: &'static str = "Finds relations by patterns over where they start and end, and by type. Give at least one of the patterns.";
    const EFFECT: Effect = Effect::Read;
    const TOKENS: usize = crate::answer::TOKENS_OF_LISTS;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let (source, target) = (given(input.source_pattern), given(input.target_pattern));
        if source.is_none() && target.is_none() {
            return Err(Problem::new("neither `source_pattern` nor `target_pattern` is given").help("give one of them; `*` matches names, `**` whole ids"));
        }
        let kind = given(input.relationship_type).map(|name| relation_kind(&name)).transpose()?;
        let limit = crate::shapes::limit(input.limit, LIMIT_DEFAULT, LIMIT_MAX)?;
        let state = call.state()?;
        let found = relations(state.model(), &RelationFilter { source, target, kind, touching: None });
        let relationships: Vec<Hit> = found
            .relations
            .iter()
            .take(limit)
            .map(|it| Hit {
                id: it.id.to_owned(),
                source: it.source.to_owned(),
                target: it.target.to_owned(),
                kind: it.kind.name().to_owned(),
                description: it.description.to_owned(),
                technology: it.technology.to_owned(),
            })
            .collect();
        let message = match (found.total, relationships.len()) {
            (0, _) => "no relation matches".to_owned(),
            (total, shown) if total > shown => format!("{shown} of {total}; raise `limit` or narrow the patterns"),
            (total, _) => format!("{total} found"),
        };
        Ok(Output { relationships, total_matched: found.total, message })
    }
}

/// The kind of a word.
pub(crate) fn relation_kind(name: &str) -> Result<RelationKind, Problem> {
    RelationKind::from_name(name.trim()).ok_or_else(|| {
        Problem::new(format!("there is no type of relations `{}`", crate::problem::clip(name, 40)))
            .help("the types are `sync`, `async` and `event`")
    })
}
