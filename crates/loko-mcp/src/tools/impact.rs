//! `impact`: what is hit when an element fails or changes.

use crate::problem::Problem;
use crate::shapes::element;
use crate::tool::{Call, Effect, Tool};
use loko_model::query::impact::{Coupling, Reached, SystemImpact};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The element, by id or name.
    #[serde(alias = "entity_id")]
    element: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    element: String,
    /// How many elements are hit.
    total: usize,
    /// How many of them wait for it at every step.
    sync: usize,
    systems: Vec<SystemRow>,
    /// Who is hit, the nearest first.
    impacted: Vec<Hit>,
}

#[derive(Serialize, JsonSchema)]
struct SystemRow {
    id: String,
    impacted: usize,
}

#[derive(Serialize, JsonSchema)]
struct Hit {
    id: String,
    kind: String,
    distance: u32,
    /// `sync` when it waits, `async` otherwise.
    coupling: String,
    /// The chain of ids to the element.
    chain: String,
}

impl Tool for This {
    const NAME: &'static str = "impact";
    const TITLE: &'static str = "Ask for the impact";
    const ABOUT: &'static str = "What is hit when an element fails or changes: everything that depends on it, near or far, who waits for it, and how many elements of each system.";
    const EFFECT: Effect = Effect::Read;
    const TOKENS: usize = crate::answer::TOKENS_OF_LISTS;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let of = element(&state, &input.element)?;
        let found = Reached::new(model, of);
        let total = found.hits().len();
        let word = |coupling| match coupling {
            Coupling::Sync => "sync",
            Coupling::Async => "async",
        };
        let system = |it: SystemImpact<'_>| SystemRow { id: it.id.to_owned(), impacted: it.impacted };
        Ok(Output {
            element: model.element(of).id.to_string(),
            total,
            sync: found.sync(),
            systems: found.systems().into_iter().map(system).collect(),
            impacted: call.rows(
                "impacted",
                total,
                found.iter().map(|hit| Hit {
                    id: hit.element.id.to_owned(),
                    kind: hit.element.kind.name().to_owned(),
                    distance: hit.distance,
                    coupling: word(hit.coupling).to_owned(),
                    chain: hit.chain.join(" > "),
                }),
            ),
        })
    }
}
