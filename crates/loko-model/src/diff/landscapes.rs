//! The landscapes of several versions as one board: whatever any of them shows, once, so that it stands in the same place
//! whichever versions are looked at. Who shows it hides what the chosen versions do not have.
//!
//! Objects and edges say by classes which versions have them: `in-0` is the newest one, `in-1` the one before it. Ids are
//! those of the newest version; of what a version calls otherwise or no more, by the renames between.

use loko_diagram::{Board, Edge, ObjectId};
use std::collections::{BTreeMap, BTreeSet};

/// More objects than this cannot be compared by eye.
pub const OBJECTS_MAX: usize = 150;

/// A version.
#[derive(Clone, Debug, Default)]
pub struct Landscape {
    /// Its people and systems.
    pub board: Board,
    /// The ids that elements had in the version before it and have in this one, where they differ.
    pub renamed: Vec<(String, String)>,
}

/// All versions in one board, the newest first; none when they show nothing or more than [`OBJECTS_MAX`].
pub fn together(versions: &[Landscape]) -> Option<Board> {
    let mut union = Board { objects: Vec::new(), edges: Vec::new(), ..versions.first()?.board.clone() };
    let mut places: BTreeMap<String, ObjectId> = BTreeMap::new();
    let mut edges: BTreeMap<(ObjectId, ObjectId, usize), usize> = BTreeMap::new();
    // What ids of the version at hand are called in the newest one, where that differs.
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (at, version) in versions.iter().enumerate() {
        let class = format!("in-{at}");
        let own: BTreeSet<&str> = version.board.objects.iter().map(|object| object.id.as_str()).collect();
        let mut here = Vec::with_capacity(version.board.objects.len());
        for object in &version.board.objects {
            let id = match names.get(&object.id) {
                Some(name) => name.clone(),
                // Its name was given to something else since, which is here under its former name.
                None if names.iter().any(|(was, is)| *is == object.id && own.contains(was.as_str())) => {
                    format!("{}@{at}", object.id)
                }
                None => object.id.clone(),
            };
            let place = *places.entry(id.clone()).or_insert_with(|| {
                union.push(loko_diagram::Object { key: id.clone(), id, parent: None, ..object.clone() })
            });
            union.objects[place.index()].classes.push(class.clone());
            here.push(place);
        }
        let mut counts: BTreeMap<(ObjectId, ObjectId), usize> = BTreeMap::new();
        for edge in &version.board.edges {
            let (src, dst) = (here[edge.src.index()], here[edge.dst.index()]);
            let count = counts.entry((src, dst)).or_default();
            let place = *edges.entry((src, dst, *count)).or_insert_with(|| {
                union.edges.push(Edge { src, dst, ..edge.clone() });
                union.edges.len() - 1
            });
            *count += 1;
            union.edges[place].classes.push(class.clone());
        }
        names = before(&names, &version.renamed);
    }
    (1..=OBJECTS_MAX).contains(&union.objects.len()).then_some(union)
}

/// The names of the version before, of those of a version and what it renamed.
fn before(names: &BTreeMap<String, String>, renamed: &[(String, String)]) -> BTreeMap<String, String> {
    let now: BTreeSet<&str> = renamed.iter().map(|(_, is)| is.as_str()).collect();
    let kept = names.iter().filter(|(was, _)| !now.contains(was.as_str()));
    let stepped = renamed.iter().map(|(was, is)| (was.clone(), names.get(is).unwrap_or(is).clone()));
    kept.map(|(was, is)| (was.clone(), is.clone())).chain(stepped).filter(|(was, is)| was != is).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_diagram::Object;

    fn landscape(ids: &[&str], edges: &[(u32, u32)], renamed: &[(&str, &str)]) -> Landscape {
        let objects = ids.iter().map(|id| Object { id: (*id).to_owned(), ..Object::default() }).collect();
        let edge = |(src, dst): &(u32, u32)| Edge::new(ObjectId(*src), ObjectId(*dst));
        let board = Board { objects, edges: edges.iter().map(edge).collect(), ..Board::default() };
        let renamed = renamed.iter().map(|(was, is)| ((*was).to_owned(), (*is).to_owned())).collect();
        Landscape { board, renamed }
    }

    fn told(board: &Board) -> Vec<String> {
        let id = |id: ObjectId| board.object(id).id.clone();
        let objects = board.objects.iter().map(|it| format!("{} {}", it.id, it.classes.join(" ")));
        let edges = board.edges.iter().map(|it| format!("{} → {} {}", id(it.src), id(it.dst), it.classes.join(" ")));
        objects.chain(edges).collect()
    }

    #[test]
    fn each_thing_stands_in_it_once_and_says_where_it_is() {
        let versions = [
            landscape(&["shop", "mail"], &[(0, 1)], &[("store", "shop")]),
            landscape(&["store", "mail", "fax"], &[(0, 1), (0, 2)], &[("market", "store")]),
            landscape(&["market", "fax"], &[(0, 1), (0, 1)], &[]),
        ];
        let board = together(&versions).expect("there are boxes");
        assert_eq!(
            told(&board),
            [
                "shop in-0 in-1 in-2",
                "mail in-0 in-1",
                "fax in-1 in-2",
                "shop → mail in-0 in-1",
                "shop → fax in-1 in-2",
                "shop → fax in-2"
            ]
        );
    }

    #[test]
    fn a_name_that_something_else_had_before_is_another_box() {
        let versions =
            [landscape(&["a"], &[], &[("b", "a")]), landscape(&["a", "b"], &[(0, 1)], &[]), landscape(&[], &[], &[])];
        assert_eq!(told(&together(&versions).expect("there are boxes")), ["a in-0 in-1", "a@1 in-1", "a@1 → a in-1"]);
    }

    #[test]
    fn too_many_boxes_are_no_picture() {
        let ids: Vec<String> = (0..=OBJECTS_MAX).map(|at| format!("s{at}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert!(together(&[landscape(&ids[1..], &[], &[])]).is_some());
        assert!(together(&[landscape(&ids, &[], &[])]).is_none());
        assert!(together(&[landscape(&[], &[], &[])]).is_none() && together(&[]).is_none());
    }
}
