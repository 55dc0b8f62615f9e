//! The words of prose, for the search: which of them stand below which heading of which page. It is a list of words with
//! their places, so that a word that occurs everywhere is written once, and one that is typed is compared once.
//!
//! Prose is read line by line, not parsed: blocks of code, comments, tags and the targets of links are passed over.
//! Where that takes a heading's anchor for another than the page has, a hit leads to the top of its page.

use loko_model::name::{self, slug};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Words of more letters are no words that anybody types.
const LETTERS_MAX: usize = 40;
/// Single letters are the beginnings of other words.
const LETTERS_MIN: usize = 2;

/// The prose of something that can be found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    /// Where it stands among the entries of the index.
    pub entry: usize,
    /// Its name: the first heading may repeat it.
    pub title: &'a str,
    pub prose: &'a str,
}

/// What stands below one heading.
#[derive(Debug, Default, PartialEq, Eq)]
struct Section<'a> {
    anchor: String,
    heading: String,
    words: Vec<Cow<'a, str>>,
}

/// What the script of the search reads.
#[derive(Serialize)]
struct Words<'a> {
    /// The anchors and texts of headings; the first one is none.
    headings: &'a [(String, String)],
    /// For each place its entry and its heading, one after the other.
    places: &'a [usize],
    /// Each word with its places, `reconcile 3 1a`: numbers in base 36, each the distance from the one before.
    words: &'a str,
}

/// The list as JSON.
pub(crate) fn json(texts: &[Text<'_>]) -> String {
    let read: Vec<Vec<Section<'_>>> = texts.par_iter().map(|it| sections(it.prose, it.title)).collect();
    let mut headings = vec![(String::new(), String::new())];
    let mut numbers: FxHashMap<(String, String), usize> = FxHashMap::default();
    numbers.insert(headings[0].clone(), 0);
    let mut places = Vec::new();
    let mut found: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (text, section) in texts.iter().zip(&read).flat_map(|(text, list)| list.iter().map(move |it| (text, it))) {
        let place = places.len() / 2;
        let heading = (section.anchor.clone(), section.heading.clone());
        let number = *numbers.entry(heading).or_insert_with_key(|heading| {
            headings.push(heading.clone());
            headings.len() - 1
        });
        places.extend([text.entry, number]);
        for word in &section.words {
            found.entry(word).or_default().push(place);
        }
    }
    let mut found: Vec<(&str, Vec<usize>)> = found.into_iter().collect();
    found.par_sort_unstable();
    let mut words = String::new();
    for (word, at) in found {
        let _ = write!(words, "{}{word}", if words.is_empty() { "" } else { "," });
        let mut before = 0;
        for place in at {
            words.push(' ');
            push_number(&mut words, place - before);
            before = place;
        }
    }
    let told = Words { headings: &headings, places: &places, words: &words };
    serde_json::to_string(&told).expect(super::WRITABLE)
}

/// Writes a number in base 36, which scripts read.
fn push_number(text: &mut String, number: usize) {
    const BASE: usize = 36;
    if number >= BASE {
        push_number(text, number / BASE);
    }
    let digit = u32::try_from(number % BASE).unwrap_or_default();
    text.push(char::from_digit(digit, 36).unwrap_or('0'));
}

/// Prose by its headings. Sections without words are left out.
fn sections<'a>(prose: &'a str, title: &str) -> Vec<Section<'a>> {
    let mut reader = Reader::default();
    let mut sections = Vec::new();
    let mut section = Section::default();
    let mut taken: FxHashSet<String> = FxHashSet::default();
    let mut is_first = true;
    for line in prose.lines() {
        let Some(heading) = reader.heading(line) else {
            reader.line(line, &mut section.words);
            continue;
        };
        let next = section_of(heading, &mut taken);
        let repeats = std::mem::take(&mut is_first) && !heading.starts_with("##") && bare(&next.heading) == bare(title);
        sections.push(std::mem::take(&mut section));
        if repeats {
            taken.remove(&next.anchor);
        } else {
            section = next;
        }
        reader.known.clear();
    }
    sections.push(section);
    sections.retain(|section| !section.words.is_empty());
    sections
}

/// The section that a heading opens; its words are found as words of the index's other fields are.
fn section_of<'a>(heading: &str, taken: &mut FxHashSet<String>) -> Section<'a> {
    let (words, own) = name::heading(heading.trim_start_matches('#').trim().trim_end_matches('#').trim_end());
    let mut text = String::new();
    let mut rest = words;
    // A link is called what stands in its brackets.
    while let Some((before, after)) = rest.split_once("](") {
        text.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.retain(|letter| !matches!(letter, '`' | '*' | '[' | ']'));
    let own = own.filter(|own| !own.starts_with("s-")).map(str::to_owned);
    let anchor = own.unwrap_or_else(|| {
        let words = slug(&text);
        let words = if words.is_empty() || words.starts_with("s-") { format!("section-{words}") } else { words };
        let further = (2..).map(|count| format!("{words}-{count}"));
        std::iter::once(words.clone()).chain(further).find(|it| !taken.contains(it)).unwrap_or(words)
    });
    taken.insert(anchor.clone());
    Section { anchor, heading: text, words: Vec::new() }
}

/// A title without case, punctuation and a leading number, as pages compare it with their first heading.
fn bare(title: &str) -> String {
    slug(title).trim_start_matches(|it: char| it.is_ascii_digit() || it == '-').to_owned()
}

/// What reading has to remember from line to line.
#[derive(Default)]
struct Reader<'a> {
    /// The fence of the block of code that is open.
    fence: Option<&'a str>,
    is_comment: bool,
    /// The words of the section so far.
    known: FxHashSet<Cow<'a, str>>,
}

impl<'a> Reader<'a> {
    /// The line if it is a heading.
    fn heading<'l>(&self, line: &'l str) -> Option<&'l str> {
        let is_heading = self.fence.is_none() && !self.is_comment && line.starts_with('#');
        is_heading.then_some(line).filter(|line| line.trim_start_matches('#').starts_with(' '))
    }

    /// Adds the words of a line that are not there yet.
    fn line(&mut self, line: &'a str, words: &mut Vec<Cow<'a, str>>) {
        let bare = line.trim_start();
        let fence = fence_of(bare);
        if let Some(open) = self.fence {
            let closes = |fence: &str| fence.starts_with(open) && bare[fence.len()..].trim().is_empty();
            if fence.is_some_and(closes) {
                self.fence = None;
            }
            return;
        }
        if fence.is_some() && !self.is_comment {
            self.fence = fence;
            return;
        }
        // `[name]: address` is no text; `[^1]: a note` is.
        let is_definition = bare.starts_with('[') && !bare.starts_with("[^") && bare.contains("]:");
        if !is_definition || self.is_comment {
            self.text(line, words);
        }
    }

    fn text(&mut self, line: &'a str, words: &mut Vec<Cow<'a, str>>) {
        let mut rest = line;
        loop {
            if self.is_comment {
                let Some((_, after)) = rest.split_once("-->") else { return };
                self.is_comment = false;
                rest = after;
            }
            let Some(letter) = rest.chars().next() else { return };
            if letter.is_alphanumeric() {
                let end = rest.find(|it: char| !it.is_alphanumeric()).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                rest = if after.starts_with("://") {
                    after.trim_start_matches(|it: char| !it.is_whitespace() && !matches!(it, ')' | '>'))
                } else {
                    self.word(word, words);
                    after
                };
            } else if let Some(target) = rest.strip_prefix("](") {
                rest = after_target(target);
            } else if rest.starts_with("<!--") {
                self.is_comment = true;
            } else if let Some(tag) = rest.strip_prefix('<').filter(|tag| is_tag(tag)) {
                rest = tag.split_once('>').map_or("", |(_, after)| after);
            } else if let Some(placeholder) = rest.strip_prefix("{{") {
                rest = placeholder.split_once("}}").map_or(placeholder, |(_, after)| after);
            } else {
                rest = &rest[letter.len_utf8()..];
            }
        }
    }

    fn word(&mut self, word: &'a str, words: &mut Vec<Cow<'a, str>>) {
        let letters = word.chars().take(LETTERS_MAX + 1).count();
        // Some scripts have words of one letter.
        if letters > LETTERS_MAX || (letters < LETTERS_MIN && word.is_ascii()) {
            return;
        }
        let is_small = word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let word = if is_small { Cow::Borrowed(word) } else { Cow::Owned(word.to_lowercase()) };
        if self.known.insert(word.clone()) {
            words.push(word);
        }
    }
}

/// The signs that open or close a block of code.
fn fence_of(line: &str) -> Option<&str> {
    let sign = line.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(sign).len();
    (length >= 3 && !(sign == '`' && line[length..].contains('`'))).then(|| &line[..length])
}

/// What follows the target of a link, which may hold pairs of parentheses.
fn after_target(target: &str) -> &str {
    let mut depth = 1;
    for (at, letter) in target.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &target[at + 1..];
        }
    }
    ""
}

fn is_tag(after: &str) -> bool {
    after.starts_with(|it: char| it == '/' || it.is_ascii_alphabetic()) && after.contains('>')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(prose: &str) -> Vec<(String, String)> {
        let section = |it: Section<'_>| (it.anchor, it.words.join(" "));
        sections(prose, "Orders").into_iter().map(section).collect()
    }

    #[test]
    fn words_stand_below_their_headings() {
        let prose = "# Orders\nKept thirty days, KEPT.\n\n## Why {#why}\nAn *auditor*.\n## Why\nX-ray\n## Why\nyes\n## Why\nno\n";
        let expected =
            [("", "kept thirty days"), ("why", "an auditor"), ("why-2", "ray"), ("why-3", "yes"), ("why-4", "no")];
        assert_eq!(told(prose), expected.map(|(anchor, words)| (anchor.to_owned(), words.to_owned())));
    }

    #[test]
    fn what_nobody_reads_is_passed_over() {
        let prose = "see [the ledger](../secret/(path).md), <b>bold</b> <!-- a\n# hidden\n-->and `code`\n[r]: nowhere.md\n[^1]: \
                     note\n```d2\nfenced\n```\n~~~\n```\nstill\n~~~\n{{container_table}} https://host.example/hidden).\n a < b";
        assert_eq!(told(prose), [(String::new(), "see the ledger bold and code note".to_owned())]);
    }

    #[test]
    fn places_are_counted_from_the_one_before() {
        let text = |entry, prose| Text { entry, title: "", prose };
        let texts = [text(0, "alpha"), text(40, "## Two\nalpha beta"), text(90, "## Two\nBeta")];
        let expected = r#"{"headings":[["",""],["two","Two"]],"places":[0,0,40,1,90,1],"words":"alpha 0 1,beta 1 1"}"#;
        assert_eq!(json(&texts), expected);
        let mut number = String::new();
        push_number(&mut number, 36 * 36 + 35);
        assert_eq!(number, "10z");
    }
}
