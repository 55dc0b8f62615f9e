//! `apply`: writes a proposal, all of it or nothing.

use crate::problem::Problem;
use crate::tool::{Call, Effect, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// What `propose` answered with.
    token: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    applied: bool,
    /// Names the change, for `undo`.
    change: String,
    summary: Vec<String>,
    /// The files that were written.
    files: Vec<String>,
    /// What the workspace is now.
    revision: String,
}

impl Tool for This {
    const NAME: &'static str = "apply";
    const TITLE: &'static str = "Apply a proposed change";
    const ABOUT: &'static str = "Writes what `propose` worked out, all of it or nothing. Refused when the workspace changed since, with what changed. Can be undone with `undo`.";
    const EFFECT: Effect = Effect::Change;
    const OF_PROJECT: bool = false;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let mut proposal = call.hub.proposals.find(input.token.trim())?;
        let project = call.hub.project(proposal.root.to_str())?;
        let files: Vec<String> = proposal.changes.files().map(|(path, _)| path.to_string()).collect();
        if let Some(change) = proposal.applied {
            let revision = project.state()?.revision.clone();
            return Ok(Output { applied: true, change, summary: vec!["was applied before".to_owned()], files, revision });
        }
        // Writing makes sure of the files that it touches; this makes sure of all others.
        let state = project.state()?;
        if state.revision != proposal.revision {
            return Err(crate::changes::stale(&project, &state, &proposal.revision));
        }
        let after = proposal.after();
        let (state, change) = project.write(&state, &proposal.changes, after, proposal.summary.clone())?;
        call.hub.proposals.applied(&proposal.token, &change);
        Ok(Output { applied: true, change, summary: proposal.summary, files, revision: state.revision.clone() })
    }
}
