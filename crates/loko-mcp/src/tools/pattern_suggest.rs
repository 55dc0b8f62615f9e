//! `pattern_suggest`: which patterns fit, by what the workspace says and what the caller states.

use crate::problem::{Problem, clip};
use crate::project::State;
use crate::tool::{Call, Effect, Tool};
use loko_patterns::{Catalogue, Fact, FactValue, Facts, Suggestion};
use loko_source::suggest::did_you_mean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Patterns that are told when the caller says no number.
const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 200;
/// How many places are told of a pattern.
const PLACES_MAX: usize = 3;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Facts that the workspace does not say, such as `{"users": "50000", "team_size": "8", "read_write_ratio": "20"}`.
    #[serde(default)]
    facts: BTreeMap<String, String>,
    /// Only patterns of this category, such as `resilience` or `data`.
    #[serde(default)]
    category: Option<String>,
    /// How many patterns at most.
    #[serde(default)]
    limit: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The facts that were known, counted or stated.
    facts: BTreeMap<String, String>,
    /// Patterns that fit, the best first.
    patterns: Vec<Row>,
    /// Anti-patterns that seem to be there.
    anti_patterns: Vec<Row>,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    /// What `pattern_apply` takes.
    id: String,
    name: String,
    score: f64,
    #[serde(rename = "for")]
    reasons_for: Vec<String>,
    against: Vec<String>,
    /// Facts that would count and are not known.
    unknown: Vec<String>,
    /// Findings that it would mend, by code; of an anti-pattern those that tell of it.
    mends: BTreeMap<String, usize>,
    in_use: bool,
    /// Patterns that go with it; of an anti-pattern those that mend it.
    related: Vec<String>,
    /// Where it could stand, those that lack most first.
    places: Vec<PlaceRow>,
}

#[derive(Serialize, JsonSchema)]
struct PlaceRow {
    /// Who could play which role, as `pattern_apply` takes it.
    bind: BTreeMap<String, String>,
    /// What it asks for and is not said there: the first of it.
    lacks: Option<String>,
    /// The name for `pattern_apply`, when the pattern is in use elsewhere.
    name: Option<String>,
}

impl Tool for This {
    const NAME: &'static str = "pattern_suggest";
    const TITLE: &'static str = "Suggest patterns";
    const ABOUT: &'static str = "Ranks architecture patterns for this workspace, with reasons for and against: by facts counted in the model, facts that you state, and findings that a pattern would mend. Tells anti-patterns that seem to be there, and what mends them.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let limit = crate::shapes::limit(input.limit, LIMIT_DEFAULT, LIMIT_MAX)?;
        let stated = stated(&input.facts)?;
        let (catalogue, _) = Catalogue::of(&state.snapshot);
        let category = category(&catalogue, input.category)?;
        let codes = state.findings().iter().map(|finding| &*finding.code);
        let (all, known) = loko_patterns::suggest(&catalogue, Some(state.model()), &stated, codes);
        let is_meant = |it: &Suggestion<'_>| {
            it.score > 0.0 && category.as_ref().is_none_or(|wanted| it.pattern.category == *wanted)
        };
        let (anti, good): (Vec<_>, Vec<_>) = all.into_iter().filter(is_meant).partition(|it| it.pattern.is_anti);
        Ok(Output {
            facts: known.iter().map(|(name, value)| (name.clone(), value.to_string())).collect(),
            patterns: good.iter().take(limit).map(|it| row(&state, it)).collect(),
            anti_patterns: anti.iter().map(|it| row(&state, it)).collect(),
        })
    }
}

fn stated(given: &BTreeMap<String, String>) -> Result<Facts, Problem> {
    let mut facts = Facts::new();
    for (name, value) in given {
        let Some(fact) = Fact::named(name) else {
            let known: Vec<&str> = loko_patterns::FACTS.iter().map(|fact| fact.name).collect();
            let hint = did_you_mean(name, known.iter().copied()).unwrap_or_default();
            return Err(Problem::new(format!("there is no fact `{}`", clip(name, 80)))
                .help(format!("{hint} the facts are `{}`", known.join("`, `")).trim().to_owned()));
        };
        facts.insert(fact.name.to_owned(), FactValue::parse(value));
    }
    Ok(facts)
}

fn category(catalogue: &Catalogue, wanted: Option<String>) -> Result<Option<String>, Problem> {
    let Some(wanted) = crate::shapes::given(wanted) else { return Ok(None) };
    let mut known: Vec<&str> = catalogue.patterns().map(|pattern| pattern.category.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    if known.contains(&wanted.as_str()) {
        return Ok(Some(wanted));
    }
    Err(Problem::new(format!("there is no category `{}`", clip(&wanted, 80)))
        .help(format!("the categories are `{}`", known.join("`, `"))))
}

fn row(state: &State, it: &Suggestion<'_>) -> Row {
    let places = loko_patterns::places(state.model(), &state.snapshot, it.pattern);
    Row {
        id: it.pattern.id.clone(),
        name: it.pattern.name.clone(),
        score: it.score,
        reasons_for: it.reasons_for.clone(),
        against: it.reasons_against.clone(),
        unknown: it.unknown.clone(),
        mends: it.mends.iter().cloned().collect(),
        in_use: it.in_use,
        related: it.pattern.related.clone(),
        places: places
            .into_iter()
            .take(PLACES_MAX)
            .map(|place| PlaceRow { bind: place.bind.into_iter().collect(), lacks: place.lacks, name: place.name })
            .collect(),
    }
}
