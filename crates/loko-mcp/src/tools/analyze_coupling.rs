//! `analyze_coupling`: how many others each part uses and is used by.

use crate::problem::Problem;
use crate::shapes::{element, element_of, given};
use crate::tool::{Call, Effect, Tool};
use loko_model::{ElementIx, Kind, Model};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// An element that uses more than this many others is highly coupled; one that more than this many use is central.
const MANY: usize = 2;
/// One in so many rows that an answer may have is for each table of names.
const NAMED_SHARE: usize = 20;

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
        let mut counter = Counter::new(model, level);
        let mut counts: Vec<Counts> = counted.iter().map(|ix| counter.count(*ix)).collect();
        let id = |it: &Counts| model.element(it.of).id.to_string();
        let isolated: Vec<String> = counts.iter().filter(|it| it.all() == 0).map(id).collect();
        // Nothing can be taken out of these tables later on: no more is put in than leaves room for the rest.
        let named_max = (call.rows_max() / NAMED_SHARE).max(1);
        let many = |list: &str, count: fn(&Counts) -> usize| {
            let mut found: Vec<&Counts> = counts.iter().filter(|it| count(it) > MANY).collect();
            found.sort_by_key(|it| (Reverse(count(it)), it.of));
            call.leave_out(list, found.len().saturating_sub(named_max));
            found.into_iter().take(named_max).map(|it| (id(it), count(it))).collect::<BTreeMap<_, _>>()
        };
        let highly_coupled_components = many("highly_coupled_components", |it| it.outgoing);
        let central_components = many("central_components", |it| it.incoming);
        counts.retain(|it| it.all() > 0);
        // Elements are sorted by id.
        counts.sort_by_key(|it| (Reverse(it.all()), it.of));
        Ok(Output {
            total_systems: model.of_kind(Kind::System).filter(|ix| system.is_none_or(|system| system == *ix)).count(),
            total_components: model.of_kind(Kind::Component).filter(|ix| is_in(*ix)).count(),
            level: level.name().to_owned(),
            isolated_components: call.rows("isolated_components", isolated.len(), isolated.iter().cloned()),
            highly_coupled_components,
            central_components,
            coupling: call.rows("coupling", counts.len(), counts.iter().map(|it| row(model, it))),
            note: format!("{} of {}; more than {MANY} others counts as high", counted.len(), level.plural()),
        })
    }
}

/// How many others of its level an element, with all that is in it, hangs together with.
struct Counts {
    of: ElementIx,
    incoming: usize,
    outgoing: usize,
    across_systems: usize,
}

impl Counts {
    fn all(&self) -> usize {
        self.incoming + self.outgoing
    }
}

fn row(model: &Model, counts: &Counts) -> Row {
    let instability = if counts.all() == 0 { 0.0 } else { counts.outgoing as f64 / counts.all() as f64 };
    Row {
        id: model.element(counts.of).id.to_string(),
        incoming: counts.incoming,
        outgoing: counts.outgoing,
        instability: (instability * 100.0).round() / 100.0,
        across_systems: counts.across_systems,
    }
}

/// Counts others, each once: what was counted for an element bears its number.
struct Counter<'m> {
    model: &'m Model,
    /// By what each element is counted: itself, or what it is part of when it is finer than the level.
    named: Vec<ElementIx>,
    incoming: Vec<u32>,
    outgoing: Vec<u32>,
    number: u32,
}

impl<'m> Counter<'m> {
    fn new(model: &'m Model, level: Kind) -> Self {
        let named = |ix| model.ancestry(ix).find(|above| model.element(*above).kind <= level).unwrap_or(ix);
        let none = vec![0; model.elements.len()];
        Self { model, named: model.ids().map(named).collect(), incoming: none.clone(), outgoing: none, number: 0 }
    }

    fn count(&mut self, of: ElementIx) -> Counts {
        let model = self.model;
        self.number += 1;
        let system = model.system_of(of);
        let mut counts = Counts { of, incoming: 0, outgoing: 0, across_systems: 0 };
        for part in model.subtree(of) {
            for relation in model.outgoing(part) {
                let ends = model.ends(*relation);
                self.add(&mut counts, system, ends.target, [ends.bidirectional, true]);
            }
            for relation in model.incoming(part) {
                let ends = model.ends(*relation);
                self.add(&mut counts, system, ends.source, [true, ends.bidirectional]);
            }
        }
        counts
    }

    /// Counts another one; `ways` tells whether something comes from it, and whether something goes there.
    fn add(&mut self, counts: &mut Counts, system: ElementIx, far: ElementIx, ways: [bool; 2]) {
        let far = self.named[far.index()];
        let (at, number) = (far.index(), self.number);
        if self.model.is_within(far, counts.of) || self.model.is_within(counts.of, far) {
            return;
        }
        if self.incoming[at] != number && self.outgoing[at] != number && self.model.system_of(far) != system {
            counts.across_systems += 1;
        }
        if ways[0] && std::mem::replace(&mut self.incoming[at], number) != number {
            counts.incoming += 1;
        }
        if ways[1] && std::mem::replace(&mut self.outgoing[at], number) != number {
            counts.outgoing += 1;
        }
    }
}
