//! `diff`: what became of the architecture between two revisions, by meaning.

use crate::problem::{Problem, clip};
use crate::project::State;
use crate::shapes::given;
use crate::tool::{Call, Effect, Tool};
use loko_model::diff::{self, Side};
use loko_source::Diagnostic;
use loko_site::changes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The former revision: one that an answer named (`r1-…`), or whatever git knows; by default `HEAD`.
    #[serde(default, alias = "since", alias = "from")]
    before: Option<String>,
    /// The later revision; by default the files as they are now.
    #[serde(default, alias = "to")]
    after: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// What happened, in a line of numbers.
    summary: String,
    /// The revision of the later side, to ask from next time.
    revision: String,
    /// A line for each thing that was added, removed, renamed, moved, rewired or changed.
    text: String,
    /// The same as data: elements, relations, decisions, findings, blast radius.
    changes: Value,
}

impl Tool for This {
    const NAME: &'static str = "diff";
    const TITLE: &'static str = "Compare two revisions";
    const ABOUT: &'static str = "What became of the architecture by meaning: elements and relations added, removed, renamed, moved or changed, findings that appeared or went, and who depends on what changed. Give the `revision` of an earlier answer to hear only what is new since.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let before = side(call, given(input.before).as_deref().unwrap_or("HEAD"))?;
        let after = match given(input.after) {
            Some(revision) => side(call, &revision)?,
            None => call.state()?,
        };
        let (told_before, told_after) = (told(&before), told(&after));
        let found = diff::diff(of(&before, &told_before), of(&after, &told_after));
        let changes = serde_json::to_value(&found).map_err(|error| Problem::new(error.to_string()))?;
        Ok(Output {
            summary: changes::summary(&found),
            revision: after.revision.clone(),
            text: changes::text(&found),
            changes,
        })
    }

    fn text(answer: &Value) -> Option<String> {
        Some(format!("{}\nrevision: {}", answer.get("text")?.as_str()?, answer.get("revision")?.as_str()?))
    }
}

fn told(state: &State) -> Vec<Diagnostic> {
    state.findings().iter().map(|finding| Diagnostic::clone(finding)).collect()
}

fn of<'a>(state: &'a State, findings: &'a [Diagnostic]) -> Side<'a> {
    Side { model: state.model(), snapshot: &state.snapshot, findings }
}

/// The workspace at a revision: one that this server told of, else one of the repository.
fn side(call: &Call<'_>, revision: &str) -> Result<Arc<State>, Problem> {
    let now = call.state()?;
    if now.revision == revision {
        return Ok(now);
    }
    if let Some(state) = call.project.earlier(revision)? {
        return Ok(Arc::new(state));
    }
    if revision.starts_with("r1-") {
        return Err(Problem::new(format!("the revision `{}` is not remembered", clip(revision, 40)))
            .help("the last 32 revisions of this session are; compare with a revision of the repository, such as `HEAD`"));
    }
    Ok(Arc::new(call.project.at(revision)?))
}
