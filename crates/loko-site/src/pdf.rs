//! The documentation as one PDF: the text of the Markdown pages as chapters, pictures as vectors in between.

use crate::markdown::{self, Made, resolve};
use crate::pipeline;
use crate::shop::Shop;
use loko_draw::scene::Scene;
use loko_draw::{Chapter, Paper, Part, chapter_link};
use loko_source::Diagnostic;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The name of the file.
pub(crate) const FILE: &str = "architecture.pdf";

/// Makes the document.
pub(crate) fn file(shop: &Shop<'_>, findings: &[Diagnostic]) -> Result<Vec<u8>, String> {
    let model = shop.site.model;
    let pages = markdown::files(shop, findings);
    let anchors: BTreeMap<&str, usize> = pages.iter().enumerate().map(|(at, (path, _))| (path.as_str(), at)).collect();
    let pictures: BTreeMap<&str, usize> = shop
        .site
        .drawings
        .iter()
        .enumerate()
        .filter_map(|(at, drawing)| Some((drawing.path.as_deref()?, at)))
        .collect();
    let reader = Reader { shop, anchors: &anchors, pictures: &pictures };
    let chapters: Vec<Chapter> = pages.par_iter().map(|(path, made)| reader.chapter(path, made)).collect();
    let (project, words) = (&model.project, &shop.site.words);
    let mut subtitle = vec![project.description.clone()];
    subtitle.push(match (&shop.site.version, &project.version) {
        (version, _) if !version.is_empty() => words.fill("versions.as-of", &[("version", &version.replace('`', ""))]),
        (_, version) if !version.is_empty() => words.fill("versions.version", &[("name", version)]),
        _ => String::new(),
    });
    subtitle.retain(|line| !line.trim().is_empty());
    let language = shop.site.language.clone();
    let paper =
        Paper { title: project.name.clone(), language, subtitle, contents: words.say("frame.contents"), chapters };
    loko_draw::paper(&paper).map_err(|error| error.to_string())
}

/// Reads Markdown pages as chapters.
struct Reader<'a> {
    shop: &'a Shop<'a>,
    anchors: &'a BTreeMap<&'a str, usize>,
    pictures: &'a BTreeMap<&'a str, usize>,
}

impl Reader<'_> {
    fn chapter(&self, path: &str, made: &Made) -> Chapter {
        // What stands above the heading leads up, as bookmarks do here.
        let body = made.text.find("# ").map_or(made.text.as_str(), |at| &made.text[at..]);
        let heading = body.lines().next().unwrap_or("").trim_start_matches("# ");
        let title = if path == "README.md" { self.shop.site.say("versions.overview") } else { unescape(heading) };
        let mut chapter = Chapter { title, depth: made.depth, anchor: path.to_owned(), parts: Vec::new() };
        let mut text = String::new();
        let mut fence = false;
        for line in body.split_inclusive('\n') {
            let bare = line.trim();
            if bare.starts_with("```") || bare.starts_with("~~~") {
                fence = !fence;
                text.push_str(line);
            } else if fence {
                text.push_str(line);
            } else if let Some(scene) = self.picture(path, made, bare) {
                flush(&mut chapter, &mut text);
                chapter.parts.push(Part::Picture(Box::new(scene)));
            } else {
                text.push_str(&self.links(path, line));
            }
        }
        flush(&mut chapter, &mut text);
        chapter
    }

    /// The drawing that a line shows, if it shows one and nothing else.
    fn picture(&self, page: &str, made: &Made, line: &str) -> Option<Scene> {
        let target = line.strip_prefix("![")?.strip_suffix(')')?.rsplit_once("](")?.1;
        let path = resolve(page, target)?;
        if let Some(drawn) = made.sketches.iter().find(|drawn| drawn.path == path) {
            return Some(pipeline::board_on_paper(&self.shop.pen, &drawn.board, &drawn.title));
        }
        let at = *self.pictures.get(path.as_str())?;
        let drawing = &self.shop.site.drawings[at];
        let board = drawing.board(self.shop.site.model);
        Some(self.shop.pen.on_paper(board, self.shop.placed(at), &drawing.title))
    }

    /// The chapter that a link leads to, and the place in it.
    fn chapter_of(&self, page: &str, href: &str) -> Option<String> {
        let (path, place) = href.split_at(href.find('#').unwrap_or(href.len()));
        let path = if path.is_empty() { page.to_owned() } else { resolve(page, path)? };
        self.anchors.contains_key(path.as_str()).then(|| format!("{path}{place}"))
    }

    /// A line whose links to other pages lead to their chapters. Links to files beside the documentation are plain words: a
    /// document on paper has nothing beside it.
    fn links(&self, page: &str, line: &str) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some(at) = rest.find("](") {
            let (before, target) = rest.split_at(at + 2);
            out.push_str(before);
            let end = target.find([')', ' ']).unwrap_or(target.len());
            rest = &target[end..];
            match self.chapter_of(page, &target[..end]) {
                Some(anchor) => out.push_str(&chapter_link(&anchor)),
                None if !target[..end].contains(':') && unlink(&mut out) => {
                    rest = rest.split_once(')').map_or("", |(_, rest)| rest);
                }
                None => out.push_str(&target[..end]),
            }
        }
        out + rest
    }
}

fn flush(chapter: &mut Chapter, text: &mut String) {
    if !text.trim().is_empty() {
        chapter.parts.push(Part::Markdown(std::mem::take(text)));
    }
    text.clear();
}

/// Takes the brackets around the words of a link away that `line` ends with, up to its `](`; pictures stay.
fn unlink(line: &mut String) -> bool {
    let Some(words) = line.strip_suffix("](") else { return false };
    let mut depth = 0;
    let start = words.char_indices().rev().find(|(at, letter)| {
        let is_escaped = words[..*at].ends_with('\\');
        match letter {
            ']' if !is_escaped => depth += 1,
            '[' if !is_escaped && depth == 0 => return true,
            '[' if !is_escaped => depth -= 1,
            _ => {}
        }
        false
    });
    let Some((start, _)) = start.filter(|(start, _)| !words[..*start].ends_with('!')) else { return false };
    line.truncate(words.len());
    line.remove(start);
    true
}

/// A heading as plain text.
fn unescape(heading: &str) -> String {
    let mut out = String::new();
    let mut letters = heading.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(next) if letter == '\\' && next.is_ascii_punctuation() => {}
            _ => out.push(letter),
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_its_words() {
        let unlinked = |text: &str| {
            let mut line = text.to_owned();
            unlink(&mut line).then_some(line)
        };
        assert_eq!(unlinked("See [the draft\\]](").as_deref(), Some("See the draft\\]"));
        assert_eq!(unlinked("See [a [b] c](").as_deref(), Some("See a [b] c"));
        assert_eq!(unlinked("See ![a picture]("), None);
        assert_eq!(unlinked("See this]("), None);
    }

    #[test]
    fn a_heading_is_read_without_its_escapes() {
        assert_eq!(unescape(r"C\# \[new\]"), "C# [new]");
    }
}
