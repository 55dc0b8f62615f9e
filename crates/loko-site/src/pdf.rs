//! The documentation as one PDF: the text of the Markdown pages as chapters, pictures in between: drawings as vectors, files
//! of the workspace as they are.

use crate::fonts::{self, FindFonts};
use crate::links::{self, FILES};
use crate::markdown::{self, Made, resolve};
use crate::pipeline;
use crate::shop::Shop;
use loko_draw::scene::Scene;
use loko_draw::{Chapter, Paper, Printed, chapter_link};
use loko_source::{Diagnostic, FilePath};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the file.
pub(crate) const FILE: &str = "architecture.pdf";

/// Makes the document; says which letters no font has.
pub(crate) fn file(
    shop: &Shop<'_>,
    findings: &[Diagnostic],
    find_fonts: Option<FindFonts>,
) -> Result<(Vec<u8>, Option<Diagnostic>), String> {
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
    let fonts = |letters: &BTreeSet<char>| fonts::with(shop.site.snapshot, letters, find_fonts);
    let Printed { bytes, missing } = loko_draw::paper(&paper, &fonts).map_err(|error| error.to_string())?;
    Ok((bytes, fonts::without_font(&format!("`{FILE}` shows"), &missing)))
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
        let mut chapter = Chapter { title, depth: made.depth, anchor: path.to_owned(), ..Chapter::default() };
        let mut fence = false;
        for line in body.split_inclusive('\n') {
            let bare = line.trim();
            if bare.starts_with("```") || bare.starts_with("~~~") {
                fence = !fence;
                chapter.text.push_str(line);
            } else if fence {
                chapter.text.push_str(line);
            } else {
                let line = self.links(path, made, line, &mut chapter);
                chapter.text.push_str(&line);
            }
        }
        chapter
    }

    /// The picture at an address: a drawing, or a file of the workspace.
    fn picture(&self, page: &str, made: &Made, target: &str, shows: &str) -> Option<Scene> {
        let path = resolve(page, target)?;
        if let Some(drawn) = made.sketches.iter().find(|drawn| drawn.path == path) {
            return Some(pipeline::board_on_paper(&self.shop.pen, &drawn.board, &drawn.title));
        }
        let Some(at) = self.pictures.get(path.as_str()) else {
            let file = FilePath::new(path.strip_prefix(FILES)?.strip_prefix('/')?).ok()?;
            let bytes = links::bytes_of(self.shop.site.snapshot, &file)?;
            return loko_draw::photo(bytes, links::media_type(&file), shows);
        };
        let drawing = &self.shop.site.drawings[*at];
        let board = drawing.board(self.shop.site.model);
        Some(self.shop.pen.on_paper(board, self.shop.placed(*at), &drawing.title))
    }

    /// The chapter that a link leads to, and the place in it.
    fn chapter_of(&self, page: &str, href: &str) -> Option<String> {
        let (path, place) = href.split_at(href.find('#').unwrap_or(href.len()));
        let path = if path.is_empty() { page.to_owned() } else { resolve(page, path)? };
        self.anchors.contains_key(path.as_str()).then(|| format!("{path}{place}"))
    }

    /// A line whose links to other pages lead to their chapters and whose pictures are the chapter's. Links to files beside the
    /// documentation are plain words: a document on paper has nothing beside it.
    fn links(&self, page: &str, made: &Made, line: &str, chapter: &mut Chapter) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some(at) = rest.find("](") {
            let (before, target) = rest.split_at(at + 2);
            out.push_str(before);
            let end = target.find([')', ' ', '\n']).unwrap_or(target.len());
            rest = &target[end..];
            let target = &target[..end];
            let words = words_of_link(&out);
            if let Some((start, true)) = words {
                let shows = unescape(&out[start + 1..out.len() - "](".len()]);
                match self.picture(page, made, target, &shows) {
                    Some(scene) => out.push_str(&chapter.show(scene)),
                    None => out.push_str(target),
                }
                continue;
            }
            match self.chapter_of(page, target) {
                Some(anchor) => out.push_str(&chapter_link(&anchor)),
                None if !target.contains(':') && words.is_some() => {
                    if let Some((start, _)) = words {
                        out.truncate(out.len() - "](".len());
                        out.remove(start);
                    }
                    rest = rest.split_once(')').map_or("", |(_, rest)| rest);
                }
                None => out.push_str(target),
            }
        }
        out + rest
    }
}

/// Where the words of the link begin that `line` ends with, up to its `](`: at their bracket; and whether it is a picture.
fn words_of_link(line: &str) -> Option<(usize, bool)> {
    let words = line.strip_suffix("](")?;
    let mut depth = 0;
    let (start, _) = words.char_indices().rev().find(|(at, letter)| {
        let is_escaped = words[..*at].ends_with('\\');
        match letter {
            ']' if !is_escaped => depth += 1,
            '[' if !is_escaped && depth == 0 => return true,
            '[' if !is_escaped => depth -= 1,
            _ => {}
        }
        false
    })?;
    Some((start, words[..start].ends_with('!') && !words[..start].ends_with("\\!")))
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
    fn a_link_is_known_by_its_words() {
        let words = |line: &str| words_of_link(line).map(|(start, is_picture)| (line[start..].to_owned(), is_picture));
        assert_eq!(words("See [the draft\\]]("), Some(("[the draft\\]](".to_owned(), false)));
        assert_eq!(words("See [a [b] c]("), Some(("[a [b] c](".to_owned(), false)));
        assert_eq!(words("See ![a picture]("), Some(("[a picture](".to_owned(), true)));
        assert_eq!(words("See \\![a link]("), Some(("[a link](".to_owned(), false)));
        assert_eq!(words("See this]("), None);
    }

    #[test]
    fn a_heading_is_read_without_its_escapes() {
        assert_eq!(unescape(r"C\# \[new\]"), "C# [new]");
    }
}
