//! What an element depends on, and what depends on it.

use super::walk::{Walk, Way, by_distance, comparable_mask};
use super::{ElementRef, RelationRef};
use crate::{ElementIx, Kind, Model, RelationIx};
use serde::Serialize;

/// How far and how fine to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DepsOptions {
    /// Whether dependencies of dependencies count too.
    pub transitive: bool,
    /// How many relations a chain may have when `transitive`; no limit when `None`.
    pub depth: Option<u32>,
    /// The finest kind to name; what is finer is named by what it is part of.
    pub level: Option<Kind>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deps<'m> {
    /// The element asked about.
    pub element: ElementRef<'m>,
    /// Whether chains were followed.
    pub transitive: bool,
    /// What was found, the nearest first.
    pub results: Vec<Dep<'m>>,
}

/// One element that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dep<'m> {
    /// The element.
    #[serde(flatten)]
    pub element: ElementRef<'m>,
    /// How many relations away it is.
    pub distance: u32,
    /// The relations of the chains that end here.
    pub relations: Vec<RelationRef<'m>>,
}

/// What an element, or anything in it, depends on outside of it.
pub fn deps<'m>(model: &'m Model, of: ElementIx, options: &DepsOptions) -> Deps<'m> {
    answer(&Dependencies::of(model, of, options), of, options)
}

/// What depends on an element or anything in it.
pub fn dependents<'m>(model: &'m Model, of: ElementIx, options: &DepsOptions) -> Deps<'m> {
    answer(&Dependencies::on(model, of, options), of, options)
}

fn answer<'m>(found: &Dependencies<'m>, of: ElementIx, options: &DepsOptions) -> Deps<'m> {
    let element = ElementRef::new(found.model, of);
    Deps { element, transitive: options.transitive, results: found.iter().collect() }
}

/// What was found, for those who need not know all of it: rows are made when they are asked for.
#[derive(Clone, Debug)]
pub struct Dependencies<'m> {
    model: &'m Model,
    /// Who was found and how far away, the nearest first.
    found: Vec<(u32, ElementIx)>,
    /// For each element where its relations begin in `relations`, and where the last ones end.
    starts: Vec<u32>,
    relations: Vec<RelationIx>,
}

/// The distance of what was not found.
const NEVER: u32 = u32::MAX;

impl<'m> Dependencies<'m> {
    /// What an element, or anything in it, depends on outside of it.
    pub fn of(model: &'m Model, of: ElementIx, options: &DepsOptions) -> Self {
        Self::new(model, of, options, Way::Forth)
    }

    /// What depends on an element or anything in it.
    pub fn on(model: &'m Model, of: ElementIx, options: &DepsOptions) -> Self {
        Self::new(model, of, options, Way::Back)
    }

    fn new(model: &'m Model, of: ElementIx, options: &DepsOptions, way: Way) -> Self {
        let depth_max = if options.transitive { options.depth.unwrap_or(u32::MAX) } else { 1 };
        let mut walk = Walk::new(model, way, |_| true);
        walk.start_within(of);
        let visits = if depth_max == 0 { Vec::new() } else { walk.run(depth_max) };

        let home = comparable_mask(model, of);
        let mut distances = vec![NEVER; model.elements.len()];
        // A relation that goes both ways is visited twice; once is enough for one that names it.
        let mut told: Vec<Option<ElementIx>> = vec![None; model.relations.len()];
        let mut named: Vec<(ElementIx, RelationIx)> = Vec::with_capacity(visits.len());
        for visit in &visits {
            let ix = named_at(model, visit.far, options.level);
            if home[ix.index()] || told[visit.relation.index()].replace(ix) == Some(ix) {
                continue;
            }
            named.push((ix, visit.relation));
            // Visits come in the order of their distance: the first one of an element is the nearest.
            let known = &mut distances[ix.index()];
            *known = visit.distance.min(*known);
        }
        let found = distances.iter().enumerate().filter(|(_, distance)| **distance != NEVER);
        let found: Vec<(u32, ElementIx)> = found.map(|(at, distance)| (*distance, ElementIx(at as u32))).collect();
        let found = by_distance(&found, |(distance, _)| *distance);
        let (starts, relations) = by_element(model.elements.len(), &named);
        Self { model, found, starts, relations }
    }

    /// How many elements were found.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether none was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many relations there are behind them.
    pub fn relations(&self) -> usize {
        self.relations.len()
    }

    /// The elements with their relations, the nearest first.
    pub fn iter(&self) -> impl Iterator<Item = Dep<'m>> {
        self.found.iter().map(|(distance, ix)| {
            let [start, end] = [ix.index(), ix.index() + 1].map(|at| self.starts[at] as usize);
            let relations = self.relations[start..end].iter();
            Dep {
                element: ElementRef::new(self.model, *ix),
                distance: *distance,
                relations: relations.map(|ix| RelationRef::new(self.model, *ix)).collect(),
            }
        })
    }
}

/// The relations of each element in one list, in the order in which they are given: where each element's begin, and they.
fn by_element(elements: usize, named: &[(ElementIx, RelationIx)]) -> (Vec<u32>, Vec<RelationIx>) {
    let mut starts = vec![0_u32; elements + 1];
    for (ix, _) in named {
        starts[ix.index() + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut free = starts.clone();
    let mut relations = vec![RelationIx(0); named.len()];
    for (ix, relation) in named {
        let place = &mut free[ix.index()];
        relations[*place as usize] = *relation;
        *place += 1;
    }
    (starts, relations)
}

/// The element, or what it is part of when it is finer than wanted.
fn named_at(model: &Model, ix: ElementIx, level: Option<Kind>) -> ElementIx {
    let Some(level) = level else { return ix };
    model.ancestry(ix).find(|above| model.element(*above).kind <= level).unwrap_or(ix)
}
