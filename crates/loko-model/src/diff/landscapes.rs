//! Several versions of one view as one board: whatever any of them shows, once, so that it stands in the same place
//! whichever versions are looked at. Who shows it hides what the chosen versions do not have.
//!
//! Objects and edges say by classes which versions have them: `in-0` is the newest one, `in-1` the one before it. Ids are
//! those of the newest version; of what a version calls otherwise or no more, by the renames between.

use loko_diagram::{Board, Edge, Object, ObjectId};
use std::collections::{BTreeMap, BTreeSet};

/// More objects than this cannot be compared by eye.
pub const OBJECTS_MAX: usize = 150;

/// What the ids of several versions are called in the newest one, where that differs: version by version, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<BTreeMap<String, String>>);

impl Names {
    /// The names, of what each version, the newest first, renamed since the one before it.
    pub fn of<'a>(renamed: impl IntoIterator<Item = &'a [(String, String)]>) -> Self {
        let mut names = vec![BTreeMap::new()];
        for renamed in renamed {
            names.push(before(&names[names.len() - 1], renamed));
        }
        Self(names)
    }

    /// What an id of a version is called in the newest one; what went since, by what its whole is called.
    pub fn newest(&self, at: usize, id: &str) -> String {
        let known = self.0.get(at).and_then(|names| names.get(id));
        match (known, id.rsplit_once('/')) {
            (Some(name), _) => name.clone(),
            (None, Some((whole, part))) => format!("{}/{part}", self.newest(at, whole)),
            (None, None) => id.to_owned(),
        }
    }
}

/// Something that any of the versions shows.
struct Thing {
    object: Object,
    /// The place of what it stands in.
    whole: Option<usize>,
}

/// The boards of all versions, the newest first, as one; none when they show nothing or more than [`OBJECTS_MAX`].
pub fn together(boards: &[Board], names: &Names) -> Option<Board> {
    let drawn = boards.iter().find(|board| !board.objects.is_empty())?;
    let mut things: Vec<Thing> = Vec::new();
    let mut lines: Vec<(usize, usize, Edge)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut edges: BTreeMap<(usize, usize, usize), usize> = BTreeMap::new();
    let none = BTreeMap::new();
    for (at, board) in boards.iter().enumerate() {
        let class = format!("in-{at}");
        let names = names.0.get(at).unwrap_or(&none);
        let own: BTreeSet<&str> = board.objects.iter().map(|object| object.id.as_str()).collect();
        let mut here: Vec<usize> = Vec::with_capacity(board.objects.len());
        for object in &board.objects {
            let id = match names.get(&object.id) {
                Some(name) => name.clone(),
                // Its name was given to something else since, which is here under its former name.
                None if names.iter().any(|(was, is)| *is == object.id && own.contains(was.as_str())) => {
                    format!("{}@{at}", object.id)
                }
                None => object.id.clone(),
            };
            let place = *places.entry(id.clone()).or_insert_with(|| {
                things.push(Thing {
                    object: Object { key: id.clone(), id, parent: None, ..object.clone() },
                    whole: None,
                });
                things.len() - 1
            });
            things[place].object.classes.push(class.clone());
            // A version may show it without what it stands in.
            if let Some(whole) = object.parent.and_then(|parent| here.get(parent.index()).copied())
                && things[place].whole.is_none()
                && !wholes(&things, whole).any(|it| it == place)
            {
                things[place].whole = Some(whole);
            }
            here.push(place);
        }
        let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for edge in &board.edges {
            let (src, dst) = (here[edge.src.index()], here[edge.dst.index()]);
            let count = counts.entry((src, dst)).or_default();
            let place = *edges.entry((src, dst, *count)).or_insert_with(|| {
                lines.push((src, dst, edge.clone()));
                lines.len() - 1
            });
            *count += 1;
            lines[place].2.classes.push(class.clone());
        }
    }
    let mut union = Board { objects: Vec::new(), edges: Vec::new(), ..drawn.clone() };
    // Wholes stand before their parts.
    let mut order: Vec<usize> = (0..things.len()).collect();
    order.sort_by_key(|place| wholes(&things, *place).count());
    let mut ids: Vec<ObjectId> = vec![ObjectId(0); things.len()];
    for place in order {
        let parent = things[place].whole.map(|whole| ids[whole]);
        ids[place] = union.push(Object { parent, ..things[place].object.clone() });
    }
    union.edges.extend(lines.into_iter().map(|(src, dst, edge)| Edge { src: ids[src], dst: ids[dst], ..edge }));
    (1..=OBJECTS_MAX).contains(&union.objects.len()).then_some(union)
}

/// A thing and what it stands in, from the inside out.
fn wholes(things: &[Thing], place: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(place), |place| things[*place].whole)
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
    type Shown = (Board, Vec<(String, String)>);

    fn landscape(ids: &[&str], edges: &[(u32, u32)], renamed: &[(&str, &str)]) -> Shown {
        let objects = ids.iter().map(|id| Object { id: (*id).to_owned(), ..Object::default() }).collect();
        let edge = |(src, dst): &(u32, u32)| Edge::new(ObjectId(*src), ObjectId(*dst));
        let board = Board { objects, edges: edges.iter().map(edge).collect(), ..Board::default() };
        (board, renamed.iter().map(|(was, is)| ((*was).to_owned(), (*is).to_owned())).collect())
    }

    fn together(versions: &[Shown]) -> Option<Board> {
        let boards: Vec<Board> = versions.iter().map(|(board, _)| board.clone()).collect();
        super::together(&boards, &Names::of(versions.iter().map(|(_, renamed)| renamed.as_slice())))
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
    fn what_stands_in_something_stands_in_it_in_all_versions() {
        let inside = |mut shown: Shown, parents: &[(usize, u32)]| {
            parents.iter().for_each(|(at, parent)| shown.0.objects[*at].parent = Some(ObjectId(*parent)));
            shown
        };
        let versions = [
            landscape(&["api", "mail"], &[(0, 1)], &[]),
            inside(landscape(&["shop", "api", "db"], &[(1, 2)], &[]), &[(1, 0), (2, 0)]),
            inside(landscape(&["api", "shop"], &[], &[]), &[(1, 0)]),
        ];
        let board = together(&versions).expect("there are boxes");
        let whole = |object: &Object| object.parent.map_or("-", |id| board.object(id).id.as_str());
        let told: Vec<String> = board.objects.iter().map(|it| format!("{} in {}", it.id, whole(it))).collect();
        assert_eq!(told, ["mail in -", "shop in -", "api in shop", "db in shop"]);
    }

    #[test]
    fn what_went_is_called_by_what_its_whole_is_called_now() {
        let names = Names::of([&[("store".to_owned(), "shop".to_owned())][..], &[]]);
        assert_eq!(names.newest(0, "store/api"), "store/api");
        assert_eq!([1, 2, 9].map(|at| names.newest(at, "store/api")), ["shop/api", "shop/api", "store/api"]);
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
