//! `analyze_coupling`: how many others each part uses and is used by.

use crate::problem::Problem;
use crate::shapes::{element, element_of, given};
use crate::tool::{Call, Effect, Tool};
use loko_model::{ElementIx, Kind, Model};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An element that uses more than this many others is highly coupled; one that more than this many use is central.
const MANY: usize = 2;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Only parts of this system; relations to other systems count all the same.
    #[serde(default)]
    system_id: Option<String>,
    /// Only this element and its parts, by id or name.
    #[serde(default, alias = "entity_id")]
    source: Option<String>,
    /// Which parts are counted: `component` or `container`. By default components, or containers where there are none.
    #[serde(default)]
    level: Option<PartLevel>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum PartLevel {
    Container,
    Component,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    total_systems: usize,
    total_components: usize,
    /// What was counted: `component` or `container`.
    level: String,
    /// Parts that no relation touches.
    isolated_components: Vec<String>,
    /// Parts that use more than two others, with how many.
    highly_coupled_components: BTreeMap<String, usize>,
    /// Parts that more than two others use, with how many.
    central_components: BTreeMap<String, usize>,
    /// Every part that has a relation, the most coupled first.
    coupling: Vec<Row>,
    note: String,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    id: String,
    /// How many others use it (afferent coupling).
    incoming: usize,
    /// How many others it uses (efferent coupling).
    outgoing: usize,
    /// outgoing / (incoming + outgoing): 0 is stable, 1 is free to change.
    instability: f64,
    /// How many of those others are in other systems.
    across_systems: usize,
}

impl Tool for This {
    const NAME: &'static str = "analyze_coupling";
    const TITLE: &'static str = "Analyse coupling";
    const ABOUT: &'static str = "Which parts are isolated, which use many others, which many others use; with incoming and outgoing coupling and instability of each. Of the whole, a system, or one element (`source`).";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let system = given(input.system_id).map(|name| element_of(&state, &name, Kind::System)).transpose()?;
        let only = match given(input.source) {
            Some(name) => Some(element(&state, &name)?),
            None => system,
        };
        let is_in = |ix: ElementIx| only.is_none_or(|only| model.is_within(ix, only));
        let has_components = model.of_kind(Kind::Component).any(is_in);
        let level = match input.level {
            Some(PartLevel::Component) => Kind::Component,
            Some(PartLevel::Container) => Kind::Container,
            None if has_components => Kind::Component,
            None => Kind::Container,
        };
        // An element that was asked for is counted itself, whatever its kind.
        let asked = only.filter(|ix| model.element(*ix).kind >= Kind::Container && model.element(*ix).kind < level);
        let counted: Vec<ElementIx> = asked.into_iter().chain(model.of_kind(level).filter(|ix| is_in(*ix))).collect();
        let mut rows: Vec<Row> = counted.iter().map(|ix| row(model, *ix, level)).collect();
        let isolated = rows.iter().filter(|row| row.incoming + row.outgoing == 0).map(|row| row.id.clone()).collect();
        let many = |count: fn(&Row) -> usize, rows: &[Row]| {
            rows.iter().filter(|row| count(row) > MANY).map(|row| (row.id.clone(), count(row))).collect::<BTreeMap<_, _>>()
        };
        let highly_coupled_components = many(|row| row.outgoing, &rows);
        let central_components = many(|row| row.incoming, &rows);
        rows.retain(|row| row.incoming + row.outgoing > 0);
        rows.sort_by(|a, b| (b.incoming + b.outgoing).cmp(&(a.incoming + a.outgoing)).then_with(|| a.id.cmp(&b.id)));
        Ok(Output {
            total_systems: model.of_kind(Kind::System).filter(|ix| system.is_none_or(|system| system == *ix)).count(),
            total_components: model.of_kind(Kind::Component).filter(|ix| is_in(*ix)).count(),
            level: level.name().to_owned(),
            isolated_components: isolated,
            highly_coupled_components,
            central_components,
            coupling: rows,
            note: format!("{} of {}; more than {MANY} others counts as high", counted.len(), level.plural()),
        })
    }
}

/// How an element, with all that is in it, hangs together with others of its level.
fn row(model: &Model, ix: ElementIx, level: Kind) -> Row {
    let mut incoming = BTreeSet::new();
    let mut outgoing = BTreeSet::new();
    let named = |far: ElementIx| model.ancestry(far).find(|above| model.element(*above).kind <= level).unwrap_or(far);
    for part in model.subtree(ix) {
        for relation in model.outgoing(part) {
            let relation = model.relation(*relation);
            outgoing.insert(named(relation.target));
            if relation.bidirectional {
                incoming.insert(named(relation.target));
            }
        }
        for relation in model.incoming(part) {
            let relation = model.relation(*relation);
            incoming.insert(named(relation.source));
            if relation.bidirectional {
                outgoing.insert(named(relation.source));
            }
        }
    }
    let is_other = |far: &ElementIx| !model.is_within(*far, ix) && !model.is_within(ix, *far);
    incoming.retain(is_other);
    outgoing.retain(is_other);
    let system = model.system_of(ix);
    let all: BTreeSet<&ElementIx> = incoming.union(&outgoing).collect();
    let total = incoming.len() + outgoing.len();
    let instability = if total == 0 { 0.0 } else { outgoing.len() as f64 / total as f64 };
    Row {
        id: model.element(ix).id.to_string(),
        incoming: incoming.len(),
        outgoing: outgoing.len(),
        instability: (instability * 100.0).round() / 100.0,
        across_systems: all.into_iter().filter(|far| model.system_of(**far) != system).count(),
    }
}
