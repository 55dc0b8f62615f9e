//! `query_dependencies`: what an element depends on, what depends on it, and how it reaches another one.

use crate::problem::Problem;
use crate::shapes::{element, element_of, within};
use crate::tool::{Call, Effect, Tool};
use loko_model::query::deps::{Dep, Dependencies};
use loko_model::query::{DepsOptions, path};
use loko_model::{ElementIx, Kind, Model};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Any element, by id or name; instead of the three below.
    #[serde(default)]
    entity_id: Option<String>,
    #[serde(default)]
    system_id: Option<String>,
    #[serde(default)]
    container_id: Option<String>,
    #[serde(default)]
    component_id: Option<String>,
    /// Another element: the answer then tells how it is reached.
    #[serde(default, alias = "target")]
    target_component_id: Option<String>,
    /// `outgoing` (default): what it depends on; `incoming`: what depends on it; `both`.
    #[serde(default)]
    direction: Option<Direction>,
    /// How many relations a chain may have; 1, the default, means direct ones only, 0 means any number.
    #[serde(default)]
    depth: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Direction {
    #[serde(alias = "out", alias = "downstream", alias = "dependencies")]
    Outgoing,
    #[serde(alias = "in", alias = "upstream", alias = "dependents")]
    Incoming,
    Both,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The element that was asked about.
    entity: Named,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependencies: Option<Vec<Reached>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependents: Option<Vec<Reached>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependency_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependent_count: Option<usize>,
    /// Relations behind what is listed.
    relationship_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    component_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_to_target: Option<Vec<Named>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Clone, Serialize, JsonSchema)]
struct Named {
    id: String,
    name: String,
    /// `person`, `system`, `container` or `component`.
    #[serde(rename = "type")]
    kind: String,
    /// 1 for systems and people, 2 for containers, 3 for components.
    level: usize,
}

#[derive(Serialize, JsonSchema)]
struct Reached {
    #[serde(flatten)]
    element: Named,
    /// How many relations away it is.
    distance: u32,
    /// What the last relation of the chain says.
    via: String,
    /// Whether another system is entered.
    crosses_system: bool,
}

impl Named {
    fn of(model: &Model, ix: ElementIx) -> Self {
        let element = model.element(ix);
        let level = match element.kind {
            Kind::Person | Kind::System => 1,
            Kind::Container => 2,
            Kind::Component => 3,
        };
        Self { id: element.id.to_string(), name: element.name.clone(), kind: element.kind.name().to_owned(), level }
    }
}

impl Tool for This {
    const NAME: &'static str = "query_dependencies";
    const TITLE: &'static str = "Ask for dependencies";
    const ABOUT: &'static str = "What an element depends on, what depends on it (`direction`), directly or through chains (`depth`), and with a target how it is reached. Name the element by `entity_id`, or by system, container and component.";
    const EFFECT: Effect = Effect::Read;
    const TOKENS: usize = crate::answer::TOKENS_OF_LISTS;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let of = asked(&state, &input)?;
        let depth = match input.depth {
            None => 1,
            Some(number) if number >= 0.0 && number.fract() == 0.0 => number as u32,
            Some(number) => return Err(Problem::new(format!("`depth` is {number}, which is no whole number")).help("give 1 for direct relations, 0 for all")),
        };
        let options = DepsOptions { transitive: depth != 1, depth: Some(depth).filter(|depth| *depth > 0), level: None };
        let direction = input.direction.unwrap_or(Direction::Outgoing);
        let mut relations = 0;
        let mut side = |list: &str, found: Dependencies<'_>| {
            relations += found.relations();
            (found.len(), call.rows(list, found.len(), found.iter().filter_map(|dep| reach(model, of, &dep))))
        };
        let dependencies =
            (direction != Direction::Incoming).then(|| side("dependencies", Dependencies::of(model, of, &options)));
        let dependents =
            (direction != Direction::Outgoing).then(|| side("dependents", Dependencies::on(model, of, &options)));
        let target = input.target_component_id.filter(|name| !name.trim().is_empty());
        let (path_to_target, note) = match target {
            None => (None, None),
            Some(name) => way(model, of, element(&state, &name)?),
        };
        let kind = model.element(of).kind;
        let named = Named::of(model, of);
        Ok(Output {
            component: (kind == Kind::Component).then(|| named.clone()),
            container: (kind == Kind::Container).then(|| named.clone()),
            dependency_count: dependencies.as_ref().map(|(total, _)| *total),
            dependent_count: dependents.as_ref().map(|(total, _)| *total),
            component_count: (kind == Kind::Container).then(|| model.children(of).len()),
            entity: named,
            dependencies: dependencies.map(|(_, rows)| rows),
            dependents: dependents.map(|(_, rows)| rows),
            relationship_count: relations,
            path_to_target,
            note,
        })
    }
}

/// The element that the call is about.
fn asked(state: &crate::project::State, input: &Input) -> Result<ElementIx, Problem> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    if let Some(name) = given(&input.entity_id) {
        return element(state, &name);
    }
    let mut whole = None;
    let parts = [(&input.system_id, Kind::System), (&input.container_id, Kind::Container), (&input.component_id, Kind::Component)];
    for (name, kind) in parts {
        if let Some(name) = given(name) {
            whole = Some(match whole {
                None => element_of(state, &name, kind)?,
                Some(_) => within(state, &name, kind, whole)?,
            });
        }
    }
    whole.ok_or_else(|| {
        Problem::new("no element is named").help("give `entity_id`, such as `shop/order-api` or a name that is unique")
    })
}

fn reach(model: &Model, of: ElementIx, dep: &Dep<'_>) -> Option<Reached> {
    let ix = model.find(dep.element.id)?;
    Some(Reached {
        element: Named::of(model, ix),
        distance: dep.distance,
        via: dep.relations.first().map(|relation| relation.description.to_owned()).unwrap_or_default(),
        crosses_system: model.system_of(ix) != model.system_of(of),
    })
}

fn way(model: &Model, from: ElementIx, to: ElementIx) -> (Option<Vec<Named>>, Option<String>) {
    let found = path(model, from, to, 1);
    let Some(first) = found.paths.first() else {
        return (None, Some(format!("`{}` does not reach `{}`", found.from.id, found.to.id)));
    };
    let ends = first.relations.iter().flat_map(|relation| [relation.source, relation.target]);
    let mut ids: Vec<&str> = ends.collect();
    ids.dedup();
    (Some(ids.into_iter().filter_map(|id| model.find(id)).map(|ix| Named::of(model, ix)).collect()), None)
}
