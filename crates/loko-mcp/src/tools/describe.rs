//! `describe`: the architecture in few tokens, at three levels.

use crate::outline::{self, Level, Outline, Outlined};
use crate::problem::Problem;
use crate::shapes::{element, select};
use crate::tool::{Call, Effect, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// How much to tell; by default `structure`, or everything of an element when one is named.
    #[serde(default)]
    level: Option<Level>,
    /// Only this element and what is in it, by id or name.
    #[serde(default)]
    element: Option<String>,
    /// Only the elements that a selector picks, of every kind, with the relations at them: `tag:pci or uses:(type:database)`.
    #[serde(default)]
    select: Option<String>,
    /// Whether to list relations too; `full` always does.
    #[serde(default)]
    relationships: bool,
    /// Whether to name the views that can be drawn.
    #[serde(default)]
    views: bool,
}

impl Tool for This {
    const NAME: &'static str = "describe";
    const TITLE: &'static str = "Describe the architecture";
    const ABOUT: &'static str = "Start here. `summary`: counts and the names of systems, at most 300 tokens unless max_tokens says otherwise. `structure`: systems with their containers, at most 2,000. `full`: all elements with descriptions and relations. With `element`: one element, its prose, parts and relations; with `select`: what a selector picks.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Outlined;

    fn run(call: &Call<'_>, input: Input) -> Result<Outlined, Problem> {
        let state = call.state()?;
        let only = input.element.as_deref().map(|name| element(&state, name)).transpose()?;
        let select = select(input.select)?;
        let level = input.level.unwrap_or(if only.is_some() || select.is_some() { Level::Full } else { Level::Structure });
        if !call.wanted.is_asked {
            call.limit(level.tokens_max());
        }
        let wish = Outline { level, only, with_relations: input.relationships, with_views: input.views, select, rows_max: call.rows_max() };
        let (outlined, omitted) = outline::typed(&state, &wish);
        omitted.into_iter().for_each(|(list, count)| call.leave_out(list, count));
        Ok(outlined)
    }

    fn text(answer: &Value) -> Option<String> {
        Some(outline::text(answer))
    }
}

