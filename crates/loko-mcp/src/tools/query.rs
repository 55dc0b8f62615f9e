//! `query`: one question about the architecture: dependencies, dependents, paths, lists, relations, numbers.

use super::find_relationships::relation_kind;
use crate::problem::Problem;
use crate::shapes::{KindName, RelationShape, element, select, select_relations};
use crate::tool::{Call, Effect, Tool};
use loko_model::query::deps::{Dep, Dependencies};
use loko_model::query::list::Filter;
use loko_model::query::{self, DepsOptions};
use loko_model::{ElementIx, Ends, Kind, Model, RelationIx};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ways that are looked for besides the shortest.
const PATHS_MAX: usize = 10;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The question. `dependencies` and `dependents` of `element`; `path` from `element` to `to`; `relations` between `element` and `to`, either left out; `list` of elements; `orphans`, which no relation touches; `cycles`; `stats`; `decisions`, of `element` or all.
    kind: Question,
    /// The element it is about, by id or name.
    #[serde(default, alias = "address", alias = "entity_id")]
    element: Option<String>,
    /// Where a path leads, or relations end.
    #[serde(default)]
    to: Option<String>,
    /// Whether to follow chains of relations.
    #[serde(default)]
    transitive: bool,
    /// How many relations a chain may have.
    #[serde(default)]
    depth: Option<u32>,
    /// The finest kind to name in dependencies, or the kind to list.
    #[serde(default)]
    level: Option<KindName>,
    /// What a selector picks: elements in `list` (`kind:container and tag:pci`), relations in `relations` (`type:async and to:shop`).
    #[serde(default)]
    select: Option<String>,
    /// `sync`, `async` or `event`, for `relations`.
    #[serde(default)]
    relation: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Question {
    #[serde(alias = "deps", alias = "uses")]
    Dependencies,
    #[serde(alias = "used_by")]
    Dependents,
    Path,
    #[serde(alias = "relationships")]
    Relations,
    List,
    Orphans,
    Cycles,
    Stats,
    Decisions,
}

#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Output {
    revision: String,
    /// The element that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    element: Option<String>,
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    elements: Option<Vec<Hit>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relations: Option<Vec<RelationShape>>,
    /// Ways from one element to another, the shortest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<Vec<Way>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cycles: Option<Vec<Cycle>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decisions: Option<Vec<DecisionRow>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<Numbers>,
}

#[derive(Serialize, JsonSchema)]
struct Hit {
    id: String,
    kind: String,
    technology: String,
    /// How many relations away it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<u32>,
    /// What the relations say by which it was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Way {
    length: usize,
    /// `a -> b: what for`, one a step.
    steps: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Cycle {
    elements: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct DecisionRow {
    id: String,
    title: String,
    status: String,
    elements: String,
}

#[derive(Serialize, JsonSchema)]
struct Numbers {
    elements: usize,
    people: usize,
    systems: usize,
    containers: usize,
    components: usize,
    external: usize,
    relations: usize,
    sync: usize,
    #[serde(rename = "async")]
    asynchronous: usize,
    event: usize,
    environments: usize,
    dynamic_views: usize,
    decisions: usize,
    orphans: usize,
    cycles: usize,
    /// The elements with the most relations.
    most_connected: Vec<Connected>,
}

#[derive(Serialize, JsonSchema)]
struct Connected {
    id: String,
    incoming: usize,
    outgoing: usize,
}

impl Tool for This {
    const NAME: &'static str = "query";
    const TITLE: &'static str = "Ask one question";
    const ABOUT: &'static str = "Answers one question: what an element depends on or what depends on it (with `transitive` through chains), how one reaches another, relations, lists, orphans, cycles, numbers, decisions. An element stands for all that is in it.";
    const EFFECT: Effect = Effect::Read;
    const TOKENS: usize = crate::answer::TOKENS_OF_LISTS;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let named = |name: &Option<String>| name.as_deref().filter(|it| !it.trim().is_empty()).map(|name| element(&state, name)).transpose();
        if input.select.is_some() && !matches!(input.kind, Question::List | Question::Relations) {
            return Err(Problem::new("`select` goes with the kinds `list` and `relations`")
                .help("ask for a `list` with the selector first; `find`, `describe` and `validate` take `select` too"));
        }
        let (of, to) = (named(&input.element)?, named(&input.to)?);
        let needed = |ix: Option<ElementIx>, parameter: &str| {
            ix.ok_or_else(|| Problem::new(format!("`{parameter}` is not given")).help(format!("give `{parameter}`: an id such as `shop/order-api`, or a name that is unique")))
        };
        let mut output = Output { revision: state.revision.clone(), ..Output::default() };
        output.element = of.map(|ix| model.element(ix).id.to_string());
        match input.kind {
            Question::Dependencies | Question::Dependents => {
                let options = DepsOptions {
                    transitive: input.transitive || input.depth.is_some(),
                    depth: input.depth,
                    level: input.level.map(Into::into),
                };
                let of = needed(of, "element")?;
                let forth = input.kind == Question::Dependencies;
                let found = if forth { Dependencies::of(model, of, &options) } else { Dependencies::on(model, of, &options) };
                output.total = found.len();
                output.elements = Some(call.rows("elements", found.len(), found.iter().map(reached)));
            }
            Question::Path => {
                let found = query::path(model, needed(of, "element")?, needed(to, "to")?, PATHS_MAX);
                output.total = found.paths.len();
                output.paths = Some(found.paths.iter().map(way).collect());
            }
            Question::Relations => {
                let kind = input.relation.as_deref().map(relation_kind).transpose()?;
                let picked = select_relations(input.select)?.map(|select| select.relation_mask(model));
                let within = |ix: ElementIx, wanted: Option<ElementIx>| wanted.is_none_or(|wanted| model.is_within(ix, wanted));
                let is_meant = |ends: &Ends| match to {
                    Some(_) => within(ends.source, of) && within(ends.target, to),
                    None => within(ends.source, of) || within(ends.target, of),
                };
                let ends = model.all_ends().iter().enumerate();
                let meant = ends.filter(|(_, ends)| kind.is_none_or(|kind| ends.kind == kind) && is_meant(ends));
                let meant = meant.map(|(at, _)| RelationIx(at as u32));
                let meant: Vec<RelationIx> = meant.filter(|ix| picked.as_ref().is_none_or(|picked| picked[ix.index()])).collect();
                output.total = meant.len();
                output.relations = Some(call.rows("relations", meant.len(), meant.iter().map(|ix| RelationShape::of(model, *ix))));
            }
            Question::List => {
                let filter = Filter { within: of, kind: input.level.map(Into::into), select: select(input.select)?, ..Filter::default() };
                let found = query::list(model, &filter);
                output.total = found.total;
                let rows = found.elements.iter().map(|row| Hit::listed(row.id, row.kind, row.technology));
                output.elements = Some(call.rows("elements", found.total, rows));
            }
            Question::Orphans => {
                let found = query::stats::orphans(model);
                output.total = found.len();
                let rows = found.iter().map(|ix| model.element(*ix)).map(|it| Hit::listed(&it.id, it.kind, &it.technology));
                output.elements = Some(call.rows("elements", found.len(), rows));
            }
            Question::Cycles => {
                let cycles = query::stats::cycles(model);
                output.total = cycles.len();
                let rows = cycles.iter().map(|ids| Cycle { elements: ids.iter().map(|id| (*id).to_owned()).collect() });
                output.cycles = Some(call.rows("cycles", cycles.len(), rows));
            }
            Question::Stats => output.stats = Some(numbers(model)),
            Question::Decisions => {
                let rows = decisions(model, of);
                output.total = rows.len();
                output.decisions = Some(rows);
            }
        }
        Ok(output)
    }
}

impl Hit {
    fn listed(id: &str, kind: Kind, technology: &str) -> Self {
        let (id, kind, technology) = (id.to_owned(), kind.name().to_owned(), technology.to_owned());
        Self { id, kind, technology, distance: None, via: None }
    }
}

fn reached(dep: Dep<'_>) -> Hit {
    let said: Vec<&str> = dep.relations.iter().map(|relation| relation.description).filter(|text| !text.is_empty()).collect();
    Hit {
        id: dep.element.id.to_owned(),
        kind: dep.element.kind.name().to_owned(),
        technology: dep.element.technology.to_owned(),
        distance: Some(dep.distance),
        via: Some(said.join("; ")),
    }
}

fn way(path: &query::path::Path<'_>) -> Way {
    let step = |it: &query::RelationRef<'_>| format!("{} -> {}: {}", it.source, it.target, it.description);
    Way { length: path.length, steps: path.relations.iter().map(step).collect() }
}

fn numbers(model: &Model) -> Numbers {
    let stats = query::stats(model);
    let most = stats.most_connected.iter().map(|it| Connected { id: it.element.id.to_owned(), incoming: it.incoming, outgoing: it.outgoing });
    Numbers {
        elements: stats.elements.total,
        people: stats.elements.people,
        systems: stats.elements.systems,
        containers: stats.elements.containers,
        components: stats.elements.components,
        external: stats.elements.external,
        relations: stats.relations.total,
        sync: stats.relations.sync,
        asynchronous: stats.relations.asynchronous,
        event: stats.relations.event,
        environments: stats.environments,
        dynamic_views: stats.dynamic_views,
        decisions: stats.decisions,
        orphans: stats.orphans.len(),
        cycles: stats.cycles.len(),
        most_connected: most.collect(),
    }
}

fn decisions(model: &Model, of: Option<ElementIx>) -> Vec<DecisionRow> {
    let is_about = |decision: &&loko_model::Decision| {
        of.is_none_or(|of| decision.elements.iter().any(|ix| model.is_within(*ix, of) || model.is_within(of, *ix)))
    };
    let row = |decision: &loko_model::Decision| DecisionRow {
        id: decision.id.clone(),
        title: decision.title.clone(),
        status: decision.status.clone(),
        elements: decision.elements.iter().map(|ix| model.element(*ix).id.as_str()).collect::<Vec<_>>().join(" "),
    };
    model.decisions.iter().filter(is_about).map(row).collect()
}
