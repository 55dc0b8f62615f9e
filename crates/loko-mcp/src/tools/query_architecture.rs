//! `query_architecture`: the hierarchy as text, TOON or JSON, at three levels of detail.

use crate::answer::{self, Form, Wanted};
use crate::outline::{Level, Outline, outline};
use crate::problem::Problem;
use crate::shapes::{count_kind, element_of};
use crate::tokens;
use crate::tool::{Call, Effect, Tool};
use loko_model::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// How much to tell: `summary`, `structure` (default) or `full`.
    #[serde(default)]
    detail: Option<String>,
    /// `text` (default), `json` or `toon`.
    #[serde(default)]
    format: Option<String>,
    /// Only this system, by id or name.
    #[serde(default)]
    target_system: Option<String>,
    /// The same as `target_system`.
    #[serde(default)]
    scope: Option<String>,
    /// The same as `target_system`.
    #[serde(default)]
    target: Option<String>,
    /// Whether to list relations too; `full` always does.
    #[serde(default)]
    include_relationships: bool,
    /// Whether to name the views that can be drawn.
    #[serde(default)]
    include_diagrams: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    text: String,
    detail: String,
    format: String,
    /// Tokens of `text`, counted with the o200k vocabulary.
    token_estimate: usize,
    system_count: usize,
    #[serde(rename = "_target_system")]
    target_system: String,
    revision: String,
}

impl Tool for This {
    const NAME: &'static str = "query_architecture";
    const TITLE: &'static str = "Read the architecture";
    const ABOUT: &'static str = "The systems, containers and components as text, TOON or JSON: `summary` (counts and names), `structure` (systems with their containers) or `full` (everything with descriptions and relations). `describe` does the same with typed results.";
    const EFFECT: Effect = Effect::Read;
    const OWN_FORMAT: bool = true;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let level = match input.detail.as_deref().unwrap_or("") {
            "" => Level::Structure,
            name => Level::from_name(name)?,
        };
        let (form, format) = match input.format.as_deref().unwrap_or("") {
            "" | "text" => (Form::Markdown, "text"),
            "json" => (Form::Json, "json"),
            "toon" => (Form::Toon, "toon"),
            other => {
                return Err(Problem::new(format!("there is no format `{}`", crate::problem::clip(other, 40)))
                    .help("the formats are `text`, `json` and `toon`"));
            }
        };
        let named = [input.target_system, input.scope, input.target].into_iter().flatten().find(|name| !name.trim().is_empty());
        let only = named.as_deref().map(|name| element_of(&state, name, Kind::System)).transpose()?;
        let wish = Outline { level, only, with_relations: input.include_relationships, with_views: input.include_diagrams, select: None, rows_max: usize::MAX };
        let told = outline(&state, &wish);
        // The text stands in JSON, which takes a little more room than the text alone.
        let wanted = Wanted { form, tokens_max: (call.wanted.tokens_max * 5 / 6).saturating_sub(120).max(20), is_asked: true };
        let text = answer::write(told, wanted, answer::Omitted::new(), |told| Some(crate::outline::text(told))).text;
        Ok(Output {
            token_estimate: tokens::count(&text),
            text,
            detail: level.name().to_owned(),
            format: format.to_owned(),
            system_count: count_kind(model, Kind::System),
            target_system: only.map(|ix| model.element(ix).id.to_string()).unwrap_or_default(),
            revision: state.revision.clone(),
        })
    }
}
