//! Finding elements by words: patterns over names and ids, or words over everything that is said of an element.
//!
//! A word counts by where it is found and how: a whole name more than the start of one, a name more than a description.
//! All words must be found somewhere. When nothing holds them, names that are spelt alike come instead.

use super::ElementRef;
use super::list::Filter;
use crate::glob::{Pattern, is_pattern};
use crate::{Element, ElementIx, Model};
use loko_source::suggest;
use rayon::prelude::*;
use serde::Serialize;

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
    let matcher = options.filter.matcher(model);
    let candidates: Vec<ElementIx> = model.ids().filter(|ix| matcher.matches(model, *ix)).collect();
    let query = query.trim();
    let mut found =
        if is_pattern(query) { by_pattern(model, &candidates, query) } else { by_words(model, &candidates, query) };
    if found.is_empty() && !is_pattern(query) {
        found = by_spelling(model, &candidates, query);
    }
    found.sort_by_key(|(ix, matched)| (std::cmp::Reverse(matched.score), *ix));
    let hit = |(ix, matched): &(ElementIx, Match)| Hit {
        element: ElementRef::new(model, *ix),
        description: &model.element(*ix).description,
        score: matched.score,
        matched: matched.field,
    };
    Found { query: query.to_owned(), total: found.len(), results: found.iter().take(options.limit).map(hit).collect() }
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

fn by_words(model: &Model, candidates: &[ElementIx], query: &str) -> Vec<(ElementIx, Match)> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let whole = query.to_lowercase();
    let hit = |texts: &mut Texts, ix: &ElementIx| {
        texts.take(model.element(*ix));
        match_words(texts, &whole, &words).map(|found| (*ix, found))
    };
    let found = candidates.par_iter().with_min_len(SHARE).map_init(Texts::default, hit);
    found.flatten_iter().collect()
}

/// The query as a whole counts as it is found; else its words, as much as the one found worst.
fn match_words(texts: &Texts, whole: &str, words: &[String]) -> Option<Match> {
    // Most elements hold not even the words.
    if !words.iter().all(|word| texts.all.contains(word.as_str())) {
        return None;
    }
    if let Some(found) = texts.find(whole) {
        return Some(found);
    }
    if words.len() < 2 {
        return None;
    }
    words.iter().map(|word| texts.find(word)).collect::<Option<Vec<Match>>>()?.into_iter().min()
}

/// As many elements are looked through at once before another thread is worth its while.
const SHARE: usize = 512;

/// What is said of an element, in lower case: one text after the other, in memory that is used again.
#[derive(Default)]
struct Texts {
    all: String,
    /// Where name, id, technology, description and each tag end.
    ends: Vec<usize>,
}

impl Texts {
    fn take(&mut self, element: &Element) {
        self.all.clear();
        self.ends.clear();
        let texts = [&element.name, element.id.as_str(), &element.technology, &element.description];
        for text in texts.into_iter().chain(element.tags.iter().map(String::as_str)) {
            if text.is_ascii() {
                self.all.extend(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
            } else {
                self.all.push_str(&text.to_lowercase());
            }
            self.ends.push(self.all.len());
        }
    }

    fn text(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.all[start..self.ends[at]]
    }

    fn tags(&self) -> impl Iterator<Item = &str> {
        (4..self.ends.len()).map(|at| self.text(at))
    }

    /// The best place of a word.
    fn find(&self, word: &str) -> Option<Match> {
        let found = |score, field| Some(Match { score, field });
        let starts_word = |text: &str| text.split(|it: char| !it.is_alphanumeric()).any(|part| part.starts_with(word));
        let [name, id, technology, description] = [0, 1, 2, 3].map(|at| self.text(at));
        let key = id.rsplit('/').next().unwrap_or(id);
        if name == word {
            found(100, "name")
        } else if id == word || key == word {
            found(95, "id")
        } else if name.starts_with(word) {
            found(85, "name")
        } else if key.starts_with(word) {
            found(80, "id")
        } else if starts_word(name) {
            found(75, "name")
        } else if name.contains(word) {
            found(65, "name")
        } else if key.contains(word) {
            found(60, "id")
        } else if self.tags().any(|tag| tag == word) {
            found(58, "tag")
        } else if technology.contains(word) {
            found(50, "technology")
        } else if id.contains(word) {
            found(45, "id")
        } else if self.tags().any(|tag| tag.contains(word)) {
            found(40, "tag")
        } else if description.contains(word) {
            found(30, "description")
        } else {
            None
        }
    }
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
