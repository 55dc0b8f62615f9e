//! Finding elements by words: patterns over names and ids, or words over everything that is said of an element.
//!
//! A word counts by where it is found and how: a whole name more than the start of one, a name more than a description.
//! All words must be found somewhere. When nothing holds them, names that are spelt alike come instead.

use super::ElementRef;
use super::list::Filter;
use crate::glob::{Pattern, is_pattern};
use crate::{Element, ElementIx, Model};
use loko_source::suggest;
use serde::Serialize;

mod index;

pub use index::Index;

/// How many results there are when nobody says.
pub const LIMIT_DEFAULT: usize = 20;

/// What to look for besides the words.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchOptions {
    /// What elements must have.
    pub filter: Filter,
    /// How many results to hand back.
    pub limit: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { filter: Filter::default(), limit: LIMIT_DEFAULT }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found<'m> {
    /// What was looked for.
    pub query: String,
    /// How many elements match, shown or not.
    pub total: usize,
    /// The best of them, best first.
    pub results: Vec<Hit<'m>>,
}

/// One element that matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit<'m> {
    /// The element.
    #[serde(flatten)]
    pub element: ElementRef<'m>,
    /// What it does.
    pub description: &'m str,
    /// How well it matches; 100 is a whole name.
    pub score: u32,
    /// Where the best match is: `name`, `id`, `technology`, `tag`, `description`, or `spelling` for a name alike.
    pub matched: &'static str,
}

/// Finds elements by words or, with `*` or `?`, by pattern. No words match everything that the filter lets through.
pub fn search<'m>(model: &'m Model, query: &str, options: &SearchOptions) -> Found<'m> {
    let index = if needs_index(query) { Index::of(model) } else { Index::default() };
    search_in(model, &index, query, options)
}

/// Does what [`search`] does, with an index that the model has already.
pub fn search_in<'m>(model: &'m Model, index: &Index, query: &str, options: &SearchOptions) -> Found<'m> {
    let query = query.trim();
    let matcher = options.filter.matcher(model);
    let candidates = || model.ids().filter(|ix| matcher.matches(model, *ix)).collect::<Vec<ElementIx>>();
    let mut found: Vec<(ElementIx, Match)> = if is_pattern(query) {
        by_pattern(model, &candidates(), query)
    } else if query.is_empty() {
        candidates().into_iter().map(|ix| (ix, Match { score: 85, field: "name" })).collect()
    } else {
        by_words(index, query).filter(|(ix, _)| matcher.matches(model, *ix)).collect()
    };
    if found.is_empty() && needs_index(query) {
        found = by_spelling(model, &candidates(), query);
    }
    let total = found.len();
    let order = |(ix, matched): &(ElementIx, Match)| (std::cmp::Reverse(matched.score), *ix);
    if options.limit < total {
        // Most of many that match are not shown, and need not be sorted.
        found.select_nth_unstable_by_key(options.limit, order);
        found.truncate(options.limit);
    }
    found.sort_unstable_by_key(order);
    let hit = |(ix, matched): &(ElementIx, Match)| Hit {
        element: ElementRef::new(model, *ix),
        description: &model.element(*ix).description,
        score: matched.score,
        matched: matched.field,
    };
    Found { query: query.to_owned(), total, results: found.iter().map(hit).collect() }
}

/// Whether a query is of words.
fn needs_index(query: &str) -> bool {
    !query.trim().is_empty() && !is_pattern(query.trim())
}

/// How well an element matches, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    score: u32,
    field: &'static str,
}

fn by_pattern(model: &Model, candidates: &[ElementIx], query: &str) -> Vec<(ElementIx, Match)> {
    let pattern = Pattern::new(query);
    let field = |element: &Element| {
        if query.contains('/') {
            return pattern.matches(&element.id).then_some("id");
        }
        let of_name = pattern.matches(&element.name).then_some("name");
        of_name.or_else(|| pattern.matches(element.key()).then_some("id"))
    };
    let hit = |ix: &ElementIx| field(model.element(*ix)).map(|field| (*ix, Match { score: 100, field }));
    candidates.iter().filter_map(hit).collect()
}

/// The query as a whole counts as it is found; else its words, as much as the one found worst.
fn by_words(index: &Index, query: &str) -> impl Iterator<Item = (ElementIx, Match)> + use<> {
    let whole = query.to_lowercase();
    let mut scores = index.scores(&whole);
    let words: Vec<&str> = whole.split_whitespace().collect();
    if let [first, rest @ ..] = words.as_slice()
        && !rest.is_empty()
    {
        let mut worst = index.scores(first);
        for word in rest {
            for (worst, score) in worst.iter_mut().zip(index.scores(word)) {
                *worst = score.min(*worst);
            }
        }
        for (score, worst) in scores.iter_mut().zip(worst).filter(|(score, _)| **score == 0) {
            *score = worst;
        }
    }
    index::scored(scores).map(|(ix, score)| (ix, Match { score: u32::from(score), field: index::field(score) }))
}

/// Names that hold the letters in order (`ordapi` for Order API), or else the few that are spelt nearly so.
fn by_spelling(model: &Model, candidates: &[ElementIx], query: &str) -> Vec<(ElementIx, Match)> {
    let letters: Vec<char> = query.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect();
    let scored = |ix: &ElementIx| {
        let score = in_order(&letters, &model.element(*ix).name)?;
        Some((*ix, Match { score, field: "spelling" }))
    };
    let found: Vec<(ElementIx, Match)> = candidates.iter().filter_map(scored).collect();
    if !found.is_empty() {
        return found;
    }
    let keys = candidates.iter().flat_map(|ix| [model.element(*ix).key(), &model.element(*ix).name]);
    let near = suggest::nearest(query, keys);
    let is_near = |ix: &&ElementIx| {
        near.contains(&model.element(**ix).key()) || near.contains(&model.element(**ix).name.as_str())
    };
    candidates.iter().filter(is_near).map(|ix| (*ix, Match { score: 5, field: "spelling" })).collect()
}

/// How well a name holds the letters in order: 10 for a short stretch, 6 for one with as many letters between.
fn in_order(letters: &[char], name: &str) -> Option<u32> {
    /// Fewer letters are found in order nearly everywhere.
    const LETTERS_MIN: usize = 3;
    if letters.len() < LETTERS_MIN {
        return None;
    }
    let mut wanted = letters.iter();
    let mut next = wanted.next();
    let (mut first, mut stretch) = (None, 0);
    for (at, character) in name.to_lowercase().chars().filter(|it| it.is_alphanumeric()).enumerate() {
        if next == Some(&character) {
            let start = *first.get_or_insert(at);
            stretch = at + 1 - start;
            next = wanted.next();
        }
    }
    if next.is_some() {
        return None;
    }
    let spread = stretch - letters.len();
    (spread <= 2 * letters.len()).then_some(if spread <= letters.len() { 10 } else { 6 })
}
