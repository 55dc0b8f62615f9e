//! Who is who: which element of the later model each element of the former one became.
//!
//! In this order, each element being matched once and only with one of its own kind unless the id says so:
//! 1. by a `moved` record of the later model, through chains of such (certain);
//! 2. by the same id (certain);
//! 3. with its whole: the part of the same key of what its whole became (it followed);
//! 4. by likeness, whole before part: the most alike pair first, as long as it reaches [`LIKENESS_MIN`]; then again 3
//!    for what is inside.
//!
//! Likeness is the weighted mean of those features of which either side says anything: name (weight 3, one less the
//! optimal-string-alignment distance over the longer length), description (2, Dice's coefficient of the sets of words),
//! technology (1, the same), keys of parts (2, Dice), neighbours with direction (3, Dice, neighbours translated), and
//! whether the whole is the same (1). Dice, "Measures of the Amount of Ecologic Association Between Species" (1945).

use crate::{ElementIx, Kind, Model, RelationIx, moved};
use loko_source::suggest::distance;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

/// From this likeness on two elements are taken for one.
pub const LIKENESS_MIN: f64 = 0.6;
/// Up to this many pairs of a kind are all compared; beyond, only those with an equal key, name or description.
pub const PAIRS_MAX: usize = 100_000;

/// How it is known that two elements are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// A `moved` record says so.
    Recorded,
    /// They have the same id.
    SameId,
    /// What they are part of is one, and they have the same key in it.
    Followed,
    /// They are much alike.
    Alike,
}

/// An element's other self.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Its index on the other side.
    pub ix: ElementIx,
    /// How it is known.
    pub certainty: Certainty,
    /// How alike they are, when that is how.
    pub likeness: Option<f64>,
}

/// Which element is which.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matching {
    forth: Vec<Option<Match>>,
    back: Vec<Option<Match>>,
}

impl Matching {
    /// Matches the elements of two models.
    pub fn of(before: &Model, after: &Model) -> Self {
        let mut matching = Self { forth: vec![None; before.elements.len()], back: vec![None; after.elements.len()] };
        matching.by_record(before, after);
        for ix in before.ids() {
            if let Some(other) = after.find(&before.element(ix).id) {
                matching.set(ix, other, Certainty::SameId, None);
            }
        }
        matching.follow(before, after);
        for kind in Kind::ALL {
            matching.by_likeness(before, after, kind);
            matching.follow(before, after);
        }
        matching
    }

    /// What an element of the former model became.
    pub fn after(&self, before: ElementIx) -> Option<Match> {
        self.forth[before.index()]
    }

    /// What an element of the later model was.
    pub fn before(&self, after: ElementIx) -> Option<Match> {
        self.back[after.index()]
    }

    fn set(&mut self, before: ElementIx, after: ElementIx, certainty: Certainty, likeness: Option<f64>) {
        if self.forth[before.index()].is_none() && self.back[after.index()].is_none() {
            self.forth[before.index()] = Some(Match { ix: after, certainty, likeness });
            self.back[after.index()] = Some(Match { ix: before, certainty, likeness });
        }
    }

    /// Records hold for those that are no longer where they were and are where they should be.
    fn by_record(&mut self, before: &Model, after: &Model) {
        for ix in before.ids() {
            let Some(target) = moved::element(after, &before.element(ix).id) else { continue };
            let (old, new) = (before.element(ix), after.element(target));
            // A part that only goes with its whole follows it, as without a record.
            let whole = old.parent.and_then(|parent| self.after(parent)).map(|it| it.ix);
            if whole.is_none() || whole != new.parent || old.key() != new.key() {
                self.set(ix, target, Certainty::Recorded, None);
            }
        }
    }

    /// Parts follow their whole; parents stand before their parts, so one pass is enough.
    fn follow(&mut self, before: &Model, after: &Model) {
        for ix in before.ids() {
            let element = before.element(ix);
            let Some(whole) = element.parent.and_then(|parent| self.forth[parent.index()]) else { continue };
            let part = after.parts_named(Some(whole.ix), element.key()).iter().copied();
            let mut part = part.filter(|part| after.element(*part).key() == element.key());
            if let Some(part) = part.find(|part| after.element(*part).kind == element.kind) {
                self.set(ix, part, Certainty::Followed, None);
            }
        }
    }

    fn by_likeness(&mut self, before: &Model, after: &Model, kind: Kind) {
        let gone: Vec<ElementIx> = before.of_kind(kind).filter(|ix| self.forth[ix.index()].is_none()).collect();
        let come: Vec<ElementIx> = after.of_kind(kind).filter(|ix| self.back[ix.index()].is_none()).collect();
        if gone.is_empty() || come.is_empty() {
            return;
        }
        let became = |ix: ElementIx| self.forth[ix.index()].map(|it| it.ix);
        let known = |ix: ElementIx| self.back[ix.index()].map(|_| ix);
        let old: Vec<Face<'_>> = gone.iter().map(|ix| Face::of(before, *ix, &became)).collect();
        let new: Vec<Face<'_>> = come.iter().map(|ix| Face::of(after, *ix, &known)).collect();
        let mut pairs: Vec<(f64, usize, usize)> = candidates(&old, &new)
            .into_iter()
            .map(|(a, b)| (old[a].likeness(&new[b]), a, b))
            .filter(|(likeness, _, _)| *likeness >= LIKENESS_MIN)
            .collect();
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (likeness, a, b) in pairs {
            self.set(gone[a], come[b], Certainty::Alike, Some(likeness));
        }
    }
}

/// The pairs worth comparing.
fn candidates(old: &[Face<'_>], new: &[Face<'_>]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) <= PAIRS_MAX {
        return (0..old.len()).flat_map(|a| (0..new.len()).map(move |b| (a, b))).collect();
    }
    let mut found = Vec::new();
    let marks: [fn(&Face<'_>) -> String; 3] =
        [|face| face.name.iter().collect(), |face| face.key.to_owned(), |face| face.description.to_owned()];
    for mark in marks {
        let mut known: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (b, face) in new.iter().enumerate() {
            known.entry(mark(face)).or_default().push(b);
        }
        for (a, face) in old.iter().enumerate() {
            let mark = mark(face);
            let same = known.get(&mark).filter(|_| !mark.is_empty());
            // What hundreds share tells nobody apart.
            found.extend(same.into_iter().flatten().take(SHARED_MAX).map(|b| (a, *b)));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Of elements with one equal name, key or description this many are compared.
const SHARED_MAX: usize = 50;

/// What an element is recognised by.
struct Face<'m> {
    name: Vec<char>,
    key: &'m str,
    description: &'m str,
    words: FxHashSet<String>,
    technology: FxHashSet<String>,
    parts: FxHashSet<&'m str>,
    neighbours: FxHashSet<(bool, ElementIx)>,
    whole: Option<ElementIx>,
    has_whole: bool,
}

impl<'m> Face<'m> {
    /// Neighbours and wholes are translated to one side.
    fn of(model: &'m Model, ix: ElementIx, translate: &dyn Fn(ElementIx) -> Option<ElementIx>) -> Self {
        let element = model.element(ix);
        let ends = |list: &[RelationIx], is_out: bool| -> Vec<(bool, ElementIx)> {
            let other = |at: &RelationIx| {
                let relation = model.relation(*at);
                translate(if is_out { relation.target } else { relation.source })
            };
            list.iter().filter_map(other).map(|other| (is_out, other)).collect()
        };
        let mut neighbours: FxHashSet<(bool, ElementIx)> = FxHashSet::default();
        neighbours.extend(ends(model.outgoing(ix), true));
        neighbours.extend(ends(model.incoming(ix), false));
        Self {
            name: element.name.to_lowercase().chars().collect(),
            key: element.key(),
            description: &element.description,
            words: words(&element.description),
            technology: words(&element.technology),
            parts: model.children(ix).iter().map(|part| model.element(*part).key()).collect(),
            neighbours,
            whole: element.parent.and_then(translate),
            has_whole: element.parent.is_some(),
        }
    }

    fn likeness(&self, other: &Self) -> f64 {
        let longer = self.name.len().max(other.name.len()).max(1);
        let name = 1.0 - distance(&self.name, &other.name).min(longer) as f64 / longer as f64;
        let whole = (self.has_whole || other.has_whole)
            .then(|| f64::from(u8::from(self.whole.is_some() && self.whole == other.whole)));
        let features = [
            (3.0, Some(name)),
            (2.0, dice(&self.words, &other.words)),
            (1.0, dice(&self.technology, &other.technology)),
            (2.0, dice(&self.parts, &other.parts)),
            (3.0, dice(&self.neighbours, &other.neighbours)),
            (1.0, whole),
        ];
        let said = features.iter().filter_map(|(weight, value)| value.map(|value| (weight, value)));
        let (sum, weights) = said.fold((0.0, 0.0), |(sum, all), (weight, value)| (sum + weight * value, all + weight));
        sum / weights
    }
}

fn words(text: &str) -> FxHashSet<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Twice what is common over what there is; none when there is nothing on either side.
fn dice<T: Eq + std::hash::Hash>(a: &FxHashSet<T>, b: &FxHashSet<T>) -> Option<f64> {
    let all = a.len() + b.len();
    (all > 0).then(|| 2.0 * a.intersection(b).count() as f64 / all as f64)
}
