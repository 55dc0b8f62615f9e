//! What must hold in every view of any model, tried on many.
//!
//! The expectations are stated over ids as texts, without the code under test: an object shows an element when its id
//! is that element's id or the beginning of it.

use crate::builder::{Dice, model, random_lines};
use crate::dump::dump;
use loko_diagram::{Board, ObjectId};
use loko_model::view::{View, ViewKind, automatic, views};
use loko_model::{Model, Relation};
use std::collections::BTreeSet;

const MODELS: u64 = 60;

fn random_model(seed: u64) -> Model {
    model(&random_lines(seed, 3 + seed as usize % 6, 5 + seed as usize % 40).join("\n"))
}

#[test]
fn boards_are_sound() {
    for seed in 0..MODELS {
        let model = random_model(seed);
        for view in views(&model) {
            let board = automatic(&model, &view);
            assert_sound(&board, &view, &seed.to_string());
        }
    }
}

/// Parents stand before their children, ids are unique, and no edge leaves the board or joins a box with its inside.
pub(crate) fn assert_sound(board: &Board, view: &View, model: &str) {
    let mut ids = BTreeSet::new();
    for (at, object) in board.objects.iter().enumerate() {
        assert!(ids.insert(&object.id), "{} twice in {} of {model}", object.id, view.key);
        assert!(object.parent.is_none_or(|parent| parent.index() < at), "a parent stands before its children");
    }
    let is_story = matches!(view.kind, ViewKind::Dynamic | ViewKind::Sequence);
    for edge in &board.edges {
        assert!(edge.src.index() < board.objects.len() && edge.dst.index() < board.objects.len());
        let nested = holds(board, edge.src, edge.dst) || holds(board, edge.dst, edge.src);
        assert!(!nested || (is_story && edge.src == edge.dst), "an edge into itself in {} of {model}", view.key);
    }
}

#[test]
fn every_relation_is_shown_or_vanishes_by_rule() {
    let (mut shown, mut told, mut inside) = (0, 0, 0);
    for seed in 0..MODELS {
        let model = random_model(seed);
        for view in views(&model).iter().filter(|view| is_static(view)) {
            let board = automatic(&model, view);
            for relation in &model.relations {
                match fate(&model, view, &board, relation) {
                    Fate::Shown => shown += 1,
                    Fate::ToldMoreExactly => told += 1,
                    Fate::InsideOneBox => inside += 1,
                    Fate::OutOfScope => {}
                }
            }
            let counted: u32 = board.edges.iter().map(|edge| edge.merged).sum();
            let named: usize = board.edges.iter().map(|edge| edge.key.split(' ').count()).sum();
            assert_eq!(counted as usize, named, "{} of {seed}", view.key);
        }
    }
    assert!(shown > 500 && told > 20 && inside > 100, "too little was tried: {shown}, {told}, {inside}");
}

#[test]
fn every_relation_between_deployed_elements_is_drawn() {
    let mut drawn = 0;
    for seed in 0..MODELS {
        let model = random_model(seed);
        for view in views(&model).iter().filter(|view| view.kind == ViewKind::Deployment) {
            let board = automatic(&model, view);
            // The page that an instance leads to tells which element it is.
            let element =
                |id: ObjectId| board.object(id).link.as_deref().and_then(|link| link.strip_prefix("element:"));
            let deployed = |id: &str| {
                board.ids().filter_map(element).filter(|it| within(id, it)).max_by_key(|it| it.len()).map(str::to_owned)
            };
            for relation in &model.relations {
                let ends = [relation.source, relation.target].map(|end| deployed(&model.element(end).id));
                let edges: Vec<_> =
                    board.edges.iter().filter(|edge| edge.key.split(' ').any(|id| id == relation.id)).collect();
                let [Some(source), Some(target)] = &ends else {
                    assert!(edges.is_empty(), "{} of {seed}", relation.id);
                    continue;
                };
                let nested = within(source, target) || within(target, source);
                assert_eq!(edges.is_empty(), nested, "{} of {seed}:\n{}", relation.id, dump(&board));
                for edge in edges {
                    assert_eq!((element(edge.src), element(edge.dst)), (Some(source.as_str()), Some(target.as_str())));
                    drawn += 1;
                }
            }
        }
    }
    assert!(drawn > 50, "too little was tried: {drawn}");
}

#[test]
fn the_order_of_statements_does_not_matter() {
    for seed in 0..MODELS / 5 {
        // Stories and deployments are ordered by whoever tells them, relations are named by the builder in order.
        let lines: Vec<String> = random_lines(seed, 6, 30).into_iter().take_while(|line| line != "env test").collect();
        let mut shuffled = lines.clone();
        let mut dice = Dice::new(seed + 1);
        for at in 0..shuffled.len() {
            let other = dice.roll(shuffled.len());
            shuffled.swap(at, other);
        }
        let (one, other) = (model(&lines.join("\n")), model(&shuffled.join("\n")));
        assert_eq!(all_dumps(&one), all_dumps(&other), "model {seed}");
    }
}

enum Fate {
    Shown,
    ToldMoreExactly,
    InsideOneBox,
    OutOfScope,
}

fn fate(model: &Model, view: &View, board: &Board, relation: &Relation) -> Fate {
    let (source, target) = (&model.element(relation.source).id, &model.element(relation.target).id);
    let edges: Vec<_> = board.edges.iter().filter(|edge| edge.key.split(' ').any(|id| id == relation.id)).collect();
    let context = format!("{source} -> {target} ({}) in {}\n{}", relation.id, view.key, dump(board));
    assert!(edges.len() <= 1, "drawn more than once: {context}");
    let in_scope =
        view.scope.is_none_or(|scope| [source, target].iter().any(|end| within(end, &model.element(scope).id)));
    if !in_scope {
        assert!(edges.is_empty(), "drawn in a view that it does not touch: {context}");
        return Fate::OutOfScope;
    }
    let (src, dst) = (nearest(board, source), nearest(board, target));
    let nested = |src, dst| holds(board, src, dst) || holds(board, dst, src);
    match (src, dst, edges.first()) {
        (Some(src), Some(dst), Some(edge)) => {
            let forth = (edge.src, edge.dst) == (src, dst);
            let back = (edge.dst, edge.src) == (src, dst) && relation.bidirectional && edge.src_arrow;
            assert!(forth || back, "drawn elsewhere: {context}");
            Fate::Shown
        }
        (Some(src), Some(dst), None) if nested(src, dst) => Fate::InsideOneBox,
        (Some(src), Some(dst), None) => {
            let more_exact = |from: ObjectId, to: ObjectId| {
                holds(board, src, from) && holds(board, dst, to) && (from, to) != (src, dst)
            };
            let told = board
                .edges
                .iter()
                .any(|edge| more_exact(edge.src, edge.dst) || (edge.src_arrow && more_exact(edge.dst, edge.src)));
            assert!(told, "missing: {context}");
            Fate::ToldMoreExactly
        }
        // Only what the element is part of may be left out, and then the relation joins the element with its whole.
        _ => {
            let scope = view.scope.map(|scope| &model.element(scope).id);
            assert!(
                edges.is_empty() && scope.is_some_and(|scope| within(scope, source) || within(scope, target)),
                "{context}"
            );
            Fate::InsideOneBox
        }
    }
}

fn is_static(view: &View) -> bool {
    !matches!(view.kind, ViewKind::Deployment | ViewKind::Dynamic | ViewKind::Sequence | ViewKind::Selected)
}

fn all_dumps(model: &Model) -> Vec<String> {
    views(model).iter().map(|view| format!("{}\n{}", view.key, dump(&automatic(model, view)))).collect()
}

/// Whether an id is that of the whole or of something in it.
fn within(id: &str, whole: &str) -> bool {
    id == whole || id.strip_prefix(whole).is_some_and(|rest| rest.starts_with('/'))
}

fn nearest(board: &Board, id: &str) -> Option<ObjectId> {
    board.ids().filter(|at| within(id, &board.object(*at).id)).max_by_key(|at| board.object(*at).id.len())
}

fn holds(board: &Board, outer: ObjectId, inner: ObjectId) -> bool {
    std::iter::successors(Some(inner), |id| board.object(*id).parent).any(|id| id == outer)
}
