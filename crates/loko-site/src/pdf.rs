//! The documentation as one PDF: the text of the Markdown pages as chapters, pictures as vectors in between.

use crate::markdown::{self, Made, to_markdown};
use crate::pipeline;
use crate::shop::Shop;
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
    let depths = depths(shop);
    let anchors: BTreeMap<&str, usize> = pages.iter().enumerate().map(|(at, (path, _))| (path.as_str(), at)).collect();
    let pictures: BTreeMap<&str, usize> = shop
        .site
        .drawings
        .iter()
        .enumerate()
        .filter_map(|(at, drawing)| Some((drawing.path.as_deref()?, at)))
        .collect();
    let reader = Reader { shop, anchors: &anchors, pictures: &pictures };
    let chapters: Vec<Chapter> = pages
        .par_iter()
        .map(|(path, made)| reader.chapter(path, made, depths.get(path).copied().unwrap_or(0)))
        .collect();
    let (project, words) = (&model.project, &shop.site.words);
    let mut subtitle = vec![project.description.clone()];
    subtitle.push(match (&shop.site.version, &project.version) {
        (version, _) if !version.is_empty() => words.fill("versions.as-of", &[("version", &version.replace('`', ""))]),
        (_, version) if !version.is_empty() => words.fill("versions.version", &[("name", version)]),
        _ => String::new(),
    });
    subtitle.retain(|line| !line.trim().is_empty());
    loko_draw::paper(&Paper { title: project.name.clone(), subtitle, chapters }).map_err(|error| error.to_string())
}

/// How deep the chapters of elements lie, by their pages: parts below what they are part of.
fn depths(shop: &Shop<'_>) -> BTreeMap<String, usize> {
    let model = shop.site.model;
    let depth = |ix| std::iter::successors(model.element(ix).parent, |ix| model.element(*ix).parent).count();
    model.ids().map(|ix| (to_markdown(shop.site.addresses.element(ix)), depth(ix))).collect()
}

/// Reads Markdown pages as chapters.
struct Reader<'a> {
    shop: &'a Shop<'a>,
    anchors: &'a BTreeMap<&'a str, usize>,
    pictures: &'a BTreeMap<&'a str, usize>,
}

impl Reader<'_> {
    fn chapter(&self, path: &str, made: &Made, depth: usize) -> Chapter {
        // What stands above the heading leads up, as bookmarks do here.
        let body = made.text.find("# ").map_or(made.text.as_str(), |at| &made.text[at..]);
        let heading = body.lines().next().unwrap_or("").trim_start_matches("# ");
        let title = if path == "README.md" { self.shop.site.say("versions.overview") } else { unescape(heading) };
        let mut chapter = Chapter { title, depth, anchor: path.to_owned(), parts: Vec::new() };
        let mut text = String::new();
        let mut d2: Option<String> = None;
        let mut fence = false;
        for line in body.split_inclusive('\n') {
            let bare = line.trim();
            if let Some(code) = &mut d2 {
                if bare.starts_with("```") {
                    let code = d2.take().unwrap_or_default();
                    self.drawn(&mut chapter, &mut text, &code);
                } else {
                    code.push_str(line);
                }
            } else if !fence && bare == "```d2" {
                d2 = Some(String::new());
            } else if bare.starts_with("```") || bare.starts_with("~~~") {
                fence = !fence;
                text.push_str(line);
            } else if fence {
                text.push_str(line);
            } else if let Some(at) = self.picture(path, bare) {
                flush(&mut chapter, &mut text);
                let drawing = &self.shop.site.drawings[at];
                let board = drawing.board(self.shop.site.model);
                let scene = self.shop.pen.on_paper(board, self.shop.placement(at), &drawing.title);
                chapter.parts.push(Part::Picture(Box::new(scene)));
            } else {
                text.push_str(&self.links(path, line));
            }
        }
        if let Some(code) = d2 {
            text.push_str(&code);
        }
        flush(&mut chapter, &mut text);
        chapter
    }

    /// D2 of prose becomes its picture; what cannot be drawn stays as it is written.
    fn drawn(&self, chapter: &mut Chapter, text: &mut String, d2: &str) {
        match pipeline::scene_of_d2(&self.shop.pen, d2) {
            Some(scene) => {
                flush(chapter, text);
                chapter.parts.push(Part::Picture(Box::new(scene)));
            }
            None => text.push_str(&format!("```\n{d2}```\n")),
        }
    }

    /// The drawing that a line shows, if it shows one and nothing else.
    fn picture(&self, page: &str, line: &str) -> Option<usize> {
        let target = line.strip_prefix("![")?.strip_suffix(')')?.rsplit_once("](")?.1;
        self.pictures.get(resolve(page, target)?.as_str()).copied()
    }

    /// A line whose links to other pages lead to their chapters.
    fn links(&self, page: &str, line: &str) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some(at) = rest.find("](") {
            let (before, target) = rest.split_at(at + 2);
            out.push_str(before);
            let end = target.find([')', ' ']).unwrap_or(target.len());
            let path = target[..end].split('#').next().unwrap_or("");
            match resolve(page, path).filter(|path| self.anchors.contains_key(path.as_str())) {
                Some(anchor) => out.push_str(&chapter_link(&anchor)),
                None => out.push_str(&target[..end]),
            }
            rest = &target[end..];
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

/// The path that a relative link of a page names.
fn resolve(page: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_relative_to_their_page() {
        assert_eq!(resolve("systems/shop.md", "../README.md").as_deref(), Some("README.md"));
        assert_eq!(resolve("README.md", "systems/shop.md").as_deref(), Some("systems/shop.md"));
        assert_eq!(resolve("README.md", "../outside.md"), None);
    }

    #[test]
    fn a_heading_is_read_without_its_escapes() {
        assert_eq!(unescape(r"C\# \[new\]"), "C# [new]");
    }
}
