//! Markdown for code hosts: `README.md` and a file for each page that a reader of text has use for, pictures as SVG files
//! beside them. Confluence's pages and the document for paper are made of these, so what they tell is decided here.
//!
//! What a page knows is planned in `pages`, once for all formats; here it becomes text. Relations are tables, links lead
//! from file to file, prose is taken over with its links led to the new places. The places that links of ours name are
//! `<a id="…">`, which code hosts keep.
//!
//! Left out on purpose: what only makes sense on a screen (lists of all containers, filters, runs of scenarios), and what
//! changes with every commit (history), since these files are often kept in the repository themselves.

mod contexts;
mod coupling;
mod decisions;
mod deployment;
mod element;
mod events;
mod facets;
mod findings;
mod glossary;
mod home;
mod patterns;
mod views;
mod writer;

use crate::address::{DIAGRAMS, file_stem, link};
use crate::links::FILES;
use crate::pages::{self, Page};
use crate::pipeline;
use crate::prose::{self, Place, escape_markdown};
use crate::shop::Shop;
use loko_diagram::Board;
use loko_source::{Diagnostic, FilePath};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use writer::Writer;

/// The name of the file that code hosts show for a folder.
const FRONT: &str = "README.md";
/// The folder of pictures that pages draw for themselves.
const SKETCHES: &str = "pages";

/// One file.
#[derive(Default)]
pub(crate) struct Made {
    pub text: String,
    /// Files of the workspace that it links to.
    pub files: BTreeSet<FilePath>,
    /// Pictures that it draws for itself.
    pub sketches: Vec<Drawn>,
    /// How deep it lies below the page that it belongs to, as a chapter.
    pub depth: usize,
}

/// A picture that no view has.
pub(crate) struct Drawn {
    /// The path of its file.
    pub path: String,
    pub title: String,
    pub board: Board,
}

/// The files of the Markdown output by path, in the order in which one would read them.
pub(crate) fn files(shop: &Shop<'_>, findings: &[Diagnostic]) -> Vec<(String, Made)> {
    let (site, model) = (shop.site, shop.site.model);
    let mut all = vec![home::file(shop, findings)];
    all.extend(model.ids().map(|ix| element::file(shop, ix)));
    all.extend((0..model.dynamics.len()).map(|at| views::dynamic(shop, at)));
    all.extend((0..model.selections.len()).map(|at| views::selection(shop, at)));
    all.extend((0..model.environments.len()).map(|at| deployment::file(shop, at)));
    if !site.events.is_empty() {
        all.push(events::index(shop));
        all.extend((0..site.events.len()).map(|at| events::file(shop, at)));
    }
    if !model.decisions.is_empty() {
        all.push(decisions::index(shop));
        all.extend((0..model.decisions.len()).map(|at| decisions::file(shop, at)));
    }
    all.extend(contexts::file(shop));
    all.extend(glossary::file(shop));
    all.extend(patterns::file(shop));
    all.extend(coupling::file(shop));
    all.extend(pages::facets::Facet::ALL.into_iter().filter_map(|facet| facets::file(shop, facet)));
    all.extend(findings::file(shop, findings));
    all
}

/// The address of a page's Markdown twin; other addresses stay.
pub(crate) fn to_markdown(href: &str) -> String {
    let (path, fragment) = href.split_at(href.find('#').unwrap_or(href.len()));
    let up = path.split('/').take_while(|part| *part == "..").count();
    let is_page = !path.contains(':') && !path[up * 3..].starts_with(FILES);
    match path.strip_suffix(".html").filter(|_| is_page) {
        Some(stem) => match stem.strip_suffix("index").filter(|folder| folder.is_empty() || folder.ends_with('/')) {
            Some(folder) => format!("{folder}{FRONT}{fragment}"),
            None => format!("{stem}.md{fragment}"),
        },
        None => href.to_owned(),
    }
}

/// The path that a relative link of a page names, if it stays below the output; what is percent-encoded is read.
pub(crate) fn resolve(page: &str, link: &str) -> Option<String> {
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
    Some(percent_encoding::percent_decode_str(&parts.join("/")).decode_utf8_lossy().into_owned())
}

/// A file begun: the way to it, its heading and a sentence about it.
fn begin<'a>(shop: &Shop<'a>, page: &Page, title: &str, lead: &str) -> Writer<'a> {
    let mut out = Writer::new(shop.site);
    out.crumbs(page);
    out.title(title);
    out.paragraph(&writer::ticked(lead));
    out
}

/// A finished file.
fn finish(page: &Page, out: Writer<'_>) -> (String, Made) {
    (to_markdown(&page.path), Made { text: out.finish(), ..Made::default() })
}

/// The pictures of a page, each as a paragraph; hands back those that have no files yet.
fn pictures(out: &mut Writer<'_>, page: &Page) -> Vec<Drawn> {
    for drawing in page.drawings.iter().filter(|drawing| !drawing.href.is_empty()) {
        out.paragraph(&format!("![{}]({})", escape_markdown(&drawing.title), drawing.href));
    }
    let mut sketches = Vec::new();
    for sketch in &page.sketches {
        let Some(board) = pipeline::board_of_d2(&sketch.d2) else { continue };
        let path = sketch_path(page, sketches.len());
        out.paragraph(&format!("![{}]({})", escape_markdown(&sketch.title), link(&page.path, &path)));
        sketches.push(Drawn { path, title: sketch.title.clone(), board });
    }
    sketches
}

/// The path of a picture that a page draws for itself.
fn sketch_path(page: &Page, at: usize) -> String {
    let stem = file_stem(page.path.trim_end_matches(".html"));
    let number = if at == 0 { String::new() } else { format!("-{}", at + 1) };
    format!("{DIAGRAMS}/{SKETCHES}/{stem}{number}.svg")
}

/// The prose of a page as Markdown; the pictures that it draws are added to those of the page.
fn prose_of(shop: &Shop<'_>, page: &Page, sketches: &mut Vec<Drawn>) -> prose::Prose {
    let Some(prose) = &page.prose else { return prose::Prose::default() };
    let drawn = Mutex::new(std::mem::take(sketches));
    let draw = |d2: &str| {
        let board = pipeline::board_of_d2(d2).ok_or_else(Vec::new)?;
        let mut drawn = drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let path = sketch_path(page, drawn.len());
        let href = link(&page.path, &path);
        drawn.push(Drawn { path, title: String::new(), board });
        Ok(href)
    };
    let place = Place {
        page: &page.path,
        title: &prose.title,
        file: &prose.file,
        body: prose.body,
        links: shop.site.links,
        words: &shop.site.words,
        draw: &draw,
    };
    let made = prose::markdown(&prose.text, &place);
    *sketches = drawn.into_inner().unwrap_or_else(PoisonError::into_inner);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_markdown_twins() {
        assert_eq!(to_markdown("../systems/shop.html#uses"), "../systems/shop.md#uses");
        assert_eq!(to_markdown("../decisions/index.html"), "../decisions/README.md");
        assert_eq!(to_markdown("index.html"), "README.md");
        assert_eq!(to_markdown("../containers/shop_index.html"), "../containers/shop_index.md");
        assert_eq!(to_markdown("https://example.com/a.html"), "https://example.com/a.html");
        assert_eq!(to_markdown("../files/a.html"), "../files/a.html");
    }

    #[test]
    fn links_are_relative_to_their_page() {
        assert_eq!(resolve("systems/shop.md", "../README.md").as_deref(), Some("README.md"));
        assert_eq!(resolve("README.md", "systems/b%C3%BCro.md").as_deref(), Some("systems/büro.md"));
        assert_eq!(resolve("README.md", "../outside.md"), None);
    }
}
