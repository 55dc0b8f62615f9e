//! What is said of all elements as one text in lower case, in which words are looked for in one go.
//!
//! Where a word is found says in which field of which element it stands, and so how much it counts: nothing but the
//! places where it is found is looked at.

use crate::{Element, ElementIx, Model};
use memchr::memmem::Finder;

/// Ends each field in the text; no word holds it.
const END: char = '\0';

/// The words of a model's elements, ready to be looked through. Made once for a model, it serves any number of searches.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Name, id, technology, description and tags of one element after the other, each with [`END`] behind it.
    text: String,
    /// Where each element begins, and where the last ends.
    starts: Vec<usize>,
    /// Where name, id, technology and description of each element end.
    ends: Vec<[usize; 4]>,
}

impl Index {
    /// The index of a model.
    pub fn of(model: &Model) -> Self {
        let mut index = Self::default();
        index.starts.push(0);
        for element in &model.elements {
            index.take(element);
        }
        index
    }

    fn take(&mut self, element: &Element) {
        let fields = [&element.name, element.id.as_str(), &element.technology, &element.description];
        let ends = fields.map(|field| self.field(field));
        self.ends.push(ends);
        for tag in &element.tags {
            self.field(tag);
        }
        self.starts.push(self.text.len());
    }

    /// Adds a field; where it ends.
    fn field(&mut self, text: &str) -> usize {
        if text.is_ascii() {
            self.text.push_str(text);
            let start = self.text.len() - text.len();
            self.text[start..].make_ascii_lowercase();
        } else {
            self.text.push_str(&text.to_lowercase());
        }
        self.text.push(END);
        self.text.len() - END.len_utf8()
    }

    /// For each element the score of the best place of a word in lower case; 0 where it is not.
    pub(super) fn scores(&self, word: &str) -> Vec<u8> {
        let mut best = vec![0; self.ends.len()];
        if word.is_empty() || word.contains(END) {
            return best;
        }
        let is_word = word.chars().all(char::is_alphanumeric);
        let mut element = 0;
        for at in Finder::new(word).find_iter(self.text.as_bytes()) {
            while self.starts[element + 1] <= at {
                element += 1;
            }
            best[element] = best[element].max(self.score(element, at, word.len(), is_word));
        }
        best
    }

    /// How much a word counts that is found at a place of an element.
    fn score(&self, element: usize, at: usize, length: usize, is_word: bool) -> u8 {
        let [name, id, technology, description] = self.ends[element];
        let end = at + length;
        if at < name {
            let starts_word = || is_word && !self.text[..at].ends_with(char::is_alphanumeric);
            return match at == self.starts[element] {
                true if end == name => 100,
                true => 85,
                false if starts_word() => 75,
                false => 65,
            };
        }
        if at < id {
            let first = name + END.len_utf8();
            let key = self.text[first..id].rfind('/').map_or(first, |slash| first + slash + 1);
            return match (at == key, at > key) {
                _ if at == first && end == id => 95,
                (true, _) if end == id => 95,
                (true, _) => 80,
                (_, true) => 60,
                _ => 45,
            };
        }
        if at < technology {
            return 50;
        }
        if at < description {
            return 30;
        }
        let is_tag = self.text[..at].ends_with(END) && self.text[end..].starts_with(END);
        if is_tag { 58 } else { 40 }
    }
}

/// Where a word stands that counts so much.
pub(super) fn field(score: u8) -> &'static str {
    match score {
        100 | 85 | 75 | 65 => "name",
        95 | 80 | 60 | 45 => "id",
        58 | 40 => "tag",
        50 => "technology",
        _ => "description",
    }
}

/// The elements that a score belongs to.
pub(super) fn scored(scores: Vec<u8>) -> impl Iterator<Item = (ElementIx, u8)> {
    (0..).map(ElementIx).zip(scores).filter(|(_, score)| *score > 0)
}
