//! Random models against definitions that are plain and slow.

use crate::builder::{model, random_lines};
use loko_model::query::{self, DepsOptions};
use loko_model::{ElementIx, Model};
use std::collections::{BTreeMap, BTreeSet};

const MODELS: u64 = 40;
const ALL: DepsOptions = DepsOptions { transitive: true, depth: None, level: None };

fn random_model(seed: u64) -> Model {
    model(&random_lines(seed, 2 + seed as usize % 5, 3 + seed as usize % 15).join("\n"))
}

/// All single steps from one element to another, either way of relations that go both.
fn steps(model: &Model) -> Vec<(ElementIx, ElementIx)> {
    let forth = model.relations.iter().map(|it| (it.source, it.target));
    let back = model.relations.iter().filter(|it| it.bidirectional).map(|it| (it.target, it.source));
    forth.chain(back).collect()
}

/// The length of the shortest chain from inside one element over each step, by trying until nothing changes.
fn lengths(model: &Model, from: ElementIx, steps: &[(ElementIx, ElementIx)]) -> BTreeMap<usize, u32> {
    let mut best: BTreeMap<usize, u32> = BTreeMap::new();
    loop {
        let before = best.clone();
        for (at, (source, target)) in steps.iter().enumerate() {
            let goes_on = |(known, length): (&usize, &u32)| {
                let reached = steps[*known].1;
                (model.is_within(*source, reached) || model.is_within(reached, *source)).then_some(length + 1)
            };
            let start = (model.is_within(*source, from) && !model.is_within(*target, from)).then_some(1);
            let length = before.iter().filter_map(goes_on).chain(start).min();
            if let Some(length) = length {
                let entry = best.entry(at).or_insert(length);
                *entry = length.min(*entry);
            }
        }
        if best == before {
            return best;
        }
    }
}

/// The length of the shortest chain from inside one element to exactly each other.
fn distances(model: &Model, from: ElementIx) -> BTreeMap<ElementIx, u32> {
    let steps = steps(model);
    let mut reached = BTreeMap::new();
    for (at, length) in lengths(model, from, &steps) {
        let entry = reached.entry(steps[at].1).or_insert(length);
        *entry = length.min(*entry);
    }
    reached.retain(|ix, _| !model.is_within(*ix, from) && !model.is_within(from, *ix));
    reached
}

#[test]
fn dependencies_are_what_chains_reach() {
    for seed in 0..MODELS {
        let model = random_model(seed);
        for ix in model.ids() {
            let expected: BTreeMap<String, u32> = distances(&model, ix)
                .into_iter()
                .map(|(ix, length)| (model.element(ix).id.to_string(), length))
                .collect();
            let found = query::deps(&model, ix, &ALL);
            let actual: BTreeMap<String, u32> =
                found.results.iter().map(|dep| (dep.element.id.to_owned(), dep.distance)).collect();
            assert_eq!(actual, expected, "from {} in {seed}", model.element(ix).id);
        }
    }
}

#[test]
fn dependents_are_dependencies_the_other_way_round() {
    for seed in 0..MODELS {
        let model = random_model(seed);
        let leaves: Vec<ElementIx> = model.ids().filter(|ix| model.children(*ix).is_empty()).collect();
        let pairs = |swap: bool, found: &query::deps::Deps<'_>| -> BTreeSet<(String, String, u32)> {
            let of = found.element.id.to_owned();
            let pair = |dep: &query::deps::Dep<'_>| {
                let other = dep.element.id.to_owned();
                if swap { (other, of.clone(), dep.distance) } else { (of.clone(), other, dep.distance) }
            };
            found
                .results
                .iter()
                .filter(|dep| leaves.iter().any(|ix| model.element(*ix).id == dep.element.id))
                .map(pair)
                .collect()
        };
        let forth: BTreeSet<_> = leaves.iter().flat_map(|ix| pairs(false, &query::deps(&model, *ix, &ALL))).collect();
        let back: BTreeSet<_> =
            leaves.iter().flat_map(|ix| pairs(true, &query::dependents(&model, *ix, &ALL))).collect();
        assert_eq!(forth, back, "model {seed}");
    }
}

#[test]
fn paths_are_chains_and_the_first_is_the_shortest() {
    let mut several = 0;
    for seed in 0..MODELS {
        let model = random_model(seed);
        for from in model.ids() {
            let steps = steps(&model);
            let lengths = lengths(&model, from, &steps);
            for to in model.ids().filter(|to| !model.is_within(*to, from) && !model.is_within(from, *to)) {
                let arrives = |at: usize| model.is_within(steps[at].1, to) && !model.is_within(steps[at].0, to);
                let shortest = lengths.iter().filter(|(at, _)| arrives(**at)).map(|(_, length)| *length).min();
                let one = query::path(&model, from, to, 1);
                assert_eq!(one.paths.first().map(|path| path.length as u32), shortest);
                let found = query::path(&model, from, to, 5);
                several += usize::from(found.paths.len() > 1);
                assert_eq!(found.paths.first().map(|path| path.length as u32), shortest);
                for path in &found.paths {
                    assert!(
                        model.find(path.relations[0].target).is_some_and(|it| !model.is_within(it, from))
                            || path.relations[0].bidirectional
                    );
                    assert_is_chain(&model, from, to, path);
                }
                let distinct: BTreeSet<Vec<&str>> =
                    found.paths.iter().map(|path| path.relations.iter().map(|it| it.id).collect()).collect();
                assert_eq!(distinct.len(), found.paths.len(), "the same chain twice");
            }
        }
    }
    assert!(several > 50, "too little was tried: {several}");
}

fn assert_is_chain(model: &Model, from: ElementIx, to: ElementIx, path: &query::path::Path<'_>) {
    let ix = |id: &str| model.find(id).expect("an answer names elements");
    let mut at: Option<ElementIx> = None;
    for relation in &path.relations {
        let (source, target) = (ix(relation.source), ix(relation.target));
        let may_leave = |end: ElementIx| match at {
            None => model.is_within(end, from),
            Some(at) => model.is_within(end, at) || model.is_within(at, end),
        };
        at = Some(match (may_leave(source), relation.bidirectional && may_leave(target)) {
            (true, false) => target,
            (false, true) => source,
            // Both ends will do: the chain goes on from the one that the next relation needs; either is fine here.
            (true, true) => return,
            (false, false) => panic!("{} -> {} does not go on", relation.source, relation.target),
        });
    }
    assert!(at.is_some_and(|at| model.is_within(at, to)), "the chain ends elsewhere");
}
